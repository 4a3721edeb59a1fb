"""A holder's answers over real TLS: asked, decided, sealed, opened and taken, by listening and by polling."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import nodes
from agreements import CONTENT
from answered import a_request
from nodes import HOLDER, REQUESTER, Dummy, World, a_world
from offices import Holder, agreement_of_today, today
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.manifest import read_manifest, received
from tsunagu.purposes.request import DataRequest, bytes_of
from tsunagu_node.mailbox import Mailbox
from tsunagu_node.polling import look_once
from tsunagu_node.refusals import Refused


@pytest.fixture
def agreement() -> SharingAgreement:
    return agreement_of_today()


@pytest.fixture
def listening(tmp_path: Path, agreement: SharingAgreement) -> Iterator[tuple[World, Holder]]:
    world = a_world(tmp_path)
    holder = Holder(world, agreement)
    with world.served(HOLDER, holder.answering):
        yield world, holder


def ask(world: World, request: DataRequest) -> tuple[bytes, bytes]:
    answered = world.asking(REQUESTER).ask(HOLDER, request.agreement, request.id, bytes_of(request))
    return answered.manifest, answered.payload.read_bytes()


def today_asked(agreement: SharingAgreement, **changed: object) -> DataRequest:
    return a_request(agreement, on=today(), **changed)


def test_an_answer_arrives_is_opened_and_taken(listening: tuple[World, Holder], agreement: SharingAgreement) -> None:
    world, holder = listening
    request = today_asked(agreement)
    manifest, payload = ask(world, request)
    assert received(read_manifest(manifest), payload, request, agreement).num_rows == 200
    assert holder.actions() == ["asked", "answered"]
    evidence = holder.log.evidence(1)
    assert evidence is not None
    assert evidence.body == bytes_of(request)


def test_asked_again_the_same_bytes_come_and_nothing_is_computed_twice(
    listening: tuple[World, Holder], agreement: SharingAgreement
) -> None:
    world, holder = listening
    request = today_asked(agreement)
    first = ask(world, request)
    assert ask(world, request) == first  # the same request: from transport's own memory
    assert ask(world, today_asked(agreement, id="7" * 32)) == first
    assert holder.actions() == ["asked", "answered", "asked", "answered_again"]


def test_a_refusal_arrives_with_its_words_and_is_logged(
    listening: tuple[World, Holder], agreement: SharingAgreement
) -> None:
    world, holder = listening
    with pytest.raises(Refused, match="another purpose") as refused:
        ask(world, today_asked(agreement, purpose="statistics"))
    assert (refused.value.code, refused.value.proved) == ("not_allowed", True)
    with pytest.raises(Refused) as unreadable:
        world.asking(REQUESTER).ask(HOLDER, agreement.id, "1" * 32, b"{}")
    assert unreadable.value.code == "malformed"
    assert holder.actions() == ["asked", "refused", "asked", "refused"]


def test_a_holder_without_a_port_fetches_what_is_asked_and_brings_the_answer(
    tmp_path: Path, agreement: SharingAgreement
) -> None:
    world = a_world(tmp_path, polled=(HOLDER,))
    holder = Holder(world, agreement)
    request = today_asked(agreement)
    mailbox = Mailbox(tmp_path / REQUESTER)
    mailbox.put(HOLDER, agreement.id, request.id, bytes_of(request), nodes.now())
    with world.served(REQUESTER, world.answering(REQUESTER, Dummy()), mailbox=mailbox):
        looked = look_once(REQUESTER, world.asking(HOLDER), holder.answering)
    assert (looked.answered, looked.left) == (1, ())
    brought = mailbox.brought(request.id)
    assert brought is not None
    answered = world.asking(REQUESTER).opened_reply(brought)
    table = received(read_manifest(answered.manifest), answered.payload.read_bytes(), request, agreement)
    assert table.num_rows == 200
    assert CONTENT["holder"] == HOLDER
