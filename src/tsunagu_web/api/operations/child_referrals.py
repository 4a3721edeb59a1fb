"""Referrals of a child: prepared, looked at, sent exactly so, and moved on by the sender's side."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from ninja import Router

from tsunagu_web.access.policy import needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.api.acts import accepted, as_it_stands, receipt
from tsunagu_web.api.answers import referrals as answers
from tsunagu_web.api.reached import about_a_child, reached_child
from tsunagu_web.api.shapes.parts import Number, PersonId, Receipt
from tsunagu_web.api.shapes.referrals import (
    Choices,
    NewReferral,
    Referral,
    ReferralChange,
    ReferralsOfChild,
    ReferralStep,
    ReferralText,
    Sending,
)
from tsunagu_web.cases.queries import require_run
from tsunagu_web.referrals import models, queries, services
from tsunagu_web.referrals.forms import ReferralForm, SendForm, StepForm
from tsunagu_web.referrals.leaving import choices_for

router = Router(tags=["referrals of a child"])
OF_CHILD = "/children/{person:person_id}/referrals/"


@router.get(OF_CHILD, response=ReferralsOfChild, exclude_unset=True, summary="A child's referrals")
@about_a_child
@needs(Thing.REFERRAL, Action.VIEW, shows_people=True)
def referrals(request: HttpRequest, person_id: PersonId) -> dict[str, Any]:
    """Newest first."""
    child = reached_child(request)
    return answers.of_referrals(request.viewer, child, queries.referrals_of(request.viewer, child))


@router.get(OF_CHILD + "choices/", response=Choices, summary="Whom and what a referral can name")
@about_a_child
@needs(Thing.REFERRAL, Action.EDIT, shows_people=True)
def referral_choices(request: HttpRequest, person_id: PersonId) -> dict[str, Any]:
    """What the sender may see of this child; whether it may go to a recipient's role is checked with the draft."""
    return answers.of_choices(request.viewer, reached_child(request), require_run(request))


@router.post(OF_CHILD + "new/", response=Receipt, summary="Prepare a referral")
@about_a_child
@needs(Thing.REFERRAL, Action.EDIT, shows_people=True)
def referral_new(request: HttpRequest, person_id: PersonId, given: NewReferral) -> dict[str, Any]:
    """Makes a draft and what would leave with it; nothing leaves."""
    child, run = reached_child(request), require_run(request)
    form = _form(request, given, seen=0, mark=given.form)
    made = services.draft(child, request.viewer, run, form.asking(), given.form)
    return _receipt(made)


@router.get(OF_CHILD + "{int:number}/", response=Referral, exclude_unset=True, summary="One referral, and what leaves")
@about_a_child
@needs(Thing.REFERRAL, Action.VIEW, shows_people=True)
def referral(request: HttpRequest, person_id: PersonId, number: Number) -> dict[str, Any]:
    """What would leave or left, line by line. Sending names the print that stands here: nothing leaves unseen."""
    child = reached_child(request)
    found = queries.referral_of(request, child, number)
    return answers.of_referral(request.viewer, child, require_run(request), found)


@router.post(OF_CHILD + "{int:number}/edit/", response=Receipt, summary="Write a draft anew")
@about_a_child
@needs(Thing.REFERRAL, Action.EDIT, shows_people=True)
def referral_edit(request: HttpRequest, person_id: PersonId, number: Number, given: ReferralChange) -> dict[str, Any]:
    """The whole draft; what was prepared before is kept."""
    child, run = reached_child(request), require_run(request)
    found = queries.draft_to_change(request, child, number)
    form = _form(request, given, seen=given.seen, mark=uuid.uuid4())
    with as_it_stands(found):
        services.change(found, child, request.viewer, run, form.asking(), seen=given.seen)
    return _receipt(found)


@router.post(OF_CHILD + "{int:number}/send/", response=Receipt, summary="Send exactly what was looked at")
@about_a_child
@needs(Thing.REFERRAL, Action.DECIDE, shows_people=True)
def referral_send(request: HttpRequest, person_id: PersonId, number: Number, given: Sending) -> dict[str, Any]:
    """Where one byte differs by now nothing leaves: 409 `other_content`, and reading it again shows the new lines."""
    child, run = reached_child(request), require_run(request)
    found = queries.referral_of(request, child, number, Action.DECIDE)
    form = accepted(SendForm(given.model_dump(mode="json")))
    with as_it_stands(found):
        step = services.send(found, child, request.viewer, run, form.click(), given.print)
    return receipt(found.number, step)


@router.post(OF_CHILD + "{int:number}/step/", response=Receipt, summary="Move a referral on")
@about_a_child
@needs(Thing.REFERRAL, Action.EDIT, shows_people=True)
def referral_step(request: HttpRequest, person_id: PersonId, number: Number, given: ReferralStep) -> dict[str, Any]:
    """Discard the draft, take it back, report it done, break the work off; each with its reason."""
    child = reached_child(request)
    found = queries.referral_of(request, child, number, Action.EDIT)
    form = accepted(StepForm(given.model_dump(mode="json")))
    with as_it_stands(found):
        return receipt(found.number, services.move(found, child, request.viewer, form.click()))


def _form(request: HttpRequest, given: ReferralText, *, seen: int, mark: uuid.UUID) -> ReferralForm:
    """The page's form, offering what the page offers."""
    child, run = reached_child(request), require_run(request)
    said = given.model_dump(mode="json") | {"seen": seen, "form": str(mark)}
    form = ReferralForm(said | {"fields_chosen": said["fields"]})
    people, choices = queries.receivers(request.viewer, child), choices_for(request.viewer, child, run)
    return accepted(form.offering(people, choices, run.words))


def _receipt(found: models.Referral) -> dict[str, Any]:
    return {"number": found.number, "state": found.state, "revision": found.revision}
