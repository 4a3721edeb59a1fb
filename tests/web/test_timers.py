"""Of several serving processes one makes the rounds and signs heads; when it ends, another one does."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tsunagu.errors import StateError
from tsunagu_web.serving import timers


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was started in this process, in a folder of its own."""
    found: list[str] = []
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, folder=tmp_path))
    monkeypatch.setattr(timers, "start_heads_timer", lambda: found.append("heads"))
    monkeypatch.setattr(timers, "start_rounds", lambda: found.append("rounds"))
    yield found
    while timers._HELD:
        timers._HELD.pop().close()


def test_one_process_alone_starts_both(started: list[str]) -> None:
    timers.start_timers().join(10)
    assert started == ["heads", "rounds"]


def test_a_second_one_waits_until_the_first_has_ended(started: list[str], tmp_path: Path) -> None:
    with (tmp_path / timers.LOCK).open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        waiting = timers.start_timers()
        waiting.join(0.5)
        assert waiting.is_alive()
        assert started == []
    waiting.join(10)
    assert started == ["heads", "rounds"]


def test_a_folder_that_is_none_is_said(
    started: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, folder=tmp_path / "none"))
    timers.start_timers().join(10)
    assert started == ["heads", "rounds"]
    assert "the turn of the timers cannot be kept" in caplog.text


def test_several_processes_need_postgresql(desk: None) -> None:
    if connection.vendor != "postgresql":
        with pytest.raises(StateError, match="2 processes cannot write one SQLite file"):
            call_command("serve", workers=2)
