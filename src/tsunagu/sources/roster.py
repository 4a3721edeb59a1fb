"""A school roster in OneRoster CSV (1.2, with the Japanese profile's metadata.jp.* columns).

A row of users.csv is the record of a person: reading, birth date, sex, class and number are joined to it by sourcedId.
Rows of enrollments and demographics are records too and carry the user's sourcedId as their key. The other members
(orgs, classes, courses, academicSessions, manifest) describe no person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pyarrow as pa

from tsunagu.records.shapes import DAY, TEXT, WHOLE
from tsunagu.records.stage_tables import SOURCE_FACTS
from tsunagu.sources.columns import Schools
from tsunagu.sources.spec import IDENTITY_ROLES, ColumnSpec, KeyPart, SourceSpec, ValueKind
from tsunagu.sources.tables import TableResult
from tsunagu.sources.words import fold_word

PERSON_MEMBERS = ("users.csv", "enrollments.csv", "demographics.csv")
_NAMES: Mapping[str, tuple[tuple[str, str, ValueKind], ...]] = {
    "users.csv": (
        ("local_no", "sourcedId", "key"),
        ("login_id", "username", "key"),
        ("pupil_no", "identifier", "number_key"),
        ("given", "givenName", "text"),
        ("family", "familyName", "text"),
        ("grades", "grades", "text"),
        ("org", "primaryOrgSourcedId", "key"),
        ("kana_given", "metadata.jp.kanaGivenName", "text"),
        ("kana_family", "metadata.jp.kanaFamilyName", "text"),
        ("home_class", "metadata.jp.homeClass", "key"),
        ("status", "status", "text"),
    ),
    "enrollments.csv": (
        ("local_no", "userSourcedId", "key"),
        ("class", "classSourcedId", "key"),
        ("org", "schoolSourcedId", "key"),
        ("class_number", "metadata.jp.ShussekiNo", "whole"),
        ("role", "role", "text"),
        ("status", "status", "text"),
        ("begin", "beginDate", "date"),
        ("end", "endDate", "date"),
    ),
    "demographics.csv": (
        ("local_no", "sourcedId", "key"),
        ("birth_date", "birthDate", "birth_date"),
        ("sex", "sex", "code"),
    ),
    "orgs.csv": (
        ("local_no", "sourcedId", "key"),
        ("org_name", "name", "text"),
        ("type", "type", "text"),
        ("code", "identifier", "key"),
    ),
    "classes.csv": (
        ("local_no", "sourcedId", "key"),
        ("title", "title", "text"),
        ("class_code", "classCode", "text"),
        ("org", "schoolSourcedId", "key"),
    ),
    "courses.csv": (("local_no", "sourcedId", "key"), ("title", "title", "text")),
    "academicsessions.csv": (("local_no", "sourcedId", "key"), ("school_year", "schoolYear", "text")),
    "manifest.csv": (("local_no", "propertyName", "key"), ("value", "value", "text")),
}
_DELETED = "tobedeleted"
_SEX = {"male": "1", "female": "2"}
_CLASS = re.compile(r".*?(?:年|[-_/])\s*(.+?)\s*組?")


def member_name(path: str) -> str:
    """A member's bare name, whatever folder of the zip it lies in."""
    return path.rsplit("/", 1)[-1].lower()


def member_spec(spec: SourceSpec, member: str) -> SourceSpec | None:
    """How a member of the zip is read; None for a member that OneRoster does not know or we do not need."""
    names = _NAMES.get(member_name(member))
    if names is None:
        return None
    columns = {
        role: ColumnSpec(role=role, kind=kind, words=frozenset({fold_word(word)}), codes=_SEX if role == "sex" else {})
        for role, word, kind in names
    }
    return replace(spec, kind="table", columns=columns, key=(KeyPart(role="local_no"),))


def extra_roles(member: str) -> tuple[str, ...]:
    """Roles of a member that are no identity column."""
    names = _NAMES.get(member_name(member), ())
    return tuple(role for role, _, _ in names if role not in IDENTITY_ROLES)


@dataclass
class RosterSchools:
    """What all rosters of a delivery know of schools.

    code_of  org sourcedId -> school code; names  folded name -> code; stages  code -> grades seen
    """

    code_of: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    stages: dict[str, set[bool]] = field(default_factory=dict)

    def add(self, orgs: TableResult | None, users: TableResult | None, grades: Mapping[str, int]) -> None:
        for org in _rows(orgs):
            if org["local_no"] and org["code"] and org["type"] == "school":
                self.code_of[org["local_no"]] = org["code"]
                if org["org_name"]:
                    self.names[fold_word(org["org_name"])] = org["code"]
                    self.shown[org["code"]] = org["org_name"]
        for user in _rows(users):
            grade, code = _grade(user["grades"], grades), self.code_of.get(user["org"] or "")
            if grade is not None and code is not None:
                self.stages.setdefault(code, set()).add(grade >= 7)

    def schools(self, junior_ends: tuple[str, ...]) -> Schools:
        """Junior high schools: the roster shows grades 7-9 only, or the name says so where it shows nobody."""
        junior = {code for code, stages in self.stages.items() if stages == {True}}
        ends = tuple(fold_word(e) for e in junior_ends)
        junior |= {
            code for name, code in self.names.items() if ends and name.endswith(ends) and code not in self.stages
        }
        return Schools(by_name=dict(self.names), junior=frozenset(junior))


