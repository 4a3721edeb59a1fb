"""Answers about cases and tasks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.core.paginator import Page

from tsunagu_web.access.terms import Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.api.answers.parts import Json, hides_voices, not_shown, of_page, of_person, of_steps
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.cases.queries import TeamWithLeads
from tsunagu_web.cases.stages import OFFERED, decisions_of, is_waiting_for_another, offered_to
from tsunagu_web.cases.voices import voices_of
from tsunagu_web.cases.who import who
from tsunagu_web.steps.services import steps_of
from tsunagu_web.tasks.forms import StepForm
from tsunagu_web.tasks.models import Task


def of_cases(viewer: Viewer, page: Page[Case]) -> Json:
    cases = [_case(case) | {"person": of_person(who(viewer, case.child))} for case in page]
    return of_page(page) | {"cases": cases}


def of_case(viewer: Viewer, child: Child, teams: Sequence[TeamWithLeads]) -> Json:
    case = child.case
    offered = offered_to(viewer, child, case) if case else ()
    steps = steps_of(case) if case else []
    voices = voices_of(viewer, Thing.CASE, child, decisions_of(steps))
    return {
        "person": of_person(who(viewer, child)),
        "case": _case(case) if case else None,
        "steps": of_steps(steps, voices),
        "next": [{"step": name, "sentence": str(OFFERED[name][0])} for name in offered],
        "waits_for_another": bool(case) and is_waiting_for_another(viewer, child, case),
        "teams": [
            {"key": key, "name": name, "leads": [{"staff_id": pk, "name": called} for pk, called in leads]}
            for key, name, leads in teams
        ],
        "hidden": [not_shown("steps.voice")] if hides_voices(voices) else [],
    }


def of_tasks(viewer: Viewer, page: Page[Task]) -> Json:
    tasks = [_task(task) | {"person": of_person(who(viewer, task.child))} for task in page]
    return of_page(page) | {"tasks": tasks}


def of_tasks_of_child(viewer: Viewer, child: Child, tasks: Iterable[Task], owners: Sequence[Staff]) -> Json:
    """owners: empty where the viewer may not set or move a task."""
    return {
        "person": of_person(who(viewer, child)),
        "tasks": [_task(task) | {"next": _next(task) if owners else []} for task in tasks],
        "owners": [_staff(one) for one in owners],
    }


def _case(case: Case) -> Json:
    named = ("number", "kind", "team", "stage", "state", "opened_on", "closed_on", "revision")
    return {name: getattr(case, name) for name in named} | {"lead": _staff(case.lead)}


def _task(task: Task) -> Json:
    named = ("what", "due_on", "origin", "state", "revision")
    return {name: getattr(task, name) for name in named} | {"number": task.pk, "owner": _staff(task.owner)}


def _next(task: Task) -> list[Json]:
    choices = StepForm.of(task).fields["step"].choices  # type: ignore[attr-defined]  # a choice field
    return [{"step": name, "sentence": str(sentence)} for name, sentence in choices]


def _staff(one: Staff) -> Json:
    return {"staff_id": one.pk, "name": one.name}
