"""What is noted of refusals: each of a party that signed; of strangers a few of a minute, and how many more."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import nodes
from nodes import REQUESTER
from tsunagu.audit.verify import verify
from tsunagu.errors import EngineError
from tsunagu_node.log import Log
from tsunagu_node.noting import EACH, MANY, PEERS, Notes
from tsunagu_node.refusals import Refused

CLOCK = Refused("clock", "too old", to_do="Set the clock.")
UNSIGNED = Refused("unsigned", "no signature", to_do="Sign.")
MINUTE = dt.timedelta(minutes=1)


class Noted:
    def __init__(self, log: Log) -> None:
        self.log, self.now = log, dt.datetime(2026, 10, 1, 3, 0, 5, tzinfo=dt.UTC)
        self.notes = Notes(log, lambda: self.now)

    def unknown(self, times: int, peer: str = "p", refused: Refused = CLOCK) -> None:
        for _ in range(times):
            self.notes(None, refused, peer)

    def whys(self) -> list[str]:
        return [one["why"] for one in self.details()]

    def details(self) -> list[dict[str, Any]]:
        return [json.loads(row.body)["detail"] for row in self.log.rows()]


@pytest.fixture
def noted(tmp_path: Path) -> Iterator[Noted]:
    made = Noted(Log(tmp_path / "log.sqlite3", b"s" * 64))
    yield made
    made.log.close()


def test_a_few_stand_one_by_one_and_the_others_in_one_entry(noted: Noted) -> None:
    noted.unknown(EACH + 30)
    noted.unknown(7, refused=UNSIGNED)
    assert noted.whys() == ["clock"] * EACH
    noted.now += MINUTE
    noted.notes.settle()
    minute = "2026-10-01T03:00:00.000000Z"
    assert noted.details()[-1] == {"why": MANY, "minute": minute, "count": 37, "clock": 30, "unsigned": 7}
    noted.notes.settle()
    assert len(noted.details()) == EACH + 1
    assert verify(noted.log.rows()).is_whole


def test_the_next_refusal_brings_the_entry_of_the_minute_before(noted: Noted) -> None:
    noted.unknown(EACH + 1)
    noted.now += 5 * MINUTE
    noted.unknown(1)
    assert noted.whys() == [*["clock"] * EACH, MANY, "clock"]


def test_many_peers_are_no_way_round(noted: Noted) -> None:
    for number in range(1_000):
        noted.unknown(3, peer=f"p{number}")
    noted.notes.settle(is_over=True)
    assert noted.whys() == ["clock"] * (3 * PEERS + EACH) + [MANY]
    assert noted.details()[-1]["count"] == 3_000 - 3 * PEERS - EACH


def test_one_that_is_loud_does_not_hide_another(noted: Noted) -> None:
    noted.unknown(500, peer="loud")
    noted.unknown(1, peer="quiet", refused=UNSIGNED)
    assert noted.whys()[-1] == "unsigned"


def test_of_who_signed_each_is_noted(noted: Noted) -> None:
    signature = nodes.a_signature(organisation=REQUESTER, agreement="A-1", request_id="0" * 32)
    noted.unknown(500)
    for _ in range(5 * EACH):
        noted.notes(signature, CLOCK, "p")
    actors = [json.loads(row.body)["actor"] for row in noted.log.rows()]
    assert actors.count(f"org:{REQUESTER}") == 5 * EACH


def test_counts_that_could_not_be_written_are_written_later(noted: Noted, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise EngineError("no room", to_do="Make room.")

    noted.unknown(EACH + 3)
    noted.now += MINUTE
    with monkeypatch.context() as patched:
        patched.setattr(noted.log, "append", full)
        with pytest.raises(EngineError):
            noted.notes.settle()
    noted.notes.settle()
    assert noted.details()[-1]["count"] == 3
