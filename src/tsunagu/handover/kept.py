"""What one end keeps of its hand-overs, in one SQLite file: each step with its log entry and its receipt, or none.

Contents are sealed part by part under a key of their own, which is sealed under the key of this end. At the end of a
hand-over both are destroyed; manifest, receipts and log stay. The database refuses every step that states.py does not
name, and every change of a manifest, a receipt or the log.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tsunagu.audit import table
from tsunagu.audit.chain import Head, SealedRow
from tsunagu.audit.entry import Entry
from tsunagu.durable import Durable
from tsunagu.errors import EngineError, PurposeError, StateError
from tsunagu.handover.manifest import Manifest, read_manifest
from tsunagu.handover.people import Act
from tsunagu.handover.receipts import Receipt, read_receipt
from tsunagu.handover.states import NOT_YET, SIDES
from tsunagu.purposes.canonical import canonical, read_object
from tsunagu.runs.crypt import KEY_BYTES, decrypt, encrypt

_TABLES = "".join(
    (
        table.TABLES,
        """
CREATE TABLE IF NOT EXISTS handovers (
  id TEXT PRIMARY KEY, side TEXT NOT NULL, peer TEXT NOT NULL, state TEXT NOT NULL, manifest BLOB NOT NULL,
  signed BLOB NOT NULL, withdrawal BLOB NOT NULL DEFAULT '', work TEXT NOT NULL, queued_by TEXT NOT NULL,
  content_key BLOB, came_at TEXT NOT NULL, changed_at TEXT NOT NULL, readers TEXT NOT NULL DEFAULT '',
  told_overdue INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS one_of_a_case ON handovers (work)
WHERE side = 'out' AND state IN ('queued', 'offered', 'stored', 'withdrawing');
CREATE TABLE IF NOT EXISTS parts (id TEXT, number INTEGER, sealed BLOB NOT NULL, PRIMARY KEY (id, number));
CREATE TABLE IF NOT EXISTS receipts (
  id TEXT, what TEXT, content BLOB NOT NULL, signed BLOB NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (id, what)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS steps (
  side TEXT, source TEXT, target TEXT, PRIMARY KEY (side, source, target)
) WITHOUT ROWID;
CREATE VIEW IF NOT EXISTS kept AS SELECT
  id, side, peer, state, manifest, work, queued_by, content_key IS NOT NULL, came_at, changed_at, readers
FROM handovers;
CREATE TRIGGER IF NOT EXISTS steps_are_known BEFORE UPDATE OF state ON handovers
WHEN NOT EXISTS (SELECT 1 FROM steps WHERE side = OLD.side AND source = OLD.state AND target = NEW.state)
BEGIN SELECT RAISE(ABORT, 'there is no such step'); END;
CREATE TRIGGER IF NOT EXISTS manifests_stay BEFORE UPDATE OF id, side, peer, manifest ON handovers
BEGIN SELECT RAISE(ABORT, 'a manifest stays'); END;
CREATE TRIGGER IF NOT EXISTS handovers_are_kept BEFORE DELETE ON handovers
BEGIN SELECT RAISE(ABORT, 'a hand-over stays'); END;
CREATE TRIGGER IF NOT EXISTS receipts_stay BEFORE UPDATE OF id, what, content ON receipts
BEGIN SELECT RAISE(ABORT, 'a receipt stays'); END;
CREATE TRIGGER IF NOT EXISTS receipts_are_kept BEFORE DELETE ON receipts
BEGIN SELECT RAISE(ABORT, 'a receipt stays'); END;
""",
    )
)


@dataclass(frozen=True)
class Kept:
    """One hand-over as this end keeps it.

    side      out: this end hands over; in: it receives
    peer      the other organisation
    work      this end's own name of its case (`case:12`), empty at the receiving side; it never travels
    queued_by account of whoever handed it over, empty at the receiving side
    readers   accounts that may open it at the receiving side; empty where the manifest's recipients say
    """

    id: str
    side: str
    peer: str
    state: str
    manifest: Manifest
    work: str
    queued_by: str
    has_contents: bool
    came_at: datetime
    changed_at: datetime
    readers: tuple[str, ...]


class Shelf:
    """The file. key: of this end, 64 bytes; own: this organisation."""

    def __init__(self, path: Path, key: bytes, own: str) -> None:
        self.own, self._key, self._path = own, key, path
        self._durable = Durable(path, _TABLES, erases=True)
        known = {(side.name, step.source, step.target) for side in SIDES.values() for step in side.steps if step.source}
        with self.transaction() as db:
            if set(db.execute("SELECT side, source, target FROM steps")) != known:
                db.execute("DELETE FROM steps")
                db.executemany("INSERT INTO steps VALUES (?, ?, ?)", sorted(known))

    def close(self) -> None:
        """Nothing can be asked afterwards."""
        self._durable.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing."""
        with self._durable.transaction() as db:
            yield db

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """What stands at its beginning; keeps no writer out."""
        with self._durable.reading() as db:
            yield db

    def forget(self) -> bool:
        """Takes what was destroyed out of the file's journal too; False while another process reads it."""
        return self._durable.forget()

    def require_key(self) -> None:
        """EngineError where what is kept here was sealed under another key; nothing tells that while nothing is."""
        with self.reading() as db:
            found = db.execute("SELECT id FROM handovers WHERE content_key IS NOT NULL LIMIT 1").fetchone()
            kept = None if found is None else self.find(db, str(found[0]))
            if kept is not None:
                self._content_key(db, kept)

    def all(self, db: sqlite3.Connection, side: str) -> list[Kept]:
        """Every hand-over of a side, the oldest first."""
        found = db.execute("SELECT * FROM kept WHERE side = ? ORDER BY came_at, id", (side,))
        return [_kept(row) for row in found.fetchall()]

    def find(self, db: sqlite3.Connection, id: str) -> Kept | None:
        """The hand-over of that id, or None."""
        row = db.execute("SELECT * FROM kept WHERE id = ?", (id,)).fetchone()
        return None if row is None else _kept(row)

    def get(self, db: sqlite3.Connection, id: str, side: str) -> Kept:
        """The hand-over of that id and side; StateError where there is none."""
        found = self.find(db, id)
        if found is None or found.side != side:
            raise no_such_handover(id)
        return found

    def add(self, db: sqlite3.Connection, kept: Kept, signed: bytes, step: str, act: Act) -> Kept:
        """A new one with a content key of its own; the step is one from before there was any."""
        SIDES[kept.side].step(step, NOT_YET)
        sealed = encrypt(self._key, os.urandom(KEY_BYTES), bound_to=kept.id.encode()) if kept.has_contents else None
        given = (kept.id, kept.side, kept.peer, kept.state, canonical(kept.manifest.content), signed)
        moments = (moment(kept.came_at), moment(kept.changed_at))
        db.execute(
            "INSERT INTO handovers (id, side, peer, state, manifest, signed, work, queued_by, content_key, came_at,"
            " changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*given, kept.work, kept.queued_by, sealed, *moments),
        )
        self.note(db, kept, step, act)
        return self.get(db, kept.id, kept.side)

    def step(self, db: sqlite3.Connection, kept: Kept, name: str, act: Act, **detail: str | int) -> Kept:
        """The step with its entry; at an end the contents are destroyed. StateError where states.py has none such."""
        side = SIDES[kept.side]
        step = side.step(name, kept.state)
        changed = (step.target, moment(act.at), kept.id, kept.state)
        db.execute("UPDATE handovers SET state = ?, changed_at = ? WHERE id = ? AND state = ?", changed)
        if step.target in side.ends:
            db.execute("UPDATE handovers SET content_key = NULL WHERE id = ?", (kept.id,))
            db.execute("DELETE FROM parts WHERE id = ?", (kept.id,))
        self.note(db, kept, name, act, **detail)
        return self.get(db, kept.id, kept.side)

    def note(self, db: sqlite3.Connection, kept: Kept, name: str, act: Act, **detail: str | int) -> None:
        """An entry about a hand-over."""
        about: Mapping[str, str | int] = {"peer": kept.peer, "manifest_sha256": kept.manifest.hash, **detail}
        work = {"work": kept.work} if kept.work else {}
        action = f"handover_{kept.side}_{name}"
        entry = Entry(
            moment(act.at), act.actor, act.role, action, f"handover:{kept.id}", "handover", (), {**about, **work}
        )
        table.append(db, entry)

    def put_part(self, db: sqlite3.Connection, kept: Kept, number: int, salted: bytes) -> None:
        """Keeps a part sealed."""
        sealed = encrypt(self._content_key(db, kept), salted, bound_to=_place(kept, number))
        db.execute("INSERT INTO parts VALUES (?, ?, ?)", (kept.id, number, sealed))

    def part(self, db: sqlite3.Connection, kept: Kept, number: int) -> bytes:
        """A salted part; StateError where it is not here."""
        found = db.execute("SELECT sealed FROM parts WHERE id = ? AND number = ?", (kept.id, number)).fetchone()
        if found is None:
            raise StateError("this part is not here", where=kept.id, to_do="Read again how the hand-over stands.")
        key = self._content_key(db, kept)
        return decrypt(key, found[0], bound_to=_place(kept, number), where=str(self._path))

    def parts(self, db: sqlite3.Connection, kept: Kept) -> Sequence[bytes]:
        """All salted parts that are here, in order; StateError where the contents were destroyed."""
        self._content_key(db, kept)
        return [self.part(db, kept, number) for number in range(self.count(db, kept))]

    def count(self, db: sqlite3.Connection, kept: Kept) -> int:
        """How many parts are here, without a gap."""
        return int(db.execute("SELECT count(*) FROM parts WHERE id = ?", (kept.id,)).fetchone()[0])

    def put_receipt(self, db: sqlite3.Connection, receipt: Receipt, signed: bytes) -> None:
        """Keeps a receipt; signed: empty while this end's key has not signed it yet."""
        place = db.execute("SELECT count(*) FROM receipts WHERE id = ?", (receipt.handover,)).fetchone()[0]
        values = (receipt.handover, receipt.what, canonical(receipt.content), signed, place)
        db.execute("INSERT INTO receipts VALUES (?, ?, ?, ?, ?)", values)

    def receipts(self, db: sqlite3.Connection, id: str) -> list[tuple[Receipt, bytes]]:
        """The receipts of a hand-over as they came, each with its signed form (empty: not signed yet)."""
        found = db.execute("SELECT content, signed FROM receipts WHERE id = ? ORDER BY place", (id,)).fetchall()
        return [(read_receipt(read_object(content, id), id), signed) for content, signed in found]

    def head(self) -> Head:
        """The end of the log."""
        with self.reading() as db:
            return table.head(db)

    def log(self, after: int = 0) -> list[SealedRow]:
        """The rows of the log behind a number, in order."""
        with self.reading() as db:
            return table.rows(db, after)

    def _content_key(self, db: sqlite3.Connection, kept: Kept) -> bytes:
        found = db.execute("SELECT content_key FROM handovers WHERE id = ?", (kept.id,)).fetchone()[0]
        if found is None:
            raise StateError(
                "the contents of this hand-over were destroyed", where=kept.id, to_do="Manifest and receipts are kept."
            )
        try:
            return decrypt(self._key, found, bound_to=kept.id.encode(), where=str(self._path))
        except PurposeError as error:
            raise EngineError(
                "the key of this end does not open the hand-over",
                where=str(self._path),
                to_do="Name the key file that belongs to this folder.",
            ) from error


def no_such_handover(id: str) -> StateError:
    """Of an id that is not here, and of one that is another's: nobody is told which of the two it is."""
    return StateError("there is no such hand-over here", where=id, to_do="Read the list again.")


def moment(at: datetime) -> str:
    """A moment as entries write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _kept(row: tuple[object, ...]) -> Kept:
    id, side, peer, state, manifest, work, queued_by, has_contents, came_at, changed_at, readers = row
    return Kept(
        str(id),
        str(side),
        str(peer),
        str(state),
        read_manifest(read_object(manifest, str(id)), str(id)),  # type: ignore[arg-type]  # a BLOB column
        str(work),
        str(queued_by),
        bool(has_contents),
        datetime.fromisoformat(str(came_at)),
        datetime.fromisoformat(str(changed_at)),
        tuple(str(readers).split()),
    )


def _place(kept: Kept, number: int) -> bytes:
    return f"{kept.id} {number}".encode()
