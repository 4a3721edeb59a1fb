"""What a node does for its log at intervals: holds its rows against its heads, signs a head, brings it to its peers,
shows them the hashes of the rows that they want to see, and compares what they hold.

Everything goes out from here, so that a holder without an inbound port does the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tsunagu.audit.heads import SignedHead
from tsunagu.audit.witness import Countersignature, Standing, is_countersigned_by
from tsunagu.errors import StateError, TsunaguError
from tsunagu.keys import key_of_now
from tsunagu_node.alarms import Alarm
from tsunagu_node.asking import Asking
from tsunagu_node.exchanges_wire import exchanges_bytes, read_exchanges
from tsunagu_node.heads_wire import MOST, Brought, brought_bytes, portion, read_held_heads, read_said
from tsunagu_node.own_heads import PEERS_NEEDED, OwnHeads
from tsunagu_node.refusals import Refused
from tsunagu_node.rows_wire import read_seen, read_wanted, shown_bytes
from tsunagu_node.witnessing import Witnessing

#: The last head is brought again after so long though nothing was added: its countersignature must not grow old.
AGAIN_AFTER = timedelta(hours=6)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Witnessed:
    """One round. standing: whether others may be answered; left: what went wrong with which peer; alarms: new ones."""

    standing: Standing
    left: tuple[TsunaguError, ...]
    alarms: tuple[Alarm, ...]


@dataclass(frozen=True)
class Bringing:
    """A node's rounds with its peers.

    key           the head key, which lies apart from the key of messages, or what gives the one of now
    peers         organisations that witness this log and whose nodes listen
    witnessing    of this node, to compare what others hold of the logs that it witnesses too
    peers_needed  as the office's
    other_ends    organisations with which this one has agreements and whose nodes listen
    """

    asking: Asking
    key: Ed25519PrivateKey | Callable[[], Ed25519PrivateKey]
    heads: OwnHeads
    witnessing: Witnessing
    peers: Callable[[], Sequence[str]]
    peers_needed: int = PEERS_NEEDED
    other_ends: Callable[[], Sequence[str]] = tuple

    def round(self, *, at_once: bool = False) -> Witnessed:
        """Signs a head where one is due, and brings, shows and compares; no peer's trouble stops another's.

        at_once  rows are shown whether that is due or not
        """
        left: list[TsunaguError] = []
        alarms: list[Alarm] = []
        try:
            self.heads.rows.check(self.asking.own, self.asking.clock())
        except TsunaguError as error:
            left.append(error)  # the peers are to see it too
        if self.heads.is_due(self.asking.clock()):
            self.sign_now()
        for peer in self.peers():
            try:
                if self.bring(peer) or at_once or self.heads.is_to_show(peer, self.asking.clock()):
                    self.show(peer)
            except TsunaguError as error:
                left.append(error)
            try:
                alarms += self.compare(peer)
            except TsunaguError as error:
                left.append(error)
        for end in self.other_ends():
            try:
                if at_once or self.witnessing.exchanges.is_due(end, self.asking.clock()):
                    alarms += self.cross(end)
            except TsunaguError as error:
                left.append(error)
        standing = self.heads.standing(self.asking.clock(), self.peers_needed)
        if standing in ("told", "stopped"):
            _log.warning("this log is not countersigned by %d peers: %s", self.peers_needed, standing)
        for trouble in left:
            _log.warning("a round with a witness failed: %s", trouble)
        return Witnessed(standing, tuple(left), tuple(alarms))

    def sign_now(self) -> int:
        """Signs heads over all that none covers yet, whether due or not; how many."""
        return len(self.heads.sign(key_of_now(self.key), self.asking.clock()))

    def show(self, peer: str) -> None:
        """Shows a peer the hashes of the rows that it wants to see, computed now from the rows.

        raises  StateError where the peer says that they are not those of the heads that it signed, with the row
        """
        more = True
        while more:
            numbers, more = read_wanted(self.asking.wanted_rows(peer), peer)
            if not numbers:
                return
            shown = [(number, self.heads.rows.hashes(number)) for number in numbers]
            fault = read_seen(self.asking.show_rows(peer, shown_bytes(shown)), peer)
            if fault is not None:
                raise StateError(
                    f"{peer} finds other rows in this log than those it countersigned: {fault.kind}, "
                    f"from row {fault.row:,} on",
                    where=self.asking.own,
                    to_do="Change nothing. Hold the log against what the peers hold, and tell the audit office.",
                )
        self.heads.note_shown(peer, self.asking.clock())

    def bring(self, peer: str) -> bool:
        """Brings the heads that a peer has not signed; whether there were new ones.

        raises  StateError where the peer says that this log is not what it knows, with the row
        """
        number, at = self.heads.countersigned(peer)
        newest = self.heads.newest()
        if newest is None:
            return False
        if number == newest.number and at is not None and self.asking.clock() - at < AGAIN_AFTER:
            return False
        said = self._brought(peer, min(number, newest.number - 1))
        if said.kind == "forked":  # from the first head on, so that the peer can name the row
            said = self._brought(peer, 0, whole=True)
        if said.kind != "signed":
            raise StateError(
                f"{peer} does not countersign this log: {said.kind}, from row {said.row:,} on",
                where=self.asking.own,
                to_do="Change nothing. Hold the log against what the peers hold, and tell the audit office.",
            )
        return number != newest.number

    def compare(self, peer: str) -> list[Alarm]:
        """Holds what a peer holds of others' logs against what this node holds of them."""
        found = []
        for log in self.witnessing.logs():
            more = log != peer
            while more:
                before = self.witnessing.compared(log, peer)
                held, more = read_held_heads(self.asking.held_heads(peer, log, before), peer)
                theirs = [one.head for one in held]
                now = self.asking.clock()
                alarm = self.witnessing.compare(log, peer, theirs, self._key_of(log, now), now)
                found += [alarm] if alarm else []
                more = more and self.witnessing.compared(log, peer) > before
        return found

    def cross(self, end: str) -> list[Alarm]:
        """Holds what another end's log says of exchanges against this log; and shows it what it wants to see."""
        both, now = self.witnessing.exchanges, self.asking.clock()
        said = self.asking.tell_exchanges(end, exchanges_bytes([], both.wanted(end, now)))
        told, wanted = read_exchanges(said, end)
        found = both.take(end, told, now)
        if wanted:
            self.asking.tell_exchanges(end, exchanges_bytes(both.told(end, wanted), []))
        return found

    def _brought(self, peer: str, after: int, *, whole: bool = False) -> _Said:
        """What the peer says last. whole: nothing is left out, though the peer may know it."""
        newest = self.heads.newest()
        jumped = False
        while newest is not None:
            heads = self.heads.after(after, MOST + 1)
            sent = tuple(portion(heads))
            more = len(sent) < len(heads)
            said = read_said(self.asking.bring_heads(peer, brought_bytes(Brought(sent, more))), peer)
            if isinstance(said, Countersignature):
                self._keep(peer, said, sent[-1])
                after = sent[-1].number
                if not more:
                    return _Said("signed", 0)
            elif said.kind == "gap" and whole and more:
                after = sent[-1].number
            elif said.kind == "gap" and not whole and not jumped:
                # The peer knows less than was countersigned here, or more: it says which heads it needs.
                after, jumped = min(said.known, newest.number - 1), True
            else:
                return _Said(said.kind, said.row)
        return _Said("gap", 1)

    def _keep(self, peer: str, made: Countersignature, head: SignedHead) -> None:
        now = self.asking.clock()
        key = self.asking.directory.at(now).head_key(peer, made.key, now)
        said = (made.log, made.peer, made.head, made.number, made.rows)
        if said != (self.asking.own, peer, head.digest, head.number, head.rows) or not is_countersigned_by(made, key):
            raise Refused(
                "bad_signature", "the countersignature is of another head", where=peer, to_do="Ask its people."
            )
        self.heads.keep(made)

    def _key_of(self, log: str, now: datetime) -> Callable[[str], Ed25519PublicKey | None]:
        directory = self.asking.directory.at(now)
        return lambda name: directory.head_key_of_any_day(log, name)


@dataclass(frozen=True)
class _Said:
    """kind: of a fault, or `signed`."""

    kind: str
    row: int
