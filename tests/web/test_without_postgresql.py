"""Where PostgreSQL is missing, the second run of the desk's tests fails in CI and says so; elsewhere it is left out."""

from __future__ import annotations

from pathlib import Path

import on_postgresql
import postgresql
import pytest


@pytest.mark.parametrize(("ci", "code", "told"), [("true", 1, ""), ("", 0, "left out: ")])
def test_it_is_told_and_in_ci_it_fails(
    ci: str,
    code: int,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(postgresql, "Path", lambda _folder: tmp_path)
    monkeypatch.setattr(postgresql.shutil, "which", lambda _name: None)
    assert on_postgresql.main([]) == code
    assert capsys.readouterr().err == f"{told}{postgresql.HOW_TO_GET_IT}\n"
