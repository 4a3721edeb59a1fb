"""A log that is not the one that was signed, after people looked: begun anew, answering, the break in sight."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from audit_logs import rechained
from nodes import HEADS
from served_nodes import a_node, done, published, ran
from tsunagu.audit.entry import Entry
from tsunagu.errors import EngineError, StateError
from tsunagu_node import beginning_anew, log_files, rounds
from tsunagu_node.alone import SERVING, alone
from tsunagu_node.beginning_anew import Finding, begin_anew
from tsunagu_node.log import moment
from tsunagu_node.node import Node, open_node
from tsunagu_node.own_heads import OwnHeads
from witnessed import OWN, PEERS, Clock, a_witnessed_world, at_their_posts, countersigned, rows_alone, stored

WHO, SAID = "監査事務局", "ディスクを 11 月 30 日に替えた"
GIVEN = ("--why", "broken_disk", "--found-by", WHO, "--said", SAID)


def an_entry(node: Node) -> Entry:
    return Entry(moment(node.clock()), "org:tax", "peer", "asked", "message", "none", detail={})


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A node with three rows under a head, and something that it has answered."""
    file = a_node(tmp_path, "school-board", "--witnesses", "tax,health")
    published(tmp_path, "school-board")
    with rounds.opened(open_node(file)) as node:
        for _ in range(3):
            node.log.append(an_entry(node))
        OwnHeads(node.log).sign(node.head_key, node.clock())
        with node.log.transaction() as db:
            db.execute("INSERT INTO told VALUES ('A-1', 'cell', 12)")
            db.execute("INSERT INTO named VALUES ('child-centre', 'p', 'J', '2026-11', x'00')")
    return file


@pytest.fixture
def file(sound: Path) -> Path:
    """The same, with its second row written anew; the node has found it."""
    with rounds.opened(open_node(sound)) as node:
        with node.log.transaction() as db:
            db.execute("DROP TRIGGER log_stays")
            db.execute("UPDATE log SET body = replace(body, 'org:tax', 'org:other') WHERE number = 2")
        with pytest.raises(StateError):
            OwnHeads(node.log).rows.check("school-board", node.clock())
    return sound


def test_what_people_found_ends_the_old_log_and_the_node_answers_again(file: Path) -> None:
    log = file.parent / "log.sqlite3"
    with rounds.opened(open_node(file)) as node:
        old = list(node.log.rows())
        head = OwnHeads(node.log).newest()
        assert head is not None
        assert OwnHeads(node.log).standing(node.clock()) == "differs"
    assert "The log was begun anew. What was before, 4 rows" in done("begin-log-anew", file, *GIVEN)
    kept = file.parent / "log.before-1.sqlite3"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with closing(sqlite3.connect(kept)) as db:
        assert db.execute("SELECT number, body, hash FROM log ORDER BY number").fetchall() == [
            (row.number, row.body, row.hash) for row in old
        ]
    with rounds.opened(open_node(file)) as node:
        heads = OwnHeads(node.log)
        (row,) = node.log.rows()
        entry = json.loads(row.body)
        newest = heads.newest()
        assert newest is not None
        assert (newest.number, newest.rows) == (1, 1), "the entry is under a signed head"
        assert newest.series != head.series
        assert (entry["action"], entry["object"]) == ("log_begun_anew", "log:school-board")
        assert entry["detail"]["head"] == head.digest
        assert (entry["detail"]["rows"], entry["detail"]["why"]) == (4, "broken_disk")
        assert entry["detail"]["file_sha256"] == hashlib.sha256(kept.read_bytes()).hexdigest()
        heads.rows.check("school-board", node.clock())
        assert heads.standing(node.clock()) == "sound"
        with node.log.reading() as db:
            assert db.execute("SELECT count(*) FROM told").fetchone() == (1,), "what was told stays known"
            assert db.execute("SELECT count(*) FROM named").fetchone() == (1,)
    with pytest.raises(StateError) as error:
        log_files.alarms(log, dt.datetime.now(dt.UTC))
    assert "school-board: rewritten, from row 2 on, as school-board knows it" in error.value.what
    assert f"this log was begun anew (broken_disk), as {WHO} found: {SAID}" in error.value.what
    assert error.value.what.startswith("1 alarm; this log is not witnessed yet")


