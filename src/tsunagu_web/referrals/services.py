"""Writing referrals: what leaves was looked at, by whom it is sent is known, and access ends with the work."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from tsunagu_web.access.models import Grant
from tsunagu_web.access.policy import may
from tsunagu_web.access.table import PURPOSES
from tsunagu_web.access.terms import Action, CaseState, LegalBasis, Role, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Child, Run
from tsunagu_web.duties.other_party import block_other_party
from tsunagu_web.duties.services import NotPossible, end_access, give_access
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.referrals.leaving import Wish, body_of
from tsunagu_web.referrals.models import Referral, ReferralContent, Reply
from tsunagu_web.referrals.queries import RECEIVES
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.once import is_same, require_same
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow, begin, begun_again, begun_today, take, taken_again

# What the sender's side may do besides sending, and what it needs; and what the recipient may do.
BY_SENDER = {
    "discard": Action.EDIT,
    "revoke": Action.DECIDE,
    "complete": Action.DECIDE,
    "break_off": Action.DECIDE,
}
BY_RECIPIENT = ("accept", "decline", "complete")
ENDS_ACCESS = ("complete", "break_off")


class OtherContent(Exception):
    """What would leave is not what was looked at. Nothing left; what would leave now stands to be looked at."""


@dataclass(frozen=True)
class Asking:
    """What somebody wants to refer, to whom and on what ground; fields: codes of leaving.choices_for."""

    to: Staff
    purpose: str
    basis: str
    basis_note: str
    reply_until: dt.date
    open_until: dt.date
    asked: str
    wish: str
    fields: tuple[str, ...]

    def columns(self) -> dict[str, object]:
        names = ("to", "purpose", "basis", "basis_note", "reply_until", "open_until")
        return {name: getattr(self, name) for name in names}

    def words(self) -> dict[str, object]:
        """What a version of its content holds of it."""
        return {"asked": self.asked, "wish": self.wish, "fields": " ".join(self.fields)}


@dataclass(frozen=True)
class Click:
    """A step as a page asked for it. seen: the referral's revision there; form: the form's own mark."""

    step: str
    reason: str
    seen: int
    form: uuid.UUID


def said_already(child: Child, viewer: Viewer, asking: Asking) -> tuple[Referral, dt.datetime] | None:
    """The referral this person prepared last for the child, and when: today, in these very words, and not over yet."""
    step = begun_today(Referral(child=child), viewer)
    going_on = (Referral.State.DRAFT, Referral.State.SENT)
    same = step and Referral.objects.filter(pk=step.subject, state__in=going_on, **asking.columns()).first()
    return (same, step.at) if step and same and is_same(same.contents.latest("number"), asking.words()) else None


def draft(child: Child, viewer: Viewer, run: Run, asking: Asking, form: uuid.UUID) -> Referral:
    """Prepares a referral; nothing leaves yet. The same form again gives the referral it made."""
    with transaction.atomic():
        # Whoever comes second waits here, and then finds what the first one made.
        Child.objects.select_for_update(of=("self",)).get(pk=child.pk)
        if before := begun_again(form, viewer, Referral(child=child)):
            made = Referral.objects.get(pk=before.subject)
            require_same(made.contents.get(number=1), asking.words())
            return made
        referral = Referral.objects.create(
            child=child,
            case=child.case if child.case_state == CaseState.OPEN else None,
            number=Referral.objects.filter(child=child).count() + 1,
            **asking.columns(),
        )
        begin(referral, viewer, form=form)
        _prepare(referral, child, viewer, run, asking)
    return referral


def change(referral: Referral, child: Child, viewer: Viewer, run: Run, asking: Asking, *, seen: int) -> None:
    """Writes a draft anew; what was prepared before is kept. raises ChangedMeanwhile"""
    with transaction.atomic():
        mine = Referral.objects.filter(pk=referral.pk, revision=seen, state=Referral.State.DRAFT)
        if not mine.update(**asking.columns(), revision=seen + 1):
            raise ChangedMeanwhile
        referral.refresh_from_db()
        _prepare(referral, child, viewer, run, asking)


def send(referral: Referral, child: Child, viewer: Viewer, run: Run, click: Click, looked_at: str) -> Step:
    """Lets it leave: exactly what was looked at, to somebody who may have it. The same form again gives its step.

    looked_at  the print of the content on the page that asked
    raises     OtherContent when the records say otherwise by now; NotPossible when it cannot be sent to this person;
               ChangedMeanwhile, NotNow
    """
    if before := taken_again(click.form, viewer, referral, "send"):
        referral.refresh_from_db()
        return before
    newest = referral.contents.latest("number")
    if click.seen == referral.revision and referral.state == Referral.State.DRAFT:
        _require_receiver(referral, viewer)
        if referral.reply_until < timezone.localdate():
            raise NotNow("late")
        body = body_of(viewer, child, run, referral.to.role, _wish(referral, newest))
        if body != newest.body:
            _keep(referral, viewer, newest, body)
            raise OtherContent
        if newest.print != looked_at:
            raise OtherContent
    sent = {"sent_by_id": viewer.staff_id, "sent_at": timezone.now()}
    detail = {"basis": referral.basis, "to": referral.to.actor, "version": newest.number}
    return take(referral, viewer, "send", seen=click.seen, form=click.form, also=sent, detail=detail)


def move(referral: Referral, child: Child, viewer: Viewer, click: Click) -> Step:
    """A step of the sender's side: discard, revoke, complete, break off. raises ChangedMeanwhile, NotNow"""
    if click.step not in BY_SENDER or not may(viewer, Thing.REFERRAL, BY_SENDER[click.step], child.subject()):
        raise NotNow("no_step")
    return _take(referral, viewer, click)


