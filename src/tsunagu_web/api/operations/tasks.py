"""Tasks: mine and my teams', and those of one child."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.api.acts import accepted, as_it_stands, receipt
from tsunagu_web.api.answers import work as answers
from tsunagu_web.api.reached import about_a_child, reached_child
from tsunagu_web.api.shapes.parts import Number, PersonId, Receipt
from tsunagu_web.api.shapes.work import NewTask, Tasks, TasksOfChild, TasksQuery, TaskStep
from tsunagu_web.audit.looks import record_look
from tsunagu_web.tasks import queries, services
from tsunagu_web.tasks.forms import StepForm, TaskForm

router = Router(tags=["tasks"])


@router.get("/tasks/", response=Tasks, exclude_unset=True, summary="Open tasks")
@needs(Thing.TASK, Action.VIEW, shows_people=True)
def tasks(request: HttpRequest, given: Query[TasksQuery]) -> dict[str, Any]:
    """Mine, all in reach, or those of them whose day is over; the longest overdue first."""
    page = queries.open_tasks(request.viewer, whose=given.whose, page=str(given.page))
    record_look(request, Thing.TASK, sorted({task.child_id for task in page}), shown=len(page), form="json")
    return answers.of_tasks(request.viewer, page)


@router.get("/children/{person:person_id}/tasks/", response=TasksOfChild, exclude_unset=True, summary="A child's tasks")
@about_a_child
@needs(Thing.TASK, Action.VIEW, shows_people=True)
def tasks_of_child(request: HttpRequest, person_id: PersonId) -> dict[str, Any]:
    """Open ones by their day, then what is over."""
    child, viewer = reached_child(request), request.viewer
    may_edit = may(viewer, Thing.TASK, Action.EDIT, child.subject())
    owners = queries.possible_owners(child) if may_edit else []
    return answers.of_tasks_of_child(viewer, child, queries.tasks_of(viewer, child), owners)


@router.post("/children/{person:person_id}/tasks/add/", response=Receipt, summary="Set a task")
@about_a_child
@needs(Thing.TASK, Action.EDIT, shows_people=True)
def task_add(request: HttpRequest, person_id: PersonId, given: NewTask) -> dict[str, Any]:
    """What is to be done, by whom of those the child's tasks name as owners, and by when."""
    child = reached_child(request)
    form = accepted(TaskForm(given.model_dump(mode="json")).offering(queries.possible_owners(child)))
    made = services.set_task(child, request.viewer, form.asked())
    return {"number": made.pk, "state": made.state, "revision": made.revision}


@router.post("/children/{person:person_id}/tasks/{int:number}/step/", response=Receipt, summary="Move a task on")
@about_a_child
@needs(Thing.TASK, Action.EDIT, shows_people=True)
def task_step(request: HttpRequest, person_id: PersonId, number: Number, given: TaskStep) -> dict[str, Any]:
    """Done, not needed any more, or to be done again; a reason for everything but done."""
    task = queries.require_task(request.viewer, reached_child(request), number)
    form = accepted(StepForm(given.model_dump(mode="json")))
    said = form.cleaned_data
    with as_it_stands(task):
        wish = {"seen": said["seen"], "form": said["form"], "reason": said["reason"]}
        return receipt(task.pk, services.move(task, request.viewer, said["step"], **wish))
