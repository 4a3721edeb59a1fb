"""Histories around thresholds and window edges, and both engines' answers on them. Everybody here is invented."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from tsunagu.engines.bench import Bench
from tsunagu.indicators.parts import PERSONS_A_PART, lay_out, parts, show
from tsunagu.indicators.people import people_from
from tsunagu.records.catalogue import Catalogue
from tsunagu.records.run_tables import INDICATORS, JUDGMENTS
from tsunagu.records.stage_tables import PERSON_FACTS, PERSONS
from tsunagu.screening.compile import compile_criteria
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.load import load_criteria
from tsunagu.screening.reference import Outcome, in_scope, judge
from tsunagu.screening.screen import Screened, screen
from tsunagu.sources.spec_loading import load_items

CITY = Path(__file__).parents[1] / "examples" / "hinode-city"
EVERY_MEASURE_FILE = Path(__file__).parent / "data" / "screening" / "every-measure.toml"
CRITERIA_FILE = CITY / "criteria" / "three-judgments.toml"
SCALES = ("q_self", "q_grit", "q_family", "q_friends", "q_habits")
SCHOOLS = ("101", "102")


@cache
def the_catalogue() -> Catalogue:
    return Catalogue(items=load_items(CITY))


@cache
def the_criteria() -> Criteria:
    return load_criteria(CRITERIA_FILE, the_catalogue().items)


@cache
def every_measure() -> Criteria:
    """Criteria with each measure of the language, of no city."""
    return load_criteria(EVERY_MEASURE_FILE, the_catalogue().items)


class History:
    """Persons and their facts, added one by one."""

    def __init__(self) -> None:
        self.persons: list[dict[str, Any]] = []
        self.facts: list[dict[str, Any]] = []

    def person(self, person_id: str, **columns: Any) -> None:
        row: dict[str, Any] = dict.fromkeys(PERSONS.names)
        self.persons.append({**row, "person_id": person_id, "register_state": "read", **columns})

    def fact(self, person_id: str, item: str, **columns: Any) -> None:
        row: dict[str, Any] = dict.fromkeys(PERSON_FACTS.names)
        place = {"holder": f"holder_of_{item}", "file": f"{item}.csv", "row": len(self.facts) + 2}
        self.facts.append({**row, "person_id": person_id, "item": item, "state": "known", **place, **columns})

    def tables(self) -> tuple[pa.Table, pa.Table]:
        return (
            pa.Table.from_pylist(self.persons, schema=PERSONS.schema),
            pa.Table.from_pylist(self.facts, schema=PERSON_FACTS.schema),
        )


def reference(history: History, criteria: Criteria, on: dt.date) -> dict[str, Outcome]:
    people = people_from(*history.tables(), on=on, holiday_months=criteria.holiday_months)
    return {
        id: judge(criteria, person, people.around(person))
        for id, person in people.by_id.items()
        if in_scope(criteria, person, on)
    }


def compiled(history: History, criteria: Criteria, on: dt.date, on_bench: Bench | None = None) -> Screened:
    return screen(*history.tables(), criteria, the_catalogue(), on, on_bench=on_bench)


def said_by_reference(outcome: Outcome) -> dict[str, Any]:
    """What the plain engine says of one child, in the columns of the run folder."""
    said: dict[str, Any] = {}
    for id, reading in outcome.readings.items():
        number = isinstance(reading.value, Fraction)
        worst_number = isinstance(reading.worst, Fraction)
        said[f"indicator {id}"] = (
            reading.state,
            _shown(reading.value) if number else None,
            None if number else reading.value,
            _shown(reading.worst) if worst_number else None,
            None if worst_number else reading.worst,
        )
    for id, judged in outcome.judged.items():
        bounds = ("NA", "NA") if judged.lower is None else (str(judged.lower), str(judged.upper))
        said[f"judgment {id}"] = (judged.level, *bounds)
    said["overall"] = (outcome.overall.name, outcome.at_least.name, outcome.at_most.name)
    said["waiting_for"] = list(outcome.missing)
    said["signs"] = sorted(outcome.signs)
    return said


def said_by_tables(screened: Screened) -> dict[str, dict[str, Any]]:
    """The same from the compiled engine's tables, by person."""
    signs: dict[str, set[str]] = defaultdict(set)
    for row in screened.reasons.to_pylist():
        if row["kind"] == "sign":
            signs[row["person_id"]].add(row["code"])
    return _said(screened.indicators, screened.judgments, signs)


