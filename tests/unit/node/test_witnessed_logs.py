"""Whatever the administrator of a node does to its log, a peer finds it, over the wire, and says from which row on.

The administrator has every file of the node and its keys, the head key too, and signs what is wanted anew.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit_logs import rechained
from nodes import HEADS, KEEPER, SIGNING, World
from tsunagu.audit.heads import head_from, text_of
from tsunagu.audit.held import read_held, verify_against, write_held
from tsunagu.audit.proof import write_lines
from tsunagu.audit.verify import verify
from tsunagu.errors import SourceError, StateError
from tsunagu.keys import public_text
from tsunagu_node import log_files
from tsunagu_node.own_heads import ROWS, OwnHeads
from tsunagu_node.refusals import Refused
from witnessed import (
    OWN,
    PEERS,
    POLLS,
    Clock,
    Place,
    a_witnessed_world,
    at_their_posts,
    countersigned,
    stored,
    written_anew,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> World:
    return a_witnessed_world(tmp_path, clock)


@pytest.fixture
def places(world: World) -> Iterator[dict[str, Place]]:
    with at_their_posts(world) as made:
        yield made


@pytest.fixture
def own(places: dict[str, Place], clock: Clock) -> Place:
    return countersigned(places[OWN], clock)


# ---------------------------------------------------------------- what honest nodes do


def test_both_peers_sign_and_keep_each_head_with_an_entry_of_their_own(own: Place, places: dict[str, Place]) -> None:
    newest = own.heads.newest()
    assert newest is not None
    assert (newest.number, newest.rows) == (3, 45)
    for peer in PEERS:
        assert own.heads.countersigned(peer)[0] == 3
        held = places[peer].witnessing.held(OWN)
        assert [one.head for one in held] == own.heads.after(0, 10)
        assert [one.made.head for one in held] == [one.head.digest for one in held]
        assert places[peer].actions() == ["countersigned"] * 3
        assert places[peer].alarms() == []
    assert own.heads.standing(own.world.clock()) == "sound"


def test_a_holder_without_an_inbound_port_brings_its_heads_itself(places: dict[str, Place]) -> None:
    polls = places[POLLS]
    polls.wrote(7)
    polls.bringing.sign_now()
    assert polls.bringing.round().standing == "sound"
    assert [len(places[peer].witnessing.held(POLLS)) for peer in PEERS] == [1, 1]


def test_a_head_is_signed_after_a_thousand_rows_or_ten_minutes(places: dict[str, Place], clock: Clock) -> None:
    own = places[OWN]
    assert not own.heads.is_due(clock.now)
    own.wrote(3)
    assert not own.heads.is_due(clock.now)
    clock.now += dt.timedelta(minutes=10)
    assert own.heads.is_due(clock.now)
    own.bringing.round()
    assert not own.heads.is_due(clock.now)
    own.wrote(ROWS)
    assert own.heads.is_due(clock.now)
    own.wrote(ROWS)
    assert [head.rows for head in own.heads.sign(HEADS[OWN], clock.now)] == [ROWS + 3, 2 * ROWS + 3]


def test_nodes_with_nothing_to_do_do_not_sign_each_others_signatures_for_ever(
    own: Place, places: dict[str, Place], clock: Clock
) -> None:
    peer = places[PEERS[0]]
    before = own.log.head().rows
    for _ in range(20):
        clock.now += dt.timedelta(minutes=11)
        peer.bringing.round()
        own.bringing.round()
    assert own.log.head().rows == before
    assert own.heads.standing(clock.now) == "sound"


def test_a_countersignature_is_made_young_again_where_nothing_is_new(own: Place, clock: Clock) -> None:
    for _ in range(10):
        clock.now += dt.timedelta(hours=7)
        assert own.bringing.round().standing == "sound"
    assert own.heads.standing(clock.now + dt.timedelta(days=2)) == "told"
    assert own.heads.standing(clock.now + dt.timedelta(days=8)) == "stopped"


def test_a_log_that_begins_has_seven_days_to_find_two_peers(places: dict[str, Place], clock: Clock) -> None:
    own = places[OWN]
    own.wrote(1)
    assert [own.heads.standing(clock.now + dt.timedelta(hours=h)) for h in (0, 25, 169)] == ["sound", "told", "stopped"]
    own.bringing.sign_now()
    own.bringing.bring(PEERS[0])
    assert own.heads.standing(clock.now + dt.timedelta(hours=100)) == "told"
    assert own.heads.standing(clock.now + dt.timedelta(hours=100), 1) == "told"
    assert own.heads.standing(clock.now + dt.timedelta(hours=1), 1) == "sound"


def test_many_heads_come_in_several_messages(places: dict[str, Place], clock: Clock) -> None:
    own = places[OWN]
    for _ in range(70):
        own.wrote(1)
        own.bringing.sign_now()
    own.bringing.bring(PEERS[0])
    held = places[PEERS[0]].witnessing.held(OWN)
    assert [one.head for one in held] == own.heads.after(0, 100)
    assert places[PEERS[0]].actions() == ["countersigned"] * 2


def test_a_lost_countersignature_is_given_again_and_a_lost_peer_is_told_all(
    own: Place, places: dict[str, Place], clock: Clock
) -> None:
    with own.log.transaction() as db:
        db.execute("DELETE FROM countersignature")
    own.bringing.bring(PEERS[0])
    assert own.heads.countersigned(PEERS[0])[0] == 3
    peer = places[PEERS[0]]
    with peer.log.transaction() as db:
        db.execute("DROP TRIGGER held_is_kept")
        db.execute("DELETE FROM held")
    own.wrote(1)
    own.bringing.sign_now()
    own.bringing.bring(PEERS[0])
    assert [one.head.number for one in peer.witnessing.held(OWN)] == [1, 2, 3, 4]
    assert peer.alarms() == []


# ---------------------------------------------------------------- what the administrator does


def against(own: Place, places: dict[str, Place], folder: Path) -> Any:
    """What somebody finds who has the rows from the administrator, and the heads from the peers."""
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as out:
        write_lines(own.log.rows(), out)
    files = []
    for peer in PEERS:
        files.append(folder / f"{peer}.jsonl")
        with files[-1].open("w", encoding="utf-8") as out:
            write_held(OWN, peer, places[peer].witnessing.held(OWN), out)
    return verify_against(folder / "rows.jsonl", [read_held(file) for file in files], keys(own.world))


def keys(world: World) -> Callable[[str, str], Any]:
    return world.directory.head_key_of_any_day


def test_a_log_that_nobody_touched_agrees_with_what_both_peers_hold(
    own: Place, places: dict[str, Place], tmp_path: Path
) -> None:
    found = against(own, places, tmp_path)
    assert found.is_whole
    assert found.first_wrong_row == 0
    assert found.lines() == [f"{peer}: the log has the 45 rows that its heads cover" for peer in PEERS]


@pytest.mark.parametrize("row", [1, 7, 20, 21, 33, 40, 45])
def test_a_row_that_was_edited_with_chain_and_heads_made_anew_is_named_by_a_peer_and_by_verify(
    own: Place, places: dict[str, Place], tmp_path: Path, row: int
) -> None:
    rows, heads = stored(own.path)
    rewritten = rechained(rows, row, object="agreement:A-9")
    assert verify(rewritten).is_whole  # the chain alone says nothing
    written_anew(own, rewritten, [head.rows for head in heads])
    own.wrote(3)
    own.bringing.sign_now()
    for peer in PEERS:
        with pytest.raises(StateError, match=f"forked, from row {row} on"):
            own.bringing.bring(peer)
        assert (OWN, peer, "forked", row) in places[peer].alarms()
        assert "not_countersigned" in places[peer].actions()
    found = against(own, places, tmp_path)
    assert found.first_wrong_row == row
    assert {verdict.fault.kind for verdict in found.by_peer.values()} == {"rewritten"}


def test_control_without_countersignatures_the_rewrite_goes_unseen(places: dict[str, Place], clock: Clock) -> None:
    own = places[OWN]
    own.wrote(45)
    own.bringing.sign_now()
    rows, heads = stored(own.path)
    written_anew(own, rechained(rows, 7, object="agreement:A-9"), [head.rows for head in heads])
    own.wrote(3)
    own.bringing.sign_now()
    rows, heads = stored(own.path)
    assert verify(rows, heads=heads).is_whole
    assert own.bringing.round().left == ()
    assert [places[peer].alarms() for peer in PEERS] == [[], []]


def test_a_tail_that_was_dropped_is_named(own: Place, places: dict[str, Place], tmp_path: Path) -> None:
    rows, _ = stored(own.path)
    written_anew(own, rows[:30], [20, 30])
    own.heads = OwnHeads(own.log)
    for peer in PEERS:
        with pytest.raises(StateError, match=r"(forked|rolled_back), from row 31 on"):
            own.bringing.bring(peer)
        assert [alarm[2:] for alarm in places[peer].alarms()] == [("forked", 31)]
    assert against(own, places, tmp_path).first_wrong_row == 31


def test_a_tail_dropped_at_a_head_is_named(own: Place, places: dict[str, Place], tmp_path: Path) -> None:
    heads = own.heads.after(0, 10)
    own.log.close()
    with contextlib.closing(sqlite3.connect(own.path)) as db:
        db.executescript("DROP TRIGGER log_is_kept; DROP TRIGGER head_is_kept;")
        db.execute("DELETE FROM log WHERE number > 40")
        db.execute("DELETE FROM head WHERE number > 2")
        db.commit()
    own.opened()
    assert [head.number for head in heads] == [1, 2, 3]
    for peer in PEERS:
        with pytest.raises(StateError, match="rolled_back, from row 41 on"):
            own.bringing.bring(peer)
        assert (OWN, peer, "rolled_back", 41) in places[peer].alarms()
    assert against(own, places, tmp_path).first_wrong_row == 41


@pytest.mark.parametrize("further", [0, 30])
def test_yesterdays_files_put_back_are_named(
    own: Place, places: dict[str, Place], tmp_path: Path, clock: Clock, further: int
) -> None:
    own.log.close()
    shutil.copy(own.path, tmp_path / "yesterday.sqlite3")
    own.opened()
    own.wrote(10)
    own.bringing.sign_now()
    own.bringing.round()
    own.log.close()
    for path in own.path.parent.glob("log.sqlite3*"):
        path.unlink()
    shutil.copy(tmp_path / "yesterday.sqlite3", own.path)
    own.opened()
    clock.now += dt.timedelta(hours=7)
    own.wrote(further)
    own.bringing.sign_now()
    found = own.bringing.round()
    assert len([error for error in found.left if isinstance(error, StateError)]) == len(PEERS)
    kind = "forked" if further else "rolled_back"
    assert [places[peer].alarms() for peer in PEERS] == [[(OWN, peer, kind, 46)] for peer in PEERS]
    assert against(own, places, tmp_path).first_wrong_row == 46


def test_two_histories_shown_to_two_peers_are_found_where_they_compare(
    places: dict[str, Place], tmp_path: Path, clock: Clock
) -> None:
    """Each peer alone is content; either finds the other history when it looks, though the log's node is not asked."""
    own = places[OWN]
    own.wrote(20)
    own.bringing.sign_now()
    own.bringing.round()
    own.log.close()
    for path in own.path.parent.glob("log.sqlite3*"):
        shutil.copy(path, tmp_path / path.name)
    own.opened()
    own.wrote(10)
    own.bringing.sign_now()
    own.bringing.bring(PEERS[0])
    own.log.close()
    for path in own.path.parent.glob("log.sqlite3*"):
        path.unlink()
    for path in tmp_path.glob("log.sqlite3*"):
        shutil.copy(path, own.path.parent / path.name)
    own.opened()
    own.wrote(4)
    own.wrote(6, object="agreement:A-9")
    own.bringing.sign_now()
    own.bringing.bring(PEERS[1])
    assert [places[peer].alarms() for peer in PEERS] == [[], []]
    clock.now += dt.timedelta(minutes=1)
    found = places[PEERS[0]].bringing.round()
    assert [(one.log, one.seen_by, one.kind, one.row) for one in found.alarms] == [(OWN, PEERS[1], "forked", 25)]
    places[PEERS[1]].bringing.round()
    assert places[PEERS[1]].alarms() == [(OWN, PEERS[0], "forked", 25)]
    told = against(own, places, tmp_path)
    assert told.between == ((2, *PEERS, 25),)
    assert (told.first_wrong_row, told.by_peer[PEERS[1]].is_whole) == (25, True)


