"""Reads of referrals: for those who refer, by the child; for those who are asked, only what was sent to them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone

from tsunagu.casework.machines import NOT_YET
from tsunagu_web.access.models import Duty
from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import read_for_the_program, widen
from tsunagu_web.access.table import TABLE
from tsunagu_web.access.terms import Action, Role, Scope, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.looks import record_look, record_refusal
from tsunagu_web.cases.models import Child, Run
from tsunagu_web.cases.words import Words
from tsunagu_web.referrals.leaving import Line, may_read
from tsunagu_web.referrals.models import Referral, ReferralContent
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.services import steps_of

RECEIVES = tuple(role for role, permits in TABLE.items() if any(p.action is Action.REPLY for p in permits))
# Their duty is a school: they are asked about children of it.
AT_SCHOOL = (Role.VICE_PRINCIPAL, Role.CLASS_TEACHER, Role.SCHOOL_NURSE, Role.COUNSELLOR)


@dataclass(frozen=True)
class ShownLine:
    """A line of what leaves, as a colleague of the sender may see it; a hidden one has no value and no source."""

    label: str
    value: str
    source: str
    as_of: str
    is_hidden: bool = False


def referrals_of(viewer: Viewer, child: Child) -> list[Referral]:
    return list(_sent_of(viewer, child, Action.VIEW))


def referral_of(request: HttpRequest, child: Child, number: int, action: Action = Action.VIEW) -> Referral:
    """The referral of that number; 404 where the child has none."""
    found = _sent_of(request.viewer, child, action).filter(number=number).first()
    if found is None:
        record_look(request, Thing.REFERRAL, [child.pk], found=0)
        raise Http404
    return found


def may_read_note(viewer: Viewer, referral: Referral, child: Child) -> bool:
    """Whether the viewer is of the sender's side, where the note on the ground stays: by the table one of those who
    refer, and neither the one who is asked nor one of the same duty, who stands on that side. Some roles are both, of
    different referrals; whoever decides on referrals of this child, or wrote this one, reads it all the same."""
    if not may(viewer, Thing.REFERRAL) or referral.to_id == viewer.staff_id:
        return False
    if viewer.role != referral.to.role or may(viewer, Thing.REFERRAL, Action.DECIDE, child.subject()):
        return True
    return Step.objects.filter(machine="referral", subject=referral.pk, source=NOT_YET, by=viewer.staff_id).exists()


def draft_to_change(request: HttpRequest, child: Child, number: int) -> Referral:
    """The referral of that number to write anew, which shows all of it; 404 for the one who is asked."""
    found = referral_of(request, child, number, Action.EDIT)
    if not may_read_note(request.viewer, found, child):
        record_refusal(request, Thing.REFERRAL, Action.EDIT, [child.pk])
        raise Http404
    return found


def _sent_of(viewer: Viewer, child: Child, action: Action) -> QuerySet[Referral]:
    rows = Referral.objects.filter(child=child).select_related("to", "sent_by", "grant").order_by("-number")
    return visible_to(viewer, rows, thing=Thing.REFERRAL, action=action, child="child__")


def content_of(referral: Referral) -> ReferralContent:
    """What is to leave, or left."""
    return referral.contents.latest("number")


def shown_lines(viewer: Viewer, child: Child, run: Run, content: ReferralContent) -> list[ShownLine]:
    """The lines for those who refer; what a colleague may not see of the child is hidden, and said so."""
    return [_shown(line, run.words, viewer, child) for line in content.lines]


def _shown(line: Line, words: Words, viewer: Viewer, child: Child) -> ShownLine:
    if not may_read(viewer, child, line, words):
        return ShownLine(line["label"] if line["field"] == "name" else "", "", "", "", True)
    return ShownLine(line["label"], line["value"], line["source"], line["as_of"])


def received_by(viewer: Viewer) -> list[Referral]:
    """What waits for this person or is under way: the nearest answer first. What has ended is no longer theirs."""
    widen(viewer, Thing.REFERRAL, Action.REPLY)
    return list(_received(viewer).select_related("sent_by").order_by("reply_until", "pk"))


def require_received(request: HttpRequest, number: int) -> Referral:
    """The referral sent to this person; another's, one that has ended and none are answered alike."""
    widen(request.viewer, Thing.REFERRAL, Action.REPLY)
    found = _received(request.viewer).select_related("sent_by", "to", "grant").filter(pk=number).first()
    if found is None:
        # Only the log knows which it was.
        if there := read_for_the_program(
            Referral.objects.filter(pk=number).order_by().values_list("child_id", flat=True)
        ):
            record_refusal(request, Thing.REFERRAL, Action.REPLY, there)
        else:
            record_look(request, Thing.REFERRAL, found=0)
        raise Http404
    return found


@dataclass(frozen=True)
class Ended:
    """What is told of a referral that somebody had taken on and another ended. step: the one that ended it."""

    referral: Referral
    step: Step


def ended_for_its_recipient() -> QuerySet[Referral]:
    """Those that were taken on and are over, whoever ended them."""
    return Referral.objects.filter(state__in=(Referral.State.REVOKED, Referral.State.DONE), grant__isnull=False)


def ended(viewer: Viewer, number: int) -> Ended | None:
    """The referral that this person had taken on, where somebody else ended it, with its case or before; else None.

    What was sent is no longer theirs to read: only that it is over, and since when. Why is not told here: where the
    case was closed, the reason is the case's, which an outside agency may not read.
    """
    widen(viewer, Thing.REFERRAL, Action.REPLY)
    found = _sent_to(viewer, ended_for_its_recipient()).select_related("sent_by").filter(pk=number).first()
    last = steps_of(found)[0] if found else None
    return Ended(found, last) if found and last and last.by_id != viewer.staff_id else None


def _received(viewer: Viewer) -> QuerySet[Referral]:
    under_way = Referral.objects.filter(state__in=(Referral.State.SENT, Referral.State.ACCEPTED))
    return _sent_to(viewer, under_way)


def _sent_to(viewer: Viewer, rows: QuerySet[Referral]) -> QuerySet[Referral]:
    how = {"thing": Thing.REFERRAL, "action": Action.REPLY, "child": "child__", "addressee": "to_id"}
    return visible_to(viewer, rows, **how)  # type: ignore[arg-type]  # its own keywords


def receivers(viewer: Viewer, child: Child) -> list[tuple[str, list[tuple[int, str]]]]:
    """Whom a referral of this child can be sent to, by role: school staff only of the child's own school."""
    today = timezone.localdate()
    duties = Duty.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), staff=OuterRef("pk"))
    here = Q(kind=Scope.SCHOOL, key=child.school) | Q(kind=Scope.CLASSROOM, key__startswith=f"{child.school}:")
    of_the_school = Exists(duties.filter(here, starts_on__lte=today)) if child.school else Q(pk__in=[])
    staff = Staff.objects.filter(is_active=True, role__in=RECEIVES).exclude(pk=viewer.staff_id)
    known = staff.filter(~Q(role__in=AT_SCHOOL) | Q(of_the_school)).order_by("name", "pk")
    by_role: dict[str, list[tuple[int, str]]] = {role.value: [] for role in RECEIVES}
    for one in known:
        by_role[one.role].append((one.pk, f"{one.name} {one.department}".strip()))
    return [(str(Role(role).label), people) for role, people in by_role.items() if people]
