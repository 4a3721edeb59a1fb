"""Adopting approved criteria: the bundle is checked against the city, and a run refuses what two have not approved."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from builders import CITY
from tsunagu.cli.commands import app
from tsunagu.errors import StateError
from tsunagu.municipality import check_city, load_city, require_approved
from tsunagu.runs.approval import RECORD, Approval, Person, packed, read_record, record_text
from tsunagu.screening.carried import carried
from tsunagu.screening.rewrite import rewritten
from tsunagu.sources.loading import load_catalogue

NAME = "three-judgments.toml"
DAY = dt.date(2026, 11, 2)
AUTHOR = Person("staff:6", "職員F", "analyst", DAY)
TWO = (Person("staff:5", "職員E", "overall_manager", DAY), Person("staff:2", "職員B", "supervisor", DAY))


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CITY, tmp_path / "city"))


def next_version(limit: int = 11, version: str = "2026.1.1") -> str:
    text = (CITY / "criteria" / NAME).read_text(encoding="utf-8")
    carrying = carried(NAME, text, load_catalogue(CITY).items)
    moved = {("N1a", (0,)): Decimal(limit)}
    return rewritten(carrying, moved, version=version, effective=dt.date(2027, 4, 1)).text


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def a_record(text: str, **changes: object) -> Approval:
    made = Approval(
        "three-judgments", "2026.1.1", "2026.1.0", NAME, sha(text), sha("{}"), "早めに気づくため", AUTHOR, TWO
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def a_bundle(path: Path, text: str) -> Path:
    path.write_bytes(packed(a_record(text), text=text, report="{}"))
    return path


def raw_bundle(path: Path, record: Approval, text: str, report: str = "{}") -> Path:
    """A bundle as nobody packs one: nothing of it is checked."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(record.file, text)
        archive.writestr("report.json", report)
        archive.writestr(RECORD, record_text(record))
    return path


def told(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    return done.exit_code, done.output if done.exception is None else str(done.exception)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_an_approved_version_is_put_in_force_with_its_record(city: Path, tmp_path: Path) -> None:
    before, text = (city / "criteria" / NAME).read_bytes(), next_version()
    code, output = told("adopt", a_bundle(tmp_path / "bundle.zip", text), city)
    assert (code, "three-judgments@2026.1.1" in output) == (0, True), output
    assert (city / "criteria" / NAME).read_text(encoding="utf-8") == text
    assert (city / "criteria" / "earlier" / "three-judgments-2026.1.0.toml").read_bytes() == before
    loaded = load_city(city)
    record = require_approved(city, loaded.criteria_path, loaded.criteria)
    assert [one.name for one in record.approved] == ["職員E", "職員B"]
    assert check_city(city) == []


def test_the_same_bundle_twice_and_a_leap_over_a_version_are_refused(city: Path, tmp_path: Path) -> None:
    bundle = a_bundle(tmp_path / "bundle.zip", next_version())
    assert told("adopt", bundle, city)[0] == 0
    now = contents(city)
    code, output = told("adopt", bundle, city)
    assert code != 0
    assert "in force is three-judgments@2026.1.1" in output
    assert contents(city) == now


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"approved": TWO[:1]}, "two people"),
        ({"approved": (TWO[0], TWO[0])}, "two people"),
        ({"approved": (TWO[0], replace(TWO[1], role="overall_manager"))}, "two people"),
        ({"approved": (TWO[0], replace(AUTHOR, role="supervisor"))}, "two people"),
        ({"sha256": "0" * 64}, "not what was approved"),
        ({"report_sha256": "0" * 64}, "not what was approved"),
        ({"version": "2026.1.2"}, "another version"),
        ({"supersedes": "2026.0"}, "another version"),
        ({"file": "../municipality.toml"}, "no criteria file"),
    ],
    ids=["one", "one twice", "one duty", "the author", "file", "report", "version", "supersedes", "path"],
)
def test_what_two_others_did_not_approve_changes_nothing(
    city: Path, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    text, before = next_version(), contents(city)
    code, output = told("adopt", raw_bundle(tmp_path / "b.zip", a_record(text, **changes), text), city)
    assert code != 0
    assert message in output
    assert contents(city) == before


def test_criteria_that_do_not_keep_their_cases_are_not_adopted(city: Path, tmp_path: Path) -> None:
    text = next_version().replace("at_least = 11", "at_least = 5")
    code, output = told("adopt", a_bundle(tmp_path / "bundle.zip", text), city)
    assert code != 0
    assert "expected" in output
    assert require_approved(city, city / "criteria" / NAME, load_city(city).criteria)


def test_what_is_no_bundle_is_said(city: Path, tmp_path: Path) -> None:
    (tmp_path / "bundle.zip").write_text("nothing", encoding="utf-8")
    code, output = told("adopt", tmp_path / "bundle.zip", city)
    assert code != 0
    assert "no bundle" in output


def test_a_run_refuses_criteria_that_were_changed_after_approval(city: Path, tmp_path: Path) -> None:
    path = city / "criteria" / NAME
    path.write_text(path.read_text(encoding="utf-8") + "\n# a change nobody approved\n", encoding="utf-8")
    run = ("run", city, "--extracts", tmp_path, "--on", "2026-09-30", "--out", tmp_path / "run")
    code, output = told(*run)
    assert code != 0
    assert "was changed after" in output
    assert not (tmp_path / "run").exists()
    # The very same file is a trial when it is named.
    code, output = told(*run, "--criteria", path)
    assert "was changed after" not in output


def test_a_run_refuses_criteria_without_a_record(city: Path, tmp_path: Path) -> None:
    shutil.rmtree(city / "criteria" / "approvals")
    code, output = told("run", city, "--extracts", tmp_path, "--on", "2026-09-30", "--out", tmp_path / "run")
    assert code != 0
    assert "nobody has approved" in output


def test_the_example_city_runs_what_was_approved() -> None:
    loaded = load_city(CITY)
    record = CITY / "criteria" / "approvals" / f"{loaded.criteria.id}-{loaded.criteria.version}.json"
    digest = hashlib.sha256(loaded.criteria_path.read_bytes()).hexdigest()
    told_how = f"write this hash into {record.name}: {digest}"
    assert read_record(record).sha256 == digest, told_how
    assert json.loads(record.read_text(encoding="utf-8"))["file"] == loaded.criteria_path.name
    try:
        require_approved(CITY, loaded.criteria_path, loaded.criteria)
    except StateError as error:
        pytest.fail(error.message())
