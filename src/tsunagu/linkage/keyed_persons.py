"""From links over tokens to persons: at the register's holder before, and at every other holder afterwards.

The register's holder names its residents and gives each a link id; another holder reads, by the link ids of its own
records, of whom they speak, and what of the register it was told. Persons are named by link ids from then on.
"""

# ruff: noqa: S608 - every text is built from this package's own constants and the city's rules, never from data

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.engines.duck import Workbench, workbench
from tsunagu.linkage.delivery import LinkResult, link_records
from tsunagu.linkage.keyed_values import LinkIdKey
from tsunagu.linkage.persons import make_person_facts
from tsunagu.linkage.rules import Rules
from tsunagu.linkage.weights import Model
from tsunagu.normalise.schoolyears import fiscal_year
from tsunagu.records.answer_tables import RESIDENTS
from tsunagu.records.stage_tables import PERSON_FACTS, PERSONS


@dataclass(frozen=True)
class Registered:
    """The register's own records as persons, at the register's holder.

    linked    of its own records alone; persons are named as this holder names them
    numbers   number of its own KeyedRecords -> person id (keyed_links.Resolver.persons)
    link_ids  person id -> link id
    """

    linked: LinkResult = field(repr=False)
    numbers: Mapping[int, str] = field(repr=False)
    link_ids: Mapping[str, str] = field(repr=False)

    @property
    def persons(self) -> pa.Table:
        """PERSONS of who stands in the register, each under the link id; no number of the register is in it."""
        persons = self.linked.persons
        registered = persons.filter(pc.not_equal(persons.column("register_state"), "absent"))
        named = [self.link_ids[id] for id in registered.column("person_id").to_pylist()]
        table = registered.set_column(0, "person_id", pa.array(named, pa.string()))
        return PERSONS.sorted(_without(table, "register_key", "school"))

    @property
    def facts(self) -> pa.Table:
        """PERSON_FACTS of these persons under their link ids."""
        return _renamed(self.linked.person_facts, self.link_ids)


def register_persons(
    records: pa.Table, facts: pa.Table, numbers: pa.Table, key: LinkIdKey, *, rules: Rules, model: Model, on: date
) -> Registered:
    """The persons of the register.

    records, facts  SOURCE_RECORDS and SOURCE_FACTS of everything that the register's holder has
    numbers         Kept.numbers of the register's own keyed records
    """
    linked = link_records(records, facts, model, rules=rules, on=on)
    states = linked.persons.select(["person_id", "register_state"]).to_pylist()
    registered = {one["person_id"] for one in states if one["register_state"] != "absent"}
    person_of = dict(zip(*(linked.links.column(c).to_pylist() for c in ("record_id", "person_id")), strict=True))
    pairs = zip(*(numbers.column(c).to_pylist() for c in ("record_id", "number")), strict=True)
    found = {number: person_of[record] for record, number in pairs if person_of[record] in registered}
    return Registered(linked, found, {id: key.link_id(id) for id in registered})


def residents_told(
    persons: pa.Table, columns: Collection[str], ages: tuple[int, int], key: LinkIdKey, on: date
) -> pa.Table:
    """RESIDENTS as they may be told: those of the ages, and who lives with one of them where the household is told.

    persons  Registered.persons
    columns  what was agreed; the others stay empty
    ages     from, to, in whole years on the day, both included; who has no birth date is told of too
    """
    from_age, to_age = ages
    rows = persons.to_pylist()
    wanted = {
        one["person_id"]
        for one in rows
        if one["birth_date"] is None or from_age <= _age(one["birth_date"], on) <= to_age
    }
    if "household" in columns:
        homes = {one["household_id"] for one in rows if one["person_id"] in wanted} - {None}
        wanted |= {one["person_id"] for one in rows if one["household_id"] in homes}
    told = []
    for one in rows:
        if one["person_id"] in wanted:
            home = one["household_id"]
            # 世帯番号 is a number of the register; a hash of its own tells who lives together, and nothing else.
            values = {**one, "household": None if home is None else key.link_id(f"household {home}")}
            told.append({"link_id": one["person_id"], **{c: values[c] for c in columns}})
    return RESIDENTS.sorted(pa.Table.from_pylist(told, schema=RESIDENTS.schema))


def links_of(numbers: Mapping[str, pa.Table], answers: Mapping[str, pa.Table]) -> pa.Table:
    """record_id, person_id: the link id of every record that was linked.

    numbers  extract -> Kept.numbers; answers: extract -> KEYED_ANSWERS
    """
    records: list[int] = []
    persons: list[str] = []
    for extract, kept in numbers.items():
        told = answers.get(extract)
        ids = dict(zip(*(told.column(c).to_pylist() for c in ("number", "link_id")), strict=True)) if told else {}
        for record, number in zip(*(kept.column(c).to_pylist() for c in ("record_id", "number")), strict=True):
            if ids.get(number):
                records.append(record)
                persons.append(ids[number])
    return pa.table({"record_id": pa.array(records, pa.int32()), "person_id": pa.array(persons, pa.string())})


def persons_of(
    records: pa.Table, facts: pa.Table, links: pa.Table, residents: pa.Table, *, rules: Rules, on: date
) -> tuple[pa.Table, pa.Table]:
    """PERSONS and PERSON_FACTS of one holder.

    records, facts  SOURCE_RECORDS and SOURCE_FACTS of this holder
    links           links_of
    residents       RESIDENTS as they were told; whoever is not among them is nobody here
    """
    with workbench() as bench:
        for name, table in (("records", records), ("facts", facts), ("links_table", links)):
            bench.put(name, table)
        person_facts = make_person_facts(bench)
        schools = _schools(bench, rules, on)
    rows = [
        {
            "person_id": one["link_id"],
            "register_state": "read",
            "birth_date": one["birth_date"],
            "sex": one["sex"],
            "household_id": one["household"],
            "resident_from": one["resident_from"],
            "resident_until": one["resident_until"],
            "school": schools.get(one["link_id"]),
        }
        for one in residents.to_pylist()
    ]
    known = residents.column("link_id").combine_chunks()
    mine = person_facts.filter(pc.is_in(person_facts.column("person_id"), known))
    return PERSONS.sorted(pa.Table.from_pylist(rows, schema=PERSONS.schema)), PERSON_FACTS.sorted(mine)


def _age(birth: date, on: date) -> int:
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def _schools(bench: Workbench, rules: Rules, on: date) -> dict[str, str]:
    """Link id -> school of the fiscal year, by the roster; of a holder without a roster none."""
    found = bench.rows(
        f"""
        SELECT person_id, arg_min(school, record_id) FROM links_table JOIN records USING (record_id)
        WHERE holder = '{rules.roster}' AND fiscal_year = {fiscal_year(on)} AND school IS NOT NULL AND grade IS NOT NULL
        GROUP BY person_id
        """
    )
    return {str(person): str(school) for person, school in found}


def _without(table: pa.Table, *columns: str) -> pa.Table:
    for name in columns:
        place = table.column_names.index(name)
        table = table.set_column(place, name, pa.nulls(table.num_rows, pa.string()))
    return table


def _renamed(facts: pa.Table, link_ids: Mapping[str, str]) -> pa.Table:
    registered = facts.filter(pc.is_in(facts.column("person_id"), pa.array(sorted(link_ids), pa.string())))
    named = [link_ids[id] for id in registered.column("person_id").to_pylist()]
    return PERSON_FACTS.sorted(registered.set_column(0, "person_id", pa.array(named, pa.string())))
