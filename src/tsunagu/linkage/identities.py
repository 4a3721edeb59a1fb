"""Names for the desk: noticed children and the members of their households, nobody else.

The register's row gives the name; who has none (not registered) is named as the first record writes it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Set
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.normalise.schoolyears import fiscal_year, school_grade
from tsunagu.records.run_tables import IDENTITIES
from tsunagu.suppression.spread import Suppressed
from tsunagu.text.kana import katakana

_CELLS = ("record_id", "name", "kana", "alias", "relation", "address", "class_name", "fiscal_year", "school")


def identities(
    *,
    records: pa.Table,
    links: pa.Table,
    persons: pa.Table,
    noticed: Collection[str],
    suppressed: Suppressed,
    school_names: Mapping[str, str],
    on: dt.date,
) -> pa.Table:
    """IDENTITIES of the noticed and their households on the day `on`.

    records, links  SOURCE_RECORDS and LINKS
    persons         PERSONS; who has moved out on or before `on` is no member of a household
    suppressed      whose address stays null; a null address does not tell why
    school_names    school code -> name
    """
    wanted = people_of_the_desk(persons, set(noticed), on)
    cells = _cells_by_person(records, links, set(wanted))
    rows = []
    for person_id, person in sorted(wanted.items()):
        written = cells.get(person_id, [])
        register = [c for c in written if c["decided_by"] == "register" and c["name"]]
        named = register or [c for c in written if c["name"]] or [{}]
        in_class = [c for c in written if c["fiscal_year"] == fiscal_year(on) and c["class_name"]]
        first = named[0]
        school = person["school"]
        rows.append(
            {
                "person_id": person_id,
                "household_id": person["household_id"],
                "is_noticed": person_id in noticed,
                "relation": first.get("relation"),
                "name": first.get("name"),
                "kana": katakana(first["kana"]) if first.get("kana") else None,
                "alias": first.get("alias"),
                "birth_date": person["birth_date"],
                "sex": person["sex"],
                "school": school,
                "school_name": school_names.get(school) if school else None,
                "grade": school_grade(person["birth_date"], fiscal_year(on)) if person["birth_date"] else None,
                "class_name": in_class[0]["class_name"] if in_class and school else None,
                "address": None if suppressed.hides(person_id) else first.get("address"),
            }
        )
    return IDENTITIES.sorted(pa.Table.from_pylist(rows, schema=IDENTITIES.schema))


def people_of_the_desk(persons: pa.Table, noticed: Set[str], on: dt.date) -> dict[str, dict[str, Any]]:
    """PERSONS rows of the noticed and of who lives with them on the day: the only ones this table names."""
    rows = persons.to_pylist()
    households = {p["household_id"] for p in rows if p["person_id"] in noticed and p["household_id"]}
    return {
        p["person_id"]: p
        for p in rows
        if p["person_id"] in noticed
        or (p["household_id"] in households and (p["resident_until"] is None or p["resident_until"] > on))
    }


def _cells_by_person(records: pa.Table, links: pa.Table, wanted: set[str]) -> dict[str, list[dict[str, Any]]]:
    mine = links.filter(pc.is_in(links.column("person_id"), pa.array(sorted(wanted), pa.string())))
    who = {
        r["record_id"]: (r["person_id"], r["decided_by"])
        for r in mine.select(["record_id", "person_id", "decided_by"]).to_pylist()
    }
    readable = pc.and_(
        pc.is_in(records.column("record_id"), pa.array(sorted(who), pa.int32())),
        pc.equal(records.column("state"), "read"),
    )
    cells: dict[str, list[dict[str, Any]]] = {}
    for row in records.filter(readable).select(list(_CELLS)).sort_by("record_id").to_pylist():
        person_id, decided_by = who[row["record_id"]]
        cells.setdefault(person_id, []).append({**row, "decided_by": decided_by})
    return cells
