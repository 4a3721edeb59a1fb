"""Cases: those in reach, one child's, its steps, and who answers for it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, CaseState, Thing
from tsunagu_web.api.acts import accepted, as_it_stands, receipt
from tsunagu_web.api.answers import work as answers
from tsunagu_web.api.reached import about_a_child, reached_child
from tsunagu_web.api.shapes.parts import PersonId, Receipt
from tsunagu_web.api.shapes.work import CaseAssignment, CaseOfChild, Cases, CasesQuery, CaseStep
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases import queries, services, stages
from tsunagu_web.cases.forms import AssignForm

router = Router(tags=["cases"])


@router.get("/cases/", response=Cases, exclude_unset=True, summary="Open cases in reach")
@needs(Thing.CASE, Action.VIEW, shows_people=True)
def cases(request: HttpRequest, given: Query[CasesQuery]) -> dict[str, Any]:
    """The longest open first."""
    page = queries.open_cases(request.viewer, whose=given.whose, page=str(given.page))
    record_look(request, Thing.CASE, sorted({case.child_id for case in page}), shown=len(page), form="json")
    return answers.of_cases(request.viewer, page)


@router.get("/children/{person:person_id}/case/", response=CaseOfChild, exclude_unset=True, summary="A child's case")
@about_a_child
@needs(Thing.CASE, Action.VIEW, shows_people=True)
def case(request: HttpRequest, person_id: PersonId) -> dict[str, Any]:
    """The newest one, open or over, with every step so far and those that the viewer could take now."""
    child = reached_child(request)
    is_open = child.case is not None and child.case.state == CaseState.OPEN
    may_assign = is_open and may(request.viewer, Thing.CASE, Action.ASSIGN, child.subject())
    return answers.of_case(request.viewer, child, queries.leads_by_team(request.viewer) if may_assign else ())


@router.post("/children/{person:person_id}/case/step/", response=Receipt, summary="Move a case on")
@about_a_child
@needs(Thing.CASE, Action.VIEW, shows_people=True)
def case_step(request: HttpRequest, person_id: PersonId, given: CaseStep) -> dict[str, Any]:
    """One of the steps that reading the case offers, with its reason."""
    child = reached_child(request)
    moved = queries.require_case(child)
    form = accepted(stages.StageForm(given.model_dump(mode="json")))
    with as_it_stands(moved):
        return receipt(moved.number, stages.move(child, moved, request.viewer, form.wish()))


@router.post("/children/{person:person_id}/case/assign/", response=Receipt, summary="Give a case to somebody else")
@about_a_child
@needs(Thing.CASE, Action.ASSIGN, shows_people=True)
def case_assign(request: HttpRequest, person_id: PersonId, given: CaseAssignment) -> dict[str, Any]:
    """To a team and a lead worker with a duty for it; the child follows the team."""
    opened = queries.require_open_case(reached_child(request))
    form = accepted(AssignForm(request.viewer, given.model_dump(mode="json")))
    with as_it_stands(opened):
        services.assign_case(opened, request.viewer, form.wish())
    return {"number": opened.number, "state": opened.stage, "revision": opened.revision}
