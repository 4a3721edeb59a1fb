"""The pages of one child in this room: the look is recorded, then everything the template shows is read."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.cases.voices import voices_of
from tsunagu_web.cases.who import who
from tsunagu_web.outreach import attempts, clock, queries
from tsunagu_web.outreach.fact_words import fact_words, unclear_words
from tsunagu_web.outreach.forms import ContactForm, OutcomeForm, RuleForm, SightForm, StartForm, TakeBackForm
from tsunagu_web.outreach.models import Reassessment
from tsunagu_web.outreach.situations import unclear_of
from tsunagu_web.steps.services import steps_of

# The number of the entry that was to be taken back, with the form that says why.
Mistaken = tuple[int, TakeBackForm]


def show_record(
    request: HttpRequest,
    child: Child,
    *,
    contact: ContactForm | None = None,
    rule: RuleForm | None = None,
    start: StartForm | None = None,
    mistaken: Mistaken | None = None,
    is_late: bool = False,
) -> HttpResponse:
    """Rules of contact, contacts, sight confirmations and the clock, each as far as the viewer may see it."""
    viewer, about = request.viewer, child.subject()
    record_look(request, Thing.OUTREACH, [child.pk])
    in_force, edits = attempts.rule_of(child), may(viewer, Thing.OUTREACH, Action.EDIT, about)
    sees_sight, sees_clock = may(viewer, Thing.SIGHT, about=about), may(viewer, Thing.REASSESSMENT, about=about)
    contacts = queries.contacts_of(child) if may(viewer, Thing.OUTREACH, about=about) else []
    standing = [c for c in reversed(contacts) if not hasattr(c, "taken_back")]
    numbers, seen = attempts.attempt_numbers(standing), queries.sights_of(child) if sees_sight else []
    case = queries.open_case(child)
    starts = case is not None and may(viewer, Thing.REASSESSMENT, Action.EDIT, about)
    context = _context(request, child) | {
        "rule": in_force,
        "contacts": [(c, numbers.get(c.pk)) for c in contacts],
        "contact_form": (contact or ContactForm.new()) if edits else None,
        "rule_form": (rule or RuleForm.of(in_force)) if edits else None,
        "mistaken": mistaken,
        "sees_sight": sees_sight,
        "sights": seen,
        "last_sight": queries.last_sight(seen),
        "interval": clock.rules().sight_days[case.kind] if case else None,
        "may_confirm": may(viewer, Thing.SIGHT, Action.EDIT, about),
        "sees_clock": sees_clock,
        "reassessments": queries.reassessments_of(child) if sees_clock else [],
        "unclear": unclear_words(unclear_of(child)) if sees_clock and case else [],
        "start_form": (start or StartForm.new()) if starts else None,
        "is_late": is_late,
    }
    is_wrong = contact or rule or start or mistaken
    return render(request, "outreach/record.html", context, status=409 if is_late else 422 if is_wrong else 200)


def show_sight(
    request: HttpRequest, child: Child, *, form: SightForm | None = None, mistaken: Mistaken | None = None
) -> HttpResponse:
    """The form of a sight confirmation, and what is recorded; a school reads of it only what it wrote itself."""
    viewer = request.viewer
    record_look(request, Thing.SIGHT, [child.pk])
    sees_all = may(viewer, Thing.SIGHT, about=child.subject())
    context = _context(request, child) | {
        "form": form or SightForm.new(),
        "sights": queries.sights_of(child, by=None if sees_all else viewer.staff_id),
        "sees_all": sees_all,
        "mistaken": mistaken,
    }
    return render(request, "outreach/sight.html", context, status=422 if form or mistaken else 200)


def show_reassessment(
    request: HttpRequest, child: Child, row: Reassessment, *, form: OutcomeForm | None = None, is_late: bool = False
) -> HttpResponse:
    """What started the clock, its steps, and the form that ends it."""
    record_look(request, Thing.REASSESSMENT, [child.pk], number=row.pk)
    is_due = row.state == Reassessment.State.DUE
    decides = is_due and may(request.viewer, Thing.REASSESSMENT, Action.DECIDE, child.subject())
    taken = steps_of(row)
    decided = [step for step in taken if step.move == "decide"]
    context = _context(request, child) | {
        "voices": voices_of(request.viewer, Thing.REASSESSMENT, child, decided),
        "row": row,
        "facts": [(fact, fact_words(fact)) for fact in row.facts.all()],
        "steps": taken,
        "form": (form or OutcomeForm.of(row)) if decides else None,
        "is_late": is_late,
    }
    return render(request, "outreach/reassessment.html", context, status=409 if is_late else 422 if form else 200)


def _context(request: HttpRequest, child: Child) -> dict[str, Any]:
    viewer = request.viewer
    return {
        "child": child,
        "who": who(viewer, child),
        "tabs": tabs_of(viewer, child),
        "today": timezone.localdate(),
    }
