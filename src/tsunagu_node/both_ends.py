"""What two nodes' logs say of the same exchange: held beside each other, row by row, and the first contradiction kept.

Each exchange stands in the logs of both ends, written by two programs in two hands. What one end has in its log because
the other's signature stood under it, the other must have too: who received an answer, from one that says it answered;
who was asked, by one that says it asked. So a row that was never written, or was written falsely before any head
covered it, is found by the other end, though every hash of the log is right.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from tsunagu.audit.chain import hash_of
from tsunagu.audit.heads import PRINT_BYTES, print_of
from tsunagu.purposes.grant import REFUSALS
from tsunagu_node.alarms import Alarm, Message, keep_alarm
from tsunagu_node.log import Log, moment, read_moment
from tsunagu_node.witnessed_rows import WITHIN, head_over

#: Exchanges in one message: so many new ones, and so many others in turns.
NEW, AGAIN = 25, 25
#: Bytes of rows in one message; of one exchange all are told.
MOST_BYTES = 250 << 10
#: Who was here so often, for longer than WITHIN, and told nothing of what was wanted, withholds it.
TIMES = 3
#: Time between two comparisons with the same end.
EVERY = timedelta(minutes=10)
_ACTIONS = ("asking", "received", "received_again", "refused", "asked", "answered", "answered_again")
_FACTS = ("question", "agreement_sha256", "rows", "payload_sha256")
_AT_ONCE = 1_000
Body = Mapping[str, Any]
#: What names an exchange between two ends: both can compute it, and who knows no such exchange learns nothing from it.
Pair = str


@dataclass(frozen=True)
class Account:
    """What one end's log has of an exchange. rows: (number, body) each; of rows that say the same, the first."""

    pair: Pair
    rows: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class _Marks:
    """new: up to which row exchanges are compared; again: how far this turn has come; asked: since when the other end
    has told nothing that was wanted, empty where it has; times: how often it was here since."""

    new: int
    again: int
    asked: str
    times: int


