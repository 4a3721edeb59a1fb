"""What welfare, tax and the family centre record: tax classes, benefits, reports, the council's register, nursery."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from tsunagu.example_city.calendar import Calendar
from tsunagu.example_city.needs import active
from tsunagu.example_city.people import Child, Household, Person, fiscal_year

TAXED, PER_CAPITA, EXEMPT, UNDECLARED = "1", "2", "3", "9"
NURSERIES = (
    "桜台保育所",
    "緑が丘保育所",
    "川辺町保育所",
    "中央こども園",
    "弥生保育園",
    "みなと保育園",
    "青空こども園",
    "泉保育所",
)


def is_liable(person: Person, year: int) -> bool:
    """Lived here on 1 January of the year and was 18 or older then."""
    january = date(year, 1, 1)
    adult = person.birth <= january.replace(year=year - 18)
    if not adult or (person.in_date is not None and person.in_date > january):
        return False
    return person.out_date is None or person.out_date > january


def tax_classes(people: Sequence[Person], years: Sequence[int], rng: Random) -> dict[int, list[tuple[Person, str]]]:
    """Fiscal year -> who is liable, with 課税区分. A class mostly stays from year to year."""
    found: dict[int, list[tuple[Person, str]]] = {year: [] for year in years}
    for person in people:
        stays = _tax_class(person, rng)
        for year in years:
            if is_liable(person, year):
                found[year].append((person, stays if rng.random() < 0.93 else _tax_class(person, rng)))
    return found


def _tax_class(person: Person, rng: Random) -> str:
    if rng.random() < 0.013:
        return UNDECLARED
    income = person.household.income
    if person.relation == "世帯主" and person.household.kind == "main":
        if income < 0.26:
            return EXEMPT if rng.random() < 0.84 else PER_CAPITA
        if income < 0.36:
            return rng.choices((TAXED, PER_CAPITA, EXEMPT), (60, 10, 30))[0]
        return rng.choices((TAXED, PER_CAPITA, EXEMPT), (96, 1, 3))[0]
    if person.household.kind == "grand" or person.relation in ("父", "母"):
        return rng.choices((TAXED, PER_CAPITA, EXEMPT), (45, 12, 43))[0]
    # The second earner of a poor household seldom pays.
    low = income < 0.30
    return rng.choices((TAXED, PER_CAPITA, EXEMPT), (25, 10, 65) if low else (77, 4, 19))[0]


def grant_benefits(households: Sequence[Household], calendar: Calendar, rng: Random) -> None:
    """Livelihood assistance, rearing allowance and school aid by income and family form."""
    years = list(calendar.years)
    for home in households:
        if home.kind != "main" or home.head is None:
            continue
        if home.income < 0.3 and rng.random() < 0.13:
            start = _month_before(calendar, rng.randint(2, 44))
            ended = rng.random() < 0.45
            end = start + timedelta(days=rng.randint(90, 400)) if ended else None
            if end is not None and end >= calendar.on:
                end = None
            home.assistance.append((start, end))
        takes = rng.random() < 0.74
        level = "全部停止" if home.income > 0.52 else "一部支給" if home.income > 0.36 else "全部支給"
        asks = rng.random()
        for person in home.members:
            child = person.child
            if child is None:
                continue
            for start, end in home.assistance:
                begins = max(start, person.present)
                if end is None or begins < end:
                    child.assistance.append((begins, end))
            for year in years:
                if home.single and takes and child.grade(year) <= 12 and _here_in(person, year, 11, calendar):
                    child.rearing[year] = (
                        level if rng.random() < 0.9 else rng.choice(("全部支給", "一部支給", "全部停止"))
                    )
                if date(year, 7, 1) <= calendar.on:
                    _school_aid(person, child, home, year, rng, asks=asks)


def _month_before(calendar: Calendar, months: int) -> date:
    index = calendar.on.year * 12 + calendar.on.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def _here_in(person: Person, year: int, month: int, calendar: Calendar) -> bool:
    """Lived here when that year's list was drawn up, or on the as-of day when the list is newer."""
    day = min(date(year, month, 1), calendar.on)
    return person.present <= day and (person.out_date is None or person.out_date > day)


def _school_aid(person: Person, child: Child, home: Household, year: int, rng: Random, *, asks: float) -> None:
    day = date(year, 7, 1)
    if year not in child.seats or person.present > day or (person.out_date is not None and person.out_date <= day):
        return
    assisted = any(start <= day and (end is None or end > day) for start, end in child.assistance)
    need = assisted or active(person, "poverty", day)
    chance = 0.62 if need else 0.42 if home.income < 0.36 else 0.03
    if asks < chance:
        if assisted:
            child.aid[year] = "要保護" if rng.random() < 0.25 else "準要保護"
        else:
            child.aid[year] = "準要保護" if home.income < 0.5 and rng.random() < 0.92 else "否認定"


def notice_children(children: Sequence[Person], calendar: Calendar, rng: Random) -> None:
    """Reports and consultations, and the council's register: need makes both likelier, but most need goes unseen."""
    for person in children:
        child = person.child
        if child is None or person.out_date is not None:
            continue
        neglected = active(person, "neglect", calendar.on)
        seen = rng.random() < (0.42 if neglected else 0.10 if child.needs else 0.012)
        if not seen:
            continue
        for _ in range(1 if rng.random() < 0.85 else 2):
            day = calendar.first + timedelta(days=rng.randint(0, (calendar.on - calendar.first).days))
            if day >= person.present:
                child.reports.append((day, "通告" if rng.random() < (0.75 if neglected else 0.35) else "相談"))
        if (neglected and rng.random() < 0.6) or rng.random() < 0.02:
            start = calendar.on - timedelta(days=rng.randint(20, 1000))
            if start < person.present:
                continue
            end = start + timedelta(days=rng.randint(60, 700)) if rng.random() < 0.15 else None
            end = end if end is not None and end <= calendar.on else None
            last_seen = (end or calendar.on) - timedelta(days=rng.randint(1, 150))
            kind = rng.choices(("要保護児童", "要支援児童", "特定妊婦（出産後）"), (42, 54, 4))[0]
            child.register.append((kind, start, end, last_seen if rng.random() < 0.85 and last_seen > start else None))


def place_in_nursery(children: Sequence[Person], calendar: Calendar, rng: Random) -> None:
    """Nursery children on the as-of day: name of the nursery, first day, days attended this month."""
    count = max(3, min(len(NURSERIES), len(children) // 500))
    for person in children:
        child = person.child
        if child is None or person.out_date is not None or not -5 <= child.grade(fiscal_year(calendar.on)) <= 0:
            continue
        if rng.random() < 0.53:
            start = max(date(fiscal_year(calendar.on) - 1, 4, 1), person.birth + timedelta(days=rng.randint(70, 120)))
            start = max(start, person.present)
            if start <= calendar.on:
                absent = min(24, int(rng.expovariate(0.7)) + 4 * active(person, "neglect", calendar.on))
                child.nursery = (NURSERIES[rng.randrange(count)], start, 24 - absent)
