"""A log in a SQLite file: rows that can be added to and not changed, each in the transaction of the act it tells of."""

from __future__ import annotations

import sqlite3

from tsunagu.audit.chain import EMPTY, Head, SealedRow, seal
from tsunagu.audit.entry import Entry

#: The database refuses a change; whoever goes round the database is found by the chain.
TABLES = """
CREATE TABLE IF NOT EXISTS log (number INTEGER PRIMARY KEY, body TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS log_stays BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log stays'); END;
CREATE TRIGGER IF NOT EXISTS log_is_kept BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log stays'); END;
"""


def append(db: sqlite3.Connection, entry: Entry) -> SealedRow:
    """The row of an act, within a transaction that is open."""
    row = seal(entry, head(db))
    db.execute("INSERT INTO log VALUES (?, ?, ?)", (row.number, row.body, row.hash))
    return row


def head(db: sqlite3.Connection) -> Head:
    """The end of the log."""
    last = db.execute("SELECT number, hash FROM log ORDER BY number DESC LIMIT 1").fetchone()
    return Head(*last) if last else EMPTY


def rows(db: sqlite3.Connection, after: int = 0, most: int = -1) -> list[SealedRow]:
    """The rows behind a number, in order; all of them, or so many."""
    found = db.execute(
        "SELECT number, body, hash FROM log WHERE number > ? ORDER BY number LIMIT ?", (after, most)
    ).fetchall()
    return [SealedRow(*row) for row in found]