def test_an_alarm_stays_and_is_kept_once(own: Place, places: dict[str, Place]) -> None:
    rows, heads = stored(own.path)
    written_anew(own, rechained(rows, 7, role="peer"), [head.rows for head in heads])
    own.wrote(1)
    own.bringing.sign_now()
    peer = places[PEERS[0]]
    for _ in range(3):
        with pytest.raises(StateError):
            own.bringing.bring(PEERS[0])
    assert [alarm for alarm in peer.alarms() if alarm[3] == 7] == [(OWN, PEERS[0], "forked", 7)]
    assert head_from(peer.witnessing.alarms()[-1].head).number in (1, 2, 3, 4)
    for statement in ("DELETE FROM alarm", "UPDATE alarm SET row = 1", "DELETE FROM held", "UPDATE held SET head = ''"):
        with contextlib.closing(sqlite3.connect(peer.path)) as db, pytest.raises(sqlite3.DatabaseError, match="stays"):
            db.execute(statement)


# ---------------------------------------------------------------- who may bring what


def test_heads_under_a_key_that_is_not_the_logs_are_refused(own: Place, places: dict[str, Place]) -> None:
    """The organisation is the one that signed the message; heads of another's log do not become its own."""
    stranger = places[POLLS]
    heads = own.heads.after(0, 10)
    with stranger.log.transaction() as db:
        for head in heads:
            db.execute("INSERT INTO head VALUES (?, ?, ?)", (head.number, head.rows, text_of(head)))
    with pytest.raises(StateError, match="edited"):
        stranger.bringing.bring(PEERS[0])
    assert [one.head for one in places[PEERS[0]].witnessing.held(OWN)] == heads
    assert places[PEERS[0]].witnessing.held(POLLS) == []


