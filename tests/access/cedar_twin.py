"""The access table once more, as Cedar policies: an engine that shares no line with ours judges the same requests.

The policies stand in tests/golden/access.cedar, so that a change of the table is a change somebody reads;
`UPDATE_GOLDEN=1 pytest tests/access` writes them anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cedarpy

from access_cells import Request
from tsunagu_web.access.table import NO_PURPOSE, PURPOSES, TABLE, Permit
from tsunagu_web.access.terms import Purpose, Role, Scope, Thing

GOLDEN = Path(__file__).parents[1] / "golden" / "access.cedar"
_GRANTED = "context.granted.contains(context.person)"
_ROWS = {
    Scope.CITY: "true",
    Scope.OWN: "context.own.contains(context.person)",
    Scope.GRANTED: _GRANTED,
    Scope.ADDRESSED: "context.addressee == context.staff",
    Scope.TEAM: f"(context.teams.contains(context.team) || {_GRANTED})",
    Scope.SCHOOL: f"(context.schools.contains(context.school) || {_GRANTED})",
    Scope.CLASSROOM: f"(context.classrooms.contains(context.classroom) || {_GRANTED})",
}
_FORBIDS = """\
// Own family, a close colleague's, the other party of a protected address: whatever is permitted.
forbid (principal, action, resource)
when { context.blocked.contains(context.person) };

// Nobody analyses a child whom they support.
forbid (principal, action, resource)
when { context.purpose == "analysis" && (context.supports.contains(context.person)
    || context.teams.contains(context.team) || context.schools.contains(context.school)
    || context.classrooms.contains(context.classroom)) };
"""


def rendered() -> str:
    """Every permit of the table and every forbid as Cedar text, one section per role."""
    sections = ["\n".join([f"// == {role.value}", *(_permit(role, p) for p in TABLE[role])]) for role in Role]
    return "\n".join([_FORBIDS, *sections]) + "\n"


def answers(requests: Iterable[Request]) -> Iterator[bool]:
    """What Cedar says to each request, in order."""
    by_role: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for place, request in enumerate(requests):
        by_role.setdefault(request.viewer.role, []).append((place, _asked(request)))
    said: dict[int, bool] = {}
    for role, asked in by_role.items():
        results = cedarpy.is_authorized_batch(
            [a for _, a in asked], _policies(role), cedarpy.Entities.from_json_str("[]")
        )
        for (place, _), result in zip(asked, results, strict=True):
            assert not result.diagnostics.errors, result.diagnostics.errors
            said[place] = bool(result.allowed)
    return (said[place] for place in sorted(said))


@cache
def _policies(role: str) -> cedarpy.PolicySet:
    """The forbids and what is written for this role: no other permit can match its principal."""
    forbids, *sections = GOLDEN.read_text(encoding="utf-8").split("// == ")
    mine = [s.partition("\n")[2] for s in sections if s.partition("\n")[0] == role]
    assert len(mine) == 1, role
    return cedarpy.PolicySet.from_str(forbids + mine[0])


def _permit(role: Role, permit: Permit) -> str:
    purposes = [p.value for p in Purpose if p in permit.purposes and p in PURPOSES[role]]
    if permit.thing is Thing.ACCOUNT:
        purposes.append(NO_PURPOSE)
    states = ", ".join(f'"{s.value}"' for s in sorted(permit.states))
    picked = ", ".join(f'"{p}"' for p in purposes)
    return (
        f'permit (principal == Role::"{role.value}", action == Action::"{permit.action.value}",'
        f' resource == Thing::"{permit.thing.value}")\n'
        f"when {{ [{picked}].contains(context.purpose)"
        f' && context.form == "{permit.form.value}" && {_ROWS[permit.scope]} }}\n'
        f"unless {{ context.label > {int(permit.label)} || ![{states}].contains(context.state) }};"
    )


def _asked(request: Request) -> dict[str, Any]:
    viewer, subject = request.viewer, request.subject
    return {
        "principal": {"type": "Role", "id": viewer.role},
        "action": {"type": "Action", "id": request.action.value},
        "resource": {"type": "Thing", "id": request.thing.value},
        "context": {
            "purpose": str(viewer.purpose),
            "form": request.form.value,
            "person": subject.person_id,
            "team": subject.team,
            "school": subject.school,
            "classroom": subject.classroom,
            "state": str(subject.case_state),
            "label": int(subject.label),
            "addressee": subject.addressee,
            "staff": viewer.staff_id,
            **{
                name: sorted(getattr(viewer, name))
                for name in ("teams", "schools", "classrooms", "granted", "blocked", "own", "supports")
            },
        },
    }
