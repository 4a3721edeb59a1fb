"""The sheet of a notification and what people hold its urgency to be: their own view first, then beside the floor.

Nobody reads the floor, what is open or anybody else's view before their own view of these very answers is recorded.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from tsunagu.guidance.answers import Answers, as_text, check_answers, of_text
from tsunagu.guidance.asking import Asked, ask_next
from tsunagu.guidance.floor import Standing, stand
from tsunagu.guidance.sheet import Sheet
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.guidance_centre.models import AnsweredSheet, Notification, SheetDraft, SheetVersion, UrgencyView
from tsunagu_web.guidance_centre.sheets import kept_sheet
from tsunagu_web.steps.once import require_same
from tsunagu_web.steps.services import ChangedMeanwhile

BEFORE, AFTER = UrgencyView.Stage.BEFORE, UrgencyView.Stage.AFTER
_MOST_ASKED = 5


class Incomplete(Exception):
    """Something lacks; nothing was recorded."""


@dataclass(frozen=True)
class Marks:
    """What a page of a sheet says of itself: its own mark, how often it sent, and the revision it was opened with."""

    window: uuid.UUID
    turn: int
    seen: int


@dataclass(frozen=True)
class View:
    """What somebody holds the urgency to be. difference, settled: of a view afterwards."""

    urgency: str
    grounds: str
    form: uuid.UUID
    difference: str = ""
    settled: Sequence[str] = ()


@dataclass(frozen=True)
class Shown:
    """What the rules come to, for somebody whose own view is recorded."""

    sheet: Sheet
    answers: Answers
    standing: Standing
    next: tuple[Asked, ...]


def newest(one: Notification) -> AnsweredSheet | None:
    return AnsweredSheet.objects.filter(notification=one).select_related("sheet_version", "by").first()


def view_of(viewer: Viewer, answered: AnsweredSheet | None, stage: str) -> UrgencyView | None:
    """This person's view of these answers at that stage."""
    if answered is None:
        return None
    return UrgencyView.objects.filter(answered=answered, by_id=viewer.staff_id, stage=stage).first()


def views_of(answered: AnsweredSheet) -> list[UrgencyView]:
    """Everybody's views; only for somebody whose own one is recorded."""
    return list(UrgencyView.objects.filter(answered=answered).select_related("by"))


def shown_to(viewer: Viewer, answered: AnsweredSheet) -> Shown | None:
    """Demanded, floor, what is open and what to ask next; None before this person's own view is recorded."""
    if view_of(viewer, answered, BEFORE) is None:
        return None
    sheet, answers = kept_sheet(answered.sheet_version), of_text(answered.answers)
    return Shown(sheet, answers, stand(sheet, answers), ask_next(sheet, answers)[:_MOST_ASKED])


def may_read_decided(viewer: Viewer, one: Notification) -> bool:
    """Whether this person may read the class that was decided: it is a colleague's view, so not before their own one
    of the newest answers. Where no sheet was answered, there is nothing to have a view of."""
    answered = newest(one)
    return answered is None or view_of(viewer, answered, BEFORE) is not None


def draft_of(one: Notification, viewer: Viewer, sheet: Sheet) -> SheetDraft:
    """This person's draft; a new one begins with what was recorded last, in the sheet in force."""
    with transaction.atomic():
        found = SheetDraft.objects.filter(notification=one, by_id=viewer.staff_id).select_related("sheet_version")
        if (mine := found.first()) is not None:
            return mine
        last = newest(one)
        version = _version_of(sheet, viewer)
        # Answers to questions that a newer sheet no longer asks stay with the sheet that asked them.
        kept = {id: answer for id, answer in of_text(last.answers).items() if id in sheet.by_id} if last else {}
        values = {"sheet_version": version, "answers": as_text(kept), "at": timezone.now()}
        mine, is_new = SheetDraft.objects.get_or_create(notification=one, by_id=viewer.staff_id, defaults=values)
        if is_new:
            _log(viewer, one, "begin_sheet", version=version.version)
    return mine


def save(draft: SheetDraft, answers: Answers, marks: Marks) -> int:
    """Keeps the answers so far, and gives the revision. What comes late or twice from the same window changes nothing.

    raises  ChangedMeanwhile when another window saved since, or the draft was recorded
    """
    with transaction.atomic():
        return _keep(draft, answers, marks).revision


def record(draft: SheetDraft, viewer: Viewer, answers: Answers, marks: Marks, form: uuid.UUID) -> AnsweredSheet:
    """Records the answers as the next sheet of the notification. raises Incomplete, ChangedMeanwhile, UsedMark"""
    if check_answers(kept_sheet(draft.sheet_version), answers):
        raise Incomplete
    one = draft.notification
    with transaction.atomic():
        now = _keep(draft, answers, marks)
        Notification.objects.select_for_update(of=("self",)).get(pk=one.pk)
        made = AnsweredSheet.objects.create(
            notification=one,
            number=AnsweredSheet.objects.filter(notification=one).count() + 1,
            sheet_version_id=now.sheet_version_id,
            answers=as_text(answers),
            form=form,
            by_id=viewer.staff_id,
            at=timezone.now(),
        )
        now.delete()
        _log(viewer, one, "record_sheet", content=made, version=draft.sheet_version.version)
    return made