def test_a_head_key_that_was_revoked_signs_no_further_head(own: Place, world: World, clock: Clock) -> None:
    from tsunagu.keys import name_of
    from tsunagu_node.directory import with_revoked

    world.publish(with_revoked(world.directory, name_of(HEADS[OWN].public_key()), clock.now))
    own.wrote(1)
    own.bringing.sign_now()
    with pytest.raises(StateError, match="edited, from row 46 on"):
        own.bringing.bring(PEERS[0])


def test_a_countersignature_of_another_head_is_not_kept(
    own: Place, places: dict[str, Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    own.wrote(1)
    own.bringing.sign_now()
    first = places[PEERS[0]].witnessing.held(OWN)[0].made
    monkeypatch.setattr(places[PEERS[0]].witnessing, "take", lambda *_args, **_more: first)
    before = own.heads.countersigned(PEERS[0])
    with pytest.raises(Refused, match="another head"):
        own.bringing.bring(PEERS[0])
    head = own.heads.newest()
    assert head is not None
    unsigned = replace(first, head=head.digest, number=head.number, rows=head.rows)
    monkeypatch.setattr(places[PEERS[0]].witnessing, "take", lambda *_args, **_more: unsigned)
    with pytest.raises(Refused, match="another head"):
        own.bringing.bring(PEERS[0])
    assert own.heads.countersigned(PEERS[0]) == before


def test_what_is_brought_and_its_entry_are_one_transaction(
    own: Place, places: dict[str, Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    own.wrote(1)
    own.bringing.sign_now()
    peer = places[PEERS[0]]
    before = peer.log.head()

    def fails(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("tsunagu_node.witnessing.append_within", fails)
    with pytest.raises(Refused):
        own.bringing.bring(PEERS[0])
    monkeypatch.undo()
    assert (peer.log.head(), len(peer.witnessing.held(OWN))) == (before, 3)


# ---------------------------------------------------------------- the file that somebody else checks


def test_a_file_of_heads_that_was_spoilt_says_so(own: Place, places: dict[str, Place], tmp_path: Path) -> None:
    against(own, places, tmp_path)
    file = tmp_path / f"{PEERS[0]}.jsonl"
    first, *lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([first, lines[0], lines[1].replace("=", "A", 1), "{"]) + "\n", encoding="utf-8")
    held = read_held(file)
    assert held.damaged == (3,)  # the second line reads well, and its signature does not fit
    found = verify_against(tmp_path / "rows.jsonl", [held], keys(own.world))
    assert not found.is_whole
    assert {fault.of for fault in found.by_peer[PEERS[0]].faults} == {"head"}


def test_a_peers_file_under_another_key_or_for_another_log_proves_nothing(
    own: Place, places: dict[str, Place], tmp_path: Path
) -> None:
    against(own, places, tmp_path)
    held = [read_held(tmp_path / f"{peer}.jsonl") for peer in PEERS]
    rows = tmp_path / "rows.jsonl"
    assert not verify_against(rows, held, lambda _organisation, _name: None).is_whole
    assert not verify_against(rows, [replace(held[0], peer=PEERS[1])], keys(own.world)).is_whole
    for wrong in ([], [held[0], held[0]], [held[0], replace(held[1], log=POLLS)]):
        with pytest.raises(SourceError, match="several peers about one log"):
            verify_against(rows, wrong, keys(own.world))
    with pytest.raises(SourceError, match="holds no heads"):
        read_held(rows)
    assert SIGNING[OWN] != HEADS[OWN]


# ---------------------------------------------------------------- what people see


def test_people_see_alarms_and_verify_files(own: Place, places: dict[str, Place], tmp_path: Path) -> None:
    (tmp_path / "keeper.pem").write_text(public_text(KEEPER.public_key()), encoding="ascii")
    signed_by = (own.world.folder / "directory.json", tmp_path / "keeper.pem")
    files = [tmp_path / f"held-{peer}" for peer in PEERS]
    for peer, file in zip(PEERS, files, strict=True):
        assert log_files.export_held(places[peer].path, peer, OWN, file) == 3
    at = own.bringing.asking.clock()
    assert log_files.alarms(own.path, at) == ["this log is sound: 2 of 2 witnesses countersigned it within 24 hours"]
    assert log_files.export_rows(own.path, tmp_path / "before") == 45
    found = log_files.verify_rows(tmp_path / "before", files, *signed_by)
    assert "\n".join(found.lines()).count("45 rows") == 2
    rows, heads = stored(own.path)
    written_anew(own, rechained(rows, 33, role="peer"), [head.rows for head in heads])
    own.wrote(1)
    own.bringing.sign_now()
    own.bringing.round()
    log_files.export_rows(own.path, tmp_path / "after")
    with pytest.raises(StateError, match="from row 33 on"):
        log_files.verify_rows(tmp_path / "after", files, *signed_by)
    with pytest.raises(StateError, match=f"{OWN}: forked, from row 33 on, as {PEERS[0]} knows it"):
        log_files.alarms(places[PEERS[0]].path, at)
    with pytest.raises(StateError, match="there already"):
        log_files.export_rows(own.path, tmp_path / "after")
    with pytest.raises(SourceError, match="no such log"):
        log_files.alarms(tmp_path / "none", at)


def test_a_file_without_a_head_is_nothing_to_hold_against_a_log(tmp_path: Path) -> None:
    file = tmp_path / "none.heads"
    with file.open("w", encoding="utf-8") as out:
        write_held(OWN, PEERS[0], [], out)
    with pytest.raises(SourceError, match="the peer kept no head of this log"):
        read_held(file)
