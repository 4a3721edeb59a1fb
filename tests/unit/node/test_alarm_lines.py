"""What people read of alarms and of a round: each fault once, in words."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from served_nodes import a_node, published, ran
from tsunagu.audit.entry import Entry
from tsunagu.errors import EngineError, StateError, TsunaguError
from tsunagu_node import log_files, rounds
from tsunagu_node.alarms import Alarm, keep_alarm, lines_of
from tsunagu_node.console import messages_of
from tsunagu_node.log import moment
from tsunagu_node.node import open_node
from tsunagu_node.own_heads import OwnHeads

FIRST = "2026-09-21T00:00:00.000000Z"


def an_alarm(
    kind: str = "rewritten", seen_by: str = "tax", row: int = 7, known: int = 1, log: str = "school-board"
) -> Alarm:
    return Alarm(log, seen_by, kind, row, known, f"2026-09-2{known}T00:00:00.000000Z", "")


@pytest.mark.parametrize(
    ("alarms", "lines"),
    [
        (
            [an_alarm(), an_alarm(known=2), an_alarm("forked", known=3), an_alarm("forked", "health", known=3)],
            [f"{FIRST} school-board: rewritten and forked, from row 7 on, as tax and health know it"],
        ),
        (
            [an_alarm(), an_alarm(row=9)],
            [
                "2026-09-21T00:00:00.000000Z school-board: rewritten, from row 7 on, as tax knows it",
                "2026-09-21T00:00:00.000000Z school-board: rewritten, from row 9 on, as tax knows it",
            ],
        ),
        (
            [an_alarm(), an_alarm("withheld"), an_alarm(log="health")],
            [
                "2026-09-21T00:00:00.000000Z school-board: rewritten, from row 7 on, as tax knows it",
                "2026-09-21T00:00:00.000000Z school-board: withheld, from row 7 on, as tax knows it",
                "2026-09-21T00:00:00.000000Z health: rewritten, from row 7 on, as tax knows it",
            ],
        ),
        (
            [an_alarm("contradicts", row=0, known=n) for n in (4, 2, 3)],
            [
                "2026-09-22T00:00:00.000000Z school-board: contradicts row 2 and 2 more of this log about the same "
                "exchange"
            ],
        ),
    ],
)
def test_one_fault_is_one_line_whoever_keeps_how_many_alarms_of_it(alarms: list[Alarm], lines: list[str]) -> None:
    assert lines_of(alarms) == lines


def test_one_message_stands_once_and_what_to_do_under_all_that_have_it() -> None:
    left: list[TsunaguError] = [
        StateError("tax finds other rows", where="own", to_do="Change nothing."),
        StateError("health finds other rows", where="own", to_do="Change nothing."),
        StateError("tax finds other rows", where="own", to_do="Change nothing."),
        EngineError("the node cannot be reached", to_do="See whether it runs."),
        EngineError("something else"),
    ]
    assert messages_of(left) == [
        "own: tax finds other rows",
        "own: health finds other rows",
        "  Change nothing.",
        "the node cannot be reached",
        "  See whether it runs.",
        "something else",
    ]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A node whose second row was written anew under its head."""
    file = a_node(tmp_path, "school-board")
    published(tmp_path, "school-board")
    with rounds.opened(open_node(file)) as node:
        for _ in range(3):
            node.log.append(Entry(moment(node.clock()), "org:tax", "peer", "asked", "message", "none", detail={}))
        OwnHeads(node.log).sign(node.head_key, node.clock())
        with node.log.transaction() as db:
            db.execute("DROP TRIGGER log_stays")
            db.execute("UPDATE log SET body = replace(body, 'org:tax', 'org:other') WHERE number = 2")
    return file


def test_a_round_by_hand_says_a_fault_once(file: Path) -> None:
    with rounds.opened(open_node(file)) as node:
        node.log.append(Entry(moment(node.clock()), "org:tax", "peer", "asked", "message", "none", detail={}))
    end = ran("witness", file)
    assert end.returncode == 1
    assert end.stdout == "1 head was signed; this log is not the one that was signed\n"
    assert end.stderr.count("from row 2 on") == 1


def test_alarms_say_a_fault_once_and_count_it(file: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    path = file.parent / "log.sqlite3"
    with pytest.raises(StateError) as error:
        log_files.alarms(path, now)
    assert error.value.what.startswith("this log is not the one that was signed\n")
    with rounds.opened(open_node(file)) as node:
        with pytest.raises(StateError):
            OwnHeads(node.log).rows.check("school-board", now)
        with node.log.transaction() as db:
            keep_alarm(db, an_alarm(log="tax"))
            keep_alarm(db, an_alarm(log="tax", known=2))
    with pytest.raises(StateError) as error:
        log_files.alarms(path, now)
    assert error.value.what.startswith("2 alarms; this log is not the one that was signed\n")
    assert error.value.what.count("from row 2 on") == 1
