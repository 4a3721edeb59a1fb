"""Taking in a run's school tables: pupils sealed one by one, in batches; the former run's go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
from django.conf import settings

from tsunagu.records.run_tables import SCHOOL_DAYS, SCHOOL_PUPILS, SCHOOL_RECORDS
from tsunagu.runs.crypt import read_key
from tsunagu.runs.folder import RunFolder
from tsunagu_web.access.models import classroom_key
from tsunagu_web.addresses.vault import Vault, room_for, size_of
from tsunagu_web.boards.models import Pupil, SchoolDay

_BATCH = 500
_ROWS = 20_000
_CELLS = ("person_id", "item", "at", "value", "number", "state")


@dataclass(frozen=True)
class SchoolTables:
    """The three tables of a run, opened; see records/run_tables.py."""

    pupils: pa.Table
    records: pa.Table
    days: pa.Table


def school_tables_of(folder: RunFolder, key: bytes) -> SchoolTables:
    """The run's tables of schools, empty where it has none; PurposeError with another key."""
    return SchoolTables(*(folder.school(shape.name, key) for shape in (SCHOOL_PUPILS, SCHOOL_RECORDS, SCHOOL_DAYS)))


def replace_pupils(found: SchoolTables) -> int:
    """Puts the pupils and school days in place of the former run's, in the caller's transaction; gives the pupils.

    A city has millions of records, so they are opened pupil by pupil, twice: for the room that all seals fill, and to
    be sealed.
    """
    Pupil.objects.all().delete()
    SchoolDay.objects.all().delete()
    SchoolDay.objects.bulk_create((SchoolDay(**row) for row in found.days.to_pylist()), batch_size=_BATCH)
    pupils = {row["person_id"]: row for row in found.pupils.to_pylist()}
    room = room_for(max((size_of(content) for _pupil, content in _contents(found, pupils)), default=0))
    vault = open_vault()
    waiting: list[Pupil] = []
    for pupil, content in _contents(found, pupils):
        waiting.append(_sealed(pupil, vault.seal(pupil["person_id"], content, room=room)))
        if len(waiting) == _BATCH:
            Pupil.objects.bulk_create(waiting)
            waiting = []
    Pupil.objects.bulk_create(waiting)
    return len(pupils)


def open_vault() -> Vault:
    """The vault of this room, with its own key (TSUNAGU_BOARD_KEY); every error of a key file."""
    return Vault(read_key(settings.ENVIRONMENT.board_key), where="school boards")


def _sealed(pupil: Mapping[str, Any], sealed: bytes) -> Pupil:
    return Pupil(
        person_id=pupil["person_id"],
        school=pupil["school"],
        classroom=classroom_key(pupil["school"], pupil["grade"], pupil["class_name"]),
        sealed=sealed,
    )


def _contents(found: SchoolTables, pupils: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    """Each pupil with what is sealed of it: name, reading, number in class, and the records by item."""
    left = dict(pupils)
    for person, rows in groupby(_rows(found.records), itemgetter(0)):
        if (pupil := left.pop(person, None)) is not None:
            yield pupil, _content(pupil, rows)
    for pupil in left.values():  # of whom the school has no record yet
        yield pupil, _content(pupil, ())


def _rows(records: pa.Table) -> Iterator[tuple[Any, ...]]:
    """The rows in the table's order, which keeps a person's together; never all of them as Python values at once."""
    for batch in records.select(list(_CELLS)).to_batches(max_chunksize=_ROWS):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _content(pupil: Mapping[str, Any], rows: Any) -> dict[str, Any]:
    """A record is [day, value]; a value that is not known is null, an event without one is 1."""
    records: dict[str, list[list[str | int | None]]] = {}
    for _person, item, at, value, number, state in rows:
        told = 1 if value is None and number is None else value if number is None else format(number.normalize(), "f")
        day = at.isoformat() if at else None
        records.setdefault(item, []).append([day, told if state == "known" else None])
    return {
        "name": " ".join((pupil["name"] or "").split()),
        "kana": " ".join((pupil["kana"] or "").split()),
        "number": pupil["class_number"],
        "records": records,
    }
