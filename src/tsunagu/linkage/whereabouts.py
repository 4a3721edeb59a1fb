"""Where the people of a delivery live and lived, and from whom it is hidden: for the sealed tables and the protection.

Every register that writes an address or a household adds to the ties, on the safe side; what a person's own rows say
of moving is the history that may one day be shown.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.normalise.addresses import fold_address, own_municipality
from tsunagu.normalise.names import fold_name
from tsunagu.records.run_tables import ADDRESSES, OTHER_PARTIES, RESIDENCES
from tsunagu.suppression.spread import household_tie, place_tie
from tsunagu.text.kana import katakana

_CELLS = (
    "record_id",
    "holder",
    "file",
    "row",
    "state",
    "name",
    "kana",
    "alias",
    "address",
    "previous_address",
    "household_no",
    "previous_household_no",
    "suppression_flag",
    "other_party_name",
    "other_party_address",
)
_TELLING = _CELLS[_CELLS.index("address") :]
_NOT_FLAGGED = ("", "0", "00")


@dataclass(frozen=True)
class Whereabouts:
    """What is known of each person's places.

    ties     person -> tie -> whether it holds on the day of the run
    flagged  persons whom the register's lagging flag names
    rows     the records that were read, each with its person, in their order
    city     prefecture and municipality that the register's addresses begin with
    """

    ties: dict[str, dict[str, bool]]
    flagged: frozenset[str]
    rows: pa.Table
    register: str
    city: str


def whereabouts(
    *, records: pa.Table, links: pa.Table, persons: pa.Table, person_facts: pa.Table, register: str
) -> Whereabouts:
    """Reads SOURCE_RECORDS, LINKS, PERSONS and PERSON_FACTS; `register` is the holder that anchors persons."""
    # Most rows of a delivery (attendance, fees) say nothing of a place: they are left out before anything is joined.
    tells = reduce(pc.or_, (pc.is_valid(records.column(column)) for column in _TELLING))
    read = pc.and_(pc.equal(records.column("state"), "read"), tells)
    rows = (
        records.filter(read)
        .select(list(_CELLS))
        .join(links.select(["record_id", "person_id"]), "record_id", join_type="inner")
        .sort_by("record_id")
    )
    own = rows.filter(_of_register(rows, register))
    city = own_municipality(own.column("address").to_pylist())
    ties: dict[str, dict[str, bool]] = defaultdict(dict)
    for person_id, number in _pairs(persons, "household_id"):
        ties[person_id][household_tie(number)] = True
    now: dict[str, str] = {}
    for person_id, address in zip(own.column("person_id").to_pylist(), own.column("address").to_pylist(), strict=True):
        if address and (key := _place(address, city)) and now.setdefault(person_id, key) == key:
            ties[person_id][key] = True
    for column in ("address", "previous_address"):
        for person_id, address in _pairs(rows, column):
            if key := _place(address, city):
                ties[person_id].setdefault(key, False)
    for column in ("household_no", "previous_household_no"):
        for person_id, number in _pairs(rows, column):
            ties[person_id].setdefault(household_tie(number), False)
    for person_id, number in _pairs(person_facts.filter(pc.equal(person_facts.column("item"), "move")), "label"):
        ties[person_id].setdefault(household_tie(number), False)
    flagged = {person_id for person_id, flag in _pairs(rows, "suppression_flag") if _is_flagged(flag)}
    return Whereabouts(dict(ties), frozenset(flagged), rows, register, city)


def residences(known: Whereabouts, persons: pa.Table, listed: Mapping[str, dt.date]) -> pa.Table:
    """RESIDENCES of everybody with a row or a number of the residents' register.

    listed  person -> last day of the protection, as `in_force.listed_until` gives it
    """
    rows: list[dict[str, Any]] = []
    for person in persons.select(["person_id", "register_key", "register_state"]).to_pylist():
        if person["register_state"] == "absent" and person["register_key"] is None:
            continue
        about = {
            "person_id": person["person_id"],
            "register_key": person["register_key"],
            "is_flagged": person["person_id"] in known.flagged,
            "listed_until": listed.get(person["person_id"]),
        }
        own = known.ties.get(person["person_id"], {})
        rows += [{**about, "tie": tie, "is_current": is_current} for tie, is_current in sorted(own.items())]
        if not own:
            rows.append({**about, "tie": None, "is_current": False})
    return RESIDENCES.sorted(pa.Table.from_pylist(rows, schema=RESIDENCES.schema))


def addresses(known: Whereabouts, person_facts: pa.Table, wanted: Collection[str]) -> pa.Table:
    """ADDRESSES of the wanted: as the register has it, and each other place that its moves or the list name."""
    moves = person_facts.filter(pc.equal(person_facts.column("item"), "move"))
    days = {(m["file"], m["row"]): m["at"] for m in moves.select(["file", "row", "at"]).to_pylist()}
    rows = known.rows
    tells = pc.or_(pc.equal(rows.column("holder"), known.register), pc.is_valid(rows.column("previous_address")))
    mine = rows.filter(pc.and_(tells, pc.is_in(rows.column("person_id"), pa.array(sorted(wanted), pa.string()))))
    written: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in mine.to_pylist():
        written[row["person_id"]].append(row)
    made = [
        {"person_id": person_id, "kind": kind, "address": address, "valid_from": start, "valid_to": end}
        for person_id in sorted(written)
        for kind, address, start, end in _history(written[person_id], days, known)
    ]
    return ADDRESSES.sorted(pa.Table.from_pylist(made, schema=ADDRESSES.schema))


def other_parties(known: Whereabouts) -> pa.Table:
    """OTHER_PARTIES of every row of the list, also of ended ones: a measure may be renewed before the next run.

    A resident is meant where name and address agree; where only the name agrees nobody is named, and those who use the
    table compare names again, on the careful side.
    """
    rows = known.rows
    named: dict[str, list[tuple[str, str | None, str]]] = defaultdict(list)
    own = rows.filter(_of_register(rows, known.register)).select(["person_id", "name", "alias", "kana", "address"])
    listed = rows.filter(pc.is_valid(rows.column("other_party_name"))).to_pylist()
    meant_keys = {fold_name(row["other_party_name"]).key for row in listed} - {""}
    for person in own.to_pylist() if meant_keys else ():
        for key in {fold_name(person["name"]).key, fold_name(person["alias"]).key} & meant_keys:
            named[key].append((person["person_id"], person["kana"], _place(person["address"], known.city)))
    made: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in listed:
        place = _place(row["other_party_address"], known.city)
        meant = {p: k for p, k, home in named[fold_name(row["other_party_name"]).key] if place and home == place}
        found = next(iter(meant)) if len(meant) == 1 else None
        kana = meant[found] if found else None
        made[row["person_id"], row["other_party_name"], row["other_party_address"] or ""] = {
            "person_id": row["person_id"],
            "name": row["other_party_name"],
            "kana": katakana(kana) if kana else None,
            "address": row["other_party_address"],
            "other_id": found,
        }
    return OTHER_PARTIES.sorted(pa.Table.from_pylist([made[key] for key in sorted(made)], schema=OTHER_PARTIES.schema))


def _of_register(rows: pa.Table, register: str) -> pa.Array:
    """The register's rows that name a person; its rows of moves do not."""
    return pc.and_(pc.equal(rows.column("holder"), register), pc.is_valid(rows.column("name")))


