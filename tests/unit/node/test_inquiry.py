"""The requester's node: what it asked, received and was refused stands in its own log, in the words of the other's."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import nodes
from answered import a_request
from nodes import HOLDER, REQUESTER, World, a_world
from offices import Holder, agreement_of_today, today
from tsunagu.audit.verify import verify
from tsunagu.errors import EngineError, PurposeError, StateError, TsunaguError
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.canonical import canonical
from tsunagu.purposes.grant import REFUSALS
from tsunagu.purposes.request import DataRequest
from tsunagu_node.asking import Patience
from tsunagu_node.inquiry import OWN, Inquiry
from tsunagu_node.log import Log
from tsunagu_node.mailbox import Mailbox
from tsunagu_node.noting import EACH
from tsunagu_node.opening import Answered
from tsunagu_node.polling import look_once
from tsunagu_node.refusals import STATUS, Refused, failed
from tsunagu_node.signed import sign_request

ONCE = Patience(tries=1, connect=5, read=30)


class Side:
    """The requester with its log, and what both logs say."""

    def __init__(self, world: World, holder: Holder, mailbox: Mailbox | None = None) -> None:
        self.world, self.holder = world, holder
        self.log = Log(world.folder / REQUESTER / "log.sqlite3", b"r" * 64)
        self.inquiry = Inquiry(world.asking(REQUESTER, patience=ONCE), self.log, mailbox)

    def entries(self, log: Log | None = None) -> list[dict[str, Any]]:
        return [json.loads(row.body) for row in (log or self.log).rows()]

    def actions(self) -> list[str]:
        return [one["action"] for one in self.entries()]

    def end(self) -> dict[str, Any]:
        return dict(self.entries()[-1]["detail"])

    def arrived(self) -> list[Path]:
        return list((self.world.folder / REQUESTER / "arrived").iterdir())


@pytest.fixture
def agreement() -> SharingAgreement:
    return agreement_of_today()


@pytest.fixture
def side(tmp_path: Path, agreement: SharingAgreement) -> Iterator[Side]:
    world = a_world(tmp_path)
    holder = Holder(world, agreement)
    with world.served(HOLDER, holder.answering):
        yield Side(world, holder)


@pytest.fixture
def polled(tmp_path: Path, agreement: SharingAgreement) -> Iterator[Side]:
    world = a_world(tmp_path, polled=(HOLDER,))
    mailbox = Mailbox(tmp_path / REQUESTER)
    with world.served(REQUESTER, world.answering(REQUESTER, nodes.Dummy()), mailbox=mailbox):
        yield Side(world, Holder(world, agreement), mailbox)


def of_today(agreement: SharingAgreement, **changed: Any) -> DataRequest:
    return a_request(agreement, on=today(), **changed)


def test_it_is_logged_that_one_asks_before_and_what_was_received_after(side: Side, agreement: SharingAgreement) -> None:
    request = of_today(agreement)
    assert side.inquiry.ask(agreement, request).table.num_rows == 200
    asking, received = side.entries()
    [_, answered] = side.entries(side.holder.log)
    assert (asking["action"], received["action"]) == ("asking", "received")
    assert {one["actor"] for one in (asking, received)} == {"staff:12"}
    assert received["detail"]["of"] == f"org:{HOLDER}"
    for key in ("request", "question", "rows", "payload_sha256", "agreement_sha256"):
        assert received["detail"][key] == answered["detail"][key]
    assert side.arrived() == []
    assert verify(side.log.rows()).is_whole


def test_nothing_is_asked_where_the_log_cannot_be_written(side: Side, agreement: SharingAgreement) -> None:
    side.log.close()
    with pytest.raises(EngineError):
        side.inquiry.ask(agreement, of_today(agreement))
    assert side.entries(side.holder.log) == []


def test_the_same_answer_again_is_no_second_one(side: Side, agreement: SharingAgreement) -> None:
    first, second = (side.inquiry.ask(agreement, of_today(agreement)) for _ in range(2))
    assert first == second
    assert side.actions() == ["asking", "received", "asking", "received_again"]


def test_another_answer_under_the_same_id_is_not_taken(
    side: Side, agreement: SharingAgreement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side.log, "append_once", lambda *_: "0" * 64)
    with pytest.raises(PurposeError, match="another one was received before"):
        side.inquiry.ask(agreement, of_today(agreement))
    assert side.end()["why"] == "not_taken"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"purpose": "statistics"}, "another_purpose"),
        ({"granularity": "item"}, "another_granularity"),
        ({"agreement": "A-2026-099"}, "no_agreement"),
        ({"on": today().replace(year=today().year - 1)}, "another_day"),
    ],
)
def test_a_refusal_has_the_same_code_in_both_logs(
    side: Side, agreement: SharingAgreement, changed: dict[str, Any], why: str
) -> None:
    with pytest.raises(Refused):
        side.inquiry.ask(agreement, replace(of_today(agreement), **changed))
    assert side.actions() == ["asking", "refused"]
    assert (side.end()["why"], side.end()["proved"]) == (why, "yes")
    assert side.entries(side.holder.log)[-1]["detail"]["why"] == why


def test_words_tell_one_code_from_another() -> None:
    assert len(set(REFUSALS.values())) == len(REFUSALS)
    assert not set(OWN) - {"failed"} & (set(REFUSALS) | set(STATUS))


def test_who_cannot_be_reached_is_logged_as_not_proved(tmp_path: Path, agreement: SharingAgreement) -> None:
    world = a_world(tmp_path)
    side = Side(world, Holder(world, agreement))
    with pytest.raises(EngineError, match="cannot be reached"):
        side.inquiry.ask(agreement, of_today(agreement))
    assert side.actions() == ["asking", "refused"]
    assert (side.end()["why"], side.end()["proved"]) == ("unreachable", "no")


def test_an_unsigned_refusal_is_logged_as_not_proved(
    side: Side, agreement: SharingAgreement, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise failed()

    monkeypatch.setattr(side.holder.answering, "verify", broken)
    with pytest.raises(Refused):
        side.inquiry.ask(agreement, of_today(agreement))
    assert (side.end()["why"], side.end()["proved"]) == ("failed", "no")


@pytest.mark.parametrize("missing", ["directory.json", ""])
def test_what_cannot_be_sent_is_logged(tmp_path: Path, agreement: SharingAgreement, missing: str) -> None:
    world = a_world(tmp_path, polled=() if missing else (HOLDER,))
    side = Side(world, Holder(world, agreement))
    if missing:
        (tmp_path / missing).unlink()
    with pytest.raises(TsunaguError):
        side.inquiry.ask(agreement, of_today(agreement))
    assert (side.actions(), side.end()["why"]) == (["asking", "refused"], "not_possible")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda manifest: canonical({**json.loads(manifest), "rows": 199}), "not_taken"),
        (lambda manifest: canonical({**json.loads(manifest), "granularity": "item"}), "not_taken"),
        (lambda manifest: manifest[:-1], "unreadable"),
    ],
)
def test_another_answer_than_was_asked_for_is_refused_here_and_nothing_of_it_stays(
    side: Side,
    agreement: SharingAgreement,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[bytes], bytes],
    why: str,
) -> None:
    ask = side.inquiry.asking.ask

    def changed(*given: Any) -> Answered:
        answered = ask(*given)
        return replace(answered, manifest=change(answered.manifest))

    monkeypatch.setattr(side.inquiry.asking, "ask", changed)
    with pytest.raises(PurposeError):
        side.inquiry.ask(agreement, of_today(agreement))
    assert (side.actions(), side.end()["why"]) == (["asking", "refused"], why)
    assert side.arrived() == []


def unpacking_to(payload: bytes, rows: int) -> bytes:
    """The answer's first row so many times, packed into a few bytes."""
    table = pa.ipc.open_stream(payload).read_all()
    sink, few = pa.BufferOutputStream(), pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, table.schema, options=few) as stream:
        stream.write_table(table.take(pa.array([0] * rows)))
    return bytes(sink.getvalue())


