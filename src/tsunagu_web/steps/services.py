"""Taking a step: one transaction, one entry in the log, never over what somebody else did unseen, never twice."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from tsunagu.casework.machines import NOT_YET, Move
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import NO_PURPOSE, SYSTEM, append
from tsunagu_web.steps import once
from tsunagu_web.steps.guards import Guarded, guard_of
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.once import UsedMark


class ChangedMeanwhile(Exception):
    """Somebody else changed this after the page was opened; nothing was written."""


class NotNow(Exception):
    """The table has no such step from where the work stands, or not for this person; nothing was written.

    why  no_step, no_reason, same_person
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def taken_with(form: uuid.UUID, viewer: Viewer) -> Step | None:
    """The step this form made when it was sent before."""
    return Step.objects.filter(form=form, by_id=viewer.staff_id).first()


def taken_again(form: uuid.UUID, viewer: Viewer, row: models.Model, name: str, reason: str = "") -> Step | None:
    """The answer to a second click: the step this form made, of this row. raises UsedMark where it made another one"""
    before = taken_with(form, viewer)
    asked = (guard_of(row).machine.name, row.pk, name, reason.strip())
    if before and (before.machine, before.subject, before.move, before.reason) != asked:
        raise UsedMark
    return before


def begun_again(form: uuid.UUID, viewer: Viewer, beginning: models.Model) -> Step | None:
    """The same for an act that begins a row; beginning: such a row, not yet kept."""
    before, guard = taken_with(form, viewer), guard_of(beginning)
    if before and (before.machine, before.person_id, before.source) != (
        guard.machine.name,
        _person(guard, beginning),
        NOT_YET,
    ):
        raise UsedMark
    return before


def begun_today(beginning: models.Model, viewer: Viewer) -> Step | None:
    """How this person began the last row of this kind, for the same child, where it was today."""
    guard = guard_of(beginning)
    of_kind = Step.objects.filter(machine=guard.machine.name, person_id=_person(guard, beginning), number=1)
    step = of_kind.filter(by_id=viewer.staff_id).order_by("-at", "-pk").first()
    return step if step and once.is_of_today(step.at) else None


def begin(row: models.Model, viewer: Viewer | None, *, form: uuid.UUID | None = None, reason: str = "") -> Step:
    """The first step of a row just created, in the caller's transaction. viewer: None where the desk itself did it."""
    guard = guard_of(row)
    move = next(m for m in guard.machine.moves if m.source == NOT_YET)
    with transaction.atomic():
        return _write(guard, row.pk, _person(guard, row), move, 1, viewer, form, reason)


def take(
    row: models.Model,
    viewer: Viewer | None,
    name: str,
    *,
    seen: int,
    form: uuid.UUID | None = None,
    reason: str = "",
    also: dict[str, Any] | None = None,
    detail: Mapping[str, str | int] | None = None,
) -> Step:
    """Moves a row on, and gives the step. The same form again gives the step it made.

    seen    the row's revision on the page that asked
    also    columns that change with the state
    detail  codes and numbers that stand in the log's entry beside the step
    raises  ChangedMeanwhile when it was not the latest revision; NotNow when the tables have no such step for them;
            UsedMark when the form took another step
    """
    guard = guard_of(row)
    table = type(row)._default_manager
    reason = reason.strip()
    with transaction.atomic():
        now = table.select_for_update().values(guard.column, "revision").get(pk=row.pk)
        if form and viewer and (before := taken_again(form, viewer, row, name, reason)):
            row.refresh_from_db()
            return before
        if now["revision"] != seen:
            raise ChangedMeanwhile
        move = guard.machine.move(name, now[guard.column])
        _require(move, guard, row.pk, viewer, reason)
        assert move is not None
        step = _write(guard, row.pk, _person(guard, row), move, seen + 1, viewer, form, reason, detail)
        changes = {**(also or {}), guard.column: move.target, "revision": seen + 1}
        table.filter(pk=row.pk).update(**changes)
        for field, value in changes.items():
            setattr(row, field, value)
    return step


def may_take(row: models.Model, viewer: Viewer, taken: Sequence[Step] = ()) -> tuple[str, ...]:
    """The steps this person could take next, of what the tables have; what the role may do is asked elsewhere.

    taken  the row's steps, newest first, where they were read already
    """
    guard = guard_of(row)
    last = taken[0].by_id if taken else _last_by(guard, row.pk)
    state = getattr(row, guard.column)
    return tuple(m.name for m in guard.machine.moves_from(state) if not (m.by_another and last == viewer.staff_id))


def steps_of(row: models.Model) -> list[Step]:
    """Everything that happened to this row, newest first."""
    steps = Step.objects.filter(machine=guard_of(row).machine.name, subject=row.pk)
    return list(steps.select_related("by").order_by("-number"))


def _require(move: Move | None, guard: Guarded, pk: int, viewer: Viewer | None, reason: str) -> None:
    if move is None or (viewer is None and not move.by_program):
        raise NotNow("no_step")
    if move.needs_reason and not reason:
        raise NotNow("no_reason")
    if move.by_another and viewer is not None and _last_by(guard, pk) == viewer.staff_id:
        raise NotNow("same_person")


def _last_by(guard: Guarded, pk: int) -> int | None:
    steps = Step.objects.filter(machine=guard.machine.name, subject=pk)
    return steps.order_by("-number").values_list("by_id", flat=True).first()


def _person(guard: Guarded, row: models.Model) -> str:
    return str(getattr(row, guard.person)) if guard.person else ""


def _write(
    guard: Guarded,
    pk: int,
    person_id: str,
    move: Move,
    number: int,
    viewer: Viewer | None,
    form: uuid.UUID | None,
    reason: str,
    detail: Mapping[str, str | int] | None = None,
) -> Step:
    step = Step.objects.create(
        machine=guard.machine.name,
        subject=pk,
        person_id=person_id,
        number=number,
        move=move.name,
        source=move.source,
        target=move.target,
        reason=reason,
        by_id=viewer.staff_id if viewer else None,
        form=form,
        at=timezone.now(),
    )
    append(
        action=move.name,
        object=guard.machine.name,
        staff=viewer,
        actor=SYSTEM,
        purpose=viewer.purpose if viewer else NO_PURPOSE,
        persons=[person_id] if person_id else [],
        detail={"number": pk, "from": move.source or "none", "to_state": move.target, **(detail or {})},
        content=step,
    )
    return step
