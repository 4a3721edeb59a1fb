"""Reads a criteria file: TOML in, typed criteria out, or every mistake at once with its line.

The language is closed: a key, measure or operator that is not known is a mistake, never ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import cast

from tsunagu.errors import CriterionError
from tsunagu.indicators.load import document_of, each_part, read_definitions, read_document
from tsunagu.indicators.mistakes import Lines, Mistake, Part, nearest
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
from tsunagu.screening.matrix import Levels, read_matrix

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
    return _checked(document_of(text), text, items)


def cases_of(text: str, items: Mapping[str, CatalogueItem]) -> tuple[Criteria, tuple[Case, ...]]:
    """The criteria that a text says and its cases, without asking whether it has mistakes."""
    document, lines = document_of(text), Lines(text)
    criteria = _criteria(document, lines, [], items)
    return criteria, read_cases(each_part(document, "expect", lines, [], "case"), items, criteria)


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

    head = one("criteria")
    defined = read_definitions(document, lines, mistakes, items)
    population_ids, indicators = [p.id for p in defined.populations], defined.indicators
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
        grade_from=defined.grade_from,
        grade_to=defined.grade_to,
        holiday_months=defined.holiday_months,
        populations=defined.populations,
        indicators=indicators,
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
