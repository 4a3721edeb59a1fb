"""Reads a criteria file: TOML in, typed criteria out, or every mistake at once with its line.

The language is closed: a key, measure or operator that is not known is a mistake, never ignored.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import cast

from tsunagu.errors import CriterionError
from tsunagu.indicators.language import Enrolled, Indicator, Population
from tsunagu.records.catalogue import CatalogueItem
from tsunagu.screening.check import check_names, cross_check
from tsunagu.screening.criteria import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Criteria,
    Judgment,
    JudgmentAt,
    JudgmentsAt,
    Level,
    MissingItem,
    Operator,
    Overall,
    OverallLevel,
    Sign,
    SignHolds,
    TableTest,
)
from tsunagu.screening.expect import Case, read_cases, report
from tsunagu.screening.load_measure import read_measure, read_unknown
from tsunagu.screening.matrix import Levels, read_matrix
from tsunagu.screening.mistakes import Lines, Mistake, Part, nearest, read_text

_OPERATORS: tuple[Operator, ...] = ("at_least", "more_than", "below", "at_most", "equals", "is")
_TONES = ("priority", "preventive", "watch", "undecided", "none")
MOST_POINTS = 100
MOST_NESTED = 5
_ID = re.compile(r"[a-z][a-z0-9-]{0,60}")
CONCERNS = ("poverty", "learning", "neglect_or_abuse", "health", "other")
_TABLES = (
    "criteria",
    "scope",
    "school_months",
    "population",
    "indicator",
    "sign",
    "missing",
    "judgment",
    "overall",
    "expect",
)


def load_criteria(path: Path, items: Mapping[str, CatalogueItem]) -> Criteria:
    """The criteria of a file; CriterionError that names every mistake if there is one."""
    criteria, mistakes = check_criteria(path, items)
    if criteria is None or mistakes:
        raise refused(path, mistakes, "the criteria")
    return criteria


def refused(path: Path, mistakes: Sequence[Mistake], what: str) -> CriterionError:
    """The error that names every mistake of a file, by line."""
    listed = "\n  ".join(m.text(path.name) for m in mistakes)
    return CriterionError(
        f"{len(mistakes)} {'mistake' if len(mistakes) == 1 else 'mistakes'} in {what}\n  {listed}",
        where=path.name,
        to_do="Correct the file; nothing was computed with it.",
    )


def check_criteria(path: Path, items: Mapping[str, CatalogueItem]) -> tuple[Criteria | None, list[Mistake]]:
    """The criteria of a file, if it can be read at all, and every mistake in it, by line.

    items  catalogue items the criteria may read
    """
    document, text, broken = read_document(path)
    if broken is not None:
        return None, [broken]
    return _checked(document, text, items)


def criteria_of(text: str, items: Mapping[str, CatalogueItem]) -> tuple[Criteria, list[Mistake]]:
    """The criteria that a text says, and every mistake in it; tomllib's own error where it is no TOML."""
    return _checked(_document(text), text, items)


def cases_of(text: str, items: Mapping[str, CatalogueItem]) -> tuple[Criteria, tuple[Case, ...]]:
    """The criteria that a text says and its cases, without asking whether it has mistakes."""
    document, lines = _document(text), Lines(text)
    criteria = _criteria(document, lines, [], items)
    return criteria, read_cases(each_part(document, "expect", lines, [], "case"), items, criteria)


def _document(text: str) -> dict[str, object]:
    return tomllib.loads(text.removeprefix("\ufeff"), parse_float=Decimal)


def _checked(
    document: dict[str, object], text: str, items: Mapping[str, CatalogueItem]
) -> tuple[Criteria, list[Mistake]]:
    mistakes: list[Mistake] = []
    lines = Lines(text)
    criteria = _criteria(document, lines, mistakes, items)
    check_names(criteria, lines, mistakes)
    cases = read_cases(each_part(document, "expect", lines, mistakes, "case"), items, criteria)
    if not mistakes:
        cross_check(criteria, lines, mistakes, items)
    if not mistakes:
        report(criteria, cases)
    return replace(criteria, cases=len(cases)), sorted(mistakes, key=lambda m: (m.line, m.label, m.what))


