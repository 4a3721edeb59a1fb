"""How a city reads one extract, as typed values. Made from `sources/*.toml` by `spec_loading.py`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal, get_args

ValueKind = Literal[
    "text",
    "key",
    "number_key",
    "date",
    "open_date",
    "moment",
    "birth_date",
    "birth_or_age",
    "fiscal_year",
    "month",
    "school_code",
    "school_name",
    "grade",
    "seat",
    "whole",
    "number",
    "code",
]
VALUE_KINDS: tuple[str, ...] = get_args(ValueKind)

# Roles that fill the column of SOURCE_RECORDS of the same name; every other role only serves facts and keys.
IDENTITY_ROLES: dict[str, tuple[str, ...]] = {
    "resident_no": ("number_key",),
    "household_no": ("number_key",),
    "pupil_no": ("number_key",),
    "login_id": ("key",),
    "local_no": ("key", "number_key"),
    "school": ("school_code", "school_name"),
    "fiscal_year": ("fiscal_year",),
    "grade": ("grade",),
    "class_name": ("key",),
    "class_number": ("whole",),
    "name": ("text",),
    "kana": ("text",),
    "alias": ("text",),
    "birth_date": ("birth_date", "birth_or_age"),
    "sex": ("code",),
    "relation": ("text",),
    "address": ("text",),
    "previous_address": ("text",),
    "previous_household_no": ("number_key",),
    "suppression_flag": ("text",),
    "other_party_name": ("text",),
    "other_party_address": ("text",),
    "guardian_name": ("text",),
    "guardian2_name": ("text",),
    "guardian_resident_no": ("number_key",),
    "guardian_birth_date": ("birth_date",),
}


@dataclass(frozen=True)
class ColumnSpec:
    """One column of an extract, found by its header word.

    words      folded header words that name it, in any year
    codes      folded cell text -> ASCII code (kind code)
    blank      folded cell texts that say "nothing here" as plainly as an empty cell
    units      words that may follow a number
    least/most plausible range of a number, both ends included
    at_most    role of another column whose number this one cannot exceed
    required   without this column the file cannot be read
    past_only  a date well after the delivery's as-of date is a mistake
    within_school  a grade that counts within its school (1-3 of a junior high school are 7-9)
    """

    role: str
    kind: ValueKind
    words: frozenset[str]
    codes: Mapping[str, str] = field(default_factory=dict)
    blank: frozenset[str] = frozenset()
    units: tuple[str, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    at_most: str = ""
    required: bool = False
    past_only: bool = False
    within_school: bool = False


@dataclass(frozen=True)
class FactSpec:
    """One value of a catalogue item that every row of an extract carries.

    at        "year" (1 April of the row's fiscal year), "month" (first of the month of `month`), a date role, or ""
    until     role of the end date, or ""
    text      role of the coded value, or ""; `constant` is a fixed code instead
    number    role of the number, or ""
    label     role of the label; "file_school" is the school in the file's name
    at_optional   a blank or unreadable date leaves the value known; label_optional the same for the label
    only_with     role; rows where this cell is blank say nothing about the item
    """

    item: str
    at: str
    until: str = ""
    text: str = ""
    constant: str = ""
    number: str = ""
    label: str = ""
    at_optional: bool = False
    label_optional: bool = False
    only_with: str = ""


@dataclass(frozen=True)
class KeyPart:
    """Part of a record key: literal text, or the cell of a role ("year": the row's fiscal year).

    width  digits the holder pads this part to inside the key; 0: none
    """

    role: str = ""
    literal: str = ""
    width: int = 0


@dataclass(frozen=True)
class SourceSpec:
    """One kind of extract.

    path         the spec's own file, for messages
    kind         "table", "roster" (a OneRoster zip), or "slip"
    pattern      matches the file's path below the extracts folder, extension excluded; named groups year, school
    encodings    candidates, the first that fits wins a tie
    sheet        name of the spreadsheet's sheet, "" for the only one
    year_from    role of a date whose fiscal year is the row's, "" when the file says the year itself
    recorded_at  role of the moment at which the holder recorded the row
    age_on       role of the day on which an age written in place of a birth date was true
    expected     a delivery without such a file is worth a word
    codes        for a roster: its grade words -> grade
    """

    id: str
    holder: str
    path: str
    kind: Literal["table", "roster", "slip"]
    pattern: re.Pattern[str]
    encodings: tuple[str, ...]
    sheet: str
    key: tuple[KeyPart, ...]
    year_from: str
    recorded_at: str
    age_on: str
    expected: bool
    columns: Mapping[str, ColumnSpec]
    facts: tuple[FactSpec, ...]
    grades: Mapping[str, int]

    @property
    def key_roles(self) -> tuple[str, ...]:
        return tuple(part.role for part in self.key if part.role and part.role != "year")

    @property
    def required_roles(self) -> frozenset[str]:
        return frozenset(c.role for c in self.columns.values() if c.required)


@dataclass(frozen=True)
class CitySources:
    """Everything a city says about its extracts.

    total_words  folded words that mark a total row
    """

    specs: tuple[SourceSpec, ...]
    total_words: frozenset[str]
    junior_high_name_ends: tuple[str, ...]

    def of(self, items: Collection[str]) -> CitySources:
        """The same extracts, of which only facts about these items are read."""
        specs = (replace(s, facts=tuple(f for f in s.facts if f.item in items)) for s in self.specs)
        return replace(self, specs=tuple(specs))

    def slip(self) -> SourceSpec | None:
        return next((s for s in self.specs if s.kind == "slip"), None)

    def tables(self) -> tuple[SourceSpec, ...]:
        return tuple(s for s in self.specs if s.kind != "slip")
