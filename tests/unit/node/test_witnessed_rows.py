"""Rows that were written anew under heads that stay as they are: each is found by another's node, without an export.

New heads build on the peaks of the last and read no older row. So the rows are computed anew: by the log's own node,
and, shown as hashes, by the peers, who choose which.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit_logs import a_log, heads_of, rechained
from nodes import HEADS, World
from tsunagu.audit.chain import SealedRow
from tsunagu.audit.heads import text_of
from tsunagu.audit.held import read_held, verify_against, write_held
from tsunagu.audit.proof import write_lines
from tsunagu.audit.stretch import first_other_row
from tsunagu.errors import StateError
from tsunagu_node import log_files
from tsunagu_node.alarms import Message
from tsunagu_node.log import Evidence, Log
from tsunagu_node.messages import Request, digest_of, headers_once
from tsunagu_node.own_heads import OwnHeads
from tsunagu_node.own_rows import AGAIN, OwnRows
from tsunagu_node.rows_wire import read_shown
from tsunagu_node.signed import verify_request
from tsunagu_node.witnessed_rows import BY_TURNS, MOST, ROWS, WitnessedRows
from witnessed import (
    BEGUN,
    OWN,
    PEERS,
    Clock,
    Place,
    a_witnessed_world,
    at_their_posts,
    countersigned,
    rows_alone,
    stored,
    written_anew,
)

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
PROOF = Message("rows-1", Evidence("POST", "https://peer/rows", b"body", "inputs", "signature"))
OTHER = "agreement:A-9"


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


def told(place: Place) -> str:
    """What a node's people read when they ask it for its alarms."""
    try:
        return "\n".join(log_files.alarms(place.path, place.world.clock()))
    except StateError as error:
        return error.what


# ---------------------------------------------------------------- what the administrator does


def rewritten(own: Place) -> None:
    rows, _ = stored(own.path)
    rows_alone(own, rechained(rows, 7, object=OTHER))


def rewritten_with_its_heads(own: Place) -> None:
    rows, heads = stored(own.path)
    written_anew(own, rechained(rows, 7, object=OTHER), [head.rows for head in heads])
    own.wrote(1)


def cut(own: Place) -> None:
    rows, _ = stored(own.path)
    rows_alone(own, rows[:30])


def cut_with_its_heads(own: Place) -> None:
    rows, _ = stored(own.path)
    written_anew(own, rows[:40], [20, 40])
    own.wrote(1)


def forked(own: Place) -> None:
    """Put back to row 24, and gone on from there with other acts, under the heads of what was."""
    rows, _ = stored(own.path)
    rows_alone(own, a_log(50, after=rows[:24]))


def forked_with_its_heads(own: Place) -> None:
    rows, _ = stored(own.path)
    written_anew(own, a_log(50, after=rows[:24]), [20, 40, 45, 50])


def put_back(own: Place) -> None:
    """Yesterday's files, of before the last head."""
    own.log.close()
    with contextlib.closing(sqlite3.connect(own.path)) as db:
        db.executescript("DROP TRIGGER log_is_kept; DROP TRIGGER head_is_kept;")
        db.execute("DELETE FROM log WHERE number > 40")
        db.execute("DELETE FROM head WHERE number > 2")
        db.execute("DELETE FROM countersignature WHERE number > 2")
        db.commit()
    own.opened()


def put_back_rows(own: Place) -> None:
    """Yesterday's rows into today's file."""
    rows, _ = stored(own.path)
    rows_alone(own, rows[:20])


# The log's own node notes what it finds, and so writes the row behind what was cut: by then it is another row.
ACTS = [
    (rewritten, "rewritten", 7),
    (rewritten_with_its_heads, "forked", 7),
    (cut, "rewritten", 31),
    (cut_with_its_heads, "rewritten", 41),
    (forked, "rewritten", 25),
    (forked_with_its_heads, "forked", 25),
    (put_back, "cut", 41),
    (put_back_rows, "rewritten", 21),
]


@pytest.mark.parametrize(("act", "kind", "row"), ACTS, ids=[act.__name__ for act, _, _ in ACTS])
def test_another_nodes_alarms_tell_it_though_nobody_exports_anything(
    own: Place, places: dict[str, Place], clock: Clock, act: Callable[[Place], None], kind: str, row: int
) -> None:
    act(own)
    clock.now += 11 * MINUTE
    own.bringing.round()
    for peer in PEERS:
        assert f"{OWN}: {kind}, from row {row} on, as {peer} knows it" in told(places[peer])


