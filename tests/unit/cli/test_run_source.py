"""`tsunagu run` takes one source, and says what an option would mean that has nothing to say to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from fixed import ROOT
from tsunagu.cli.commands import app
from tsunagu.errors import SourceError

CITY = str(ROOT / "examples" / "hinode-city")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "one source must be named"),
        (["--extracts", "e", "--nodes", "HOLDER.toml"], "one source must be named"),
        (["--nodes", "HOLDER.toml", "--force", "why"], "--force says nothing where holders answer themselves"),
        (["--nodes", "HOLDER.toml", "--engine", "spark"], "--engine says nothing where holders answer themselves"),
    ],
)
def test_one_source_is_named_and_nothing_that_does_not_go_with_it(tmp_path: Path, given: list[str], told: str) -> None:
    out = tmp_path / "run"
    done = CliRunner().invoke(app, ["run", CITY, "--on", "2026-09-30", "--out", str(out), *given])
    assert isinstance(done.exception, SourceError)
    assert told in done.exception.what
    assert not out.exists()
