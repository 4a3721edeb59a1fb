"""What the listening end takes and refuses, over real connections: sizes, headers, methods, repeats, mailboxes."""

from __future__ import annotations

import http.client
import json
import logging
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import nodes
from nodes import AGREEMENT, HOLDER, REQUESTER, SIGNING, Dummy, World, a_world
from tsunagu.errors import PurposeError, StateError
from tsunagu_node.answering import Answer, Reply, Verified
from tsunagu_node.listening import Limits
from tsunagu_node.mailbox import Mailbox
from tsunagu_node.messages import LARGEST_REQUEST, NO_AGREEMENT, digest_of, request_of
from tsunagu_node.polling import look_once
from tsunagu_node.refusals import STATUS, Refused
from tsunagu_node.signed import sign_request
from tsunagu_node.tls import client_context

LIMITS = Limits(request=1000, reply=200_000, headers=20, header_bytes=8_000, seconds=0.5, first_byte=0.3, round=0.05)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path)


@pytest.fixture
def dummy(world: World) -> Iterator[Dummy]:
    """What the holder's node does, while it listens."""
    made = Dummy()
    with world.served(HOLDER, world.answering(HOLDER, made), limits=LIMITS):
        yield made


def connected(world: World, to: str = HOLDER) -> http.client.HTTPSConnection:
    context = client_context(world.identities[REQUESTER], world.authorities)
    return http.client.HTTPSConnection("127.0.0.1", world.ports[to], context=context, timeout=30)


def signed_headers(
    world: World, body: bytes, *, path: str = "/answers", method: str = "POST", agreement: str = AGREEMENT
) -> dict[str, str]:
    url = f"https://127.0.0.1:{world.ports[HOLDER]}{path}"
    request = request_of(url, agreement, "r-1", digest_of(body), method)
    sign_request(request, SIGNING[REQUESTER], nodes.now())
    return dict(request.headers.items())


def asked(
    world: World, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    with closing(connected(world)) as connection:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def test_health_tells_the_version_of_the_directory(world: World, dummy: Dummy) -> None:
    assert asked(world, "GET", "/health") == (200, {"ready": True, "directory": 1})


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/", "not_known"),
        ("GET", "/answers/", "not_known"),
        ("GET", "/answers", "not_this_method"),
        ("PUT", "/answers", "not_this_method"),
        ("POST", "/requests", "not_this_method"),
        ("POST", "/answers", "unsigned"),
        ("GET", "/requests", "unsigned"),
        ("POST", "/replies", "unsigned"),
    ],
)
def test_each_refusal_is_one_object_with_three_texts(
    world: World, dummy: Dummy, method: str, path: str, code: str
) -> None:
    status, told = asked(world, method, path)
    assert (status, told["code"]) == (STATUS[code], code)
    assert set(told) == {"code", "what", "to_do"}
    assert all(told.values())


def test_a_body_that_is_too_large_is_refused_before_it_is_read(world: World, dummy: Dummy) -> None:
    with closing(connected(world)) as connection:
        connection.putrequest("POST", "/answers")
        for name, value in {**signed_headers(world, b"1"), "content-length": "5000000000000"}.items():
            connection.putheader(name, value)
        connection.endheaders()  # and not one byte of the body
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["code"]) == (413, "too_large")
    assert dummy.did == []


def test_a_body_without_a_length_is_refused(world: World, dummy: Dummy) -> None:
    headers = {**signed_headers(world, b"1"), "transfer-encoding": "chunked"}
    status, told = asked(world, "POST", "/answers", b"1\r\n1\r\n0\r\n\r\n", headers)
    assert (status, told["code"]) == (411, "no_length")


def test_a_body_that_does_not_arrive_is_not_waited_for(world: World, dummy: Dummy) -> None:
    with closing(connected(world)) as connection:
        connection.putrequest("POST", "/answers")
        for name, value in {**signed_headers(world, b"10"), "content-length": "2"}.items():
            connection.putheader(name, value)
        connection.endheaders(b"1")
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["code"]) == (408, "too_slow")
    assert dummy.did == []


