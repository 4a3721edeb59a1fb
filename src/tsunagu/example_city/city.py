"""Make the example city: people, histories, extracts and truth, in that order, from one seed.

Each part draws from its own stream of chance, so that a change in one does not shuffle the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from tsunagu.errors import SourceError, StateError
from tsunagu.example_city import family_extracts, register_extracts, roster_extracts, school_extracts
from tsunagu.example_city.calendar import Calendar, calendar_of
from tsunagu.example_city.delivery import Delivery, Forms
from tsunagu.example_city.families import Families
from tsunagu.example_city.faults import Level
from tsunagu.example_city.health import keep_health_records
from tsunagu.example_city.needs import lay_needs
from tsunagu.example_city.people import Household, Person, School
from tsunagu.example_city.registration import Protection, add_namesakes, protect, register, spell
from tsunagu.example_city.school_life import live_school_years
from tsunagu.example_city.schools import assign_seats, found_schools
from tsunagu.example_city.truth import write_summary, write_truth
from tsunagu.example_city.welfare import grant_benefits, notice_children, place_in_nursery, tax_classes

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Counts:
    """What was written."""

    children: int
    residents: int
    households: int
    schools: int
    files: int
    rows: int
    records: int
    bad_rows: int
    lost_facts: int


@dataclass
class City:
    """The whole city in memory, before anything is written."""

    calendar: Calendar
    households: list[Household]
    people: list[Person]
    children: list[Person]
    schools: list[School]
    protections: list[Protection]
    taxes: dict[int, list[tuple[Person, str]]]


def make_city(*, children: int, seed: int, on: date, months: int = 12) -> City:
    """The city's people and their true histories. Equal arguments give an equal city."""
    if children < 1 or not 2 <= months <= 60:
        raise SourceError(
            "the example city needs at least one child and between 2 and 60 months",
            to_do="Choose other numbers for children and months.",
        )
    calendar = calendar_of(on, months)

    def stream(part: str) -> Random:
        return Random(f"{seed}:{part}")

    households = list(Families(stream("families"), on, calendar.first).make(children))
    people = register(households, stream("numbers"))
    young = [person for person in people if person.is_child]
    lay_needs(households, calendar, stream("needs"))
    _number(young, stream("kinds"))
    add_namesakes(people, stream("namesakes"))
    protections = protect(households, on, stream("protection"))
    spell(people, stream("spelling"))
    years = calendar.years
    schools = found_schools(young, list(years), stream("schools"))
    assign_seats(young, schools, years, stream("seats"))
    live_school_years(young, calendar, stream("school life"))
    grant_benefits(households, calendar, stream("benefits"))
    notice_children(young, calendar, stream("reports"))
    place_in_nursery(young, calendar, stream("nursery"))
    keep_health_records(young, calendar, stream("health"))
    taxes = tax_classes(people, [year for year in years if date(year, 6, 1) <= on], stream("tax"))
    return City(calendar, households, people, young, schools, protections, taxes)


def write_example_city(
    out: Path,
    *,
    children: int = 3000,
    seed: int = 1,
    on: date = date(2026, 9, 30),
    months: int = 12,
    faults: Level = "usual",
    encodings: Mapping[str, str] | None = None,
    dates: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Counts:
    """Write `out`/extracts (the delivery) and `out`/truth (what is right).

    encodings, dates  glob over `holder/file` -> codec or date form; files not named keep the usual one
    progress          called with the step's name, its number and the number of steps
    raises            SourceError for numbers or names that make no sense, StateError when `out` holds a delivery
    """
    tell = progress or (lambda step, number, of: None)
    forms = Forms(faults, encodings or {}, dates or {})
    if any((out / name).is_dir() and any((out / name).iterdir()) for name in ("extracts", "truth")):
        raise StateError(
            "the folder already holds a delivery",
            where=str(out),
            to_do="Choose an empty folder, so that files of two cities do not mix.",
        )
    tell("people and their histories", 0, 16)
    city = make_city(children=children, seed=seed, on=on, months=months)
    delivery = Delivery(out, city.calendar, forms, Random(f"{seed}:faults"), children=children)
    rng = Random(f"{seed}:rows")
    steps: tuple[tuple[str, Callable[[], None]], ...] = (
        ("register of residents", lambda: register_extracts.residents(delivery, city.households, rng)),
        ("protection list", lambda: register_extracts.protections(delivery, city.protections, rng)),
        ("taxes", lambda: register_extracts.taxes(delivery, city.taxes, rng)),
        ("assistance", lambda: register_extracts.assistance(delivery, city.households, rng)),
        ("rearing allowance", lambda: register_extracts.rearing_allowance(delivery, city.households, rng)),
        ("register of school age", lambda: roster_extracts.register_of_school_age(delivery, city.children, rng)),
        ("rosters", lambda: roster_extracts.rosters(delivery, city.children, city.schools, rng)),
        ("attendance and fees", lambda: school_extracts.attendance_and_fees(delivery, city.children, rng)),
        ("infirmary", lambda: school_extracts.infirmary(delivery, city.children, rng)),
        ("daily attendance", lambda: school_extracts.daily_attendance(delivery, city.children, city.schools[0], rng)),
        ("survey", lambda: school_extracts.survey(delivery, city.children, rng)),
        ("questionnaire", lambda: school_extracts.questionnaire(delivery, city.children, rng)),
        ("daily mood", lambda: school_extracts.moods(delivery, city.children, city.schools, rng)),
        ("families", lambda: _families(delivery, city, rng)),
    )
    for number, (name, step) in enumerate(steps, 1):
        tell(name, number, len(steps) + 2)
        step()
    delivery.finish()
    tell("truth", len(steps) + 1, len(steps) + 2)
    judgments = write_truth(out / "truth", city, delivery.lost)
    counts = Counts(
        len(city.children), len(city.people), len(city.households), len(city.schools), delivery.files, delivery.rows,
        delivery.records, len(delivery.bad_rows), len(set(delivery.lost)),
    )  # fmt: skip
    write_summary(out / "truth", city, counts, judgments, delivery.slipped_into)
    tell("done", len(steps) + 2, len(steps) + 2)
    return counts


def _families(delivery: Delivery, city: City, rng: Random) -> None:
    family_extracts.school_aid(delivery, city.children, rng)
    family_extracts.maternal_and_child_health(delivery, city.children, rng)
    register_extracts.disability_and_care(delivery, city.people, rng)
    family_extracts.reports(delivery, city.children, rng)
    family_extracts.council_register(delivery, city.children, rng)
    family_extracts.nursery(delivery, city.children, rng)


def _number(children: list[Person], rng: Random) -> None:
    """Numbers of the offices that count children in their own way, and the few who go to other schools."""
    age_number, health_number = 1_000_000, 200_000
    for person in children:
        assert person.child is not None
        age_number += rng.randint(1, 14)
        health_number += rng.randint(1, 9)
        person.child.register_no = str(age_number)
        person.child.health_no = f"{health_number:07}"
        person.child.school_kind = rng.choices(("M", "P", "S", "N"), (970, 20, 9, 1))[0]
