"""The protocol of guidance on simulated cases, and that each of its items can be missed, or be beyond the data."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from tsunagu.cli.commands import app
from tsunagu.errors import SourceError, StateError
from tsunagu.estimates.bounds import upper
from tsunagu.evaluation.agreement_of import weighted_kappa
from tsunagu.evaluation.case_folder import CaseFolder, read_case_folder
from tsunagu.evaluation.guidance_report import evaluate_guidance
from tsunagu.evaluation.protocol import GuidanceReport, Verdict
from tsunagu.guidance.load_sheet import STANDARD, standard_sheet
from tsunagu.guidance.many import ManySheets
from tsunagu.simulated_cases import draw_cases, write_simulated_cases

SHEET = standard_sheet()
CASES, TRAIN, SEED = 7_500, 5_000, 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("cases") / "all"
    write_simulated_cases(made, CASES, SEED)
    return made


@pytest.fixture(scope="module")
def report(folder: Path) -> GuidanceReport:
    return evaluate_guidance(read_case_folder(folder, SHEET), train=TRAIN)


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "cases"))


def _without_estimate(copy: Path) -> GuidanceReport:
    """The report of the floor alone: quick, since nothing is learnt."""
    (copy / "outcomes.parquet").unlink(missing_ok=True)
    return evaluate_guidance(read_case_folder(copy, SHEET), train=TRAIN)


def _changed(copy: Path, table: str, column: str, values: Iterator[object] | list[object]) -> None:
    path = copy / f"{table}.parquet"
    held = pq.read_table(path)
    place = held.column_names.index(column)
    pq.write_table(
        held.set_column(place, held.schema.field(place), pa.array(values, held.schema.field(place).type)), path
    )


def test_on_simulated_truth_the_marks_of_the_issue_are_reached(report: GuidanceReport) -> None:
    critical = report.by_code("A2")
    assert (critical.value, critical.verdict) == (0.0, Verdict.REACHED)
    assert critical.n >= 300
    for code in ("A2b", "A5", "A6", "A6b", "A6c", "A6d", "E1", "E2"):
        assert report.by_code(code).verdict is Verdict.REACHED, report.by_code(code).line()
    assert all(item.verdict is Verdict.REACHED for item in report.items if item.code == "A5b")
    assert not report.is_missed
    # What only people and months can give was not given, so nothing may be released.
    assert not report.may_be_released


def test_every_item_of_the_protocol_is_there_with_its_bound(report: GuidanceReport) -> None:
    assert {item.code.rstrip("bcd") for item in report.items} == {*(f"A{n}" for n in range(1, 13)), "E1", "E2"}
    for item in report.items:
        if item.verdict in (Verdict.REACHED, Verdict.MISSED) and item.code not in ("A6b", "E1"):
            assert item.most is not None, item.code
    assert {report.by_code(code).verdict for code in ("A5c", "A11", "A12")} == {Verdict.NOT_IN_THE_DATA}


def test_simulated_people_reach_nothing(report: GuidanceReport) -> None:
    for code in ("A1", "A3", "A4", "A7", "A7b", "A7c", "A8", "A8b", "A9", "A9b"):
        assert report.by_code(code).verdict is Verdict.SIMULATED, code


def test_the_floor_misses_few_of_many_critical_cases() -> None:
    """Beyond the 300: of some thousands, so that a lucky seed is not taken for a floor without gaps."""
    many = ManySheets(SHEET)
    drawn = [(case.is_critical, many.ranks(case.answers)[1] == 1) for case in draw_cases(20_000, 31)]
    critical = [is_called for is_critical, is_called in drawn if is_critical]
    others = [is_called for is_critical, is_called in drawn if not is_critical]
    missed = critical.count(False)
    assert upper(missed, len(critical)) < 0.005
    assert upper(sum(others), len(others)) <= 0.20


def test_calling_everybody_critical_fails(copy: Path, tmp_path: Path) -> None:
    """A sheet that asks for protection wherever anything is known: no critical case is missed, and it fails."""
    text = STANDARD.read_text(encoding="utf-8").partition("\n[[expect]]")[0]
    first = re.search(r"^when = .*$", text, re.MULTILINE)
    assert first
    signs = ("child_asks", "past_reports", "not_recognised", "guardian_unstable", "young", "fear", "refuses_help")
    any_sign = ", ".join(f'{{ indicator = "{sign}", at_least = 1 }}' for sign in signs)
    everybody = tmp_path / "everybody.toml"
    everybody.write_text(text.replace(first[0], f"when = {{ any = [{any_sign}] }}", 1), encoding="utf-8")
    (copy / "outcomes.parquet").unlink()
    called = ["evaluate", "guidance", str(copy), "--train", str(TRAIN), "--json"]
    runner = CliRunner()
    done = runner.invoke(app, [*called, "--sheet", str(everybody)])
    items = {item["code"]: item for item in json.loads(done.stdout)["items"]}
    assert (items["A2"]["verdict"], items["A2b"]["verdict"]) == ("reached", "missed")
    assert done.exit_code == 1
    assert runner.invoke(app, called).exit_code == 0


def test_a_sheet_with_a_gap_is_seen(copy: Path, tmp_path: Path) -> None:
    """The rules on terror, violence and rejection taken away: the critical cases that they find are missed."""
    text = STANDARD.read_text(encoding="utf-8").partition("\n[[expect]]")[0]
    for code in ("6a", "7a", "7b", "2a"):
        text, times = re.subn(rf'\[\[rule\]\]\ncode = "{code}"\n.*?(?=\[\[rule\]\])', "", text, flags=re.DOTALL)
        assert times == 1
    gap = tmp_path / "gap.toml"
    gap.write_text(text, encoding="utf-8")
    (copy / "outcomes.parquet").unlink()
    done = CliRunner().invoke(app, ["evaluate", "guidance", str(copy), "--train", str(TRAIN), "--sheet", str(gap)])
    assert re.search(r"^A2 +missed", done.stdout, re.MULTILINE)
    assert done.exit_code == 1


def test_what_the_folder_lacks_is_said_and_never_reached(copy: Path) -> None:
    for table in ("outcomes", "views", "decisions", "simulated_truth"):
        (copy / f"{table}.parquet").unlink()
    report = _without_estimate(copy)
    for code in ("A5", "A6", "A7", "A8", "A10", "E1", "E2"):
        assert report.by_code(code).verdict is Verdict.NOT_IN_THE_DATA, code
    # Without the simulated truth the panel counts as people.
    assert report.by_code("A1").verdict is Verdict.REACHED
    assert report.by_code("A3").verdict is Verdict.MISSED
    assert report.is_missed


@pytest.mark.parametrize("table", ["cases", "answers", "panel"])
def test_a_folder_without_a_needed_table_is_refused(copy: Path, table: str) -> None:
    (copy / f"{table}.parquet").unlink()
    with pytest.raises(SourceError, match=f"no {table}.parquet"):
        read_case_folder(copy, SHEET)


def test_an_answer_without_meaning_is_refused_by_its_row(copy: Path) -> None:
    path = copy / "answers.parquet"
    held = pq.read_table(path)
    questions = held.column("question").to_pylist()
    questions[3] = "horoscope"
    _changed(copy, "answers", "question", questions)
    with pytest.raises(SourceError, match=r"row 3: an answer has no meaning") as told:
        read_case_folder(copy, SHEET)
    assert "horoscope" not in told.value.message()
    pq.write_table(held.drop_columns(["grade"]), path)
    with pytest.raises(SourceError, match="wrong columns"):
        read_case_folder(copy, SHEET)


def test_a_panel_that_does_not_agree_and_a_slow_sheet_are_missed(copy: Path) -> None:
    (copy / "simulated_truth.parquet").unlink()
    panel = pq.read_table(copy / "panel.parquet").to_pylist()
    urgency = [row["urgency"] if row["rater"] == "agreed" else place * 7 % 4 + 1 for place, row in enumerate(panel)]
    _changed(copy, "panel", "urgency", urgency)
    minutes = pq.read_table(copy / "cases.parquet").column("entry_minutes")
    _changed(copy, "cases", "entry_minutes", pc.multiply(minutes, 2.0).to_pylist())
    report = _without_estimate(copy)
    assert report.by_code("A1").verdict is Verdict.MISSED
    assert report.by_code("A9").verdict is Verdict.MISSED


def test_readers_who_follow_a_wrong_output_are_seen(copy: Path) -> None:
    (copy / "simulated_truth.parquet").unlink()
    views = pq.read_table(copy / "views.parquet").to_pylist()
    followed = [row["shown"] if row["is_seeded_wrong"] else row["urgency_after"] for row in views]
    assert _without_estimate(copy).by_code("A8").verdict is Verdict.REACHED
    _changed(copy, "views", "urgency_after", followed)
    report = _without_estimate(copy)
    assert report.by_code("A8").verdict is report.by_code("A8b").verdict is Verdict.MISSED


def test_nothing_is_evaluated_where_all_teach(folder: Path) -> None:
    held: CaseFolder = read_case_folder(folder, SHEET)
    with pytest.raises(SourceError, match="are to teach"):
        evaluate_guidance(held, train=CASES)


def test_agreement_beyond_chance() -> None:
    assert weighted_kappa([(1, 1), (2, 2), (3, 3), (4, 4)] * 5)[0] == pytest.approx(1.0)
    kappa, _, n = weighted_kappa([(a, b) for a in range(1, 5) for b in range(1, 5)])
    assert (kappa, n) == (pytest.approx(0.0), 16)
    near, far = ([(1, 1)] * 50 + [(4, 4)] * 50 + [(1, other)] * 10 for other in (2, 4))
    assert weighted_kappa(near)[0] > weighted_kappa(far)[0]
    # Two classes, no weights to speak of: 70 and 80 of 100 on the diagonal against chance 1/2 gives 0.5.
    kappa, error, _ = weighted_kappa([(1, 1)] * 75 + [(2, 2)] * 75 + [(1, 2)] * 25 + [(2, 1)] * 25)
    assert kappa == pytest.approx(0.5)
    assert error == pytest.approx((0.75 * 0.25 / 200) ** 0.5 / 0.5, rel=0.02)


def test_the_old_way_to_evaluate_a_run_is_still_one(tmp_path: Path) -> None:
    for words in (["evaluate", str(tmp_path), "--truth", "x"], ["evaluate", "run", str(tmp_path), "--truth", "x"]):
        done = CliRunner().invoke(app, words)
        assert isinstance(done.exception, SourceError)
        assert "not a run folder" in str(done.exception)
    assert CliRunner().invoke(app, ["evaluate", "guidance"]).exit_code == 2


def test_the_command_simulates_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    words = ["evaluate", "guidance", "--simulate", "600", "--seed", "3"]
    first, again = (CliRunner().invoke(app, words) for _ in range(2))
    assert first.stdout == again.stdout
    assert "600: 400 teach, 200 are held out" in first.stdout
    assert not list(tmp_path.iterdir())
    done = CliRunner().invoke(app, [*words, "--save-estimate", str(tmp_path / "none")])
    assert isinstance(done.exception, StateError)
    assert not (tmp_path / "none").exists()
    kept = tmp_path / "kept"
    CliRunner().invoke(app, ["evaluate", "guidance", str(kept), "--simulate", "100"])
    assert (kept / "cases.parquet").is_file()
