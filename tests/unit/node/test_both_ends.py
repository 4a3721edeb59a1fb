"""What both logs say of one exchange: a row that one end wrote falsely, or never, is found by the other's node.

The hashes of such a log are all right, and so are its heads: it was false from the first.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from agreements import CONTENT
from answered import a_request
from audit_logs import resealed
from nodes import HEADS
from tsunagu.audit.chain import EMPTY, SealedRow, head_of
from tsunagu.audit.entry import Entry
from tsunagu.audit.heads import text_of
from tsunagu.errors import EngineError, SourceError, StateError, TsunaguError
from tsunagu_node import log_files
from tsunagu_node.alarms import alarms_in
from tsunagu_node.both_ends import AGAIN, NEW, Account, BothEnds, pair_of
from tsunagu_node.exchanges_wire import exchanges_bytes, read_exchanges
from tsunagu_node.log import Log, moment
from tsunagu_node.messages import Request, digest_of, headers_once
from tsunagu_node.own_heads import OwnHeads
from tsunagu_node.signed import verify_request
from two_ends import NOON, Ends, readable, two_ends
from witnessed import OWN, PEERS, POLLS, Clock, Place, a_witnessed_world, at_their_posts

HOLDER, CENTRE = CONTENT["holder"], CONTENT["requester"]
AGREED = f"agreement:{CONTENT['id']}"
PAIR = pair_of({"object": AGREED, "detail": {"request": "0" * 32}})
FACTS: Mapping[str, str | int] = {
    "question": "5" * 64,
    "agreement_sha256": "6" * 64,
    "rows": 240,
    "payload_sha256": "7" * 64,
}


@dataclass
class Both:
    """Both ends, and what each finds in the other's log."""

    ends: Ends
    holder: BothEnds
    centre: BothEnds

    def crossed(self, rounds: int = 1, at: dt.datetime = NOON) -> list[tuple[str, str, int, int]]:
        """(whose log, kind, its row, the finder's row) of each alarm, over the bytes that travel."""
        found = []
        for _ in range(rounds):
            for one, other in ((self.holder, self.centre), (self.centre, self.holder)):
                asked, wanted = read_exchanges(exchanges_bytes([], one.wanted(other.own, at)), "")
                told, _ = read_exchanges(exchanges_bytes(other.told(one.own, wanted), []), "")
                assert asked == []
                found += [(alarm.log, alarm.kind, alarm.row, alarm.known) for alarm in one.take(other.own, told, at)]
        return found

    def asked(self, **changed: Any) -> None:
        with suppress(TsunaguError):
            self.ends.inquiry.ask(self.ends.agreement, a_request(self.ends.agreement, **changed))


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    """An exchange that was answered, the same asked again under another id, and one that was refused."""
    with two_ends(tmp_path) as ends:
        made = Both(ends, BothEnds(HOLDER, ends.holder), BothEnds(CENTRE, ends.centre))
        made.asked()
        made.asked(id="1" * 32)
        made.asked(id="2" * 32, purpose="statistics")
        yield made


def actions(log: Log) -> list[str]:
    return [json.loads(row.body)["action"] for row in log.rows()]


