"""A log begun anew, after people found that it is not the one that was signed: the way back to answering.

What was before stays whole in a file of its own. The first row of the new log says who did it, why, and which head the
old one ended with; a new series of heads begins over it. What was answered and who was named stay known. Witnesses that
hold the old heads show the break for ever, and sign no head of the new log.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tsunagu.audit.entry import Entry
from tsunagu.durable import disk_error
from tsunagu.errors import StateError
from tsunagu.purposes.canonical import hash_of
from tsunagu_node.alarms import alarms_in
from tsunagu_node.log import append_within, moment
from tsunagu_node.node import Node, operator
from tsunagu_node.own_heads import OwnHeads

#: Why a log is another: what people may have found.
FOUND = ("restored_backup", "broken_disk", "written_over", "unknown")
# What hangs on the numbers of the old rows. What was answered, who was named, and what is held of others stay.
_OF_OLD_ROWS = ("log", "head", "evidence", "countersignature", "exchange", "indexed", "crossed", "showed")


@dataclass(frozen=True)
class Finding:
    """What people found. why: one of FOUND; by: who looked, in words; said: what was found, in words."""

    why: str
    by: str = field(repr=False)
    said: str = field(repr=False)


@dataclass(frozen=True)
class Ended:
    """The log that was before. file: where it lies; rows: how many it had; head: SHA-256 of its last head, or ""."""

    file: Path
    rows: int
    head: str


def begin_anew(node: Node, found: Finding) -> Ended:
    """Ends the log of a node that does not serve, keeps it, and begins another, whose first head is signed at once.

    raises  StateError where it is the one that was signed, unless a backup was put back: of that a node knows nothing
            by itself
    """
    own = node.file.organisation
    heads = OwnHeads(node.log)
    before = list(node.log.rows(most=1))
    is_other = heads.rows.first_other() or any(
        one.log == one.seen_by == own for one in alarms_in(node.log, of_now=True)
    )
    if not before or not (is_other or found.why == "restored_backup"):
        raise StateError(
            "this log is the one that was signed: there is nothing to begin anew",
            where=str(node.file.folder),
            to_do="See: tsunagu node alarms. Where a backup was put back, say so: --why restored_backup.",
        )
    with node.log.transaction() as db:
        rows, head = _end(db)
        number = db.execute("SELECT count(*) FROM begun_anew").fetchone()[0] + 1
        path = _free(node.file.folder, number)
        _copy(node.file.folder / "log.sqlite3", path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        now = moment(node.clock())
        _empty(db, number)
        values = (number, now, found.why, found.by, found.said, path.name, digest)
        db.execute("INSERT INTO begun_anew VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        words = hash_of({"by": found.by, "said": found.said})
        detail: dict[str, str | int] = {"why": found.why, "words_sha256": words, "file_sha256": digest, "rows": rows}
        if head:
            detail["head"] = head
        append_within(db, Entry(now, operator(), "operator", "log_begun_anew", f"log:{own}", "none", detail=detail))
    OwnHeads(node.log).sign(node.head_key, node.clock())
    return Ended(path, rows, head)


def _end(db: sqlite3.Connection) -> tuple[int, str]:
    """Rows of the log, whatever they are, and the hash of its last head as it is stored; "" where there is none."""
    (rows,) = db.execute("SELECT coalesce(max(number), 0) FROM log").fetchone()
    last = db.execute("SELECT text FROM head ORDER BY number DESC LIMIT 1").fetchone()
    return int(rows), hashlib.sha256(str(last[0]).encode("utf-8")).hexdigest() if last else ""


def _free(folder: Path, number: int) -> Path:
    """A name that is not there yet: a command that was killed leaves its copy."""
    path = folder / f"log.before-{number}.sqlite3"
    again = 2
    while path.exists():
        path, again = folder / f"log.before-{number}-{again}.sqlite3", again + 1
    return path


def _copy(log: Path, to: Path) -> None:
    """The whole file as it is committed, on the disk before this returns, for its owner alone."""
    try:
        with os.fdopen(os.open(to, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "rb") as kept:
            with closing(sqlite3.connect(log)) as old, closing(sqlite3.connect(to)) as new:
                old.backup(new)
                new.execute("PRAGMA journal_mode = DELETE")
            os.fsync(kept.fileno())
        folder = os.open(to.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise disk_error("the old log cannot be kept", to, error) from error


def _empty(db: sqlite3.Connection, number: int) -> None:
    """Takes the old rows out, with what keeps them in, which is put back; own alarms stay beside those of now."""
    emptied = (*_OF_OLD_ROWS, "alarm")
    found = db.execute("SELECT tbl_name, name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    triggers = [(name, sql) for table, name, sql in found if table in emptied]
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    db.execute(
        "INSERT INTO earlier_alarm SELECT ?, log, seen_by, kind, row, known, at, head FROM alarm"
        " WHERE log = seen_by ORDER BY id",
        (number,),
    )
    db.execute("DELETE FROM alarm WHERE log = seen_by")
    for table in _OF_OLD_ROWS:
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of this module
    for _, sql in triggers:
        db.execute(sql)