def test_too_many_headers_are_refused(world: World, dummy: Dummy) -> None:
    more = {f"x-{n}": "1" for n in range(LIMITS.headers)}
    status, told = asked(world, "POST", "/answers", b"1", {**signed_headers(world, b"1"), **more})
    assert (status, told["code"]) == (431, "too_many_headers")


def test_headers_that_are_too_long_are_refused(world: World, dummy: Dummy) -> None:
    with closing(connected(world)) as connection:
        connection.request("GET", "/health", headers={"x": "1" * 100_000})
        assert connection.getresponse().status in (400, 431)  # as it arrives in one part or in several


def test_a_connection_that_says_nothing_is_ended(world: World, dummy: Dummy) -> None:
    with closing(connected(world)) as connection:
        connection.connect()
        assert connection.sock.recv(1) == b""


def test_a_query_is_part_of_what_is_signed(world: World, dummy: Dummy) -> None:
    status, told = asked(world, "POST", "/answers?more=1", b"1", signed_headers(world, b"1"))
    assert (status, told["code"]) == (401, "bad_signature")


def test_a_replayed_message_is_refused(world: World, dummy: Dummy) -> None:
    headers = signed_headers(world, b"1")
    with closing(connected(world)) as connection:
        connection.request("POST", "/answers", b"1", headers)
        assert connection.getresponse().status == 200
    status, told = asked(world, "POST", "/answers", b"1", headers)
    assert (status, told["code"], dummy.did) == (401, "replayed", ["r-1"])


def test_the_same_request_twice_brings_the_same_answer(world: World, dummy: Dummy) -> None:
    asking = world.asking(REQUESTER)
    first, second = (asking.ask(HOLDER, AGREEMENT, "r-1", b"3000000") for _ in range(2))
    assert first.signature.body == second.signature.body
    assert first.payload.read_bytes() == second.payload.read_bytes()
    assert (first.payload != second.payload, dummy.did) == (True, ["r-1"])
    with pytest.raises(Refused) as caught:
        asking.ask(HOLDER, AGREEMENT, "r-1", b"3000001")
    assert (caught.value.code, caught.value.status, caught.value.proved) == ("other_content", 409, True)


def test_what_the_handler_refuses_is_proved_and_not_tried_again(world: World) -> None:
    asked_for: list[str] = []

    def handler(verified: Verified) -> Reply:
        asked_for.append(verified.request_id)
        raise PurposeError("the agreement has ended", where="/srv/a.json", to_do="Renew it.")

    with world.served(HOLDER, world.answering(HOLDER, handler)), pytest.raises(Refused) as caught:
        world.asking(REQUESTER).ask(HOLDER, AGREEMENT, "r-1", b"1")
    told = caught.value
    assert (told.code, told.what, told.to_do, told.proved) == (
        *("not_allowed", "the agreement has ended", "Renew it."),
        True,
    )
    assert asked_for == ["r-1"]


def test_a_passing_fault_is_tried_again_under_the_same_id(world: World) -> None:
    faults = [OSError("the disk is slow"), OSError("the disk is slow")]

    def fails_twice(_: Verified) -> None:
        if faults:
            raise faults.pop()

    dummy = Dummy(before=fails_twice)
    with world.served(HOLDER, world.answering(HOLDER, dummy)):
        assert world.asking(REQUESTER).ask(HOLDER, AGREEMENT, "r-1", b"5").size == 5
    assert dummy.did == ["r-1"]


