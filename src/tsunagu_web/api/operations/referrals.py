"""Referrals for whoever was asked: what was sent to them, and their answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from tsunagu_web.access.policy import needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.api.acts import accepted, as_it_stands, receipt
from tsunagu_web.api.answers import referrals as answers
from tsunagu_web.api.reached import about_what_was_sent, about_what_was_sent_or_ended, is_over, received
from tsunagu_web.api.shapes.parts import Number, Receipt
from tsunagu_web.api.shapes.referrals import EndedReferral, NewReply, ReceivedReferral, ReceivedReferrals, ReferralStep
from tsunagu_web.audit.looks import record_look
from tsunagu_web.referrals import queries, services
from tsunagu_web.referrals.forms import ReplyForm, StepForm

router = Router(tags=["referrals to me"])


@router.get("/referrals/", response=ReceivedReferrals, summary="Referrals to me")
@needs(Thing.REFERRAL, Action.REPLY, shows_people=True)
def referrals_to_me(request: HttpRequest) -> dict[str, Any]:
    """What waits for an answer or is under way, the nearest answer first; without a name of a child."""
    found = queries.received_by(request.viewer)
    persons = list(dict.fromkeys(one.child_id for one in found))
    record_look(request, Thing.REFERRAL, persons, shown=len(found), form="json")
    return answers.of_received(found)


@router.get(
    "/referrals/{int:number}/",
    response=ReceivedReferral | EndedReferral,
    exclude_unset=True,
    summary="One that was sent to me",
)
@about_what_was_sent_or_ended
@needs(Thing.REFERRAL, Action.REPLY, shows_people=True)
def referral_to_me(request: HttpRequest, number: Number) -> dict[str, Any]:
    """What was sent, word for word, and all of it; of one taken on that somebody else ended, only that it is over."""
    if over := is_over(request):
        return answers.of_one_ended(over)
    return answers.of_one_received(request.viewer, received(request))


@router.post("/referrals/{int:number}/step/", response=Receipt, summary="Accept, decline, report done")
@about_what_was_sent
@needs(Thing.REFERRAL, Action.REPLY, shows_people=True)
def referral_answer(request: HttpRequest, number: Number, given: ReferralStep) -> dict[str, Any]:
    """Accepting opens the child as the table says for the role, until the day that the sender set."""
    found = received(request)
    form = accepted(StepForm(given.model_dump(mode="json")))
    with as_it_stands(found):
        return receipt(found.pk, services.answer(found, request.viewer, form.click()))


@router.post("/referrals/{int:number}/reply/", response=Receipt, summary="Write back")
@about_what_was_sent
@needs(Thing.REFERRAL, Action.REPLY, shows_people=True)
def referral_reply(request: HttpRequest, number: Number, given: NewReply) -> dict[str, Any]:
    """A reply in words, kept for good; the number is the reply's."""
    found = received(request)
    said = accepted(ReplyForm(given.model_dump(mode="json"))).cleaned_data
    reply = services.write_back(found, request.viewer, said["text"].strip(), said["form"])
    return {"number": reply.number, "state": found.state, "revision": found.revision}
