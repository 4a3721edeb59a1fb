"""How a hand-over stands, in plain words: what is so, until when, who is responsible, and why something cannot be."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu.errors import TsunaguError
from tsunagu.handover.receipts import Receipt
from tsunagu.handover.store import Clock, Handover
from tsunagu_web.cases.closing import Stopped
from tsunagu_web.duties.services import NotPossible
from tsunagu_web.steps.services import NotNow
from tsunagu_web.transfers.services import OtherContent

Words = str | Promise

OUT: dict[str, Words] = {
    "queued": gettext_lazy("Not received yet: waits to be carried there"),
    "offered": gettext_lazy("Not received yet"),
    "stored": gettext_lazy("Arrived there; nobody has accepted it yet"),
    "withdrawing": gettext_lazy("Being withdrawn: the other municipality has not confirmed it yet"),
    "accepted": gettext_lazy("Accepted there"),
    "sealed": gettext_lazy("Accepted there"),
    "declined": gettext_lazy("Not accepted there"),
    "expired": gettext_lazy("Ended without an answer"),
    "withdrawn": gettext_lazy("Withdrawn"),
}
IN: dict[str, Words] = {
    "receiving": gettext_lazy("Has not arrived as a whole yet"),
    "stored": gettext_lazy("Waits for somebody to accept it"),
    "accepted": gettext_lazy("Accepted; its case is still to be made"),
    "sealed": gettext_lazy("Accepted; the case is at this desk"),
    "declined": gettext_lazy("Not accepted"),
    "expired": gettext_lazy("Ended without an answer"),
    "withdrawn": gettext_lazy("Withdrawn by the sender"),
}
REASONS: dict[str, Words] = {
    "not_resident": gettext_lazy("The child is not registered with us"),
    "wrong_office": gettext_lazy("Another office is in charge"),
    "already_with_us": gettext_lazy("We look after the child already"),
    "incomplete": gettext_lazy("Something that is needed is missing"),
    "not_agreed": gettext_lazy("To be talked over first"),
    "unreadable": gettext_lazy("What came could not be read"),
}
_NOT_NOW: dict[str, Words] = {
    "no_step": gettext_lazy("This step is not possible from where the hand-over stands. Nothing was written."),
    "no_reason": gettext_lazy("Say why. Nothing was written yet."),
    "same_person": gettext_lazy("A second person sends it: somebody other than whoever prepared it."),
    "another": gettext_lazy("This case is being handed over already."),
}
_NOT_POSSIBLE: dict[str, Words] = {
    "must_be_restricted": gettext_lazy(
        "The address of this child cannot be shown here now. Choose a restricted hand-over."
    ),
    "another_there": gettext_lazy("An earlier try is still under way. Discard this draft, and prepare it anew."),
    "taken_there": gettext_lazy(
        "What an earlier try sent is accepted there, and is not this. Talk with them, and discard this draft."
    ),
    "file_refused": gettext_lazy("One of the files cannot be kept here. Nothing was accepted; talk with the sender."),
    "no_lead": gettext_lazy("This person cannot lead a case of this team now. Nothing was accepted; choose another."),
    "no_child": gettext_lazy("This child is not within your duty. Nothing was accepted; choose another."),
    "has_case": gettext_lazy("This child has an open case here. Nothing was accepted; talk with its lead worker."),
}


@dataclass(frozen=True)
class Standing:
    """How a hand-over stands. responsible: who looks after the child now; why: of a refusal; left: of the clock."""

    words: Words
    responsible: Words
    why: Words = ""
    answer_by: dt.date | None = None
    ends_on: dt.date | None = None
    left: Words = ""
    is_overdue: bool = False


def standing(one: Handover, other: str) -> Standing:
    """A hand-over of either side. other: what the other municipality is called."""
    words = (OUT if one.side == "out" else IN)[one.state]
    responsible = _("This office") if one.is_ours else other
    ended = next((r for r in one.receipts if r.what == "declined"), None)
    why = REASONS.get(ended.reason, "") if ended else ""
    if one.clock is None:
        return Standing(words, responsible, why)
    clock = one.clock
    return Standing(words, responsible, why, clock.respond_by, clock.expires_on, _left(clock), clock.is_overdue)


def receipt_words(receipt: Receipt) -> Words:
    """What the receiving side said, in words."""
    return _RECEIPTS[receipt.what]


def why_not(error: Exception) -> str:
    """What the page says where something could not be done."""
    if isinstance(error, OtherContent):
        return _("The records have changed. Nothing was sent: please look at what would travel now, and send it again.")
    if isinstance(error, NotPossible):
        return str(_NOT_POSSIBLE[str(error)])
    if isinstance(error, Stopped):
        return str(error.words)
    if isinstance(error, NotNow):
        return str(_NOT_NOW[error.why])
    if isinstance(error, TsunaguError):
        return _(
            "It stands differently by now, or cannot travel as it is written. Nothing was done: please read again."
        )
    return _("Somebody else has changed this in the meantime. The page shows what holds now.")


_RECEIPTS: dict[str, Words] = {
    "stored": gettext_lazy("Arrived"),
    "accepted": gettext_lazy("Accepted"),
    "declined": gettext_lazy("Not accepted"),
    "expired": gettext_lazy("Ended without an answer"),
    "withdrawn": gettext_lazy("Withdrawn"),
}


def _left(clock: Clock) -> str:
    if clock.left < 0:
        return _("%(days)d working days late") % {"days": -clock.left}
    return _("%(days)d working days left") % {"days": clock.left} if clock.left else _("Today is the last day")