def changed(log: Log, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
    """Each row as the change makes it, or left out where it gives None; the chain made to fit, in the open file."""
    rows: list[SealedRow] = []
    for row in log.rows():
        body = change(json.loads(row.body))
        if body is not None:
            head = head_of(rows[-1]) if rows else EMPTY
            made = resealed(row, **{**body, "number": head.rows + 1, "previous": head.hash})
            rows.append(replace(made, number=head.rows + 1))
    with log.transaction() as db:
        db.execute("DROP TRIGGER IF EXISTS log_stays")
        db.execute("DROP TRIGGER IF EXISTS log_is_kept")
        db.execute("DELETE FROM log")
        db.executemany("INSERT INTO log VALUES (?, ?, ?)", [(row.number, row.body, row.hash) for row in rows])
        for table in ("exchange", "indexed"):  # noted anew, as a program that was begun again would
            db.execute(f"DELETE FROM {table}")


def with_detail(action: str, **detail: Any) -> Callable[[dict[str, Any]], dict[str, Any] | None]:
    def change(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "detail": {**body["detail"], **detail}} if body["action"] == action else body

    return change


def without(action: str) -> Callable[[dict[str, Any]], dict[str, Any] | None]:
    return lambda body: None if body["action"] == action else body


def none_at_all(_body: dict[str, Any]) -> None:
    return None


# ---------------------------------------------------------------- honest ends


def test_two_honest_ends_contradict_each_other_nowhere(both: Both) -> None:
    assert actions(both.ends.holder) == ["asked", "answered", "asked", "answered_again", "asked", "refused"]
    assert actions(both.ends.centre) == ["asking", "received", "asking", "received", "asking", "refused"]
    assert both.crossed(4) == []


def test_six_hundred_changed_requests_are_no_contradiction(both: Both) -> None:
    requests = readable(both.ends.agreement, 11)
    count = 0
    while count < 600:
        request = next(requests)
        if request.holder == HOLDER and request.requester == CENTRE:
            count += 1
            with suppress(TsunaguError):
                both.ends.inquiry.ask(both.ends.agreement, replace(request, id=f"{count:031x}a"))
    assert both.crossed(2 * 603 // NEW) == []
    for one, other in ((both.holder, CENTRE), (both.centre, HOLDER)):
        with one._log.transaction() as db:
            (new,) = db.execute("SELECT new FROM crossed WHERE peer = ?", (other,)).fetchone()
        assert new > 1_100, "all of them were compared"


def test_an_answer_that_was_lost_on_its_way_is_no_contradiction(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = both.ends.inquiry.asking
    before = asking.ask

    def lost(*given: Any) -> Any:
        before(*given)
        raise EngineError("the node cannot be reached", to_do="Try again.")

    monkeypatch.setattr(asking, "ask", lost)
    both.asked(id="3" * 32)
    assert actions(both.ends.holder)[-1] == "answered_again"
    assert actions(both.ends.centre)[-1] == "refused"
    changed(both.ends.centre, without("received"))  # the first answer too, as if it had never come
    assert both.crossed(4) == []


def test_a_thousand_questions_are_told_in_few_rows(both: Both) -> None:
    for _ in range(300):
        both.asked()
    told = both.centre.told(HOLDER, [PAIR])
    assert len(told[0].rows) < 5
    assert both.crossed(4) == []


# ---------------------------------------------------------------- an end that says something else

REWRITTEN = [
    ("holder", with_detail("answered", rows=12), (HOLDER, "contradicts", 1, 2)),
    ("holder", with_detail("answered", payload_sha256="0" * 64), (HOLDER, "contradicts", 1, 2)),
    ("holder", without("answered"), (HOLDER, "contradicts", 1, 2)),
    ("holder", with_detail("refused", why="no_key"), (HOLDER, "contradicts", 5, 6)),
    ("holder", without("refused"), (HOLDER, "contradicts", 5, 6)),
    ("holder", none_at_all, (HOLDER, "contradicts", 0, 2)),
    ("holder", with_detail("answered", of="org:city-office"), (HOLDER, "contradicts", 1, 2)),
    ("centre", with_detail("received", rows=12), (CENTRE, "contradicts", 2, 1)),
    ("centre", without("asking"), (CENTRE, "contradicts", 1, 1)),
    ("centre", with_detail("asking", question="0" * 64), (CENTRE, "contradicts", 1, 2)),
    ("centre", none_at_all, (CENTRE, "contradicts", 0, 1)),
]


@pytest.mark.parametrize(("end", "change", "found"), REWRITTEN)
def test_a_row_that_was_false_from_the_first_is_found_by_the_other_end(
    both: Both, end: str, change: Callable[[dict[str, Any]], Any], found: tuple[str, str, int, int]
) -> None:
    changed(getattr(both.ends, end), change)
    assert found in both.crossed()
    other = both.ends.centre if end == "holder" else both.ends.holder
    assert actions(other).count("not_countersigned") >= 1


def test_a_row_that_is_another_than_was_told_before_is_found(both: Both) -> None:
    """Though it says the same of the exchange: who was asked first stands in its moment."""
    assert both.crossed(2) == []
    changed(both.ends.holder, lambda body: {**body, "at": "2026-10-01T04:00:00.000000Z"})
    assert {(log, kind) for log, kind, *_ in both.crossed(2)} == {(HOLDER, "rewritten")}


def test_a_row_that_is_not_under_the_head_that_this_end_signed_is_found(both: Both) -> None:
    heads = OwnHeads(both.ends.holder)
    (head,) = heads.sign(HEADS[HOLDER], NOON)
    with both.ends.centre.transaction() as db:
        db.execute("INSERT INTO held VALUES (?, ?, ?, ?)", (HOLDER, 1, text_of(head), ""))
    changed(both.ends.holder, lambda body: {**body, "at": "2026-10-01T04:00:00.000000Z"})
    assert (HOLDER, "rewritten", 1, 1) in both.crossed()


def test_old_exchanges_are_compared_again_in_turns(both: Both) -> None:
    for number in range(3, 3 * AGAIN):
        both.asked(id=f"{number:032x}")
    assert both.crossed(6) == []
    changed(both.ends.holder, with_detail("answered", rows=12))
    first = both.crossed()
    assert any(alarm[0] == HOLDER for alarm in [*first, *both.crossed(6)])


def test_who_is_asked_and_tells_nothing_for_a_day_withholds(both: Both) -> None:
    pairs = both.centre.wanted(HOLDER, NOON)
    told = both.holder.told(CENTRE, pairs)
    later = [NOON + dt.timedelta(hours=hours) for hours in (0, 12, 25, 26)]
    # What was not the first that was wanted is no answer either.
    found = [both.centre.take(HOLDER, part, at) for part, at in zip(([], told[1:], [], []), later, strict=True)]
    assert [[alarm.kind for alarm in part] for part in found] == [[], [], ["withheld"], ["withheld"]]
    both.centre.take(HOLDER, told, later[3])
    assert both.centre.take(HOLDER, [], later[3]) == []
    assert [alarm.kind for alarm in alarms_in(both.ends.centre)] == ["withheld"]


def test_who_was_away_for_a_week_has_withheld_nothing(both: Both) -> None:
    both.centre.wanted(HOLDER, NOON)
    for days in (7, 14):
        assert both.centre.take(HOLDER, [], NOON + dt.timedelta(days=days)) == []


def test_what_is_told_of_an_exchange_that_this_end_does_not_know_is_left(both: Both) -> None:
    told = both.holder.told(CENTRE, both.centre.wanted(HOLDER, NOON))
    stranger = [Account("9" * 64, told[0].rows)]
    assert both.centre.take(HOLDER, stranger, NOON) == []


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b'{"form":"tsunagu-exchanges-1","told":[],"wanted":{}}',
        b'{"form":"tsunagu-exchanges-2","told":[],"wanted":[]}',
        b'{"form":"tsunagu-exchanges-1","told":[],"wanted":["a"]}',
        b'{"form":"tsunagu-exchanges-1","told":[],"wanted":[1]}',
        b'{"form":"tsunagu-exchanges-1","told":[{"exchange":"%s","rows":{}}],"wanted":[]}',
        b'{"form":"tsunagu-exchanges-1","told":[{"exchange":"%s","rows":[{"number":0,"body":""}]}],"wanted":[]}',
    ],
)
def test_a_message_of_another_form_is_told(data: bytes) -> None:
    with pytest.raises(SourceError, match="another form"):
        read_exchanges(data.replace(b"%s", b"a" * 64), "")


# ---------------------------------------------------------------- over the wire


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def places(tmp_path: Path, clock: Clock) -> Iterator[dict[str, Place]]:
    with at_their_posts(a_witnessed_world(tmp_path, clock)) as made:
        yield made


def an_exchange(holder: Place, centre: Place, told_rows: int) -> None:
    """Both logs of one exchange; the holder's says so many rows, the centre's what came."""
    at, request = moment(holder.world.clock()), {"request": "0" * 32}
    of = {**request, "of": f"org:{holder.id}"}
    asked = Entry(at, f"org:{centre.id}", "requester", "asked", AGREED, "none", detail=request)
    asking = Entry(at, "node:1", "requester", "asking", AGREED, "early-support", detail={**of, **_question()})
    centre.log.append(asking)
    holder.log.append(asked)
    holder.log.append(replace(asked, action="answered", detail={**request, **FACTS, "rows": told_rows}))
    centre.log.append(replace(asking, action="received", detail={**of, **FACTS, "key": "k"}))


def _question() -> dict[str, str | int]:
    return {"question": FACTS["question"]}


def told_by(place: Place) -> str:
    try:
        return "\n".join(log_files.alarms(place.path, place.world.clock()))
    except StateError as error:
        return error.what


@pytest.mark.parametrize("holder", [OWN, POLLS])
def test_an_answer_logged_as_a_smaller_one_is_found_by_who_received_it(
    places: dict[str, Place], clock: Clock, holder: str
) -> None:
    """By whichever end the round is begun: a holder without an inbound port begins it itself."""
    own, centre = places[holder], places[PEERS[0]]
    an_exchange(own, centre, told_rows=12)
    own.bringing.sign_now()
    own.bringing = replace(own.bringing, other_ends=lambda: (centre.id,))
    found = own.bringing.round()
    assert found.left == ()
    assert f"{holder}: contradicts row 2 of this log about the same exchange" in told_by(centre)
    assert f"{centre.id}: contradicts" in told_by(own)
    clock.now += dt.timedelta(minutes=1)
    assert own.bringing.round().left == ()
    assert len(centre.alarms()) == 1, "one alarm for one contradiction"


def test_what_the_other_end_told_is_kept_as_it_signed_it(places: dict[str, Place]) -> None:
    own, centre = places[OWN], places[PEERS[0]]
    an_exchange(own, centre, told_rows=12)
    own.bringing.cross(centre.id)
    entry = next(row for row in centre.log.rows() if "contradicts" in row.body)
    kept = centre.log.evidence(entry.number)
    assert kept is not None
    names = {"tsunagu-agreement": "-", "tsunagu-request": json.loads(entry.body)["detail"]["request"]}
    headers = {**names, "content-digest": digest_of(kept.body), "signature-input": kept.inputs}
    request = Request(kept.method, kept.url, headers_once({**headers, "signature": kept.signature}.items()))
    world = own.world
    assert verify_request(request, world.directory, world.clock(), body=digest_of(kept.body)).organisation == OWN
    told, _ = read_exchanges(kept.body, "")
    assert '"rows":12' in told[0].rows[1][1]


def test_ends_that_agree_keep_no_alarm_and_are_compared_every_ten_minutes(
    places: dict[str, Place], clock: Clock
) -> None:
    own, centre = places[OWN], places[PEERS[0]]
    an_exchange(own, centre, told_rows=240)
    own.bringing = replace(own.bringing, other_ends=lambda: (centre.id,))
    own.bringing.round()
    assert (own.alarms(), centre.alarms()) == ([], [])
    changed(own.log, with_detail("answered", rows=12))
    clock.now += dt.timedelta(minutes=9)
    own.bringing.round()
    assert centre.alarms() == []
    clock.now += dt.timedelta(minutes=2)
    own.bringing.round()
    assert [alarm[2] for alarm in centre.alarms()] == ["rewritten"]


def test_a_file_that_is_no_log_of_exchanges_is_read_all_the_same(both: Both) -> None:
    with both.ends.holder.transaction() as db:
        db.execute("DROP TRIGGER log_stays")
        db.execute("UPDATE log SET body = '{' WHERE number IN (2, 4)")
    assert (HOLDER, "contradicts", 1, 2) in both.crossed()
