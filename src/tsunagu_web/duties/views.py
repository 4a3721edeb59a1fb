"""Pages of duties: read or write through queries and services, then answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tsunagu_web.access.policy import needs
from tsunagu_web.access.terms import Action, Form, Thing
from tsunagu_web.accounts.views import safe_next
from tsunagu_web.audit.looks import record_look, record_refusal
from tsunagu_web.audit.queries import looks_at
from tsunagu_web.cases.queries import require_child
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.duties import queries, services
from tsunagu_web.duties.forms import (
    AccessCheckForm,
    ConflictForm,
    EmergencyForm,
    GrantForm,
    LooksForm,
    PurposeForm,
    ReviewForm,
)
from tsunagu_web.duties.viewers import purposes_of
from tsunagu_web.duties.words import block_entered, refusal


@needs(Thing.ACCOUNT, Action.USE)
@require_http_methods(["GET", "HEAD", "POST"])
def purpose(request: HttpRequest) -> HttpResponse:
    """What somebody is here for. Picked anew after each sign-in, and changed here."""
    form = PurposeForm(request.POST or None, initial={"next": request.GET.get("next", "")})
    form = form.offering(purposes_of(request.user))
    if form.is_valid():
        services.pick_purpose(request, form.cleaned_data["purpose"])
        return redirect(safe_next(request, form.cleaned_data["next"]))
    return render(request, "duties/purpose.html", {"form": form}, status=422 if request.method == "POST" else 200)


@needs(Thing.EMERGENCY, Action.REQUEST)
@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: HttpRequest, person_id: str) -> HttpResponse:
    form = EmergencyForm(request.POST or None)
    if form.is_valid():
        services.take_emergency_access(request.viewer, person_id, form.cleaned_data["reason"])
        return redirect("cases:child", person_id=person_id)
    context = {"form": form, "person_id": person_id, "hours": services.EMERGENCY_HOURS}
    return render(request, "duties/emergency.html", context, status=422 if request.method == "POST" else 200)


@needs(Thing.EMERGENCY, Action.VIEW, shows_people=True)
@require_safe
def emergencies(request: HttpRequest) -> HttpResponse:
    return _emergencies(request)


@needs(Thing.EMERGENCY, Action.REVIEW, shows_people=True)
@require_POST
def review(request: HttpRequest, number: int) -> HttpResponse:
    taken, form = queries.emergency(number), ReviewForm(request.POST)
    if taken is None:
        raise Http404
    if not form.is_valid():
        return _emergencies(request, form=form, number=number, status=422)
    try:
        services.review_emergency(request.viewer, taken, form.cleaned_data["review"], form.cleaned_data["note"])
    except services.NotPossible as error:
        return _emergencies(request, problem=refusal(error), status=409)
    messages.success(request, _("Your review is recorded."))
    return redirect("duties:emergencies")


@needs(Thing.GRANT, Action.VIEW, shows_people=True)
@require_safe
def grants(request: HttpRequest, person_id: str) -> HttpResponse:
    return _grants(request, person_id, GrantForm())


@needs(Thing.GRANT, Action.ASSIGN, shows_people=True)
@require_POST
def give(request: HttpRequest, person_id: str) -> HttpResponse:
    child, form = require_child(request, person_id, Thing.GRANT, Action.ASSIGN), GrantForm(request.POST)
    if not form.is_valid():
        return _grants(request, person_id, form, status=422)
    try:
        services.give_once(request.viewer, child.pk, **form.given())
    except services.NotPossible as error:
        record_refusal(request, Thing.GRANT, Action.ASSIGN, [child.pk])
        return _grants(request, person_id, form, problem=refusal(error), status=409)
    messages.success(request, _("The access is given and recorded."))
    return redirect("duties:grants", person_id=person_id)


@needs(Thing.GRANT, Action.ASSIGN)
@require_POST
def end_grant(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    grant = queries.grant_of(require_child(request, person_id, Thing.GRANT, Action.ASSIGN), number)
    if grant is None:
        raise Http404
    services.end_access(request.viewer, grant)
    messages.success(request, _("The access has ended."))
    return redirect("duties:grants", person_id=person_id)


@needs(Thing.LOOKS, Action.VIEW, shows_people=True, forms=(Form.FULL, Form.PSEUDONYM))
@require_safe
def looks(request: HttpRequest, person_id: str) -> HttpResponse:
    """Who looked at this child: names of staff, and of nobody else."""
    child = require_child(request, person_id, Thing.LOOKS, forms=(Form.FULL, Form.PSEUDONYM))
    record_look(request, Thing.LOOKS, [child.pk])
    place = LooksForm(request.GET)
    at = place.cleaned_data if place.is_valid() else {}
    found = looks_at(child.pk, below=at.get("below"), above=at.get("above"))
    address = reverse("duties:looks", args=[child.pk])
    context = {"child": child, "looks": found, "address": address, "tabs": tabs_of(request.viewer, child)}
    return render(request, "duties/looks.html", context)


@needs(Thing.CONFLICT, Action.VIEW, shows_people=True)
@require_safe
def conflicts(request: HttpRequest) -> HttpResponse:
    return _conflicts(request, ConflictForm())


@needs(Thing.CONFLICT, Action.EDIT, shows_people=True)
@require_POST
def enter_conflict(request: HttpRequest) -> HttpResponse:
    form = ConflictForm(request.POST)
    if not form.is_valid():
        return _conflicts(request, form, status=422)
    given = form.cleaned_data
    try:
        services.enter_conflict(request.viewer, given["staff"], given["person"], given["kind"])
    except services.NotPossible as error:
        return _conflicts(request, form, problem=refusal(error), status=409)
    messages.success(request, block_entered(is_known=queries.knows_of(request.viewer, given["person"])))
    return redirect("duties:conflicts")


@needs(Thing.CONFLICT, Action.EDIT)
@require_POST
def end_conflict(request: HttpRequest, number: int) -> HttpResponse:
    conflict = queries.conflict(request.viewer, number)
    if conflict is None:
        raise Http404
    services.end_conflict(request.viewer, conflict)
    messages.success(request, _("The block has ended."))
    return redirect("duties:conflicts")


@needs(Thing.ACCESS_CHECK, Action.VIEW, shows_people=True)
@require_http_methods(["GET", "HEAD", "POST"])
def access_check(request: HttpRequest) -> HttpResponse:
    """What somebody can see, and why. By POST, so that no child's number stands in an address."""
    form = AccessCheckForm(request.POST or None)
    found, person = None, ""
    if form.is_valid():
        person = form.cleaned_data["person"]
        found = queries.access_check(request.viewer, form.cleaned_data["staff"], person)
    record_look(request, Thing.ACCESS_CHECK, [person] if person else [])
    status = 422 if form.errors else 200
    return render(request, "duties/access_check.html", {"form": form, "found": found, "person": person}, status=status)


def _emergencies(request: HttpRequest, *, status: int = 200, **more: object) -> HttpResponse:
    page = queries.emergencies(request.GET.get("page", "1"))
    record_look(request, Thing.EMERGENCY, [grant.person_id for grant in page], shown=len(page))
    return render(request, "duties/emergencies.html", {"page": page, "empty": ReviewForm(), **more}, status=status)


def _grants(
    request: HttpRequest, person_id: str, form: GrantForm, *, status: int = 200, problem: str = ""
) -> HttpResponse:
    child = require_child(request, person_id, Thing.GRANT, Action.VIEW)
    record_look(request, Thing.GRANT, [child.pk])
    context = {"child": child, "grants": queries.grants_of(child), "form": form, "problem": problem}
    context["tabs"] = tabs_of(request.viewer, child)
    return render(request, "duties/grants.html", context, status=status)


def _conflicts(request: HttpRequest, form: ConflictForm, *, status: int = 200, problem: str = "") -> HttpResponse:
    page = queries.conflicts(request.viewer, request.GET.get("page", "1"))
    record_look(request, Thing.CONFLICT, [conflict.person_id for conflict in page], shown=len(page))
    return render(request, "duties/conflicts.html", {"page": page, "form": form, "problem": problem}, status=status)
