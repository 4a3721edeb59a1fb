"""A request is answered once, whatever is sent again, by whom and in which order; the memory outlasts the process."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

import nodes
from nodes import AGREEMENT, HOLDER, REQUESTER, SIGNING, Dummy, World, a_signature, a_world
from tsunagu.errors import PurposeError
from tsunagu_node.answering import KEPT_DAYS, Answer, Answering, Reply, Verified
from tsunagu_node.memory import Kept, Memory
from tsunagu_node.messages import Request, digest_of, request_of
from tsunagu_node.refusals import Refused
from tsunagu_node.signed import MAX_AGE, sign_request


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path)


def a_request(world: World, request_id: str = "r-1", body: bytes = b"100", agreement: str = AGREEMENT) -> Request:
    url = f"https://127.0.0.1:{world.ports[HOLDER]}/answers"
    request = request_of(url, agreement, request_id, digest_of(body))
    sign_request(request, SIGNING[REQUESTER], world.clock())
    return request


def answered(answering: Answering, request: Request, body: bytes = b"100") -> Answer:
    return answering.answer(request, answering.verify(request), body)


def refused(answer: Answer) -> tuple[int, bool]:
    return answer.response.status_code, answer.file is None


def replay(world: World, deliveries: int) -> None:
    """Five requests, each signed three times; every message is delivered again and again, in random order."""
    dummy = Dummy()
    answering = world.answering(HOLDER, dummy)
    messages = [a_request(world, f"r-{n}") for n in range(5) for _ in range(3)]
    order = list(range(len(messages))) * (deliveries // len(messages))
    random.Random(6).shuffle(order)
    status: Counter[tuple[int, int]] = Counter()
    digests: dict[str, set[str]] = {}
    for place in order:
        made = answered(answering, messages[place])
        status[place, made.response.status_code] += 1
        if made.file is not None:
            id = messages[place].headers["tsunagu-request"]
            digests.setdefault(id, set()).add(made.response.headers["content-digest"])
    assert sorted(dummy.did) == [f"r-{n}" for n in range(5)]  # one effect for each request
    assert {place: status[place, 200] for place in range(len(messages))} == dict.fromkeys(range(len(messages)), 1)
    assert {status for _, status in status} == {200, 401}
    assert [len(one) for one in digests.values()] == [1] * 5  # a new signature brings the same answer


def test_a_thousand_replays_have_one_effect(world: World) -> None:
    replay(world, 1_005)


@pytest.mark.deep
def test_ten_thousand_replays_have_one_effect(world: World) -> None:
    replay(world, 10_005)


def test_a_replay_is_refused_after_the_node_was_started_again(world: World) -> None:
    request = a_request(world)
    first = world.answering(HOLDER, Dummy())
    assert answered(first, request).response.status_code == 200
    first.close()
    dummy = Dummy()
    second = world.answering(HOLDER, dummy)
    assert refused(answered(second, request)) == (401, True)
    again = answered(second, a_request(world))
    assert (again.response.status_code, dummy.did) == (200, [])


@pytest.mark.parametrize(("body", "agreement"), [(b"101", AGREEMENT), (b"100", "A-2026-015")])
def test_one_id_for_two_requests_is_a_conflict(world: World, body: bytes, agreement: str) -> None:
    dummy = Dummy()
    answering = world.answering(HOLDER, dummy)
    answered(answering, a_request(world))
    assert refused(answered(answering, a_request(world, body=body, agreement=agreement), body)) == (409, True)
    assert dummy.did == ["r-1"]


def test_the_same_id_of_two_organisations_is_two_requests(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "memory.sqlite3")
    assert memory.take(a_signature(), nodes.now()) is None
    assert memory.take(a_signature(organisation=HOLDER, key="1" * 16, body=digest_of(b"x")), nodes.now()) is None


def test_a_body_that_was_not_signed_has_no_effect(world: World) -> None:
    dummy = Dummy()
    answering = world.answering(HOLDER, dummy)
    assert refused(answered(answering, a_request(world), b"101")) == (401, True)
    assert dummy.did == []


def test_a_request_for_another_node_is_refused(world: World) -> None:
    answering = world.answering(HOLDER, Dummy())
    request = request_of("https://127.0.0.1:1/answers", AGREEMENT, "r-1", digest_of(b"100"))
    sign_request(request, SIGNING[REQUESTER], world.clock())
    with pytest.raises(Refused, match="another node"):
        answering.verify(request)


def test_what_the_core_refuses_is_told_in_its_words_and_without_a_place(world: World) -> None:
    def handler(_: Verified) -> Reply:
        raise PurposeError("the agreement does not name this item", where="/srv/agreements/a.json", to_do="Ask less.")

    made = answered(world.answering(HOLDER, handler), a_request(world))
    assert refused(made) == (403, True)
    told = b'{"code":"not_allowed","to_do":"Ask less.","what":"the agreement does not name this item"}'
    assert made.body == told


def test_a_fault_of_the_handler_tells_nothing_and_is_asked_again(world: World) -> None:
    faults = [ValueError("children/0001 in /srv/data")]

    def fails_once(_: Verified) -> None:
        if faults:
            raise faults.pop()

    dummy = Dummy(before=fails_once)
    answering = world.answering(HOLDER, dummy)
    made = answered(answering, a_request(world))
    assert (refused(made), b"0001" in made.body, b"srv" in made.body) == ((500, True), False, False)
    assert answered(answering, a_request(world)).response.status_code == 200
    assert dummy.did == ["r-1"]


def test_whoever_comes_while_it_is_answered_is_told_to_wait(world: World) -> None:
    inner: list[int] = []

    def comes_again(_: Verified) -> None:
        inner.append(answered(answering, a_request(world)).response.status_code)

    answering = world.answering(HOLDER, Dummy(before=comes_again))
    assert answered(answering, a_request(world)).response.status_code == 200
    assert inner == [503]


def test_a_payload_of_another_size_is_no_answer_and_leaves_no_file(world: World) -> None:
    answering = world.answering(HOLDER, lambda _: Reply(b"{}", (b"abc",), 4))
    assert refused(answered(answering, a_request(world))) == (500, True)
    assert list((world.folder / HOLDER / "answers").iterdir()) == []


def test_an_answer_is_kept_for_its_days_and_its_id_for_ever(world: World) -> None:
    moment = [nodes.now()]
    world.clock = lambda: moment[0]
    world.publish(nodes.replace(world.directory, valid_until=moment[0].replace(microsecond=0) + timedelta(days=90)))
    dummy = Dummy()
    answering = world.answering(HOLDER, dummy)
    answered(answering, a_request(world))
    moment[0] += timedelta(days=KEPT_DAYS, seconds=-5)
    answering.tidy()
    assert answered(answering, a_request(world)).response.status_code == 200
    moment[0] += timedelta(seconds=10)
    answering.tidy()
    assert list((world.folder / HOLDER / "answers").iterdir()) == []
    assert refused(answered(answering, a_request(world))) == (410, True)
    assert dummy.did == ["r-1"]


def test_a_nonce_is_remembered_for_as_long_as_its_signature_could_be_taken(tmp_path: Path) -> None:
    memory, created = Memory(tmp_path / "memory.sqlite3"), nodes.now()
    memory.note_nonce(a_signature(created=created), created)
    for seconds in (-MAX_AGE, 0, MAX_AGE):
        with pytest.raises(Refused, match="taken before"):
            memory.note_nonce(a_signature(created=created), created + timedelta(seconds=seconds))


def test_the_first_answer_stays(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "memory.sqlite3")
    memory.take(a_signature(), nodes.now())
    for name in ("first", "second"):
        memory.keep(REQUESTER, "r-1", Kept(name, f"of {name}", 1))
    assert memory.take(a_signature(nonce="m" * 22), nodes.now()) == Kept("first", "of first", 1)


def test_what_a_stopped_node_left_half_written_is_removed(world: World) -> None:
    world.answering(HOLDER, Dummy()).close()
    (world.folder / HOLDER / "answers" / "half").write_bytes(b"half")
    answering = world.answering(HOLDER, Dummy())
    made = answered(answering, a_request(world))
    assert list((world.folder / HOLDER / "answers").iterdir()) == [made.file]
