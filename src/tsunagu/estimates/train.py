"""Makes an estimate of recurrence at home from cases whose outcome the centre does not control.

Half of the cases teach, half measure. A child that was protected cannot come to harm at home, so who stayed is weighed
by one over the chance of staying (inverse probability of treatment): what is estimated is the risk at home of all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, log

from tsunagu.errors import StateError
from tsunagu.estimates.bounds import interval, least_clean, lower, upper
from tsunagu.estimates.estimate import THOUSAND, Band, CentreNote, Estimate, Speaker, rarity_of, usual_of
from tsunagu.estimates.fit import Fitted, fit_rising, lift_of, scale_of
from tsunagu.estimates.steps import Steps, unknown_of
from tsunagu.guidance.answers import Answers
from tsunagu.guidance.sheet import Sheet

#: Declared before any data is seen; they are not searched for.
RIDGE = 8.0
MOST_WEIGHT = 10.0
MOST_UNKNOWN = 6
LEAST_OF_A_CENTRE = 60
LEAST_OF_A_BAND = 150
LEAST_HARMED = 20
_GRID = 25
#: So many harmed children of a centre weigh as much as all other centres together.
_CENTRE_PRIOR = 8.0
_RADIUS = 0.99


@dataclass(frozen=True)
class KnownCase:
    """A case to learn from.

    asks_protection  the floor's word on it: of such a case nothing will be said
    order            what the floor alone says: the larger, the more urgent
    stayed           whether the child stayed at home
    harmed           substantiated severe harm within twelve months at home; None: protected, or lost sight of
    """

    answers: Answers
    centre: str
    asks_protection: bool
    order: float
    stayed: bool
    harmed: bool | None


@dataclass(frozen=True)
class Row:
    """A case with the steps it climbs, its weight and its points."""

    case: KnownCase
    steps: tuple[int, ...]
    weight: float = 1.0
    points: int = 0


def train(sheet: Sheet, cases: Sequence[KnownCase], *, alpha: float, made_on: dt.date) -> Estimate:
    """The estimate of these cases, in their order of time; StateError where they are too few to learn from.

    alpha   the share of severe harm below which the zone "low" is to stay, above 0 and below 1
    """
    if not 0 < alpha < 1:
        raise StateError(f"{alpha} is no share that can be promised", to_do="Give one above 0 and below 1.")
    steps = Steps(sheet)
    rows = [Row(case, steps.climbed(case.answers)) for case in cases]
    teach, measure = rows[::2], rows[1::2]
    harmed = [sum(bool(row.case.harmed) for row in half) for half in (teach, measure)]
    if min(harmed) < LEAST_HARMED:
        raise StateError(
            f"{min(harmed)} cases of one half came to severe harm", to_do=f"At least {LEAST_HARMED} are needed in each."
        )
    width = len(steps.names)
    left = [not row.case.stayed for row in teach]
    # Where every child stayed, as at a city that protects nobody itself, there is nothing to weigh by.
    stays = _fit(teach, left, [1.0] * len(teach), width) if any(left) else None
    teach, measure = weighed(teach, stays), weighed(measure, stays)
    risk = _fit(teach, [bool(row.case.harmed) for row in teach], [row.weight for row in teach], width)
    shifts = _shifts(teach, risk)
    raw = [_log_odds(row, risk) + shifts.get(row.case.centre, 0.0) for row in measure]
    slope, intercept = scale_of(raw, [bool(row.case.harmed) for row in measure], [row.weight for row in measure])
    terms = {
        name: round(coefficient * slope * THOUSAND)
        for name, coefficient in zip(steps.names, risk.coefficients, strict=True)
        if round(coefficient * slope * THOUSAND) > 0
    }
    usual = usual_of([row.case.answers for row in rows[::2]], tuple(one.id for one in sheet.questions))
    rarities = sorted(rarity_of(usual, row.case.answers) for row in rows[1::2])
    return _measured(
        sheet,
        measure,
        rows[1::2],
        Estimate(
            sheet=sheet.name,
            made_on=made_on.isoformat(),
            intercept=round((risk.intercept * slope + intercept) * THOUSAND),
            terms=terms,
            centres={
                name: CentreNote(round(shifts.get(name, 0.0) * slope * THOUSAND), 0, True)
                for name in sorted({case.centre for case in cases})
            },
            bands=(),
            alpha=alpha,
            low_below=None,
            zone={},
            lift={},
            usual=usual,
            radius=rarities[min(len(rarities) - 1, ceil(_RADIUS * len(rarities)))],
            most_unknown=MOST_UNKNOWN,
            spread_at=(),
            spread=(),
            counts={
                "cases": len(cases),
                "stayed": sum(case.stayed for case in cases),
                "harmed": sum(harmed),
                "teach": len(teach),
                "measure": len(measure),
                "largest_weight": max(row.weight for row in (*teach, *measure)),
            },
        ),
    )


def _fit(rows: Sequence[Row], happened: Sequence[bool], weights: Sequence[float], width: int) -> Fitted:
    steps = [row.steps for row in rows]
    return fit_rising(steps, happened, weights, width=width, ridge=RIDGE, offset=[0.0] * len(rows))


def weighed(rows: Sequence[Row], stays: Fitted | None) -> list[Row]:
    """Those whose outcome at home is known, each weighed by one over its chance of having stayed.

    stays   log-odds of having left; None: nobody left
    """
    found = []
    for row in rows:
        if row.case.harmed is not None:
            left = 1 / (1 + exp(-_log_odds(row, stays))) if stays is not None else 0.0
            found.append(Row(row.case, row.steps, min(MOST_WEIGHT, 1 / max(1e-6, 1 - left))))
    return found


def _log_odds(row: Row, fitted: Fitted) -> float:
    return fitted.intercept + sum(fitted.coefficients[step] for step in row.steps)


def _shifts(rows: Sequence[Row], risk: Fitted) -> dict[str, float]:
    """By how many log-odds each centre's cases come to harm more often, drawn towards none where it has few."""
    seen: dict[str, list[float]] = {}
    for row in rows:
        counts = seen.setdefault(row.case.centre, [0.0, 0.0])
        counts[0] += row.weight * bool(row.case.harmed)
        counts[1] += row.weight / (1 + exp(-_log_odds(row, risk)))
    return {name: log((came + _CENTRE_PRIOR) / (due + _CENTRE_PRIOR)) for name, (came, due) in seen.items()}


