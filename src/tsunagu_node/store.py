"""What a holder knows on the day of its extracts, in one sealed file a day; it never leaves, and is opened in memory.

A file is `snapshots/2026-09-30.sealed`: AES-SIV under the store's key, bound to the day, over three Arrow streams.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from tsunagu.errors import EngineError, StateError
from tsunagu.records.stage_tables import PERSON_FACTS, PERSONS
from tsunagu.runs.crypt import decrypt, encrypt

_PROTECTED = pa.schema([pa.field("person_id", pa.string(), nullable=False)])
_FORM = b"tsunagu-snapshot-1"
_LENGTH = 8


@dataclass(frozen=True)
class Snapshot:
    """Extracts of one day, read and linked. person_id is the id that the link group shares.

    persons, facts  PERSONS and PERSON_FACTS
    protected       ids of those whose address is protected; empty where this holder does not know
    """

    on: date
    persons: pa.Table
    facts: pa.Table
    protected: frozenset[str]


class Store:
    """The snapshots of a node. key: of the store, 64 bytes; who lacks it reads nothing."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder, self._key = folder / "snapshots", key

    def keep(self, snapshot: Snapshot) -> Path:
        """Writes a snapshot; one of the same day is replaced whole, or stays as it was where that fails."""
        persons, facts = PERSONS.check(snapshot.persons), PERSON_FACTS.check(snapshot.facts)
        protected = pa.table({"person_id": sorted(snapshot.protected)}, schema=_PROTECTED)
        plain = b"".join(len(s).to_bytes(_LENGTH, "big") + s for s in map(_stream, (persons, facts, protected)))
        path = self._path(snapshot.on)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(encrypt(self._key, plain, bound_to=_bound(snapshot.on)))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise EngineError(
                f"the extracts could not be kept ({type(error).__name__})",
                where=str(path),
                to_do="Check the disk. What was kept before is still there; bring the extracts in again.",
            ) from error
        return path

    def days(self) -> list[date]:
        """Days of which there is a snapshot, in order."""
        return sorted(date.fromisoformat(path.stem) for path in self._folder.glob("????-??-??.sealed"))

    def newest(self, on: date) -> Snapshot:
        """The newest snapshot of a day or before it; StateError where there is none."""
        day = max((day for day in self.days() if day <= on), default=None)
        if day is None:
            raise StateError(
                f"no extracts of {on.isoformat()} or before it have been brought in",
                where=str(self._folder),
                to_do="Bring the department's extracts in first.",
            )
        return self._read(day)

    def forget(self, before: date) -> int:
        """Removes snapshots of earlier days; how many."""
        old = [day for day in self.days() if day < before]
        for day in old:
            self._path(day).unlink()
        return len(old)

    def _read(self, day: date) -> Snapshot:
        path = self._path(day)
        plain = decrypt(self._key, path.read_bytes(), bound_to=_bound(day), where=str(path))
        tables = []
        while plain:
            end = _LENGTH + int.from_bytes(plain[:_LENGTH], "big")
            tables.append(pa.ipc.open_stream(plain[_LENGTH:end]).read_all())
            plain = plain[end:]
        persons, facts, protected = tables
        return Snapshot(
            day, PERSONS.check(persons), PERSON_FACTS.check(facts), frozenset(protected.column("person_id").to_pylist())
        )

    def _path(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}.sealed"


def _bound(day: date) -> bytes:
    return _FORM + b" " + day.isoformat().encode("ascii")


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())
