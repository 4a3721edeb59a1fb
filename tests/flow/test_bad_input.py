"""Bad input at every door of the command line: one clear message, an exit code by kind, nothing lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fixed import ROOT
from tsunagu.runs.crypt import read_key
from tsunagu.runs.folder import open_run

CITY = ROOT / "examples" / "hinode-city"


def _tsunagu(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    program = "from tsunagu.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False
    )


def _run(
    sample: Path, out: Path, *more: object, city: Path = CITY, extracts: Path | None = None, on: str = "2026-09-30"
):
    return _tsunagu("run", city, "--extracts", extracts or sample / "extracts", "--on", on, "--out", out, *more)


@pytest.fixture
def own_city(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CITY, tmp_path / "city"))


def test_a_run_refused_at_the_door_makes_no_key_and_a_kept_key_stays(sample: Path, tmp_path: Path) -> None:
    done = _run(sample, tmp_path / "run", extracts=tmp_path / "nowhere")
    assert done.returncode == 3
    assert "A new key" not in done.stderr
    assert list(tmp_path.iterdir()) == []
    key = tmp_path / "kept.key"
    key.write_bytes(bytes(range(64)))
    key.chmod(0o600)
    before = key.read_bytes()
    _run(sample, tmp_path / "run", "--key", key, extracts=tmp_path / "nowhere")
    assert key.read_bytes() == before


def test_a_mistyped_desk_folder_is_told_and_not_made(tmp_path: Path) -> None:
    done = _tsunagu("desk", "serve", "--folder", tmp_path / "typo")
    assert done.returncode == 6
    assert "there is no desk here" in done.stderr
    assert not (tmp_path / "typo").exists()


def test_no_city_folder(sample: Path, tmp_path: Path) -> None:
    done = _run(sample, tmp_path / "run", city=tmp_path / "nowhere")
    assert done.returncode == 3
    assert "no such city folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_extracts_folder(sample: Path, tmp_path: Path) -> None:
    done = _run(sample, tmp_path / "run", extracts=tmp_path / "nowhere")
    assert done.returncode == 3
    assert "extracts folder is missing" in done.stderr
    assert not (tmp_path / "run").exists()


def test_another_day_is_refused_unless_forced(sample: Path, tmp_path: Path) -> None:
    done = _run(sample, tmp_path / "run", on="2026-08-31")
    assert done.returncode == 6
    assert "2026-09-30" in done.stderr
    assert "--force" in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_day_that_is_no_day(sample: Path, tmp_path: Path) -> None:
    done = _run(sample, tmp_path / "run", on="30.9.2026")
    assert done.returncode == 2
    assert "--on" in done.stderr


@pytest.mark.parametrize(
    ("file", "text", "code"),
    [
        ("municipality.toml", "ja = ", 3),
        ("catalogue/education.toml", "[[item]]\nid = 1\n", 3),
        ("sources/register.toml", "[[source]]\nid = 'x'\nholder = 'nobody'\n", 3),
        ("criteria/three-judgments.toml", "[criteria]\nid = 'x'\n", 4),
        ("purposes/early-support.toml", "id = 'x'\n", 3),
        ("linkage/model.json", "{", 3),
    ],
)
def test_a_broken_city_file_is_named(
    own_city: Path, sample: Path, tmp_path: Path, file: str, text: str, code: int
) -> None:
    (own_city / file).write_text(text, encoding="utf-8")
    done = _run(sample, tmp_path / "run", city=own_city)
    assert done.returncode == code, done.stderr
    assert Path(file).name in done.stderr
    assert "Traceback" not in done.stderr
    checked = _tsunagu("check", own_city)
    assert checked.returncode == code
    assert Path(file).name in checked.stdout


def test_a_good_city_is_said_to_be_good() -> None:
    done = _tsunagu("check", CITY)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_existing_run_is_not_overwritten(sample: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "kept.txt").write_text("kept", encoding="utf-8")
    done = _run(sample, tmp_path / "run")
    assert done.returncode == 6
    assert (tmp_path / "run" / "kept.txt").read_text(encoding="utf-8") == "kept"


def test_a_place_that_cannot_be_written(sample: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file, no folder", encoding="utf-8")
    key = tmp_path / "identity.key"
    for place in (tmp_path / "file" / "run", Path("/proc/tsunagu/run")):  # the second refuses even the superuser
        done = _run(sample, place, "--key", key)
        assert done.returncode == 7, done.stderr
        assert "cannot be written" in done.stderr
        assert "--out" in done.stderr
        assert "Traceback" not in done.stderr
        assert "reading the extracts" not in done.stderr, "told before the work, not after it"
    assert [p.name for p in tmp_path.iterdir()] == ["file"], "and before a key is made"


def test_damaged_files_stop_nothing_else(sample: Path, tmp_path: Path) -> None:
    extracts = Path(shutil.copytree(sample / "extracts", tmp_path / "extracts"))
    (extracts / "kyushoku" / "学校徴収金_R08.csv").write_bytes(b"")
    (extracts / "gakuryoku" / "学力調査_R08.xlsx").write_bytes(b"PK\x03\x04 broken")
    (extracts / "shitsumonshi" / "質問紙_R08.tsv").unlink()
    (extracts / "boshi" / "もの.csv").write_text("知らない,列\n1,2\n", encoding="utf-8")
    done = _run(sample, tmp_path / "run", extracts=extracts)
    assert done.returncode == 0, done.stderr
    for name in ("学校徴収金_R08.csv", "学力調査_R08.xlsx", "質問紙_R08.tsv", "もの.csv"):
        assert name in done.stdout


def test_a_register_that_did_not_come_is_unknown_and_not_no(sample: Path, tmp_path: Path) -> None:
    extracts = Path(shutil.copytree(sample / "extracts", tmp_path / "extracts"))
    shutil.rmtree(extracts / "seiho")
    (extracts / "youtaikyo" / "要対協進行管理台帳.csv").write_bytes(b"\x00\x01 nothing known")
    done = _run(sample, tmp_path / "run", extracts=extracts)
    assert done.returncode == 0, done.stderr
    assert "生活保護受給者台帳.csv: did not come" in done.stdout
    run = open_run(tmp_path / "run")
    missing = [r for r in run.table("reasons").to_pylist() if r["kind"] == "missing"]
    in_scope = {p["person_id"] for p in run.table("persons").to_pylist() if p["in_scope"]}
    assert {r["person_id"] for r in missing if r["code"] == "P1"} == in_scope
    assert {r["person_id"] for r in missing if r["code"] == "N4"} == in_scope
    # Nobody is said to be fine: whoever was noticed before is noticed still.
    assert {j["at_most"] for j in run.table("judgments").to_pylist() if j["judgment"] == "poverty"} == {"2"}


def test_a_year_of_records_that_did_not_come_is_unknown(sample: Path, tmp_path: Path) -> None:
    extracts = Path(shutil.copytree(sample / "extracts", tmp_path / "extracts"))
    (extracts / "hokenshitsu" / "保健室来室記録_R08.csv").unlink()
    (extracts / "boshi" / "予防接種.csv").write_bytes(b"")
    assert _run(sample, tmp_path / "run", extracts=extracts).returncode == 0
    reasons = open_run(tmp_path / "run").table("reasons").to_pylist()
    codes = {(r["kind"], r["code"]) for r in reasons}
    assert {("missing", "N3"), ("missing", "N7")} <= codes
    assert not {("sign", "N3"), ("sign", "N7")} & codes


def test_without_the_residents_register_nothing_is_judged(sample: Path, tmp_path: Path) -> None:
    extracts = Path(shutil.copytree(sample / "extracts", tmp_path / "extracts"))
    (extracts / "jumin" / "JUKI_KIHON.csv").unlink()
    done = _run(sample, tmp_path / "run", extracts=extracts)
    assert done.returncode == 3
    assert "residents' register" in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_check_of_a_desk_that_is_not_there_makes_none(tmp_path: Path) -> None:
    done = _tsunagu("audit", "verify", "--folder", tmp_path / "nowhere")
    assert done.returncode == 6
    assert "no desk here" in done.stderr
    assert not (tmp_path / "nowhere").exists()


def test_an_unreadable_suppression_list_hides_every_address(sample: Path, tmp_path: Path) -> None:
    extracts = Path(shutil.copytree(sample / "extracts", tmp_path / "extracts"))
    (extracts / "shien_sochi" / "支援措置対象者一覧.csv").write_bytes(b"\xff\xfe\x00")
    done = _run(sample, tmp_path / "run", extracts=extracts)
    assert done.returncode == 0, done.stderr
    identities = open_run(tmp_path / "run").identities(read_key(tmp_path / "identity.key"))
    assert identities.num_rows > 500
    assert set(identities.column("address").to_pylist()) == {None}


def test_killed_at_any_moment_leaves_no_run_folder(sample: Path, tmp_path: Path) -> None:
    program = "from tsunagu.cli import main; main()"
    for wait_s in (0.5, 2.0, 4.0):
        out = tmp_path / "run"
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                program,
                "run",
                str(CITY),
                "--extracts",
                str(sample / "extracts"),
                "--on",
                "2026-09-30",
                "--out",
                str(out),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(wait_s)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not out.exists() or (out / "manifest.json").exists()
        shutil.rmtree(out, ignore_errors=True)
    assert _run(sample, tmp_path / "run").returncode == 0
    left = [p.name for p in tmp_path.iterdir() if p.suffix == ".partial"]
    assert left == []


def test_a_tampered_run_is_not_evaluated(run, sample: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run.path, tmp_path / "run"))
    data = bytearray((copy / "judgments.parquet").read_bytes())
    data[100] ^= 1
    (copy / "judgments.parquet").write_bytes(data)
    done = _tsunagu("evaluate", copy, "--truth", sample / "truth")
    assert done.returncode == 6
    assert "judgments.parquet" in done.stderr


def test_evaluate_prints_the_figures(run, sample: Path) -> None:
    done = _tsunagu("evaluate", run.path, "--truth", sample / "truth")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1,442 of 1,442 children equal" in done.stdout


def test_no_truth_folder(run, tmp_path: Path) -> None:
    done = _tsunagu("evaluate", run.path, "--truth", tmp_path)
    assert done.returncode == 3
    assert "bad_rows.csv" in done.stderr


def test_a_log_is_exported_proved_and_seen_to_be_cut(migrated: Path, tmp_path: Path) -> None:
    desk, log, head = tmp_path / "desk", tmp_path / "log.jsonl", tmp_path / "head"
    desk.mkdir(mode=0o700)
    shutil.copy(migrated, desk / "desk.sqlite3")
    module = [sys.executable, "-m", "tsunagu_web", "audit-verify"]
    subprocess.run(module, env={**os.environ, "TSUNAGU_DESK": str(desk)}, check=True, stdout=subprocess.DEVNULL)
    assert _tsunagu("audit", "verify", "--folder", desk, "--save-head", head).returncode == 0
    assert _tsunagu("audit", "export", log, "--folder", desk).returncode == 0
    assert _tsunagu("audit", "verify", log, "--head", head).returncode == 0
    log.write_text('{"number":1,"body":"{}","hash":"00"}\n', encoding="utf-8")
    done = _tsunagu("audit", "verify", log)
    assert done.returncode == 6
    assert "row 1" in done.stdout + done.stderr
