"""Levels from bands that holders answered: those of the facts wherever the bands decide, else around them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from agreements import an_agreement, signed
from answered import KEY, OnlyIndicators, a_request
from screening_cases import CITY, a_town, compiled, every_measure, the_catalogue
from tsunagu.indicators.language import Indicator
from tsunagu.purposes.agreement import Cohort
from tsunagu.purposes.answering import answer
from tsunagu.purposes.bands import read_bands
from tsunagu.purposes.gate import History, Released
from tsunagu.purposes.grant import Grant, grant
from tsunagu.purposes.tokens import Tokens
from tsunagu.records.stage_tables import PERSON_FACTS
from tsunagu.screening.banded import BandedOutcome, band_range, by_token, deciding_bands, holds_in, judge_bands
from tsunagu.screening.criteria import Criteria, comparisons
from tsunagu.screening.load import load_criteria
from tsunagu.screening.reference import holds
from tsunagu.screening.screen import Screened

ON = dt.date(2026, 9, 30)
SETS = sorted((CITY / "criteria").glob("*.toml"))


class Held(OnlyIndicators):
    """Holdings of one holder: the indicators of a town that rest on items of that holder."""

    def __init__(self, screened: Screened, criteria: Criteria) -> None:
        self.screened, self.criteria = screened, criteria

    def definitions(self) -> Mapping[tuple[str, str], str]:
        return {(indicator.id, "1"): "a" * 64 for indicator in self.criteria.indicators}

    def children(self, cohort: Cohort, on: dt.date) -> Collection[str]:
        return self.screened.indicators.column("person_id").unique().to_pylist()

    def protected(self, on: dt.date) -> Collection[str]:
        return ()

    def facts(self, items: Collection[str], on: dt.date) -> pa.Table:
        return PERSON_FACTS.empty()

    def indicators(self, ids: Collection[str], on: dt.date) -> pa.Table:
        table = self.screened.indicators
        return table.filter(pc.is_in(table.column("indicator"), pa.array(sorted(ids), pa.string())))


def answered(held: Held, bands: Mapping[str, tuple[str, ...]], holder: str) -> list[dict[str, Any]]:
    """The rows one holder answers under an agreement for the indicators that rest on its items first."""
    own = [i.id for i in held.criteria.indicators if _holder(held.criteria, i) == holder and bands[i.id]]
    if not own:
        return []
    wanted = [{"id": id, "version": "1", "sha256": "a" * 64, "values": [*bands[id]]} for id in own]
    agreement = signed(
        an_agreement(
            id=f"A-{holder}",
            holder=holder,
            wanted=wanted,
            cohort={"age_from": 0, "age_to": 18},
            valid_from="2026-04-01",
        )
    )
    given = grant(
        a_request(agreement, on=ON),
        agreement,
        sent_by=agreement.requester,
        today=ON,
        is_relied_on=True,
        definitions=held.definitions(),
        answered={},
    )
    assert isinstance(given, Grant), given
    released = answer(given, held, KEY, History())
    assert isinstance(released, Released), (released, holder)
    rows: list[dict[str, Any]] = pa.ipc.open_stream(released.payload).read_all().to_pylist()
    return rows


def _holder(criteria: Criteria, indicator: Indicator) -> str:
    held = dict(criteria.holders)
    return held[criteria.items_of(indicator.id)[0]]


def outcomes(criteria: Criteria, screened: Screened, bands: Mapping[str, tuple[str, ...]]) -> dict[str, BandedOutcome]:
    held = Held(screened, criteria)
    holders = sorted({_holder(criteria, indicator) for indicator in criteria.indicators})
    assert len(holders) > 1 or len(criteria.indicators) < 4
    found = by_token(row for holder in holders for row in answered(held, bands, holder))
    ids = sorted(held.children(Cohort(0, 18), ON))
    return {
        id: judge_bands(criteria, found.get(token, []), bands)
        for id, token in zip(ids, Tokens(KEY, "2026-09").of(ids), strict=True)
    }


@cache
def a_set(path: Path) -> tuple[Criteria, Screened]:
    criteria = load_criteria(path, the_catalogue().items)
    return criteria, compiled(a_town(7, ON, children=150), criteria, ON)


def from_facts(screened: Screened) -> dict[tuple[str, str], tuple[str, str, str]]:
    return {
        (row["person_id"], row["judgment"]): (row["level"], row["at_least"], row["at_most"])
        for row in screened.judgments.to_pylist()
    }


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_bands_that_decide_give_every_level_of_the_facts(path: Path) -> None:
    criteria, screened = a_set(path)
    bands = {indicator.id: deciding_bands(criteria, indicator) for indicator in criteria.indicators}
    expected = from_facts(screened)
    for id, outcome in outcomes(criteria, screened, bands).items():
        assert outcome.open_signs == ()
        said = (outcome.overall.name, outcome.at_least.name, outcome.at_most.name)
        assert said == expected[id, "overall"], id
        for judgment, judged in outcome.judged.items():
            assert judged.level == expected[id, judgment][0], (id, judgment)


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_bands_that_do_not_decide_say_so_and_hold_the_level_between_them(path: Path) -> None:
    criteria, screened = a_set(path)
    bands = {}
    for indicator in criteria.indicators:
        fine = deciding_bands(criteria, indicator)
        bands[indicator.id] = ("under 1", "1+") if fine and fine[0].startswith("under") else fine
    expected = from_facts(screened)
    ranks = {level.name: level.rank for level in (*criteria.overall.rows, criteria.overall.none)}
    ranks[criteria.overall.none.name] = len(ranks) + 1
    wide = 0
    for id, outcome in outcomes(criteria, screened, bands).items():
        _level, at_least, at_most = expected[id, "overall"]
        assert ranks[outcome.at_least.name] >= ranks[at_least], id
        assert ranks[outcome.at_most.name] <= ranks[at_most], id
        differs = (outcome.at_least.name, outcome.at_most.name) != (at_least, at_most)
        assert outcome.open_signs or not differs, id
        wide += bool(outcome.open_signs)
    assert wide or all(not band or band[0] != "under 1" for band in bands.values())


def test_the_bands_of_every_comparison_and_measure_decide_it_or_are_none() -> None:
    criteria = every_measure()
    screened = compiled(a_town(9, ON, children=120), criteria, ON)
    bands = {indicator.id: deciding_bands(criteria, indicator) for indicator in criteria.indicators}
    numbers = {
        (row["person_id"], row["indicator"]): row["number"]
        for row in screened.indicators.to_pylist()
        if row["number"] is not None
    }

    checked = 0
    for sign in criteria.signs:
        for compared in comparisons(sign.when):
            named = read_bands(bands[compared.indicator])
            for (_person, id), number in numbers.items():
                if id == compared.indicator and named is not None:
                    band = named.of(Decimal(number))
                    assert band is not None
                    found = holds_in(compared, {id: band_range(criteria.indicator(id), band, named.names)})
                    assert found is holds(compared, {id: Fraction(number)}), (sign.code, id, number, band)
                    checked += 1
    assert checked > 300
