"""Messages that come twice, late, in another order, cut or changed: below TLS nobody can; at either end somebody might.

The very bytes are used, of requests that were signed and answers that were given.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import urllib3

from answered import a_request
from nodes import HOLDER, REQUESTER, World, a_world
from offices import Holder, agreement_of_today, today
from tsunagu.audit.verify import verify
from tsunagu.errors import TsunaguError
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.request import DataRequest
from tsunagu_node import asking as asking_module
from tsunagu_node.asking import Patience
from tsunagu_node.inquiry import Inquiry
from tsunagu_node.log import Log
from tsunagu_node.refusals import Refused

ONCE = Patience(tries=1, connect=5, read=20)
POOL = urllib3.HTTPSConnectionPool


@dataclass
class Heard:
    """An answer as it came: what a client reads of it, so that it can be given to it again."""

    status: int
    headers: Any
    data: bytes

    def stream(self, _size: int, *, decode_content: bool) -> Iterator[bytes]:
        yield self.data

    def read(self, _size: int) -> bytes:
        return self.data

    def close(self) -> None:
        pass


@dataclass
class Wire:
    """What goes through between the two. change: of the n-th message (from 0) what was heard; None: as it is."""

    sent: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    before: Callable[[int, bytes, dict[str, str]], tuple[bytes, dict[str, str]]] | None = None
    change: Callable[[int, Heard], Heard] | None = None

    def tapped(self) -> Callable[..., Any]:
        urlopen = POOL.urlopen

        def through(pool: Any, method: str, path: str, *, body: bytes, headers: dict[str, str], **more: Any) -> Heard:
            place = len(self.sent)
            self.sent.append((body, headers))
            if self.before is not None:
                body, headers = self.before(place, body, headers)
            came = urlopen(pool, method, path, body=body, headers=headers, **more)
            one = Heard(came.status, came.headers, came.read(decode_content=False))
            self.heard.append(one)
            return one if self.change is None else self.change(place, one)

        self._again = lambda pool, sent: urlopen(
            pool, "POST", "/answers", body=sent[0], headers=sent[1], preload_content=False, redirect=False
        )
        return through

    def again(self, side: Side, place: int) -> Any:
        """The n-th message once more, byte for byte, on a connection of its own."""
        pool = POOL("127.0.0.1", side.world.ports[HOLDER], ssl_context=side.inquiry.asking._context, retries=False)
        with pool:
            came = self._again(pool, self.sent[place])
            return came.status, came.read()


class Side:
    """The centre and the holder, with both logs."""

    def __init__(self, world: World, agreement: SharingAgreement) -> None:
        self.world, self.agreement = world, agreement
        self.holder = Holder(world, agreement)
        self.log = Log(world.folder / REQUESTER / "log.sqlite3", b"r" * 64)
        self.inquiry = Inquiry(world.asking(REQUESTER, patience=ONCE), self.log)

    def ask(self, **changed: Any) -> Any:
        return self.inquiry.ask(self.agreement, replace(self.request, **changed)).table

    @property
    def request(self) -> DataRequest:
        return a_request(self.agreement, on=today())

    def ends(self) -> list[str]:
        """What ended each inquiry: received, received_again, or the code of its refusal."""
        found = [json.loads(row.body) for row in self.log.rows()]
        return [
            one["detail"]["why"] if one["action"] == "refused" else one["action"]
            for one in found
            if one["action"] != "asking"
        ]

    def is_whole(self) -> bool:
        """One answer, one receipt, whole logs, nothing left of what was not taken."""
        assert self.holder.actions().count("answered") == 1
        assert self.ends().count("received") == 1
        assert list((self.world.folder / REQUESTER / "arrived").iterdir()) == []
        assert len(list((self.world.folder / HOLDER / "answers").iterdir())) >= 1
        return verify(self.log.rows()).is_whole and verify(self.holder.log.rows()).is_whole


@pytest.fixture
def side(tmp_path: Path) -> Iterator[Side]:
    made = Side(a_world(tmp_path), agreement_of_today())
    with made.world.served(HOLDER, made.holder.answering):
        yield made


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    made = Wire()
    monkeypatch.setattr(POOL, "urlopen", made.tapped())
    return made


def code_in(body: bytes) -> str:
    return str(json.loads(body)["code"])


def test_a_message_that_comes_twice_is_answered_once(side: Side, wire: Wire) -> None:
    table = side.ask()
    status, body = wire.again(side, 0)
    assert (status, code_in(body)) == (401, "replayed")
    assert side.holder.refusals() == [("org:child-centre", "replayed")]
    assert side.ask().equals(table)
    assert side.ends() == ["received", "received_again"]
    assert side.is_whole()


def test_ten_at_the_same_moment_are_answered_once(side: Side, wire: Wire) -> None:
    """The very bytes of a request that the holder has not seen, ten times at once."""

    def lost(_place: int, _body: bytes, _headers: dict[str, str]) -> Any:
        raise OSError("lost on the way")

    wire.before = lost
    with pytest.raises(TsunaguError):
        side.ask()
    assert side.holder.actions() == []
    said: list[tuple[int, bytes]] = []
    threads = [threading.Thread(target=lambda: said.append(wire.again(side, 0))) for _ in range(10)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [status for status, _ in said].count(200) == 1
    assert {code_in(body) for status, body in said if status != 200} <= {"replayed", "being_answered"}
    assert [one for one in side.holder.actions() if one != "refused"] == ["asked", "answered"]
    assert side.holder.actions().count("refused") == 9
    wire.before = None
    assert side.ask().num_rows == 200
    assert side.ends() == ["unreachable", "received"]
    assert side.is_whole()


def test_messages_in_another_order_each_bring_the_same_answer(side: Side, wire: Wire) -> None:
    """Ten requests under ids of their own for one question, sent once more from the last to the first."""
    tables = [side.ask(id=f"{n:032x}") for n in range(10)]
    assert all(one.equals(tables[0]) for one in tables)
    for place in reversed(range(10)):
        assert code_in(wire.again(side, place)[1]) == "replayed"
    assert side.holder.actions().count("answered") == 1
    assert side.holder.actions().count("answered_again") == 9
    assert side.ends() == ["received"] * 10


def test_an_answer_to_another_request_is_not_taken_in_its_place(side: Side, wire: Wire) -> None:
    """Under the same id too: each try is signed anew, and its answer is bound to that very signature."""
    side.ask()
    wire.change = lambda _place, _one: wire.heard[0]
    for changed in ({}, {"id": "2" * 32}):
        with pytest.raises(Refused) as refused:
            side.ask(**changed)
        assert refused.value.code == "bad_signature"
    wire.change = None
    assert side.ask().num_rows == 200
    assert side.ends() == ["received", "bad_signature", "bad_signature", "received_again"]
    assert side.is_whole()


@pytest.mark.parametrize("left", [0, 1, 100, -1])
def test_a_request_that_was_cut_is_refused_and_nothing_is_done(side: Side, wire: Wire, left: int) -> None:
    def cut(_place: int, body: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        return body[:left], {**headers, "content-length": str(len(body[:left]))}

    wire.before = cut
    with pytest.raises(Refused) as refused:
        side.ask()
    assert (refused.value.code, side.ends()) == ("changed_body", ["changed_body"])
    assert side.holder.refusals() == [("org:child-centre", "changed_body")]
    assert side.holder.actions() == ["refused"]
    wire.before = None
    assert side.ask().num_rows == 200
    assert side.is_whole()


def changed_at(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "nothing came": lambda data: b"",
    "cut in the head": lambda data: data[:7],
    "cut in the manifest": lambda data: data[:100],
    "cut in the payload": lambda data: data[: len(data) // 2],
    "the last byte is missing": lambda data: data[:-1],
    "a byte more": lambda data: data + b"\0",
    "a bit of the length": lambda data: changed_at(data, 3),
    "a bit of the manifest": lambda data: changed_at(data, 100),
    "a bit of the payload": lambda data: changed_at(data, len(data) - 40),
    "two halves in another order": lambda data: data[len(data) // 2 :] + data[: len(data) // 2],
}


@pytest.mark.parametrize("harm", HARMS)
def test_an_answer_that_was_cut_or_changed_is_refused_and_comes_whole_the_next_time(
    side: Side, wire: Wire, harm: str
) -> None:
    def harmed(_place: int, one: Heard) -> Heard:
        data = HARMS[harm](one.data)
        headers = urllib3.HTTPHeaderDict({**one.headers, "content-length": str(len(data))})
        return Heard(one.status, headers, data)

    wire.change = harmed
    with pytest.raises(Refused) as refused:
        side.ask()
    assert refused.value.code == "changed_body"
    wire.change = None
    assert side.ask().num_rows == 200
    assert side.ends() == ["changed_body", "received"]
    assert side.is_whole()


def changed_refusal(one: Heard) -> Heard:
    """A refusal in words of somebody else, with the status that goes with them."""
    data = one.data.replace(b"another purpose", b"another species")
    assert data != one.data
    return Heard(one.status, one.headers, data)


def test_a_refusal_that_was_changed_is_not_believed(side: Side, wire: Wire) -> None:
    wire.change = lambda _place, one: changed_refusal(one)
    with pytest.raises(Refused) as refused:
        side.ask(purpose="statistics")
    assert (refused.value.code, side.ends()) == ("changed_body", ["changed_body"])


def test_control_a_build_that_compares_no_digest_believes_it(
    side: Side, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = asking_module.verify_response
    believed: list[str] = []

    def verified(*given: Any, **named: Any) -> Any:
        signature = signed(*given, **named)
        believed.append(signature.body)
        return signature

    monkeypatch.setattr(asking_module, "verify_response", verified)
    monkeypatch.setattr(asking_module, "digest_text", lambda _digest: believed[-1])
    wire.change = lambda _place, one: changed_refusal(one)
    with pytest.raises(Refused, match="another species"):
        side.ask(purpose="statistics")


def test_control_a_build_that_forgets_nonces_answers_twice(
    side: Side, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tsunagu_node.memory.Memory._note_nonce", lambda *_: None)
    side.ask()
    assert wire.again(side, 0)[0] == 200


def test_control_a_build_whose_answers_are_bound_to_no_request_takes_another(
    side: Side, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the request's signature under the answer, an old one passes for a new one."""
    unbound = ("@status", "tsunagu-request", "content-digest")
    monkeypatch.setattr("tsunagu_node.signed.OF_RESPONSE", unbound)
    side.ask()
    wire.change = lambda _place, _one: wire.heard[0]
    assert side.ask().num_rows == 200