def test_nothing_is_written_about_who_asks(
    world: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    with world.served(HOLDER, world.answering(HOLDER, Dummy())):
        world.asking(REQUESTER).ask(HOLDER, AGREEMENT, "r-1", b"5")
    told = caplog.text + "".join(capfd.readouterr())
    assert [word for word in (AGREEMENT, "r-1", "/answers", REQUESTER) if word in told] == []


# The mailbox.


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    """The requester's, whose node listens, while the holder has no port."""
    world = a_world(tmp_path, polled=(HOLDER,))
    made = Mailbox(tmp_path / REQUESTER)
    made.world = world  # type: ignore[attr-defined]
    with world.served(REQUESTER, world.answering(REQUESTER, Dummy()), mailbox=made, limits=LIMITS):
        yield made


def put(mailbox: Mailbox, request_id: str = "r-1", body: bytes = b"100", holder: str = HOLDER) -> World:
    mailbox.put(holder, AGREEMENT, request_id, body, nodes.now())
    world: World = mailbox.world  # type: ignore[attr-defined]
    return world


def test_what_waits_is_answered_once_and_then_gone(mailbox: Mailbox) -> None:
    world = put(mailbox)
    put(mailbox, "r-2", b"7")
    put(mailbox, "r-2", b"7")
    dummy = Dummy()
    asking, answering = world.asking(HOLDER), world.answering(HOLDER, dummy)
    assert look_once(REQUESTER, asking, answering).answered == 2
    assert look_once(REQUESTER, asking, answering).answered == 0
    assert sorted(dummy.did) == ["r-1", "r-2"]
    brought = mailbox.brought("r-2")
    assert brought is not None
    assert world.asking(REQUESTER).opened_reply(brought).size == 7


def test_what_waits_for_another_is_not_shown(mailbox: Mailbox) -> None:
    world = put(mailbox, holder="another")
    assert world.asking(HOLDER).waiting(REQUESTER) == []


def test_many_large_requests_come_in_several_looks(mailbox: Mailbox) -> None:
    for number in range(3):
        world = put(mailbox, f"r-{number}", b"9 " + bytes([65 + number]) * (LARGEST_REQUEST - 2))
    asking, answering = world.asking(HOLDER), world.answering(HOLDER, Dummy())
    looks = [look_once(REQUESTER, asking, answering).answered for _ in range(4)]
    assert looks == [1, 1, 1, 0]
    with pytest.raises(StateError, match="at most"):
        put(mailbox, "r-3", bytes(LARGEST_REQUEST + 1))


def test_one_id_stands_for_one_waiting_request(mailbox: Mailbox) -> None:
    put(mailbox)
    with pytest.raises(StateError, match="another request"):
        put(mailbox, body=b"101")


def test_a_refusal_is_brought_too(mailbox: Mailbox) -> None:
    def handler(_: Verified) -> Reply:
        raise PurposeError("the agreement has ended", to_do="Renew it.")

    world = put(mailbox)
    assert look_once(REQUESTER, world.asking(HOLDER), world.answering(HOLDER, handler)).answered == 1
    brought = mailbox.brought("r-1")
    assert brought is not None
    with pytest.raises(Refused, match="has ended") as caught:
        world.asking(REQUESTER).opened_reply(brought)
    assert caught.value.proved


def test_a_passing_fault_waits_for_the_next_look(mailbox: Mailbox) -> None:
    faults = [OSError("the disk is slow")]

    def fails_once(_: Verified) -> None:
        if faults:
            raise faults.pop()

    world = put(mailbox)
    asking, answering = world.asking(HOLDER), world.answering(HOLDER, Dummy(before=fails_once))
    first = look_once(REQUESTER, asking, answering)
    assert (first.answered, len(first.left), mailbox.brought("r-1")) == (0, 1, None)
    assert look_once(REQUESTER, asking, answering).answered == 1


def an_answer(world: World, dummy: Dummy) -> tuple[str, Answer]:
    """What the holder answers to the request that waits, not brought yet."""
    [(request, body)] = world.asking(HOLDER).waiting(REQUESTER)
    answering = world.answering(HOLDER, dummy)
    return "r-1", answering.answer(request, answering.verify(request), body)


def brought_file(mailbox: Mailbox, request_id: str) -> str:
    brought = mailbox.brought(request_id)
    assert brought is not None
    return brought.file.name


def test_a_reply_brought_twice_is_taken_once(mailbox: Mailbox) -> None:
    world = put(mailbox)
    name, answer = an_answer(world, Dummy())
    for _ in range(2):
        world.asking(HOLDER).bring(REQUESTER, name, answer)
    assert [file.name for file in mailbox.folder.iterdir()] == [brought_file(mailbox, name)]


def test_a_reply_whose_bytes_were_changed_is_not_kept(mailbox: Mailbox) -> None:
    world = put(mailbox)
    name, answer = an_answer(world, Dummy())
    assert answer.file is not None
    data = answer.file.read_bytes()
    answer.file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(Refused) as caught:
        world.asking(HOLDER).bring(REQUESTER, name, answer)
    assert (caught.value.code, caught.value.proved) == ("changed_body", True)
    assert (mailbox.brought(name), list(mailbox.folder.iterdir())) == (None, [])


def test_a_reply_that_is_much_too_large_is_not_even_thrown_away(mailbox: Mailbox) -> None:
    world = put(mailbox)
    headers = signed_headers(world, b"1", path="/replies", agreement=NO_AGREEMENT)
    with closing(connected(world, REQUESTER)) as connection:
        connection.putrequest("POST", "/replies")
        for name, value in {**headers, "content-length": str(1 << 40)}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        assert (answer.status, answer.headers["connection"]) == (401, "close")  # it is addressed to the holder


def test_a_reply_that_is_too_large_is_refused_with_its_reason(mailbox: Mailbox) -> None:
    """Not kept, that is; it is thrown away while it arrives, so that the reason is heard."""
    world = put(mailbox, body=b"20000000")
    name, answer = an_answer(world, Dummy())
    with pytest.raises(Refused) as caught:
        world.asking(HOLDER).bring(REQUESTER, name, answer)
    assert caught.value.code == "too_large"
    assert (mailbox.brought(name), list(mailbox.folder.iterdir())) == (None, [])


def test_a_reply_under_the_id_of_another_request_is_refused(mailbox: Mailbox) -> None:
    world = put(mailbox)
    _, answer = an_answer(world, Dummy())
    put(mailbox, "r-2", b"7")
    with pytest.raises(Refused) as caught:
        world.asking(HOLDER).bring(REQUESTER, "r-2", answer)
    assert (caught.value.code, mailbox.brought("r-2")) == ("not_known", None)


def test_a_reply_to_a_request_of_long_ago_is_refused(mailbox: Mailbox) -> None:
    """What was handed out and then forgotten cannot be answered any more."""
    world = put(mailbox)
    name, answer = an_answer(world, Dummy())
    mailbox.forget(nodes.now() + nodes.timedelta(seconds=5))
    with pytest.raises(Refused) as caught:
        world.asking(HOLDER).bring(REQUESTER, name, answer)
    assert caught.value.code == "not_known"


def test_a_head_with_a_key_that_stands_twice_is_refused(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    world = put(mailbox)
    name, answer = an_answer(world, Dummy())
    head = nodes.head_of(answer)[4:].replace(b'{"answers"', b'{"status":200,"answers"', 1)
    monkeypatch.setattr("tsunagu_node.asking.head_of", lambda _: len(head).to_bytes(4, "big") + head)
    with pytest.raises(Refused) as caught:
        world.asking(HOLDER).bring(REQUESTER, name, answer)
    assert caught.value.code == "malformed"


def test_a_node_without_a_mailbox_says_so(world: World, dummy: Dummy) -> None:
    headers = signed_headers(world, b"", path="/requests", method="GET", agreement=NO_AGREEMENT)
    status, told = asked(world, "GET", "/requests", headers=headers)
    assert (status, told["code"]) == (404, "not_known")


def test_a_holder_that_polls_is_not_asked(mailbox: Mailbox) -> None:
    world = put(mailbox)
    with pytest.raises(StateError, match="fetches its requests"):
        world.asking(REQUESTER).ask(HOLDER, AGREEMENT, "r-1", b"1")


def test_memory_stays_small_whatever_the_size(world: World) -> None:
    """Both ends in this process, 60 MB: what both hold at a time is a few pieces."""
    with world.served(HOLDER, world.answering(HOLDER, Dummy())):
        asking = world.asking(REQUESTER)
        asking.ask(HOLDER, AGREEMENT, "r-1", b"1000000")
        tracemalloc.start()
        try:
            asking.ask(HOLDER, AGREEMENT, "r-2", b"60000000")
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 25_000_000
