"""The run folder's tables where several holders answered in bands: the same shapes, a band in place of each number.

No row of a department stands behind a band: what a reason rests on is the agreement under which it was answered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from tsunagu.records.run_tables import INDICATORS, JUDGMENTS, NOTICES, REASONS
from tsunagu.screening.banded import BandedOutcome, Range, band_range, holds_in, judge_bands, unanswered
from tsunagu.screening.criteria import Criteria, comparisons

Answer = Mapping[str, Any]


@dataclass(frozen=True)
class Banded:
    """What the criteria say by bands; tables in their shapes, persons named as the caller names them.

    undecided  sign -> children of whom the bands do not say whether it holds
    between    children whose overall level the bands leave between two
    """

    indicators: pa.Table
    judgments: pa.Table
    notices: pa.Table
    reasons: pa.Table
    undecided: Mapping[str, int]
    between: int


def screen_bands(
    criteria: Criteria,
    answers: Mapping[str, Sequence[Answer]],
    values: Mapping[str, tuple[str, ...]],
    on: date,
    noticed_before: Collection[str] = (),
) -> Banded:
    """Everybody of whom holders answered.

    answers  person id -> rows of INDICATOR_ANSWER of whichever holders
    values   indicator -> the bands or codes that its agreement names
    """
    outcomes = {person: judge_bands(criteria, rows, values) for person, rows in answers.items()}
    missing = {person: _missing(criteria, rows, values) for person, rows in answers.items()}
    judgments, notices, reasons = [], [], []
    for person, outcome in outcomes.items():
        judgments += _judgments(criteria, person, outcome, missing[person])
        notices += _notices(criteria, person, outcome, noticed_before)
        reasons += _reasons(criteria, person, outcome, answers[person], missing[person], values)
    between = sum(1 for one in outcomes.values() if one.open_signs and one.at_least != one.at_most)
    return Banded(
        indicators=INDICATORS.sorted(_table(_indicators(answers, on), INDICATORS.schema)),
        judgments=JUDGMENTS.sorted(_table(judgments, JUDGMENTS.schema)),
        notices=NOTICES.sorted(_table(notices, NOTICES.schema)),
        reasons=REASONS.sorted(_table(reasons, REASONS.schema)),
        undecided=dict(Counter(code for one in outcomes.values() for code in one.open_signs)),
        between=between,
    )


def _table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=schema)


def _missing(
    criteria: Criteria, rows: Sequence[Answer], values: Mapping[str, tuple[str, ...]]
) -> list[tuple[str, str, str]]:
    """(code, judgment, indicator) of what is not known."""
    states = {row["indicator"]: row["state"] for row in rows}
    states |= dict.fromkeys(unanswered(criteria, rows, values), "missing")
    return [
        (item.code, item.judgment, id)
        for item in criteria.missing
        for id in item.indicators
        if states.get(id) == "missing"
    ]


def _indicators(answers: Mapping[str, Sequence[Answer]], on: date) -> list[dict[str, Any]]:
    return [
        {
            "person_id": person,
            "indicator": row["indicator"],
            "text": row["band"],
            "text_at_worst": row["band_at_worst"],
            "state": row["state"],
            "as_of": on,
        }
        for person, rows in answers.items()
        for row in rows
    ]


def _judgments(
    criteria: Criteria, person: str, outcome: BandedOutcome, missing: Sequence[tuple[str, str, str]]
) -> list[dict[str, Any]]:
    def row(judgment: str, level: str, low: str, high: str, waiting: Collection[str]) -> dict[str, Any]:
        return {
            "person_id": person,
            "criteria": criteria.name,
            "judgment": judgment,
            "level": level,
            "at_least": low,
            "at_most": high,
            "waiting_for": sorted(waiting),
        }

    found = []
    for id, judged in outcome.judged.items():
        low, high = ("NA" if one is None else str(one) for one in (judged.lower, judged.upper))
        found.append(row(id, judged.level, low, high, {code for code, of, _ in missing if of == id}))
    waiting = {code for code, _, _ in missing}
    overall, low, high = outcome.overall.name, outcome.at_least.name, outcome.at_most.name
    return [*found, row("overall", overall, low, high, waiting)]


def _notices(
    criteria: Criteria, person: str, outcome: BandedOutcome, noticed_before: Collection[str]
) -> list[dict[str, Any]]:
    if not outcome.overall.notice:
        return []
    return [
        {
            "person_id": person,
            "criteria": criteria.name,
            "level": outcome.overall.name,
            "at_most": outcome.at_most.name,
            "rank": outcome.overall.rank,
            "first_reason": next((code for code in criteria.overall.weight if code in outcome.signs), None),
            "is_known_before": person in noticed_before,
        }
    ]


def _reasons(
    criteria: Criteria,
    person: str,
    outcome: BandedOutcome,
    rows: Sequence[Answer],
    missing: Sequence[tuple[str, str, str]],
    values: Mapping[str, tuple[str, ...]],
) -> list[dict[str, Any]]:
    bands = {row["indicator"]: row["band"] for row in rows}
    known: dict[str, Range | None] = {
        id: band_range(criteria.indicator(id), band, values[id]) for id, band in bands.items()
    }
    holders = dict(criteria.holders)

    def row(kind: str, code: str, judgment: str, id: str, text: str | None, limit: Decimal | None) -> dict[str, Any]:
        return {
            "person_id": person,
            "kind": kind,
            "code": code,
            "judgment": judgment,
            "indicator": id,
            "text": text,
            "threshold": limit,
            "series": [],
            "source": ",".join(sorted({holders[item] for item in criteria.items_of(id)})),
            "row_keys": [],
        }

    found = []
    for sign in criteria.signs:
        if sign.code not in outcome.signs:
            continue
        leaves = list(comparisons(sign.when))
        for leaf in leaves:
            # Of a sign that holds in several ways, those are told that hold.
            if len(leaves) == 1 or holds_in(leaf, known) is True:
                limits = [limit for _, limit in leaf.tests if isinstance(limit, Decimal)]
                limit = limits[-1] if limits else None
                found.append(row("sign", sign.code, sign.judgment, leaf.indicator, bands.get(leaf.indicator), limit))
    return [*found, *(row("missing", code, judgment, id, None, None) for code, judgment, id in missing)]
