"""Reads a city folder's sources/ into typed values, naming every mistake with its line and the nearest valid word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import cast

from tsunagu.records.catalogue import Catalogue, CatalogueItem, Holder
from tsunagu.sources.loading import files_of, load_catalogue, load_holders, load_municipality
from tsunagu.sources.spec import (
    IDENTITY_ROLES,
    VALUE_KINDS,
    CitySources,
    ColumnSpec,
    FactSpec,
    KeyPart,
    SourceSpec,
    ValueKind,
)
from tsunagu.sources.words import fold_word
from tsunagu.text.tomlfile import Table, TomlFile

_ENCODINGS = ("utf-8", "cp932", "utf-16-le", "utf-16-be", "euc_jp", "euc_jis_2004", "shift_jis_2004", "iso2022_jp_ext")
_EXTENSIONS = r"(?:\.(?:csv|tsv|txt|tab|dat|xlsx|xlsm|xls|xlsb|ods|zip|gz))"
_PLACEHOLDERS = {
    "year": r"(?P<year>[RH]\d{1,2}|(?:令和|平成)(?:\d{1,2}|元)年度?|\d{4}(?:年度)?)",
    "school": r"(?P<school>[^/_]+)",
    "month": r"(?P<month>\d{6})",
}
_SPEC_KEYS = (
    "id",
    "holder",
    "kind",
    "file",
    "encodings",
    "sheet",
    "key",
    "key_widths",
    "year_from",
    "recorded_at",
    "age_on",
    "expected",
    "columns",
    "facts",
    "grades",
)
_COLUMN_KEYS = (
    "words",
    "as",
    "codes",
    "blank",
    "units",
    "least",
    "most",
    "at_most",
    "required",
    "past_only",
    "within_school",
)
_FACT_KEYS = (
    "item",
    "at",
    "until",
    "text",
    "constant",
    "number",
    "label",
    "at_optional",
    "label_optional",
    "only_with",
)


def load_items(folder: Path) -> dict[str, CatalogueItem]:
    """The items of the catalogue by id, each with the numbers that the city's sources read as a value of it."""
    sources, items = load_sources(folder), load_catalogue(folder).items
    read: dict[str, list[ColumnSpec]] = {}
    for spec in sources.specs:
        for fact in spec.facts:
            if fact.number:
                read.setdefault(fact.item, []).append(spec.columns[fact.number])
    return {id: _bounded(item, read.get(id, [])) for id, item in items.items()}


def _bounded(item: CatalogueItem, columns: Sequence[ColumnSpec]) -> CatalogueItem:
    """Of several columns the widest bounds; none where one of them has none."""
    least = [column.least for column in columns if column.least is not None]
    most = [column.most for column in columns if column.most is not None]
    return replace(
        item,
        least=min(least) if least and len(least) == len(columns) else None,
        most=max(most) if most and len(most) == len(columns) else None,
    )


def load_sources(folder: Path) -> CitySources:
    """How every extract is read; each item, holder and role must be known."""
    city = load_municipality(folder)
    holders, catalogue = load_holders(folder), load_catalogue(folder)
    words: dict[str, list[str]] = {}
    totals: list[str] = []
    specs: dict[str, SourceSpec] = {}
    files = files_of(folder, "sources")
    for file in files:
        if "words" in file.data:
            table = file.table_of(file.data, "words", "words")
            words |= {name: file.texts_of(table, name, "words") for name in table}
            totals += file.texts_of(file.data, "total_words", "words", default=[])
    for file in files:
        if "words" in file.data:
            file.known_keys(file.data, ("words", "total_words"), "words")
            continue
        for table in file.tables_of(file.data, "source", "sources"):
            spec = _spec(file, table, holders, catalogue, words)
            if spec.id in specs:
                raise file.fail(f"source '{spec.id}' is defined twice", spec.id)
            specs[spec.id] = spec
    return CitySources(
        specs=tuple(specs.values()),
        total_words=frozenset(fold_word(w) for w in totals),
        junior_high_name_ends=city.junior_high_name_ends,
    )


def _spec(
    file: TomlFile, table: Table, holders: Mapping[str, Holder], catalogue: Catalogue, words: Mapping[str, list[str]]
) -> SourceSpec:
    id_ = file.text_of(table, "id", "source")
    file.known_keys(table, _SPEC_KEYS, "source", id_)
    kind = file.known(file.text_of(table, "kind", id_, default="table"), ("table", "roster", "slip"), "kind", id_)
    holder = file.text_of(table, "holder", id_, default="" if kind == "slip" else None)
    if kind != "slip":
        file.known(holder, holders, "holder", id_)
    columns = {
        role: _column(file, id_, role, file.table_of(file.table_of(table, "columns", id_), role, id_), words)
        for role in file.table_of(table, "columns", id_, default={})
    }
    roles = {*columns, ""}
    facts = tuple(_fact(file, id_, t, columns, catalogue) for t in file.tables_of(table, "facts", id_))
    for column in columns.values():
        file.known(column.at_most, roles, "role", id_, column.role)
    grades = file.table_of(table, "grades", id_, default={})
    return SourceSpec(
        id=id_,
        holder=holder,
        path=file.shown,
        kind=kind,  # type: ignore[arg-type]  # checked against the same words above
        pattern=_pattern(file, id_, file.text_of(table, "file", id_)),
        encodings=tuple(
            file.known(e, _ENCODINGS, "encoding", id_)
            for e in file.texts_of(table, "encodings", id_, default=list(_ENCODINGS))
        ),
        sheet=file.text_of(table, "sheet", id_, default=""),
        key=_key(file, id_, table, columns, kind),
        year_from=file.known(file.text_of(table, "year_from", id_, default=""), roles, "role", id_, "year_from"),
        recorded_at=file.known(file.text_of(table, "recorded_at", id_, default=""), roles, "role", id_, "recorded_at"),
        age_on=file.known(file.text_of(table, "age_on", id_, default=""), roles, "role", id_, "age_on"),
        expected=file.flag_of(table, "expected", id_, default=True),
        columns=columns,
        facts=facts,
        grades={fold_word(word): file.whole_of(grades, word, "grades") for word in grades},
    )


