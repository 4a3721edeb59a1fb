"""A case goes from one node to another over TLS, signed and sealed; by either way, and with the network cutting in."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import handing
import nodes
from handing import SUPERVISOR, WORKER, a_draft, a_file
from nodes import HOLDER, REQUESTER, SEALING, SIGNING, World, a_world
from tsunagu.errors import EngineError, StateError, TsunaguError
from tsunagu.handover.passage import Passage
from tsunagu_node.asking import Asking
from tsunagu_node.carrying import Carrying
from tsunagu_node.handing import Handing
from tsunagu_node.keyfiles import name_of_sealing_key
from tsunagu_node.messages import NO_AGREEMENT, digest_of, request_of
from tsunagu_node.refusals import Refused
from tsunagu_node.signed import sign_request

SIZE = 2_500_000


class End:
    """One organisation's store, and its node's part in hand-overs."""

    def __init__(self, world: World, own: str) -> None:
        self.world, self.own = world, own
        self.store = handing.a_store(world.folder, own)
        current = world.current(own)
        self.passage = Passage(self.store, SIGNING[own], current.for_exchange)
        keys = {name_of_sealing_key(SEALING[own].public_key()): SEALING[own]}
        self.handing = Handing(self.passage, keys, current, world.clock)

    @contextmanager
    def served(self) -> Iterator[None]:
        answering = self.world.answering(self.own, nodes.Dummy())
        with self.world.served(self.own, answering, handing=self.handing):
            yield
        answering.close()

    def carrying(self, **more: Any) -> Carrying:
        return Carrying(self.handing, self.world.asking(self.own, **more))

    def queue(self, **changed: Any) -> str:
        draft = a_draft(to=REQUESTER, files=(a_file(SIZE),), **changed)
        return self.store.queue(draft, WORKER, nodes.now())

    def state(self, id: str) -> str:
        return self.store.get(id, nodes.now().date()).state


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path)


def ends(world: World) -> tuple[End, End]:
    return End(world, HOLDER), End(world, REQUESTER)


def test_a_case_is_carried_accepted_and_sealed(world: World) -> None:
    sender, receiver = ends(world)
    id = sender.queue()
    with receiver.served():
        round = sender.carrying().carry_once()
        assert (round.told, round.left) == (1, ())
        assert (sender.state(id), receiver.state(id)) == ("stored", "stored")
        opened = receiver.store.open(id, SUPERVISOR, nodes.now())
        assert opened.document.child == handing.a_document().child
        assert opened.files == (a_file(SIZE),)
        receiver.store.accept(id, SUPERVISOR, nodes.now())
        assert sender.carrying().carry_once().told == 1
        assert (sender.state(id), receiver.state(id)) == ("sealed", "accepted")
        assert sender.carrying().carry_once().told == 0


def test_a_receiver_without_a_port_fetches_it_and_brings_the_receipts(tmp_path: Path) -> None:
    world = a_world(tmp_path, polled=(REQUESTER,))
    sender, receiver = ends(world)
    id = sender.queue()
    assert sender.carrying().carry_once().told == 0  # it waits
    with sender.served():
        round = receiver.carrying().fetch_once(HOLDER)
        assert (round.told, round.left) == (1, ())
        assert (sender.state(id), receiver.state(id)) == ("stored", "stored")
        assert receiver.store.open(id, SUPERVISOR, nodes.now()).files == (a_file(SIZE),)
        receiver.store.accept(id, SUPERVISOR, nodes.now())
        receiver.carrying().fetch_once(HOLDER)
        assert (sender.state(id), receiver.state(id)) == ("sealed", "accepted")
        assert receiver.carrying().fetch_once(HOLDER).told == 0


@pytest.mark.parametrize("polled", [False, True])
def test_a_withdrawal_is_carried_by_either_way(tmp_path: Path, polled: bool) -> None:
    world = a_world(tmp_path, polled=(REQUESTER,) if polled else ())
    sender, receiver = ends(world)
    id, late = sender.queue(), sender.queue(work="case:13")

    def once() -> None:
        round = receiver.carrying().fetch_once(HOLDER) if polled else sender.carrying().carry_once()
        assert round.left == ()

    with sender.served() if polled else receiver.served():
        once()
        receiver.store.accept(late, SUPERVISOR, nodes.now())
        for one in (id, late):
            assert sender.store.withdraw(one, WORKER, nodes.now()).state == "withdrawing"
        once()
    assert (sender.state(id), receiver.state(id)) == ("withdrawn", "withdrawn")
    assert (sender.state(late), receiver.state(late)) == ("sealed", "accepted")


class Harmed(Asking):
    """Loses about half of all messages, before or after the other side has acted on them."""

    draw: random.Random
    lost: int

    def told(self, peer: str, method: str, path: str, body: bytes) -> bytes:
        before, after = self.draw.random() < 0.25, self.draw.random() < 0.33
        self.lost += before or after
        answer = b"" if before else super().told(peer, method, path, body)
        if before or after:
            raise EngineError("the message or its answer was lost", where=peer, to_do="Try again.")
        return answer


@pytest.mark.parametrize("polled", [False, True])
def test_with_half_of_all_messages_lost_it_arrives_once(tmp_path: Path, polled: bool) -> None:
    world = a_world(tmp_path, polled=(REQUESTER,) if polled else ())
    sender, receiver = ends(world)
    ids = [sender.queue(work=f"case:{number}") for number in range(3)]
    asker = receiver if polled else sender
    harmed = world.asking(asker.own)
    harmed.__class__ = Harmed
    harmed.draw, harmed.lost = random.Random(9), 0
    carrying = Carrying(asker.handing, harmed)
    with sender.served() if polled else receiver.served():
        for _ in range(60):
            with suppress(TsunaguError):
                carrying.fetch_once(HOLDER) if polled else carrying.carry_once()
            if {sender.state(id) for id in ids} == {"stored"}:
                break
    assert {sender.state(id) for id in ids} == {receiver.state(id) for id in ids} == {"stored"}
    assert harmed.lost > 5
    assert all(receiver.store.open(id, SUPERVISOR, nodes.now()).files == (a_file(SIZE),) for id in ids)
    log = "".join(row.body for row in receiver.store.shelf.log())
    assert (log.count("handover_in_receive"), log.count("handover_in_store")) == (3, 3)


def test_who_is_not_reached_stops_no_other_and_nothing_is_lost(world: World) -> None:
    sender, receiver = ends(world)
    id = sender.queue()
    round = sender.carrying().carry_once()
    assert round.told == 0
    assert "cannot be reached" in str(round.left[0])
    assert sender.state(id) == "offered"
    with receiver.served():
        sender.carrying().carry_once()
    assert sender.state(id) == "stored"


def test_a_part_that_was_changed_cut_or_moved_on_its_way_is_refused(world: World) -> None:
    sender, receiver = ends(world)
    id = sender.queue()
    with receiver.served():
        asking = world.asking(HOLDER)
        asking.told(REQUESTER, "POST", "/handovers", sender.passage.offer(id, nodes.now()))
        first, second = (sender.handing.sealed_part(id, number, REQUESTER) for number in (0, 1))
        for number, sealed, code in (
            (0, first[:-1] + bytes([first[-1] ^ 1]), "changed_body"),
            (0, first[:-1], "changed_body"),
            (0, first + b"x", "changed_body"),
            (0, second, "changed_body"),  # sealed for the second place
            (1, second, "not_now"),  # another is wanted first
            (999, first, "not_now"),
        ):
            with pytest.raises(Refused) as refused:
                asking.told(REQUESTER, "POST", f"/handovers/{id}/parts/{number}", sealed)
            assert (refused.value.code, refused.value.proved) == (code, True)
        assert receiver.store.get(id, nodes.now().date()).arrived == 0
        asking.told(REQUESTER, "POST", f"/handovers/{id}/parts/0", first)
        again = asking.told(REQUESTER, "POST", f"/handovers/{id}/parts/0", first)
        assert b'"next":1' in again
        assert receiver.store.get(id, nodes.now().date()).arrived == 1


def test_a_part_of_one_hand_over_does_not_open_in_another(world: World) -> None:
    sender, receiver = ends(world)
    one, two = sender.queue(), sender.queue(work="case:13")
    with receiver.served():
        asking = world.asking(HOLDER)
        for id in (one, two):
            asking.told(REQUESTER, "POST", "/handovers", sender.passage.offer(id, nodes.now()))
        with pytest.raises(Refused, match="changed, cut or put together"):
            asking.told(REQUESTER, "POST", f"/handovers/{two}/parts/0", sender.handing.sealed_part(one, 0, REQUESTER))


def test_the_very_same_message_is_taken_once(world: World) -> None:
    import http.client

    from tsunagu_node.tls import client_context

    sender, receiver = ends(world)
    body = sender.passage.offer(sender.queue(), nodes.now())
    with receiver.served():
        url = f"https://127.0.0.1:{world.ports[REQUESTER]}/handovers"
        request = request_of(url, NO_AGREEMENT, "m-1", digest_of(body))
        sign_request(request, SIGNING[HOLDER], nodes.now())
        codes = []
        for sent in (body, body):
            context = client_context(world.identities[HOLDER], world.authorities)
            connection = http.client.HTTPSConnection("127.0.0.1", world.ports[REQUESTER], context=context, timeout=30)
            connection.request("POST", "/handovers", sent, dict(request.headers.items()))
            answer = connection.getresponse()
            codes.append(answer.status)
            answer.read()
            connection.close()
        assert codes == [200, 401]
        request = request_of(url, NO_AGREEMENT, "m-2", digest_of(body))
        sign_request(request, SIGNING[HOLDER], nodes.now())
        connection = http.client.HTTPSConnection("127.0.0.1", world.ports[REQUESTER], context=context, timeout=30)
        connection.request("POST", "/handovers", body[:-1] + b"]", dict(request.headers.items()))
        answer = connection.getresponse()
        assert (answer.status, b"changed_body" in answer.read()) == (401, True)
        connection.close()


def test_others_hand_overs_are_not_there_for_whoever_asks(world: World) -> None:
    """The receiver asks as itself for what is not its own: a third organisation's, told as if it were not there."""
    sender, receiver = ends(world)
    foreign = sender.store.queue(a_draft(to="somewhere-else"), WORKER, nodes.now())
    with sender.served():
        asking = world.asking(REQUESTER)
        assert asking.told(HOLDER, "GET", "/handovers", b"") == b'{"form":"tsunagu-handover-waiting-1","handovers":[]}'
        for method, path, body in (
            ("GET", f"/handovers/{foreign}/parts/0", b""),
            ("POST", f"/handovers/{foreign}/parts/0", b"x"),
            ("GET", f"/handovers/h-{'0' * 32}/parts/0", b""),
        ):
            with pytest.raises(Refused) as refused:
                asking.told(HOLDER, method, path, body)
            assert refused.value.code == "not_now"
    assert sender.state(foreign) == "queued"
    assert receiver.store.incoming(nodes.now().date()) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "/handovers", b"{", "malformed"),
        ("POST", "/handovers", b'{"content":{},"signature":{}}', "malformed"),
        ("GET", "/handovers", b"x", "malformed"),
        ("GET", "/handovers/h-1/parts/0", b"", "not_known"),
        ("POST", f"/handovers/h-{'0' * 32}/parts/01", b"", "not_known"),
        ("GET", f"/handovers/h-{'0' * 32}/withdrawal", b"", "not_this_method"),
        ("POST", f"/handovers/h-{'0' * 32}/withdrawal", b"{}", "malformed"),
        ("POST", f"/handovers/h-{'0' * 32}/standing", b"{}", "malformed"),
    ],
)
def test_what_is_no_message_is_refused_by_name(world: World, method: str, path: str, body: bytes, code: str) -> None:
    _, receiver = ends(world)
    with receiver.served(), pytest.raises(Refused) as refused:
        world.asking(HOLDER).told(REQUESTER, method, path, body)
    # Of another method nobody needs to be known, so nobody signs it.
    assert (refused.value.code, refused.value.proved) == (code, code != "not_this_method")


def test_a_node_without_hand_overs_says_so(world: World) -> None:
    with (
        world.served(REQUESTER, world.answering(REQUESTER, nodes.Dummy())),
        pytest.raises(Refused, match="takes no hand-overs"),
    ):
        world.asking(HOLDER).told(REQUESTER, "GET", "/handovers", b"")


def test_what_is_over_at_the_receiver_is_told_to_a_sender_that_comes_late(world: World) -> None:
    sender, receiver = ends(world)
    id = sender.queue(respond_days=1, expire_days=1)
    offer = sender.passage.offer(id, nodes.now())
    past = nodes.now() + timedelta(days=20)
    standing = receiver.passage.take_offer(offer, HOLDER, past)
    sender.passage.take_standing(id, standing, REQUESTER, past)
    assert (sender.state(id), receiver.state(id)) == ("expired", "expired")
    with pytest.raises(StateError):
        sender.handing.sealed_part(id, 0, REQUESTER)
