"""What an estimate says and when it is silent: terms that add up, no graver answer that lowers, a switch, a card."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from learnt import ALPHA, DAY, MANY, SHEET, an_estimate, known_of
from sheets import a_step_worse
from tsunagu.errors import EngineError, SourceError, StateError
from tsunagu.estimates.bounds import upper
from tsunagu.estimates.card import model_card, save_estimate
from tsunagu.estimates.estimate import (
    CAUSES,
    LEAST_FOR_DRIFT,
    Speaker,
    as_text,
    drift_of,
    of_text,
    points_of,
    rarity_of,
)
from tsunagu.estimates.fit import fit_rising, lift_of, slope_of
from tsunagu.estimates.steps import Steps, unknown_of
from tsunagu.estimates.switch import is_on
from tsunagu.estimates.train import LEAST_OF_A_CENTRE, MOST_WEIGHT, RIDGE, Row, train, weighed
from tsunagu.guidance.answers import UNKNOWN, Answer, State
from tsunagu.guidance.floor import stand
from tsunagu.simulated_cases import draw_cases

CASES = list(draw_cases(1_500, 77))
SPEAKER = Speaker(an_estimate(), SHEET)
LOW = next(c for c in CASES if SPEAKER.say(c.answers, c.causes.centre.id, is_on=True).zone == "low")


def say(answers=LOW.answers, centre=LOW.causes.centre.id, *, estimate=None, is_on=True, drift=0.0):  # type: ignore[no-untyped-def]
    return Speaker(estimate or an_estimate(), SHEET).say(answers, centre, is_on=is_on, drift=drift)


def test_the_terms_add_up_exactly() -> None:
    estimate = an_estimate()
    for case in CASES[:300]:
        centre = case.causes.centre.id
        said = SPEAKER.say(case.answers, centre, is_on=True)
        if said.terms:
            total = estimate.intercept + estimate.centres[centre].shift + sum(points for _, points in said.terms)
            assert SPEAKER.points(case.answers, centre) == total
            assert [points for _, points in said.terms] == sorted((p for _, p in said.terms), reverse=True)
    assert points_of(estimate, "nowhere", ()) == estimate.intercept


def test_no_graver_answer_lowers_it() -> None:
    assert min(an_estimate().terms.values()) > 0
    tried = 0
    for seed, case in enumerate(CASES[:600]):
        chance = random.Random(seed)
        question = chance.choice(SHEET.questions)
        worse = a_step_worse(question, case.answers.get(question.id), chance)
        # A place that becomes another is no graver place, and a grade that becomes open is not known.
        if worse is not None and worse.grade and (worse.sites or not question.has_sites):
            now = SPEAKER.points(case.answers, "north")
            assert SPEAKER.points({**case.answers, question.id: worse}, "north") >= now, (seed, question.id)
            tried += 1
    assert tried > 250


def test_what_is_not_known_never_counts_for_less_than_absent() -> None:
    steps = Steps(SHEET)
    assert [steps.names[one] for one in steps.climbed({"fear": UNKNOWN})] == ["fear.unknown"]
    # Present, and how grave is not known: the mildest that is sure, and that it is open.
    half = {"fear": Answer(State.PRESENT, source="x")}
    assert [steps.names[one] for one in steps.climbed(half)] == ["fear>=1", "fear.unknown"]
    for case in CASES[:200]:
        for id in ("injury", "fear", "past_reports", "violence_at_home"):
            absent = {name: one for name, one in case.answers.items() if name != id}
            assert SPEAKER.points({**absent, id: UNKNOWN}, "north") >= SPEAKER.points(absent, "north")


def test_it_leaves_the_floor_alone() -> None:
    """Nothing that it says of a case for which protection is to be talked about, and the floor never asks for it."""
    for case in CASES[:300]:
        before = stand(SHEET, case.answers)
        said = SPEAKER.say(case.answers, case.causes.centre.id, is_on=True)
        assert stand(SHEET, case.answers) == before
        if before.asks_protection:
            assert (said.zone, said.cause, said.band, said.terms) == ("none", "floor", None, ())


def test_each_silence_has_its_cause() -> None:
    estimate = an_estimate()
    assert say().zone == "low"
    open_ones = {id: UNKNOWN for id in ("hospital", "dark_look", "body_symptoms", "substances", "new_person", "care")}
    many_open = {**LOW.answers, **open_ones, "home_change": UNKNOWN, "nobody_protects": UNKNOWN}
    critical = next(case for case in CASES if stand(SHEET, case.answers).asks_protection)
    refused = replace(estimate, lift={**estimate.lift, "least": -0.001})
    few = replace(estimate, centres={})
    found = {
        "off": say(is_on=False),
        "refused": say(estimate=refused),
        "sheet": say(estimate=replace(estimate, sheet="urgency@2020.1")),
        "floor": say(critical.answers, critical.causes.centre.id),
        "unknown": say(many_open),
        "distance": say(estimate=replace(estimate, radius=0)),
        "centre": say(estimate=few),
        "drift": say(drift=0.3),
        "untried": say(drift=None),
        "zone": say(estimate=replace(estimate, low_below=None)),
    }
    assert set(found) == set(CAUSES)
    for cause, said in found.items():
        assert (said.zone, said.cause) == ("none", cause)
    # An interval with its n is shown where it is only not "low"; everywhere else nothing is.
    assert found["zone"].band is not None
    assert all(said.band is None for cause, said in found.items() if cause != "zone")


def test_it_is_off_from_the_moment_that_its_file_says_so(tmp_path: Path) -> None:
    switch = tmp_path / "estimate"
    assert not is_on(switch)
    for written, on in (("on\n", True), ("off", False), ("", False), ("ON", False), ("on", True)):
        switch.write_text(written, encoding="utf-8")
        assert is_on(switch) is on
        assert (say(is_on=is_on(switch)).zone == "low") is on
    switch.write_bytes(b"\xff\xfe")
    assert not is_on(switch)
    switch.unlink()
    switch.mkdir()
    assert not is_on(switch)


def test_it_is_refused_where_its_lift_over_the_floor_is_chance(tmp_path: Path) -> None:
    """Outcomes that have nothing to do with the signs."""
    known = [known_of(case) for case in draw_cases(3_000, 4)]
    chance = random.Random(9)
    blind = [replace(one, harmed=None if one.harmed is None else chance.random() < 0.05) for one in known]
    estimate = train(SHEET, blind, alpha=ALPHA, made_on=DAY)
    assert estimate.lift["least"] <= 0
    assert not estimate.ships
    assert say(estimate=estimate).cause == "refused"
    assert "使えない" in model_card(estimate, "ja")
    with pytest.raises(StateError, match="is not kept"):
        save_estimate(estimate, tmp_path / "refused")
    assert not (tmp_path / "refused").exists()
    save_estimate(an_estimate(), tmp_path / "kept")
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {"estimate.json", "card.ja.md", "card.en.md"}
    assert of_text((tmp_path / "kept" / "estimate.json").read_text(encoding="utf-8")) == an_estimate()
    with pytest.raises(SourceError, match="already there"):
        save_estimate(an_estimate(), tmp_path / "kept")


def test_who_is_like_the_floor_learns_nothing_from_it() -> None:
    """Points that order as the floor does have no lift, however good both are."""
    order = [float(case.urgency == 1) for case in CASES]
    happened = [case.harm_at_home > 0.05 for case in CASES]
    with_it, floor, least, most = lift_of(order, order, happened, [1.0] * len(order))
    assert with_it == floor > 0.6
    assert least == most == 0.0


def test_too_few_cases_teach_nothing() -> None:
    with pytest.raises(StateError, match="came to severe harm"):
        train(SHEET, [known_of(case) for case in CASES[:400]], alpha=ALPHA, made_on=DAY)
    with pytest.raises(EngineError, match="nothing to learn"):
        fit_rising([()] * 5, [False] * 5, [1.0] * 5, width=0, ridge=1.0, offset=[0.0] * 5)


def test_a_step_that_would_lower_has_no_coefficient() -> None:
    chance = random.Random(5)
    rows = [tuple(step for step in range(3) if chance.random() < 0.5) for _ in range(4_000)]
    happened = [chance.random() < (0.1 + 0.3 * (0 in row) - 0.09 * (1 in row)) for row in rows]
    fitted = fit_rising(rows, happened, [1.0] * len(rows), width=3, ridge=1.0, offset=[0.0] * len(rows))
    assert fitted.coefficients[0] > 1.0
    assert fitted.coefficients[1] == 0.0
    assert 0 <= fitted.coefficients[2] < 0.2
    # Where no bound is touched the slopes of the likelihood are nought: it is the best there is.
    points = [fitted.intercept + sum(fitted.coefficients[step] for step in row) for row in rows]
    slope, intercept, error = slope_of(points, happened, [1.0] * len(rows))
    assert abs(slope - 1) < 3 * error
    assert abs(intercept) < 0.2


def test_weights_undo_what_protection_took_away() -> None:
    """Of the gravest many were protected. Who stayed stands, weighed, for all; unweighed, harm would look rarer."""
    cases = list(draw_cases(4_000, 2))
    steps = Steps(SHEET)
    rows = [Row(known_of(case), steps.climbed(case.answers)) for case in cases]
    stays = fit_rising(
        [row.steps for row in rows],
        [not row.case.stayed for row in rows],
        [1.0] * len(rows),
        width=len(steps.names),
        ridge=RIDGE,
        offset=[0.0] * len(rows),
    )
    weights = [row.weight for row in weighed(rows, stays)]
    stayed = [case.harm_at_home for case, row in zip(cases, rows, strict=True) if row.case.harmed is not None]
    truth = sum(case.harm_at_home for case in cases) / len(cases)
    naive = sum(stayed) / len(stayed)
    mended = sum(one * weight for one, weight in zip(stayed, weights, strict=True)) / sum(weights)
    assert naive < 0.9 * truth
    assert abs(mended - truth) < 0.3 * abs(naive - truth)
    assert 1.0 <= min(weights) < max(weights) <= MOST_WEIGHT


def test_a_centre_with_few_cases_is_told_nothing() -> None:
    known = [known_of(case) for case in draw_cases(5_000, 2)]
    few = [replace(one, centre="new") if place % 200 == 0 else one for place, one in enumerate(known)]
    estimate = train(SHEET, few, alpha=ALPHA, made_on=DAY)
    assert estimate.centres["new"].n < LEAST_OF_A_CENTRE
    assert not estimate.centres["new"].speaks
    assert estimate.centres["north"].speaks


def test_cases_of_another_kind_are_drift() -> None:
    estimate = an_estimate()
    points = [SPEAKER.points(case.answers, case.causes.centre.id) for case in CASES]
    drifts = drift_of(estimate, points), drift_of(estimate, sorted(points)[len(points) // 2 :])
    assert None not in drifts
    assert drifts[0] < 0.1 < 0.3 < drifts[1]  # type: ignore[operator]  # neither is None


def test_a_shift_that_nobody_can_tell_is_no_shift_of_nought() -> None:
    """A desk of the first weeks: the estimate waits."""
    points = [SPEAKER.points(case.answers, case.causes.centre.id) for case in CASES]
    assert drift_of(an_estimate(), points[: LEAST_FOR_DRIFT - 1]) is None
    assert drift_of(an_estimate(), points[:LEAST_FOR_DRIFT]) is not None


def test_who_trusts_no_weight_counts_one_by_one() -> None:
    """The second bound of the card, worked out from the cases: as they were, and every protected one harmed."""
    estimate = an_estimate()
    measured = [known_of(case) for case in draw_cases(5_000, 3)][1::2]
    low = [
        one
        for one in measured
        if not one.asks_protection
        and unknown_of(SHEET, one.answers) <= estimate.most_unknown
        and rarity_of(estimate.usual, one.answers) <= estimate.radius
        and SPEAKER.points(one.answers, one.centre) < (estimate.low_below or 0)
    ]
    harmed = sum(bool(one.harmed) for one in low if one.stayed)
    known, protected = sum(one.harmed is not None for one in low), sum(not one.stayed for one in low)
    assert protected > 0
    assert estimate.zone["if_all_protected"] == upper(harmed + protected, known + protected)


def test_where_nobody_was_protected_everybody_stands_for_oneself() -> None:
    """A city that protects nobody itself: no weights, and no error that speaks of something else."""
    stayed = [one for one in (known_of(case) for case in draw_cases(3_000, 4)) if one.stayed]
    estimate = train(SHEET, stayed, alpha=ALPHA, made_on=DAY)
    assert estimate.counts["largest_weight"] == 1.0
    assert estimate.counts["stayed"] == len(stayed)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1])
def test_what_cannot_be_promised_is_refused(alpha: float) -> None:
    with pytest.raises(StateError, match="no share"):
        train(SHEET, [known_of(case) for case in CASES], alpha=alpha, made_on=DAY)


def test_it_is_kept_as_text_and_read_back() -> None:
    estimate = an_estimate()
    text = as_text(estimate)
    assert as_text(of_text(text)) == text
    assert Speaker(of_text(text), SHEET).say(LOW.answers, LOW.causes.centre.id, is_on=True) == say()
    for broken in ("", "{}", text.replace('"alpha"', '"beta"'), "[1]"):
        with pytest.raises(SourceError, match="no estimate"):
            of_text(broken)


def test_no_case_stands_in_the_file() -> None:
    """Counts, bounds and terms alone: nothing that is of one case."""
    assert not any(f"c{place:06d}" in as_text(an_estimate()) for place in range(5_000))
    assert all(band.n >= 100 for band in an_estimate().bands)


def test_the_card_says_what_the_file_says() -> None:
    estimate = an_estimate()
    for lang in ("ja", "en"):
        card = model_card(estimate, lang)
        assert card == model_card(of_text(as_text(estimate)), lang)
        assert f"{estimate.zone['bound']:.2%}" in card
        assert f"{estimate.zone['if_all_protected']:.2%}" in card
        assert f"{estimate.lift['least']:+.3f}" in card
        assert all(f"`{cause}`" in card for cause in CAUSES)
        assert all(f"`{name}`" in card for name in estimate.terms)
        assert all(f"| {name} |" in card for name in estimate.centres)


def test_the_floor_of_a_test_is_the_floor() -> None:
    for case in CASES[:50]:
        assert known_of(case).asks_protection == stand(SHEET, case.answers).asks_protection
        assert MANY.ranks(case.answers)[0] == stand(SHEET, case.answers).demanded.rank
