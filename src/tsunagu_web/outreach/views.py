"""Pages of contacts, sight and re-assessment: read or write through services and queries, then answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tsunagu_web.access.policy import needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.queries import require_child, require_open_case
from tsunagu_web.cases.who import who
from tsunagu_web.outreach import attempts, clock, queries, sights
from tsunagu_web.outreach.forms import ContactForm, OutcomeForm, RuleForm, SightForm, StartForm, TakeBackForm
from tsunagu_web.outreach.models import Contact, Reassessment
from tsunagu_web.outreach.pages import show_reassessment, show_record, show_sight
from tsunagu_web.steps.once import told_again
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow


@needs(Thing.OUTREACH, Action.VIEW, shows_people=True)
@require_safe
def record(request: HttpRequest, person_id: str) -> HttpResponse:
    return show_record(request, require_child(request, person_id, Thing.OUTREACH))


@needs(Thing.OUTREACH, Action.EDIT, shows_people=True)
@require_POST
def contact(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.OUTREACH, Action.EDIT)
    form = ContactForm(request.POST).by(list(attempts.rules_of(child)))
    if not form.is_valid():
        return show_record(request, child, contact=form)
    if again := attempts.said_already(child, request.viewer, form.attempt()):
        messages.success(request, told_again(again.entered_at))
        return redirect("outreach:record", person_id=child.pk)
    try:
        attempts.write_contact(child, request.viewer, form.attempt())
    except attempts.NotThisWay as error:
        return show_record(request, child, contact=form.refused(error))
    messages.success(request, _("The contact is recorded."))
    return redirect("outreach:record", person_id=child.pk)


@needs(Thing.OUTREACH, Action.EDIT, shows_people=True)
@require_POST
def rule(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.OUTREACH, Action.EDIT)
    form = RuleForm(request.POST)
    if not form.is_valid():
        return show_record(request, child, rule=form)
    given = form.cleaned_data
    try:
        attempts.write_rule(child, request.viewer, form.said(), seen=given["seen"], form=given["form"])
    except ChangedMeanwhile:
        return show_record(request, child, rule=form.on_top_of(attempts.rule_of(child)), is_late=True)
    messages.success(request, _("How the family may be contacted is recorded."))
    return redirect("outreach:record", person_id=child.pk)


@needs(Thing.OUTREACH, Action.EDIT, shows_people=True)
@require_POST
def take_contact_back(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.OUTREACH, Action.EDIT)
    taken, form = queries.require_of(child, Contact, number), TakeBackForm(request.POST)
    if not form.is_valid():
        return show_record(request, child, mistaken=(number, form))
    attempts.take_back(child, request.viewer, form.cleaned_data["reason"], contact=taken)
    messages.success(request, _("The entry is taken back. It stays readable and counts no more."))
    return redirect("outreach:record", person_id=child.pk)


@needs(Thing.SIGHT, Action.EDIT, shows_people=True)
@require_safe
def sight(request: HttpRequest, person_id: str) -> HttpResponse:
    return show_sight(request, require_child(request, person_id, Thing.SIGHT, Action.EDIT))


@needs(Thing.SIGHT, Action.EDIT, shows_people=True)
@require_POST
def confirm(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.SIGHT, Action.EDIT)
    form = SightForm(request.POST)
    if not form.is_valid():
        return show_sight(request, child, form=form)
    if again := sights.said_already(child, request.viewer, form.seen()):
        messages.success(request, told_again(again.at))
    else:
        sights.confirm(child, request.viewer, form.seen())
        messages.success(request, _("It is recorded that the child was seen."))
    return redirect("outreach:sight", person_id=child.pk)


@needs(Thing.SIGHT, Action.EDIT, shows_people=True)
@require_POST
def take_sight_back(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.SIGHT, Action.EDIT)
    taken, form = queries.require_sight(request.viewer, child, number), TakeBackForm(request.POST)
    if not form.is_valid():
        return show_sight(request, child, mistaken=(number, form))
    attempts.take_back(child, request.viewer, form.cleaned_data["reason"], sight=taken)
    messages.success(request, _("The entry is taken back. It stays readable and counts no more."))
    return redirect("outreach:sight", person_id=child.pk)


@needs(Thing.SIGHT, Action.VIEW, shows_people=True)
@require_safe
def unseen(request: HttpRequest) -> HttpResponse:
    of_team = request.GET.get("whose") == "team"
    page = queries.unseen(request.viewer, mine=not of_team, page=request.GET.get("page", "1"))
    record_look(request, Thing.SIGHT, [child.pk for child in page], shown=len(page))
    rows = [(queries.as_unseen(child), who(request.viewer, child)) for child in page]
    return render(request, "outreach/unseen.html", {"page": page, "rows": rows, "of_team": of_team})


@needs(Thing.REASSESSMENT, Action.VIEW, shows_people=True)
@require_safe
def due(request: HttpRequest) -> HttpResponse:
    page = queries.due(request.viewer, request.GET.get("page", "1"))
    record_look(request, Thing.REASSESSMENT, [row.child_id for row in page], shown=len(page))
    rows = [(row, who(request.viewer, row.child)) for row in page]
    return render(request, "outreach/due.html", {"page": page, "rows": rows, "today": timezone.localdate()})


@needs(Thing.REASSESSMENT, Action.EDIT, shows_people=True)
@require_POST
def start(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.REASSESSMENT, Action.EDIT)
    case, form = require_open_case(child), StartForm(request.POST)
    if not form.is_valid():
        return show_record(request, child, start=form)
    try:
        row = clock.start_by_person(child, case, request.viewer, **form.cleaned_data)
    except ChangedMeanwhile:
        return show_record(request, child, start=form, is_late=True)
    messages.success(request, _("The re-assessment has begun."))
    return redirect("outreach:reassessment", person_id=child.pk, number=row.pk)


@needs(Thing.REASSESSMENT, Action.VIEW, shows_people=True)
@require_safe
def reassessment(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.REASSESSMENT)
    return show_reassessment(request, child, queries.require_of(child, Reassessment, number))


@needs(Thing.REASSESSMENT, Action.DECIDE, shows_people=True)
@require_POST
def decide(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.REASSESSMENT, Action.DECIDE)
    row, form = queries.require_of(child, Reassessment, number), OutcomeForm(request.POST)
    if not form.is_valid():
        return show_reassessment(request, child, row, form=form)
    try:
        clock.decide(row, request.viewer, **form.decided())
    except (ChangedMeanwhile, NotNow):
        row.refresh_from_db()
        return show_reassessment(request, child, row, form=form.on_top_of(row), is_late=True)
    messages.success(request, _("Your decision is recorded."))
    return redirect("outreach:reassessment", person_id=child.pk, number=row.pk)
