"""The node as a witness: it signs heads of others' logs, keeps them, and keeps an alarm where one takes a head back.

What a peer knows of a log, its entry about it and its countersignature are one transaction: it never signs what it does
not keep.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tsunagu.audit.entry import Entry
from tsunagu.audit.heads import SignedHead, head_from, is_signed_by, is_whole, text_of
from tsunagu.audit.held import Held
from tsunagu.audit.witness import (
    Countersignature,
    Witness,
    WitnessFault,
    countersignature_from,
    countersignature_text,
    first_difference,
)
from tsunagu.keys import key_of_now
from tsunagu_node.alarms import Alarm, alarms_in, keep_alarm
from tsunagu_node.both_ends import BothEnds
from tsunagu_node.directory import Directory
from tsunagu_node.log import Log, append_within, moment
from tsunagu_node.own_heads import COUNTERSIGNED
from tsunagu_node.refusals import Refused
from tsunagu_node.witnessed_rows import WitnessedRows, note_brought, withheld_in

KeyOf = Callable[[str], Ed25519PublicKey | None]


class Witnessing:
    """Others' logs at this node. own: its organisation; key: its head key, apart from the key of messages."""

    def __init__(self, own: str, key: Ed25519PrivateKey | Callable[[], Ed25519PrivateKey], log: Log) -> None:
        self.own, self._key, self._log = own, key, log
        self.rows = WitnessedRows(own, log)
        self.exchanges = BothEnds(own, log)

    def take(
        self, log: str, heads: Sequence[SignedHead], directory: Directory, now: datetime, *, more: bool
    ) -> Countersignature | WitnessFault:
        """Signs the last of these heads, once all of them follow from what is held; or says why not.

        log   whose heads they are: the organisation that signed the message
        more  whether further heads of it are still to be brought; else the last one is taken for its newest
        """
        keys = {head.key: directory.head_key_of_any_day(log, head.key) for head in heads}
        fault = _untrusted(heads, keys, directory, (log, now))
        with self._log.transaction() as db:
            known = _last(db, log)
            fault = fault or withheld_in(db, log)
            made = self._judged(db, (log, heads, known), keys, now, more=more) if fault is None else fault
            if isinstance(made, WitnessFault):
                if made.kind != "gap":
                    keep_alarm(db, Alarm(log, self.own, made.kind, made.row, made.known, moment(now), _text(heads)))
                return made
            note_brought(db, log, now)
            last = made[-1].made
            if known is None or last.number > known.number:
                for one in made:
                    values = (log, one.head.number, text_of(one.head), countersignature_text(one.made))
                    db.execute("INSERT INTO held VALUES (?, ?, ?, ?)", values)
                detail: dict[str, str | int] = {"head": last.head, "number": last.number, "rows": last.rows}
                append_within(db, _entry(log, now, COUNTERSIGNED, detail))
            return last

    def held(self, log: str, after: int = 0, most: int = -1) -> list[Held]:
        """So many heads of a log behind a number, in order, each with what was signed when it came."""
        return held_in(self._log, log, after, most)

    def logs(self) -> list[str]:
        """Whose logs this node is a witness of."""
        return logs_in(self._log)

    def compared(self, log: str, peer: str) -> int:
        """Up to which number of head this node's heads of a log were held against a peer's."""
        with self._log.reading() as db:
            found = db.execute("SELECT number FROM compared WHERE log = ? AND peer = ?", (log, peer)).fetchone()
        return int(found[0]) if found else 0

    def compare(self, log: str, peer: str, theirs: Sequence[SignedHead], key_of: KeyOf, now: datetime) -> Alarm | None:
        """Holds another peer's heads of a log against this node's; the alarm where the log showed them two histories.

        theirs  in order, behind `compared`. A head that the log's own key has not signed proves nothing and is left.
        """
        with self._log.transaction() as db:
            number = theirs[0].number - 1 if theirs else 0
            ours = {one.head.number: one.head for one in _held(db, log, number, len(theirs))}
            for head in theirs:
                key, own = key_of(head.key), ours.get(head.number)
                if own is None or key is None or not is_whole(head) or not is_signed_by(head, key):
                    break
                if own.digest != head.digest:
                    row = first_difference([own], [head]) or min(own.rows, head.rows) + 1
                    alarm = Alarm(log, peer, "forked", row, head.number, moment(now), text_of(head))
                    keep_alarm(db, alarm)
                    return alarm
                number = head.number
            db.execute("INSERT OR REPLACE INTO compared VALUES (?, ?, ?)", (log, peer, number))
        return None

    def alarms(self) -> list[Alarm]:
        """As alarms_in."""
        return alarms_in(self._log)

    def _judged(
        self,
        db: sqlite3.Connection,
        brought: tuple[str, Sequence[SignedHead], SignedHead | None],
        keys: dict[str, Ed25519PublicKey | None],
        now: datetime,
        *,
        more: bool,
    ) -> list[Held] | WitnessFault:
        """Each new head with its countersignature, or the known one again where nothing is new; or the fault."""
        log, heads, known = brought
        number, rows = (known.number, known.rows) if known else (0, 0)
        if not heads:
            return WitnessFault("gap", rows + 1, number)
        before = {one.head.number: one.head for one in _held(db, log, heads[0].number - 1, len(heads))}
        if any(head.digest != before.get(head.number, head).digest for head in heads):
            return _forked(db, brought)
        if heads[-1].number < number:
            return (
                WitnessFault("gap", rows + 1, number)
                if more
                else WitnessFault("rolled_back", heads[-1].rows + 1, number)
            )
        witness = Witness(log, self.own, key_of_now(self._key))
        made: list[Held] = []
        for head in [head for head in heads if head.number > number] or heads[-1:]:
            public = keys[head.key]
            if public is None:
                return WitnessFault("edited", head.first, number)
            found = witness.countersign([head], known, public, moment(now))
            if isinstance(found, WitnessFault):
                return _forked(db, brought) if found.kind == "forked" else found
            known = found[0]
            made.append(Held(*found))
        return made


