"""Writing contacts and the rules of contact: one transaction, one entry in the log; what is recorded stays."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tsunagu.casework.clock import Cause, Change, attempts_since_reached
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.outreach import clock
from tsunagu_web.outreach.models import Answer, Contact, ContactRule, Mode, Result, SightConfirmation, TakenBack
from tsunagu_web.steps.once import is_of_today, is_same, require_same
from tsunagu_web.steps.services import ChangedMeanwhile


class NotThisWay(Exception):
    """The family may not be contacted in this way; nothing was written. why: letter_no, letter_unknown, phone_no,
    message_no."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Attempt:
    """What somebody recorded of one attempt. form: the form's own mark."""

    at: dt.datetime
    mode: str
    result: str
    met: str
    note: str
    next_on: dt.date | None
    form: uuid.UUID

    def columns(self) -> dict[str, object]:
        """What the contact holds of it, beside the mark."""
        return {name: value for name, value in vars(self).items() if name != "form"}


def said_already(child: Child, viewer: Viewer, attempt: Attempt) -> Contact | None:
    """The contact this person recorded last of the child, where it was today in these very words and stands."""
    newest = Contact.objects.filter(child=child, by_id=viewer.staff_id).order_by("-pk").first()
    stands = newest is not None and is_of_today(newest.entered_at) and not hasattr(newest, "taken_back")
    return newest if stands and is_same(newest, attempt.columns()) else None


def rule_of(child: Child) -> ContactRule | None:
    """The rules of contact in force; None before anybody asked."""
    return rules_of(child).first()


def rules_of(child: Child) -> QuerySet[ContactRule]:
    """Each version of the rules of contact, the newest first."""
    return ContactRule.objects.filter(child=child).select_related("by").order_by("-number")


def require_way_then_or_now(rules: Sequence[ContactRule], mode: str, result: str, at: dt.datetime) -> None:
    """As `require_way`, and open too where rules recorded by that moment left it open: what went while it was allowed
    is recorded also after the family has changed its mind. rules: the newest first. In the minute of a change the
    newer rule holds, for a form knows no seconds."""
    now = rules[0] if rules else None
    then = next((rule for rule in rules if rule.at < at + dt.timedelta(minutes=1)), None)
    try:
        require_way(now, mode, result)
    except NotThisWay as closed:
        if then is None:
            raise
        try:
            require_way(then, mode, result)
        except NotThisWay:
            raise closed from None


def require_way(rule: ContactRule | None, mode: str, result: str) -> None:
    """Raises NotThisWay for a way the rules close. A letter goes, and a note is left, only where somebody said that a
    letter may: at a shared address it is read by others."""
    letter = rule.letter if rule else Answer.UNKNOWN
    if (mode == Mode.LETTER or result == Result.LEFT_NOTE) and letter != Answer.YES:
        raise NotThisWay(f"letter_{letter}")
    if rule and mode == Mode.PHONE and rule.phone == Answer.NO:
        raise NotThisWay("phone_no")
    if rule and mode == Mode.MESSAGE and rule.message == Answer.NO:
        raise NotThisWay("message_no")


def write_contact(child: Child, viewer: Viewer, attempt: Attempt) -> Contact:
    """Records an attempt; enough of them in a row without anybody reached start the clock.

    raises  NotThisWay for a letter where none may go, and the like; UsedMark
    """
    with transaction.atomic():
        case = _open_case(child)
        made_before = Contact.objects.filter(form=attempt.form, child=child, by_id=viewer.staff_id).first()
        if made_before is not None:
            require_same(made_before, attempt.columns())
            return made_before
        require_way_then_or_now(list(rules_of(child)), attempt.mode, attempt.result, attempt.at)
        contact = Contact.objects.create(
            child=child,
            case=case,
            **attempt.columns(),
            form=attempt.form,
            by_id=viewer.staff_id,
            entered_at=timezone.now(),
        )
        _log(viewer, child, "record_contact", contact)
        if case is not None:
            _start_after(child, case, contact)
    return contact


def write_rule(child: Child, viewer: Viewer, said: dict[str, Any], *, seen: int, form: uuid.UUID) -> ContactRule:
    """A new version of the rules; ChangedMeanwhile when the one seen is not the newest."""
    with transaction.atomic():
        Child.objects.select_for_update().get(pk=child.pk)
        made_before = ContactRule.objects.filter(form=form, child=child, by_id=viewer.staff_id).first()
        if made_before is not None:
            require_same(made_before, said)
            return made_before
        latest = rule_of(child)
        if (latest.number if latest else 0) != seen:
            raise ChangedMeanwhile
        rule = ContactRule.objects.create(
            child=child, number=seen + 1, form=form, by_id=viewer.staff_id, at=timezone.now(), **said
        )
        _log(viewer, child, "set_contact_rule", rule)
    return rule


def take_back(
    child: Child, viewer: Viewer, reason: str, *, contact: Contact | None = None, sight: SightConfirmation | None = None
) -> TakenBack:
    """Says that an entry was a mistake; a second time changes nothing."""
    with transaction.atomic():
        Child.objects.select_for_update().get(pk=child.pk)
        made_before = TakenBack.objects.filter(contact=contact, sight=sight).first()
        if made_before is not None:
            return made_before
        taken = TakenBack.objects.create(
            child=child, contact=contact, sight=sight, reason=reason, by_id=viewer.staff_id, at=timezone.now()
        )
        _log(viewer, child, "take_entry_back", taken, thing="sight" if sight else "outreach")
    return taken


def attempt_numbers(contacts: Sequence[Contact]) -> dict[int, int]:
    """For each contact that stands, oldest first: which attempt it was since somebody was reached."""
    numbers: dict[int, int] = {}
    reached: list[bool] = []
    for contact in contacts:
        numbers[contact.pk] = attempts_since_reached(reached) + 1
        reached.append(contact.result == Result.REACHED)
    return numbers


def standing(child: Child) -> list[Contact]:
    """The child's contacts that nobody took back, oldest first."""
    return list(Contact.objects.filter(child=child, taken_back__isnull=True).order_by("at", "pk"))


def _start_after(child: Child, case: Case, contact: Contact) -> None:
    """Starts the clock at the second attempt in a row without anybody reached, and again after as many more."""
    reached = [c.result == Result.REACHED for c in standing(child)]
    count, enough = attempts_since_reached(reached), clock.rules().attempts
    if contact.result != Result.REACHED and count and count % enough == 0:
        change = Change(Cause.NO_CONTACT, f"contact:{contact.pk}", timezone.localdate(contact.at))
        clock.start(case, Cause.NO_CONTACT, [change])


def _open_case(child: Child) -> Case | None:
    """The open case, locked: two attempts recorded at the same moment are counted one after the other."""
    return Case.objects.select_for_update().filter(child=child, state="open").first()


def _log(viewer: Viewer, child: Child, action: str, row: Any, *, thing: str = "outreach") -> None:
    append(
        action=action,
        object=thing,
        staff=viewer,
        purpose=viewer.purpose,
        persons=[child.pk],
        detail={"number": row.pk},
        content=row,
    )
