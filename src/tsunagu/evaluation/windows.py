"""Indicators that look further back than the data of a delivery reaches, and how many children that leaves unknown."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.indicators.language import (
    Difference,
    Indicator,
    MeanOfYear,
    MonthsRatio,
    MonthsWeighed,
    OverMonths,
    ValueOfYear,
)
from tsunagu.indicators.load import read_document
from tsunagu.indicators.mistakes import Lines
from tsunagu.indicators.sql_columns import Sources
from tsunagu.indicators.sql_evidence import window
from tsunagu.screening.criteria import Condition, Criteria, comparisons
from tsunagu.screening.screen import Screened


@dataclass(frozen=True)
class Reach:
    """One indicator whose window begins before the first row of its item.

    item      the catalogue item of which nothing so old came
    begins    first day the indicator looks at; data: first day of which the delivery has a value, None if it has none
    unknown   children in scope for whom the indicator is not known, for this reason or another
    signs     codes of the signs that read it
    """

    criteria: str
    indicator: str
    label: str
    item: str
    begins: dt.date
    data: dt.date | None
    unknown: int
    signs: tuple[str, ...] = ()

    def line(self) -> str:
        """The same for a person to read."""
        return f"{self.criteria} {self._said()}"

    def lines(self, path: Path) -> list[str]:
        """The same for each sign that reads it, at the sign's line in the file of the criteria."""
        document, text, _ = read_document(path)
        places, said = Lines(text), [sign for sign in cast(list[dict[str, object]], document.get("sign", []))]
        found = [(places.of("sign", n), str(sign.get("code"))) for n, sign in enumerate(said)]
        return [f"{path.name}:{line} {code}: {self._said()}" for line, code in found if code in self.signs] or [
            self.line()
        ]

    def _said(self) -> str:
        since = f"its data begin on {self.data}" if self.data else "no row of it came"
        many = "1 child is" if self.unknown == 1 else f"{self.unknown:,} children are"
        return (
            f"「{self.label}」: '{self.indicator}' looks at '{self.item}' from {self.begins} on, and"
            f" {since}; {many} unknown in it"
        )


def short_data(criteria: Criteria, screened: Screened, facts: pa.Table, on: dt.date) -> list[Reach]:
    """Every such indicator, in the order of the file.

    Asked of measures for which no row means unknown. In a register without gaps no row is a true no, and its first
    row says nothing of where it begins.

    facts  PERSON_FACTS of the delivery; screened: what the criteria said on it that day
    """
    return list(_reaches(criteria, screened, facts, on))


def _reaches(criteria: Criteria, screened: Screened, facts: pa.Table, on: dt.date) -> Iterator[Reach]:
    sources, by_id = Sources(on, criteria.holiday_months), {i.id: i for i in criteria.indicators}
    first = first_days(facts)
    missing = screened.indicators.filter(pc.equal(screened.indicators.column("state"), "missing"))
    unknown = Counter(missing.column("indicator").to_pylist())
    for indicator in criteria.indicators:
        measure = indicator.measure
        if not isinstance(measure, OverMonths | MonthsWeighed | MonthsRatio | ValueOfYear | MeanOfYear):
            continue  # a difference reads other indicators, each of which is asked itself
        if getattr(measure, "no_row", "unknown") != "unknown":
            continue
        looked = window(indicator, by_id, sources)
        for item in criteria.items_of(indicator.id) if looked else ():
            data = first.get(item)
            if looked and (data is None or data > looked[0]):
                yield Reach(
                    criteria=criteria.name,
                    indicator=indicator.id,
                    label=indicator.label.ja,
                    item=item,
                    begins=looked[0],
                    data=data,
                    unknown=unknown[indicator.id],
                    signs=tuple(s.code for s in criteria.signs if indicator.id in _read_by(s.when, by_id)),
                )


def _read_by(when: Condition, by_id: Mapping[str, Indicator]) -> set[str]:
    """The indicators a condition reads, those behind a difference among them."""
    read = {leaf.indicator for leaf in comparisons(when)}
    for id in list(read):
        measure = by_id[id].measure
        if isinstance(measure, Difference):
            read |= {measure.of, measure.minus}
    return read


def first_days(facts: pa.Table) -> dict[str, dt.date]:
    """The first day of which each item says something; a file without the column for it has rows and says nothing."""
    told = pc.and_(pc.is_valid(facts.column("at")), pc.equal(facts.column("state"), "known"))
    dated = facts.filter(told).group_by("item").aggregate([("at", "min")])
    return dict(zip(dated.column("item").to_pylist(), dated.column("at_min").to_pylist(), strict=True))
