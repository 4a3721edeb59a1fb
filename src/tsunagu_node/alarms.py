"""Alarms that a node keeps: that somebody's log, or its own, is not what was signed. None can be removed."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tsunagu.audit.entry import Entry
from tsunagu_node.log import Evidence, Log, append_within, keep_evidence

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Alarm:
    """That a log is not what a peer knows of it; for people, and for ever.

    log      whose log; seen_by: the peer whose head it contradicts, this node or another. Both this node: its own rows
             are not those of its own heads
    kind     edited, forked, rolled_back, rewritten, cut, withheld (WitnessFault); contradicts: it does not say of an
             exchange what this node's log says of it
    row      the first row, 0 where it cannot be told
    known    number of the head that it contradicts; of an exchange: of the row of this log; 0 where there is none
    head     the head that was shown, as text: signed, so that it proves what was shown
    """

    log: str
    seen_by: str
    kind: str
    row: int
    known: int
    at: str
    head: str

    @property
    def said(self) -> str:
        """The alarm in words, for people."""
        return _said([self])


def lines_of(alarms: Iterable[Alarm]) -> list[str]:
    """A line for each fault, with the moment of its first alarm: from one row on a log is another for everybody who
    holds a head of it, and each of them, and each head, has an alarm of its own."""
    faults: dict[tuple[str, str, int], list[Alarm]] = {}
    for one in alarms:
        apart = one.kind if one.kind in ("contradicts", "withheld") else ""
        faults.setdefault((one.log, apart, 0 if apart == "contradicts" else one.row), []).append(one)
    return [f"{min(one.at for one in found)} {_said(found)}" for found in faults.values()]


def _said(found: Sequence[Alarm]) -> str:
    first = found[0]
    if first.kind == "contradicts":
        rows = sorted({one.known for one in found})
        more = f" and {len(rows) - 1:,} more" if len(rows) > 1 else ""
        return f"{first.log}: contradicts row {rows[0]:,}{more} of this log about the same exchange"
    kinds = " and ".join(dict.fromkeys(one.kind for one in found))
    seen_by = list(dict.fromkeys(one.seen_by for one in found))
    know = "know" if len(seen_by) > 1 else "knows"
    place = f"from row {first.row:,} on, " if first.row else ""
    return f"{first.log}: {kinds}, {place}as {' and '.join(seen_by)} {know} it"


@dataclass(frozen=True)
class Message:
    """A signed message that proves what somebody showed. request: its id, which is signed too."""

    request: str
    evidence: Evidence


def keep_alarm(db: sqlite3.Connection, alarm: Alarm, proof: Message | None = None) -> None:
    """Once for each fault, with an entry in this node's own log, in a transaction that is open."""
    values = (alarm.log, alarm.seen_by, alarm.kind, alarm.row, alarm.known, alarm.at, alarm.head)
    new = db.execute(
        "INSERT OR IGNORE INTO alarm (log, seen_by, kind, row, known, at, head) VALUES (?, ?, ?, ?, ?, ?, ?)", values
    ).rowcount
    if not new:
        return
    _log.error("an alarm about the log of %s", alarm.said)
    detail: dict[str, str | int] = {"why": alarm.kind, "row": alarm.row, "known": alarm.known}
    if proof is not None:
        detail["request"] = proof.request
    is_own = alarm.log == alarm.seen_by
    row = append_within(
        db,
        Entry(
            at=alarm.at,
            actor="system" if is_own else f"org:{alarm.log}",
            role="system" if is_own else "peer",
            action="differs" if is_own else "not_countersigned",
            object=f"log:{alarm.log}",
            purpose="none",
            detail={**detail, "seen_by": alarm.seen_by},
        ),
    )
    if proof is not None:
        keep_evidence(db, row.number, proof.evidence)


def alarms_in(log: Log, *, of_now: bool = False) -> list[Alarm]:
    """All alarms that a node keeps, the oldest first. of_now: of its own log as it was begun last, alone."""
    columns = "SELECT log, seen_by, kind, row, known, at, head FROM"
    with log.reading() as db:
        before = [] if of_now else db.execute(f"{columns} earlier_alarm ORDER BY rowid").fetchall()
        found = db.execute(f"{columns} alarm ORDER BY id").fetchall()
    return [Alarm(*one) for one in (*before, *found)]


def begun_anew(log: Log) -> list[str]:
    """A line for each time that the node's own log was begun anew, with what people found."""
    with log.reading() as db:
        found = db.execute("SELECT at, why, found_by, said, file FROM begun_anew ORDER BY number").fetchall()
    return [
        f"{at} this log was begun anew ({why}), as {by} found: {said}; what was before lies in {file}"
        for at, why, by, said, file in found
    ]