def recorded_before(one: Notification, viewer: Viewer, answers: Answers, form: uuid.UUID) -> AnsweredSheet | None:
    """What this very page recorded. raises UsedMark where it is sent again with other answers"""
    made = AnsweredSheet.objects.filter(notification=one, form=form, by_id=viewer.staff_id).first()
    if made is not None:
        require_same(made, {"answers": as_text(answers)})
    return made


def record_own(answered: AnsweredSheet, viewer: Viewer, view: View) -> UrgencyView:
    """The own view, before anything of the rules is shown. raises Incomplete, ChangedMeanwhile, UsedMark"""
    if not view.grounds or view.urgency not in kept_sheet(answered.sheet_version).by_class:
        raise Incomplete
    said = {"urgency": view.urgency, "grounds": view.grounds}
    return _record(answered, viewer, view, "record_own_view", {**said, "stage": BEFORE})


def record_after(answered: AnsweredSheet, viewer: Viewer, view: View) -> UrgencyView:
    """The view beside the floor, with the reason of a difference.

    raises  Incomplete where it differs from the own view, or is below the floor, and does not say why;
            ChangedMeanwhile where the sheet was answered anew since, or the own view is not recorded; UsedMark
    """
    before, shown = view_of(viewer, answered, BEFORE), shown_to(viewer, answered)
    if before is None or shown is None:
        raise ChangedMeanwhile
    chosen = shown.sheet.by_class.get(view.urgency)
    if chosen is None:
        raise Incomplete
    is_below = chosen.rank > shown.standing.floor.rank
    settled = [id for id in view.settled if id in open_questions(shown.standing)]
    if (is_below or view.urgency != before.urgency) and not view.difference:
        raise Incomplete
    if is_below and not (settled or view.grounds):
        raise Incomplete
    said = {
        "stage": AFTER,
        "urgency": view.urgency,
        "grounds": view.grounds,
        "demanded": shown.standing.demanded.id,
        "floor": shown.standing.floor.id,
        "is_below_floor": is_below,
        "difference": view.difference if is_below or view.urgency != before.urgency else "",
        "settled": " ".join(settled) if is_below else "",
    }
    return _record(answered, viewer, view, "record_view_after", said)


def choices_for(viewer: Viewer, one: Notification, sheet: Sheet) -> list[str]:
    """The classes that this person can decide now: the most urgent one at any time, any other one only as they hold it
    after they have seen what the newest answers come to."""
    after = view_of(viewer, newest(one), AFTER)
    return list(dict.fromkeys([sheet.classes[0].id, *([after.urgency] if after else [])]))


def open_questions(standing: Standing) -> tuple[str, ...]:
    """The questions that keep the floor above what is demanded."""
    return tuple(dict.fromkeys(question for _rule, waiting in standing.open for question in waiting))


def _record(answered: AnsweredSheet, viewer: Viewer, view: View, action: str, said: dict[str, object]) -> UrgencyView:
    with transaction.atomic():
        Notification.objects.select_for_update(of=("self",)).get(pk=answered.notification_id)
        again = UrgencyView.objects.filter(form=view.form, by_id=viewer.staff_id).first()
        if again is not None:
            require_same(again, said)
            return again
        last = newest(answered.notification)
        if last is None or last.pk != answered.pk or view_of(viewer, answered, str(said["stage"])) is not None:
            raise ChangedMeanwhile
        made = UrgencyView.objects.create(
            answered=answered,
            role=viewer.role,
            form=view.form,
            by_id=viewer.staff_id,
            at=timezone.now(),
            **said,
        )
        outcome = "below_floor" if made.is_below_floor else made.urgency
        _log(viewer, answered.notification, action, content=made, outcome=outcome, reason=made.difference or "none")
    return made


def _keep(draft: SheetDraft, answers: Answers, marks: Marks) -> SheetDraft:
    now = SheetDraft.objects.select_for_update().filter(pk=draft.pk).first()
    if now is None:
        raise ChangedMeanwhile
    is_its_own, text = now.window == marks.window, as_text(answers)
    if is_its_own and (marks.turn < now.turn or (marks.turn == now.turn and now.answers == text)):
        return now
    if not (is_its_own and marks.turn > now.turn) and marks.seen != now.revision:
        raise ChangedMeanwhile
    now.answers, now.window, now.turn = text, marks.window, marks.turn
    now.revision, now.at = now.revision + 1, timezone.now()
    now.save(update_fields=["answers", "window", "turn", "revision", "at"])
    return now


def _version_of(sheet: Sheet, viewer: Viewer) -> SheetVersion:
    """The row of this sheet; made when it is first used."""
    about = {"sheet": sheet.id, "version": sheet.version, "content": sheet.text, "first_used_at": timezone.now()}
    version, is_new = SheetVersion.objects.get_or_create(sha256=sheet.sha256, defaults=about)
    if is_new:
        append(
            action="keep_form",
            object="urgency",
            staff=viewer,
            purpose=viewer.purpose,
            detail={"form": sheet.id, "version": sheet.version},
            content=version,
        )
    return version


def _log(
    viewer: Viewer,
    one: Notification,
    action: str,
    *,
    content: AnsweredSheet | UrgencyView | None = None,
    **detail: str | int,
) -> None:
    append(
        action=action,
        object="urgency",
        staff=viewer,
        purpose=viewer.purpose,
        persons=[one.child_id],
        detail={"number": one.number, **detail},
        content=content,
    )
