"""Pages of referrals: read or write through queries and services, then answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.queries import require_child, require_run
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.cases.who import who
from tsunagu_web.duties.services import NotPossible
from tsunagu_web.duties.words import refusal
from tsunagu_web.referrals import queries, services
from tsunagu_web.referrals.forms import ReferralForm, ReplyForm, SendForm, StepForm
from tsunagu_web.referrals.leaving import choices_for, looks_like_a_place
from tsunagu_web.referrals.models import Referral
from tsunagu_web.steps.once import told_again
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow, may_take, steps_of


@needs(Thing.REFERRAL, Action.VIEW, shows_people=True)
@require_safe
def listed(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.REFERRAL)
    record_look(request, Thing.REFERRAL, [child.pk])
    context = _about(request, child) | {"referrals": queries.referrals_of(request.viewer, child)}
    context["may_refer"] = may(request.viewer, Thing.REFERRAL, Action.EDIT, child.subject())
    return render(request, "referrals/list.html", context)


@needs(Thing.REFERRAL, Action.EDIT, shows_people=True)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.REFERRAL, Action.EDIT)
    form = _offering(request, child, ReferralForm(request.POST) if request.method == "POST" else ReferralForm.new())
    if not form.is_valid():
        return _show_form(request, child, form)
    given = form.asking(), form.cleaned_data["form"]
    if again := services.said_already(child, request.viewer, given[0]):
        made, at = again
        messages.success(request, told_again(at))
    else:
        made = services.draft(child, request.viewer, require_run(request), *given)
    return redirect("referrals:one", person_id=child.pk, number=made.number)


@needs(Thing.REFERRAL, Action.EDIT, shows_people=True)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.REFERRAL, Action.EDIT)
    found = queries.draft_to_change(request, child, number)
    said = ReferralForm.of(found, queries.content_of(found))
    form = _offering(request, child, ReferralForm(request.POST) if request.method == "POST" else said)
    if not form.is_valid():
        return _show_form(request, child, form, referral=found)
    try:
        given = form.asking(), form.cleaned_data["seen"]
        services.change(found, child, request.viewer, require_run(request), given[0], seen=given[1])
    except ChangedMeanwhile:
        if _again(found).state != Referral.State.DRAFT:
            return _show(request, child, found, problem=_late())
        typed = _offering(request, child, form.on_top_of(found))
        return _show_form(request, child, typed, referral=found, is_late=True)
    return redirect("referrals:one", person_id=child.pk, number=number)


@needs(Thing.REFERRAL, Action.VIEW, shows_people=True)
@require_safe
def referral(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.REFERRAL)
    return _show(request, child, queries.referral_of(request, child, number))


@needs(Thing.REFERRAL, Action.DECIDE, shows_people=True)
@require_POST
def send(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.REFERRAL, Action.DECIDE)
    found, form = queries.referral_of(request, child, number, Action.DECIDE), SendForm(request.POST)
    if not form.is_valid():
        return _show(request, child, found, status=422)
    try:
        looked_at = form.cleaned_data["print"]
        services.send(found, child, request.viewer, require_run(request), form.click(), looked_at)
    except (services.OtherContent, NotPossible, ChangedMeanwhile, NotNow) as error:
        return _show(request, child, _again(found), problem=_words(error))
    messages.success(request, _("The referral is sent, and what left is kept."))
    return redirect("referrals:one", person_id=child.pk, number=number)


@needs(Thing.REFERRAL, Action.EDIT, shows_people=True)
@require_POST
def move(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.REFERRAL, Action.EDIT)
    found, form = queries.referral_of(request, child, number, Action.EDIT), StepForm(request.POST)
    if not form.is_valid():
        return _show(request, child, found, step=form, status=422)
    try:
        services.move(found, child, request.viewer, form.click())
    except (ChangedMeanwhile, NotNow) as error:
        return _show(request, child, _again(found), problem=_words(error))
    messages.success(request, _("The step is recorded."))
    return redirect("referrals:one", person_id=child.pk, number=number)


@needs(Thing.REFERRAL, Action.REPLY, shows_people=True)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    found = queries.received_by(request.viewer)
    persons = list(dict.fromkeys(one.child_id for one in found))
    record_look(request, Thing.REFERRAL, persons, shown=len(found))
    return render(request, "referrals/mine.html", {"referrals": found})


@needs(Thing.REFERRAL, Action.REPLY, shows_people=True)
@require_safe
def received(request: HttpRequest, number: int) -> HttpResponse:
    if over := queries.ended(request.viewer, number):
        record_look(request, Thing.REFERRAL, [over.referral.child_id], number=number)
        return render(request, "referrals/ended.html", {"referral": over.referral, "step": over.step})
    return _show_received(request, queries.require_received(request, number))


@needs(Thing.REFERRAL, Action.REPLY, shows_people=True)
@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    found, form = queries.require_received(request, number), StepForm(request.POST)
    if not form.is_valid():
        return _show_received(request, found, step=form)
    try:
        services.answer(found, request.viewer, form.click())
    except (ChangedMeanwhile, NotNow, NotPossible) as error:
        return _show_received(request, _again(found), problem=_words(error))
    messages.success(request, _("The step is recorded."))
    is_over = found.state not in (Referral.State.SENT, Referral.State.ACCEPTED)
    return redirect("referrals:mine") if is_over else redirect("referrals:received", number=number)


@needs(Thing.REFERRAL, Action.REPLY, shows_people=True)
@require_POST
def reply(request: HttpRequest, number: int) -> HttpResponse:
    found, form = queries.require_received(request, number), ReplyForm(request.POST)
    if not form.is_valid():
        return _show_received(request, found, answering=form)
    services.write_back(found, request.viewer, form.cleaned_data["text"].strip(), form.cleaned_data["form"])
    messages.success(request, _("The answer is recorded; the sender reads it."))
    return redirect("referrals:received", number=number)


def _about(request: HttpRequest, child: Child) -> dict[str, Any]:
    return {"child": child, "who": who(request.viewer, child), "tabs": tabs_of(request.viewer, child)}


def _offering(request: HttpRequest, child: Child, form: ReferralForm) -> ReferralForm:
    run = require_run(request)
    people = queries.receivers(request.viewer, child)
    return form.offering(people, choices_for(request.viewer, child, run), run.words)


def _again(found: Referral) -> Referral:
    found.refresh_from_db()
    return found


def _late() -> str:
    return _("Somebody else has changed this referral in the meantime. The page shows what holds now.")


def _words(error: Exception) -> str:
    if isinstance(error, services.OtherContent):
        return _("The records have changed. Nothing was sent: please look at what would leave now, and send it again.")
    if isinstance(error, NotPossible):
        return refusal(error)
    if isinstance(error, NotNow) and error.why == "late":
        return _("The day for the answer has passed, so nothing was recorded.")
    return _late()


def _show_form(
    request: HttpRequest,
    child: Child,
    form: ReferralForm,
    *,
    referral: Referral | None = None,
    is_late: bool = False,
) -> HttpResponse:
    record_look(request, Thing.REFERRAL, [child.pk])
    context = _about(request, child) | {"form": form, "referral": referral, "is_late": is_late}
    return render(request, "referrals/form.html", context, status=409 if is_late else 422 if form.is_bound else 200)


def _show(
    request: HttpRequest,
    child: Child,
    found: Referral,
    *,
    step: StepForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    viewer, about = request.viewer, child.subject()
    content = queries.content_of(found)
    record_look(request, Thing.REFERRAL, [child.pk], number=found.pk)
    taken = steps_of(found)
    possible = [n for n in may_take(found, viewer, taken) if n in services.BY_SENDER]
    steps = [n for n in possible if may(viewer, Thing.REFERRAL, services.BY_SENDER[n], about)]
    is_draft = found.state == Referral.State.DRAFT
    may_send = is_draft and may(viewer, Thing.REFERRAL, Action.DECIDE, about)
    context = _about(request, child) | {"referral": found, "problem": problem, "steps": taken}
    context |= {"lines": queries.shown_lines(viewer, child, require_run(request), content), "content": content}
    context |= {"step": (step or StepForm.of(found)).offering(steps) if steps else None, "is_draft": is_draft}
    context |= {
        "sending": SendForm.of(found, content) if may_send else None,
        "replies": found.replies.select_related("by"),
    }
    context["warns_of_place"] = is_draft and looks_like_a_place(f"{content.asked}\n{content.wish}\n{found.purpose}")
    context["reads_note"] = queries.may_read_note(viewer, found, child)
    context["may_change"] = is_draft and context["reads_note"] and may(viewer, Thing.REFERRAL, Action.EDIT, about)
    return render(request, "referrals/one.html", context, status=409 if problem else status)


def _show_received(
    request: HttpRequest,
    found: Referral,
    *,
    step: StepForm | None = None,
    answering: ReplyForm | None = None,
    problem: str = "",
) -> HttpResponse:
    record_look(request, Thing.REFERRAL, [found.child_id], number=found.pk)
    steps = [n for n in may_take(found, request.viewer) if n in services.BY_RECIPIENT]
    context = {"referral": found, "lines": queries.content_of(found).lines, "problem": problem}
    context |= {"step": (step or StepForm.of(found)).offering(steps) if steps else None}
    context |= {"answering": answering or ReplyForm.new(), "replies": found.replies.select_related("by")}
    context["opens_child"] = found.grant is not None and found.grant.is_in_force
    status = 409 if problem else 422 if step or answering else 200
    return render(request, "referrals/received.html", context, status=status)
