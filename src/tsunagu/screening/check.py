"""Mistakes between the parts of a criteria file: repeated names, rules that can never hold, a level out of reach.

Everything is asked of the rules themselves, before any engine runs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from tsunagu.indicators.language import (
    DaysSince,
    Difference,
    DueCheckups,
    DueDoses,
    Events,
    HouseholdCount,
    Indicator,
    InPeriod,
    LatestRun,
    LatestShare,
    Measure,
    MonthsRatio,
    MonthsWeighed,
    OverMonths,
    gives_text,
    has_own_divisor,
    is_lower_bound,
    items_of,
)
from tsunagu.indicators.mistakes import Lines, Mistake, nearest
from tsunagu.records.catalogue import CatalogueItem
from tsunagu.screening.check_table import check_table
from tsunagu.screening.criteria import (
    AllOf,
    Comparison,
    Criteria,
    Judgment,
    Sign,
    comparisons,
)
from tsunagu.screening.reference import holds
from tsunagu.screening.sign_words import wordings
from tsunagu.screening.span import met_by, span_of

_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_CODE = re.compile(r"[A-Z][A-Za-z0-9]{0,7}")
_MONTHS_OF_SCHOOL_LIFE = 240
_MOST_OF_A_HOUSEHOLD = 12


def cross_check(criteria: Criteria, lines: Lines, mistakes: list[Mistake], items: Mapping[str, CatalogueItem]) -> None:
    """Adds every mistake that shows only when the whole file is seen."""
    found = _Finder(criteria, lines, mistakes)
    found.indicators(items)
    found.signs(items)
    found.judgments()
    found.missing()
    check_table(criteria, found.wrong)


def check_names(criteria: Criteria, lines: Lines, mistakes: list[Mistake]) -> None:
    """Adds every name that is there twice or has a form no engine takes; asked even when other parts are broken."""
    _Finder(criteria, lines, mistakes).names()


class _Finder:
    def __init__(self, criteria: Criteria, lines: Lines, mistakes: list[Mistake]) -> None:
        self.criteria, self._lines, self._mistakes = criteria, lines, mistakes
        self.by_id = {i.id: i for i in criteria.indicators}

    def wrong(self, name: str, index: int, label: str, what: str, hint: str = "", *words: str) -> None:
        self._mistakes.append(Mistake(self._lines.of(name, index, *words), label, what, hint))

    def names(self) -> None:
        """Names must be unique whatever their case, and of a form that every engine takes as a name."""
        c = self.criteria
        for kind, names, form, hint in (
            ("population", [p.id for p in c.populations], _NAME, "small letters, digits and _"),
            ("indicator", [i.id for i in c.indicators], _NAME, "small letters, digits and _"),
            ("judgment", [j.id for j in c.judgments], _NAME, "small letters, digits and _"),
            ("sign", [s.code for s in c.signs], _CODE, "a capital letter, then letters and digits, such as P2a"),
            ("missing", [m.code for m in c.missing], _CODE, "a capital letter, then letters and digits, such as P2"),
        ):
            seen: set[str] = set()
            for index, name in enumerate(names):
                if not form.fullmatch(name):
                    self.wrong(kind, index, name, f"'{name}' is not a name here", hint, name)
                if name.lower() in seen:
                    self.wrong(kind, index, name, f"'{name}' is there twice", "names differ in more than case", name)
                seen.add(name.lower())
        if "overall" in {j.id for j in c.judgments}:
            self.wrong("judgment", 0, "overall", "'overall' is the name of the table", "another name")
        level_names = [row.name for row in c.overall.levels]
        for name, count in Counter(level_names).items():
            if count > 1:
                self.wrong("overall", 0, name, f"two levels are named '{name}'", "another name", name)

    # -------------------------------------------------------------- indicators

    def indicators(self, items: Mapping[str, CatalogueItem]) -> None:
        used = {c.indicator for s in self.criteria.signs for c in comparisons(s.when)}
        used |= {i for m in self.criteria.missing for i in m.indicators}
        for indicator in self.criteria.indicators:
            if isinstance(indicator.measure, Difference):
                used |= {indicator.measure.of, indicator.measure.minus}
        for index, indicator in enumerate(self.criteria.indicators):
            label = indicator.label.ja
            if indicator.id not in used:
                self.wrong("indicator", index, label, f"'{indicator.id}' is used by nothing", "a sign, or remove it")
            self._window(index, indicator)
            self._difference(index, indicator)
            self._unknown(index, indicator)
            for item in items_of(indicator.measure):
                if indicator.forget_after > items[item].forget_after_months:
                    self.wrong(
                        "indicator",
                        index,
                        label,
                        f"'forget_after' is {indicator.forget_after} months",
                        f"the catalogue keeps {item} for {items[item].forget_after_months} months",
                        "forget_after",
                    )

    def _window(self, index: int, indicator: Indicator) -> None:
        reach = self._reach(indicator)
        if reach > indicator.forget_after:
            self.wrong(
                "indicator",
                index,
                indicator.label.ja,
                f"the window reaches {reach} months back, and 'forget_after' is {indicator.forget_after}",
                f"at least {reach}, or a shorter window",
                "forget_after",
            )

    def _reach(self, indicator: Indicator) -> int:
        """Months back that the measure looks at most; 0 where it asks for the day itself."""
        measure = indicator.measure
        match measure:
            case OverMonths() | MonthsWeighed() | MonthsRatio():
                holidays = len(self.criteria.holiday_months)
                return measure.months.last + (
                    holidays * (measure.months.last // 12 + 1) if measure.months.kind == "school" else 0
                )
            case Events():
                return measure.within
            case HouseholdCount():
                return measure.within or 0
            case DueCheckups() | DueDoses():
                oldest = self.criteria.population(indicator.population).grade_to
                return (oldest + 7) * 12 if oldest is not None else _MONTHS_OF_SCHOOL_LIFE
            case Difference():
                return max(self._reach(self.by_id[i]) for i in (measure.of, measure.minus))
            case _:
                year = getattr(measure, "year", None)
                return 12 * (1 - year) if year is not None else 0

    def _difference(self, index: int, indicator: Indicator) -> None:
        measure = indicator.measure
        if not isinstance(measure, Difference):
            return
        for id in (measure.of, measure.minus):
            other = self.by_id[id].measure
            if not _is_plain_number(other):
                numbers = [i.id for i in self.criteria.indicators if _is_plain_number(i.measure)]
                self.wrong(
                    "indicator", index, indicator.label.ja, f"'{id}' is no plain number", nearest(id, numbers), id
                )

    def _unknown(self, index: int, indicator: Indicator) -> None:
        """The worst value must be bad: with it, at least one sign that reads the indicator must be able to hold."""
        worst = indicator.unknown_as
        if worst is None:
            return
        leaves = [c for s in self.criteria.signs for c in comparisons(s.when) if c.indicator == indicator.id]
        measure = indicator.measure
        span = span_of(measure, indicator.forget_after)
        of_itself = isinstance(measure, InPeriod | LatestShare | LatestRun | DaysSince)  # the others: of a part each
        if of_itself and span is not None and isinstance(worst, Decimal) and worst not in span:
            what = f"'unknown_as' is {worst}, and it gives {span.said()}"
            self.wrong("indicator", index, indicator.label.ja, what, "the worst of them", "unknown_as")
        values: list[Fraction | str] = [worst if isinstance(worst, str) else Fraction(worst)]
        if isinstance(measure, OverMonths) and measure.how in ("sum", "count", "run"):
            values = [Fraction(worst) * n for n in range(1, measure.months.last + 1) if not isinstance(worst, str)]
        elif isinstance(measure, DueCheckups | DueDoses):
            values = [Fraction(n) for n in range(1, len(measure.due) + 1)]
        elif isinstance(measure, HouseholdCount):
            values = [Fraction(n) for n in range(1, _MOST_OF_A_HOUSEHOLD + 1)]
        # A limit out of reach is told for itself, and says nothing of the worst value.
        leaves = [leaf for leaf in leaves if span is None or met_by(span, _numbers(leaf)) != "none"]
        if leaves and not any(holds(leaf, {indicator.id: value}) for leaf in leaves for value in values):
            self.wrong(
                "indicator",
                index,
                indicator.label.ja,
                f"'unknown_as' is {worst}, and no sign holds then",
                "the worst value, or no unknown_as",
                "unknown_as",
            )

    # -------------------------------------------------------------- signs

    def signs(self, items: Mapping[str, CatalogueItem]) -> None:
        c = self.criteria
        for index, sign in enumerate(c.signs):
            label = sign.label.ja
            for leaf in comparisons(sign.when):
                self._comparison(index, label, leaf)
            if isinstance(sign.when, AllOf):
                self._population(index, label, sign.when)
            for one in wordings(c, sign):
                self.wrong("sign", index, label, one.what, one.mend, one.near)
            judgment = next(j for j in c.judgments if j.id == sign.judgment)
            if judgment.concerns == "neglect_or_abuse":
                for leaf in comparisons(sign.when):
                    for item in c.items_of(leaf.indicator):
                        if items[item].direction == "need":
                            self.wrong(
                                "sign",
                                index,
                                label,
                                f"'{sign.code}' counts {items[item].ja} towards neglect or abuse",
                                "receiving help is a need partly met, never a suspicion",
                                leaf.indicator,
                            )

    def _comparison(self, index: int, label: str, leaf: Comparison) -> None:
        indicator = self.by_id[leaf.indicator]
        is_text = gives_text(indicator.measure)
        operators = dict(leaf.tests)
        for operator, limit in leaf.tests:
            if (operator == "is") != is_text:
                due = "'is' with a code" if is_text else "a number: at_least, more_than, below, at_most, equals"
                self.wrong("sign", index, label, f"'{leaf.indicator}' is compared with '{operator}'", due, operator)
            elif operator == "is":
                codes = self.criteria.codes_of(indicator.id)
                if limit not in codes:
                    self.wrong(
                        "sign",
                        index,
                        label,
                        f"'{leaf.indicator}' is never '{limit}'",
                        nearest(limit, codes),
                        str(limit),
                    )
        if is_text or any(isinstance(limit, str) for limit in operators.values()):
            return
        if not _can_hold({op: limit for op, limit in operators.items() if isinstance(limit, Decimal)}):
            self.wrong("sign", index, label, "no number can meet these bounds", "the lower bound first", "when")
        else:
            self._span(index, label, leaf)
        if is_lower_bound(indicator.measure) and not ({"at_least", "more_than", "equals"} & operators.keys()):
            self.wrong(
                "sign",
                index,
                label,
                f"'{leaf.indicator}' counts what is known so far; '{next(iter(operators))}' alone says nothing of it",
                "at_least, more_than or equals",
                next(iter(operators)),
            )

    def _span(self, index: int, label: str, leaf: Comparison) -> None:
        indicator = self.by_id[leaf.indicator]
        span = span_of(indicator.measure, indicator.forget_after)
        tests = _numbers(leaf)
        met = "some" if span is None else met_by(span, tests)
        if span is not None and met != "some":
            what = "can never meet this" if met == "none" else "always meets this"
            operators = [operator for operator, _ in tests]
            self.wrong("sign", index, label, f"'{leaf.indicator}' {what}", f"it gives {span.said()}", *operators)

    def _population(self, index: int, label: str, when: AllOf) -> None:
        """All parts of a sign must be askable of one child."""
        populations = [self.criteria.population(self.by_id[c.indicator].population) for c in comparisons(when)]
        lowest = max((p.grade_from for p in populations if p.grade_from is not None), default=-99)
        highest = min((p.grade_to for p in populations if p.grade_to is not None), default=99)
        if lowest > highest:
            self.wrong(
                "sign", index, label, "no child is in the population of all its indicators", "other indicators", "when"
            )

    # -------------------------------------------------------------- judgments and missing items

    def judgments(self) -> None:
        c = self.criteria
        for index, judgment in enumerate(c.judgments):
            own = [s for s in c.signs if s.judgment == judgment.id]
            groups = {s.group for s in own if s.group}
            label = judgment.label.ja
            if not own:
                self.wrong("judgment", index, label, "no sign belongs to this judgment", "add one, or remove it")
            levels = [level.level for level in judgment.levels]
            if not levels or levels != sorted(set(levels), reverse=True):
                self.wrong(
                    "judgment", index, label, "the levels do not go down from the highest", "2, then 1", "levels"
                )
            reached: set[str] = set()
            for level in judgment.levels:
                if level.groups is not None and level.groups > len(groups):
                    self.wrong(
                        "judgment",
                        index,
                        label,
                        f"level {level.level} asks for {level.groups} groups, and there are {len(groups)}",
                        f"{len(groups)} at most",
                        "groups",
                    )
                most = sum(s.points for s in own)
                if level.points is not None and level.points > most:
                    self.wrong(
                        "judgment",
                        index,
                        label,
                        f"level {level.level} asks for {level.points} points, and all signs together give {most}",
                        f"{most} at most" if most else "give signs 'points'",
                        "points",
                    )
                for codes in level.any_of:
                    reached |= set(codes)
                    for code in codes:
                        if code not in {s.code for s in own}:
                            self.wrong("judgment", index, label, f"'{code}' belongs to another judgment", "", code)
                reached |= {s.code for s in own if level.any_sign or (level.groups is not None and s.group)}
                reached |= {s.code for s in own if level.points is not None and s.points}
            self._points(index, judgment, own)
            for sign in own:
                if sign.code not in reached:
                    self.wrong(
                        "judgment", index, label, f"'{sign.code}' can change no level", "name it in a level", "levels"
                    )

    def _points(self, index: int, judgment: Judgment, own: list[Sign]) -> None:
        """Points must be asked for, and each sign's points must count for something somewhere."""
        asked = [level.points for level in judgment.levels if level.points is not None]
        for sign in own:
            if sign.points and not asked:
                place = self.criteria.signs.index(sign)
                what = f"'{sign.code}' has points, and no level of '{judgment.id}' asks for points"
                self.wrong("sign", place, sign.label.ja, what, "'points' in a level, or none here", "points")
        higher = 0
        for level in reversed(judgment.levels):
            if level.points is not None and level.points <= higher:
                what = f"level {level.level} asks for {level.points} points, the level below it for {higher}"
                self.wrong("judgment", index, judgment.label.ja, what, f"more than {higher}", "points")
            higher = max(higher, level.points or 0)

    def missing(self) -> None:
        listed = {i for m in self.criteria.missing for i in m.indicators}
        for index, item in enumerate(self.criteria.missing):
            if not item.indicators:
                self.wrong("missing", index, item.label.ja, "'indicators' is empty", "name one", "indicators")
        for index, indicator in enumerate(self.criteria.indicators):
            behind = isinstance(indicator.measure, Difference)
            if indicator.unknown_as is not None and not behind and indicator.id not in listed:
                self.wrong(
                    "indicator",
                    index,
                    indicator.label.ja,
                    f"'{indicator.id}' can keep a level open when it is unknown, and no [[missing]] lists it",
                    "add it to a [[missing]]",
                    "unknown_as",
                )


def _is_plain_number(measure: Measure) -> bool:
    return not gives_text(measure) and not has_own_divisor(measure)


def _numbers(leaf: Comparison) -> list[tuple[str, Decimal]]:
    return [(operator, limit) for operator, limit in leaf.tests if isinstance(limit, Decimal)]


def _can_hold(bounds: Mapping[str, Decimal]) -> bool:
    low = max((v for op, v in bounds.items() if op in ("at_least", "more_than", "equals")), default=None)
    high = min((v for op, v in bounds.items() if op in ("below", "at_most", "equals")), default=None)
    if low is None or high is None:
        return True
    strict = bounds.get("more_than") == low or bounds.get("below") == high
    return low < high or (low == high and not strict)
