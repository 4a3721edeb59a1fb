"""How screening grows: 120 indicators for 30, and ten times the children, against the same in the same run.

Indicators are multiplied in rounds that change places. The larger city is screened part by part, and the smaller one
whole before each part, so that a machine that others use too is not taken for growth. Prints ratios and writes
bench/results-screening_growth.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from screening import CITY, HERE, ON, make_city, screened
from tsunagu.engines.duck import workbench
from tsunagu.indicators.language import Difference, Events, Indicator, OverMonths
from tsunagu.indicators.parts import PERSONS_A_PART, parts, show
from tsunagu.screening.compile import compile_criteria
from tsunagu.screening.criteria import AllOf, AnyOf, Comparison, Condition, Criteria, comparisons
from tsunagu.screening.load import load_criteria
from tsunagu.sources.loading import load_catalogue

GOAL_INDICATORS, GOAL_CHILDREN = 2.5, 11
FEW, MANY = 30, 120


def main() -> int:
    """Runs both comparisons, prints and writes the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--children", type=int, default=300_000)
    options.add_argument("--larger", type=int, default=10, help="so many times the children")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--out", type=Path, default=HERE / "results-screening_growth.json")
    arguments = options.parse_args()
    criteria = load_criteria(CITY / "criteria" / "three-judgments.toml", load_catalogue(CITY).items)
    few, many = _seconds(criteria, (FEW, MANY), arguments.children, arguments.rounds)
    small, large = _side_by_side(criteria, arguments.children, arguments.larger)
    result = {
        "children": arguments.children,
        "indicators": [FEW, MANY],
        "ratio_indicators": round(statistics.median(b / a for a, b in zip(few, many, strict=True)), 2),
        "times_children": arguments.larger,
        "ratio_children": round(large / statistics.mean(small), 2),
        "seconds": {"one": [round(one, 2) for one in small], "larger": round(large, 2)},
        "goal": {"indicators": GOAL_INDICATORS, "children": GOAL_CHILDREN},
    }
    arguments.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(
        f"{MANY} indicators for {FEW}: {result['ratio_indicators']} times as long (goal"
        f" {GOAL_INDICATORS}); {arguments.larger} times the {arguments.children:,} children:"
        f" {result['ratio_children']} times as long (goal {GOAL_CHILDREN})"
    )
    return 0


def _side_by_side(criteria: Criteria, children: int, times: int) -> tuple[list[float], float]:
    """Seconds of each screening of the smaller city, and of the larger one in all its parts."""
    text, items = compile_criteria(of_size(criteria, FEW), ON), criteria.items
    small, large = [], 0.0
    # A city of millions is laid out with the disk's help; it is screened in memory.
    with (
        tempfile.TemporaryDirectory() as scratch,
        workbench(threads=2, scratch=Path(scratch)) as city,
        workbench(threads=2) as town,
    ):
        make_city(town, children, items)
        make_city(city, children * times, items)
        began = time.perf_counter()
        for statement in text.whole:
            city.run(statement)
        found = parts(city, PERSONS_A_PART)
        large += time.perf_counter() - began
        for part in found:
            began = time.perf_counter()
            screened(town, text, items)
            middle = time.perf_counter()
            show(city, part, items)
            city.run(text.judged)
            city.run(text.evidence)
            city.run(f"CREATE OR REPLACE TABLE reasons AS {text.reasons}")
            small.append(middle - began)
            large += time.perf_counter() - middle
    return small, large


def _seconds(criteria: Criteria, sizes: tuple[int, ...], children: int, rounds: int) -> list[list[float]]:
    """Seconds of each round, for the criteria with so many indicators."""
    texts = [compile_criteria(of_size(criteria, size), ON) for size in sizes]
    found: list[list[float]] = [[] for _ in sizes]
    # A city of millions is laid out with the disk's help; it is screened in memory.
    with tempfile.TemporaryDirectory() as scratch, workbench(threads=2, scratch=Path(scratch)) as bench:
        make_city(bench, children, criteria.items)
        for turn in range(rounds):
            order = list(range(len(sizes)))
            for place in order if turn % 2 == 0 else reversed(order):
                began = time.perf_counter()
                screened(bench, texts[place], criteria.items)
                found[place].append(time.perf_counter() - began)
    return found


def of_size(criteria: Criteria, size: int) -> Criteria:
    """The criteria multiplied until they have so many indicators, without what goes beyond."""
    many = multiplied(criteria, -(-size // len(criteria.indicators)))
    kept = {indicator.id for indicator in many.indicators[:size]}
    signs = tuple(s for s in many.signs if {c.indicator for c in comparisons(s.when)} <= kept)
    return replace(
        many,
        indicators=many.indicators[:size],
        signs=signs,
        missing=tuple(m for m in many.missing if set(m.indicators) <= kept),
        overall=replace(many.overall, weight=tuple(sign.code for sign in signs)),
    )


def multiplied(criteria: Criteria, times: int) -> Criteria:
    """The criteria with every indicator, sign and missing item so many times, each time over a shorter window."""
    copies = [_copy(criteria, n) for n in range(times)]
    signs = tuple(sign for copy in copies for sign in copy.signs)
    return replace(
        criteria,
        indicators=tuple(i for copy in copies for i in copy.indicators),
        signs=signs,
        missing=tuple(m for copy in copies for m in copy.missing),
        overall=replace(criteria.overall, weight=tuple(sign.code for sign in signs)),
    )


def _copy(criteria: Criteria, n: int) -> Criteria:
    if not n:
        return criteria

    def name(id: str) -> str:
        return f"{id}_{n}"

    def condition(when: Condition) -> Condition:
        if isinstance(when, Comparison):
            return replace(when, indicator=name(when.indicator))
        parts = tuple(condition(part) for part in when.parts)
        return AllOf(parts) if isinstance(when, AllOf) else AnyOf(parts)

    def shorter(indicator: Indicator) -> Indicator:
        measure = indicator.measure
        if isinstance(measure, OverMonths) and measure.months.last > n + 1:
            measure = replace(measure, months=replace(measure.months, last=measure.months.last - n))
        elif isinstance(measure, Events):
            measure = replace(measure, within=measure.within - n)
        elif isinstance(measure, Difference):
            measure = Difference(name(measure.of), name(measure.minus))
        return replace(indicator, id=name(indicator.id), measure=measure)

    return replace(
        criteria,
        indicators=tuple(shorter(i) for i in criteria.indicators),
        signs=tuple(replace(s, code=f"{s.code}x{n}", when=condition(s.when)) for s in criteria.signs),
        missing=tuple(
            replace(m, code=f"{m.code}x{n}", indicators=tuple(name(i) for i in m.indicators)) for m in criteria.missing
        ),
    )


if __name__ == "__main__":
    raise SystemExit(main())
