"""Mistakes of the overall table: a row that never decides, a combination without a row, a worse case less urgent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Protocol

from tsunagu.screening.criteria import Criteria, OverallLevel, SignHolds
from tsunagu.screening.reference import overall_from

#: The level of each judgment, and the signs that hold.
Combination = tuple[tuple[int, ...], frozenset[str]]
# A table with more signs than this in its rows is not enumerated whole; none we know comes near.
_SIGNS_IN_TABLE = 8


class Wrong(Protocol):
    """Adds a mistake at a part of the file: its name and place, a label, what is wrong, a hint, words of its line."""

    def __call__(self, name: str, index: int, label: str, what: str, hint: str = "", *words: str) -> None: ...


def check_table(criteria: Criteria, wrong: Wrong) -> None:
    """Adds every row that never decides, every combination without a row, and every worse case that is less urgent."""
    overall = criteria.overall
    signs = sorted({t.sign for row in overall.rows for tests in row.any_of for t in tests if isinstance(t, SignHolds)})
    unweighed = [s.code for s in criteria.signs if s.code not in overall.weight]
    for code in unweighed:
        wrong("overall", 0, code, f"'weight' does not say where '{code}' stands", "every sign once", "weight")
    if len(signs) > _SIGNS_IN_TABLE:
        wrong("overall", 0, "", f"the table reads {len(signs)} signs", f"{_SIGNS_IN_TABLE} at most", "row")
        return
    first: dict[Combination, OverallLevel] = {}
    for levels, held in _cases(criteria, signs):
        first[(levels, held)] = overall_from(
            overall, dict(zip((j.id for j in criteria.judgments), levels, strict=True)), held
        )
    reached = {row.name for row in first.values()}
    for index, row in enumerate(overall.rows):
        if row.name not in reached:
            wrong(
                "overall.row",
                index,
                row.name,
                "this row is never the first that holds",
                "another order, or remove it",
            )
    gaps = [levels for (levels, held), row in first.items() if row == overall.none and (any(levels) or held)]
    if gaps and not overall.by_matrix:
        shown = ", ".join(f"{j.id} {level}" for j, level in zip(criteria.judgments, gaps[0], strict=True))
        wrong("overall", 0, "", f"{len(gaps)} combinations have no row, such as {shown}", "a row for them", "row")
    _never_lowered(criteria, wrong, first)


def _never_lowered(criteria: Criteria, wrong: Wrong, first: Mapping[Combination, OverallLevel]) -> None:
    """Raising a level or adding a sign must never make the result less urgent."""
    for (levels, held), row in first.items():
        for worse in _one_worse(levels, held, first):
            if first[worse].rank > row.rank:
                index = criteria.overall.rows.index(row) if row in criteria.overall.rows else 0
                wrong(
                    "overall.row",
                    index,
                    row.name,
                    f"a worse case gives '{first[worse].name}', which is less urgent",
                    "put the more urgent row first",
                )
                return


def _cases(criteria: Criteria, signs: list[str]) -> Iterator[Combination]:
    """Every combination of levels and of the signs that the table reads."""
    reached = [sorted({0, *(level.level for level in judgment.levels)}) for judgment in criteria.judgments]
    for levels in product(*reached):
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
    levels: tuple[int, ...], held: frozenset[str], known: Mapping[Combination, OverallLevel]
) -> Iterator[Combination]:
    for place, level in enumerate(levels):
        for higher in range(level + 1, 3):
            worse = (*levels[:place], higher, *levels[place + 1 :])
            if (worse, held) in known:
                yield worse, held
    for other_levels, more in known:
        if other_levels == levels and len(more) == len(held) + 1 and more > held:
            yield other_levels, more