def said_by_bench(bench: Bench, history: History, criteria: Criteria, on: dt.date) -> dict[str, dict[str, Any]]:
    """The same from an engine that judges, and leaves away what the reasons rest on."""
    persons, facts = history.tables()
    text = compile_criteria(criteria, on)
    lay_out(bench, PERSONS.check(persons), PERSON_FACTS.check(facts), criteria.items, text.whole)
    (part,) = parts(bench, PERSONS_A_PART)
    show(bench, part, criteria.items)
    bench.run(text.judged)
    columns = ", ".join(f"s_{sign.code}" for sign in criteria.signs)
    held = bench.table(f"SELECT p.person_id, {columns} FROM judged JOIN person p USING (child)").to_pylist()
    signs = {row["person_id"]: {s.code for s in criteria.signs if row[f"s_{s.code}"]} for row in held}
    return _said(INDICATORS.check(bench.table(text.indicators)), JUDGMENTS.check(bench.table(text.judgments)), signs)


def _said(indicators: pa.Table, judgments: pa.Table, signs: Mapping[str, set[str]]) -> dict[str, dict[str, Any]]:
    said: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in indicators.to_pylist():
        said[row["person_id"]][f"indicator {row['indicator']}"] = (
            row["state"],
            row["number"],
            row["text"],
            row["number_at_worst"],
            row["text_at_worst"],
        )
    for row in judgments.to_pylist():
        levels = (row["level"], row["at_least"], row["at_most"])
        if row["judgment"] == "overall":
            said[row["person_id"]]["overall"] = levels
            said[row["person_id"]]["waiting_for"] = row["waiting_for"]
        else:
            said[row["person_id"]][f"judgment {row['judgment']}"] = levels
    for id, found in said.items():
        found["signs"] = sorted(signs.get(id, ()))
    return dict(said)


def differences(history: History, criteria: Criteria, on: dt.date) -> dict[str, dict[str, tuple[Any, Any]]]:
    """Per child, what the two engines say differently; empty when they agree on everybody."""
    return from_reference(said_by_tables(compiled(history, criteria, on)), history, criteria, on)


def from_reference(
    text: Mapping[str, dict[str, Any]], history: History, criteria: Criteria, on: dt.date
) -> dict[str, dict[str, tuple[Any, Any]]]:
    """Per child, where what an engine said is not what the plain engine says (plain, engine)."""
    plain = {id: said_by_reference(outcome) for id, outcome in reference(history, criteria, on).items()}
    found: dict[str, dict[str, tuple[Any, Any]]] = {}
    for id in sorted(plain.keys() | text.keys()):
        left, right = plain.get(id, {}), text.get(id, {})
        keys = sorted(left.keys() | right.keys())
        differ = {k: (left.get(k), right.get(k)) for k in keys if left.get(k) != right.get(k)}
        if differ:
            found[id] = differ
    return found