def read_document(path: Path) -> tuple[dict[str, object], str, Mistake | None]:
    """A file as TOML says it, its text, and what makes it no TOML at all; CriterionError if it cannot be opened."""
    try:
        text = read_text(path)
    except OSError as error:
        raise CriterionError(
            f"the file cannot be opened ({type(error).__name__})",
            where=str(path),
            to_do="Check that it exists and may be read.",
        ) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return {}, "", Mistake(line, "", "a character here is not UTF-8", "save the file as UTF-8")
    try:
        document = _document(text)
        nothing = Mistake(0, "", "nothing is written in this file", "write what it is to say, or remove it")
        return document, text, None if document else nothing
    except RecursionError:
        return {}, text, Mistake(0, "", "brackets stand inside each other without end", "write fewer")
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        line = _line_of(message, text)
        what = f"this is not TOML: {message.partition(' (at')[0]}"
        return {}, text, Mistake(line, "", what, _mend_of(text, line))


def _line_of(message: str, text: str) -> int:
    marker = "(at line "
    if marker in message:
        return int(message.partition(marker)[2].partition(",")[0])
    return text.count("\n") + 1


def _mend_of(text: str, line: int) -> str:
    lines = text.splitlines()
    if 0 < line <= len(lines) and lines[line - 1].count('"') % 2:
        return 'a quotation mark (") is missing on this line'
    return "see https://toml.io"


def _criteria(
    document: dict[str, object], lines: Lines, mistakes: list[Mistake], items: Mapping[str, CatalogueItem]
) -> Criteria:
    root = Part(document, lines=lines, mistakes=mistakes, name="")
    for name in document:
        if name not in _TABLES:
            mistakes.append(Mistake(lines.of(name), "", f"'[{name}]' has no meaning here", nearest(name, _TABLES)))

    def one(name: str) -> Part:
        return Part(root.raw(name), lines=lines, mistakes=mistakes, name=name)

    def each(name: str) -> list[Part]:
        return each_part(document, name, lines, mistakes)

    head, scope = one("criteria"), one("scope")
    grade = scope.inside(scope.raw("grade"), "grade")
    grade_from, grade_to = _grades(grade)
    scope.done()
    holidays = one("school_months")
    holiday_months = read_holidays(holidays)
    populations = tuple(read_population(p, items) for p in each("population"))
    population_ids = [p.id for p in populations]
    indicators: list[Indicator] = []
    for part in each("indicator"):
        indicators.append(read_indicator(part, items, population_ids, [i.id for i in indicators]))
    indicator_ids = [i.id for i in indicators]
    judgment_ids = [str(v.get("id", "")) for v in root.list("judgment") if isinstance(v, dict)]
    signs = tuple(_sign(p, indicator_ids, judgment_ids) for p in each("sign"))
    codes = [s.code for s in signs]
    missing = tuple(_missing(p, indicator_ids, judgment_ids) for p in each("missing"))
    judgments = tuple(_judgment(p, population_ids, codes) for p in each("judgment"))
    levels = {j.id: tuple(level.level for level in j.levels) or (1, 2) for j in judgments}
    overall = _overall(one("overall"), lines, mistakes, codes, levels)
    id, version, supersedes = head.text("id"), head.text("version"), head.text("supersedes", empty=True)
    if id and not _ID.fullmatch(id):
        head.wrong(f"'{id}' is not a name here", "small letters, digits and -", "id")
    if version and supersedes == version:
        head.wrong("it supersedes itself", "the version before, or ''", "supersedes")
    criteria = Criteria(
        id=id,
        version=version,
        supersedes=supersedes,
        effective=head.day("effective"),
        approved_by=head.text("approved_by"),
        legal_basis=_legal_basis(head),
        label=head.words("label"),
        grade_from=grade_from,
        grade_to=grade_to,
        holiday_months=holiday_months,
        populations=populations,
        indicators=tuple(indicators),
        signs=signs,
        missing=missing,
        judgments=judgments,
        overall=overall,
        holders=tuple((id, item.holder) for id, item in sorted(items.items())),
        codes=tuple((id, tuple(item.values)) for id, item in sorted(items.items())),
    )
    head.done()
    return criteria


def _legal_basis(head: Part) -> tuple[str, ...]:
    found = head.texts("legal_basis")
    if head.has("legal_basis") and not found:
        head.wrong("'legal_basis' names nothing", "at least one law or ordinance", "legal_basis")
    return found


def each_part(
    document: Mapping[str, object], name: str, lines: Lines, mistakes: list[Mistake], label_key: str = "label"
) -> list[Part]:
    """The tables of an array, each with its Japanese label or its code for the mistakes in it."""
    parts = []
    root = Part(document, lines=lines, mistakes=mistakes, name="")
    for index, values in enumerate(root.list(name, required=name != "expect")):
        label = ""
        if isinstance(values, dict):
            words = values.get(label_key)
            label = str(words.get("ja", "")) if isinstance(words, dict) else words if isinstance(words, str) else ""
            label = label or str(values.get("id", values.get("code", "")))
        parts.append(Part(values, lines=lines, mistakes=mistakes, name=name, index=index, label=label))
    return parts


