"""Our decisions and Cedar's agree: on every cell and kind of child, and on a hundred thousand random requests.

Then the controls: each forbid taken out, each permit taken out or widened, and the comparison must see it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import pytest
from cedar_twin import GOLDEN, answers, rendered

from access_cells import KINDS, Cell, Kind, Request, permits_in, random_requests, requests_of, written_cells
from tsunagu_web.access import table
from tsunagu_web.access.decision import FORBIDS, decide
from tsunagu_web.access.table import PURPOSES, TABLE, Permit
from tsunagu_web.access.terms import ALL_STATES, Label, Role, Scope

PERMITS = [(role, place) for role in Role for place in range(len(TABLE[role]))]


def _we_say(request: Request) -> bool:
    return decide(request.viewer, request.thing, request.action, request.subject, request.form).allowed


@cache
def _cedar_says(cell: Cell) -> tuple[bool, ...]:
    """Asked once: the controls change our table, never the twin's file."""
    return tuple(answers(requests_of(cell)))


def differing(cells: list[Cell]) -> Iterator[tuple[Cell, Kind]]:
    """Where the two do not agree."""
    for cell in cells:
        for kind, request, cedar in zip(KINDS, requests_of(cell), _cedar_says(cell), strict=True):
            if _we_say(request) != cedar:
                yield cell, kind


def test_the_policies_are_those_of_the_table() -> None:
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(rendered(), encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == rendered(), "the table changed: make golden, and read the difference"


def test_every_written_cell_is_decided_alike_for_every_kind_of_child() -> None:
    cells = written_cells()
    assert len(cells) > 300
    assert list(differing(cells)) == []
    said = [allowed for cell in cells for allowed in _cedar_says(cell)]
    assert said.count(True) > 5_000
    assert said.count(False) > 50_000


def test_a_hundred_thousand_random_requests_are_decided_alike() -> None:
    requests = random_requests(seed=20261125, how_many=100_000)
    said = list(answers(requests))
    assert [r for r, cedar in zip(requests, said, strict=True) if _we_say(r) != cedar] == []
    assert said.count(True) > 10_000


@pytest.mark.parametrize("name", FORBIDS)
def test_control_without_a_forbid_they_differ(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(FORBIDS, name)  # type: ignore[arg-type]  # a mapping to everybody but this test
    assert next(differing(written_cells()), None) is not None


def _without(permit: Permit) -> list[Permit]:
    return []


def _for_the_whole_city(permit: Permit) -> list[Permit]:
    return [replace(permit, scope=Scope.CITY)]


def _to_a_higher_label(permit: Permit) -> list[Permit]:
    return [replace(permit, label=Label(min(permit.label + 1, Label.SEALED)))]


def _in_every_state(permit: Permit) -> list[Permit]:
    return [replace(permit, states=ALL_STATES)]


def _under_every_purpose(permit: Permit) -> list[Permit]:
    return [replace(permit, purposes=frozenset(p for purposes in PURPOSES.values() for p in purposes))]


CHANGES = [_without, _for_the_whole_city, _to_a_higher_label, _in_every_state, _under_every_purpose]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_control_with_any_one_permit_changed_they_differ(
    change: Callable[[Permit], list[Permit]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One permit after another, in a table that is otherwise as it was: no row can grow or go unseen."""
    unseen, changed = [], 0
    for role, place in PERMITS:
        permit = TABLE[role][place]
        new = change(permit)
        # Where a role has one purpose, or a permit is at its widest, nothing changes.
        if new and _reach(role, new[0]) == _reach(role, permit):
            continue
        rows = (*TABLE[role][:place], *new, *TABLE[role][place + 1 :])
        with monkeypatch.context() as patch:
            patch.setattr(table, "TABLE", {**TABLE, role: rows})
            patch.setattr(table, "_CELLS", table._index())
            touched = [Cell(role, p, permit.thing, permit.action, permit.form) for p in PURPOSES[role]]
            if next(differing(touched), None) is not None:
                changed += 1
            elif not new or not _is_within_others(role, permit, new[0]):
                unseen.append((role, permit))
    assert changed > 30
    assert unseen == []


def _reach(role: Role, permit: Permit) -> tuple[object, ...]:
    return (permit.scope, permit.label, permit.states, permit.purposes & set(PURPOSES[role]))


def _is_within_others(role: Role, permit: Permit, wider: Permit) -> bool:
    """Whether another row gives all that the change would add: two rows of one act, each for its purpose."""
    others = [p for p in TABLE[role] if (p.thing, p.action, p.form) == (permit.thing, permit.action, permit.form)]
    return any(
        p.scope is wider.scope and p.label >= wider.label and p.states > wider.states and p.purposes != permit.purposes
        for p in others
    )


def test_no_permit_of_the_table_is_repeated() -> None:
    for cell in written_cells():
        permits = permits_in(cell)
        assert len(permits) == len(set(permits)), cell
