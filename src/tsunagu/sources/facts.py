"""A batch of rows to identity columns, record keys and facts."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.records.catalogue import Catalogue
from tsunagu.records.shapes import DAY, MOMENT, NUMBER, TEXT, WHOLE
from tsunagu.sources import columns
from tsunagu.sources.columns import Place, Values
from tsunagu.sources.spec import IDENTITY_ROLES, FactSpec, SourceSpec
from tsunagu.sources.values import key_value


@dataclass(frozen=True)
class Manner:
    """How a table is to be read: the city's words for it, and what its place in the delivery adds."""

    spec: SourceSpec
    catalogue: Catalogue
    place: Place
    total_words: frozenset[str]


@dataclass
class Batch:
    """Rows that share one state; `order` is their place in the file's list of records."""

    state: str
    order: list[int]
    cells: dict[str, list[str]]

    def __len__(self) -> int:
        return len(self.order)


@dataclass
class Part:
    """A batch with its columns as read, and the identity columns made from them."""

    batch: Batch
    read: dict[str, Values]
    identity: dict[str, pa.Array] = field(default_factory=dict)

    def values(self, role: str, kind: pa.DataType) -> Values:
        """A column as read, or nulls where the extract has none."""
        count = len(self.batch)
        return self.read.get(role) or Values(pa.nulls(count, kind), pa.repeat(pa.scalar(False), count))


def identity_of(part: Part, manner: Manner) -> dict[str, pa.Array]:
    """The identity columns of SOURCE_RECORDS that this extract fills."""
    batch, read, spec, place = part.batch, part.read, manner.spec, manner.place
    found = {role: values.array for role, values in read.items() if role in IDENTITY_ROLES}
    if "seat" in read:
        found["grade"], found["class_name"], found["class_number"] = columns.seats(batch.cells["seat"])
    if "school" not in found and place.school is not None:
        found["school"] = pa.repeat(pa.scalar(place.school, TEXT), len(batch))
    graded = spec.columns.get("seat") or spec.columns.get("grade")
    if graded and graded.within_school and "grade" in found:
        school = found.get("school", pa.nulls(len(batch), TEXT))
        found["grade"] = columns.grade_of(found["grade"], school, place.schools)
    found["fiscal_year"] = _fiscal_year(part, manner)
    if "birth_date" in read and spec.columns["birth_date"].kind == "birth_or_age":
        found["age_years"] = columns.ages(batch.cells["birth_date"])
        if spec.age_on in read:
            day = read[spec.age_on].array
            found["age_on"] = pc.if_else(found["age_years"].is_valid(), day, pa.scalar(None, DAY))
    found["record_key"] = _record_key(part, found["fiscal_year"], spec)
    return found


def _fiscal_year(part: Part, manner: Manner) -> pa.Array:
    of_file = pa.repeat(pa.scalar(manner.place.year, WHOLE), len(part.batch))
    if "fiscal_year" in part.read:
        own = part.read["fiscal_year"].array
        # A row cut before its year still belongs to the file's year; an unreadable year stays unknown.
        return pc.coalesce(own, of_file) if part.batch.state == "set_aside" else own
    if manner.spec.year_from in part.read:
        return columns.fiscal_year_of(part.read[manner.spec.year_from].array.cast(DAY))
    return of_file


def _record_key(part: Part, year: pa.Array, spec: SourceSpec) -> pa.Array:
    """The key as the city's file composes it; null as soon as one part is missing."""
    count = len(part.batch)
    parts = []
    for piece in spec.key:
        if piece.literal:
            parts.append(pa.repeat(pa.scalar(piece.literal, TEXT), count))
        elif piece.role == "year":
            parts.append(year.cast(TEXT))
        elif piece.role not in part.read:
            return pa.nulls(count, TEXT)
        else:
            own = part.read[piece.role].array
            if spec.columns[piece.role].kind not in ("key", "number_key", "school_code"):
                # The key keeps the cell's own words, not what they mean (a school's name, not its code).
                own = columns.read_cells(part.batch.cells[piece.role], key_value, TEXT, piece.role, []).array
                if spec.columns[piece.role].kind != "school_name":
                    own = pc.if_else(part.read[piece.role].bad, pa.scalar(None, TEXT), own)
            parts.append(pc.utf8_lpad(own, piece.width, "0") if piece.width else own)
    return pc.binary_join_element_wise(*parts, "") if parts else pa.nulls(count, TEXT)


def facts_of(part: Part, fact: FactSpec, manner: Manner) -> pa.Table:
    """One fact per row of the batch, its state known only when every part that matters could be read."""
    batch, count = part.batch, len(part.batch)
    at, until = _at(part, fact), part.values(fact.until, DAY)
    text = pa.repeat(pa.scalar(fact.constant, TEXT), count) if fact.constant else part.values(fact.text, TEXT).array
    number = part.values(fact.number, NUMBER).array.cast(NUMBER)
    label = _label(part, fact, manner)

    if fact.at_optional:
        known = pa.repeat(pa.scalar(True), count)
    else:
        known = pc.invert(at.bad) if manner.catalogue.kind(fact.item) == "period" else at.valid
    known = pc.and_(known, pc.invert(until.bad))
    if fact.text or fact.number:
        known = pc.and_(known, (text if fact.text else number).is_valid())
    if fact.label and not fact.label_optional:
        known = pc.and_(known, label.is_valid())
    is_aside = batch.state == "set_aside"
    if is_aside:
        known = pa.repeat(pa.scalar(False), count)
    table = pa.table(
        {
            "record_id": pa.array(batch.order, WHOLE),
            "item": pa.repeat(pa.scalar(fact.item, TEXT), count),
            "at": at.array,
            "until": pa.nulls(count, DAY) if is_aside else until.array.cast(DAY),
            "label": label,
            "text": pc.if_else(known, text, pa.scalar(None, TEXT)),
            "number": pc.if_else(known, number, pa.scalar(None, NUMBER)),
            "state": pa.repeat(pa.scalar("set_aside"), count) if is_aside else pc.if_else(known, "known", "unknown"),
            "recorded_at": part.values(manner.spec.recorded_at, MOMENT).array.cast(MOMENT),
        }
    )
    if fact.only_with in part.read and not is_aside:
        cell = part.read[fact.only_with]
        table = table.filter(pc.or_(cell.valid, cell.bad))
    return table


def _at(part: Part, fact: FactSpec) -> Values:
    year, count = part.identity["fiscal_year"], len(part.batch)
    if fact.at == "year":
        return Values(columns.first_of_year(year), pa.repeat(pa.scalar(False), count))
    if fact.at == "month":
        month = columns.first_of_month(year, part.values("month", WHOLE).array)
        return Values(month, pa.repeat(pa.scalar(False), count))
    found = part.values(fact.at, DAY)
    return Values(found.array.cast(DAY), found.bad)


def _label(part: Part, fact: FactSpec, manner: Manner) -> pa.Array:
    if fact.label == "file_school":
        return pa.repeat(pa.scalar(manner.place.series, TEXT), len(part.batch))
    label = part.identity.get(fact.label, part.values(fact.label, TEXT).array)
    if fact.label in manner.spec.columns and manner.spec.columns[fact.label].kind == "text":
        label = pc.utf8_trim_whitespace(pc.utf8_normalize(label, "NFKC"))
    return label.cast(TEXT)