def answer(referral: Referral, viewer: Viewer, click: Click) -> Step:
    """A step of whoever was asked: accept, decline, report it done. Accepting opens the child to them as the table
    says for their role, until the day the sender set. raises ChangedMeanwhile, NotNow
    """
    if click.step not in BY_RECIPIENT:
        raise NotNow("no_step")
    if click.step == "accept" and referral.is_overdue:
        raise NotNow("late")
    with transaction.atomic():
        if before := taken_again(click.form, viewer, referral, click.step, click.reason):
            return before
        step = _take(referral, viewer, click)
        if click.step == "accept":
            assert referral.sent_by_id is not None
            referral.grant = give_access(
                viewer,
                referral.child_id,
                referral.to,
                purpose=viewer.purpose,
                basis=Grant.Basis.REFERRAL,
                ends_at=timezone.make_aware(dt.datetime.combine(referral.open_until, dt.time.max)),
                given_by=referral.sent_by_id,
            )
            Referral.objects.filter(pk=referral.pk).update(grant=referral.grant)
    return step


def write_back(referral: Referral, viewer: Viewer, text: str, form: uuid.UUID) -> Reply:
    """A reply to the sender, kept for good; the same form again gives the reply it made."""
    with transaction.atomic():
        Referral.objects.select_for_update().values("pk").get(pk=referral.pk)
        known = Reply.objects.filter(referral=referral)
        if before := known.filter(form=form, by_id=viewer.staff_id).first():
            require_same(before, {"text": text})
            return before
        mine = {"form": form, "by_id": viewer.staff_id, "at": timezone.now()}
        reply = Reply.objects.create(referral=referral, number=known.count() + 1, text=text, **mine)
        append(
            action="reply",
            object="referral",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[referral.child_id],
            detail={"number": referral.pk},
            content=reply,
        )
    return reply


def expire_due(today: dt.date) -> int:
    """Ends what nobody answered by its day, by the desk itself; gives how many. The caller opens the second lock."""
    ended = 0
    for referral in Referral.objects.filter(state=Referral.State.SENT, reply_until__lt=today).order_by("pk"):
        try:
            take(referral, None, "expire", seen=referral.revision)
            ended += 1
        except (ChangedMeanwhile, NotNow):
            continue  # answered or taken back at this very moment
    return ended


def _take(referral: Referral, viewer: Viewer, click: Click) -> Step:
    with transaction.atomic():
        step = take(referral, viewer, click.step, seen=click.seen, form=click.form, reason=click.reason)
        if click.step in ENDS_ACCESS and referral.grant is not None:
            end_access(viewer, referral.grant)
    return step


def _require_receiver(referral: Referral, viewer: Viewer) -> None:
    """NotPossible for whom it must not reach; the log keeps that it was tried, and no page says which block it was."""
    to = referral.to
    block_other_party(to)  # the register's list may name them since they last signed in
    if not to.is_active or to.role not in RECEIVES or to.pk == viewer.staff_id:
        why = "not_to_them"
    elif referral.child_id in viewer_of(to, PURPOSES[Role(to.role)][0]).blocked:
        why = "blocked"
    else:
        return
    append(
        action="refused",
        object="referral",
        staff=viewer,
        purpose=viewer.purpose,
        persons=[referral.child_id],
        detail={"asked": "send", "number": referral.pk, "to": to.actor},
    )
    raise NotPossible(why)


def _wish(referral: Referral, content: ReferralContent) -> Wish:
    return Wish(
        purpose=referral.purpose,
        basis=LegalBasis(referral.basis),
        reply_until=referral.reply_until,
        asked=content.asked,
        wish=content.wish,
        fields=tuple(content.fields.split()),
    )


def _prepare(referral: Referral, child: Child, viewer: Viewer, run: Run, asking: Asking) -> None:
    said = ReferralContent(**asking.words())
    _keep(referral, viewer, said, body_of(viewer, child, run, referral.to.role, _wish(referral, said)))


def _keep(referral: Referral, viewer: Viewer, said: ReferralContent, body: str) -> None:
    """A version of what would leave; the log commits to it before anybody can send it."""
    with transaction.atomic():
        Referral.objects.select_for_update().values("pk").get(pk=referral.pk)
        content = ReferralContent.objects.create(
            referral=referral,
            number=referral.contents.count() + 1,
            fields=said.fields,
            asked=said.asked,
            wish=said.wish,
            body=body,
            by_id=viewer.staff_id,
            at=timezone.now(),
        )
        append(
            action="preview",
            object="referral",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[referral.child_id],
            detail={"number": referral.pk, "version": content.number},
            content=content,
        )
