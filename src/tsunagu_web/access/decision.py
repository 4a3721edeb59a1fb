"""One decision: may this viewer do this with this child's thing, and why. Lists apply the same in `querysets.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tsunagu_web.access.table import Permit, permits_of
from tsunagu_web.access.terms import Action, CaseState, Form, Label, Purpose, Scope, Thing
from tsunagu_web.access.viewer import Viewer


@dataclass(frozen=True)
class Subject:
    """What is asked about: a child, by what access depends on, the label of the piece of it, and to whom the piece was
    sent (0: to nobody)."""

    person_id: str
    team: str = ""
    school: str = ""
    classroom: str = ""
    case_state: str = CaseState.NOTICED.value
    label: Label = Label.GENERAL
    addressee: int = 0


@dataclass(frozen=True)
class Decision:
    """allowed, and the word for why: a scope that opened it, or the forbid or lack that closed it."""

    allowed: bool
    why: str


def reached_by(viewer: Viewer, permit: Permit, subject: Subject) -> Scope:
    """What brings the child among the permit's rows; NONE when nothing does. A duty's scope holds grants as well."""
    match permit.scope:
        case Scope.CITY:
            return Scope.CITY
        case Scope.OWN:
            return Scope.OWN if subject.person_id in viewer.own else Scope.NONE
        case Scope.ADDRESSED:
            return Scope.ADDRESSED if subject.addressee == viewer.staff_id else Scope.NONE
        case Scope.TEAM if subject.team in viewer.teams:
            return Scope.TEAM
        case Scope.SCHOOL if subject.school in viewer.schools:
            return Scope.SCHOOL
        case Scope.CLASSROOM if subject.classroom in viewer.classrooms:
            return Scope.CLASSROOM
        case Scope.TEAM | Scope.SCHOOL | Scope.CLASSROOM | Scope.GRANTED if subject.person_id in viewer.granted:
            return Scope.GRANTED
        case _:
            return Scope.NONE


def is_supported(viewer: Viewer, subject: Subject) -> bool:
    """Whether this person supports the child: by what is kept of earlier work, or by a duty still in force."""
    return (
        subject.person_id in viewer.supports
        or subject.team in viewer.teams
        or subject.school in viewer.schools
        or subject.classroom in viewer.classrooms
    )


# What closes a row that a permit opens. Each one is written once more in the Cedar twin of the tests.
FORBIDS: Mapping[str, Callable[[Viewer, Permit, Subject], bool]] = {
    "own_family_or_close_colleague": lambda viewer, permit, subject: subject.person_id in viewer.blocked,
    "analyst_supports_the_child": lambda viewer, permit, subject: (
        viewer.purpose == Purpose.ANALYSIS and is_supported(viewer, subject)
    ),
    "label_above": lambda viewer, permit, subject: subject.label > permit.label,
    "other_state": lambda viewer, permit, subject: subject.case_state not in permit.states,
}


def decide(viewer: Viewer, thing: Thing, action: Action, subject: Subject, form: Form = Form.FULL) -> Decision:
    """Allowed when one permit of the cell holds the child and no forbid speaks against it."""
    permits = permits_of(viewer.role, viewer.purpose, thing, action, form)
    why = "not_in_the_table"
    for permit in permits:
        reached = reached_by(viewer, permit, subject)
        if reached is Scope.NONE:
            why = "out_of_scope"
            continue
        against = next((name for name, speaks in FORBIDS.items() if speaks(viewer, permit, subject)), None)
        if against is None:
            return Decision(True, reached.value)
        why = against
    return Decision(False, why)