@pytest.mark.parametrize(
    ("payload", "what"),
    [
        (lambda payload: unpacking_to(payload, 200), "it is compressed"),
        (lambda payload: unpacking_to(payload, 30_000), "it is compressed"),
        (lambda payload: payload + bytes(3 << 20), "it is larger than its rows can be"),
    ],
    ids=["as many rows", "far more rows", "nothing but size"],
)
def test_an_answer_that_would_grow_is_refused_before_it_does_and_logged(
    side: Side,
    agreement: SharingAgreement,
    monkeypatch: pytest.MonkeyPatch,
    payload: Callable[[bytes], bytes],
    what: str,
) -> None:
    ask = side.inquiry.asking.ask

    def changed(*given: Any) -> Answered:
        answered = ask(*given)
        made = payload(answered.payload.read_bytes())
        answered.payload.write_bytes(made)
        manifest = {**json.loads(answered.manifest), "sha256": hashlib.sha256(made).hexdigest()}
        return replace(answered, manifest=canonical(manifest), size=len(made))

    monkeypatch.setattr(side.inquiry.asking, "ask", changed)
    before = pa.total_allocated_bytes()
    with pytest.raises(PurposeError, match=what):
        side.inquiry.ask(agreement, of_today(agreement))
    assert (side.actions(), side.end()["why"]) == (["asking", "refused"], "not_taken")
    assert side.arrived() == []
    assert pa.total_allocated_bytes() - before < 1 << 20


