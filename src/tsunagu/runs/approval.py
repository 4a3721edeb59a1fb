"""The record of who approved a version of the criteria, and the bundle in which it travels from the desk to the city.

A bundle is a ZIP archive of three files: the criteria, `report.json` (what it would change, in counts, as the two who
approved it read it) and `approval.json`, which names both by hash. The same content gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tsunagu.errors import SourceError, StateError

FORMAT = "tsunagu-approval-1"
RECORD, REPORT = "approval.json", "report.json"
#: So many people other than the author approve, each of another duty.
APPROVALS = 2
_LARGEST = 8 * 1024 * 1024
_TO_DO = "Take the bundle from the desk again; a changed one is not adopted."
_THEN = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Person:
    """Somebody of the staff, as the desk knew them on the day: account, name, role."""

    account: str
    name: str
    role: str
    on: dt.date


@dataclass(frozen=True)
class Approval:
    """criteria, version: what was approved; supersedes: the version it takes the place of; file: its name.

    sha256, report_sha256  hashes of the bytes of the criteria file and of the report
    """

    criteria: str
    version: str
    supersedes: str
    file: str
    sha256: str
    report_sha256: str
    reason: str
    author: Person
    approved: tuple[Person, ...]


@dataclass(frozen=True)
class Bundle:
    """What a bundle holds, its hashes and its people checked."""

    record: Approval
    text: str
    report: str


def packed(record: Approval, *, text: str, report: str) -> bytes:
    """The archive; StateError where record, text and report do not belong together."""
    _require_sound(record, record.file)
    _require_hash(text, record.sha256, record.file)
    _require_hash(report, record.report_sha256, REPORT)
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ((record.file, text), (REPORT, report), (RECORD, record_text(record))):
            archive.writestr(zipfile.ZipInfo(name, _THEN), content.encode())
    return sink.getvalue()


def read_bundle(path: Path) -> Bundle:
    """The bundle at `path`; SourceError where it is none, StateError where it was changed or not approved by two."""
    try:
        with zipfile.ZipFile(path) as archive:
            if any(one.file_size > _LARGEST for one in archive.infolist()):
                raise _no_bundle(path)
            names = sorted(archive.namelist())
            record = _record_of(archive.read(RECORD).decode(), str(path))
            if names != sorted((record.file, REPORT, RECORD)):
                raise _no_bundle(path)
            text, report = (archive.read(name).decode() for name in (record.file, REPORT))
    except (OSError, zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise _no_bundle(path) from error
    _require_hash(text, record.sha256, record.file)
    _require_hash(report, record.report_sha256, REPORT)
    return Bundle(record, text, report)


def read_record(path: Path) -> Approval:
    """The record of a file; SourceError where it is none, StateError where not two people approved."""
    try:
        return _record_of(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(
            "the record of approval cannot be read", where=str(path), to_do="Adopt the bundle of the desk once more."
        ) from error


def record_text(record: Approval) -> str:
    """The record as it is written: JSON with sorted keys and a line end."""
    return (
        json.dumps({"format": FORMAT, **asdict(record)}, ensure_ascii=False, indent=2, sort_keys=True, default=str)
        + "\n"
    )


def _record_of(text: str, where: str) -> Approval:
    try:
        values = json.loads(text)
        if values.pop("format") != FORMAT:
            raise ValueError
        people = [_person(one) for one in values.pop("approved")]
        record = Approval(**{**values, "author": _person(values["author"]), "approved": tuple(people)})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError("this is no record of approval", where=where, to_do=_TO_DO) from error
    _require_sound(record, where)
    return record


def _person(values: Mapping[str, Any]) -> Person:
    return Person(**{**values, "on": dt.date.fromisoformat(values["on"])})


def _require_sound(record: Approval, where: str) -> None:
    accounts = {one.account for one in record.approved} - {record.author.account}
    roles = {one.role for one in record.approved}
    if len(accounts) < APPROVALS or len(accounts) != len(record.approved) or len(roles) < APPROVALS:
        raise StateError(
            "this version was not approved by two people of two duties, other than its author",
            where=where,
            to_do="Have it approved at the desk, then take its bundle.",
        )
    if Path(record.file).name != record.file or not record.file.endswith(".toml"):
        raise SourceError("the record names no criteria file", where=where, to_do=_TO_DO)


def _require_hash(text: str, sha256: str, where: str) -> None:
    if hashlib.sha256(text.encode()).hexdigest() != sha256:
        raise StateError("this is not what was approved", where=where, to_do=_TO_DO)


def _no_bundle(path: Path) -> SourceError:
    return SourceError(
        "this is no bundle of approved criteria",
        where=str(path),
        to_do="Name the archive that the desk gave for an approved draft.",
    )
