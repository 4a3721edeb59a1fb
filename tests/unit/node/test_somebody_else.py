"""What somebody else signed, changed on the way or on the disk, or sent a second time, is not taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import nodes
from nodes import AGREEMENT, HOLDER, REQUESTER, SIGNING, Dummy, World, a_signature, a_world
from tsunagu.errors import StateError
from tsunagu_node.answering import Answer, Answering
from tsunagu_node.asking import Asking
from tsunagu_node.mailbox import Brought, Mailbox
from tsunagu_node.messages import NO_AGREEMENT, Request, digest_of
from tsunagu_node.polling import look_once
from tsunagu_node.refusals import Refused
from tsunagu_node.signed import sign_request


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path)


@pytest.fixture
def polled(tmp_path: Path) -> World:
    return a_world(tmp_path, polled=(HOLDER,))


@pytest.fixture
def mailbox(polled: World) -> Iterator[Mailbox]:
    """The requester's, with one request for the holder, while its node listens."""
    made = Mailbox(polled.folder / REQUESTER)
    made.put(HOLDER, AGREEMENT, "r-1", b"100", nodes.now())
    with polled.served(REQUESTER, polled.answering(REQUESTER, Dummy()), mailbox=made):
        yield made


def code(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.code


def with_key_of_another(world: World) -> Answering:
    """The holder's node, with the signing key of another organisation."""
    return Answering(HOLDER, SIGNING[REQUESTER], world.current(HOLDER), world.folder / HOLDER, Dummy())


def waiting(world: World) -> tuple[Request, bytes]:
    [found] = world.asking(HOLDER).waiting(REQUESTER)
    return found


def answer_of(answering: Answering, request: Request, body: bytes) -> Answer:
    return answering.answer(request, answering.verify(request), body)


def test_an_answer_that_somebody_else_signed_is_refused(world: World) -> None:
    with world.served(HOLDER, with_key_of_another(world)):
        assert code(lambda: world.asking(REQUESTER).ask(HOLDER, AGREEMENT, "r-1", b"1")) == "bad_signature"
    assert list((world.folder / REQUESTER / "arrived").iterdir()) == []


@pytest.mark.parametrize(("cut", "refused"), [(0, "changed_body"), (1, "failed")])
def test_an_answer_that_was_changed_on_the_disk_is_refused(world: World, cut: int, refused: str) -> None:
    with world.served(HOLDER, world.answering(HOLDER, Dummy())):
        asking = world.asking(REQUESTER)
        asking.ask(HOLDER, AGREEMENT, "r-1", b"1000").payload.unlink()
        [kept] = (world.folder / HOLDER / "answers").iterdir()
        data = kept.read_bytes()
        kept.write_bytes(data[: len(data) // 2] + b"\0" + data[len(data) // 2 + 1 + cut :])
        assert code(lambda: asking.ask(HOLDER, AGREEMENT, "r-1", b"1000")) == refused
    assert list((world.folder / REQUESTER / "arrived").iterdir()) == []


def test_a_reply_that_somebody_else_signed_is_refused(polled: World, mailbox: Mailbox) -> None:
    answer = answer_of(with_key_of_another(polled), *waiting(polled))
    assert code(lambda: polled.asking(HOLDER).bring(REQUESTER, "r-1", answer)) == "bad_signature"
    assert mailbox.brought("r-1") is None


def test_a_reply_in_a_message_with_another_digest_is_refused(
    polled: World, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = answer_of(polled.answering(HOLDER, Dummy()), *waiting(polled))
    from tsunagu_node import asking

    size = asking._Brings("r-1", answer).digest()[1]
    monkeypatch.setattr(asking._Brings, "digest", lambda _: (digest_of(b"another"), size))
    assert code(lambda: polled.asking(HOLDER).bring(REQUESTER, "r-1", answer)) == "changed_body"
    assert mailbox.brought("r-1") is None


def test_a_request_in_the_mailbox_that_somebody_else_signed_is_left(
    polled: World, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tsunagu_node.mailbox.sign_request", lambda request, _key, now: sign_request(request, SIGNING[HOLDER], now)
    )
    dummy = Dummy()
    looked = look_once(REQUESTER, polled.asking(HOLDER), polled.answering(HOLDER, dummy))
    assert (looked.answered, dummy.did) == (0, [])
    assert ["somebody else" in one.message() for one in looked.left] == [True]


def test_what_was_handed_to_one_holder_is_not_answered_by_another(polled: World, mailbox: Mailbox) -> None:
    request, _ = waiting(polled)
    value = request.headers["signature"]
    assert mailbox.handed(HOLDER, "r-1", value).headers["signature"] == value
    for holder, request_id, signature in ((REQUESTER, "r-1", value), (HOLDER, "r-2", value), (HOLDER, "r-1", "")):
        with pytest.raises(Refused, match="handed to this organisation"):
            mailbox.handed(holder, request_id, signature)


def test_the_first_reply_stays_and_another_is_refused(mailbox: Mailbox) -> None:
    first = Brought(200, mailbox.folder / "first", a_signature(organisation=HOLDER))
    assert (mailbox.bring(first), mailbox.bring(first)) == (True, False)
    other = replace(first, file=mailbox.folder / "other", proof=a_signature(body=digest_of(b"other")))
    assert code(lambda: mailbox.bring(other)) == "other_content"
    assert code(lambda: mailbox.bring(replace(first, status=403))) == "other_content"
    assert mailbox.brought("r-1") == first


def test_a_reply_to_nothing_is_refused(mailbox: Mailbox) -> None:
    stray = Brought(200, mailbox.folder / "stray", a_signature(request_id="r-9"))
    assert code(lambda: mailbox.bring(stray)) == "other_content"
    with pytest.raises(StateError, match="no such request"):
        mailbox.brought("r-9")


def look(asking: Asking, monkeypatch: pytest.MonkeyPatch, change: Callable[[Request], None]) -> None:
    """A look into the mailbox whose signed request is changed by a function before it is sent."""

    def signed(request: Request, key: object, now: object) -> None:
        sign_request(request, SIGNING[HOLDER], nodes.now())
        change(request)

    monkeypatch.setattr("tsunagu_node.asking.sign_request", signed)
    asking.waiting(REQUESTER)


def test_a_look_into_the_mailbox_is_taken_once(
    polled: World, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: list[Request] = []

    def same(request: Request) -> None:
        first.append(request)
        for name in ("tsunagu-request", "signature", "signature-input"):
            request.headers[name] = first[0].headers[name]

    look(polled.asking(HOLDER), monkeypatch, same)
    assert code(lambda: look(polled.asking(HOLDER), monkeypatch, same)) == "replayed"


@pytest.mark.parametrize(
    ("name", "value", "refused"),
    [("content-digest", digest_of(b"1"), "changed_body"), ("tsunagu-agreement", AGREEMENT, "malformed")],
)
def test_a_look_into_the_mailbox_has_no_body_and_no_agreement(
    polled: World, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, name: str, value: str, refused: str
) -> None:
    def signed(request: Request, key: object, now: object) -> None:
        assert request.headers["tsunagu-agreement"] == NO_AGREEMENT
        request.headers[name] = value
        sign_request(request, SIGNING[HOLDER], nodes.now())

    monkeypatch.setattr("tsunagu_node.asking.sign_request", signed)
    assert code(lambda: polled.asking(HOLDER).waiting(REQUESTER)) == refused


def test_what_waits_is_refused_where_it_was_changed_on_its_way(
    polled: World, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a sealed payload the seal would notice; of a list or a refusal nothing but the digest does."""
    told = Answering.told

    def changed(self: Answering, request: Request, body: bytes) -> Answer:
        answer = told(self, request, body)
        return replace(answer, body=answer.body.replace(b"requests", b"Requests"))

    monkeypatch.setattr(Answering, "told", changed)
    assert code(lambda: polled.asking(HOLDER).waiting(REQUESTER)) == "changed_body"
