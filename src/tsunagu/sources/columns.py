"""Columns of cells to columns of values: each distinct cell is read once, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.records.shapes import DAY, MOMENT, NUMBER, TEXT, WHOLE
from tsunagu.sources import values
from tsunagu.sources.spec import ColumnSpec
from tsunagu.sources.words import fold_word
from tsunagu.text.form import shape


@dataclass(frozen=True)
class Schools:
    """The schools of the roster.

    by_name  folded name -> code; junior  codes of schools that count grades 7-9 as 1-3
    """

    by_name: Mapping[str, str] = field(default_factory=dict)
    junior: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Place:
    """What a file says beside its cells.

    on      the delivery's day, None when the slip does not say
    year    fiscal year in the file's name; school  code of the school in the file's name
    series  that code, or the school's name as the file has it where no roster knows the school
    """

    on: date | None
    year: int | None
    school: str | None
    series: str | None
    schools: Schools


@dataclass
class Problem:
    """A cell that was set aside: position in the batch, role, why, and its form."""

    index: int
    role: str
    kind: str
    form: str


@dataclass
class Values:
    """One column as read: values with null where there is none, and where a written cell could not be read."""

    array: pa.Array
    bad: pa.Array

    @property
    def valid(self) -> pa.Array:
        return self.array.is_valid()


TYPES: Mapping[str, pa.DataType] = {
    "text": TEXT,
    "key": TEXT,
    "number_key": TEXT,
    "date": DAY,
    "open_date": DAY,
    "birth_date": DAY,
    "birth_or_age": DAY,
    "moment": MOMENT,
    "fiscal_year": WHOLE,
    "month": WHOLE,
    "school_code": TEXT,
    "school_name": TEXT,
    "grade": WHOLE,
    "seat": TEXT,
    "whole": WHOLE,
    "number": NUMBER,
    "code": TEXT,
}


def read_column(cells: Sequence[str], column: ColumnSpec, place: Place, problems: list[Problem]) -> Values:
    """A column's values; every cell that could not be read is added to `problems`."""
    return read_cells(cells, reader_of(column, place), TYPES[column.kind], column.role, problems)


def read_cells(
    cells: Sequence[str], reader: values.Reader, kind: pa.DataType, role: str, problems: list[Problem]
) -> Values:
    """The same with a reader given."""
    encoded = pa.array(cells, TEXT).dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    readings = [reader(cell) for cell in distinct]
    array = pa.array([value for value, _ in readings], kind).take(encoded.indices)
    faults = {i: why for i, (_, why) in enumerate(readings) if why}
    if not faults:
        return Values(array, _all(False, len(cells)))
    for index, which in enumerate(encoded.indices.to_pylist()):
        if which in faults:
            problems.append(Problem(index, role, faults[which], shape(distinct[which])))
    bad = pa.array([bool(why) for _, why in readings], pa.bool_()).take(encoded.indices)
    return Values(array, bad)


def reader_of(column: ColumnSpec, place: Place) -> values.Reader:
    """The reader of a kind of value, with what the column and the file add."""
    latest = values.latest_day(place.on) if column.past_only else None
    match column.kind:
        case "text":
            return values.text_value
        case "key":
            return _key_reader(column)
        case "number_key":
            return values.number_key_value
        case "date":
            return _with_blanks(values.date_reader(latest=latest, is_open=False), column)
        case "open_date":
            return _with_blanks(values.date_reader(latest=latest, is_open=True), column)
        case "moment":
            return values.moment_value
        case "birth_date":
            return _with_blanks(values.birth_reader(place.on), column)
        case "birth_or_age":
            return _birth_or_age(column, place.on)
        case "fiscal_year":
            return values.fiscal_year_value
        case "school_code":
            return values.key_value
        case "school_name":
            return values.school_name_reader(place.schools.by_name)
        case "seat":
            return _seat_reader
        case "code":
            return values.code_reader(column.codes, column.blank)
        case "number":
            return values.number_reader(column)
        case "month" | "grade" | "whole":
            return values.whole_reader(column)


def seats(cells: Sequence[str]) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Grade, class and number of cells such as 3-2-15."""
    encoded = pa.array(cells, TEXT).dictionary_encode()
    read = [values.seat_value(cell) or (None, None, None) for cell in encoded.dictionary.to_pylist()]
    parts = (
        pa.array([part[i] for part in read], kind).take(encoded.indices) for i, kind in enumerate((WHOLE, TEXT, WHOLE))
    )
    grade, name, number = parts
    return grade, name, number


def ages(cells: Sequence[str]) -> pa.Array:
    """Years where an age stands in place of a date."""
    encoded = pa.array(cells, TEXT).dictionary_encode()
    return pa.array([values.age_value(c) for c in encoded.dictionary.to_pylist()], WHOLE).take(encoded.indices)


def first_of_year(year: pa.Array) -> pa.Array:
    """1 April of each fiscal year."""
    encoded = year.dictionary_encode()
    return pa.array([date(y, 4, 1) for y in encoded.dictionary.to_pylist()], DAY).take(encoded.indices)


def first_of_month(year: pa.Array, month: pa.Array) -> pa.Array:
    """First day of a month of a fiscal year: January to March belong to the next calendar year."""
    encoded = pc.add(pc.multiply(year, 12), pc.subtract(month, 1)).dictionary_encode()
    days = [date(n // 12 + (n % 12 < 3), n % 12 + 1, 1) for n in encoded.dictionary.to_pylist()]
    return pa.array(days, DAY).take(encoded.indices)


def fiscal_year_of(day: pa.Array) -> pa.Array:
    """Fiscal year (April to March) of each day."""
    year, month = pc.year(day), pc.month(day)
    return pc.cast(pc.if_else(pc.less(month, 4), pc.subtract(year, 1), year), WHOLE)


def grade_of(grade: pa.Array, school: pa.Array, schools: Schools) -> pa.Array:
    """Grades 1-3 of a junior high school as 7-9; null where the school is unknown and they could be either."""
    is_low = pc.less_equal(grade, 3)
    junior = pc.is_in(school, value_set=pa.array(sorted(schools.junior), TEXT))
    shifted = pc.if_else(pc.and_(junior, is_low), pc.add(grade, 6), grade)
    known = pc.or_(school.is_valid(), pc.invert(is_low))
    return pc.if_else(known, shifted, pa.scalar(None, grade.type)).cast(WHOLE)


def _all(value: bool, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(value), count)


def _key_reader(column: ColumnSpec) -> values.Reader:
    if not column.units:
        return values.key_value

    def read(cell: str) -> values.Reading:
        value, why = values.key_value(cell)
        for unit in column.units:
            value = value.removesuffix(unit) if value else value
        return value or None, why

    return read


def _with_blanks(reader: values.Reader, column: ColumnSpec) -> values.Reader:
    if not column.blank:
        return reader

    def read(cell: str) -> values.Reading:
        return (None, "") if fold_word(cell) in column.blank else reader(cell)

    return read


def _birth_or_age(column: ColumnSpec, on: date | None) -> values.Reader:
    birth = _with_blanks(values.birth_reader(on), column)

    def read(cell: str) -> values.Reading:
        return (None, "") if values.age_value(cell) is not None else birth(cell)

    return read


def _seat_reader(cell: str) -> values.Reading:
    if not cell.strip():
        return None, ""
    value, why = values.key_value(cell)
    return (value, why) if why or values.seat_value(cell) else (None, "bad_seat")
