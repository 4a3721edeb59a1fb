"""Every cell of the access table, and every kind of child that a decision can turn on, made from the table itself."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tsunagu_web.access.decision import Subject
from tsunagu_web.access.table import NO_PURPOSE, PURPOSES, TABLE, Permit, permits_of
from tsunagu_web.access.terms import Action, CaseState, Form, Label, Purpose, Role, Thing
from tsunagu_web.access.viewer import Viewer

# How a child can stand to a viewer; each alone, and each with a conflict beside it.
RELATIONS = ("nothing", "team", "school", "classroom", "granted", "own", "supports", "addressed")
BLOCKED = (False, True)


@dataclass(frozen=True)
class Cell:
    role: Role
    purpose: str
    thing: Thing
    action: Action
    form: Form


@dataclass(frozen=True)
class Request:
    viewer: Viewer
    thing: Thing
    action: Action
    subject: Subject
    form: Form


@dataclass(frozen=True)
class Kind:
    relation: str
    is_blocked: bool
    state: CaseState
    label: Label

    @property
    def person_id(self) -> str:
        return f"{self.relation}-{int(self.is_blocked)}-{self.state}-{int(self.label)}"

    def subject(self) -> Subject:
        return Subject(
            self.person_id,
            team="mine" if self.relation == "team" else "theirs",
            school="101" if self.relation == "school" else "909",
            classroom="101:5:1" if self.relation == "classroom" else "909:1:1",
            case_state=self.state.value,
            label=self.label,
            addressee=1 if self.relation == "addressed" else 2,
        )


KINDS = [Kind(*parts) for parts in itertools.product(RELATIONS, BLOCKED, CaseState, Label)]


def purposes_to_ask(role: Role) -> list[str]:
    """The role's own purposes, none, and one that it cannot pick."""
    foreign = next(p for p in Purpose if p not in PURPOSES[role])
    return [*(p.value for p in PURPOSES[role]), NO_PURPOSE, foreign.value]


def all_cells() -> Iterator[Cell]:
    """Everything that can be asked, written in the table or not."""
    for role in Role:
        for purpose in purposes_to_ask(role):
            for thing, action, form in itertools.product(Thing, Action, Form):
                yield Cell(role, purpose, thing, action, form)


def written_cells() -> list[Cell]:
    """The cells in which the table says something, read from the table row by row."""
    found: dict[Cell, None] = {}
    for role, permits in TABLE.items():
        for permit in permits:
            for purpose in PURPOSES[role]:
                if purpose in permit.purposes:
                    found[Cell(role, purpose.value, permit.thing, permit.action, permit.form)] = None
    return list(found)


@cache
def viewer_for(role: str, purpose: str, kind: Kind | None = None) -> Viewer:
    """Somebody to whom each kind of child stands as its relation says; with `kind`, only that child and one more."""
    kinds = KINDS if kind is None else [kind, KINDS[0]]

    def ids(relation: str) -> frozenset[str]:
        return frozenset(k.person_id for k in kinds if k.relation == relation)

    return Viewer(
        staff_id=1,
        actor="staff:1",
        role=role,
        purpose=purpose,
        teams=frozenset({"mine"}),
        schools=frozenset({"101"}),
        classrooms=frozenset({"101:5:1"}),
        granted=ids("granted"),
        own=ids("own"),
        supports=ids("supports"),
        blocked=frozenset(k.person_id for k in kinds if k.is_blocked),
    )


def requests_of(cell: Cell) -> list[Request]:
    viewers = [viewer_for(cell.role, cell.purpose, kind) for kind in KINDS]
    return [
        Request(viewer, cell.thing, cell.action, kind.subject(), cell.form)
        for viewer, kind in zip(viewers, KINDS, strict=True)
    ]


def random_requests(seed: int, how_many: int) -> list[Request]:
    """Requests about written and unwritten cells, by viewers with any duties, grants and conflicts."""
    draw = random.Random(seed)
    written, every = written_cells(), list(all_cells())
    ids, keys = [f"P{n}" for n in range(8)], ["", "a", "b", "c"]

    def sets(values: list[str]) -> list[frozenset[str]]:
        return [frozenset(draw.sample(values, size)) for size in (0, 0, 1, 1, 2, 3) for _ in range(20)]

    some_ids, some_keys, nobody = sets(ids), sets(keys[1:]), frozenset[str]()
    made = []
    for _ in range(how_many):
        cell = draw.choice(written if draw.random() < 0.85 else every)
        viewer = Viewer(
            staff_id=1,
            actor="staff:1",
            role=cell.role,
            purpose=cell.purpose,
            teams=draw.choice(some_keys),
            schools=draw.choice(some_keys),
            classrooms=draw.choice(some_keys),
            granted=draw.choice(some_ids),
            own=draw.choice(some_ids),
            supports=draw.choice(some_ids) if draw.random() < 0.3 else nobody,
            blocked=draw.choice(some_ids) if draw.random() < 0.4 else nobody,
        )
        subject = Subject(
            draw.choice(ids),
            team=draw.choice(keys),
            school=draw.choice(keys),
            classroom=draw.choice(keys),
            case_state=draw.choice(list(CaseState)).value,
            label=draw.choice(list(Label)),
            addressee=draw.choice([0, 1, 2]),
        )
        made.append(Request(viewer, cell.thing, cell.action, subject, cell.form))
    return made


def permits_in(cell: Cell) -> tuple[Permit, ...]:
    return permits_of(cell.role, cell.purpose, cell.thing, cell.action, cell.form)
