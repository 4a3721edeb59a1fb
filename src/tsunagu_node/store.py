"""What a holder keeps, sealed, a file a day of each kind; it never leaves, and is opened in memory.

deliveries/  its department's extracts as they were read
linking/     which of its records each number names that it sent to be linked
answers/     at the register's holder: what it found for each organisation
snapshots/   persons and their facts, once its records are linked; what is answered is computed from these

A record's number is its place in one import alone. So each of the others says of which import it was made, and meets
no records of another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from tsunagu.errors import StateError
from tsunagu.records.keyed_tables import KEYED_ANSWERS
from tsunagu.records.stage_tables import PERSON_FACTS, PERSONS, SOURCE_FACTS, SOURCE_RECORDS
from tsunagu.sources.absence import Absence
from tsunagu_node.keyfiles import remove_left
from tsunagu_node.sealed_tables import keep_tables, read_tables, tables_sha256

_PROTECTED = pa.schema([pa.field("person_id", pa.string(), nullable=False)])
_LINKS = pa.schema([pa.field("record_id", pa.int32(), nullable=False), pa.field("person_id", pa.string())])
#: Name of the table with the import's hash: no extract has a name with a bar at its head.
_IMPORT = "|import"
#: Name of the table with the hash of what was sent of each extract.
_SENT = "|sent"
_KINDS = ("deliveries", "linking", "answers", "snapshots")


@dataclass(frozen=True)
class Brought:
    """Extracts of one day as they were read.

    absent   items of which nothing is known; schools: code -> name
    made_of  SHA-256 of all that was brought in, by which the store tells one import from another; "" before it is kept
    """

    on: date
    records: pa.Table
    facts: pa.Table
    absent: tuple[Absence, ...]
    schools: Mapping[str, str]
    made_of: str = ""


@dataclass(frozen=True)
class Snapshot:
    """Extracts of one day, linked. person_id is the id that the link group shares.

    persons, facts  PERSONS and PERSON_FACTS
    protected       ids of those whose address is protected; None where this holder does not know
    links           record_id, person_id: whose each record of the delivery is
    made_of         Brought.made_of of that delivery; "" of a snapshot that was not linked from one, or does not say
    """

    on: date
    persons: pa.Table
    facts: pa.Table
    protected: frozenset[str] | None
    links: pa.Table = field(default_factory=_LINKS.empty_table)
    made_of: str = ""

    @cached_property
    def sha256(self) -> str:
        """Changes with anything that an answer can be computed of."""
        protected = [] if self.protected is None else sorted(self.protected)
        told = pa.table({"of": [self.made_of, str(self.protected is None), *protected]})
        return tables_sha256({"persons": self.persons, "facts": self.facts, "links": self.links, "told": told})

    def require_of(self, brought: Brought) -> None:
        """StateError where its links are of another import than these records."""
        self.require_of_import(brought.made_of)

    def require_of_import(self, made_of: str) -> None:
        """The same, of the import with that hash."""
        _require_same(self.made_of, made_of, self.on)


class Store:
    """The files of a node. key: of the store, 64 bytes; who lacks it reads nothing."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder, self._key = folder, key
        self._imports: dict[tuple[date, int, int], str] = {}
        for kind in _KINDS:
            remove_left(folder / kind)

    def bring(self, brought: Brought) -> None:
        """Keeps a day's extracts; those of the same day are replaced whole."""
        absent = [{"item": one.item, "at": list(one.at), "file": one.file} for one in brought.absent]
        schema = pa.schema([("item", pa.string()), ("at", pa.list_(pa.date32())), ("file", pa.string())])
        tables = {
            "records": SOURCE_RECORDS.check(brought.records),
            "facts": SOURCE_FACTS.check(brought.facts),
            "absent": pa.Table.from_pylist(absent, schema=schema),
            "schools": pa.table(
                {
                    "code": pa.array(brought.schools, pa.string()),
                    "name": pa.array(brought.schools.values(), pa.string()),
                }
            ),
        }
        keep_tables(self._path("deliveries", brought.on), self._key, _of_import(tables, tables_sha256(tables)))

    def brought_days(self) -> list[date]:
        """Days of which there are extracts, in order."""
        return self._days("deliveries")

    def brought(self, on: date) -> Brought:
        """The newest extracts of a day or before it; StateError where there are none."""
        day = self._newest("deliveries", on, "Bring the department's extracts in first: tsunagu node import.")
        tables, made_of = self._read("deliveries", day)
        # Kept before imports had a hash: what was linked of it has none either, and is refused until it is linked anew.
        made_of = made_of or tables_sha256(tables)
        absent = tuple(Absence(one["item"], tuple(one["at"]), one["file"]) for one in tables["absent"].to_pylist())
        schools = dict(zip(*(tables["schools"].column(c).to_pylist() for c in ("code", "name")), strict=True))
        records, facts = SOURCE_RECORDS.check(tables["records"]), SOURCE_FACTS.check(tables["facts"])
        return Brought(day, records, facts, absent, schools, made_of)

    def made_of(self, day: date) -> str:
        """Brought.made_of of the extracts of that very day; opened once for each import."""
        seen = self._path("deliveries", day).stat()
        known = (day, seen.st_ino, seen.st_mtime_ns)
        if known not in self._imports:
            self._imports = {known: self.brought(day).made_of}
        return self._imports[known]

    def keep_numbers(self, brought: Brought, numbers: Mapping[str, pa.Table], sent: Mapping[str, str]) -> None:
        """Keeps which of these records each number names, by extract (linkage.keyed.Kept.numbers).

        sent  extract -> hash of what was sent of it, by which its answer is known
        """
        tables = {**numbers, _SENT: _marks(sent)}
        keep_tables(self._path("linking", brought.on), self._key, _of_import(tables, brought.made_of))

    def is_numbered(self, day: date) -> bool:
        """Whether the extracts of that day were sent to be linked as they now are."""
        return self._path("linking", day).exists() and self._read("linking", day)[1] == self.made_of(day)

    def numbers(self, brought: Brought) -> tuple[dict[str, pa.Table], dict[str, str]]:
        """Both; StateError where these very extracts were not sent to be linked, or others of their day were."""
        path = self._path("linking", brought.on)
        if not path.exists():
            raise StateError(
                f"the records of {brought.on.isoformat()} have not been sent to be linked",
                where=str(path.parent),
                to_do="Let the register's holder ask for them first: tsunagu node link, there.",
            )
        numbers, made_of = self._read("linking", brought.on)
        _require_same(made_of, brought.made_of, brought.on)
        return numbers, _read_marks(numbers.pop(_SENT, None))

    def keep_answers(self, brought: Brought, answers: Mapping[str, pa.Table], sent: Mapping[str, str]) -> None:
        """Keeps what was found for each extract of the link group (KEYED_ANSWERS), at the register's holder.

        brought  its own, with which the others' were linked
        sent     for each of the same, the hash of what was linked
        """
        tables = {name: KEYED_ANSWERS.check(table) for name, table in answers.items()} | {_SENT: _marks(sent)}
        keep_tables(self._path("answers", brought.on), self._key, _of_import(tables, brought.made_of))

    def answers(self, brought: Brought) -> tuple[dict[str, pa.Table], dict[str, str]] | None:
        """Both; None where nothing was linked for that very day, StateError where it was with another import."""
        if not self._path("answers", brought.on).exists():
            return None
        answers, made_of = self._read("answers", brought.on)
        _require_same(made_of, brought.made_of, brought.on)
        return answers, _read_marks(answers.pop(_SENT, None))

    def answers_before(self, on: date) -> dict[str, pa.Table]:
        """What was found when it was linked last, for that day or before it; nothing where that never was."""
        day = max((day for day in self._days("answers") if day <= on), default=None)
        found = {} if day is None else self._read("answers", day)[0]
        return {name: table for name, table in found.items() if name != _SENT}

    def keep(self, snapshot: Snapshot) -> Path:
        """Writes a snapshot; one of the same day is replaced whole, or stays as it was where that fails."""
        path = self._path("snapshots", snapshot.on)
        tables = {
            "persons": PERSONS.check(snapshot.persons),
            "facts": PERSON_FACTS.check(snapshot.facts),
            "links": snapshot.links.cast(_LINKS),
        }
        if snapshot.protected is not None:
            tables["protected"] = pa.table({"person_id": sorted(snapshot.protected)}, schema=_PROTECTED)
        keep_tables(path, self._key, _of_import(tables, snapshot.made_of))
        return path

    def days(self) -> list[date]:
        """Days of which there is a snapshot, in order."""
        return self._days("snapshots")

    def newest(self, on: date) -> Snapshot:
        """The newest snapshot of a day or before it; StateError where there is none."""
        day = self._newest("snapshots", on, "Bring the department's extracts in and have them linked first.")
        tables, made_of = self._read("snapshots", day)
        known = tables.get("protected")
        protected = None if known is None else frozenset(known.column("person_id").to_pylist())
        persons, facts = PERSONS.check(tables["persons"]), PERSON_FACTS.check(tables["facts"])
        return Snapshot(day, persons, facts, protected, tables["links"], made_of)

    def mark(self, on: date) -> tuple[date, int, int] | None:
        """What changes when another snapshot is the newest of a day, or it was made anew; None without one."""
        day = max((day for day in self.days() if day <= on), default=None)
        if day is None:
            return None
        found = self._path("snapshots", day).stat()
        return day, found.st_ino, found.st_mtime_ns

    def forget(self, before: date) -> int:
        """Removes what is of earlier days; how many snapshots."""
        removed = 0
        for kind in _KINDS:
            for day in self._days(kind):
                if day < before:
                    self._path(kind, day).unlink()
                    removed += kind == "snapshots"
        return removed

    def _read(self, kind: str, day: date) -> tuple[dict[str, pa.Table], str]:
        """The tables of a file, and of which import they were made; "" where an older file does not say."""
        tables = read_tables(self._path(kind, day), self._key)
        said = tables.pop(_IMPORT, None)
        return tables, "" if said is None else str(said.column("sha256")[0].as_py())

    def _days(self, kind: str) -> list[date]:
        return sorted(date.fromisoformat(path.stem) for path in (self._folder / kind).glob("????-??-??.sealed"))

    def _newest(self, kind: str, on: date, to_do: str) -> date:
        day = max((day for day in self._days(kind) if day <= on), default=None)
        if day is None:
            what = f"no extracts of {on.isoformat()} or before it have been brought in"
            raise StateError(what, where=str(self._folder / kind), to_do=to_do)
        return day

    def _path(self, kind: str, day: date) -> Path:
        return self._folder / kind / f"{day.isoformat()}.sealed"


def _of_import(tables: Mapping[str, pa.Table], made_of: str) -> dict[str, pa.Table]:
    return {**tables, _IMPORT: pa.table({"sha256": pa.array([made_of], pa.string())})}


def _marks(sent: Mapping[str, str]) -> pa.Table:
    return pa.table({"of": pa.array(sent, pa.string()), "sha256": pa.array(sent.values(), pa.string())})


def _read_marks(table: pa.Table | None) -> dict[str, str]:
    # Kept before what was sent had a hash: then it is of nothing, and is refused until it is linked anew.
    return {} if table is None else dict(zip(*(table.column(c).to_pylist() for c in ("of", "sha256")), strict=True))


def _require_same(made_of: str, brought: str, on: date) -> None:
    if not made_of or made_of != brought:
        raise StateError(
            f"the extracts of {on.isoformat()} were brought in anew after they were linked",
            to_do="Have them linked again: tsunagu node link, at the register's holder first. What was corrected is "
            "answered anew; nothing was told.",
        )
