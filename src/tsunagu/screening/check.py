"""Mistakes between the parts of a criteria file: repeated names, rules that can never hold, gaps in the table.

Everything is asked of the rules themselves, before any engine runs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import product

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
    ValueOfYear,
    gives_text,
    has_own_divisor,
    is_lower_bound,
    items_of,
)
from tsunagu.records.catalogue import CatalogueItem
from tsunagu.screening.criteria import (
    AllOf,
    Comparison,
    Criteria,
    Judgment,
    OverallLevel,
    Sign,
    SignHolds,
    comparisons,
)
from tsunagu.screening.mistakes import Lines, Mistake, nearest
from tsunagu.screening.reference import holds, overall_from
from tsunagu.screening.sign_words import wordings
from tsunagu.screening.span import met_by, span_of

# Gaps the wording can fill; `tsunagu.wording.sentences` fills them.
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_CODE = re.compile(r"[A-Z][A-Za-z0-9]{0,7}")
_MONTHS_OF_SCHOOL_LIFE = 240
_MOST_OF_A_HOUSEHOLD = 12
# A table with more signs than this in its rows is not enumerated whole; none we know comes near.
_SIGNS_IN_TABLE = 8


def cross_check(criteria: Criteria, lines: Lines, mistakes: list[Mistake], items: Mapping[str, CatalogueItem]) -> None:
    """Adds every mistake that shows only when the whole file is seen."""
    found = _Finder(criteria, lines, mistakes)
    found.indicators(items)
    found.signs(items)
    found.judgments()
    found.missing()
    found.table()


def check_names(criteria: Criteria, lines: Lines, mistakes: list[Mistake]) -> None:
    """Adds every name that is there twice or has a form no engine takes; asked even when other parts are broken."""
    _Finder(criteria, lines, mistakes).names()


class _Finder:
    def __init__(self, criteria: Criteria, lines: Lines, mistakes: list[Mistake]) -> None:
        self.criteria, self._lines, self._mistakes = criteria, lines, mistakes
        self.by_id = {i.id: i for i in criteria.indicators}

    def _wrong(self, name: str, index: int, label: str, what: str, hint: str = "", *words: str) -> None:
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
                    self._wrong(kind, index, name, f"'{name}' is not a name here", hint, name)
                if name.lower() in seen:
                    self._wrong(kind, index, name, f"'{name}' is there twice", "names differ in more than case", name)
                seen.add(name.lower())
        if "overall" in {j.id for j in c.judgments}:
            self._wrong("judgment", 0, "overall", "'overall' is the name of the table", "another name")
        level_names = [row.name for row in c.overall.levels]
        for name, count in Counter(level_names).items():
            if count > 1:
                self._wrong("overall", 0, name, f"two levels are named '{name}'", "another name", name)

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
                self._wrong("indicator", index, label, f"'{indicator.id}' is used by nothing", "a sign, or remove it")
            self._window(index, indicator)
            self._difference(index, indicator)
            self._unknown(index, indicator)
            for item in items_of(indicator.measure):
                if indicator.forget_after > items[item].forget_after_months:
                    self._wrong(
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
            self._wrong(
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
                self._wrong(
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
            self._wrong("indicator", index, indicator.label.ja, what, "the worst of them", "unknown_as")
        values: list[Fraction | str] = [worst if isinstance(worst, str) else Fraction(worst)]
        if isinstance(measure, OverMonths) and measure.how in ("sum", "count", "run"):
            values = [Fraction(worst) * n for n in range(1, measure.months.last + 1) if not isinstance(worst, str)]
        elif isinstance(measure, DueCheckups | DueDoses):
            values = [Fraction(n) for n in range(1, len(measure.due) + 1)]
        elif isinstance(measure, HouseholdCount):
            values = [Fraction(n) for n in range(1, _MOST_OF_A_HOUSEHOLD + 1)]
        if leaves and not any(holds(leaf, {indicator.id: value}) for leaf in leaves for value in values):
            self._wrong(
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
                self._wrong("sign", index, label, one.what, one.mend, one.near)
            judgment = next(j for j in c.judgments if j.id == sign.judgment)
            if judgment.concerns == "neglect_or_abuse":
                for leaf in comparisons(sign.when):
                    for item in c.items_of(leaf.indicator):
                        if items[item].direction == "need":
                            self._wrong(
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
                self._wrong("sign", index, label, f"'{leaf.indicator}' is compared with '{operator}'", due, operator)
            elif operator == "is":
                codes = self._codes(indicator)
                if limit not in codes:
                    self._wrong(
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
            self._wrong("sign", index, label, "no number can meet these bounds", "the lower bound first", "when")
        else:
            self._span(index, label, leaf)
        if is_lower_bound(indicator.measure) and not ({"at_least", "more_than", "equals"} & operators.keys()):
            self._wrong(
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
        tests = [(operator, limit) for operator, limit in leaf.tests if isinstance(limit, Decimal)]
        met = "some" if span is None else met_by(span, tests)
        if span is not None and met != "some":
            what = "can never meet this" if met == "none" else "always meets this"
            self._wrong("sign", index, label, f"'{leaf.indicator}' {what}", f"it gives {span.said()}", tests[0][0])

    def _codes(self, indicator: Indicator) -> list[str]:
        measure = indicator.measure
        if isinstance(measure, ValueOfYear):
            return [*self._catalogue_codes(measure.item), *(["none"] if measure.no_row == "none" else [])]
        return [v for v in getattr(measure, "order", ()) if v != "unknown"]

    def _catalogue_codes(self, item: str) -> tuple[str, ...]:
        return dict(self.criteria.codes).get(item, ())

    def _population(self, index: int, label: str, when: AllOf) -> None:
        """All parts of a sign must be askable of one child."""
        populations = [self.criteria.population(self.by_id[c.indicator].population) for c in comparisons(when)]
        lowest = max((p.grade_from for p in populations if p.grade_from is not None), default=-99)
        highest = min((p.grade_to for p in populations if p.grade_to is not None), default=99)
        if lowest > highest:
            self._wrong(
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
                self._wrong("judgment", index, label, "no sign belongs to this judgment", "add one, or remove it")
            levels = [level.level for level in judgment.levels]
            if not levels or levels != sorted(set(levels), reverse=True):
                self._wrong(
                    "judgment", index, label, "the levels do not go down from the highest", "2, then 1", "levels"
                )
            reached: set[str] = set()
            for level in judgment.levels:
                if level.groups is not None and level.groups > len(groups):
                    self._wrong(
                        "judgment",
                        index,
                        label,
                        f"level {level.level} asks for {level.groups} groups, and there are {len(groups)}",
                        f"{len(groups)} at most",
                        "groups",
                    )
                most = sum(s.points for s in own)
                if level.points is not None and level.points > most:
                    self._wrong(
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
                            self._wrong("judgment", index, label, f"'{code}' belongs to another judgment", "", code)
                reached |= {s.code for s in own if level.any_sign or (level.groups is not None and s.group)}
                reached |= {s.code for s in own if level.points is not None and s.points}
            self._points(index, judgment, own)
            for sign in own:
                if sign.code not in reached:
                    self._wrong(
                        "judgment", index, label, f"'{sign.code}' can change no level", "name it in a level", "levels"
                    )

    def _points(self, index: int, judgment: Judgment, own: list[Sign]) -> None:
        """Points must be asked for, and each sign's points must count for something somewhere."""
        asked = [level.points for level in judgment.levels if level.points is not None]
        for sign in own:
            if sign.points and not asked:
                place = self.criteria.signs.index(sign)
                what = f"'{sign.code}' has points, and no level of '{judgment.id}' asks for points"
                self._wrong("sign", place, sign.label.ja, what, "'points' in a level, or none here", "points")
        higher = 0
        for level in reversed(judgment.levels):
            if level.points is not None and level.points <= higher:
                what = f"level {level.level} asks for {level.points} points, the level below it for {higher}"
                self._wrong("judgment", index, judgment.label.ja, what, f"more than {higher}", "points")
            higher = max(higher, level.points or 0)

    def missing(self) -> None:
        listed = {i for m in self.criteria.missing for i in m.indicators}
        for index, item in enumerate(self.criteria.missing):
            if not item.indicators:
                self._wrong("missing", index, item.label.ja, "'indicators' is empty", "name one", "indicators")
        for index, indicator in enumerate(self.criteria.indicators):
            behind = isinstance(indicator.measure, Difference)
            if indicator.unknown_as is not None and not behind and indicator.id not in listed:
                self._wrong(
                    "indicator",
                    index,
                    indicator.label.ja,
                    f"'{indicator.id}' can keep a level open when it is unknown, and no [[missing]] lists it",
                    "add it to a [[missing]]",
                    "unknown_as",
                )

    # -------------------------------------------------------------- the overall table

    def table(self) -> None:
        overall = self.criteria.overall
        signs = sorted(
            {t.sign for row in overall.rows for tests in row.any_of for t in tests if isinstance(t, SignHolds)}
        )
        unweighed = [s.code for s in self.criteria.signs if s.code not in overall.weight]
        for code in unweighed:
            self._wrong("overall", 0, code, f"'weight' does not say where '{code}' stands", "every sign once", "weight")
        if len(signs) > _SIGNS_IN_TABLE:
            self._wrong("overall", 0, "", f"the table reads {len(signs)} signs", f"{_SIGNS_IN_TABLE} at most", "row")
            return
        first: dict[tuple[tuple[int, ...], frozenset[str]], OverallLevel] = {}
        for levels, held in _cases(self.criteria, signs):
            first[(levels, held)] = overall_from(
                overall, dict(zip((j.id for j in self.criteria.judgments), levels, strict=True)), held
            )
        reached = {row.name for row in first.values()}
        for index, row in enumerate(overall.rows):
            if row.name not in reached:
                self._wrong(
                    "overall.row",
                    index,
                    row.name,
                    "this row is never the first that holds",
                    "another order, or remove it",
                )
        gaps = [levels for (levels, held), row in first.items() if row == overall.none and (any(levels) or held)]
        if gaps and not overall.by_matrix:
            shown = ", ".join(f"{j.id} {level}" for j, level in zip(self.criteria.judgments, gaps[0], strict=True))
            self._wrong(
                "overall", 0, "", f"{len(gaps)} combinations have no row, such as {shown}", "a row for them", "row"
            )
        self._never_lowered(first)

    def _never_lowered(self, first: Mapping[tuple[tuple[int, ...], frozenset[str]], OverallLevel]) -> None:
        """Raising a level or adding a sign must never make the result less urgent."""
        for (levels, held), row in first.items():
            for worse in _one_worse(levels, held, first):
                if first[worse].rank > row.rank:
                    index = self.criteria.overall.rows.index(row) if row in self.criteria.overall.rows else 0
                    self._wrong(
                        "overall.row",
                        index,
                        row.name,
                        f"a worse case gives '{first[worse].name}', which is less urgent",
                        "put the more urgent row first",
                    )
                    return


