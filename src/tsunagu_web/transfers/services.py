"""Handing a case over: what travels was looked at by a second person, and the case ends by a decision of a person.

What this desk decides lies in its database; what is handed over lies in a file of its own, with the node (offices.py).
Each act can be repeated: where one of the two was written and not the other, the same act finds it and goes on.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tsunagu.casework.machines import STANDING
from tsunagu.handover.people import Official
from tsunagu.handover.states import OUT
from tsunagu.handover.store import Draft, Handover
from tsunagu.handover.working_days import japan_day
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.terms import CaseState
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.services import append
from tsunagu_web.cases.closing import end_open_work, open_work, require_nothing_stops
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.cases.services import follow
from tsunagu_web.duties.services import NotPossible
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.once import require_same
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow, begin, begun_again, take, taken_again
from tsunagu_web.transfers.leaving import Chosen, Made, made_of, must_be_restricted
from tsunagu_web.transfers.models import Transfer, TransferContent
from tsunagu_web.transfers.offices import Office, official, store_of

STATE = Transfer.State
UNDER_WAY = (STATE.SENT, STATE.WITHDRAWING)
#: Stages from which a case can be handed over; what waits for somebody's decision is decided first.
FROM = ("opened", "assessing", "planning", "active", "review")
#: How a hand-over stands at the sending end when the other side has answered.
ACCEPTED, NOT_ACCEPTED = ("accepted", "sealed"), ("declined", "expired", "withdrawn")
_WAITING = tuple(state for state in OUT.states if state not in (*ACCEPTED, *NOT_ACCEPTED))


class OtherContent(Exception):
    """What would travel is not what was looked at. Nothing left; what would travel now stands to be looked at."""


@dataclass(frozen=True)
class Asking:
    """What somebody wants to hand over, and to whom. recipients: as the manifest has them."""

    to: str
    to_name: str
    kind: str
    recipients: tuple[str, ...]
    chosen: Chosen

    def columns(self) -> dict[str, object]:
        named = {"to": self.to, "to_name": self.to_name, "kind": self.kind}
        return {**named, "recipients": " ".join(self.recipients)}

    def words(self) -> dict[str, object]:
        """What a version of its content holds of it."""
        one = self.chosen
        texts = {"why": one.why, "now": one.now, "urgent": one.urgent, "council_since": one.council_since}
        return {**texts, "parts": " ".join(one.parts), "files": " ".join(map(str, one.files))}


@dataclass(frozen=True)
class Click:
    """A step as a page asked for it. seen: the revision there; form: the form's own mark; ends: the print of what the
    page said would end with the case."""

    step: str
    reason: str
    seen: int
    form: uuid.UUID
    ends: str = ""


def draft(child: Child, case: Case, viewer: Viewer, found: Office, asking: Asking, form: uuid.UUID) -> Transfer:
    """Prepares a hand-over; nothing leaves yet. The same form again gives the one it made.

    raises  NotNow where the case cannot be handed over now; SourceError where something cannot travel as it is written
    """
    with transaction.atomic():
        # Whoever comes second waits here, and then finds what the first one made.
        Child.objects.select_for_update(of=("self",)).get(pk=child.pk)
        if before := begun_again(form, viewer, Transfer(child=child)):
            made = Transfer.objects.get(pk=before.subject)
            require_same(made.contents.get(number=1), asking.words())
            return made
        _require_may_begin(case)
        rows = Transfer.objects.filter(child=child)
        number = rows.count() + 1
        transfer = Transfer.objects.create(child=child, case=case, number=number, **asking.columns())
        begin(transfer, viewer, form=form)
        _prepare(transfer, child, viewer, found, asking)
    return transfer


def change(transfer: Transfer, child: Child, viewer: Viewer, found: Office, asking: Asking, *, seen: int) -> None:
    """Writes a draft anew; what was prepared before is kept. raises ChangedMeanwhile, SourceError"""
    with transaction.atomic():
        mine = Transfer.objects.filter(pk=transfer.pk, revision=seen, state=STATE.DRAFT)
        if not mine.update(**asking.columns(), revision=seen + 1):
            raise ChangedMeanwhile
        transfer.refresh_from_db()
        _prepare(transfer, child, viewer, found, asking)


def send(transfer: Transfer, child: Child, viewer: Viewer, found: Office, click: Click, looked_at: str) -> Step:
    """Lets it travel: exactly what was looked at, agreed to by somebody who did not write it.

    looked_at  the print of the document on the page that asked
    raises     OtherContent when the records say otherwise by now; NotPossible, ChangedMeanwhile, NotNow, SourceError
    """
    if before := taken_again(click.form, viewer, transfer, "send"):
        transfer.refresh_from_db()
        return before
    newest = transfer.contents.latest("number")
    if newest.by_id == viewer.staff_id:
        raise NotNow("same_person")
    if click.seen != transfer.revision or transfer.state != STATE.DRAFT:
        raise ChangedMeanwhile
    made = _as_looked_at(transfer, child, viewer, found, newest, looked_at)
    if transfer.kind == Transfer.Kind.ORDINARY and must_be_restricted(viewer, child):
        raise NotPossible("must_be_restricted")
    case, now = transfer.case, timezone.now()
    with transaction.atomic():
        step = take(
            transfer,
            viewer,
            "send",
            seen=click.seen,
            form=click.form,
            also={"handover": f"waits-{transfer.pk}"},
            detail={"version": newest.number, "to": transfer.to},
        )
        take(case, viewer, "hand_over", seen=case.revision, reason=_reason(transfer, "sent"))
        follow(case)
        # Last, so that nothing travels of which the desk does not know. Where the database fails after this line, the
        # next try finds what is waiting there.
        id = _waiting_there(found, transfer, newest)
        id = id or store_of(found).queue(_draft_of(transfer, made), _me(viewer), now)
        Transfer.objects.filter(pk=transfer.pk).update(handover=id)
        transfer.handover = id
        append(
            action="queue",
            object="transfer",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[child.pk],
            detail={"number": transfer.pk, "handover": id},
        )
    return step


def move(transfer: Transfer, child: Child, viewer: Viewer, found: Office, click: Click) -> Step:
    """Discards a draft, withdraws, takes the case back, or closes it as handed over.

    raises  ChangedMeanwhile, also where something would end with the case that the page did not show; NotNow, also
            where the other side has not answered so yet
    """
    if before := taken_again(click.form, viewer, transfer, click.step, click.reason):
        return before
    if click.step not in STEPS:
        raise NotNow("no_step")
    return STEPS[click.step](transfer, child, viewer, found, click)


def may_follow(transfer: Transfer, there: Handover | None) -> tuple[str, ...]:
    """The steps that can be taken by how the hand-over stands at this moment. there: None while it is a draft."""
    if transfer.state == STATE.DRAFT:
        return ("discard",)
    if transfer.state not in UNDER_WAY or there is None:
        return ()
    if there.state in ACCEPTED:
        return ("close_handed_over",)
    if there.state in NOT_ACCEPTED:
        return ("take_back",)
    return ("withdraw",) if transfer.state == STATE.SENT else ()


def there_of(found: Office | None, transfer: Transfer, on: dt.date | None = None) -> Handover | None:
    """How it stands in the file of hand-overs; None for what was never sent, or where no hand-over is set up.

    on  the day from which the clock is read; today where none is given
    """
    if found is None or not transfer.handover:
        return None
    return store_of(found).get(transfer.handover, on or japan_day(timezone.now()))


def left_there(found: Office, transfer: Transfer) -> list[Handover]:
    """What a try of sending this draft left in the file, of which the desk could not take note: the node carries it.

    Nobody withdrew it; it waits for an answer, or was accepted there since the draft was begun.
    """
    listed = store_of(found).outgoing(japan_day(timezone.now()))
    mine = [
        one
        for one in listed
        if one.work == _work(transfer)
        and (one.state in _WAITING or (one.state in ACCEPTED and _written_from(one, transfer) == transfer.pk))
    ]
    known = set(Transfer.objects.filter(handover__in=[one.id for one in mine]).values_list("handover", flat=True))
    return [one for one in mine if one.id not in known]


def taken_though_discarded(found: Office, transfer: Transfer) -> Handover | None:
    """What a try of sending a discarded draft left, where it was accepted before the withdrawal came there; else None.

    Only while the case is open here: then two offices look after one child, and people have to talk.
    """
    if transfer.state != STATE.DISCARDED or Case.objects.get(pk=transfer.case_id).state != CaseState.OPEN:
        return None
    taken = [one for one in store_of(found).outgoing(japan_day(timezone.now())) if one.state in ACCEPTED]
    taken = [one for one in taken if one.work == _work(transfer)]
    known = set(Transfer.objects.filter(handover__in=[one.id for one in taken]).values_list("handover", flat=True))
    return next((one for one in taken if one.id not in known and _written_from(one, transfer) == transfer.pk), None)


def _written_from(one: Handover, transfer: Transfer) -> int | None:
    """Of the drafts of the same case the one from which a hand-over was written: the newest that was there by then.

    A manifest tells seconds. Of one that was written in the second in which drafts were begun it is the first of these:
    a further draft comes after the one before has ended.
    """
    begun = TransferContent.objects.filter(transfer__case=transfer.case_id, number=1).order_by("at", "pk")
    by_second = [(pk, at.replace(microsecond=0)) for pk, at in begun.values_list("transfer", "at")]
    made_at = one.manifest.made_at
    before = [pk for pk, at in by_second if at < made_at]
    within = [pk for pk, at in by_second if at == made_at]
    return before[-1] if before else within[0] if within else None


def withdraw_left(found: Office, transfer: Transfer, viewer: Viewer) -> None:
    """Takes back what a try of sending left, where the draft ends; what was accepted there stays so."""
    for one in left_there(found, transfer):
        if one.state in _WAITING and one.state != "withdrawing":
            store_of(found).withdraw(one.id, _me(viewer), timezone.now())


def _discard(transfer: Transfer, _child: Child, viewer: Viewer, found: Office, click: Click) -> Step:
    with transaction.atomic():
        step = take(transfer, viewer, "discard", seen=click.seen, form=click.form, reason=click.reason)
        withdraw_left(found, transfer, viewer)
    return step


def _withdraw(transfer: Transfer, _child: Child, viewer: Viewer, found: Office, click: Click) -> Step:
    there = _require_follows(transfer, found, click)
    with transaction.atomic():
        step = take(transfer, viewer, "withdraw", seen=click.seen, form=click.form, reason=click.reason)
        if there.state not in ("withdrawing", "withdrawn"):
            store_of(found).withdraw(transfer.handover, _me(viewer), timezone.now())
    return step


def _take_back(transfer: Transfer, _child: Child, viewer: Viewer, found: Office, click: Click) -> Step:
    _require_follows(transfer, found, click)
    with transaction.atomic():
        step = take(transfer, viewer, "take_back", seen=click.seen, form=click.form, reason=click.reason)
        case = Case.objects.get(pk=transfer.case_id)
        take(case, viewer, "take_back", seen=case.revision, reason=click.reason)
        follow(case)
    return step


def _close(transfer: Transfer, child: Child, viewer: Viewer, found: Office, click: Click) -> Step:
    _require_follows(transfer, found, click)
    reason = _reason(transfer, "closed", click.reason)
    # The case leaves the reach of its lead worker with this step.
    with transaction.atomic(), the_program():
        # Whoever begins something for the child waits here, and then finds the case closed.
        Child.objects.select_for_update(of=("self",)).get(pk=child.pk)
        case = Case.objects.get(pk=transfer.case_id)
        require_nothing_stops(case)
        work = open_work(case)
        if work.counts and click.ends != work.print:
            raise ChangedMeanwhile
        step = take(transfer, viewer, "close_handed_over", seen=click.seen, form=click.form, reason=click.reason)
        end_open_work(case, viewer, reason)
        also = {"state": STANDING["transferred"], "closed_on": timezone.localdate()}
        take(case, viewer, "close_handed_over", seen=case.revision, reason=reason, also=also)
        follow(case)
    return step


STEPS = {"discard": _discard, "withdraw": _withdraw, "take_back": _take_back, "close_handed_over": _close}


def _require_may_begin(case: Case) -> None:
    now = Case.objects.get(pk=case.pk)
    if now.state != CaseState.OPEN or now.stage not in FROM:
        raise NotNow("no_step")
    if Transfer.objects.filter(case=case, state__in=(STATE.DRAFT, *UNDER_WAY)).exists():
        raise NotNow("another")


def _require_follows(transfer: Transfer, found: Office, click: Click) -> Handover:
    if click.seen != transfer.revision:
        raise ChangedMeanwhile
    there = there_of(found, transfer)
    if there is None or click.step not in may_follow(transfer, there):
        raise NotNow("no_step")
    return there


def _as_looked_at(
    transfer: Transfer, child: Child, viewer: Viewer, found: Office, newest: TransferContent, looked_at: str
) -> Made:
    """What would travel now, where it is what the page showed. raises OtherContent"""
    made = made_of(viewer, child, transfer.case, found, Chosen.of(newest), on=newest.document.on)
    if made.body != newest.body:
        _keep(transfer, viewer, newest, made, by=newest.by_id)
        raise OtherContent
    if newest.print != looked_at:
        raise OtherContent
    return made


def _waiting_there(found: Office, transfer: Transfer, newest: TransferContent) -> str:
    """The hand-over that an earlier try of this very content left in the file, or "". NotPossible for another one."""
    for one in left_there(found, transfer):
        manifest, since = one.manifest, newest.at.replace(microsecond=0)
        same = (manifest.receiver, manifest.kind, " ".join(manifest.recipients))
        if same == (transfer.to, transfer.kind, transfer.recipients) and manifest.made_at >= since:
            return one.id
        raise NotPossible("taken_there" if one.state in ACCEPTED else "another_there")
    return ""


def _me(viewer: Viewer) -> Official:
    return official(Staff.objects.get(pk=viewer.staff_id))


def _draft_of(transfer: Transfer, made: Made) -> Draft:
    recipients = tuple(transfer.recipients.split())
    return Draft(_work(transfer), transfer.to, transfer.kind, recipients, made.document, made.files)


def _work(transfer: Transfer) -> str:
    return f"case:{transfer.case_id}"


def _reason(transfer: Transfer, what: str, words: str = "") -> str:
    with translation.override(settings.LANGUAGE_CODE):
        texts = {"sent": _("Handed over to %(name)s"), "closed": _("Handed over to and accepted by %(name)s")}
        said = texts[what] % {"name": transfer.to_name}
        return _("%(said)s: %(words)s") % {"said": said, "words": words} if words else said


def _prepare(transfer: Transfer, child: Child, viewer: Viewer, found: Office, asking: Asking) -> None:
    made = made_of(viewer, child, transfer.case, found, asking.chosen, on=timezone.localdate())
    _keep(transfer, viewer, TransferContent(**asking.words()), made, by=viewer.staff_id)


def _keep(transfer: Transfer, viewer: Viewer, said: TransferContent, made: Made, *, by: int) -> None:
    """A version of what would travel; the log commits to it before anybody can send it. by: who chose it."""
    names = ("parts", "files", "why", "now", "urgent", "council_since")
    with transaction.atomic():
        Transfer.objects.select_for_update().values("pk").get(pk=transfer.pk)
        content = TransferContent.objects.create(
            transfer=transfer,
            number=transfer.contents.count() + 1,
            **{name: getattr(said, name) for name in names},
            body=made.body,
            left_out=made.left_out,
            by_id=by,
            at=timezone.now(),
        )
        append(
            action="preview",
            object="transfer",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[transfer.child_id],
            detail={"number": transfer.pk, "version": content.number},
            content=content,
        )
