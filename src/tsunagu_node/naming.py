"""What a holder can tell of persons whom a request names by their tokens: names at the register, classes at schools."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.linkage.keyed_values import LinkIdKey
from tsunagu.linkage.rules import Rules
from tsunagu.normalise.schoolyears import fiscal_year
from tsunagu.purposes.linked_forms import OF_REGISTER, OF_ROSTER, identity_definitions
from tsunagu.records.stage_tables import PERSON_FACTS
from tsunagu.text.kana import katakana
from tsunagu_node.store import Brought, Snapshot

_CELLS = (
    "record_id",
    "holder",
    "file",
    "row",
    "name",
    "kana",
    "alias",
    "relation",
    "address",
    "class_name",
    "fiscal_year",
)


@dataclass(frozen=True)
class Naming:
    """One holder's share of who somebody is.

    extracts     those that it holds
    link_id_key  of the register's holder: makes the ids by which requesters keep cases
    """

    extracts: tuple[str, ...]
    rules: Rules
    link_id_key: LinkIdKey | None = field(default=None, repr=False)

    @property
    def fields(self) -> tuple[str, ...]:
        """Of linked_forms.IDENTITY, what can be told here."""
        register = OF_REGISTER if self.rules.register in self.extracts and self.link_id_key is not None else ()
        return (*register, *(OF_ROSTER if self.rules.roster in self.extracts else ()))

    def definitions(self) -> Mapping[tuple[str, str], str]:
        """What can be agreed of it, by id and version."""
        return identity_definitions(self.fields)

    def identity(self, fields: Collection[str], ids: Collection[str], snapshot: Snapshot, brought: Brought) -> pa.Table:
        """PERSON_FACTS with these fields as items, of these persons; a field without a value has no row."""
        persons = {one["person_id"]: one for one in snapshot.persons.to_pylist() if one["person_id"] in ids}
        cells = _cells(snapshot, brought, persons)
        rows: list[dict[str, Any]] = []
        for id, person in sorted(persons.items()):
            written = cells.get(id, [])
            of_register = [one for one in written if one["holder"] == self.rules.register and one["name"]]
            of_class = [
                one
                for one in written
                if one["holder"] == self.rules.roster and one["fiscal_year"] == fiscal_year(brought.on)
            ]
            for name in sorted(set(fields) & set(self.fields)):
                found = self._value(name, id, person, (of_register or [{}])[0], brought)
                if name == "class_name":
                    found = next((one["class_name"] for one in of_class if one["class_name"]), None)
                if found is not None:
                    rows.append(_row(id, name, found, (of_register or of_class or [{}])[0]))
        return PERSON_FACTS.sorted(pa.Table.from_pylist(rows, schema=PERSON_FACTS.schema))

    def _value(
        self, name: str, id: str, person: Mapping[str, Any], first: Mapping[str, Any], brought: Brought
    ) -> str | date | None:
        """What is told of one person under one field, None where nothing is known."""
        told: dict[str, Callable[[], str | date | None]] = {
            "person": lambda: self._case_id(f"person {id}"),
            "household": lambda: person["household_id"] and self._case_id(f"household {person['household_id']}"),
            "birth_date": lambda: person["birth_date"],
            "sex": lambda: person["sex"],
            "kana": lambda: katakana(first["kana"]) if first.get("kana") else None,
            "school": lambda: person["school"],
            "school_name": lambda: brought.schools.get(person["school"]) if person["school"] else None,
        }
        return told[name]() if name in told else first.get(name)

    def _case_id(self, of: str) -> str | None:
        # Another id than the one that the link group shares: a requester must not come to know that one.
        return None if self.link_id_key is None else f"P{self.link_id_key.link_id(f'told {of}')[1:17]}"


def _cells(snapshot: Snapshot, brought: Brought, persons: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    mine = snapshot.links.filter(pc.is_in(snapshot.links.column("person_id"), pa.array(sorted(persons), pa.string())))
    who = dict(zip(*(mine.column(c).to_pylist() for c in ("record_id", "person_id")), strict=True))
    records = brought.records.filter(
        pc.and_(
            pc.is_in(brought.records.column("record_id"), pa.array(sorted(who), pa.int32())),
            pc.equal(brought.records.column("state"), "read"),
        )
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in records.select(list(_CELLS)).sort_by("record_id").to_pylist():
        found.setdefault(who[row["record_id"]], []).append(row)
    return found


def _row(id: str, item: str, value: str | date, cell: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "person_id": id,
        "item": item,
        "at": value if isinstance(value, date) else None,
        "text": None if isinstance(value, date) else value,
        "state": "known",
        "holder": cell.get("holder") or "",
        "file": cell.get("file") or "",
        "row": cell.get("row") or 0,
    }
