"""Papers as PDF from the one entry. Each leaves only after it was recorded as an export."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tsunagu.errors import TsunaguError
from tsunagu_web.access.policy import needs
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import widen
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look, record_refusal
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.queries import require_child
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.cases.who import who
from tsunagu_web.guidance_centre import queries
from tsunagu_web.guidance_centre.models import Notification
from tsunagu_web.guidance_centre.papers import GIVEN_TO, Paper, ViewFirst, known_of, paper_for
from tsunagu_web.guidance_centre.warrant_paper import warrant_paper
from tsunagu_web.plans.pdf import CannotPrint, printed
from tsunagu_web.plans.words import WHY_NOT as NO_PRINT
from tsunagu_web.protection.models import Protection

_LATE, _NOT_POSSIBLE_HERE = 409, 503
_VIEW_FIRST = _("The list names what the sheet leaves open. Record your own view of the sheet first, then print it.")
_NO_NOTIFICATION = _("No notification of this child is on record here, so the request has no facts. Record it first.")
_UNREADABLE = _("The sheet of this notification cannot be read. Please tell the person who runs this system.")


@needs(Thing.NOTIFICATION, Action.EXPORT, shows_people=True)
@require_safe
def of_notification(request: HttpRequest, person_id: str, number: int, kind: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.NOTIFICATION, Action.EXPORT)
    row = queries.require_one(request, child, number, Action.EXPORT)
    if kind not in GIVEN_TO:
        raise Http404
    back = reverse("guidance_centre:one", args=[child.pk, number])
    try:
        paper = paper_for(kind, request.viewer, known_of(request.viewer, child, row))
        content = printed(paper.copy)
    except ViewFirst:
        back = reverse("guidance_centre:urgency", args=[child.pk, number])
        return _no_paper(request, child, Thing.NOTIFICATION, _VIEW_FIRST, back, _LATE)
    except CannotPrint as error:
        return _no_paper(request, child, Thing.NOTIFICATION, NO_PRINT[error.why], back, _NOT_POSSIBLE_HERE)
    except TsunaguError:
        return _no_paper(request, child, Thing.NOTIFICATION, _UNREADABLE, back, _NOT_POSSIBLE_HERE)
    _record(request, Thing.NOTIFICATION, child, number=row.number, copy=kind, to=GIVEN_TO[kind], version=paper.version)
    return _file(content, f"notification-{number}-{kind}.pdf")


@needs(Thing.PROTECTION, Action.EXPORT, shows_people=True)
@require_safe
def of_protection(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    """The request for the court's warrant, on the notification that came last before the protection began."""
    child = require_child(request, person_id, Thing.PROTECTION, Action.EXPORT)
    one = _require_protection(request, child, number)
    back = reverse("protection:page", args=[child.pk])
    row = _told_before(request, child, one)
    if row is None:
        return _no_paper(request, child, Thing.PROTECTION, _NO_NOTIFICATION, back, _LATE)
    paper: Paper = warrant_paper(request.viewer, one, known_of(request.viewer, child, row))
    try:
        content = printed(paper.copy)
    except CannotPrint as error:
        return _no_paper(request, child, Thing.PROTECTION, NO_PRINT[error.why], back, _NOT_POSSIBLE_HERE)
    _record(request, Thing.PROTECTION, child, number=number, copy="warrant", to="court", version=paper.version)
    return _file(content, f"protection-{number}-warrant.pdf")


def _require_protection(request: HttpRequest, child: Child, number: int) -> Protection:
    viewer = request.viewer
    widen(viewer, Thing.PROTECTION, Action.EXPORT)
    rows = Protection.objects.filter(child=child).select_related("hearing")
    mine = visible_to(viewer, rows, thing=Thing.PROTECTION, action=Action.EXPORT, child="child__")
    one = mine.filter(number=number).first()
    if one is None:
        record_refusal(request, Thing.PROTECTION, Action.EXPORT, [child.pk])
        raise Http404
    return one


def _told_before(request: HttpRequest, child: Child, one: Protection) -> Notification | None:
    """The child's last notification before the protection began; the first one where all came later."""
    rows = queries.of_child(request.viewer, child)
    return next((row for row in rows if row.received_at <= one.began_at), rows[-1] if rows else None)


def _record(request: HttpRequest, thing: Thing, child: Child, **detail: str | int) -> None:
    record_look(request, thing, [child.pk], action=Action.EXPORT, **detail)


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _no_paper(
    request: HttpRequest, child: Child, thing: Thing, problem: str | Promise, back: str, status: int
) -> HttpResponse:
    record_look(request, thing, [child.pk])
    context = {"child": child, "who": who(request.viewer, child), "tabs": tabs_of(request.viewer, child)}
    context |= {"problem": problem, "back": back}
    return render(request, "guidance_centre/no_paper.html", context, status=status)