@pytest.mark.parametrize("row", [1, 20, 21, 33, 40, 45])
def test_a_row_written_anew_under_its_head_is_named(own: Place, places: dict[str, Place], row: int) -> None:
    rows, _ = stored(own.path)
    rows_alone(own, rechained(rows, row, object=OTHER))
    own.wrote(3)
    own.bringing.sign_now()
    found = own.bringing.round(at_once=True)
    for peer in PEERS:
        assert places[peer].alarms() == [(OWN, peer, "rewritten", row)]
        assert any(f"{peer} finds other rows" in error.what for error in found.left if isinstance(error, StateError))
    assert own.alarms() == [(OWN, OWN, "rewritten", row)]


def test_what_was_shown_is_kept_as_its_sender_signed_it(own: Place, places: dict[str, Place], world: World) -> None:
    rewritten(own)
    own.bringing.round(at_once=True)
    peer = places[PEERS[0]]
    entry = next(row for row in peer.log.rows() if "not_countersigned" in row.body)
    kept = peer.log.evidence(entry.number)
    assert kept is not None
    assert [number for number, _ in read_shown(kept.body, "")] == [1, 2, 3]
    names = {"tsunagu-agreement": "-", "content-digest": digest_of(kept.body)}
    said = json.loads(entry.body)["detail"]["request"]
    headers = {**names, "tsunagu-request": said, "signature-input": kept.inputs, "signature": kept.signature}
    request = Request(kept.method, kept.url, headers_once(headers.items()))
    assert verify_request(request, world.directory, world.clock(), body=digest_of(kept.body)).organisation == OWN


# ---------------------------------------------------------------- who does not show


