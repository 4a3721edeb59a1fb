"""The truth beside a delivery: persons, households, needs and clean facts,
in the columns of the layout's description."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tsunagu.example_city.calendar import completed_months
from tsunagu.example_city.delivery import write_table
from tsunagu.example_city.health import CHECKUPS
from tsunagu.example_city.judging import Judge, Judgment
from tsunagu.example_city.measures import Doses, doses_of, mood_of
from tsunagu.example_city.needs import KINDS
from tsunagu.example_city.people import Household, Person, fiscal_year
from tsunagu.example_city.places import ward

if TYPE_CHECKING:
    from tsunagu.example_city.city import City, Counts

_PERSONS = (
    "person_id", "is_child", "birth_date", "sex", "household_id", "atena", "family_name", "given_name", "family_kana",
    "given_kana", "old_family_name", "name_change_date", "relation", "nationality", "alphabet_name", "twin",
    "suppressed",
    "suppressed_against", "resident_asof", "in_date", "out_date", "grade", "school_type", "enrolled_municipal_asof",
    "school", "latent_need",
)  # fmt: skip
_HOUSEHOLDS = (
    "household_id", "number", "kind", "town", "address", "building", "ward", "single_parent", "grandparents", "foreign",
    "remarried", "next_household", "second_household", "suppressed", "moves_in_city", "members",
)  # fmt: skip
_MONTHLY = ("person_id", "month", "school_days", "absent", "late", "early", "infirmary", "fee_unpaid")
_YEARLY = ("person_id", "fy", "grade", "test_kokugo", "test_sansu", "q_self", "q_grit", "q_family", "q_friend",
    "q_habit",
           "aid", "jifu")  # fmt: skip
_HEALTH = ("person_id", "age_months", "checkup_4m", "checkup_18m", "checkup_36m", "vacc_due", "vacc_done",
    "vacc_missing",
           "vacc_unknown", "epds", "birth_weight")  # fmt: skip
_LATENT = ("person_id", *(f"{kind}{part}" for kind in KINDS for part in ("", "_onset", "_active_asof")))
NONE = "なし"
Row = Sequence[object]


def write_truth(folder: Path, city: City, lost: Iterable[tuple[str, str, str, str, str]]) -> list[Judgment]:
    """Write every table of the truth but records, bad_rows and lost, which the delivery keeps itself.

    lost   the rows of lost.csv: they count as unknown in judgments.csv
    gives  the judgments
    """
    on, children = city.calendar.on, city.children
    judge = Judge(city, lost)
    judgments = [judge.judge(person) for person in children if _here(person, city)]
    write_table(folder / "persons.csv", _PERSONS, (_person(person, city) for person in city.people))
    write_table(folder / "households.csv", _HOUSEHOLDS, (_household(home, city) for home in city.households))
    write_table(folder / "facts_monthly.csv", _MONTHLY, _monthly(children))
    write_table(folder / "facts_yearly.csv", _YEARLY, _yearly(city))
    write_table(folder / "facts_tax.csv", ("person_id", "fy", "class"), (
        (person.person_id, year, kind) for year, people in sorted(city.taxes.items()) for person, kind in people
    ))  # fmt: skip
    write_table(folder / "facts_periods.csv", ("person_id", "item", "start", "end"), _periods(children))
    write_table(folder / "facts_reports.csv", ("person_id", "date", "kind"), (
        (person.person_id, day, kind) for person in children if person.child for day, kind in person.child.reports
    ))  # fmt: skip
    write_table(folder / "facts_health.csv", _HEALTH, (_health(person, city) for person in children))
    write_table(folder / "facts_mood.csv", ("person_id", "answers_last40", "used", "bad"), _moods(city, judge))
    write_table(folder / "latent.csv", _LATENT, (_latent(person, city) for person in children))
    write_table(folder / "judgments.csv", Judgment._fields, judgments)
    assert on == city.calendar.on
    return judgments


def write_summary(folder: Path, city: City, counts: Counts, judgments: Sequence[Judgment], slipped: str) -> None:
    """Write summary.json: the counts, and how many children came out at each level."""
    levels: dict[str, int] = {}
    for judgment in judgments:
        levels[judgment.overall] = levels.get(judgment.overall, 0) + 1
    summary = asdict(counts) | {
        "asof": city.calendar.on.isoformat(),
        "months": f"{city.calendar.months[0]:%Y-%m}..{city.calendar.months[-1]:%Y-%m}",
        "fiscal_years": sorted(city.calendar.years),
        "resident_asof": len(judgments),
        "individual_number_column": slipped,
        "judgments": dict(sorted(levels.items())),
    }
    text = json.dumps(summary, ensure_ascii=False, indent=1) + "\n"
    (folder / "summary.json").write_text(text, encoding="utf-8")


def _here(person: Person, city: City) -> bool:
    on = city.calendar.on
    return person.present <= on and (person.out_date is None or person.out_date > on)


def _person(person: Person, city: City) -> Row:
    child, year = person.child, fiscal_year(city.calendar.on)
    seat = child.seats.get(year) if child is not None and _here(person, city) else None
    name = person.name
    return (
        person.person_id, int(person.is_child), person.birth, person.sex, person.household.household_id, person.atena,
        name.family, name.given, name.family_kana, name.given_kana, person.old_name.family if person.old_name else "",
        person.renamed or "", person.relation, person.country, person.latin, int(person.twin), int(person.suppressed),
        person.against.person_id if person.against else "", int(_here(person, city)) if child else "",
        person.in_date or "", person.out_date or "", child.grade(year) if child else "",
            child.school_kind if child else "",
        int(seat is not None) if child else "", seat.school.code if seat else "",
            int(bool(child.needs)) if child else "",
    )  # fmt: skip


def _household(home: Household, city: City) -> Row:
    at = home.address
    return (
        home.household_id, home.number, home.kind, at.town, f"{at.block}-{at.lot}-{at.house}", at.building,
            ward(at.town),
        int(home.single), int(home.grandparents), home.country, int(home.remarried),
        home.neighbour.household_id if home.neighbour else "", home.second.household_id if home.second else "",
        int(home.suppressed), int(home.moved is not None), len(home.members),
    )  # fmt: skip


def _monthly(children: Sequence[Person]) -> Iterable[Row]:
    for person in children:
        for month, facts in person.child.months.items() if person.child else ():
            yield (person.person_id, f"{month:%Y-%m}", facts.school_days, facts.absent, facts.late, facts.early,
                   facts.infirmary, facts.unpaid)  # fmt: skip


def _yearly(city: City) -> Iterable[Row]:
    for person in city.children:
        child = person.child
        assert child is not None
        for year in sorted(city.calendar.years):
            yield (person.person_id, year, child.grade(year), *child.tests.get(year, ("", "")),
                   *child.answers.get(year, ("",) * 5), child.aid.get(year, NONE), child.rearing.get(year,
                       NONE))  # fmt: skip


def _periods(children: Sequence[Person]) -> Iterable[Row]:
    for person in children:
        assert person.child is not None
        for start, end in person.child.assistance:
            yield person.person_id, "生活保護", start, end or ""
        for kind, start, end, _ in person.child.register:
            yield person.person_id, kind, start, end or ""


def _health(person: Person, city: City) -> Row:
    child, on = person.child, city.calendar.on
    assert child is not None
    age = completed_months(person.birth, on)
    codes = {word: code for word, code, _ in child.checkups}
    seen = [str(codes.get(word, "")) if age >= due else "na" for word, _, due in CHECKUPS]
    doses: Doses | None = doses_of(person, on) if child.grade(fiscal_year(on)) <= 1 else None
    counts = (len(doses.due), len(child.doses), len(doses.missing), len(doses.unknown)) if doses else ("",) * 4
    epds = "" if child.epds is None else child.epds
    return (person.person_id, age, *seen, *counts, epds, child.birth_weight)


def _moods(city: City, judge: Judge) -> Iterable[Row]:
    for person in city.children:
        if judge.is_pupil(person):
            answers = mood_of(person, judge.mood_dates_of(person))
            yield person.person_id, answers.within, answers.used, answers.bad


def _latent(person: Person, city: City) -> Row:
    child, month = person.child, city.calendar.on.replace(day=1)
    assert child is not None
    row: list[object] = [person.person_id]
    for kind in KINDS:
        since = child.needs.get(kind)
        row += [int(since is not None), f"{since:%Y-%m}" if since else "", int(since is not None and since <= month)]
    return row