def _measured(sheet: Sheet, measure: Sequence[Row], every: Sequence[Row], draft: Estimate) -> Estimate:
    """Bands, zone, lift, centres and spread: what the half that did not teach says of the draft."""
    speaker = Speaker(draft, sheet)
    rows = [Row(row.case, row.steps, row.weight, speaker.points(row.case.answers, row.case.centre)) for row in measure]
    lift = lift_of(
        [row.points for row in rows],
        [row.case.order for row in rows],
        [bool(row.case.harmed) for row in rows],
        [row.weight for row in rows],
    )
    reach = [row for row in rows if _is_within(draft, sheet, row.case)]
    low_below, zone = low_zone(reach, draft.alpha)
    protected = [
        row
        for row in every
        if not row.case.stayed
        and _is_within(draft, sheet, row.case)
        and low_below is not None
        and speaker.points(row.case.answers, row.case.centre) < low_below
    ]
    if zone:
        # The bound of whoever does not trust the weights: those who stayed as they were counted, one by one, and every
        # protected child had come to harm at home.
        low = [row for row in reach if low_below is not None and row.points < low_below]
        events = sum(bool(row.case.harmed) for row in low) + len(protected)
        zone["if_all_protected"] = upper(events, len(low) + len(protected))
    points = sorted(speaker.points(row.case.answers, row.case.centre) for row in every)
    edges = tuple(sorted({points[len(points) * part // 10] for part in range(1, 10)}))
    counts = [
        sum(low <= one < high for one in points) for low, high in zip((-(10**9), *edges), (*edges, 10**9), strict=True)
    ]
    return Estimate(
        **{
            **vars(draft),
            "bands": _bands(rows),
            "low_below": low_below,
            "zone": zone,
            "lift": dict(zip(("with", "floor", "least", "most"), (round(one, 4) for one in lift), strict=True)),
            "centres": {
                name: _centre(name, note, reach, draft.alpha, low_below) for name, note in draft.centres.items()
            },
            "spread_at": edges,
            "spread": tuple((n + 0.5) / (len(points) + 0.5 * len(counts)) for n in counts),
        }
    )


def _is_within(draft: Estimate, sheet: Sheet, case: KnownCase) -> bool:
    """Whether anything would be said of the case: the zone is measured on such cases alone."""
    return (
        not case.asks_protection
        and unknown_of(sheet, case.answers) <= draft.most_unknown
        and rarity_of(draft.usual, case.answers) <= draft.radius
    )


def low_zone(rows: Sequence[Row], alpha: float) -> tuple[int | None, dict[str, float]]:
    """The widest zone "low": from the least points up, one step after the other, until the bound is first passed.

    The steps are fixed before an outcome is looked at, and the first that fails ends it, so that the whole has the
    certainty of one (fixed-sequence testing).
    """
    ordered = sorted(rows, key=lambda row: row.points)
    first = min(len(ordered), max(least_clean(alpha), len(ordered) // 2))
    found: tuple[int | None, dict[str, float]] = (None, {})
    for step in range(_GRID + 1):
        size = first + (len(ordered) - first) * step // _GRID
        if not size:
            break
        below = ordered[size - 1].points + 1
        inside = [row for row in ordered if row.points < below]
        events, of = _effective(inside)
        bound = upper(events, of)
        if bound > alpha:
            break
        found = below, {"n": of, "events": events, "error": events / of, "bound": bound}
    return found


def _effective(rows: Sequence[Row]) -> tuple[float, float]:
    """Events and cases as an unweighted sample of the same certainty would have them."""
    total = sum(row.weight for row in rows)
    of = total**2 / sum(row.weight**2 for row in rows)
    share = sum(row.weight for row in rows if row.case.harmed) / total
    return share * of, of


def _bands(rows: Sequence[Row]) -> tuple[Band, ...]:
    """Bands of equal number over the cases that measured, each with exact bounds."""
    ordered = sorted(rows, key=lambda row: row.points)
    parts = max(1, min(8, len(ordered) // LEAST_OF_A_BAND))
    found: list[Band] = []
    start = 0
    for part in range(1, parts + 1):
        below = ordered[len(ordered) * part // parts - 1].points + 1 if part < parts else 10**9
        end = next((place for place, row in enumerate(ordered) if row.points >= below), len(ordered))
        if end > start:
            events, of = _effective(ordered[start:end])
            least, most = interval(events, of)
            found.append(Band(below, int(of), round(least, 4), round(most, 4)))
        start = end
    return tuple(found)


def _centre(name: str, note: CentreNote, reach: Sequence[Row], alpha: float, low_below: int | None) -> CentreNote:
    """Whether "low" is said at a centre: it has enough cases, and its own error is not shown to be above the limit."""
    own = [row for row in reach if row.case.centre == name]
    low = [row for row in own if low_below is not None and row.points < low_below]
    events, of = _effective(low) if low else (0.0, 0.0)
    return CentreNote(note.shift, len(own), len(own) >= LEAST_OF_A_CENTRE and lower(events, of) <= alpha)