def _shown(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def a_town(seed: int, on: dt.date, children: int = 40) -> History:
    """A small town whose every history lies near a threshold or a window's edge; seeded, so it comes again."""
    town = Town(random.Random(seed), on)
    for number in range(children):
        town.child(f"P{number:03d}")
    return town.history


class Town:
    def __init__(self, draw: random.Random, on: dt.date) -> None:
        self.draw, self.on, self.history = draw, on, History()
        self.year = on.year if on.month >= 4 else on.year - 1
        # One town is well kept and another badly; extremes find other faults than the mean does.
        self.gaps = draw.choice((0.0, 0.05, 0.3, 0.7))
        self.twice = draw.choice((0.0, 0.1, 0.5))

    def child(self, id: str) -> None:
        draw = self.draw
        self._residence(id)
        self._relatives(id)
        birth = self._birth()
        came = draw.choice((None, None, birth, self._near(self.on, 200), self._near(self.on, 1500), birth))
        left = draw.choice((None, None, None, None, self.on, self.on + dt.timedelta(1), self.on - dt.timedelta(1)))
        self.history.person(
            id,
            birth_date=draw.choice((birth, birth, birth, birth, birth, birth, None)) if draw.random() < 0.1 else birth,
            register_state=draw.choice(("read", "read", "read", "set_aside", "absent")),
            household_id=draw.choice((None, "H1", f"H{id}", f"H{id}", f"H{id}")),
            resident_from=came,
            resident_until=left,
            school=draw.choice((None, *SCHOOLS)),
        )
        for number in range(draw.choice((0, 1, 1, 2))):
            self._adult(f"{id}A{number}", f"H{id}")
        self._yearly(id)
        self._monthly(id)
        self._periods(id)
        self._events(id)
        self._health(id)

    def _residence(self, id: str) -> None:
        more = random.Random(f"{id} {self.on} residence")
        if more.random() >= self.gaps / 4:
            state = "unknown" if more.random() < self.gaps / 4 else "known"
            self.history.fact(id, "residence", at=more.choice((None, self._edge_of(more))), state=state)

    def _relatives(self, id: str) -> None:
        """What a relative or the child may have; apart from the other draws, so that those stay what they were."""
        more = random.Random(f"{id} {self.on} certificates")
        for item, values in (("care_need", ("with_services", "without_services")), ("disability_certificate", ())):
            if more.random() < 0.3:
                until = more.choice((None, None, self.on, self.on + dt.timedelta(1)))
                columns = {"text": more.choice(values)} if values else {}
                if more.random() < self.gaps / 4:
                    columns = {"state": "unknown"}
                self.history.fact(id, item, at=dt.date(2020, 1, 1), until=until, **columns)

    def _birth(self) -> dt.date:
        draw, year = self.draw, self.year
        edges = [dt.date(year - 6 - grade, 4, 1 + draw.randint(0, 1)) for grade in (-5, 0, 1, 2, 3, 9, 10, 12, 13)]
        edges += [_months_back(self.on, months) for months in (0, 4, 5, 6, 8, 15, 20, 21, 39, 45)]
        if draw.random() < 0.5:
            return draw.choice(edges) + dt.timedelta(draw.choice((-1, 0, 0, 1)))
        return self.on - dt.timedelta(draw.randint(0, 6700))

    def _near(self, day: dt.date, days: int) -> dt.date:
        return day - dt.timedelta(self.draw.randint(-1, days))

    def _add(self, id: str, item: str, value: dict[str, Any], **where: Any) -> None:
        """The fact, or none, or an unknown one, or several that compete."""
        draw = self.draw
        if draw.random() < self.gaps:
            how = draw.random()
            if how < 0.4:
                return
            state = draw.choice(("unknown", "set_aside"))
            stray = draw.random() < 0.15
            place = {k: None for k in where} if stray else where
            self.history.fact(id, item, state=state, **{**place, "recorded_at": self._moment()})
            return
        self.history.fact(id, item, **value, **where, recorded_at=self._moment())
        if draw.random() < self.twice:
            again = dict(value)
            if "number" in again and draw.random() < 0.6:
                again["number"] = again["number"] + draw.choice((0, 1, 5))
            if "text" in again and draw.random() < 0.6:
                again["text"] = draw.choice(list(the_catalogue().items[item].values))
            state = draw.choice(("known", "known", "unknown"))
            if state == "unknown":
                again = {}
            self.history.fact(id, item, state=state, **again, **where, recorded_at=self._moment())

    def _moment(self) -> dt.datetime | None:
        # Holders write local times without a zone.
        hour = self.draw.choice((None, None, 9, 10))
        return None if hour is None else dt.datetime(2026, 5, 1, hour)  # noqa: DTZ001

    def _adult(self, id: str, household: str) -> None:
        draw = self.draw
        edge = dt.date(self.year - 18, 1, 1)
        birth = draw.choice((dt.date(1985, 3, 3), dt.date(1985, 3, 3), edge, edge + dt.timedelta(1), None))
        self.history.person(id, birth_date=birth, household_id=household)
        self._residence(id)
        self._relatives(id)
        for year in (self.year, self.year - 1):
            tax = draw.choice(("taxed", "per_capita", "exempt", "exempt", "undeclared"))
            self._add(id, "tax_class", {"text": tax}, at=dt.date(year, 4, 1))

    def _yearly(self, id: str) -> None:
        draw = self.draw
        for year in (self.year, self.year - 1):
            start = dt.date(year, 4, 1)
            school = draw.choice(("municipal", "municipal", "municipal", "private"))
            self._add(id, "enrolment", {"text": school, "number": Decimal(3)}, at=start)
            if draw.random() < 0.7:
                self._add(id, "roster", {"text": "municipal", "number": Decimal(3)}, at=start, label="101")
            for item in ("test_japanese", "test_math"):
                score = draw.choice(("39.9", "40", "40.1", "44.95", "45", "45.05", "50", "55.05"))
                self._add(id, item, {"number": Decimal(score)}, at=start)
            for item in SCALES:
                scale = draw.choice(("2", "2.4", "2.5", "2.5", "2.6", "3.5"))
                self._add(id, item, {"number": Decimal(scale)}, at=start)
            if draw.random() < 0.5:
                aid = draw.choice(("protected", "semi_protected", "refused", "refused"))
                self._add(id, "school_aid", {"text": aid}, at=start)
            if draw.random() < 0.5:
                allowance = draw.choice(("full", "partial", "suspended"))
                self._add(id, "rearing_allowance", {"text": allowance}, at=start)

    def _monthly(self, id: str) -> None:
        draw = self.draw
        month = self.on.replace(day=1)
        more = random.Random(f"{id} {self.on}")  # apart from the other draws, so that those stay what they were
        for _ in range(9):
            school_days = more.choice(("0", "0", "15", "16.5", "17", "18", "20"))
            if more.random() >= self.gaps:
                self.history.fact(id, "school_days", number=Decimal(school_days), at=month)
            for item in ("late_days", "early_days"):
                if more.random() >= self.gaps:
                    self.history.fact(id, item, number=Decimal(more.choice((0, 1, 2, 3, 4))), at=month)
            days = draw.choice((0, 1, 2, 3, 3, 4, 5, 9, 10, 11))
            self._add(id, "absent_days", {"number": Decimal(days)}, at=month)
            self._add(id, "school_fee", {"text": draw.choice(("paid", "paid", "unpaid"))}, at=month)
            for _ in range(draw.choice((0, 0, 0, 1, 3, 4))):
                visit = month + dt.timedelta(draw.randint(0, 27))
                self._add(id, "infirmary_visit", {}, at=visit)
            month = (month - dt.timedelta(1)).replace(day=1)

    def _edge(self) -> dt.date:
        year_ago = dt.date(self.on.year - 1, self.on.month, min(self.on.day, 28))
        return self.draw.choice((self.on, self.on, year_ago)) + dt.timedelta(self.draw.choice((-1, 0, 0, 1)))

    def _edge_of(self, draw: random.Random) -> dt.date:
        return self.on - dt.timedelta(draw.choice((-1, 0, 1, 363, 364, 365, 366)))

    def _periods(self, id: str) -> None:
        draw = self.draw
        for item, values in (("assistance", [{}]), ("council_register", [{"text": "protection"}, {"text": "support"}])):
            for value in values:
                if draw.random() < 0.15:
                    start = draw.choice((None, self._edge(), dt.date(2025, 5, 5)))
                    end = draw.choice((None, None, self._edge()))
                    self._add(id, item, value, at=start, until=end)

    def _events(self, id: str) -> None:
        draw = self.draw
        for _ in range(draw.choice((0, 0, 1, 2))):
            self._add(id, "report", {"text": draw.choice(("notification", "consultation"))}, at=self._edge())
        more = random.Random(f"{id} {self.on} moves")
        for _ in range(more.choice((0, 0, 1, 2))):
            known = {"text": more.choice(("in", "within"))} if more.random() >= self.gaps / 2 else {"state": "unknown"}
            self.history.fact(
                id, "move", at=more.choice((self._edge_of(more), None if self.gaps else self.on)), **known
            )
        # Dates of one series are shared, so that the latest forty are the school's and not the child's.
        answers = draw.choice((0, 0, 9, 10, 11, 20, 21, 45))
        for back in draw.sample(range(60), answers):
            school = draw.choice((SCHOOLS[0], SCHOOLS[0], SCHOOLS[0], SCHOOLS[1]))
            mood = draw.choice(("sunny", "cloudy", "rainy", "rainy", "thunder"))
            self._add(id, "mood", {"text": mood}, at=self.on - dt.timedelta(back - 1), label=school)

    def _health(self, id: str) -> None:
        draw = self.draw
        for label in ("4か月児健診", "1歳6か月児健診", "3歳児健診"):
            seen = draw.choice(("seen", "seen", "not_seen", "seen_elsewhere"))
            self._add(id, "checkup", {"text": seen}, label=label)
        doses = ["五種混合1期初回1", "五種混合1期初回2", "五種混合1期初回3", "小児用肺炎球菌1", "小児用肺炎球菌2"]
        doses += ["B型肝炎1", "BCG", "MR1期", "水痘1", "五種混合追加", "水痘2", "日本脳炎1", "おたふくかぜ1"]
        given = draw.choice((0.7, 0.95, 1.0))
        for dose in doses:
            if draw.random() < given:
                self._add(id, "vaccination", {}, at=self._near(self.on, 900), label=dose)


def _months_back(day: dt.date, months: int) -> dt.date:
    index = day.year * 12 + day.month - 1 - months
    return dt.date(index // 12, index % 12 + 1, min(day.day, 28))
