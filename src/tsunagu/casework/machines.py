"""Where a piece of work may stand, and the steps between: one table for each kind of work.

The desk carries these tables into the database, which refuses every step they do not name. The diagrams in
docs/reference/states.md are drawn from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NOT_YET = ""  # before it exists


@dataclass(frozen=True)
class Move:
    """One step.

    needs_reason  somebody must say why, in words
    by_another    not by whoever took the step before: two people
    by_program    the desk itself may take it, on a day or a changed fact; everything else is a person's
    """

    name: str
    source: str
    target: str
    needs_reason: bool = False
    by_another: bool = False
    by_program: bool = False


@dataclass(frozen=True)
class Machine:
    """All steps of one kind of work. The first state is where it begins."""

    name: str
    states: tuple[str, ...]
    moves: tuple[Move, ...]

    @property
    def initial(self) -> str:
        return self.states[0]

    def moves_from(self, source: str) -> tuple[Move, ...]:
        """What may happen next, in the order of the table; empty at an end."""
        return tuple(move for move in self.moves if move.source == source)

    def move(self, name: str, source: str) -> Move | None:
        """The step of that name from here; None where the table has none."""
        return next((move for move in self.moves_from(source) if move.name == name), None)


def _machine(name: str, states: str, *moves: Move) -> Machine:
    return Machine(name, tuple(states.split()), moves)


CASE = _machine(
    "case",
    "opened assessing planning approval active review closure_proposed closed transferring transferred",
    Move("open_case", NOT_YET, "opened"),
    Move("assess", "opened", "assessing"),
    Move("plan", "assessing", "planning"),
    Move("submit_plan", "planning", "approval"),
    Move("return_plan", "approval", "planning", needs_reason=True, by_another=True),
    Move("approve_plan", "approval", "active", by_another=True),
    Move("begin_review", "active", "review", by_program=True),
    Move("go_on", "review", "active", needs_reason=True),
    Move("plan_anew", "review", "planning", needs_reason=True),
    *(
        Move("propose_closing", source, "closure_proposed", needs_reason=True)
        for source in ("opened", "assessing", "planning", "active", "review")
    ),
    Move("keep_open", "closure_proposed", "review", needs_reason=True),
    Move("close", "closure_proposed", "closed", needs_reason=True, by_another=True),
    Move("reopen", "closed", "opened", needs_reason=True),
    # A family moves whenever it does. What waits for somebody's decision is decided first.
    *(
        Move("hand_over", source, "transferring", needs_reason=True)
        for source in ("opened", "assessing", "planning", "active", "review")
    ),
    Move("take_back", "transferring", "review", needs_reason=True),
    # Once the other municipality has accepted; still a person's decision, as every end of a case.
    Move("close_handed_over", "transferring", "transferred", needs_reason=True),
)

PLAN = _machine(
    "plan",
    "draft submitted approved ended",
    Move("draft", NOT_YET, "draft"),
    Move("submit", "draft", "submitted"),
    Move("return", "submitted", "draft", needs_reason=True, by_another=True),
    Move("approve", "submitted", "approved", by_another=True),
    Move("withdraw", "draft", "ended", needs_reason=True),
    Move("end", "approved", "ended", needs_reason=True),
)

REFERRAL = _machine(
    "referral",
    "draft sent accepted done declined revoked expired",
    Move("draft", NOT_YET, "draft"),
    Move("send", "draft", "sent"),
    Move("discard", "draft", "revoked", needs_reason=True),
    Move("accept", "sent", "accepted", by_another=True),
    Move("decline", "sent", "declined", needs_reason=True, by_another=True),
    Move("revoke", "sent", "revoked", needs_reason=True),
    Move("expire", "sent", "expired", by_program=True),
    Move("complete", "accepted", "done", needs_reason=True),
    Move("break_off", "accepted", "revoked", needs_reason=True),
)

TASK = _machine(
    "task",
    "open done dropped",
    Move("set", NOT_YET, "open", by_program=True),
    # To somebody else or another day: the task stays where it stands.
    Move("hand_on", "open", "open", needs_reason=True),
    Move("finish", "open", "done", by_program=True),
    Move("drop", "open", "dropped", needs_reason=True),
    Move("take_up_again", "done", "open", needs_reason=True),
)

REASSESSMENT = _machine(
    "reassessment",
    "due decided",
    Move("start", NOT_YET, "due", by_program=True),
    Move("decide", "due", "decided", needs_reason=True),
)

CONFERENCE = _machine(
    "conference",
    "planned held recorded cancelled",
    Move("call", NOT_YET, "planned"),
    Move("hold", "planned", "held"),
    Move("record", "held", "recorded"),
    Move("cancel", "planned", "cancelled", needs_reason=True),
)

# Support that a family may claim. Whether it receives it already is asked first where no record says so (confirm).
OFFER = _machine(
    "offer",
    "taken_up confirmed planned told applied received not_wanted",
    Move("take_up", NOT_YET, "taken_up"),
    Move("confirm", "taken_up", "confirmed"),
    *(Move("plan_way", source, "planned") for source in ("taken_up", "confirmed")),
    Move("tell", "planned", "told"),
    Move("miss", "planned", "taken_up"),
    Move("put_back", "planned", "taken_up", needs_reason=True),
    Move("apply", "told", "applied"),
    *(Move("receive", source, "received") for source in ("taken_up", "confirmed", "planned", "told")),
    *(Move("turn_down", source, "not_wanted", needs_reason=True) for source in ("taken_up", "planned", "told")),
    Move("offer_again", "not_wanted", "taken_up", needs_reason=True),
)

# A case that goes to another municipality, as far as this desk decides; how it is carried and answered is handover's.
TRANSFER = _machine(
    "transfer",
    "draft sent withdrawing returned concluded discarded",
    Move("draft", NOT_YET, "draft"),
    Move("discard", "draft", "discarded", needs_reason=True),
    Move("send", "draft", "sent", by_another=True),
    Move("withdraw", "sent", "withdrawing", needs_reason=True),
    *(Move("take_back", source, "returned", needs_reason=True) for source in ("sent", "withdrawing")),
    *(Move("close_handed_over", source, "concluded", needs_reason=True) for source in ("sent", "withdrawing")),
)

# What somebody told of a child who may be in danger. It ends by a second person, unless a case or a sending follows.
NOTIFICATION = _machine(
    "notification",
    "taken_in urgency_decided checking case_opened sent closed",
    Move("take_in", NOT_YET, "taken_in"),
    Move("decide_urgency", "taken_in", "urgency_decided", needs_reason=True),
    Move("begin_check", "urgency_decided", "checking"),
    Move("make_case", "checking", "case_opened", needs_reason=True),
    Move("send_on", "checking", "sent", needs_reason=True),
    Move("end_notification", "checking", "closed", needs_reason=True, by_another=True),
)

# The intake meeting on a notification. What it decided holds once a supervisor who did not write it down confirmed it.
INTAKE_MEETING = _machine(
    "intake_meeting",
    "written_down upheld given_back",
    Move("record_meeting", NOT_YET, "written_down"),
    Move("confirm_meeting", "written_down", "upheld", by_another=True),
    Move("return_meeting", "written_down", "given_back", needs_reason=True, by_another=True),
)

# A child under temporary protection. What the guardian and the courts say changes its clocks, and not where it stands.
PROTECTION = _machine(
    "protection",
    "under_protection ended",
    Move("begin_protection", NOT_YET, "under_protection", needs_reason=True),
    *(
        Move(name, "under_protection", "under_protection", needs_reason=True)
        for name in (
            *("record_consent", "withdraw_consent", "ask_warrant", "warrant_issued", "warrant_refused"),
            *("appeal_refusal", "ask_court", "prolong"),
        )
    ),
    Move("end_protection", "under_protection", "ended", needs_reason=True),
)

MACHINES: Mapping[str, Machine] = {
    machine.name: machine
    for machine in (
        CASE,
        PLAN,
        REFERRAL,
        TASK,
        REASSESSMENT,
        CONFERENCE,
        OFFER,
        TRANSFER,
        NOTIFICATION,
        INTAKE_MEETING,
        PROTECTION,
    )
}

# What access asks of a case: whether the work with the child is open, closed or elsewhere.
STANDING: Mapping[str, str] = {
    state: {"closed": "closed", "transferred": "transferred"}.get(state, "open") for state in CASE.states
}