def logs_in(log: Log) -> list[str]:
    """Whose heads a node holds, in the file of its own log."""
    with log.reading() as db:
        return [str(of) for (of,) in db.execute("SELECT DISTINCT log FROM held ORDER BY log")]


def held_in(log: Log, of: str, after: int = 0, most: int = -1) -> list[Held]:
    """What a node holds of another's log, in the file of its own: heads behind a number, in order."""
    with log.reading() as db:
        return _held(db, of, after, most)


def _untrusted(
    heads: Sequence[SignedHead],
    keys: dict[str, Ed25519PublicKey | None],
    directory: Directory,
    whose: tuple[str, datetime],
) -> WitnessFault | None:
    """A head whose own signature is no good. The last one vouches for those before, so its key must be good today."""
    for head in heads:
        key = keys[head.key]
        if key is None or not is_whole(head) or not is_signed_by(head, key):
            return WitnessFault("edited", head.first, 0)
    if heads:
        log, now = whose
        try:
            directory.head_key(log, heads[-1].key, now)
        except Refused:
            return WitnessFault("edited", heads[-1].first, 0)
    return None


def _forked(db: sqlite3.Connection, brought: tuple[str, Sequence[SignedHead], SignedHead | None]) -> WitnessFault:
    """The fault with the first row that differs, as far as both cover it; else the first that is not known."""
    log, heads, known = brought
    held = [one.head for one in _held(db, log, 0, -1)]
    row = first_difference(held, heads) or min(heads[-1].rows, known.rows if known else 0) + 1
    return WitnessFault("forked", row, known.number if known else 0)


def _last(db: sqlite3.Connection, log: str) -> SignedHead | None:
    found = db.execute("SELECT head FROM held WHERE log = ? ORDER BY number DESC LIMIT 1", (log,)).fetchone()
    return head_from(found[0]) if found else None


def _held(db: sqlite3.Connection, log: str, after: int, most: int) -> list[Held]:
    found = db.execute(
        "SELECT head, made FROM held WHERE log = ? AND number > ? ORDER BY number LIMIT ?", (log, after, most)
    )
    return [Held(head_from(head), countersignature_from(made)) for head, made in found]


def _text(heads: Sequence[SignedHead]) -> str:
    return text_of(heads[-1]) if heads else ""


def _entry(log: str, now: datetime, action: str, detail: dict[str, str | int]) -> Entry:
    return Entry(
        at=moment(now),
        actor=f"org:{log}",
        role="peer",
        action=action,
        object=f"log:{log}",
        purpose="none",
        detail=detail,
    )