def test_the_new_log_can_be_changed_as_little_as_the_old_one_and_a_second_break_is_found(file: Path) -> None:
    done("begin-log-anew", file, *GIVEN)
    with rounds.opened(open_node(file)) as node:
        heads = OwnHeads(node.log)
        for table in ("log", "head", "earlier_alarm", "begun_anew"):
            with pytest.raises(EngineError, match="cannot be used"), node.log.transaction() as db:
                db.execute(f"DELETE FROM {table}")
        for _ in range(3):
            node.log.append(an_entry(node))
        heads.sign(node.head_key, node.clock())
        with node.log.transaction() as db:
            db.execute("DROP TRIGGER log_stays")
            db.execute("UPDATE log SET body = replace(body, 'org:tax', 'org:other') WHERE number = 2")
        with pytest.raises(StateError):
            OwnHeads(node.log).rows.check("school-board", node.clock())
        assert heads.standing(node.clock()) == "differs"
    done("begin-log-anew", file, *GIVEN)
    assert (file.parent / "log.before-2.sqlite3").exists()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (GIVEN, "this log is the one that was signed: there is nothing to begin anew"),
        (("--why", "tidy", "--found-by", WHO, "--said", SAID), "this is nothing that may be found"),
        (("--why", "unknown", "--found-by", " ", "--said", SAID), "it is not said who found what"),
    ],
)
def test_a_log_is_not_begun_anew_for_nothing(sound: Path, given: tuple[str, ...], told: str) -> None:
    end = ran("begin-log-anew", sound, *given)
    assert end.returncode in (3, 6)
    assert told in end.stderr
    assert not list(sound.parent.glob("log.before*"))
    with rounds.opened(open_node(sound)) as node:
        assert len(list(node.log.rows())) == 3


def test_a_backup_that_was_put_back_is_known_to_people_alone(sound: Path) -> None:
    done("begin-log-anew", sound, "--why", "restored_backup", "--found-by", WHO, "--said", SAID)


def test_a_node_that_runs_is_stopped_first(file: Path) -> None:
    with alone(file.parent, SERVING):
        end = ran("begin-log-anew", file, *GIVEN)
    assert "this node is running already" in end.stderr
    assert not list(file.parent.glob("log.before*"))


def test_a_command_that_was_killed_has_changed_nothing_and_is_called_again(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with rounds.opened(open_node(file)) as node:
        with monkeypatch.context() as during:
            during.setattr(beginning_anew, "append_within", killed)
            with pytest.raises(KeyboardInterrupt):
                begin_anew(node, Finding("broken_disk", WHO, SAID))
        assert len(list(node.log.rows())) == 4
        ended = begin_anew(node, Finding("broken_disk", WHO, SAID))
        with pytest.raises(EngineError), node.log.transaction() as db:
            db.execute("DELETE FROM log")  # at once, and not from the next opening on
    assert ended.file.name == "log.before-1-2.sqlite3"


def test_witnesses_of_the_old_log_show_the_break_and_another_one_signs(tmp_path: Path) -> None:
    """Who held the old log signs no head of the new one; who never held it does."""
    clock = Clock()
    with at_their_posts(a_witnessed_world(tmp_path, clock)) as places:
        own = places[OWN]
        own.peers = PEERS[:1]
        countersigned(own, clock)
        rows, _ = stored(own.path)
        rows_alone(own, rows[:40])
        own.bringing.round(at_once=True)
        assert own.heads.standing(clock.now, 1) == "differs"
        first, second = (places[peer] for peer in PEERS)
        held, alarms = first.witnessing.held(OWN), first.alarms()
        assert alarms
        file = SimpleNamespace(organisation=OWN, folder=own.path.parent)
        node = SimpleNamespace(file=file, log=own.log, clock=clock, head_key=HEADS[OWN])
        begin_anew(cast("Node", node), Finding("broken_disk", WHO, SAID))
        assert own.heads.standing(clock.now, 1) == "sound"

        left = own.bringing.round(at_once=True).left
        assert any(f"{PEERS[0]} does not countersign this log: forked" in one.what for one in left)
        assert first.witnessing.held(OWN) == held
        assert set(first.alarms()) > set(alarms)

        own.peers = PEERS[1:]
        assert own.bringing.round(at_once=True).left == ()
        assert own.heads.countersigned(PEERS[1])[0] == 1
        assert second.alarms() == []


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_copy_is_gone_on_with_only_where_it_has_the_last_head_that_witnesses_hold(
    tmp_path: Path, goes_on: bool
) -> None:
    clock = Clock()
    with at_their_posts(a_witnessed_world(tmp_path, clock)) as places:
        own = countersigned(places[OWN], clock)
        with closing(sqlite3.connect(own.path)) as db, closing(sqlite3.connect(tmp_path / "copy")) as copy:
            db.backup(copy)
        rows, _ = stored(own.path)
        rows_alone(own, rechained(rows, 7, object="agreement:A-9"))
        with pytest.raises(StateError):
            own.heads.rows.check(OWN, clock.now)
        if goes_on:  # the row about the alarm is under a head that the witnesses hold
            own.bringing.sign_now()
            own.bringing.round()
        own.log.close()
        for file in own.path.parent.glob("log.sqlite3*"):
            file.unlink()
        (tmp_path / "copy").rename(own.path)
        own.opened()
        own.wrote(2)
        own.bringing.sign_now()
        left = own.bringing.round(at_once=True).left
        assert own.heads.standing(clock.now) == "sound"
        assert (left == ()) is not goes_on
        assert all("does not countersign this log: forked" in one.what for one in left)
