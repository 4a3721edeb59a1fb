"""A hundred thousand pairs of an official and a child: open only where a duty or a grant joins them, and no block."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest
from access_population import Rows, populate

from access_cells import KINDS, viewer_for, written_cells
from tsunagu_web.access import decision
from tsunagu_web.access.decision import decide
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.terms import Action, Form, Role, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Child
from tsunagu_web.duties import viewers
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.people.models import Membership, Person

THEN = dt.date(2026, 9, 30)
OFFICIALS, CHILDREN = 108, 930  # six of each role; 100,440 pairs


def _viewers(rows: Rows) -> Iterator[tuple[int, Viewer]]:
    for staff in Staff.objects.filter(pk__in=rows.staff):
        yield staff.pk, viewer_of(staff, rows.staff[staff.pk]["purpose"], rows.now)


def _differing(rows: Rows) -> tuple[int, int, int]:
    """How many pairs are open, how many one by one against the rows, and how many in lists against the rows."""
    subjects = {child.pk: child.subject() for child in Child.objects.all()}
    opened = by_one = by_list = 0
    for staff, viewer in _viewers(rows):
        listed = set(visible_to(viewer, Child.objects.all()).values_list("pk", flat=True))
        for child, subject in subjects.items():
            wanted = rows.may_open(staff, child)
            opened += wanted
            by_one += decide(viewer, Thing.CHILD, Action.VIEW, subject).allowed != wanted
            by_list += (child in listed) != wanted
    return opened, by_one, by_list


def test_a_hundred_thousand_pairs(desk: None) -> None:
    rows = populate(20261125, staff=OFFICIALS, children=CHILDREN)
    assert len(rows.staff) * len(rows.children) >= 100_000
    opened, by_one, by_list = _differing(rows)
    assert (by_one, by_list) == (0, 0)
    assert 1_000 < opened < 50_000


def test_whatever_is_open_of_a_child_rests_on_a_tie(desk: None) -> None:
    """Every cell in full form: beyond ties go only offices for the whole city, and with nothing of a child's record."""
    rows = populate(7, staff=36, children=120)
    subjects = {child.pk: child.subject() for child in Child.objects.all()}
    without_a_tie = set()
    for staff, viewer in _viewers(rows):
        cells = [c for c in written_cells() if (c.role, c.purpose) == (viewer.role, viewer.purpose)]
        for cell in cells:
            for child, subject in subjects.items():
                is_open = decide(viewer, cell.thing, cell.action, subject, cell.form).allowed
                if is_open and cell.form is Form.FULL and not rows.has_any_tie(staff, child):
                    without_a_tie.add((cell.thing, cell.action))
    assert without_a_tie == {
        (Thing.ACCOUNT, Action.USE),
        (Thing.EMERGENCY, Action.REQUEST),
        (Thing.EMERGENCY, Action.VIEW),
        (Thing.EMERGENCY, Action.REVIEW),
        (Thing.ACCESS_CHECK, Action.VIEW),
        (Thing.ACCESS_LOG, Action.VIEW),
        (Thing.ACCESS_LOG, Action.VERIFY),
        (Thing.ACCESS_LOG, Action.EXPORT),
        (Thing.SEARCH_WORDS, Action.VIEW),
        (Thing.CONFLICT, Action.VIEW),
        (Thing.CONFLICT, Action.EDIT),
        (Thing.GRANT, Action.VIEW),
        (Thing.SUPPRESSED_ADDRESS, Action.APPROVE),
        (Thing.NOTIFIER, Action.APPROVE),
        (Thing.NOTIFIER, Action.REVIEW),
        # Of pairs of records, mostly of children who are not at the desk; the child's page stays closed.
        (Thing.LINK_REVIEW, Action.VIEW),
        (Thing.LINK_REVIEW, Action.DECIDE),
        (Thing.LINK_REVIEW, Action.EXPORT),
        # Sentences, limits and counts of the whole city.
        (Thing.CRITERIA, Action.VIEW),
        (Thing.CRITERIA, Action.EDIT),
        (Thing.CRITERIA, Action.APPROVE),
        (Thing.CRITERIA, Action.EXPORT),
    }


def _a_few(seed: int) -> Rows:
    return populate(seed, staff=36, children=150)