def _column(file: TomlFile, id_: str, role: str, table: Table, words: Mapping[str, list[str]]) -> ColumnSpec:
    file.known_keys(table, _COLUMN_KEYS, f"column {role}", id_, role)
    kind = file.known(file.text_of(table, "as", role), VALUE_KINDS, "kind of value", id_, role)
    if role in IDENTITY_ROLES and kind not in IDENTITY_ROLES[role]:
        raise file.fail(f"column '{role}' must be read as {' or '.join(IDENTITY_ROLES[role])}", id_, role)
    own: list[str] = []
    for word in file.texts_of(table, "words", role):
        if word.startswith("@"):
            own += words[file.known(word[1:], words, "word list", id_, role)]
        else:
            own.append(word)
    codes = file.table_of(table, "codes", role, default={})
    return ColumnSpec(
        role=role,
        kind=cast(ValueKind, kind),
        words=frozenset(fold_word(w) for w in own),
        codes={fold_word(cell): file.text_of(codes, cell, role) for cell in codes},
        blank=frozenset(fold_word(w) for w in file.texts_of(table, "blank", role, default=[])),
        units=tuple(fold_word(w) for w in file.texts_of(table, "units", role, default=[])),
        least=_number(file, table, "least", id_, role),
        most=_number(file, table, "most", id_, role),
        at_most=file.text_of(table, "at_most", role, default=""),
        required=file.flag_of(table, "required", role, default=False),
        past_only=file.flag_of(table, "past_only", role, default=False),
        within_school=file.flag_of(table, "within_school", role, default=False),
    )


def _number(file: TomlFile, table: Table, key: str, id_: str, role: str) -> Decimal | None:
    value = table.get(key)
    if value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise file.fail(f"'{key}' of column {role} must be a number", id_, role) from error


def _fact(file: TomlFile, id_: str, table: Table, columns: Mapping[str, ColumnSpec], catalogue: Catalogue) -> FactSpec:
    item = file.known(file.text_of(table, "item", f"facts of {id_}"), catalogue.items, "item", id_)
    file.known_keys(table, _FACT_KEYS, f"fact {item}", id_, item)

    def role(key: str, *more: str) -> str:
        return file.known(file.text_of(table, key, item, default=""), {*columns, "", *more}, "role", id_, item, key)

    values = catalogue.items[item].values
    text = role("text")
    constant = file.text_of(table, "constant", item, default="")
    if constant:
        file.known(constant, values, "value", id_, item, "constant")
    for code in columns[text].codes.values() if text else ():
        file.known(code, values, "value", id_, text)
    return FactSpec(
        item=item,
        at=role("at", "year", "month"),
        until=role("until"),
        text=text,
        constant=constant,
        number=role("number"),
        label=role("label", "file_school"),
        at_optional=file.flag_of(table, "at_optional", item, default=False),
        label_optional=file.flag_of(table, "label_optional", item, default=False),
        only_with=role("only_with"),
    )


def _key(file: TomlFile, id_: str, table: Table, columns: Mapping[str, ColumnSpec], kind: str) -> tuple[KeyPart, ...]:
    """`{case_no}-{member_no}` as parts; the roster knows its own key."""
    if kind != "table":
        return ()
    widths = file.table_of(table, "key_widths", id_, default={})
    parts: list[KeyPart] = []
    for literal, role in re.findall(r"([^{}]*)(?:\{(\w+)\})?", file.text_of(table, "key", id_)):
        if literal:
            parts.append(KeyPart(literal=literal))
        if role:
            file.known(role, {*columns, "year"}, "role", id_, "key")
            parts.append(KeyPart(role=role, width=file.whole_of(widths, role, "key_widths", default=0)))
    return tuple(parts)


def _pattern(file: TomlFile, id_: str, written: str) -> re.Pattern[str]:
    """`boshi/健診_{year}` as a pattern over the path; `*` is any run of signs within one name."""
    parts = []
    for piece in re.split(r"(\{\w+\}|\*)", written):
        if piece == "*":
            parts.append("[^/]*")
        elif piece.startswith("{"):
            parts.append(_PLACEHOLDERS[file.known(piece[1:-1], _PLACEHOLDERS, "place holder", id_)])
        else:
            parts.append(re.escape(piece))
    return re.compile("".join(parts) + _EXTENSIONS + "*", re.IGNORECASE)