class BothEnds:
    """One node's log beside those of the other ends. own: its organisation."""

    def __init__(self, own: str, log: Log) -> None:
        self.own, self._log = own, log

    def is_due(self, peer: str, now: datetime) -> bool:
        """Whether it is time to compare with that end again."""
        with self._log.reading() as db:
            found = db.execute("SELECT done FROM crossed WHERE peer = ?", (peer,)).fetchone()
        return found is None or not found[0] or now - read_moment(found[0]) >= EVERY

    def wanted(self, peer: str, now: datetime) -> list[Pair]:
        """Exchanges of which this end wants to see the other's rows: new ones first, and others in turns."""
        self._index()
        with self._log.transaction() as db:
            marks = _marks(db, peer)
            pairs = [pair for part in _wanted(db, peer, marks) for pair, _ in part]
            if pairs and not marks.asked:
                db.execute("UPDATE crossed SET asked = ? WHERE peer = ?", (moment(now), peer))
        return pairs

    def told(self, peer: str, pairs: Sequence[Pair]) -> list[Account]:
        """This end's rows of these exchanges, as many as fit into a message; none of one that it does not know."""
        self._index()
        found: list[Account] = []
        size = 0
        with self._log.reading() as db:
            for pair in pairs:
                rows = _first_of_each(_rows(db, peer, pair))
                size += sum(len(body) for _, body in rows)
                if found and size > MOST_BYTES:
                    break
                found.append(Account(pair, tuple(rows)))
        return found

    def take(self, peer: str, told: Sequence[Account], now: datetime, proof: Message | None = None) -> list[Alarm]:
        """Holds what the other end told against this log; the alarms, which are kept.

        proof  the message that told it; exchanges that this end knows nothing of are left
        """
        self._index()
        found = []
        with self._log.transaction() as db:
            marks = _marks(db, peer)
            for one in told:
                if _number(db, peer, one.pair):
                    found += self._judged(db, peer, one, now)
            after = _advanced(db, peer, marks, {one.pair for one in told})
            if after.asked and after.times >= TIMES and now - read_moment(after.asked) > WITHIN:
                found.append(Alarm(peer, self.own, "withheld", 0, 0, moment(now), ""))
            db.execute(
                "UPDATE crossed SET new = ?, again = ?, asked = ?, times = ?, done = ? WHERE peer = ?",
                (after.new, after.again, after.asked, after.times, moment(now), peer),
            )
            for alarm in found:
                keep_alarm(db, alarm, proof)
        return found

    def _judged(self, db: sqlite3.Connection, peer: str, told: Account, now: datetime) -> list[Alarm]:
        """What the rows that the other end told contradict: what it told before, its heads, or this end's rows."""
        at = moment(now)
        for number, body in told.rows:
            hash = hash_of(body)
            known = db.execute("SELECT hash FROM heard WHERE log = ? AND number = ?", (peer, number)).fetchone()
            head = head_over(db, peer, number)
            place = PRINT_BYTES * (number - head.first) if head else 0
            if head and head.prints[place : place + PRINT_BYTES] != print_of(hash):
                return [Alarm(peer, self.own, "rewritten", number, head.number, at, "")]
            if known is None:
                db.execute("INSERT INTO heard VALUES (?, ?, ?)", (peer, number, hash))
            elif known[0] != hash:
                return [Alarm(peer, self.own, "rewritten", number, 0, at, "")]
        mine = _read(_rows(db, peer, told.pair), told.pair, peer)
        theirs = _read(told.rows, told.pair, self.own)
        for row in mine:
            needed = _needed(row)
            if needed is not None and not any(needed(other) for other in theirs):
                near = min((other["number"] for other in theirs), default=0)
                return [Alarm(peer, self.own, "contradicts", near, row["number"], at, "")]
        for row in theirs:
            needed = _needed(row)
            if needed is not None and not any(needed(other) for other in mine):
                return [Alarm(peer, self.own, "contradicts", row["number"], _number(db, peer, told.pair), at, "")]
        return []

    def _index(self) -> None:
        """Notes of which exchange each row tells that was added since; the rows themselves are read when they count."""
        while True:
            with self._log.transaction() as db:
                (after,) = db.execute("SELECT coalesce(max(number), 0) FROM indexed").fetchone()
                found = db.execute(
                    "SELECT number, body FROM log WHERE number > ? ORDER BY number LIMIT ?", (after, _AT_ONCE)
                ).fetchall()
                if not found:
                    return
                for number, text in found:
                    body = _entry(text)
                    if body is not None:
                        peer = str(body["detail"].get("of", body["actor"])).removeprefix("org:")
                        db.execute("INSERT OR IGNORE INTO exchange VALUES (?, ?, ?)", (peer, pair_of(body), number))
                db.execute("DELETE FROM indexed")
                db.execute("INSERT INTO indexed VALUES (?)", (found[-1][0],))


def pair_of(body: Body) -> Pair:
    """By the agreement and the request id of an entry about an exchange."""
    return hash_of(f"{body['object']}\n{body['detail'].get('request', '')}")


def _needed(row: Body) -> Callable[[Body], bool] | None:
    """What the other end's log must have where this row stands in one; None where it need not have anything.

    An answer may be lost on its way, so that who answered need not find that it was received.
    """
    action, detail = row["action"], row["detail"]
    if action in ("received", "received_again"):
        facts = [detail.get(name) for name in _FACTS]
        return lambda other: (
            (other["action"] == "answered" and [other["detail"].get(name) for name in _FACTS] == facts)
            or (other["action"] == "answered_again" and other["detail"].get("question") == detail.get("question"))
        )
    if action == "refused" and "of" in detail:
        why = detail.get("why")
        if detail.get("proved") != "yes" or why not in REFUSALS:
            return None
        return lambda other: other["action"] == "refused" and other["detail"].get("why") == why
    if action in ("answered", "answered_again"):
        question = detail.get("question")
        return lambda other: other["action"] == "asking" and other["detail"].get("question") == question
    if action in ("asked", "refused"):
        return lambda other: other["action"] == "asking"
    return None


