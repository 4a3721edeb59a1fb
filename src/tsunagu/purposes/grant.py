"""Whether a request may be answered, by the holder's own copy of the agreement; and what of it, which is never more.

Nothing that a request says is taken for granted: each field is held against the copy, and the answer is of what both
name. The same question again in a period has the same answer, until the holder has corrected what it is computed of;
another question in the same period has none, so that no two answers can be held against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tsunagu.purposes.agreement import Cohort, SharingAgreement, Wanted
from tsunagu.purposes.request import Asked, DataRequest
from tsunagu.purposes.tokens import period_of

#: Answers of one agreement in one period: the first, those to others by name, and those after corrections.
MOST_ANSWERS = 6
#: Code of a refusal -> what is told. Codes stand in the log of both ends.
REFUSALS = {
    "no_agreement": "there is no such agreement here",
    "another_version": "the agreement is held here in another version",
    "not_in_force": "the agreement does not hold today, or is not signed by both sides",
    "another_party": "the request names other sides than the agreement, or another side sent it",
    "another_purpose": "the agreement is for another purpose",
    "another_granularity": "the agreement is for another granularity",
    "nothing_agreed": "nothing that was asked for is agreed in this version and definition",
    "nobody_agreed": "none of those who were asked about are agreed",
    "another_day": "the day is not one of the running period, or lies ahead",
    "already_answered": "this period has been answered, to another question",
    "answered_often": "this period has been answered as often as one is answered",
    "no_key": "the holder has no key for the tokens of this agreement",
    "unknown_definition": "the holder computes by another definition than the one agreed",
    "too_many_rows": "the answer would have more rows than agreed",
    "too_few_children": "the answer would be about fewer children than the smallest count agreed",
    "not_brought_in": "no extracts of this period have been brought in for that day",
    "not_linked_yet": "the records have not been linked in this period",
    "names_nobody": "the agreement is about persons whom the request names, and it names none",
    "names_somebody": "the agreement is about nobody by name, and the request names somebody",
    "of_no_run": "the holder has answered nothing for that day by which those who are named could have been noticed",
    "too_many_named": "more persons are named than agreed for one period",
    "too_near_another": "with another answer, a few children could be told apart",
    "protection_not_known": "who is protected is not known to this holder, and the agreement asks it to leave them out",
    "outside_the_bands": "a value lies outside the agreed bands",
    "not_witnessed": "the holder's log has not been countersigned by enough peers for seven days",
    "log_differs": "the rows of the holder's log are not those of its signed heads",
}


@dataclass(frozen=True)
class Refusal:
    """code: one of REFUSALS. counts: what the log of the holder says of it besides; the other side is not told."""

    code: str
    counts: Mapping[str, int] = field(default_factory=dict, compare=False)

    @property
    def what(self) -> str:
        return REFUSALS[self.code]


@dataclass(frozen=True)
class Grant:
    """What may be answered: what the copy and the request both name.

    attempt   which answer of the period it is to be, from 1
    basis     hash of what it is computed of: the same question is answered anew where that has changed
    named     tokens of those whom the answer may be about, where the agreement is about named persons; else none
    left_out  ids that were asked for and are not agreed; they are told, so that nobody takes silence for an answer
    """

    agreement: SharingAgreement
    question: str
    wanted: tuple[Wanted, ...]
    cohort: Cohort
    on: date
    period: str
    left_out: tuple[str, ...]
    named: frozenset[bytes] = frozenset()
    attempt: int = 1
    basis: str = ""


def grant(
    request: DataRequest,
    copy: SharingAgreement | None,
    *,
    sent_by: str,
    today: date,
    is_relied_on: bool,
    definitions: Mapping[tuple[str, str], str],
    answered: Mapping[str, str],
) -> Grant | Refusal:
    """What of a request may be answered.

    copy          the holder's own copy of the agreement that the request names; None where it has none
    sent_by       the organisation whose signature the message carries
    is_relied_on  whether both have signed it and it holds today (signatures.findings)
    definitions   (id, version) -> hash of what the holder computes or holds under it
    answered      period -> question that was answered in it, under this agreement
    """
    code = _party(request, copy, sent_by, is_relied_on=is_relied_on)
    if code or copy is None:
        return Refusal(code or "no_agreement")
    asked = {one.id: one for one in request.wanted}
    wanted = tuple(one for one in copy.wanted if one.id in asked and _is_same(one, asked[one.id]))
    cohort = Cohort(max(copy.cohort.age_from, request.cohort.age_from), min(copy.cohort.age_to, request.cohort.age_to))
    period = period_of(request.on, copy.cadence)
    if not wanted:
        return Refusal("nothing_agreed")
    if cohort.age_from > cohort.age_to:
        return Refusal("nobody_agreed")
    if request.on > today or not copy.holds_on(request.on) or period != period_of(today, copy.cadence):
        return Refusal("another_day")
    if any(definitions.get((one.id, one.version)) != one.sha256 for one in wanted):
        return Refusal("unknown_definition")
    # Of whom a request names, others may be named later: what is counted is how often, and how many rows in all.
    if copy.about == "cohort" and answered.get(period, request.question) != request.question:
        return Refusal("already_answered")
    named = {one.id for one in wanted}
    left_out = tuple(one.id for one in request.wanted if one.id not in named)
    return Grant(copy, request.question, wanted, cohort, request.on, period, left_out, frozenset(request.named))


def _party(request: DataRequest, copy: SharingAgreement | None, sent_by: str, *, is_relied_on: bool) -> str:
    """The code of a refusal by who asks for what, empty where there is none."""
    if copy is None or request.agreement != copy.id or copy.requester != sent_by:
        # Who is no side of an agreement is not told whether it exists.
        return "no_agreement"
    if (request.requester, request.holder) != (copy.requester, copy.holder):
        return "another_party"
    if request.agreement_sha256 != copy.hash:
        return "another_version"
    if not is_relied_on:
        return "not_in_force"
    if request.purpose != copy.purpose:
        return "another_purpose"
    if request.granularity != copy.granularity:
        return "another_granularity"
    if copy.about == "named":
        return "" if request.named else "names_nobody"
    return "names_somebody" if request.named else ""


def _is_same(agreed: Wanted, asked: Asked) -> bool:
    return (agreed.id, agreed.version, agreed.sha256) == (asked.id, asked.version, asked.sha256)
