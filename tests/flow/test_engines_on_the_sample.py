"""The slow plain engine and the compiled SQL say the same of every child of the sample, as it was read and linked."""

from __future__ import annotations

from pathlib import Path

from fixed import ON
from screening_cases import said_by_reference, said_by_tables
from tsunagu.indicators.people import people_from
from tsunagu.linkage.delivery import link_records
from tsunagu.municipality import City
from tsunagu.screening.reference import in_scope, judge
from tsunagu.screening.screen import screen
from tsunagu.sources.delivery import read_delivery


def test_both_engines_agree_on_every_child_of_the_sample(sample: Path, city: City) -> None:
    delivery = read_delivery(sample / "extracts", city.sources, city.read, ON)
    linked = link_records(delivery.records, delivery.facts, city.link_model, rules=city.link_rules, on=ON)
    people = people_from(linked.persons, linked.person_facts, on=ON, holiday_months=city.criteria.holiday_months)
    plain = {
        id: said_by_reference(judge(city.criteria, person, people.around(person)))
        for id, person in people.by_id.items()
        if in_scope(city.criteria, person, ON)
    }
    compiled = said_by_tables(screen(linked.persons, linked.person_facts, city.criteria, city.catalogue, ON))
    assert len(plain) == 1458
    assert plain.keys() == compiled.keys()
    differing = [id for id in plain if plain[id] != compiled[id]]
    assert differing == []
