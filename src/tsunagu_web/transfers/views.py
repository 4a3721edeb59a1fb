"""Pages of what goes to another municipality, and of what came with a child: read or write, then answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tsunagu.errors import SourceError, TsunaguError
from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.closing import NOTHING_OPEN, open_work
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.cases.queries import require_child
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.cases.who import who
from tsunagu_web.duties.services import NotPossible
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow, steps_of
from tsunagu_web.transfers import queries, services
from tsunagu_web.transfers.forms import SendForm, StepForm, TransferForm
from tsunagu_web.transfers.leaving import files_for, must_be_restricted, parts_for
from tsunagu_web.transfers.models import Transfer
from tsunagu_web.transfers.offices import Office, office
from tsunagu_web.transfers.words import why_not

CANNOT = (services.OtherContent, NotPossible, ChangedMeanwhile, NotNow, TsunaguError)


@needs(Thing.TRANSFER, Action.VIEW, shows_people=True)
@require_safe
def listed(request: HttpRequest, person_id: str) -> HttpResponse:
    child, found = require_child(request, person_id, Thing.TRANSFER), office()
    record_look(request, Thing.TRANSFER, [child.pk])
    context = _about(request, child) | {"transfers": queries.transfers_of(request.viewer, found, child)}
    context |= {"received": queries.received_of(request.viewer, child), "is_set_up": found is not None}
    may_write = found is not None and may(request.viewer, Thing.TRANSFER, Action.EDIT, child.subject())
    context["may_prepare"] = may_write and child.case is not None and child.case.stage in services.FROM
    return render(request, "transfers/list.html", context)


@needs(Thing.TRANSFER, Action.EDIT, shows_people=True)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, person_id: str) -> HttpResponse:
    child, found = require_child(request, person_id, Thing.TRANSFER, Action.EDIT), office()
    case = child.case
    if found is None or case is None or case.stage not in services.FROM:
        record_look(request, Thing.TRANSFER, [child.pk], action=Action.EDIT, found=0)
        return redirect("transfers:list", person_id=child.pk)  # which says why there is nothing to prepare
    form = _offering(request, child, found, TransferForm(request.POST or None, initial=TransferForm.new().initial))
    if not form.is_valid():
        return _show_form(request, child, form)
    try:
        made = services.draft(child, case, request.viewer, found, form.asking(), form.cleaned_data["form"])
    except SourceError as error:
        return _show_form(request, child, form, cannot=queries.cannot_be_read(error))
    except NotNow as error:
        return _show_form(request, child, form, problem=why_not(error))
    return redirect("transfers:one", person_id=child.pk, number=made.number)


@needs(Thing.TRANSFER, Action.EDIT, shows_people=True)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child, found = require_child(request, person_id, Thing.TRANSFER, Action.EDIT), _set_up()
    one = queries.require_transfer(request, child, number, Action.EDIT)
    said = TransferForm.of(one, queries.content_of(one))
    form = _offering(request, child, found, TransferForm(request.POST) if request.method == "POST" else said)
    if not form.is_valid():
        return _show_form(request, child, form, transfer=one)
    try:
        services.change(one, child, request.viewer, found, form.asking(), seen=form.cleaned_data["seen"])
    except SourceError as error:
        return _show_form(request, child, form, transfer=one, cannot=queries.cannot_be_read(error))
    except ChangedMeanwhile as error:
        if _again(one).state != Transfer.State.DRAFT:
            return _show(request, child, one, problem=why_not(error))
        typed = _offering(request, child, found, form.on_top_of(one))
        return _show_form(request, child, typed, transfer=one, problem=_typed_stands())
    return redirect("transfers:one", person_id=child.pk, number=number)


@needs(Thing.TRANSFER, Action.VIEW, shows_people=True)
@require_safe
def transfer(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.TRANSFER)
    return _show(request, child, queries.require_transfer(request, child, number))


@needs(Thing.TRANSFER, Action.APPROVE, shows_people=True)
@require_POST
def send(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.TRANSFER, Action.APPROVE)
    one, form = queries.require_transfer(request, child, number, Action.APPROVE), SendForm(request.POST)
    if not form.is_valid():
        return _show(request, child, one, status=422)
    try:
        services.send(one, child, request.viewer, _set_up(), form.click(), form.cleaned_data["print"])
    except CANNOT as error:
        return _show(request, child, _again(one), problem=why_not(error))
    messages.success(request, _("The hand-over is on its way. This office stays responsible until it is accepted."))
    return redirect("transfers:one", person_id=child.pk, number=number)


@needs(Thing.TRANSFER, Action.DECIDE, shows_people=True)
@require_POST
def move(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.TRANSFER, Action.DECIDE)
    one, form = queries.require_transfer(request, child, number, Action.DECIDE), StepForm(request.POST)
    if not form.is_valid():
        return _show(request, child, one, step=form, status=422)
    try:
        services.move(one, child, request.viewer, _set_up(), form.click())
    except CANNOT as error:
        return _show(request, child, _again(one), problem=why_not(error))
    messages.success(request, _("The step is recorded."))
    if form.cleaned_data["step"] == "close_handed_over":
        return redirect("transfers:mine")  # the child is no longer its lead worker's to open
    return redirect("transfers:one", person_id=child.pk, number=number)


@needs(Thing.TRANSFER, Action.VIEW, shows_people=True)
@require_safe
def received(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.TRANSFER)
    one = queries.require_received(request, child, number)
    record_look(request, Thing.TRANSFER, [child.pk], number=one.pk)
    context = _about(request, child) | {"received": one, "document": one.document}
    return render(request, "transfers/received.html", context)


def _set_up() -> Office:
    found = office()
    if found is None:
        raise Http404
    return found


def _about(request: HttpRequest, child: Child) -> dict[str, Any]:
    return {"child": child, "who": who(request.viewer, child), "tabs": tabs_of(request.viewer, child)}


def _offering(request: HttpRequest, child: Child, found: Office, form: TransferForm) -> TransferForm:
    viewer = request.viewer
    hidden = must_be_restricted(viewer, child)
    return form.offering(found, parts_for(viewer, child), files_for(viewer, child), must_be_restricted=hidden)


def _again(one: Transfer) -> Transfer:
    one.refresh_from_db()
    return one


def _typed_stands() -> str:
    return _(
        "Somebody else has changed this draft in the meantime. What you typed stands below, and is not recorded yet."
    )


def _show_form(
    request: HttpRequest,
    child: Child,
    form: TransferForm,
    *,
    transfer: Transfer | None = None,
    problem: str = "",
    cannot: str = "",
) -> HttpResponse:
    record_look(request, Thing.TRANSFER, [child.pk])
    context = _about(request, child) | {"form": form, "transfer": transfer, "problem": problem, "cannot": cannot}
    status = 409 if problem else 422 if form.is_bound else 200
    return render(request, "transfers/form.html", context, status=status)


def _show(
    request: HttpRequest,
    child: Child,
    one: Transfer,
    *,
    step: StepForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    record_look(request, Thing.TRANSFER, [child.pk], number=one.pk)
    viewer, about, found = request.viewer, child.subject(), office()
    content, outgoing = queries.content_of(one), queries.as_outgoing(found, one)
    may_decide = found is not None and may(viewer, Thing.TRANSFER, Action.DECIDE, about)
    steps = services.may_follow(one, outgoing.there) if may_decide else ()
    is_draft = one.state == Transfer.State.DRAFT
    is_second = is_draft and may(viewer, Thing.TRANSFER, Action.APPROVE, about) and content.by_id != viewer.staff_id
    work = open_work(Case.objects.get(pk=one.case_id)) if "close_handed_over" in steps else NOTHING_OPEN
    context = _about(request, child) | {"transfer": one, "content": content, "document": content.document}
    context |= {"there": outgoing.there, "standing": outgoing.standing, "problem": problem, "is_draft": is_draft}
    context |= {"left": outgoing.left, "taken": outgoing.taken}
    context |= {"step": (step or StepForm.of(one)).offering(steps, work.print) if steps else None, "ends": work.counts}
    context |= {"sending": SendForm.of(one, content) if is_second and found else None, "steps": steps_of(one)}
    context["may_change"] = is_draft and found is not None and may(viewer, Thing.TRANSFER, Action.EDIT, about)
    return render(request, "transfers/one.html", context, status=409 if problem else status)
