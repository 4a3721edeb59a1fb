"""Simulated cases: the same for the same seed, a truth that knows no rule, and causes that do what is said of them."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tsunagu.errors import SourceError
from tsunagu.guidance.answers import State, check_answers
from tsunagu.guidance.load_sheet import standard_sheet
from tsunagu.records.guidance_tables import GUIDANCE_TABLES
from tsunagu.simulated_cases import aftermath, causes, draw_cases, write_simulated_cases
from tsunagu.simulated_cases.causes import danger_of, draw_causes
from tsunagu.simulated_cases.signs import CLUSTERS, draw_answers, enter_again

SHEET = standard_sheet()
CASES = list(draw_cases(4_000, 11))


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("again", 5), ("other", 6)):
        write_simulated_cases(tmp_path / name, 300, seed)
    one, other = _hashes(tmp_path / "one"), _hashes(tmp_path / "other")
    assert set(one) == {f"{shape.name}.parquet" for shape in GUIDANCE_TABLES}
    assert one == _hashes(tmp_path / "again")
    assert not set(one.values()) & set(other.values())
    with pytest.raises(SourceError, match="already there"):
        write_simulated_cases(tmp_path / "one", 300, 5)


def test_a_longer_row_begins_with_the_same_cases() -> None:
    assert list(draw_cases(50, 11)) == CASES[:50]


def test_the_truth_knows_neither_question_nor_rule() -> None:
    """What makes the truth and what comes after at home imports nothing of the sheet, and takes no answers."""
    imported = {
        node.module or ""
        for node in ast.walk(ast.parse(Path(causes.__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    }
    assert not {name for name in imported if name.startswith("tsunagu")}
    for case in CASES[:200]:
        assert case.danger == danger_of(case.causes)
        assert case.harm_at_home == aftermath.harm_at_home(case.causes)


def test_every_answer_can_be_recorded() -> None:
    for case in CASES[:500]:
        given = {id: replace(answer, source="x") if answer.grade else answer for id, answer in case.answers.items()}
        assert check_answers(SHEET, given) == ()
        assert check_answers(SHEET, {**given, **enter_again(given, Random(1))}) == ()


def test_danger_grows_with_each_of_its_causes() -> None:
    chance = Random(3)
    for _ in range(300):
        drawn = draw_causes(chance)
        now = danger_of(drawn)
        graver = tuple(one + 0.5 if one else 0.0 for one in drawn.severity)
        assert not drawn.gravest or danger_of(replace(drawn, severity=graver)) > now
        assert danger_of(replace(drawn, shelter=drawn.shelter + 0.2)) < now
        if drawn.gravest:
            assert danger_of(replace(drawn, frailty=drawn.frailty + 0.3)) > now


def test_a_grave_case_shows_more_than_a_slight_one() -> None:
    def grades(case: object) -> int:
        return sum(answer.grade or 0 for answer in case.answers.values())  # type: ignore[attr-defined]

    by_step = [[grades(case) for case in CASES if round(case.causes.gravest) == step] for step in range(5)]
    means = [sum(one) / len(one) for one in by_step]
    assert means == sorted(means)
    assert means[4] > 2 * means[1]


def test_what_nobody_knows_comes_in_clusters() -> None:
    """One open question of a cluster makes the others of it far likelier to be open."""
    for cluster in CLUSTERS[:2]:
        first, second = cluster[1], cluster[2]
        both = sum(_open(case, first) and _open(case, second) for case in CASES)
        alone = sum(_open(case, first) for case in CASES) / len(CASES)
        assert both / max(1, sum(_open(case, second) for case in CASES)) > 10 * alone


def _open(case: object, id: str) -> bool:
    answer = case.answers.get(id)  # type: ignore[attr-defined]
    return answer is not None and answer.state is State.UNKNOWN


def test_protection_ends_what_comes_at_home_and_support_lowers_it() -> None:
    assert all((case.outcome is None) == case.decision.is_protected for case in CASES)
    assert 0.03 < sum(case.decision.is_protected for case in CASES) / len(CASES) < 0.15
    for case in CASES[:300]:
        assert aftermath._harm(case.causes, support=True) < aftermath._harm(case.causes, support=False)


def test_a_decision_rests_on_what_is_known_alone() -> None:
    """Of other causes with the same answers the same decision is made."""
    for seed in range(100):
        known = draw_answers(draw_causes(Random(seed)), Random(seed))
        here, there = (draw_causes(Random(seed + n)) for n in (1_000, 2_000))
        there = replace(there, centre=here.centre)
        assert aftermath.decide(here, known, Random(7)) == aftermath.decide(there, known, Random(7))


def test_harm_at_home_comes_as_often_as_it_is_said() -> None:
    known = [case for case in CASES if case.outcome is not None and case.outcome.followed_months == 12]
    harmed = sum(case.outcome is not None and case.outcome.severe_harm_month is not None for case in known)
    expected = sum(case.harm_at_home for case in known)
    assert abs(harmed - expected) < 4 * expected**0.5
