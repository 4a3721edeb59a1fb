"""`tsunagu run`: names and addresses never share a key, and a key is made only for a run that can begin."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from fixed import ROOT
from tsunagu.cli.commands import app
from tsunagu.errors import StateError
from tsunagu.runs.folder import open_run
from two_worlds import HIDDEN, a_delivery

CITY = str(ROOT / "examples" / "hinode-city")


def _run(tmp_path: Path, *more: str) -> BaseException | None:
    a_delivery(tmp_path / "extracts", HIDDEN[0])
    command = [
        "run",
        CITY,
        "--extracts",
        str(tmp_path / "extracts"),
        "--on",
        "2026-09-30",
        "--out",
        str(tmp_path / "run"),
    ]
    return CliRunner().invoke(app, [*command, *more]).exception


def test_one_key_for_both_is_refused(tmp_path: Path) -> None:
    refused = _run(tmp_path, "--key", str(tmp_path / "one.key"), "--address-key", str(tmp_path / "one.key"))
    assert isinstance(refused, StateError)
    assert not (tmp_path / "one.key").exists()
    assert not (tmp_path / "run").exists()


def test_a_copy_of_the_key_of_the_names_is_refused_too(tmp_path: Path) -> None:
    assert _run(tmp_path) is None
    (tmp_path / "run").rename(tmp_path / "before")
    (tmp_path / "copy.key").write_bytes((tmp_path / "identity.key").read_bytes())
    (tmp_path / "copy.key").chmod(0o600)
    assert isinstance(_run(tmp_path, "--address-key", str(tmp_path / "copy.key")), StateError)


def test_the_key_of_the_addresses_is_made_beside_and_opens_them(tmp_path: Path) -> None:
    assert _run(tmp_path, "--address-key", str(tmp_path / "address.key")) is None
    assert (tmp_path / "address.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "address.key").read_bytes() != (tmp_path / "identity.key").read_bytes()
    assert open_run(tmp_path / "run").carries_addresses


def test_without_it_the_run_carries_none_and_says_so(tmp_path: Path) -> None:
    assert _run(tmp_path) is None
    run = open_run(tmp_path / "run")
    assert (run.carries_addresses, run.manifest["carries_addresses"]) == (False, False)
