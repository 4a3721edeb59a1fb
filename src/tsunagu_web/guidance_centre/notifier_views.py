"""Pages of opening who notified: asking, agreeing, looking at an emergency afterwards, and seeing it once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tsunagu_web.access.policy import needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.queries import require_child
from tsunagu_web.cases.who import who
from tsunagu_web.guidance_centre import queries, releases
from tsunagu_web.guidance_centre.forms import AnswerForm, AskForm, KeyForm, ReviewForm
from tsunagu_web.guidance_centre.models import NotifierRequest


@needs(Thing.NOTIFIER, Action.REQUEST, shows_people=True)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.NOTIFIER, Action.REQUEST)
    one = queries.require_one(request, child, number, Action.REQUEST, Thing.NOTIFIER)
    form = AskForm(request.POST) if request.method == "POST" else AskForm.new()
    if form.is_valid():
        made = releases.request(request.viewer, one, form.wish())
        said = _("You can see it once, within 15 minutes. Somebody else looks at this afterwards.")
        messages.success(request, said if made.is_emergency else _("Your request waits for a second person."))
        return redirect("guidance_centre:requests")
    record_look(request, Thing.NOTIFIER, [child.pk], action=Action.REQUEST)
    context = {"form": form, "child": child, "who": who(request.viewer, child), "row": one}
    return render(request, "guidance_centre/ask.html", context, status=422 if form.is_bound else 200)


@needs(Thing.NOTIFIER, Action.REQUEST, shows_people=True)
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    found = queries.requests_of(request.viewer)
    _look(request, found, Action.REQUEST)
    lines = [(one, releases.is_open(one.request), releases.is_over(one.request)) for one in found]
    return render(request, "guidance_centre/requests.html", {"lines": lines})


@needs(Thing.NOTIFIER, Action.APPROVE, shows_people=True)
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    found = queries.waiting_for(request.viewer)
    _look(request, found, Action.APPROVE)
    reviews = [(one, name) for one, name in NotifierRequest.Review.choices if one]
    return render(request, "guidance_centre/waiting.html", {"found": found, "reviews": reviews})


@needs(Thing.NOTIFIER, Action.APPROVE)
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    form = AnswerForm(request.POST)
    asked = queries.request_for(request.viewer, form.cleaned_data["key"], Action.APPROVE) if form.is_valid() else None
    try:
        releases.decide(request.viewer, asked, agrees=form.cleaned_data.get("agrees") == "yes")
    except releases.NotOpen:
        return render(request, "guidance_centre/not_open.html", status=410)
    messages.success(request, _("Your answer is recorded."))
    return redirect("guidance_centre:waiting")


@needs(Thing.NOTIFIER, Action.REVIEW)
@require_POST
def review(request: HttpRequest) -> HttpResponse:
    form = ReviewForm(request.POST)
    asked = queries.request_for(request.viewer, form.cleaned_data["key"], Action.REVIEW) if form.is_valid() else None
    try:
        releases.review(request.viewer, asked, form.cleaned_data.get("found", ""))
    except releases.NotOpen:
        return render(request, "guidance_centre/not_open.html", status=410)
    messages.success(request, _("Your answer is recorded."))
    return redirect("guidance_centre:waiting")


@needs(Thing.NOTIFIER, Action.REQUEST, shows_people=True)
@never_cache
@require_POST
def show(request: HttpRequest) -> HttpResponse:
    form = KeyForm(request.POST)
    asked = queries.own_request(request.viewer, form.cleaned_data["key"]) if form.is_valid() else None
    try:
        shown, notifier = releases.show(request.viewer, asked)
    except releases.NotOpen:
        return render(request, "guidance_centre/not_open.html", status=410)
    record_look(request, Thing.NOTIFIER, [shown.notification.child_id])
    return render(request, "guidance_centre/shown.html", {"asked": shown, "notifier": notifier})


def _look(request: HttpRequest, found: list[queries.Standing], action: Action) -> None:
    persons = [one.request.notification.child_id for one in found]
    record_look(request, Thing.NOTIFIER, persons, action=action, shown=len(found))
