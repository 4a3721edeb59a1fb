"""`tsunagu run` takes one source, and says what an option would mean that has nothing to say to it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fixed import ROOT
from tsunagu.cli import nodes_run
from tsunagu.cli.commands import app
from tsunagu.errors import SourceError
from tsunagu.from_holders import Asked, HolderCounts

CITY = str(ROOT / "examples" / "hinode-city")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "one source must be named"),
        (["--extracts", "e", "--nodes", "HOLDER.toml"], "one source must be named"),
        (["--nodes", "HOLDER.toml", "--force", "why"], "--force says nothing where holders answer themselves"),
        (["--extracts", "e", "--despite-alarms", "why"], "--despite-alarms says nothing of a run on extracts"),
        (["--nodes", "HOLDER.toml", "--engine", "spark"], "--engine says nothing where holders answer themselves"),
    ],
)
def test_one_source_is_named_and_nothing_that_does_not_go_with_it(tmp_path: Path, given: list[str], told: str) -> None:
    out = tmp_path / "run"
    done = CliRunner().invoke(app, ["run", CITY, "--on", "2026-09-30", "--out", str(out), *given])
    assert isinstance(done.exception, SourceError)
    assert told in done.exception.what
    assert not out.exists()


@pytest.mark.parametrize("given", [[], ["--despite-alarms", "asked them"]])
def test_a_reason_to_go_on_reaches_both_askings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str]
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr("tsunagu.cli.node.node_output", lambda arguments: asked.append(list(arguments)))
    monkeypatch.setattr("tsunagu.cli.node.read_answers", lambda _folder: [])

    def run(_city: object, one: Asked) -> HolderCounts:
        one.names([b"t" * 32])
        return HolderCounts({}, 0, {}, {}, {}, 0, 0)

    monkeypatch.setattr(nodes_run, "run_from_holders", run)
    out = ["--nodes", "HOLDER.toml", "--on", "2026-09-30", "--out", str(tmp_path / "run")]
    done = CliRunner().invoke(app, ["run", CITY, *out, *given])
    assert done.exit_code == 0, done.output
    assert [one[0] for one in asked] == ["gather", "names"]
    assert [one[-2:] == given if given else "--despite-alarms" not in one for one in asked] == [True, True]


def test_names_of_a_run_that_was_killed_are_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    killed, running = tmp_path / f"tsunagu-answers-{gone.pid}-a1", tmp_path / f"tsunagu-answers-{os.getppid()}-b2"
    for folder in (killed, running):
        (folder / "names").mkdir(parents=True)
        (folder / "names" / "town.arrow").write_bytes(b"names")
    nodes_run._remove_left()
    assert not killed.exists()
    assert (running / "names" / "town.arrow").exists()
