"""Pages of asking for a hidden address: read or write through queries and services, then answer."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tsunagu_web.access.policy import needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.addresses import queries, services
from tsunagu_web.addresses.forms import AnswerForm, AskForm, KeyForm
from tsunagu_web.audit.looks import record_look


@needs(Thing.SUPPRESSED_ADDRESS, Action.REQUEST, shows_people=True)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, person_id: str) -> HttpResponse:
    name = queries.require_child(request, person_id, Action.REQUEST)
    form = AskForm(request.POST) if request.method == "POST" else AskForm(initial={"form": uuid.uuid4()})
    if form.is_valid():
        services.request_release(request.viewer, person_id, form.wish())
        messages.success(request, _("Your request waits for a second person."))
        return redirect("addresses:requests")
    record_look(request, Thing.SUPPRESSED_ADDRESS, [person_id], action=Action.REQUEST)
    context = {"form": form, "name": name, "person_id": person_id}
    return render(request, "addresses/ask.html", context, status=422 if form.is_bound else 200)


@needs(Thing.SUPPRESSED_ADDRESS, Action.REQUEST, shows_people=True)
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    found = queries.requests_of(request.viewer)
    record_look(request, Thing.SUPPRESSED_ADDRESS, _persons(found), action=Action.REQUEST, shown=len(found))
    return render(request, "addresses/requests.html", {"found": found})


@needs(Thing.SUPPRESSED_ADDRESS, Action.APPROVE, shows_people=True)
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    found = queries.waiting_for(request.viewer)
    record_look(request, Thing.SUPPRESSED_ADDRESS, _persons(found), action=Action.APPROVE, shown=len(found))
    return render(request, "addresses/waiting.html", {"found": found})


@needs(Thing.SUPPRESSED_ADDRESS, Action.APPROVE)
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    form = AnswerForm(request.POST)
    asked = queries.waiting_request(request.viewer, form.cleaned_data["key"]) if form.is_valid() else None
    try:
        services.decide_release(request.viewer, asked, agrees=form.cleaned_data.get("agrees") == "yes")
    except services.NotOpen:
        return render(request, "addresses/not_open.html", status=410)
    messages.success(request, _("Your answer is recorded."))
    return redirect("addresses:waiting")


@needs(Thing.SUPPRESSED_ADDRESS, Action.REQUEST, shows_people=True)
@never_cache
@require_POST
def show(request: HttpRequest) -> HttpResponse:
    form = KeyForm(request.POST)
    asked = queries.own_request(request.viewer, form.cleaned_data["key"]) if form.is_valid() else None
    try:
        shown, address = services.release(request.viewer, asked)
    except services.NotOpen:
        return render(request, "addresses/not_open.html", status=410)
    record_look(request, Thing.SUPPRESSED_ADDRESS, [shown.person_id])
    return render(request, "addresses/shown.html", {"asked": shown, "address": address})


def _persons(found: list[queries.Asked]) -> list[str]:
    return [asked.request.person_id for asked in found]
