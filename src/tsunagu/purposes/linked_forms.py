"""What can be agreed beside items and indicators: extracts to be linked, the register's columns, and names of persons.

Each has one version and a hash of its meaning, as an indicator has, so that an agreement names what both sides know.
"""

from __future__ import annotations

from collections.abc import Iterable

from tsunagu.purposes.canonical import hash_of
from tsunagu.records.answer_tables import RESIDENTS
from tsunagu.records.keyed_tables import KEYED_ANSWERS, KEYED_FORMS, KEYED_NEIGHBOURS, KEYED_SENT, KEYED_SIGNATURES
from tsunagu.records.shapes import TableShape

#: Versions of what each means; one name may mean one thing of the register's columns and another of a named person.
LINKED, REGISTERED, NAMED = "linked-1", "registered-1", "named-1"
#: Tables of a holder's records as they are linked, and what is told of them.
LINKAGE_PARTS: dict[str, TableShape] = {
    "signatures": KEYED_SIGNATURES,
    "forms": KEYED_FORMS,
    "neighbours": KEYED_NEIGHBOURS,
}
RESIDENT_PARTS: dict[str, TableShape] = {"answers": KEYED_ANSWERS, "sent": KEYED_SENT, "residents": RESIDENTS}
#: Granularity -> part -> shape.
PARTS = {"linkage": LINKAGE_PARTS, "residents": RESIDENT_PARTS}
#: Columns of the register that may be agreed.
RESIDENT_COLUMNS = tuple(name for name in RESIDENTS.names if name != "link_id")

#: What a holder may tell of named persons, and what each means; in an answer each is an item of its own.
IDENTITY = {
    "person": "the id by which the requester keeps cases, the same in every period",
    "household": "the same for all of a household; members of it are answered too, each with a token of their own",
    "relation": "続柄 as the register has it",
    "name": "name as the register writes it",
    "kana": "reading in full-width katakana",
    "alias": "通称名",
    "birth_date": "birth date, in `at`",
    "sex": "1 male, 2 female",
    "address": "address; never of a person whose address is protected",
    "school": "school code",
    "school_name": "name of the school",
    "class_name": "組",
}

#: Which of these the register's holder tells, and which the holder of the school roster.
OF_REGISTER = ("person", "household", "relation", "name", "kana", "alias", "birth_date", "sex", "address")
OF_ROSTER = ("school", "school_name", "class_name")


def linking_definitions(extracts: Iterable[str]) -> dict[tuple[str, str], str]:
    """(id, version) -> hash, of the extracts that a holder can have linked."""
    shape = {part: _meaning(one) for part, one in LINKAGE_PARTS.items()}
    return {(extract, LINKED): hash_of({"extract": extract, "parts": shape}) for extract in extracts}


def resident_definitions() -> dict[tuple[str, str], str]:
    """(id, version) -> hash, of the register's columns."""
    columns = {column.name: column.meaning for column in RESIDENTS.columns}
    return {(name, REGISTERED): hash_of({"column": name, "meaning": columns[name]}) for name in RESIDENT_COLUMNS}


def identity_definitions(names: Iterable[str]) -> dict[tuple[str, str], str]:
    """(id, version) -> hash, of what can be told of named persons."""
    return {(name, NAMED): hash_of({"of_a_person": name, "meaning": IDENTITY[name]}) for name in names}


def _meaning(shape: TableShape) -> dict[str, object]:
    return {column.name: [str(column.type), column.meaning] for column in shape.columns}
