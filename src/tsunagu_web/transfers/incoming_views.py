"""Pages of what other municipalities hand over: who it is for, what it says, and taking the child on or not."""

from __future__ import annotations

from typing import NoReturn

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tsunagu.errors import TsunaguError
from tsunagu.handover.store import Handover
from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.looks import record_look, record_refusal
from tsunagu_web.duties.services import NotPossible
from tsunagu_web.notes.kinds import KINDS, Refused, as_shown, kind_of
from tsunagu_web.transfers import arriving, queries
from tsunagu_web.transfers.forms import AcceptForm, DeclineForm, ReadersForm
from tsunagu_web.transfers.models import Received
from tsunagu_web.transfers.offices import Office, office
from tsunagu_web.transfers.words import receipt_words, standing, why_not

CANNOT = (NotPossible, TsunaguError)


@needs(Thing.TRANSFER, Action.REPLY, shows_people=True)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    found = office()
    came = [one for one in arriving.incoming(found, _me(request)) if arriving.shown_in_the_list(one)] if found else []
    sent = queries.under_way(request.viewer, found)
    made = queries.received_with(request.viewer, [one.id for one in came])
    persons = dict.fromkeys([one.transfer.child_id for one in sent] + [one.child_id for one in made.values()])
    record_look(request, Thing.TRANSFER, persons, shown=len(came) + len(sent))
    lines = [(one, _name(found, one), standing(one, _name(found, one)), made.get(one.id)) for one in came]
    return render(request, "transfers/mine.html", {"came": lines, "sent": sent, "is_set_up": found is not None})


@needs(Thing.TRANSFER, Action.REPLY, shows_people=True)
@require_safe
def arrived(request: HttpRequest, handover: str) -> HttpResponse:
    return _show(request, *_require(request, handover))


@needs(Thing.TRANSFER, Action.REPLY, shows_people=True)
@require_safe
def contents(request: HttpRequest, handover: str) -> HttpResponse:
    return _show_contents(request, *_require_reader(request, handover))


@needs(Thing.TRANSFER, Action.REPLY, shows_people=True)
@require_safe
def file(request: HttpRequest, handover: str, place: int) -> HttpResponse:
    found, one = _require_reader(request, handover)
    record_look(request, Thing.TRANSFER, handover=one.id, number=place)
    files = arriving.opened(found, one, _me(request)).files
    if not 0 < place <= len(files):
        raise Http404
    chosen = files[place - 1]
    try:
        kind = KINDS[kind_of(chosen.data).name]
    except Refused as error:  # what a file is, its bytes say
        raise Http404 from error
    response = HttpResponse(as_shown(kind, chosen.data), content_type=kind.content_type)
    name = chosen.name if chosen.name.lower().endswith(kind.suffix) else chosen.name + kind.suffix
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


@needs(Thing.TRANSFER, Action.REPLY, shows_people=True)
@require_POST
def readers(request: HttpRequest, handover: str) -> HttpResponse:
    found, one = _require_decider(request, handover)
    possible = arriving.possible_readers(one)
    form = ReadersForm(request.POST).offering(possible)
    if not form.is_valid():
        return _show(request, found, one, readers=form)
    chosen = [each for each in possible if each.pk in form.cleaned_data["readers"]]
    try:
        arriving.choose_readers(found, one, request.viewer, _me(request), chosen)
    except CANNOT as error:
        return _show(request, found, one, problem=why_not(error))
    messages.success(request, _("Who may open it is recorded."))
    return redirect("transfers:arrived", handover=handover)


@needs(Thing.TRANSFER, Action.REPLY, shows_people=True)
@require_POST
def accept(request: HttpRequest, handover: str) -> HttpResponse:
    found, one = _require_decider(request, handover)
    made = Received.objects.filter(handover=one.id).first()
    if made and not one.has_contents:
        return redirect("transfers:received", person_id=made.child_id, number=made.pk)
    if not arriving.may_open(one, _me(request)):
        return _show(request, found, one, problem=str(standing(one, "").words))
    form = _accepting(request, found, one, AcceptForm(request.POST))
    if not form.is_valid():
        return _show_contents(request, found, one, accepting=form)
    try:
        made = arriving.accept(found, one, request.viewer, _me(request), form.acceptance())
    except NotPossible as error:
        return _show_contents(request, found, one, accepting=form, problem=why_not(error))
    except TsunaguError as error:
        return _show(request, found, _again(request, handover), problem=why_not(error))
    messages.success(request, _("The child is taken on, and the case is open. The other municipality is told."))
    return redirect("transfers:received", person_id=made.child_id, number=made.pk)