def _pairs(table: pa.Table, column: str) -> Iterable[tuple[str, str]]:
    """Each person with each distinct value of a column, sorted: the order of rows makes no difference."""
    valid = table.filter(pc.is_valid(table.column(column))).select(["person_id", column])
    distinct = valid.group_by(["person_id", column]).aggregate([])
    ordered = distinct.sort_by([("person_id", "ascending"), (column, "ascending")])
    return zip(ordered.column("person_id").to_pylist(), ordered.column(column).to_pylist(), strict=True)


def _history(
    written: list[dict[str, Any]], days: Mapping[tuple[str, int], dt.date | None], known: Whereabouts
) -> list[tuple[str, str, dt.date | None, dt.date | None]]:
    """Kind, address, first and last day; one entry for each place, however often it is written."""
    found: dict[str, tuple[str, str, dt.date | None, dt.date | None]] = {}
    for row in written:
        if row["holder"] == known.register and row["name"] and row["address"] and not found:
            found[_place(row["address"], known.city) or row["address"]] = ("current", row["address"], None, None)
    for row in written:
        is_move = row["holder"] == known.register and not row["name"]
        day = days.get((row["file"], row["row"])) if is_move else None
        for address, is_start in ((row["previous_address"], False), (row["address"] if is_move else None, True)):
            if address:
                key = _place(address, known.city) or address
                kind, shown, start, end = found.get(key, ("previous", address, None, None))
                start, end = (day or start, end) if is_start else (start, day or end)
                found[key] = (kind, shown, start, None if kind == "current" else end)
    return list(found.values())


def _place(address: str | None, city: str) -> str:
    """The tie of an address; "" for one without a house number, which would tie a whole quarter together."""
    folded = fold_address(address, city)
    return place_tie(folded.key) if folded.numbers else ""


def _is_flagged(cell: str) -> bool:
    # Whatever stands there, if it is not plainly a no.
    return "".join(unicodedata.normalize("NFKC", cell).split()) not in _NOT_FLAGGED
