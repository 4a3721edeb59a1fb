"""Requests that wait for holders who fetch them, and the replies that they bring: for nodes without an inbound port.

A request is signed anew each time it is handed out, so that it is never too old; a reply is bound to one of these.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tsunagu.durable import Durable
from tsunagu.errors import StateError
from tsunagu_node.messages import LARGEST_REQUEST, Request, digest_of, request_of
from tsunagu_node.opening import remove_untouched
from tsunagu_node.refusals import Refused
from tsunagu_node.signed import MAX_AGE, Signature, sign_request

#: What one look into the mailbox brings at most: requests, and bytes of them. As base64 in JSON they must stay below
#: what canonical.read_object reads.
MOST, MOST_BYTES = 16, 640 << 10
_TABLES = """
CREATE TABLE IF NOT EXISTS requests (
  request TEXT PRIMARY KEY, holder TEXT NOT NULL, agreement TEXT NOT NULL, body BLOB NOT NULL, put INTEGER NOT NULL,
  status INTEGER NOT NULL DEFAULT 0, digest TEXT NOT NULL DEFAULT '', file TEXT NOT NULL DEFAULT '',
  proof TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handed (
  value TEXT PRIMARY KEY, request TEXT NOT NULL, url TEXT NOT NULL, inputs TEXT NOT NULL, until INTEGER NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Brought:
    """A reply that a holder brought. file: its body; proof: the holder's signature, which was verified when it came."""

    status: int
    file: Path
    proof: Signature


class Mailbox:
    """Requests of one organisation to holders who poll, in one file, with a folder for what they bring."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "brought"
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._durable = Durable(folder / "mailbox.sqlite3", _TABLES)

    def close(self) -> None:
        """Nothing can be asked afterwards."""
        self._durable.close()

    def put(self, holder: str, agreement: str, request_id: str, body: bytes, now: datetime) -> None:
        """Leaves a request for a holder; the same once more is nothing new, other content is StateError."""
        if len(body) > LARGEST_REQUEST:
            raise StateError(
                f"a request has at most {LARGEST_REQUEST:,} bytes", where=request_id, to_do="Ask for less at a time."
            )
        with self._durable.transaction() as db:
            found = db.execute(
                "SELECT holder, agreement, body FROM requests WHERE request = ?", (request_id,)
            ).fetchone()
            if found is None:
                db.execute(
                    "INSERT INTO requests (request, holder, agreement, body, put) VALUES (?, ?, ?, ?, ?)",
                    (request_id, holder, agreement, body, int(now.timestamp())),
                )
            elif found != (holder, agreement, body):
                raise StateError(
                    "this request id stands for another request",
                    where=request_id,
                    to_do="Give each request an id of its own.",
                )

    def waiting(self, holder: str, address: str, key: Ed25519PrivateKey, now: datetime) -> list[tuple[Request, bytes]]:
        """Requests that this holder has not answered, the oldest first, each signed now."""
        with self._durable.transaction() as db:
            db.execute("DELETE FROM handed WHERE until < ?", (int(now.timestamp()) - MAX_AGE,))
            rows = db.execute(
                "SELECT request, agreement, body FROM requests WHERE holder = ? AND status = 0 ORDER BY put, request"
                " LIMIT ?",
                (holder, MOST),
            ).fetchall()
            made: list[tuple[Request, bytes]] = []
            left = MOST_BYTES
            for request_id, agreement, body in rows:
                left -= len(body)
                if made and left < 0:
                    break
                request = request_of(f"{address}/answers", agreement, request_id, digest_of(body))
                sign_request(request, key, now)
                until = int((now + timedelta(seconds=MAX_AGE)).timestamp())
                headers = request.headers
                db.execute(
                    "INSERT INTO handed VALUES (?, ?, ?, ?, ?)",
                    (headers["signature"], request_id, request.url, headers["signature-input"], until),
                )
                made.append((request, body))
        return made

    def handed(self, holder: str, request_id: str, signature: str) -> Request:
        """The request that was handed out with that signature; Refused where this holder was handed none such."""
        with self._durable.reading() as db:
            found = db.execute(
                "SELECT h.url, h.inputs, r.agreement, r.body FROM handed h JOIN requests r USING (request)"
                " WHERE h.value = ? AND h.request = ? AND r.holder = ?",
                (signature, request_id, holder),
            ).fetchone()
        if found is None:
            raise Refused(
                "not_known", "no such request was handed to this organisation", to_do="Fetch the requests anew."
            )
        request = request_of(found[0], found[2], request_id, digest_of(found[3]))
        request.headers["signature-input"], request.headers["signature"] = found[1], signature
        return request

    def bring(self, brought: Brought) -> bool:
        """Notes a reply; whether it is the first. Refused where another was brought before."""
        proof, what = brought.proof, (brought.status, brought.proof.body)
        written = json.dumps({**asdict(proof), "created": proof.created.isoformat()})
        with self._durable.transaction() as db:
            found = db.execute("SELECT status, digest FROM requests WHERE request = ?", (proof.request_id,)).fetchone()
            if found is not None and found[0] == 0:
                db.execute(
                    "UPDATE requests SET status = ?, digest = ?, file = ?, proof = ? WHERE request = ?",
                    (*what, brought.file.name, written, proof.request_id),
                )
                return True
        if found != what:
            raise Refused(
                "other_content", "another reply was brought before", to_do="Bring the same one again, or none."
            )
        return False

    def brought(self, request_id: str) -> Brought | None:
        """The reply to a request; None where none has come. StateError where no such request was put."""
        with self._durable.reading() as db:
            found = db.execute("SELECT status, file, proof FROM requests WHERE request = ?", (request_id,)).fetchone()
        if found is None:
            raise StateError("no such request waits here", where=request_id, to_do="Put it first.")
        if found[0] == 0:
            return None
        read = json.loads(found[2])
        proof = Signature(**{**read, "created": datetime.fromisoformat(read["created"])})
        return Brought(found[0], self.folder / found[1], proof)

    def tidy(self, untouched: float = 0.0) -> None:
        """Removes what a stopped node left of replies that were being brought.

        untouched  seconds in which nobody wrote to it; 0 where no other process may be taking one
        """
        # First the files, then those that are noted: one that is noted in between stays.
        files = list(self.folder.iterdir())
        with self._durable.reading() as db:
            known = {str(row[0]) for row in db.execute("SELECT file FROM requests WHERE file <> ''")}
        remove_untouched((file for file in files if file.name not in known), untouched)

    def forget(self, before: datetime) -> None:
        """Removes what was put before a moment, answered or not, with the files of the replies."""
        old = (int(before.timestamp()),)
        with self._durable.transaction() as db:
            files = db.execute("SELECT file FROM requests WHERE put < ? AND file <> ''", old).fetchall()
            db.execute("DELETE FROM handed WHERE request IN (SELECT request FROM requests WHERE put < ?)", old)
            db.execute("DELETE FROM requests WHERE put < ?", old)
        for (name,) in files:
            (self.folder / name).unlink(missing_ok=True)
