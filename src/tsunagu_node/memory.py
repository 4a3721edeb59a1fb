"""What a node must not forget: nonces that it saw, requests that it took on, and what it answered.

SQLite with a durable commit before anything is done that depends on it. One process has one folder.
"""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tsunagu.durable import Durable
from tsunagu_node.refusals import Refused
from tsunagu_node.signed import MAX_AGE, Signature

_TABLES = """
CREATE TABLE IF NOT EXISTS nonces (
  key TEXT, nonce TEXT, until INTEGER NOT NULL, PRIMARY KEY (key, nonce)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS nonces_until ON nonces (until);
CREATE TABLE IF NOT EXISTS requests (
  organisation TEXT, request TEXT, content TEXT NOT NULL, taken INTEGER NOT NULL, file TEXT NOT NULL DEFAULT '',
  digest TEXT NOT NULL DEFAULT '', size INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (organisation, request)
) WITHOUT ROWID;
"""
#: Of the clock that was the latest: one that is set back further than this would let old nonces in again.
_BACK = MAX_AGE


@dataclass(frozen=True)
class Kept:
    """An answer that was given. file: its name in the folder of answers; digest: the header; size: bytes of it."""

    file: str
    digest: str
    size: int


class Memory:
    """The node's table of nonces, requests and answers, in one file."""

    def __init__(self, path: Path) -> None:
        self._durable = Durable(path, _TABLES)

    def close(self) -> None:
        """Nothing can be asked afterwards."""
        self._durable.close()

    def take(self, signature: Signature, now: datetime) -> Kept | None:
        """Notes a verified request, and says what was answered to it before; None where it is still to be answered.

        raises  Refused where its nonce was seen, where the id stands for other content, or where the answer is gone
        """
        content = hashlib.sha256(f"{signature.agreement}\n{signature.body}".encode("ascii")).hexdigest()
        with self._durable.transaction() as db:
            self._note_nonce(db, signature, now)
            found = db.execute(
                "SELECT content, file, digest, size FROM requests WHERE organisation = ? AND request = ?",
                (signature.organisation, signature.request_id),
            ).fetchone()
            if found is None:
                db.execute(
                    "INSERT INTO requests (organisation, request, content, taken) VALUES (?, ?, ?, ?)",
                    (signature.organisation, signature.request_id, content, int(now.timestamp())),
                )
                return None
        if found[0] != content:
            raise Refused(
                "other_content",
                "this request id stands for another request",
                to_do="Give each request an id of its own.",
            )
        if found[1] == "" and found[2]:
            raise Refused("not_kept", "the answer is no longer kept", to_do="Ask anew under a new id.")
        return Kept(found[1], found[2], found[3]) if found[1] else None

    def note_nonce(self, signature: Signature, now: datetime) -> None:
        """Notes the nonce of a message that is no request to be answered; Refused where it was seen."""
        with self._durable.transaction() as db:
            self._note_nonce(db, signature, now)

    def keep(self, organisation: str, request: str, answer: Kept) -> None:
        """Notes the answer to a request that was taken; the first one stays."""
        with self._durable.transaction() as db:
            db.execute(
                "UPDATE requests SET file = ?, digest = ?, size = ?"
                " WHERE organisation = ? AND request = ? AND digest = ''",
                (answer.file, answer.digest, answer.size, organisation, request),
            )

    def forget_answers(self, before: datetime) -> list[str]:
        """Files of answers to requests taken before a moment, which may be removed; their ids stay known."""
        with self._durable.transaction() as db:
            old = (int(before.timestamp()),)
            files = db.execute("SELECT file FROM requests WHERE taken < ? AND file <> ''", old).fetchall()
            db.execute("UPDATE requests SET file = '' WHERE taken < ? AND file <> ''", old)
        return [str(row[0]) for row in files]

    def files(self) -> set[str]:
        """Names of the files of all answers that are kept."""
        with self._durable.reading() as db:
            return {str(row[0]) for row in db.execute("SELECT file FROM requests WHERE file <> ''")}

    def _note_nonce(self, db: sqlite3.Connection, signature: Signature, now: datetime) -> None:
        # A nonce is needed for as long as its signature could be taken, by whichever of two clocks runs ahead.
        db.execute("DELETE FROM nonces WHERE until < ?", (int((now - timedelta(seconds=_BACK)).timestamp()),))
        until = int(signature.created.timestamp()) + MAX_AGE
        try:
            db.execute("INSERT INTO nonces VALUES (?, ?, ?)", (signature.key, signature.nonce, until))
        except sqlite3.IntegrityError as error:
            raise Refused(
                "replayed",
                "this very message was taken before",
                to_do="Sign it anew; the same id brings the same answer.",
            ) from error
