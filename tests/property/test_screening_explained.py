"""On generated towns: the fewest signs do give the level, none of them can be spared, and the nearest change is one."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import pytest

from screening_cases import a_town, compiled, the_criteria
from tsunagu.indicators.language import Difference
from tsunagu.screening import explain as e
from tsunagu.screening.criteria import AllOf, AnyOf, Comparison, Criteria, Sign
from tsunagu.screening.explain import Change, Explanation, Standing, explain, standing_of
from tsunagu.screening.limits import step_of
from tsunagu.screening.reference import holds, level_from, overall_from

ON = dt.date(2026, 9, 30)
Child = tuple[Standing, Explanation, str]


@cache
def children() -> dict[str, Child]:
    """Every child in scope of some towns: as the run left it, explained, and its lowest level by the run."""
    found: dict[str, Child] = {}
    for seed in range(8):
        screened = compiled(a_town(seed, ON, children=60), the_criteria(), ON)
        indicators: dict[str, list[dict[str, Any]]] = defaultdict(list)
        judgments: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in screened.indicators.to_pylist():
            indicators[row["person_id"]].append(row)
        for row in screened.judgments.to_pylist():
            judgments[row["person_id"]].append(row)
        for id, rows in judgments.items():
            child = standing_of(indicators[id], rows)
            at_least = next(row["at_least"] for row in rows if row["judgment"] == "overall")
            found[f"{seed} {id}"] = (child, explain(the_criteria(), child), at_least)
    assert len(found) > 200
    return found


def _level_after(child: Standing, change: Change) -> str:
    """The overall level with the named values in place, worked out by the reference engine's own rules."""
    criteria, values = the_criteria(), dict.fromkeys([i.id for i in the_criteria().indicators]) | dict(child.values)
    for needed in change.needed:
        now = values[needed.indicator]
        if not holds(Comparison(needed.indicator, ((needed.operator, needed.limit),)), values):
            limit = needed.limit if isinstance(needed.limit, str) else Fraction(needed.limit)
            values[needed.indicator] = limit - 1 if needed.operator == "below" else limit  # type: ignore[operator]
            assert values[needed.indicator] != now
    named = {needed.indicator for needed in change.needed}
    for indicator in criteria.indicators:
        if isinstance(indicator.measure, Difference) and indicator.id not in named:
            of, minus = values[indicator.measure.of], values[indicator.measure.minus]
            if isinstance(of, Fraction) and isinstance(minus, Fraction):
                values[indicator.id] = of - minus
    signs = {sign.code for sign in criteria.signs if holds(sign.when, values)}
    assert set(change.signs) <= signs
    levels = {j.id: level_from(criteria, j, signs) if j.id in child.applies else 0 for j in criteria.judgments}
    return overall_from(criteria.overall, levels, signs).name


def test_the_level_follows_from_the_stored_values_alone() -> None:
    assert [id for id, (_, said, at_least) in children().items() if said.level.name != at_least] == []


def test_the_fewest_signs_give_the_level_and_none_can_be_spared() -> None:
    several = 0
    for id, (child, said, _) in children().items():
        for signs in said.smallest:
            assert set(signs) <= set(said.signs), id
            assert e.level_of(the_criteria(), signs, child.applies) == said.level, id
            for left in signs:
                without = [sign for sign in signs if sign != left]
                assert e.level_of(the_criteria(), without, child.applies) != said.level, (id, left)
        several += len(said.signs) > len(said.smallest[0])
    assert several > 20, "somebody has more signs than the level needs"


def test_whoever_is_not_listed_has_a_nearest_change_that_lists() -> None:
    none = the_criteria().overall.none
    unlisted = {id: child for id, child in children().items() if child[1].level == none}
    assert len(unlisted) > 5
    for id, (child, said, _) in unlisted.items():
        assert said.nearest, id
        assert said.smallest == ((),), id
        for change in said.nearest:
            assert change.level.rank < none.rank
            assert _level_after(child, change) == change.level.name, (id, change)
            assert {n.indicator for n in change.needed}, (id, change)


def test_nobody_at_the_top_has_further_to_go() -> None:
    top = the_criteria().overall.rows[0]
    assert [id for id, (_, said, _) in children().items() if (said.level == top) != (said.nearest == ())] == []


def test_control_a_rule_that_is_read_otherwise_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = tuple(reversed(the_criteria().overall.rows))
    other = replace(the_criteria(), overall=replace(the_criteria().overall, rows=rows))
    assert any(explain(other, child).level.name != at_least for child, _, at_least in children().values())


def test_the_nearest_changes_are_in_order_and_none_holds_another() -> None:
    """Counted anew: how many indicators change, how many are not known, how many steps the others take."""
    criteria = the_criteria()

    def size(change: Change) -> tuple[int, int, Fraction, tuple[str, ...]]:
        steps = Fraction(0)
        for one in change.needed:
            if isinstance(one.now, Fraction) and not isinstance(one.limit, str):
                step = step_of(criteria.indicator(one.indicator).measure, one.limit)
                steps += abs(Fraction(one.limit) - one.now) / Fraction(step)
            elif one.now is not None:
                steps += 1
        unknown = sum(one.now is None for one in change.needed)
        return len({one.indicator for one in change.needed}), unknown, steps, change.signs

    several = 0
    for id, (_child, said, _) in children().items():
        sizes = [size(change) for change in said.nearest]
        assert sizes == sorted(sizes), id
        several += len({one[:3] for one in sizes}) > 1
        wanted = [frozenset(change.needed) for change in said.nearest]
        assert [(a, b) for n, a in enumerate(wanted) for m, b in enumerate(wanted) if n != m and a <= b] == [], id
    assert several > 20


def a_rule(*signs: Sign) -> Criteria:
    """The city's criteria with other signs of one judgment, any of which is enough for its level 1."""
    criteria = the_criteria()
    rest = tuple(s for s in criteria.signs if s.judgment != "noncognitive")
    return replace(criteria, signs=(*rest, *signs))


def test_every_way_of_a_sign_is_told_but_none_that_asks_for_more_than_another() -> None:
    criteria = the_criteria()
    first, second = (
        Comparison(i, (("at_least", Decimal(4)),)) for i in ("infirmary_worst_month", "absent_worst_month")
    )
    further = Comparison("infirmary_worst_month", (("at_least", Decimal(6)),))
    n3 = replace(criteria.sign("N3"), when=AnyOf((first, second, AllOf((first, second)))))
    more = replace(criteria.sign("N1a"), when=further)
    others = [s for s in criteria.signs if s.judgment == "noncognitive" and s.code not in ("N3", "N1a")]
    values: dict[str, Any] = {i.id: None for i in criteria.indicators}
    values |= {"infirmary_worst_month": Fraction(0), "absent_worst_month": Fraction(0)}
    child = Standing(values, frozenset(), frozenset({"noncognitive"}))
    said = explain(a_rule(n3, more, *others), child)
    ways = [tuple(n.indicator for n in change.needed) for change in said.nearest if change.signs in (("N3",), ("N1a",))]
    assert sorted(ways) == [("absent_worst_month",), ("infirmary_worst_month",)], "both, and neither with more"
