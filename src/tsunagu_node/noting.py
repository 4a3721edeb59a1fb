"""What transport refuses, in the node's own log; and how much of it by those of whom nobody knows who they are.

A refusal of a party whose signature was found right is in the log each time: both ends have it. Whoever is not known
could fill the disk with refusals, as each is a durable write, so that of theirs a few of each minute stand in the log
one by one, and how many more there were stands in one entry.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from tsunagu.audit.entry import Entry
from tsunagu_node.answering import utc_now
from tsunagu_node.log import Log, moment, object_of
from tsunagu_node.refusals import Refused
from tsunagu_node.signed import Signature

#: Refusals of one unknown peer in a minute that stand in the log one by one.
EACH = 10
#: Peers of a minute that are told apart; all others count as one, so that many peers are no way round.
PEERS = 4
#: Why, in the entry that stands for the others.
MANY = "many"


class Notes:
    """Notes of one node: what Answering is given as `note`.

    A node that is killed loses how many more there were in that minute; those that stand one by one are on the disk.
    """

    def __init__(self, log: Log, clock: Callable[[], datetime] = utc_now) -> None:
        self._log, self._clock = log, clock
        self._minute: datetime | None = None
        self._of_peer: Counter[str] = Counter()
        self._more: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, signature: Signature | None, refused: Refused, peer: str) -> None:
        """In the log before this returns, or counted where there were too many of the unknown.

        signature  that was found right; None where nobody is known
        peer       what the connection shows of who it is
        """
        if signature is not None:
            detail: dict[str, str | int] = {"why": refused.code, "request": signature.request_id}
            self._append(f"org:{signature.organisation}", "peer", object_of(signature.agreement), detail)
            return
        with self._lock:
            self._settle(is_over=False)
            name = peer if peer in self._of_peer or len(self._of_peer) < PEERS else ""
            self._of_peer[name] += 1
            if self._of_peer[name] > EACH:
                self._more[refused.code] += 1
                return
            self._append("unknown", "unknown", "message", {"why": refused.code})

    def settle(self, *, is_over: bool = False) -> None:
        """Writes how many more there were in a minute that has passed. is_over: in this one, as the node stops."""
        with self._lock:
            self._settle(is_over=is_over)

    def _settle(self, *, is_over: bool) -> None:
        minute = self._clock().replace(second=0, microsecond=0)
        if self._minute == minute and not is_over:
            return
        if self._more:
            counts: dict[str, str | int] = {
                "why": MANY,
                "minute": self._said(),
                "count": self._more.total(),
                **self._more,
            }
            self._append("unknown", "unknown", "message", counts)
        # Only now: what could not be written is written with the next.
        self._minute = minute
        self._of_peer.clear()
        self._more.clear()

    def _said(self) -> str:
        return moment(self._minute or self._clock().replace(second=0, microsecond=0))

    def _append(self, actor: str, role: str, object: str, detail: dict[str, str | int]) -> None:
        at = moment(self._clock())
        self._log.append(Entry(at, actor, role, "refused", object, "none", detail=detail))
