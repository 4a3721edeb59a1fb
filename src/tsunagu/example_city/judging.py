"""The three judgments worked out from the clean facts, child by child, in the plainest way.

A third opinion beside the screening room's two engines: it shares no code with them. The rules are those of the
worked example (three judgments, four levels); a fact that damage took away counts as unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tsunagu.example_city.calendar import completed_months, shifted
from tsunagu.example_city.health import CHECKUPS, NOT_SEEN
from tsunagu.example_city.levels import academic_level, daily_level, overall, poverty_level
from tsunagu.example_city.measures import doses_of, mood_of
from tsunagu.example_city.people import Child, Person, fiscal_year
from tsunagu.example_city.school_extracts import mood_dates
from tsunagu.example_city.school_life import enrolled

if TYPE_CHECKING:
    from tsunagu.example_city.city import City


class Judgment(NamedTuple):
    """A row of judgments.csv."""

    person_id: str
    atena: str
    poverty: str
    academic: str
    noncognitive: str
    poverty_upper: str
    academic_upper: str
    noncognitive_upper: str
    overall: str
    overall_upper: str
    provisional: int
    reasons: str
    missing: str
    touched_by_lost_fact: int


class _Finding(NamedTuple):
    """Level on known facts, level if everything unknown turns out badly, codes that hold, items missing."""

    lower: int
    upper: int
    codes: list[str]
    missing: list[str]


class Judge:
    """Knows the day, the windows and the lost facts."""

    def __init__(self, city: City, lost: Iterable[tuple[str, str, str, str, str]]) -> None:
        self.on = city.calendar.on
        self.year = fiscal_year(self.on)
        month = self.on.replace(day=1)
        self.six = [one for one in (shifted(month, -back) for back in range(5, -1, -1)) if one.month != 8]
        past = [one for one in (shifted(month, -back) for back in range(4)) if one.month != 8]
        self.three = sorted(past[:3])
        self._lost: dict[str, set[tuple[str, str]]] = {}
        for person_id, item, period, _, _ in lost:
            self._lost.setdefault(person_id, set()).add((item, period))
        self._class = {person.person_id: kind for person, kind in city.taxes.get(self.year, [])}
        self._dates = mood_dates(city.children, self.year)

    def judge(self, person: Person) -> Judgment:
        """All of one child."""
        poverty, academic, daily = self._poverty(person), self._academic(person), self._daily(person)
        names = [_level(finding) if finding else "NA" for finding in (poverty, academic, daily)]
        uppers = [finding.upper if finding else 0 for finding in (poverty, academic, daily)]
        lowers = [finding.lower if finding else 0 for finding in (poverty, academic, daily)]
        codes = [code for finding in (poverty, academic, daily) if finding for code in finding.codes]
        missing = [item for finding in (poverty, academic, daily) if finding for item in finding.missing]
        lower, upper = overall(lowers, codes), overall(uppers, codes)
        word = "判定保留" if lower == "該当なし" and upper != "該当なし" else lower
        upper_words = [str(finding.upper) if finding else "NA" for finding in (poverty, academic, daily)]
        return Judgment(
            person.person_id, person.atena, names[0], names[1], names[2], upper_words[0], upper_words[1],
                upper_words[2],
            word, upper, int(word != upper), ";".join(codes), ";".join(missing), int(self._touched(person)),
        )  # fmt: skip

    def is_pupil(self, person: Person) -> bool:
        """Grade 1-9 of a municipal school, living here on the day."""
        child = person.child
        if child is None or child.school_kind != "M" or not 1 <= child.grade(self.year) <= 9:
            return False
        return person.present <= self.on and (person.out_date is None or person.out_date > self.on)

    def mood_dates_of(self, person: Person) -> list[date]:
        """The dates of the file of the pupil's school."""
        assert person.child is not None
        return self._dates.get(person.child.seats[self.year].school.index, [])

    # --- what is known ------------------------------------------------------------------------------------------

    def _is_lost(self, person: Person, item: str, period: str) -> bool:
        return (item, period) in self._lost.get(person.person_id, ())

    def _months(self, person: Person, months: list[date], item: str) -> list[int | None]:
        """Values of a monthly item in the months that apply; None where the month is unknown."""
        child = person.child
        assert child is not None
        values: list[int | None] = []
        for month in months:
            if month < date(child.born_year + 7, 4, 1):
                continue
            facts = child.months.get(month)
            if facts is None and item == "infirmary" and enrolled(person, month):
                values.append(0)  # a complete list: no row in a month of enrolment means no visit
            elif facts is None or self._is_lost(person, item, f"{month:%Y-%m}"):
                values.append(None)
            else:
                values.append({"absent": facts.absent, "fee": facts.unpaid, "infirmary": facts.infirmary}[item])
        return values

    def _score(self, person: Person, year: int) -> int | None:
        """Sum of the two scores in tenths; None when one is unknown."""
        assert person.child is not None
        scores = person.child.tests.get(year)
        if scores is None or "" in scores or self._is_lost(person, "test", str(year)):
            return None
        return sum(int(score.replace(".", "")) for score in scores)

    def _answers(self, person: Person, year: int) -> int | None:
        """Sum of the five scales in tenths; None when one is unknown."""
        assert person.child is not None
        scales = person.child.answers.get(year)
        if scales is None or self._is_lost(person, "q", str(year)):
            return None
        return sum(int(scale.replace(".", "")) for scale in scales)

    # --- the three judgments ------------------------------------------------------------------------------------

    def _poverty(self, person: Person) -> _Finding:
        child = person.child
        assert child is not None
        sure: set[str] = set()
        bad: set[str] = set()
        missing: list[str] = []
        assisted = any(start <= self.on and (end is None or end > self.on) for start, end in child.assistance)
        if assisted and not any(item == "seiho" for item, _ in self._lost.get(person.person_id, ())):
            sure.add("P1")
        pupil = self.is_pupil(person)
        aid = child.aid.get(self.year, "") if pupil else ""
        if pupil and self._is_lost(person, "aid", str(self.year)):
            aid = ""
            bad.add("P2a")
            missing.append("?P2")
        sure |= {"要保護": {"P2a"}, "準要保護": {"P2b"}}.get(aid, set())
        rearing = child.rearing.get(self.year, "")
        if self._is_lost(person, "jifu", str(self.year)):
            rearing = ""
            bad.add("P3a")
            missing.append("?P3")
        sure |= {"全部支給": {"P3a"}, "一部支給": {"P3b"}}.get(rearing, set())
        tax = self._household_tax(person)
        if tax == "unknown":
            bad.add("P4a")
            missing.append("?P4")
        elif tax:
            sure.add(tax)
        fees = self._months(person, self.six, "fee") if pupil else []
        unpaid, unknown = sum(fee or 0 for fee in fees), sum(fee is None for fee in fees)
        if unknown:
            missing.append("?P5")
        for count, into in ((unpaid, sure), (unpaid + unknown, bad)):
            into.update({"P5"} if count >= 2 else ())
            into.update({"P6"} if count >= 1 and aid == "否認定" else ())
        return _Finding(poverty_level(sure), poverty_level(sure | bad), sorted(sure), missing)

    def _household_tax(self, person: Person) -> str:
        """P4a, P4b, unknown, or nothing when an adult is taxed."""
        grown = date(self.year - 18, 1, 1)
        adults = [
            one for one in person.household.members
            if one.birth <= grown and one.present <= self.on and (one.out_date is None or one.out_date > self.on)
        ]  # fmt: skip
        classes = [
            None if self._is_lost(one, "tax", str(self.year)) else self._class.get(one.person_id) for one in adults
        ]
        if "1" in classes:
            return ""
        if not classes or None in classes or "9" in classes:
            return "unknown"
        return "P4b" if "2" in classes else "P4a"

    def _academic(self, person: Person) -> _Finding | None:
        if not self.is_pupil(person):
            return None
        assert person.child is not None
        first_grade = person.child.grade(self.year) == 1
        now, before = self._score(person, self.year), self._score(person, self.year - 1)
        missing = (["?A1"] if now is None else []) + (["?A3"] if before is None and not first_grade else [])
        if now is None:
            return _Finding(0, 2, [], missing)
        codes = ["A1"] if now < 800 else ["A2"] if now < 900 else []
        fell = before is not None and not first_grade and before - now >= 100
        may_fall = fell or (before is None and not first_grade)
        return _Finding(academic_level(now, fell), academic_level(now, may_fall), codes + ["A3"] * fell, missing)

    def _daily(self, person: Person) -> _Finding:
        child = person.child
        assert child is not None
        sure: set[str] = set()
        bad: set[str] = set()
        missing: list[str] = []
        if self.is_pupil(person):
            self._absence(person, sure, bad, missing)
            self._questionnaire(person, child, sure, bad, missing)
            visits = self._months(person, self.three, "infirmary")
            sure |= {"N3"} if any(count is not None and count >= 4 for count in visits) else set()
            if None in visits:
                bad.add("N3")
                missing.append("?N3")
            mood = mood_of(person, self.mood_dates_of(person))
            if mood.within < 10:
                bad.add("N5")
                missing.append("?N5")
            elif mood.bad * 10 >= mood.used * 6:
                sure.add("N5")
        for kind, start, end, _ in child.register:
            if start <= self.on and (end is None or end > self.on):
                sure.add("N4a" if kind == "要保護児童" else "N4b")
        last_year = self.on.replace(year=self.on.year - 1, day=min(self.on.day, 28 if self.on.month == 2 else 31))
        if any(kind == "通告" and last_year < day <= self.on for day, kind in child.reports):
            sure.add("N4c")
        if child.grade(self.year) <= 0:
            self._health(person, child, sure, bad, missing)
        return _Finding(daily_level(sure), daily_level(sure | bad), sorted(sure), missing)

    def _absence(self, person: Person, sure: set[str], bad: set[str], missing: list[str]) -> None:
        three, six = self._months(person, self.three, "absent"), self._months(person, self.six, "absent")
        for unknown_days, into in ((0, sure), (20, bad)):
            if any((unknown_days if days is None else days) >= 10 for days in three):
                into.add("N1a")
            if sum(unknown_days if days is None else days for days in six) >= 15:
                into.add("N1c")
        if len(three) == 3:
            first, second, third = three
            if first is None or second is None or third is None:
                bad.add("N1b")
            elif first < second < third and third >= 3:
                sure.add("N1b")
        if None in three or None in six:
            missing.append("?N1")

    def _questionnaire(self, person: Person, child: Child, sure: set[str], bad: set[str], missing: list[str]) -> None:
        now, before = self._answers(person, self.year), self._answers(person, self.year - 1)
        later = child.grade(self.year) >= 2
        if now is not None and now < 125:
            sure.add("N2a")
        if later and now is not None and before is not None and before - now >= 50:
            sure.add("N2b")
        if now is None or (later and before is None):
            bad.add("N2a" if now is None else "N2b")
            missing.append("?N2")

    def _health(self, person: Person, child: Child, sure: set[str], bad: set[str], missing: list[str]) -> None:
        age = completed_months(person.birth, self.on)
        codes = {word: code for word, code, _ in child.checkups}
        due = [word for word, _, months in CHECKUPS if age >= months]
        known = [codes[word] for word in due if word in codes and not self._is_lost(person, "checkup", word)]
        missed, unknown = known.count(NOT_SEEN), len(due) - len(known)
        for count, into in ((missed, sure), (missed + unknown, bad)):
            into.update({"N6b"} if count >= 2 else {"N6a"} if count == 1 else ())
        if unknown:
            missing.append("?N6")
        lost = any(item == "vacc" for item, _ in self._lost.get(person.person_id, ()))
        doses = doses_of(person, self.on, lost=lost)
        sure |= {"N7"} if len(doses.missing) >= 3 else set()
        bad |= {"N7"} if len(doses.missing) + len(doses.unknown) >= 3 else set()
        if doses.unknown:
            missing.append("?N7")

    def _touched(self, person: Person) -> bool:
        """A lost fact of the child, or of an adult's tax class, lies in a period that the rules read."""
        years = {str(self.year), str(self.year - 1)}
        months = {f"{month:%Y-%m}" for month in self.six + self.three}
        for item, period in self._lost.get(person.person_id, ()):
            if item in ("absent", "fee", "infirmary"):
                if period in months:
                    return True
            elif item in ("q", "test", "aid", "jifu"):
                if period in years:
                    return True
            elif item in ("checkup", "vacc"):
                if person.child is not None and person.child.grade(self.year) <= 0:
                    return True
            elif item != "tax":
                return True
        return any(self._is_lost(one, "tax", str(self.year)) for one in person.household.members)


def _level(finding: _Finding) -> str:
    return "U" if finding.lower == 0 and finding.upper > 0 else str(finding.lower)