def _grades(part: Part) -> tuple[int | None, int | None]:
    low = part.whole("from", low=-6, high=12, required=False)
    high = part.whole("to", low=-6, high=12, required=False)
    if low is not None and high is not None and low > high:
        part.wrong(f"grades from {low} to {high} hold nobody", "put the lower one first", "grade")
    part.done("grade")
    return low, high


def read_holidays(part: Part) -> tuple[int, ...]:
    """The months of [school_months] that no window counts, sorted."""
    months: list[int] = []
    for value in part.list("except"):
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 12:
            part.wrong("'except' holds something that is not a month", "months 1 to 12 are due", "except")
        else:
            months.append(value)
    if len(set(months)) == 12:
        part.wrong("'except' leaves no month", "leave at least one school month", "except")
        months = []
    part.done()
    return tuple(sorted(set(months)))


def read_population(part: Part, items: Mapping[str, CatalogueItem]) -> Population:
    """One [[population]]."""
    grade_from: int | None = None
    grade_to: int | None = None
    enrolled: Enrolled | None = None
    if part.has("grade"):
        grade_from, grade_to = _grades(part.inside(part.raw("grade"), "grade"))
    if part.has("enrolled"):
        inner = part.inside(part.raw("enrolled"), "enrolled")
        yearly = [i for i in items if items[i].kind == "yearly"]
        item = inner.choice("item", yearly)
        values = list(items[item].values) if item in items else None
        enrolled = Enrolled(item, inner.texts("texts", values), inner.choice("else_item", yearly))
        inner.done("enrolled")
    population = Population(part.text("id"), part.words("label"), grade_from, grade_to, enrolled)
    part.done()
    return population


def read_indicator(
    part: Part, items: Mapping[str, CatalogueItem], populations: list[str], earlier: list[str]
) -> Indicator:
    """One [[indicator]]. earlier: indicators that stand above it."""
    id, label = part.text("id"), part.words("label")
    population = part.choice("population", populations)
    measure = read_measure(part.inside(part.raw("measure"), "measure"), items, earlier)
    forget_after = part.whole("forget_after", low=1, high=360) or 1
    unknown_as = read_unknown(part, measure, items) if part.has("unknown_as") else None
    part.done()
    return Indicator(id, label, population, measure, unknown_as, forget_after)


def read_condition(part: Part, indicators: list[str], depth: int = 0) -> Condition:
    """What a `when` says."""
    for word, kind in (("all", AllOf), ("any", AnyOf)):
        if part.has(word):
            written = part.list(word)
            inner: tuple[Condition, ...] = ()
            if depth < MOST_NESTED:
                inner = tuple(read_condition(part.inside(v, word), indicators, depth + 1) for v in written)
            else:
                part.wrong(f"'{word}' stands in more than {MOST_NESTED} others", "write fewer inside each other", word)
            if len(written) < 2:
                part.wrong(f"'{word}' holds fewer than two conditions", "write the condition itself", word)
            part.done("when")
            return cast(Condition, kind(inner))
    indicator = part.choice("indicator", indicators)
    tests: list[tuple[Operator, Decimal | str]] = []
    for operator in _OPERATORS:
        if part.has(operator):
            value = part.text(operator) if operator == "is" else part.number(operator)
            if value is not None:
                tests.append((operator, value))
    if not tests:
        part.wrong("the indicator is compared with nothing", f"one of {', '.join(_OPERATORS)}", "when")
    part.done("when")
    return Comparison(indicator, tuple(tests))


def _sign(part: Part, indicators: list[str], judgments: list[str]) -> Sign:
    sign = Sign(
        code=part.text("code"),
        judgment=part.choice("judgment", judgments),
        group=part.text("group") if part.has("group") else None,
        points=(part.whole("points", low=1, high=MOST_POINTS) or 0) if part.has("points") else 0,
        when=read_condition(part.inside(part.raw("when"), "when"), indicators),
        label=part.words("label"),
        sentence=part.words("sentence"),
        basis=part.words("basis"),
        watch=part.words("watch"),
        source=part.text("source"),
    )
    part.done()
    return sign


def _missing(part: Part, indicators: list[str], judgments: list[str]) -> MissingItem:
    item = MissingItem(
        code=part.text("code"),
        judgment=part.choice("judgment", judgments),
        indicators=part.texts("indicators", indicators),
        label=part.words("label"),
    )
    part.done()
    return item


