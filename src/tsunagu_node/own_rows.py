"""The rows of the node's own log beside its own heads: computed anew from what stands in the file.

The heads that come later do not read the rows before. What finds a row that was written anew under heads that were left
as they were is this: wholly when a node begins, and from then on the new heads and a part of the others at each round.
"""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import datetime

from tsunagu.audit.chain import EMPTY
from tsunagu.audit.claims import claim_of
from tsunagu.audit.heads import SignedHead, follows, head_from, is_whole
from tsunagu.audit.stretch import first_other_row
from tsunagu.errors import StateError
from tsunagu_node.alarms import Alarm, keep_alarm
from tsunagu_node.log import Log, moment

#: Rows under older heads that one round computes anew; a log that has no more is checked wholly each time.
AGAIN = 20_000
#: Rows behind the last head that are read at a time.
_AT_ONCE = 1_000
#: Kind of an alarm, row, number of the head, and its text.
_Fault = tuple[str, int, int, str]


class OwnRows:
    """One node's rows. It remembers how far it has come; a new one begins with all."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._new: SignedHead | None = None  # the last head whose rows were found right for the first time
        self._again: SignedHead | None = None  # the last one of the present turn through all

    def hashes(self, number: int) -> list[bytes]:
        """Of the rows under a head, as they are now; none where there is no such head or row."""
        with self._log.reading() as db:
            found = db.execute("SELECT text FROM head WHERE number = ?", (number,)).fetchone()
            return _hashes(db, head_from(found[0])) if found else []

    def check(self, own: str, now: datetime) -> None:
        """Computes what is due, and keeps an alarm about this log where a row is not the one that was signed.

        raises  StateError naming the first such row
        """
        fault = self._fault()
        if fault is None:
            return
        kind, row, known, text = fault
        with self._log.transaction() as db:
            keep_alarm(db, Alarm(own, own, kind, row, known, moment(now), text))
        raise StateError(
            f"the rows of this log are not those of its signed heads: {kind}, from row {row:,} on",
            where=own,
            to_do="Change nothing, keep the file, and tell the audit office. Others are not answered until then.",
        )

    def first_other(self) -> int:
        """The first row that is another, of what is due to be looked at; 0 where there is none."""
        fault = self._fault()
        return fault[1] if fault else 0

    def _fault(self) -> _Fault | None:
        """None where all that was looked at is as it was signed."""
        while step := self._step(self._new):
            head, fault = step
            if fault is not None:
                return fault
            self._new = head
        rows = 0
        while rows < AGAIN and self._new is not None:
            step = self._step(self._again)
            head, fault = step or (None, None)
            if fault is not None:
                return fault
            if head is None:
                self._again = None
                break
            self._again, rows = head, rows + head.rows - head.first + 1
        return self._behind()

    def _step(self, before: SignedHead | None) -> tuple[SignedHead | None, _Fault | None] | None:
        """The head after that one with what is wrong with it or its rows; None where it is the last."""
        number = before.number if before else 0
        with self._log.reading() as db:
            found = db.execute("SELECT text FROM head WHERE number > ? ORDER BY number LIMIT 1", (number,)).fetchone()
            if found is None:
                return None
            head = _read(found[0])
            hashes = _hashes(db, head) if head else []
        if head is None:
            return before, ("edited", before.rows + 1 if before else 1, number, found[0])
        if not is_whole(head) or not follows(head, before):
            return head, ("edited", head.first, number, found[0])
        row = first_other_row(head, before, hashes)
        if not row:
            return head, None
        return head, ("rewritten" if row < head.first + len(hashes) else "cut", row, head.number, found[0])

    def _behind(self) -> _Fault | None:
        """Of the rows that no head covers yet, the first that does not follow from the one before."""
        number, hash = (self._new.rows, self._new.hash) if self._new else (EMPTY.rows, EMPTY.hash)
        while rows := list(self._log.rows(number, most=_AT_ONCE)):
            for row in rows:
                claim = claim_of(row)
                if (claim.stored, claim.number, claim.previous) != (
                    number + 1,
                    number + 1,
                    hash,
                ) or not claim.is_intact:
                    return "rewritten", number + 1, self._new.number if self._new else 0, ""
                number, hash = row.number, row.hash
        return None


def _hashes(db: sqlite3.Connection, head: SignedHead) -> list[bytes]:
    """Of the bodies; where the hash beside one is another, of that row too: it is what the next row follows."""
    found = db.execute(
        "SELECT body, hash FROM log WHERE number BETWEEN ? AND ? ORDER BY number", (head.first, head.rows)
    )
    made = []
    for body, beside in found:
        hash = hashlib.sha256(str(body).encode("utf-8")).digest()
        made.append(hash if hash.hex() == beside else hashlib.sha256(hash + str(beside).encode("utf-8")).digest())
    return made


def _read(text: str) -> SignedHead | None:
    try:
        return head_from(text)
    except ValueError:
        return None
