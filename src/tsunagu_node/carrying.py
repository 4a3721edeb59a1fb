"""The node's rounds for hand-overs: carries what its own people queued, and fetches what waits for it elsewhere.

Every round begins where the last one was cut off. What goes wrong with one hand-over stops no other.
"""

from __future__ import annotations

from dataclasses import dataclass

from tsunagu.errors import SourceError, TsunaguError
from tsunagu.handover.passage import read_waiting
from tsunagu_node.asking import Asking
from tsunagu_node.handing import Handing


@dataclass(frozen=True)
class Carried:
    """A round. told: hand-overs of which the other end was heard; left: what went wrong, each by its reason."""

    told: int
    left: tuple[TsunaguError, ...]


class Carrying:
    """Hand-overs of one organisation on their way, by signed messages to others."""

    def __init__(self, handing: Handing, asking: Asking) -> None:
        self._handing, self._passage, self._asking = handing, handing.passage, asking

    def carry_once(self) -> Carried:
        """Offers, sends and asks after all that is not decided; what goes to those who fetch waits for them."""
        told, left = 0, []
        self._passage.keep_time(self._handing.clock())
        for id, receiver, _state in self._passage.undecided():
            try:
                if self._handing.directory.at(self._handing.clock()).organisation(receiver).endpoint:
                    self.carry(id, receiver)
                    told += 1
            except TsunaguError as error:
                left.append(error)
        return Carried(told, tuple(left))

    def carry(self, id: str, receiver: str) -> None:
        """One hand-over as far as it goes now; Refused, StateError and EngineError say what is in the way."""
        standing = self._begun(id, receiver)
        before = -1
        while (number := self._passage.take_standing(id, standing, receiver, self._handing.clock())) is not None:
            if number <= before:
                raise SourceError(
                    "the other side asks for a part that it was sent", where=id, to_do="Ask its people to look."
                )
            before = number
            sealed = self._handing.sealed_part(id, number, receiver)
            standing = self._asking.told(receiver, "POST", f"/handovers/{id}/parts/{number}", sealed)

    def fetch_once(self, sender: str) -> Carried:
        """Fetches what waits at another node for this organisation, and brings the receipts there."""
        told, left = 0, []
        for one in read_waiting(self._asking.told(sender, "GET", "/handovers", b""), sender):
            try:
                self._fetched(one, sender)
                told += 1
            except TsunaguError as error:
                left.append(error)
        return Carried(told, tuple(left))

    def _begun(self, id: str, receiver: str) -> bytes:
        now = self._handing.clock()
        state = {one: state for one, _, state in self._passage.undecided()}.get(id)
        if state == "withdrawing":
            message = self._passage.withdrawal(id, now)
            return self._asking.told(receiver, "POST", f"/handovers/{id}/withdrawal", message)
        return self._asking.told(receiver, "POST", "/handovers", self._passage.offer(id, now))

    def _fetched(self, one: object, sender: str) -> None:
        waiting = self._passage.take_waiting(one, sender, self._handing.clock())
        before = -1
        while (number := waiting.next) is not None and number > before:
            before = number
            sealed = self._asking.told(sender, "GET", f"/handovers/{waiting.id}/parts/{number}", b"")
            waiting = self._passage.seen(self._handing.take_sealed(waiting.id, number, sealed, sender))
        self._asking.told(sender, "POST", f"/handovers/{waiting.id}/standing", waiting.standing)