def _judgment(part: Part, populations: list[str], codes: list[str]) -> Judgment:
    levels: list[Level] = []
    for place, value in enumerate(part.list("levels")):
        inner = part.inside(value, "levels", place)
        level = inner.whole("level", low=1, high=2) or 1
        any_of = _lists_of_codes(inner, codes) if inner.has("any") else ()
        groups = inner.whole("groups", low=1) if inner.has("groups") else None
        points = inner.whole("points", low=1) if inner.has("points") else None
        any_sign = inner.yes_no("any_sign") if inner.has("any_sign") else False
        inner.done("level")
        if not any_of and groups is None and points is None and not any_sign:
            inner.wrong(f"level {level} can never be reached", "write any, groups, points or any_sign", "level")
        levels.append(Level(level, any_of, groups, points, any_sign))
    judgment = Judgment(
        id=part.text("id"),
        label=part.words("label"),
        population=part.choice("population", populations),
        concerns=part.choice("concerns", CONCERNS),
        levels=tuple(levels),
    )
    part.done()
    return judgment


def _lists_of_codes(part: Part, codes: list[str]) -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    for value in part.list("any"):
        if not isinstance(value, list) or not value:
            part.wrong("'any' holds something that is not a list of signs", 'lists such as ["P3a", "P4a"]', "any")
            continue
        for code in value:
            if code not in codes:
                part.wrong(f"there is no sign '{code}'", nearest(code, codes), "any", f'"{code}"')
        found.append(tuple(str(code) for code in value))
    return tuple(found)


def _overall(part: Part, lines: Lines, mistakes: list[Mistake], codes: list[str], judgments: Levels) -> Overall:
    rows: list[OverallLevel] = []
    by_matrix = part.has("matrix")
    for index, row_values in enumerate(part.list("row")):
        label = str(row_values.get("name", "")) if isinstance(row_values, dict) else ""
        row = Part(row_values, lines=lines, mistakes=mistakes, name="overall.row", index=index, label=label)
        any_of = []
        if by_matrix and row.has("any"):
            row.wrong("'any' stands beside a matrix", "the matrix alone says when a row holds", "any")
        for value in row.list("any", required=not by_matrix):
            tests = value if isinstance(value, list) else [value]
            any_of.append(tuple(_table_test(row.inside(t, "any"), codes, judgments) for t in tests))
        if not any_of and not by_matrix:
            row.wrong("this row can never hold", "write 'any'")
        rows.append(_named_level(row, len(rows) + 1, tuple(any_of)))
    two: list[OverallLevel] = []
    for name in ("undecided", "none"):
        inner = Part(part.raw(name), lines=lines, mistakes=mistakes, name=f"overall.{name}")
        two.append(_named_level(inner, len(rows) + 1 + len(two), ()))
    if by_matrix:
        matrix = Part(part.raw("matrix"), lines=lines, mistakes=mistakes, name="overall.matrix")
        rows = list(read_matrix(matrix, rows, two[1], judgments))
    overall = Overall(
        label=part.words("label"),
        rows=tuple(rows),
        undecided=two[0],
        none=two[1],
        weight=part.texts("weight", codes),
        by_matrix=by_matrix,
    )
    part.done()
    return overall


def _named_level(part: Part, rank: int, any_of: tuple[tuple[TableTest, ...], ...]) -> OverallLevel:
    level = OverallLevel(
        name=part.text("name"),
        en=part.text("en"),
        tone=part.choice("tone", _TONES),
        notice=part.yes_no("notice"),
        rank=rank,
        any_of=any_of,
        capacity=part.whole("capacity", low=1) if part.has("capacity") else None,
    )
    part.done()
    return level


def _table_test(part: Part, codes: list[str], judgments: Levels) -> TableTest:
    test: TableTest
    if part.has("sign"):
        test = SignHolds(part.choice("sign", codes))
    elif part.has("judgment"):
        test = JudgmentAt(part.choice("judgment", judgments), part.whole("at_least", low=1, high=2) or 1)
        known = judgments.get(test.judgment, (2,))
        if test.at_least > max(known):
            what = f"'{test.judgment}' never reaches level {test.at_least}"
            part.wrong(what, f"{max(known)} at most, or a level {test.at_least} in that judgment", "at_least")
    else:
        count = part.whole("judgments", low=1, high=len(judgments)) or 1
        test = JudgmentsAt(count, part.whole("at_least", low=1, high=2) or 1)
        able = sum(test.at_least <= max(known) for known in judgments.values())
        if able < count:
            what = f"level {test.at_least} is asked of {count}, and so many judgments define it: {able}"
            part.wrong(what, f"{able} at most" if able else "at_least = 1", "judgments")
    part.done("any")
    return test