def test_whoever_never_shows_its_rows_is_not_countersigned_for_long(
    own: Place, places: dict[str, Place], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewritten(own)
    monkeypatch.setattr("tsunagu_node.bringing.Bringing.show", lambda _self, _peer: None)
    for _ in range(6):
        clock.now += 7 * HOUR
        own.wrote(1)
        own.bringing.round()
    for peer in PEERS:
        assert [alarm[2] for alarm in places[peer].alarms()] == ["withheld"]
        assert f"{OWN}: withheld, from row" in told(places[peer])
        assert own.heads.countersigned(peer)[0] < own.heads.after(0, 100)[-1].number


def test_whoever_asks_and_does_not_show_withholds(
    own: Place, places: dict[str, Place], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = places[PEERS[0]].witnessing.rows
    first = peer.wanted(OWN, clock.now)
    assert first == peer.wanted(OWN, clock.now), "one cannot ask until the choice is a pleasant one"
    for _ in range(5):
        clock.now += 7 * HOUR
        # Whatever else is shown, what was asked about stays open.
        peer.take(OWN, [(3, own.heads.rows.hashes(3))], clock.now, PROOF)
        with contextlib.suppress(StateError):
            own.bringing.bring(PEERS[0])
    assert [alarm[2:] for alarm in places[PEERS[0]].alarms()] == [("withheld", 1)]


def test_a_node_that_was_away_for_a_week_has_withheld_nothing(
    own: Place, places: dict[str, Place], clock: Clock
) -> None:
    clock.now += dt.timedelta(days=7)
    own.wrote(2)
    own.bringing.sign_now()
    assert own.bringing.round().left == ()
    assert own.bringing.round().left == ()
    assert [places[peer].alarms() for peer in PEERS] == [[], []]


def test_rows_that_are_as_they_were_signed_again_are_countersigned_again_and_the_alarm_stays(
    own: Place, places: dict[str, Place], clock: Clock
) -> None:
    rows, _ = stored(own.path)
    rows_alone(own, rechained(rows, 7, object=OTHER))
    for _ in range(6):
        clock.now += 7 * HOUR
        own.bringing.round()
    assert {alarm[2] for alarm in places[PEERS[0]].alarms()} == {"rewritten", "withheld"}
    again, _ = stored(own.path)
    own.log.close()
    with contextlib.closing(sqlite3.connect(own.path)) as db:
        db.execute("DROP TRIGGER log_stays")
        db.executemany("UPDATE log SET body = ?, hash = ? WHERE number = ?", [(r.body, r.hash, r.number) for r in rows])
        db.commit()
    own.opened()
    assert again != rows
    own.bringing.show(PEERS[0])
    before = own.heads.countersigned(PEERS[0])[1]
    own.bringing.bring(PEERS[0])
    after = own.heads.countersigned(PEERS[0])[1]
    assert before is not None
    assert after is not None
    assert after > before
    assert {alarm[2] for alarm in places[PEERS[0]].alarms()} == {"rewritten", "withheld"}


# ---------------------------------------------------------------- the node itself


def test_the_node_finds_it_itself_when_it_begins_and_answers_nobody(own: Place) -> None:
    rows, _ = stored(own.path)
    assert own.heads.standing(own.world.clock()) == "sound"
    rows_alone(own, rechained(rows, 7, object=OTHER))
    with pytest.raises(StateError, match="rewritten, from row 7 on"):
        own.heads.rows.check(OWN, own.world.clock())
    assert own.heads.standing(own.world.clock()) == "differs"
    assert own.heads.standing(own.world.clock(), 0) == "differs"
    assert "differs" in own.actions()
    with contextlib.suppress(StateError):
        own.heads.rows.check(OWN, own.world.clock())
    assert own.actions().count("differs") == 1


def test_alarms_compute_the_rows_of_the_own_log_anew(own: Place) -> None:
    assert told(own) == "this log is sound: 2 of 2 witnesses countersigned it within 24 hours"
    rewritten(own)
    said = told(own)
    assert "this log is not the one that was signed" in said
    assert "from row 7 on" in said


@pytest.mark.parametrize("body", ["{", '{"at":"x"}', "[]"])
def test_a_row_that_is_none_stops_no_round(own: Place, places: dict[str, Place], clock: Clock, body: str) -> None:
    rows, _ = stored(own.path)
    rows_alone(own, [SealedRow(1, body, rows[0].hash), *rows[1:]])
    clock.now += 11 * MINUTE
    own.bringing.round()
    assert own.heads.standing(clock.now) == "differs"
    assert places[PEERS[0]].alarms() == [(OWN, PEERS[0], "rewritten", 1)]


@pytest.mark.parametrize("body", ["{", '{"at":"x"}', "[]"])
def test_a_row_that_is_none_behind_the_last_head_is_due_and_found(own: Place, clock: Clock, body: str) -> None:
    own.wrote(1)
    rows, _ = stored(own.path)
    rows_alone(own, [*rows[:45], SealedRow(46, body, rows[45].hash)])
    assert own.heads.is_due(clock.now)
    with pytest.raises(StateError, match="rewritten, from row 46 on"):
        own.heads.rows.check(OWN, clock.now)


def test_a_log_whose_first_row_is_none_does_not_stand(tmp_path: Path) -> None:
    with contextlib.closing(Log(tmp_path / "log.sqlite3", b"s" * 64)) as log:
        with log.transaction() as db:
            db.execute("INSERT INTO log VALUES (1, '{', '')")
        assert OwnHeads(log).standing(BEGUN) == "differs"


def test_a_row_behind_the_last_head_that_does_not_follow_is_found(own: Place) -> None:
    own.wrote(4)
    rows, _ = stored(own.path)
    rows_alone(own, rechained(rows, 47, 47, object=OTHER))
    assert own.heads.rows.first_other() == 48
    other = SealedRow(47, rows[46].body.replace("asked", "shown"), rows[46].hash)
    rows_alone(own, [*rows[:46], other, *rows[47:]])
    assert own.heads.rows.first_other() == 47


def test_a_head_that_does_not_follow_is_found(own: Place) -> None:
    _, heads = stored(own.path)
    own.log.close()
    with contextlib.closing(sqlite3.connect(own.path)) as db:
        db.execute("DROP TRIGGER head_stays")
        db.execute("UPDATE head SET text = ? WHERE number = 2", (text_of(heads[1])[:-9],))
        db.commit()
    own.opened()
    assert own.heads.rows.first_other() == 21


def test_one_round_looks_at_the_new_rows_and_at_a_part_of_the_others(tmp_path: Path) -> None:
    """All when it begins; then, of what it knows, no more than AGAIN at a time, and all of it in turns."""
    path = tmp_path / "log.sqlite3"
    many = 2 * AGAIN + 500
    with contextlib.closing(Log(path, b"s" * 64)) as log:
        with log.transaction() as db:
            rows = a_log(many)
            db.executemany("INSERT INTO log VALUES (?, ?, ?)", [(row.number, row.body, row.hash) for row in rows])
        OwnHeads(log).sign(HEADS[OWN], BEGUN)
        known = OwnRows(log)
        known.check(OWN, BEGUN)
        other = rechained(rows, many - 400, many - 400, object=OTHER)[many - 401]
        with log.transaction() as db:
            db.execute("DROP TRIGGER log_stays")
            db.execute("UPDATE log SET body = ?, hash = ? WHERE number = ?", (other.body, other.hash, other.number))
        with pytest.raises(StateError, match=f"from row {many - 400:,} on"):
            OwnRows(log).check(OWN, BEGUN)
        found = [known.first_other() for _ in range(3)]
        assert 0 in found, "not all at once"
        assert many - 400 in found


# ---------------------------------------------------------------- what a witness wants


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Log]:
    with contextlib.closing(Log(tmp_path / "witness.sqlite3", b"w" * 64)) as made:
        yield made


def test_each_row_is_wanted_soon_once_and_then_again_in_turns(witness: Log) -> None:
    """200 heads of 150 rows: 30,000 rows, of which BY_TURNS at a time go by turns."""
    rows = a_log(30_000)
    heads = heads_of(rows, *range(150, 30_001, 150), key=HEADS[OWN])
    with witness.transaction() as db:
        made = text_of(heads[0])
        db.executemany("INSERT INTO held VALUES (?, ?, ?, ?)", [(OWN, h.number, text_of(h), made) for h in heads])
    seen = WitnessedRows(PEERS[0], witness)

    def shown(at: dt.datetime) -> tuple[list[int], bool]:
        numbers, more = seen.wanted(OWN, at)
        hashes = [(n, [bytes.fromhex(r.hash) for r in rows[150 * (n - 1) : 150 * n]]) for n in numbers]
        assert seen.take(OWN, hashes, at, PROOF) is None
        return numbers, more

    first: list[int] = []
    more = True
    while more:
        numbers, more = shown(BEGUN)
        assert len(numbers) <= MOST
        assert 150 * len(numbers) <= ROWS
        first += numbers
    assert set(first) == set(range(1, 201))
    turns = -(-30_000 // BY_TURNS) + 1
    again = [number for turn in range(turns) for number in shown(BEGUN + (turn + 1) * HOUR)[0]]
    assert set(again) == set(range(1, 201))
    by_turns = [number for turn in range(4) for number in shown(BEGUN + (20 + turn) * HOUR)[0]]
    assert len(by_turns) > 4 * BY_TURNS // 150, "and some by chance"


def test_a_witness_says_nothing_of_heads_that_it_does_not_hold(witness: Log) -> None:
    seen = WitnessedRows(PEERS[0], witness)
    assert seen.wanted(OWN, BEGUN) == ([], False)
    assert seen.take(OWN, [(1, [bytes(32)])], BEGUN, PROOF) is None


@pytest.mark.parametrize("at", [0, 8, 31])
def test_each_byte_of_a_hash_decides(at: int) -> None:
    """A head keeps eight bytes of each hash, and its root is over all of them."""
    rows = a_log(9)
    before, head = heads_of(rows, 4, 9)
    hashes = [bytes.fromhex(row.hash) for row in rows[4:]]
    assert first_other_row(head, before, hashes) == 0
    other = bytearray(hashes[2])
    other[at] ^= 1
    assert first_other_row(head, before, [*hashes[:2], bytes(other), *hashes[3:]]) == (7 if at < 8 else 5)
    assert first_other_row(head, before, hashes[:-1]) == 9
    assert first_other_row(head, before, []) == 5
    assert first_other_row(head, before, [*hashes, bytes(32)]) != 0


# ---------------------------------------------------------------- what this cannot find


def test_control_a_program_that_shows_what_was_is_found_where_somebody_reads_the_rows(
    own: Place, places: dict[str, Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever controls the program too can keep the old hashes, and show these: the witnesses then know what was. Who
    is given other rows than those holds them against what the witnesses hold, and finds the row."""
    rows, heads = stored(own.path)
    kept = {head.number: [bytes.fromhex(row.hash) for row in rows[head.first - 1 : head.rows]] for head in heads}
    rewritten(own)
    monkeypatch.setattr(OwnRows, "hashes", lambda _self, number: kept[number])
    monkeypatch.setattr(OwnRows, "check", lambda _self, _own, _now: None)
    assert own.bringing.round(at_once=True).left == ()
    assert [places[peer].alarms() for peer in PEERS] == [[], []]
    with (tmp_path / "rows.jsonl").open("w", encoding="utf-8") as out:
        write_lines(own.log.rows(), out)
    with (tmp_path / "held.jsonl").open("w", encoding="utf-8") as out:
        write_held(OWN, PEERS[0], places[PEERS[0]].witnessing.held(OWN), out)
    held = read_held(tmp_path / "held.jsonl")
    found = verify_against(tmp_path / "rows.jsonl", [held], own.world.directory.head_key_of_any_day)
    assert found.first_wrong_row == 7