def _read(rows: Iterable[tuple[int, str]], pair: Pair, other: str) -> list[Body]:
    """Of one end's rows those about an exchange with the other; what is none is left, as if it were not there."""
    found: list[Body] = []
    for number, text in rows:
        body = _entry(text)
        if body is None or body.get("number") != number or pair_of(body) != pair:
            continue
        if body["detail"].get("of", body["actor"]) == f"org:{other}":
            found.append(body)
    return found


def _rows(db: sqlite3.Connection, peer: str, pair: Pair) -> list[tuple[int, str]]:
    return db.execute(
        "SELECT e.number, l.body FROM exchange e JOIN log l USING (number)"
        " WHERE e.peer = ? AND e.pair = ? ORDER BY e.number",
        (peer, pair),
    ).fetchall()


def _first_of_each(rows: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Of rows that say the same, the first: whoever asks a thousand times makes no message too large."""
    found: dict[str, tuple[int, str]] = {}
    for number, text in rows:
        body = _entry(text)
        said = text if body is None else json.dumps([body["action"], body["detail"]], sort_keys=True)
        found.setdefault(said, (number, text))
    return list(found.values())


def _pairs(db: sqlite3.Connection, peer: str, after: int, to: int | None, most: int) -> list[tuple[Pair, int]]:
    """Exchanges by the number of their first row in this log, behind `after` and up to `to`, in order."""
    found = db.execute(
        "SELECT pair, min(number) AS first FROM exchange WHERE peer = ? GROUP BY pair"
        " HAVING first > ? AND first <= ? ORDER BY first LIMIT ?",
        (peer, after, 1 << 60 if to is None else to, most),
    )
    return [(pair, first) for pair, first in found]


def _number(db: sqlite3.Connection, peer: str, pair: Pair) -> int:
    """Of the first row about an exchange with that end; 0 where there is none."""
    (found,) = db.execute(
        "SELECT coalesce(min(number), 0) FROM exchange WHERE peer = ? AND pair = ?", (peer, pair)
    ).fetchone()
    return int(found)


def _marks(db: sqlite3.Connection, peer: str) -> _Marks:
    db.execute("INSERT OR IGNORE INTO crossed VALUES (?, 0, 0, '', 0, '')", (peer,))
    return _Marks(*db.execute("SELECT new, again, asked, times FROM crossed WHERE peer = ?", (peer,)).fetchone())


def _wanted(db: sqlite3.Connection, peer: str, marks: _Marks) -> tuple[list[tuple[Pair, int]], list[tuple[Pair, int]]]:
    """Exchanges that were not compared yet, and those that are compared again."""
    return _pairs(db, peer, marks.new, None, NEW), _pairs(db, peer, marks.again, marks.new, AGAIN)


def _advanced(db: sqlite3.Connection, peer: str, marks: _Marks, told: set[Pair]) -> _Marks:
    """How far it has come with what was told: in order, so that nobody leaves one out and is asked for the next."""
    ends = []
    for part, end in zip(_wanted(db, peer, marks), (marks.new, marks.again), strict=True):
        come = takewhile(lambda one: one[0] in told, part)
        ends.append(max((number for _, number in come), default=end))
    new, again = ends
    if (new, again) == (marks.new, marks.again):
        return replace(marks, times=marks.times + 1)
    return _Marks(new, again if _pairs(db, peer, again, new, 1) else 0, "", 0)


def _entry(text: object) -> dict[str, Any] | None:
    """An entry about an exchange; None where it is about something else, or somebody wrote something else over it."""
    try:
        body = json.loads(str(text))
        is_one = isinstance(body["detail"], dict) and all(
            isinstance(body[name], str) for name in ("actor", "role", "action", "object")
        )
    except (ValueError, KeyError, TypeError):
        return None
    is_one = is_one and body["role"] == "requester" and body["action"] in _ACTIONS
    return body if is_one else None
