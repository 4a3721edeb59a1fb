"""Items of the protocol on the estimate: coverage, error of "low", calibration, groups (A5, A6, A10, E1, E2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import exp

from tsunagu.errors import StateError
from tsunagu.estimates.bounds import interval
from tsunagu.estimates.estimate import Estimate, Speaker, Statement, band_of
from tsunagu.estimates.fit import slope_of
from tsunagu.estimates.train import KnownCase, train
from tsunagu.evaluation.case_folder import Case
from tsunagu.evaluation.protocol import Item, Verdict, lacking, reached, share_item
from tsunagu.guidance.sheet import Sheet

FOLLOWED = 12
LEAST_OUTCOMES = 5_000
LEAST_OF_A_GROUP = 100
LEAST_OF_A_TYPE = 40
MOST_GAP = 0.05
TYPES = ("physical", "neglect", "psychological", "sexual")
_GROUPS: tuple[tuple[str, Callable[[Case], object]], ...] = (
    ("sex", lambda case: case.about["sex"]),
    (
        "age",
        lambda case: min(
            3, (case.about["age_years"] >= 3) + (case.about["age_years"] >= 6) + (case.about["age_years"] >= 12)
        ),
    ),
    ("nationality", lambda case: case.about["nationality"]),
    ("disability", lambda case: case.about["disability"]),
    ("welfare", lambda case: case.about["welfare"]),
)


def known_case(case: Case) -> KnownCase:
    """A case as the estimate learns from it; whom nobody followed to the end is lost, unless harm came."""
    outcome = case.outcome
    stayed = case.decision is None or case.decision["decided"] == "home"
    harmed: bool | None = None
    if outcome is not None and stayed:
        month = outcome["severe_harm_month"]
        harmed = month <= FOLLOWED if month is not None else False if outcome["followed_months"] >= FOLLOWED else None
    order = -(case.floor + case.demanded / 10)
    return KnownCase(case.answers, case.about["centre"], case.calls_now, order, stayed, harmed)


@dataclass(frozen=True)
class Spoken:
    """A held-out case with what the estimate says of it."""

    case: Case
    known: KnownCase
    statement: Statement
    points: int

    @property
    def is_decided(self) -> bool:
        """Whether the tool says anything: protection now by what is known, or "low"."""
        return self.case.demanded == 1 or self.statement.zone == "low"


@dataclass(frozen=True)
class Held:
    """An estimate of the earlier cases, and the later ones with what it says of them."""

    estimate: Estimate
    spoken: tuple[Spoken, ...]


def hold_out(sheet: Sheet, teach: Sequence[Case], held: Sequence[Case], alpha: float) -> Held:
    """Made from the one, speaking of the other; StateError where the one are too few."""
    made_on: dt.date = max(case.about["received_on"] for case in teach)
    estimate = train(sheet, [known_case(case) for case in teach], alpha=alpha, made_on=made_on)
    speaker = Speaker(estimate, sheet)
    spoken = []
    for case in held:
        centre = case.about["centre"]
        said = speaker.say_beside(case.answers, centre, asks_protection=case.calls_now, is_on=True)
        spoken.append(Spoken(case, known_case(case), said, speaker.points(case.answers, centre)))
    return Held(estimate, tuple(spoken))


def coverage_items(held: Held) -> list[Item]:
    """A5: of how many cases anything is said, overall and by type of abuse."""
    spoken = held.spoken
    decided = sum(one.is_decided for one in spoken)
    asked = "cases of which something is said, 60 % or more"
    items = [share_item("A5", asked, decided, len(spoken), decided >= 0.6 * len(spoken))]
    for type in TYPES:
        asked = f"of {type} abuse, 40 % or more"
        own = [one for one in spoken if one.case.about["abuse"] == type]
        if len(own) < LEAST_OF_A_TYPE:
            items.append(lacking("A5b", asked, f"{len(own)} of {LEAST_OF_A_TYPE} cases", len(own)))
            continue
        decided = sum(one.is_decided for one in own)
        items.append(share_item("A5b", asked, decided, len(own), decided >= 0.4 * len(own)))
    why = "people have to judge why nothing was said"
    return [*items, lacking("A5c", "reasons for saying nothing judged valid, 90 % or more", why)]


def zone_items(held: Held) -> list[Item]:
    """E1 and E2: severe harm among those called low, and whether the estimate is better than the floor alone."""
    estimate = held.estimate
    asked = f"severe harm at home among those called low, {estimate.alpha:.1%} at most"
    low = [one for one in held.spoken if one.statement.zone == "low"]
    critical = sum(one.case.agreed == 1 for one in low)
    truths = [one.case.truth["harm_at_home"] for one in low if one.case.truth]
    known = [one for one in low if one.known.harmed is not None]
    harmed = sum(bool(one.known.harmed) for one in known)
    if not low:
        first = lacking("E1", asked, "the estimate calls nobody low")
    elif len(truths) == len(low):
        error = sum(truths) / len(truths)
        told = f"{error:.2%} by the simulated truth ({len(low):,} called low, {critical} of them critical)"
        first = Item("E1", asked, told, reached(error <= estimate.alpha), error, n=len(low))
    else:
        # Too many by chance alone is no miss: the lower bound has to lie above.
        least, most = interval(harmed, len(known), 0.90)
        told = f"{harmed} of {len(known):,} (90 % interval {least:.2%} to {most:.2%})"
        verdict = reached(least <= estimate.alpha) if known else Verdict.NOT_IN_THE_DATA
        first = Item("E1", asked, told, verdict, harmed / max(1, len(known)), least, most, len(known))
    lift = estimate.lift
    told = (
        f"area {lift['with']:.3f} against {lift['floor']:.3f} "
        f"(difference, 95 % interval {lift['least']:+.3f} to {lift['most']:+.3f})"
    )
    asked = "the estimate tells apart better than the floor alone, beyond chance"
    second = Item("E2", asked, told, reached(estimate.ships), lift["with"] - lift["floor"], lift["least"], lift["most"])
    return [first, second]


def calibration_items(sheet: Sheet, cases: Sequence[Case], held: Held) -> list[Item]:
    """A6: whether figures mean what they say, on later cases and on each centre that was left out."""
    asked = (
        "calibration slope 0.8 to 1.2 with each centre left out",
        "expected and seen differ by 2 points at most",
        "bounds of the bands hold for 93 % or more",
        "calibration slope on the later cases, 0.8 to 1.2",
    )
    codes = ("A6", "A6b", "A6c", "A6d")
    known = sum(known_case(case).harmed is not None for case in cases)
    later = _slope("A6d", asked[3], held.spoken)
    if known < LEAST_OUTCOMES:
        why = f"{known:,} of {LEAST_OUTCOMES:,} outcomes are known"
        return [*(lacking(code, one, why, known) for code, one in zip(codes[:3], asked[:3], strict=True)), later]
    try:
        left = [Held(held.estimate, held.spoken), *_each_left_out(sheet, cases, held.estimate.alpha)]
    except StateError as error:
        return [*(lacking(code, one, error.what, known) for code, one in zip(codes[:3], asked[:3], strict=True)), later]
    spoken = [one for each in left[1:] for one in each.spoken]
    holds = [one for each in left for one in _bands_that_hold(each)]
    expected = _expected(spoken)
    parts = [expected[len(expected) * part // 10 : len(expected) * (part + 1) // 10] for part in range(10)]
    apart = sum(abs(sum(p - y for p, y in part)) for part in parts) / len(expected)
    gap = Item(
        "A6b", asked[1], f"{apart * 100:.2f} points ({len(expected):,})", reached(apart <= 0.02), apart, n=len(expected)
    )
    band = share_item("A6c", asked[2], sum(holds), len(holds), sum(holds) >= 0.93 * len(holds))
    return [_slope("A6", asked[0], spoken), gap, band, later]


def _each_left_out(sheet: Sheet, cases: Sequence[Case], alpha: float) -> Iterator[Held]:
    for centre in sorted({case.about["centre"] for case in cases}):
        own = [case for case in cases if case.about["centre"] == centre]
        yield hold_out(sheet, [case for case in cases if case.about["centre"] != centre], own, alpha)


def _expected(spoken: Sequence[Spoken]) -> list[tuple[float, bool]]:
    """Expected and seen of those whose outcome is known, the least expected first."""
    known = (one for one in spoken if one.known.harmed is not None)
    return sorted((1 / (1 + exp(-one.points / 1000)), bool(one.known.harmed)) for one in known)


def _slope(code: str, asked: str, spoken: Sequence[Spoken]) -> Item:
    known = [one for one in spoken if one.known.harmed is not None]
    harmed = [bool(one.known.harmed) for one in known]
    if sum(harmed) < 20:
        return lacking(code, asked, f"{sum(harmed)} of 20 cases with severe harm", len(known))
    slope, _, error = slope_of([one.points / 1000 for one in known], harmed, [1.0] * len(known))
    told = f"{slope:.2f} (95 % interval {slope - 1.96 * error:.2f} to {slope + 1.96 * error:.2f}; {len(known):,} cases)"
    return Item(
        code, asked, told, reached(0.8 <= slope <= 1.2), slope, slope - 1.96 * error, slope + 1.96 * error, len(known)
    )


def _bands_that_hold(held: Held) -> Iterator[bool]:
    """Of each band with cases enough whether its bounds and those of what was seen meet."""
    for band in held.estimate.bands:
        own = [
            one for one in held.spoken if one.known.harmed is not None and band_of(held.estimate, one.points) == band
        ]
        if len(own) >= 30:
            least, most = interval(sum(bool(one.known.harmed) for one in own), len(own))
            yield least <= band.most and most >= band.least


def group_items(held: Held) -> list[Item]:
    """A10: gaps between groups: critical cases called too low, saying nothing, expected against seen."""
    items = []
    for name, group_of in _GROUPS:
        asked = f"by {name}, no gap above {MOST_GAP * 100:.0f} points"
        groups = sorted({group_of(one.case) for one in held.spoken if group_of(one.case) is not None}, key=str)
        gaps = [gap for group in groups for gap in _gaps(held.spoken, group_of, group)]
        if len(groups) < 2 or not gaps:
            items.append(lacking("A10", asked, f"fewer than {LEAST_OF_A_GROUP} cases of each group"))
            continue
        what, group, least, most = max(gaps, key=lambda gap: max(-gap[2], gap[3]))
        told = f"widest: {what} of group {group}, 95 % interval {least * 100:+.1f} to {most * 100:+.1f} points"
        if all(low >= -MOST_GAP and high <= MOST_GAP for _, _, low, high in gaps):
            verdict = Verdict.REACHED
        elif any(low > MOST_GAP or high < -MOST_GAP for _, _, low, high in gaps):
            verdict = Verdict.MISSED
        else:
            verdict, told = Verdict.NOT_IN_THE_DATA, f"{told}: too few cases to exclude a gap"
        items.append(Item("A10", asked, told, verdict, None, least, most, len(held.spoken)))
    return items


def _gaps(
    spoken: Sequence[Spoken], group_of: Callable[[Case], object], group: object
) -> Iterator[tuple[str, object, float, float]]:
    """Of one group against all others: what differs, and the bounds of the difference (Newcombe, of exact bounds)."""
    own = [one for one in spoken if group_of(one.case) == group]
    rest = [one for one in spoken if group_of(one.case) not in (group, None)]
    if min(len(own), len(rest)) < LEAST_OF_A_GROUP:
        return
    yield ("saying nothing", group, *_difference(own, rest, lambda one: not one.is_decided))
    critical = tuple([one for one in each if one.case.agreed == 1] for each in (own, rest))
    if min(len(one) for one in critical) >= 30:
        yield ("called too low", group, *_difference(critical[0], critical[1], lambda one: not one.case.calls_now))
    known = [[one for one in each if one.known.harmed is not None] for each in (own, rest)]
    if min(len(one) for one in known) >= LEAST_OF_A_GROUP:
        seen = _difference(known[0], known[1], lambda one: bool(one.known.harmed))
        expected = [sum(1 / (1 + exp(-one.points / 1000)) for one in each) / len(each) for each in known]
        shift = expected[0] - expected[1]
        yield "harm beyond what was expected", group, seen[0] - shift, seen[1] - shift


def _difference(own: Sequence[Spoken], rest: Sequence[Spoken], holds: Callable[[Spoken], bool]) -> tuple[float, float]:
    counts = [(sum(holds(one) for one in each), len(each)) for each in (own, rest)]
    (p, (p_low, p_high)), (q, (q_low, q_high)) = ((events / of, interval(events, of)) for events, of in counts)
    under, over = ((p - p_low) ** 2 + (q_high - q) ** 2) ** 0.5, ((p_high - p) ** 2 + (q - q_low) ** 2) ** 0.5
    return p - q - under, p - q + over
