"""The node's own log, and what it told: one chain, one file, one transaction for an act and its entry.

The log can be added to and not changed: the database refuses it, and whoever goes round the database is found by the
chain, by the heads that are signed, and by the peers that hold them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from tsunagu.audit import table
from tsunagu.audit.chain import Head, SealedRow
from tsunagu.audit.entry import Entry
from tsunagu.durable import Durable
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.gate import History, Released, Total
from tsunagu.purposes.manifest import manifest_bytes, manifest_of
from tsunagu.runs.crypt import decrypt, encrypt

#: Letters of an object in an entry.
LONGEST = 80
_TABLES = (
    table.TABLES
    + """
CREATE TABLE IF NOT EXISTS evidence (
  number INTEGER PRIMARY KEY, method TEXT NOT NULL, url TEXT NOT NULL, body BLOB NOT NULL, inputs TEXT NOT NULL,
  signature TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS answered (
  agreement TEXT, period TEXT, attempt INTEGER, question TEXT NOT NULL, basis TEXT NOT NULL, manifest BLOB NOT NULL,
  children INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (agreement, period, attempt)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS payload (
  agreement TEXT, period TEXT, attempt INTEGER, sealed BLOB NOT NULL, PRIMARY KEY (agreement, period, attempt)
);
CREATE TABLE IF NOT EXISTS told (
  agreement TEXT, cell TEXT, children INTEGER NOT NULL, PRIMARY KEY (agreement, cell)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS total (
  agreement TEXT, period TEXT, attempt INTEGER, indicator TEXT, on_day TEXT, children INTEGER NOT NULL,
  PRIMARY KEY (agreement, period, attempt, indicator)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS named (
  requester TEXT, purpose TEXT, join_set TEXT, period TEXT, token BLOB,
  PRIMARY KEY (requester, purpose, join_set, period, token)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS named_stays BEFORE UPDATE ON named
BEGIN SELECT RAISE(ABORT, 'who was named stays'); END;
CREATE TRIGGER IF NOT EXISTS named_is_kept BEFORE DELETE ON named
BEGIN SELECT RAISE(ABORT, 'who was named stays'); END;
CREATE TABLE IF NOT EXISTS once (name TEXT PRIMARY KEY, said TEXT NOT NULL) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS once_stays BEFORE UPDATE ON once BEGIN SELECT RAISE(ABORT, 'what was noted stays'); END;
CREATE TRIGGER IF NOT EXISTS once_is_kept BEFORE DELETE ON once BEGIN SELECT RAISE(ABORT, 'what was noted stays'); END;
CREATE TABLE IF NOT EXISTS head (number INTEGER PRIMARY KEY, rows INTEGER NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS countersignature (
  peer TEXT, number INTEGER, at TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (peer, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS held (
  log TEXT, number INTEGER, head TEXT NOT NULL, made TEXT NOT NULL, PRIMARY KEY (log, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS compared (
  log TEXT, peer TEXT, number INTEGER NOT NULL, PRIMARY KEY (log, peer)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS held_numbers ON held (log, number);
CREATE TABLE IF NOT EXISTS seen (log TEXT, number INTEGER, at TEXT NOT NULL, PRIMARY KEY (log, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wanted (log TEXT PRIMARY KEY, numbers TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS brought (log TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS showed (peer TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS exchange (
  peer TEXT, pair TEXT, number INTEGER, PRIMARY KEY (peer, pair, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS indexed (number INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS crossed (
  peer TEXT PRIMARY KEY, new INTEGER NOT NULL, again INTEGER NOT NULL, asked TEXT NOT NULL, times INTEGER NOT NULL,
  done TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heard (
  log TEXT, number INTEGER, hash TEXT NOT NULL, PRIMARY KEY (log, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alarm (
  id INTEGER PRIMARY KEY, log TEXT, seen_by TEXT, kind TEXT, row INTEGER, known INTEGER, at TEXT NOT NULL,
  head TEXT NOT NULL, UNIQUE (log, seen_by, kind, row, known)
);
CREATE TABLE IF NOT EXISTS begun_anew (
  number INTEGER PRIMARY KEY, at TEXT NOT NULL, why TEXT NOT NULL, found_by TEXT NOT NULL, said TEXT NOT NULL,
  file TEXT NOT NULL, sha256 TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS earlier_alarm (
  begun_anew INTEGER NOT NULL, log TEXT, seen_by TEXT, kind TEXT, row INTEGER, known INTEGER, at TEXT NOT NULL,
  head TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS begun_anew_stays BEFORE UPDATE ON begun_anew
BEGIN SELECT RAISE(ABORT, 'a beginning stays'); END;
CREATE TRIGGER IF NOT EXISTS begun_anew_is_kept BEFORE DELETE ON begun_anew
BEGIN SELECT RAISE(ABORT, 'a beginning stays'); END;
CREATE TRIGGER IF NOT EXISTS earlier_alarm_stays BEFORE UPDATE ON earlier_alarm
BEGIN SELECT RAISE(ABORT, 'an alarm stays'); END;
CREATE TRIGGER IF NOT EXISTS earlier_alarm_is_kept BEFORE DELETE ON earlier_alarm
BEGIN SELECT RAISE(ABORT, 'an alarm stays'); END;
CREATE TRIGGER IF NOT EXISTS head_stays BEFORE UPDATE ON head BEGIN SELECT RAISE(ABORT, 'a head stays'); END;
CREATE TRIGGER IF NOT EXISTS head_is_kept BEFORE DELETE ON head BEGIN SELECT RAISE(ABORT, 'a head stays'); END;
CREATE TRIGGER IF NOT EXISTS held_stays BEFORE UPDATE ON held BEGIN SELECT RAISE(ABORT, 'a head stays'); END;
CREATE TRIGGER IF NOT EXISTS held_is_kept BEFORE DELETE ON held BEGIN SELECT RAISE(ABORT, 'a head stays'); END;
CREATE TRIGGER IF NOT EXISTS alarm_stays BEFORE UPDATE ON alarm BEGIN SELECT RAISE(ABORT, 'an alarm stays'); END;
CREATE TRIGGER IF NOT EXISTS alarm_is_kept BEFORE DELETE ON alarm BEGIN SELECT RAISE(ABORT, 'an alarm stays'); END;
CREATE TRIGGER IF NOT EXISTS evidence_stays BEFORE UPDATE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence stays'); END;
CREATE TRIGGER IF NOT EXISTS evidence_is_kept BEFORE DELETE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence stays'); END;
CREATE TRIGGER IF NOT EXISTS answered_stays BEFORE UPDATE ON answered
BEGIN SELECT RAISE(ABORT, 'what was answered stays'); END;
CREATE TRIGGER IF NOT EXISTS answered_is_kept BEFORE DELETE ON answered
BEGIN SELECT RAISE(ABORT, 'what was answered stays'); END;
"""
)


@dataclass(frozen=True)
class Evidence:
    """A request as it was signed, for somebody who checks later. inputs, signature: the headers of RFC 9421."""

    method: str
    url: str
    body: bytes = field(repr=False)
    inputs: str
    signature: str


@dataclass(frozen=True)
class ToldBefore:
    """An answer that was told. attempt: which of its period, from 1; at: the moment.

    basis   hash of what it was computed of (grant.Grant.basis); "" where an older version kept it
    sha256  of its payload; mark: of the key of its tokens
    """

    attempt: int
    question: str
    basis: str
    on: date
    at: datetime
    rows: int
    sha256: str
    mark: str


class Log:
    """The log and the ledger of answers in one file.

    key  of the node's store: payloads are kept sealed until their period is over
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._durable, self._key = Durable(path, _TABLES), key
        with self._durable.transaction() as db:
            _let_a_period_have_several(db)

    def close(self) -> None:
        """Nothing can be asked afterwards."""
        self._durable.close()

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """All or nothing, for what is kept beside the log and must agree with it."""
        return self._durable.transaction()

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """What stands at its beginning, for what is kept beside the log; keeps no writer out."""
        return self._durable.reading()

    def append(self, entry: Entry, evidence: Evidence | None = None) -> SealedRow:
        """One entry, committed before this returns, with what proves it."""
        with self._durable.transaction() as db:
            row = append_within(db, entry)
            if evidence is not None:
                keep_evidence(db, row.number, evidence)
            return row

    def append_once(self, name: str, said: str, entry: Entry) -> str | None:
        """The entry of what happens once, and None; where it is there under that name, nothing but what was said then.

        name  of what happens once, such as that the answer to one request was received; said: what must be the same
        """
        with self._durable.transaction() as db:
            found = db.execute("SELECT said FROM once WHERE name = ?", (name,)).fetchone()
            if found is not None:
                return str(found[0])
            db.execute("INSERT INTO once VALUES (?, ?)", (name, said))
            append_within(db, entry)
        return None

    def evidence(self, number: int) -> Evidence | None:
        """What proves the entry of that number; None where it needs no proof of another side."""
        with self._durable.reading() as db:
            found = db.execute(
                "SELECT method, url, body, inputs, signature FROM evidence WHERE number = ?", (number,)
            ).fetchone()
        return None if found is None else Evidence(*found)

    def rows(self, after: int = 0, *, most: int = -1) -> Iterator[SealedRow]:
        """The rows behind a number, in order; all of them, or so many."""
        with self._durable.reading() as db:
            return iter(table.rows(db, after, most))

    def head(self) -> Head:
        """The end of the log."""
        with self._durable.reading() as db:
            return table.head(db)

    def answered(self, agreement: str) -> Mapping[str, str]:
        """Period -> question that was answered in it last, under an agreement in whichever version."""
        with self._durable.reading() as db:
            found = db.execute(
                "SELECT period, question FROM answered WHERE agreement = ? ORDER BY attempt", (agreement,)
            ).fetchall()
        return dict(found)

    def told_in(self, agreement: str, period: str) -> list[ToldBefore]:
        """Every answer of a period, the first one first."""
        with self._durable.reading() as db:
            found = db.execute(
                "SELECT attempt, question, basis, manifest, at FROM answered WHERE agreement = ? AND period = ?"
                " ORDER BY attempt",
                (agreement, period),
            ).fetchall()
        return [_told(*row) for row in found]

    def answer_kept(self, agreement: str, period: str, attempt: int | None = None) -> tuple[bytes, bytes] | None:
        """Manifest and payload as they were told, or None where the payload is no longer kept.

        attempt  which answer of the period; None: the last
        """
        with self._durable.reading() as db:
            found = db.execute(
                "SELECT manifest, sealed FROM answered JOIN payload USING (agreement, period, attempt)"
                " WHERE agreement = ? AND period = ? AND attempt = coalesce(?, attempt) ORDER BY attempt DESC",
                (agreement, period, attempt),
            ).fetchone()
        if found is None:
            return None
        manifest, sealed = found
        return manifest, decrypt(self._key, sealed, bound_to=manifest, where=f"{agreement} {period}")

    def history(self, agreement: str, on: str) -> History:
        """What was told before: cells of this agreement, and totals of the others for the same day."""
        with self._durable.reading() as db:
            cells = dict(db.execute("SELECT cell, children FROM told WHERE agreement = ?", (agreement,)).fetchall())
            totals = db.execute(
                "SELECT agreement, indicator, children FROM total WHERE agreement <> ? AND on_day = ?", (agreement, on)
            ).fetchall()
        return History(cells, tuple(Total(*row) for row in totals))

    def named(self, agreement: SharingAgreement, period: str) -> frozenset[bytes]:
        """Tokens of those who were named to the requester in a period, under whichever agreement that makes them."""
        with self._durable.reading() as db:
            found = db.execute(
                "SELECT token FROM named WHERE (requester, purpose, join_set, period) = (?, ?, ?, ?)",
                _tokens_of(agreement, period),
            )
            return frozenset(token for (token,) in found)

    def keep(self, released: Released, entry: Entry) -> None:
        """What is told, with its entry: both or neither, and on the disk before a byte of it leaves.

        Of one question the last answer alone can be told again; that there were others stays on record.
        """
        grant = released.grant
        manifest = manifest_bytes(manifest_of(released))
        key = (grant.agreement.id, grant.period, grant.attempt)
        with self._durable.transaction() as db:
            db.execute(
                "DELETE FROM payload WHERE (agreement, period, attempt) IN (SELECT agreement, period, attempt"
                " FROM answered WHERE agreement = ? AND period = ? AND question = ?)",
                (*key[:2], grant.question),
            )
            db.execute(
                "INSERT INTO answered VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*key, grant.question, grant.basis, manifest, released.children, entry.at),
            )
            sealed = encrypt(self._key, released.payload, bound_to=manifest)
            db.execute("INSERT INTO payload VALUES (?, ?, ?, ?)", (*key, sealed))
            for cell, children in released.cells.items():
                db.execute("INSERT OR REPLACE INTO told VALUES (?, ?, ?)", (grant.agreement.id, cell, children))
            if grant.agreement.granularity == "aggregate":
                for one in grant.wanted:
                    values = (*key, one.id, grant.on.isoformat(), released.children)
                    db.execute("INSERT INTO total VALUES (?, ?, ?, ?, ?, ?)", values)
            if released.named is not None:
                key_of_tokens = _tokens_of(grant.agreement, grant.period)
                rows = [(*key_of_tokens, token) for token in sorted(released.named.tokens)]
                db.executemany("INSERT OR IGNORE INTO named VALUES (?, ?, ?, ?, ?)", rows)
            append_within(db, entry)

    def forget_payloads(self, agreement: str, period: str) -> int:
        """Removes payloads of every other period of an agreement; that they were told stays on record."""
        with self._durable.transaction() as db:
            return db.execute("DELETE FROM payload WHERE agreement = ? AND period <> ?", (agreement, period)).rowcount


def _tokens_of(agreement: SharingAgreement, period: str) -> tuple[str, str, str, str]:
    """What one requester's tokens of a period hang on: the same for every agreement that has these."""
    return agreement.requester, agreement.purpose, agreement.join_set, period


def _let_a_period_have_several(db: sqlite3.Connection) -> None:
    """Moves what an older version kept, one answer a period, into tables in which a period can have several."""
    if any(row[1] == "attempt" for row in db.execute("PRAGMA table_info(answered)")):
        return
    columns = {
        "answered": "agreement, period, 1, question, '', manifest, children, at",
        "payload": "agreement, period, 1, sealed",
        "total": "agreement, period, 1, indicator, on_day, children",
    }
    for trigger in ("answered_stays", "answered_is_kept"):
        db.execute(f"DROP TRIGGER {trigger}")
    for name in columns:
        db.execute(f"ALTER TABLE {name} RENAME TO {name}_before")
    for statement in _statements(_TABLES):
        db.execute(statement)
    for name, old in columns.items():
        db.execute(f"INSERT INTO {name} SELECT {old} FROM {name}_before")  # noqa: S608 - constants of this module
        db.execute(f"DROP TABLE {name}_before")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: run as a script they would end the transaction that they are in."""
    found = ""
    for line in script.splitlines(keepends=True):
        found += line
        if sqlite3.complete_statement(found):
            yield found
            found = ""


def _told(attempt: int, question: str, basis: str, manifest: bytes, at: str) -> ToldBefore:
    # An older version's manifest names no key: it is read for what every version says.
    said = json.loads(manifest)
    day, mark = date.fromisoformat(said["on"]), said.get("made_with", {}).get("mark", "")
    return ToldBefore(attempt, question, basis, day, datetime.fromisoformat(at), said["rows"], said["sha256"], mark)


def moment(at: datetime) -> str:
    """A moment as entries write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_moment(at: str) -> datetime:
    """A moment as `moment` wrote it."""
    return datetime.strptime(at, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def object_of(agreement: str) -> str:
    """An agreement as the object of an entry. What a header says may be longer than any agreement's id: then cut."""
    return f"agreement:{agreement}"[:LONGEST]


def append_within(db: sqlite3.Connection, entry: Entry) -> SealedRow:
    """One entry in a transaction that was begun by Log.transaction: with what else is done there, or not at all."""
    return table.append(db, entry)


def keep_evidence(db: sqlite3.Connection, number: int, evidence: Evidence) -> None:
    """What proves the entry of that number, in the transaction of the entry."""
    kept = (number, evidence.method, evidence.url, evidence.body, evidence.inputs, evidence.signature)
    db.execute("INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?)", kept)
