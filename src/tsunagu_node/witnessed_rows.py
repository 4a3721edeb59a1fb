"""Rows of others' logs at a witness: which it wants to see the hashes of, and what it finds in those that it is shown.

Heads tell what was signed, and never what stands in the file today. So the witness chooses heads that it holds, and the
log's node shows the hashes of the rows under them, computed from the rows. Each row is seen once soon after it was
signed, and all of them again in turns; some out of turn, so that nobody knows which rows will not be asked about next.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from tsunagu.audit.heads import SignedHead, head_from, text_of
from tsunagu.audit.stretch import first_other_row
from tsunagu.audit.witness import WitnessFault, countersignature_from
from tsunagu_node.alarms import Alarm, Message, keep_alarm
from tsunagu_node.log import Log, moment, read_moment

#: Rows that are wanted at a time; so many of them at most by turns, the others by chance. As hashes of 32 bytes in
#: base64 they fit into a message.
ROWS, BY_TURNS = 8_000, 6_000
#: Heads that are wanted at a time; so many of them at most by turns.
MOST, MOST_BY_TURNS = 64, 48
#: What is not shown for so long is withheld.
WITHIN = timedelta(hours=24)


class WitnessedRows:
    """Rows of others' logs as this node has seen them. own: its organisation."""

    def __init__(self, own: str, log: Log) -> None:
        self.own, self._log = own, log

    def wanted(self, log: str, now: datetime) -> tuple[list[int], bool]:
        """Numbers of the heads whose rows are to be shown, and whether others have not been seen even once.

        The same ones until they are shown, so that nobody can ask until the choice is a pleasant one.
        """
        with self._log.transaction() as db:
            found = db.execute("SELECT numbers FROM wanted WHERE log = ?", (log,)).fetchone()
            unseen = _numbers(db, _UNSEEN, (log, MOST + 1))
            if found is not None:
                numbers = [int(number) for number in json.loads(found[0])]
            else:
                turns = [*unseen, *_numbers(db, _LONGEST_AGO, (log, MOST))]
                numbers = _portion(db, log, turns[:MOST_BY_TURNS], BY_TURNS)
                numbers += _portion(db, log, _numbers(db, _BY_CHANCE, (log, MOST)), ROWS, numbers)
                if numbers:
                    db.execute("INSERT INTO wanted VALUES (?, ?, ?)", (log, json.dumps(numbers), moment(now)))
        return numbers, bool(set(unseen) - set(numbers))

    def take(
        self, log: str, shown: Sequence[tuple[int, Sequence[bytes]]], now: datetime, proof: Message
    ) -> WitnessFault | None:
        """Holds what is shown against the heads that this node has signed; the first fault, which is kept, or None.

        log       the organisation that signed the message
        shown     number of a head -> hashes of the rows under it; of a head that is not held, nothing is said
        proof     the message that shows it
        """
        fault: WitnessFault | None = None
        with self._log.transaction() as db:
            for number, hashes in sorted(shown):
                head = _head(db, log, number)
                if head is None:
                    continue
                row = first_other_row(head, _head(db, log, number - 1), hashes)
                if not row:
                    db.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", (log, number, moment(now)))
                    continue
                # It counts as never seen: until it is shown as it was signed, nothing further is countersigned.
                db.execute("DELETE FROM seen WHERE log = ? AND number = ?", (log, number))
                found = WitnessFault("rewritten" if row < head.first + len(hashes) else "cut", row, number)
                fault = fault or found
                # Where one row was written anew, all that follow it were: one alarm is told, and not one for each head.
                if not db.execute(_IS_KNOWN, (log, self.own, row)).fetchone():
                    alarm = Alarm(log, self.own, found.kind, row, number, moment(now), text_of(head))
                    keep_alarm(db, alarm, proof)
            asked = db.execute("SELECT numbers FROM wanted WHERE log = ?", (log,)).fetchone()
            if asked is not None and set(json.loads(asked[0])) <= {number for number, _ in shown}:
                db.execute("DELETE FROM wanted WHERE log = ?", (log,))
        return fault