@needs(Thing.TRANSFER, Action.REPLY, shows_people=True)
@require_POST
def decline(request: HttpRequest, handover: str) -> HttpResponse:
    found, one = _require_decider(request, handover)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _show(request, found, one, declining=form)
    try:
        arriving.decline(found, one, request.viewer, _me(request), form.cleaned_data["reason"])
    except CANNOT as error:
        return _show(request, found, _again(request, handover), problem=why_not(error))
    messages.success(request, _("It is recorded that the child is not taken on. The other municipality is told."))
    return redirect("transfers:mine")


def _me(request: HttpRequest) -> Staff:
    assert isinstance(request.user, Staff)
    return request.user


def _name(found: Office | None, one: Handover) -> str:
    return found.name_of(one.peer) if found else one.peer


def _require(request: HttpRequest, handover: str) -> tuple[Office, Handover]:
    """What came, where it is for this person; another's and none are answered alike, and recorded."""
    found = office()
    for one in arriving.incoming(found, _me(request)) if found else ():
        if one.id == handover:
            assert found is not None
            return found, one
    record_look(request, Thing.TRANSFER, found=0)
    raise Http404


def _require_decider(request: HttpRequest, handover: str) -> tuple[Office, Handover]:
    found, one = _require(request, handover)
    if not arriving.may_decide(one, _me(request)):
        _refuse(request)
    return found, one


def _require_reader(request: HttpRequest, handover: str) -> tuple[Office, Handover]:
    found, one = _require(request, handover)
    if not arriving.may_open(one, _me(request)):
        _refuse(request)
    return found, one


def _refuse(request: HttpRequest) -> NoReturn:
    record_refusal(request, Thing.TRANSFER, Action.REPLY)
    raise Http404


def _again(request: HttpRequest, handover: str) -> Handover:
    return _require(request, handover)[1]


def _accepting(request: HttpRequest, found: Office, one: Handover, form: AcceptForm) -> AcceptForm:
    """The form with its choices: who was born on the child's day, of those within this person's duty."""
    document = arriving.opened(found, one, _me(request)).document
    known = arriving.known_children(request.viewer, document.child)
    return form.offering(arriving.possible_leads(request.viewer), known)


def _show_contents(
    request: HttpRequest, found: Office, one: Handover, *, accepting: AcceptForm | None = None, problem: str = ""
) -> HttpResponse:
    is_rejected = accepting is not None
    if accepting is None and arriving.may_decide(one, _me(request)) and one.state in ("stored", "accepted"):
        accepting = _accepting(request, found, one, AcceptForm())
    record_look(request, Thing.TRANSFER, accepting.shown if accepting else [], handover=one.id)
    context = {"handover": one, "name": _name(found, one), "problem": problem, "accepting": accepting}
    context["document"] = arriving.opened(found, one, _me(request)).document
    status = 409 if problem else 422 if is_rejected else 200
    return render(request, "transfers/contents.html", context, status=status)


def _show(
    request: HttpRequest,
    found: Office,
    one: Handover,
    *,
    readers: ReadersForm | None = None,
    declining: DeclineForm | None = None,
    problem: str = "",
) -> HttpResponse:
    me, viewer = _me(request), request.viewer
    may_decide = arriving.may_decide(one, me)
    made = Received.objects.filter(handover=one.id).select_related("child").first()
    if made and not may(viewer, Thing.TRANSFER, about=made.child.subject()):
        made = None
    record_look(request, Thing.TRANSFER, [made.child_id] if made else [], handover=one.id)
    possible = arriving.possible_readers(one) if may_decide and one.state in ("receiving", "stored") else []
    context = {"handover": one, "name": _name(found, one), "standing": standing(one, _name(found, one))}
    context |= {"receipts": [(receipt_words(r), r.at) for r in one.receipts], "problem": problem, "received": made}
    context["may_open"] = arriving.may_open(one, me)
    context["readers_now"] = [each.name for each in possible if arriving.account_of(each) in one.readers]
    if possible:
        context["readers"] = (readers or ReadersForm()).offering(possible)
    if may_decide and one.state == "stored":
        context["declining"] = declining or DeclineForm()
    status = 409 if problem else 422 if readers or declining else 200
    return render(request, "transfers/arrived.html", context, status=status)