def test_control_without_the_forbid_decisions_differ(desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = _a_few(1)
    monkeypatch.delitem(decision.FORBIDS, "own_family_or_close_colleague")  # type: ignore[arg-type]  # a mapping to others
    _, by_one, by_list = _differing(rows)
    assert by_one > 0
    assert by_list == 0


def test_control_without_the_block_lists_differ(desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = _a_few(2)
    monkeypatch.setattr(viewers, "Viewer", lambda **what: Viewer(**{**what, "blocked": frozenset()}))
    _, by_one, by_list = _differing(rows)
    assert by_one > 0
    assert by_list > 0


def test_control_without_the_household_they_differ(desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = _a_few(3)
    monkeypatch.setattr(viewers, "memberships_beside", lambda _persons: Membership.objects.none())
    _, by_one, by_list = _differing(rows)
    assert by_one > 0
    assert by_list > 0


@pytest.mark.parametrize("tie", ["teams", "schools", "classrooms", "granted"])
def test_control_with_one_more_tie_they_differ(tie: str, desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if an ended duty, or a grant that has run out, were still in force."""
    rows = _a_few(4)
    column = {"teams": "team", "schools": "school", "classrooms": "classroom", "granted": "person_id"}[tie]
    everything = frozenset(Child.objects.values_list(column, flat=True))
    honest = viewers.viewer_of

    def generous(*args: object) -> Viewer:
        return replace(honest(*args), **{tie: everything})  # type: ignore[arg-type]

    monkeypatch.setitem(globals(), "viewer_of", generous)
    _, by_one, by_list = _differing(rows)
    assert by_one > 0
    assert by_list > 0


@pytest.fixture
def one_of_each_kind(desk: None) -> None:
    """A child of every relation, conflict, state and label; label and addressee in columns that hold a number."""
    people = [*(kind.person_id for kind in KINDS), "no-child"]
    Person.objects.bulk_create(Person(person_id=person, known_from=THEN) for person in people)
    Membership.objects.bulk_create(Membership(person_id=p, household="home", known_from=THEN) for p in people)
    Child.objects.bulk_create(
        Child(
            person_id=kind.person_id,
            is_listed=True,
            level="見守り",
            level_at_most="見守り",
            level_rank=kind.subject().addressee,
            strength=int(kind.label),
            is_known_before=False,
            first_noticed_on=THEN,
            known_from=THEN,
            team=kind.subject().team,
            school=kind.subject().school,
            classroom=kind.subject().classroom,
            case_state=kind.state,
        )
        for kind in KINDS
    )


def _cells_that_differ() -> list[object]:
    found: list[object] = []
    for cell in written_cells():
        viewer = viewer_for(cell.role, cell.purpose)
        asked = {"thing": cell.thing, "action": cell.action, "form": cell.form}
        wanted = {
            kind.person_id
            for kind in KINDS
            if decide(viewer, cell.thing, cell.action, kind.subject(), cell.form).allowed
        }
        direct = visible_to(viewer, Child.objects.all(), label="strength", addressee="level_rank", **asked)
        if set(direct.values_list("pk", flat=True)) != wanted:
            found.append(cell)
        # From a row beside the child; one of these is about nobody who was noticed.
        beside, way = Membership.objects.all(), {"child": "person__child__", "label": "person__child__strength"}
        way["addressee"] = "person__child__level_rank"
        if set(visible_to(viewer, beside, **way, **asked).values_list("person_id", flat=True)) != wanted:
            found.append((cell, "beside"))
    return found


def test_lists_and_decisions_agree_for_every_written_cell_and_kind_of_child(one_of_each_kind: None) -> None:
    assert _cells_that_differ() == []


@pytest.mark.parametrize("name", decision.FORBIDS)
def test_control_without_a_forbid_lists_and_decisions_differ(
    name: str, one_of_each_kind: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(decision.FORBIDS, name)  # type: ignore[arg-type]  # a mapping to everybody but this test
    assert _cells_that_differ() != []


def test_a_role_without_the_cell_gets_no_row_in_any_form(one_of_each_kind: None) -> None:
    written = {(c.role, c.purpose, c.thing, c.action, c.form) for c in written_cells()}
    for role in (Role.DATA_HOLDER, Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR, Role.PARTNER):
        for purpose in ("", "early_support", "case_support", "audit"):
            viewer = viewer_for(role, purpose)
            for thing in Thing:
                for form in Form:
                    if (role, purpose, thing, Action.VIEW, form) not in written:
                        assert not visible_to(viewer, Child.objects.all(), thing=thing, form=form).exists()