def head_over(db: sqlite3.Connection, log: str, row: int) -> SignedHead | None:
    """The head that is held of a log and covers a row; None where none is."""
    low, high = 1, db.execute("SELECT coalesce(max(number), 0) FROM held WHERE log = ?", (log,)).fetchone()[0]
    while low <= high:
        middle = (low + high) // 2
        head = _head(db, log, middle)
        if head is None:
            return None
        if head.first <= row <= head.rows:
            return head
        low, high = (low, middle - 1) if row < head.first else (middle + 1, high)
    return None


def withheld_in(db: sqlite3.Connection, log: str) -> WitnessFault | None:
    """That rows were not shown, though the log's node was here since: of a head that was signed, those that were asked
    about, or none at all lately. A node that has been away for long has withheld nothing: it shows after it brings."""
    found = db.execute("SELECT at FROM brought WHERE log = ?", (log,)).fetchone()
    if found is None:
        return None
    long_ago = moment(read_moment(found[0]) - WITHIN)
    for number in _numbers(db, _UNSEEN, (log, 1)):
        (made,) = db.execute("SELECT made FROM held WHERE log = ? AND number = ?", (log, number)).fetchone()
        if countersignature_from(made).at < long_ago:
            return _withheld(db, log, number)
    asked = db.execute("SELECT numbers, at FROM wanted WHERE log = ?", (log,)).fetchone()
    if asked is not None and asked[1] < long_ago:
        return _withheld(db, log, min(json.loads(asked[0])))
    number, last = db.execute("SELECT number, max(at) FROM seen WHERE log = ?", (log,)).fetchone()
    return _withheld(db, log, int(number)) if last is not None and last < long_ago else None


def note_brought(db: sqlite3.Connection, log: str, now: datetime) -> None:
    """That the log's node was here, and was told that its heads are right."""
    db.execute("INSERT OR REPLACE INTO brought VALUES (?, ?)", (log, moment(now)))


# By the index, which holds the numbers alone: the table has eleven kilobytes of head beside each.
_UNSEEN = (
    "SELECT number FROM held h INDEXED BY held_numbers WHERE log = ?"
    " AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.log = h.log AND s.number = h.number)"
    " ORDER BY number LIMIT ?"
)
# An alarm about an earlier row, whose head was not shown as it was signed since.
_IS_KNOWN = (
    "SELECT 1 FROM alarm a WHERE log = ? AND seen_by = ? AND kind IN ('rewritten', 'cut') AND row <= ?"
    " AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.log = a.log AND s.number = a.known) LIMIT 1"
)
_LONGEST_AGO = "SELECT number FROM seen WHERE log = ? ORDER BY at, number LIMIT ?"
_BY_CHANCE = "SELECT number FROM seen WHERE log = ? ORDER BY random() LIMIT ?"


def _numbers(db: sqlite3.Connection, statement: str, of: tuple[str, int]) -> list[int]:
    return [int(number) for (number,) in db.execute(statement, of)]


def _portion(
    db: sqlite3.Connection, log: str, numbers: Iterable[int], most: int, besides: Sequence[int] = ()
) -> list[int]:
    """As many of these as bring the rows to `most` with those that are wanted already; at least one in all."""
    chosen, rows = list(besides), sum(_rows(db, log, number) for number in besides)
    for number in numbers:
        if number in chosen:
            continue
        rows += _rows(db, log, number)
        if len(chosen) >= MOST or (chosen and rows > most):
            break
        chosen.append(number)
    return chosen[len(besides) :]


def _rows(db: sqlite3.Connection, log: str, number: int) -> int:
    head = _head(db, log, number)
    return head.rows - head.first + 1 if head else 0


def _head(db: sqlite3.Connection, log: str, number: int) -> SignedHead | None:
    found = db.execute("SELECT head FROM held WHERE log = ? AND number = ?", (log, number)).fetchone()
    return head_from(found[0]) if found else None


def _withheld(db: sqlite3.Connection, log: str, number: int) -> WitnessFault:
    head = _head(db, log, number)
    return WitnessFault("withheld", head.first if head else 0, number)
