"""Where a hand-over may stand at either end, and the steps between: what no table names does not happen.

The receiving side alone decides how a hand-over ends once its manifest has left: it accepts, declines, lets it expire,
or notes the sender's withdrawal, whichever comes first. So two ends that do not hear each other can never come to two
ends, and two municipalities can never both have accepted one child.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tsunagu.errors import StateError

By = Literal["person", "program", "receipt", "message"]


@dataclass(frozen=True)
class Step:
    """One step. source: state before, empty where there is none yet.

    by  person   a named official, at this end
        program  this end's program, on a day or where everything is there
        receipt  a receipt of the receiving side that was verified
        message  a signed message of the sending side that was verified
    """

    name: str
    source: str
    target: str
    by: By


@dataclass(frozen=True)
class Side:
    """All states and steps of one end. ends: where nothing follows and the contents are destroyed."""

    name: str
    states: tuple[str, ...]
    ends: tuple[str, ...]
    steps: tuple[Step, ...]

    def step(self, name: str, source: str) -> Step:
        """The step of that name from here; StateError where the table has none."""
        for step in self.steps:
            if (step.name, step.source) == (name, source):
                return step
        raise StateError(
            f"a hand-over that is '{source or 'not there'}' cannot '{name}'",
            where=self.name,
            to_do="Read again how it stands; somebody may have been quicker.",
        )

    def may(self, name: str, source: str) -> bool:
        """Whether the table has that step from here."""
        return any((step.name, step.source) == (name, source) for step in self.steps)


NOT_YET = ""
#: How a hand-over can end, each by a receipt of the receiving side.
OUTCOMES = ("accepted", "declined", "expired", "withdrawn")

OUT = Side(
    "out",
    ("queued", "offered", "stored", "withdrawing", "accepted", "sealed", "declined", "expired", "withdrawn"),
    ("sealed", "declined", "expired", "withdrawn"),
    (
        Step("queue", NOT_YET, "queued", "person"),
        # Nothing has left yet, so that nobody needs to agree.
        Step("withdraw", "queued", "withdrawn", "person"),
        # On the disk before the first byte leaves: afterwards it may have been received, whatever was heard of it.
        Step("offer", "queued", "offered", "program"),
        Step("stored", "offered", "stored", "receipt"),
        *(Step("withdraw", source, "withdrawing", "person") for source in ("offered", "stored")),
        *(Step(name, source, name, "receipt") for name in OUTCOMES for source in ("offered", "stored", "withdrawing")),
        Step("seal", "accepted", "sealed", "program"),
    ),
)

IN = Side(
    "in",
    ("receiving", "stored", "accepted", "sealed", "declined", "expired", "withdrawn"),
    ("sealed", "declined", "expired", "withdrawn"),
    (
        Step("receive", NOT_YET, "receiving", "message"),
        Step("store", "receiving", "stored", "program"),
        Step("accept", "stored", "accepted", "person"),
        Step("decline", "stored", "declined", "person"),
        # What cannot be read is nobody's to judge.
        Step("refuse", "receiving", "declined", "program"),
        *(Step("expire", source, "expired", "program") for source in ("receiving", "stored")),
        # A withdrawal may overtake its own offer, which is then not taken any more.
        *(Step("withdraw", source, "withdrawn", "message") for source in (NOT_YET, "receiving", "stored")),
        Step("seal", "accepted", "sealed", "person"),
    ),
)

SIDES = {side.name: side for side in (OUT, IN)}
#: States in which the child is this end's to look after. The sender stays responsible until it has the receipt of the
#: acceptance; the receiver becomes so in the transaction that makes it. While it is on its way both look after the
#: child, and never nobody.
OURS = {
    "out": frozenset(OUT.states) - {"accepted", "sealed"},
    "in": frozenset({"accepted", "sealed"}),
}