def _is_plain_number(measure: Measure) -> bool:
    return not gives_text(measure) and not has_own_divisor(measure)


def _can_hold(bounds: Mapping[str, Decimal]) -> bool:
    low = max((v for op, v in bounds.items() if op in ("at_least", "more_than", "equals")), default=None)
    high = min((v for op, v in bounds.items() if op in ("below", "at_most", "equals")), default=None)
    if low is None or high is None:
        return True
    strict = bounds.get("more_than") == low or bounds.get("below") == high
    return low < high or (low == high and not strict)


def _cases(criteria: Criteria, signs: list[str]) -> Iterator[tuple[tuple[int, ...], frozenset[str]]]:
    """Every combination of levels and of the signs that the table reads."""
    for levels in product((0, 1, 2), repeat=len(criteria.judgments)):
        for held in product((False, True), repeat=len(signs)):
            chosen = frozenset(s for s, h in zip(signs, held, strict=True) if h)
            if _possible(criteria, dict(zip((j.id for j in criteria.judgments), levels, strict=True)), chosen):
                yield levels, chosen


def _possible(criteria: Criteria, levels: Mapping[str, int], held: Iterable[str]) -> bool:
    """A sign that gives its judgment a level by itself cannot hold while the level is lower."""
    for code in held:
        judgment = next(j for j in criteria.judgments if j.id == criteria.sign(code).judgment)
        group = criteria.sign(code).group
        alone = max(
            (
                level.level
                for level in judgment.levels
                if (code,) in level.any_of
                or level.any_sign
                or (group is not None and level.groups == 1)
                or (level.points is not None and criteria.sign(code).points >= level.points)
            ),
            default=0,
        )
        if levels[judgment.id] < alone:
            return False
    return True


def _one_worse(
    levels: tuple[int, ...], held: frozenset[str], known: Mapping[tuple[tuple[int, ...], frozenset[str]], OverallLevel]
) -> Iterator[tuple[tuple[int, ...], frozenset[str]]]:
    for place, level in enumerate(levels):
        worse = (*levels[:place], level + 1, *levels[place + 1 :])
        if (worse, held) in known:
            yield worse, held
    for other_levels, more in known:
        if other_levels == levels and len(more) == len(held) + 1 and more > held:
            yield other_levels, more
