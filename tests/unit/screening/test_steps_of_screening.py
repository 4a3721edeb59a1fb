"""Somebody who waits for the screening is told what is made, part by part, before an engine begins with it."""

from __future__ import annotations

import datetime as dt

from screening_cases import a_town, the_catalogue, the_criteria
from tsunagu.screening.screen import screen

ON = dt.date(2026, 9, 30)
TABLES = ["the rules", "who is in scope", "indicators", "judgments", "notices", "reasons"]


def steps_of(persons_a_part: int) -> list[str]:
    told: list[str] = []
    persons, facts = a_town(3, ON, children=20).tables()
    screen(persons, facts, the_criteria(), the_catalogue(), ON, persons_a_part=persons_a_part, step=told.append)
    return told


def test_each_step_is_named_before_it_is_made() -> None:
    assert steps_of(1000) == ["the facts by item", *TABLES]


def test_of_several_parts_each_is_named() -> None:
    first, *rest = steps_of(30)
    parts = len(rest) // len(TABLES)
    assert parts > 1
    assert first == "the facts by item"
    assert rest == [f"{table}, part {n} of {parts}" for n in range(1, parts + 1) for table in TABLES]