def test_a_disk_that_fails_is_logged(side: Side, agreement: SharingAgreement, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tsunagu_node.opening.opened", full)
    with pytest.raises(EngineError, match="could not be kept"):
        side.inquiry.ask(agreement, of_today(agreement))
    assert (side.end()["why"], side.arrived()) == ("failed", [])


# ---------------------------------------------------------------- a holder who polls


def looked(side: Side) -> None:
    look = look_once(REQUESTER, side.world.asking(HOLDER), side.holder.answering)
    assert look.left == ()


def test_what_was_left_for_a_polling_holder_is_collected(polled: Side, agreement: SharingAgreement) -> None:
    request = of_today(agreement)
    polled.inquiry.leave(request)
    assert polled.inquiry.collect(agreement, request) is None
    looked(polled)
    first, second = (polled.inquiry.collect(agreement, request) for _ in range(2))
    assert first is not None
    assert first == second
    assert first.table.num_rows == 200
    assert polled.actions() == ["asking", "received", "received_again"]
    assert polled.arrived() == []


def test_a_refusal_that_was_brought_is_logged_once(polled: Side, agreement: SharingAgreement) -> None:
    request = of_today(agreement, purpose="statistics")
    polled.inquiry.leave(request)
    looked(polled)
    for _ in range(2):
        with pytest.raises(Refused, match="another purpose"):
            polled.inquiry.collect(agreement, request)
    assert polled.actions() == ["asking", "refused"]
    assert (polled.end()["why"], polled.end()["proved"]) == ("another_purpose", "yes")


def test_a_node_without_a_mailbox_leaves_nothing(side: Side, agreement: SharingAgreement) -> None:
    with pytest.raises(StateError, match="no mailbox"):
        side.inquiry.leave(of_today(agreement))
    assert side.actions() == []


# ---------------------------------------------------------------- what transport refuses


def test_a_request_that_nobody_is_known_to_have_sent_is_logged_at_both_ends(
    side: Side, agreement: SharingAgreement
) -> None:
    asking = side.world.asking(REQUESTER, patience=ONCE, clock=lambda: nodes.now() - dt.timedelta(seconds=400))
    with pytest.raises(Refused, match=r"40\d seconds old"):
        Inquiry(asking, side.log).ask(agreement, of_today(agreement))
    assert (side.end()["why"], side.end()["proved"]) == ("clock", "no")
    assert side.holder.refusals() == [("unknown", "clock")]


def test_a_stranger_cannot_fill_the_log_and_who_signs_is_logged_each_time(
    side: Side, agreement: SharingAgreement
) -> None:
    """Over TLS: forty messages that nobody is known to have sent, and between them refusals of a known party."""
    late = side.world.asking(REQUESTER, patience=ONCE, clock=lambda: nodes.now() - dt.timedelta(seconds=400))
    side.inquiry.ask(agreement, of_today(agreement))
    for number in range(40):
        with pytest.raises(Refused, match="seconds old"):
            late.ask(HOLDER, agreement.id, f"{number:032x}", b"{}")
        if number % 10 == 0:
            with pytest.raises(Refused):
                side.inquiry.ask(agreement, of_today(agreement, asked_by=f"staff:{number}0"))
    found = side.holder.refusals()
    # The minute may turn while it runs, and a further one of each minute is allowed.
    assert EACH <= sum(1 for actor, _ in found if actor == "unknown") <= 3 * EACH + 2
    assert [why for actor, why in found if actor == f"org:{REQUESTER}"] == ["other_content"] * 4
    assert [one["detail"]["why"] for one in side.entries() if one["action"] == "refused"] == ["other_content"] * 4


def test_other_content_under_one_id_is_logged_at_both_ends(side: Side, agreement: SharingAgreement) -> None:
    side.inquiry.ask(agreement, of_today(agreement))
    with pytest.raises(Refused):
        side.inquiry.ask(agreement, of_today(agreement, asked_by="staff:7"))
    assert (side.end()["why"], side.end()["proved"]) == ("other_content", "yes")
    assert side.holder.refusals() == [(f"org:{REQUESTER}", "other_content")]


def test_a_fault_of_the_holder_is_logged_there_and_nothing_of_it_is_told(
    side: Side, agreement: SharingAgreement, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise ValueError("a secret of the machine")

    monkeypatch.setattr("tsunagu_node.office.answer", broken)
    with pytest.raises(Refused) as refused:
        side.inquiry.ask(agreement, of_today(agreement))
    assert "secret" not in refused.value.message()
    assert side.holder.actions() == ["asked", "refused"]
    assert side.holder.refusals() == [(f"org:{REQUESTER}", "failed")]


def test_what_is_refused_where_the_log_is_gone_is_no_more_than_a_failure(
    side: Side, agreement: SharingAgreement
) -> None:
    side.inquiry.ask(agreement, of_today(agreement))
    side.holder.log.close()
    with pytest.raises(Refused) as refused:
        side.inquiry.ask(agreement, of_today(agreement, asked_by="staff:7"))
    assert refused.value.code == "failed"


def test_what_waits_and_was_signed_by_somebody_else_is_logged_by_who_fetches(
    polled: Side, agreement: SharingAgreement, monkeypatch: pytest.MonkeyPatch
) -> None:
    polled.inquiry.leave(of_today(agreement))
    monkeypatch.setattr(
        "tsunagu_node.mailbox.sign_request",
        lambda request, _key, now: sign_request(request, nodes.SIGNING[HOLDER], now),
    )
    look = look_once(REQUESTER, polled.world.asking(HOLDER), polled.holder.answering)
    assert len(look.left) == 1
    assert polled.holder.refusals() == [("unknown", "bad_signature")]


# ---------------------------------------------------------------- after a node was stopped


def test_what_a_stopped_node_had_received_in_part_goes_at_its_start(side: Side, agreement: SharingAgreement) -> None:
    for name in ("a.partial", "b.payload"):
        (side.world.folder / REQUESTER / "arrived" / name).write_bytes(b"half")
    side.inquiry.asking.tidy(3_600)
    assert len(side.arrived()) == 2
    side.inquiry.asking.tidy()
    assert side.arrived() == []
    assert side.inquiry.ask(agreement, of_today(agreement)).table.num_rows == 200


def test_what_was_half_brought_goes_at_the_start_and_what_was_brought_stays(
    polled: Side, agreement: SharingAgreement, tmp_path: Path
) -> None:
    request = of_today(agreement)
    polled.inquiry.leave(request)
    looked(polled)
    (tmp_path / REQUESTER / "brought" / "half").write_bytes(b"half")
    again = Mailbox(tmp_path / REQUESTER)
    again.tidy(3_600)
    assert (tmp_path / REQUESTER / "brought" / "half").exists()
    again.tidy()
    assert not (tmp_path / REQUESTER / "brought" / "half").exists()
    table = Inquiry(polled.inquiry.asking, polled.log, again).collect(agreement, request)
    assert table is not None
    assert table.table.num_rows == 200
