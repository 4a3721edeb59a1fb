"""What invented holders answer to a run over nodes: bands of everything that the criteria compare, and names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from agreements import an_agreement
from tsunagu.municipality import City
from tsunagu.purposes.agreement import Wanted
from tsunagu.purposes.waiting_answers import WaitingAnswer
from tsunagu.records.answer_tables import INDICATOR_ANSWER, ITEM_ANSWER
from tsunagu.screening.banded import deciding_bands
from tsunagu.screening.criteria import comparisons

ON = dt.date(2026, 9, 30)


def compared(city: City) -> dict[str, tuple[str, ...]]:
    ids = {leaf.indicator for sign in city.criteria.signs for leaf in comparisons(sign.when)}
    return {one.id: deciding_bands(city.criteria, one) for one in city.criteria.indicators if one.id in ids}


def answered(city: City, told: Mapping[bytes, Mapping[str, str | None]], **changed: Any) -> WaitingAnswer:
    """One holder's answer about everything. told: token -> indicator -> band; None: missing; absent: no row."""
    values = compared(city) | changed.pop("bands", {})
    wanted = tuple(Wanted(id, city.criteria.version, "a" * 64, bands) for id, bands in values.items())
    rows = [
        {
            "token": token,
            "indicator": id,
            "version": city.criteria.version,
            "band": band,
            "band_at_worst": band,
            "state": "missing" if band is None else "known",
            "as_of": ON,
        }
        for token, bands in told.items()
        for id, band in bands.items()
    ]
    table = INDICATOR_ANSWER.sorted(pa.Table.from_pylist(rows, schema=INDICATOR_ANSWER.schema))
    return WaitingAnswer(replace(an_agreement(), **{"wanted": wanted, **changed}), table)


def calm(city: City, **bands: str | None) -> dict[str, str | None]:
    """A pupil of whom nothing is to be said, but for these bands."""
    good = {"score": "45+", "scales": "2.5+", "school_aid": "none", "rearing_allowance": "none", "tax_class": "taxed"}
    quiet = {id: good.get(id, values[0]) for id, values in compared(city).items()}
    young = {"checkups_missed", "doses_missing"}
    return {id: band for id, band in {**quiet, **bands}.items() if id not in young}


def named(*persons: tuple[bytes, Mapping[str, str]]) -> WaitingAnswer:
    rows = [
        {"token": token, "item": item, "text": value, "state": "known"}
        for token, said in persons
        for item, value in said.items()
    ]
    table = ITEM_ANSWER.sorted(pa.Table.from_pylist(rows, schema=ITEM_ANSWER.schema))
    return WaitingAnswer(replace(an_agreement(), granularity="item", about="named"), table)