def join_roster(
    tables: dict[str, TableResult], schools: RosterSchools, grades: Mapping[str, int], year: int | None
) -> dict[str, TableResult]:
    """The person members with what the other members know of each user, and one `roster` fact per pupil."""
    classes = {row["local_no"]: _class_name(row) for row in _rows(tables.get("classes.csv"))}
    birth = {row["local_no"]: row for row in _rows(tables.get("demographics.csv"))}
    seat = _seats(_rows(tables.get("enrollments.csv")))
    joined = {}
    for member in PERSON_MEMBERS:
        result = tables.get(member)
        if result is None:
            continue
        rows = result.records.to_pylist()
        for row in rows:
            row["fiscal_year"] = year
            if member == "users.csv":
                row["grade"] = _grade(row["grades"], grades)
                row["school"] = schools.code_of.get(row["org"] or seat.get(row["local_no"], {}).get("org") or "")
                _fill_user(row, birth.get(row["local_no"], {}), seat.get(row["local_no"], {}), classes)
            elif member == "enrollments.csv" and row["role"] in (None, "student"):
                row["school"] = schools.code_of.get(row["org"] or "")
                row["class_name"] = classes.get(row["class"])
        kept = result.records.drop_columns(list(extra_roles(member)))
        facts = _facts(rows, year) if member == "users.csv" else SOURCE_FACTS.empty()
        # The table keeps identity columns only: whatever else a row knew stays here.
        joined[member] = replace(result, records=pa.Table.from_pylist(rows, schema=kept.schema), facts=facts)
    return joined


def _seats(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Each pupil's enrolment: one that has not ended before one that has, then the latest begun."""
    rows = [r for r in rows if r["role"] in (None, "student") and r["status"] != _DELETED]
    rows.sort(key=lambda r: (r["end"] is None, r["begin"] or date.min, -int(r["record_id"])))
    return {row["local_no"]: row for row in rows}


def _fill_user(
    row: dict[str, Any], birth: Mapping[str, Any], seat: Mapping[str, Any], classes: Mapping[str, str | None]
) -> None:
    """What demographics, enrollments and classes know of one user."""
    if row["grade"] is None and row["pupil_no"] is None:
        # Teachers are counted and no more: nothing of theirs serves the purpose.
        row["login_id"] = row["school"] = None
        return
    row["name"] = "\u3000".join(part for part in (row["family"], row["given"]) if part) or None
    row["kana"] = "\u3000".join(part for part in (row["kana_family"], row["kana_given"]) if part) or None
    row["birth_date"], row["sex"] = birth.get("birth_date"), birth.get("sex")
    row["class_name"] = classes.get(seat.get("class") or row["home_class"])
    row["class_number"] = seat.get("class_number")


def _facts(rows: list[dict[str, Any]], year: int | None) -> pa.Table:
    # A row set aside may have lost what tells a pupil from a teacher: it counts as a pupil's, for unknown is not no.
    pupils = [
        r
        for r in rows
        if r["state"] == "set_aside"
        or (r["state"] == "read" and r["status"] != _DELETED and (r["grade"] is not None or r["pupil_no"] is not None))
    ]
    known = [r["state"] == "read" and None not in (r["grade"], r["school"], year) for r in pupils]
    count = len(pupils)
    return pa.table(
        {
            "record_id": pa.array([r["record_id"] for r in pupils], WHOLE),
            "item": pa.array(["roster"] * count, TEXT),
            "at": pa.array([date(year, 4, 1) if year else None] * count, DAY),
            "until": pa.nulls(count, DAY),
            "label": pa.array([r["school"] for r in pupils], TEXT),
            "text": pa.array(["municipal" if k else None for k in known], TEXT),
            "number": pa.array([r["grade"] if k else None for r, k in zip(pupils, known, strict=True)], WHOLE),
            "state": pa.array(
                [
                    "set_aside" if r["state"] == "set_aside" else "known" if k else "unknown"
                    for r, k in zip(pupils, known, strict=True)
                ],
                TEXT,
            ),
            "recorded_at": pa.nulls(count, SOURCE_FACTS.schema.field("recorded_at").type),
        }
    ).cast(SOURCE_FACTS.schema)


def _grade(written: str | None, grades: Mapping[str, int]) -> int | None:
    return grades.get(fold_word(written.split(",")[0])) if written else None


def _class_name(row: Mapping[str, str | None]) -> str | None:
    for written in (row["class_code"], row["title"]):
        if written and (found := _CLASS.fullmatch(written)):
            return found[1]
    return row["class_code"] or row["title"]


def _rows(result: TableResult | None) -> list[dict[str, Any]]:
    return [r for r in result.records.to_pylist() if r["state"] == "read"] if result else []
