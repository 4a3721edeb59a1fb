"""A node that is killed answers after its next start what it would have answered, and each request once."""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import nodes
from nodes import AGREEMENT, HOLDER, REQUESTER, SIGNING, World, a_world
from tsunagu.errors import TsunaguError
from tsunagu_node.asking import Patience
from tsunagu_node.messages import digest_of, request_of
from tsunagu_node.signed import sign_request
from tsunagu_node.tls import client_context

PROGRAM = Path(nodes.__file__).with_name("node_process.py")
SIZE = 30_000_000


@contextmanager
def a_node(world: World) -> Iterator[subprocess.Popen[bytes]]:
    """The holder's node in a process of its own; killed when the block ends, if it still runs."""
    port = world.ports[HOLDER]
    paths = os.pathsep.join([str(PROGRAM.parent), str(PROGRAM.parents[1] / "src")])
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), str(world.folder), str(port)],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def listens() -> bool:
        assert process.poll() is None, "the node did not start"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        nodes.wait_until(listens)
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)


def sent(world: World) -> http.client.HTTPSConnection:
    """A connection on which the request r-1 was sent, and nothing was read."""
    context = client_context(world.identities[REQUESTER], world.authorities)
    connection = http.client.HTTPSConnection("127.0.0.1", world.ports[HOLDER], context=context, timeout=60)
    body = b"%d" % SIZE
    request = request_of(f"https://127.0.0.1:{world.ports[HOLDER]}/answers", AGREEMENT, "r-1", digest_of(body))
    sign_request(request, SIGNING[REQUESTER], nodes.now())
    connection.request("POST", "/answers", body, dict(request.headers.items()))
    return connection


def did(world: World) -> list[str]:
    file = world.folder / "did"
    return file.read_text("utf-8").split() if file.exists() else []


def kept(world: World) -> list[Path]:
    return list((world.folder / HOLDER / "answers").iterdir())


def test_killed_while_it_sends_it_sends_the_same_after_its_next_start(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    with a_node(world) as process:
        connection = sent(world)
        answer = connection.getresponse()
        promised = answer.headers["content-digest"]
        assert len(answer.read(1_000_000)) == 1_000_000
        process.kill()
        with pytest.raises((http.client.IncompleteRead, OSError)):
            answer.read()
    with a_node(world):
        answered = world.asking(REQUESTER).ask(HOLDER, AGREEMENT, "r-1", b"%d" % SIZE)
    assert answered.signature.body == promised
    assert (did(world), len(kept(world))) == (["r-1"], 1)


def test_killed_while_it_answers_it_answers_once_after_its_next_start(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    (tmp_path / "wait").touch()
    with a_node(world) as process:
        connection = sent(world)
        nodes.wait_until(lambda: did(world))
        process.kill()
        with pytest.raises((http.client.HTTPException, OSError)):
            connection.getresponse()
    (tmp_path / "wait").unlink()
    with a_node(world):
        asking = world.asking(REQUESTER)
        first, second = (asking.ask(HOLDER, AGREEMENT, "r-1", b"%d" % SIZE) for _ in range(2))
    assert first.signature.body == second.signature.body
    assert (did(world), len(kept(world))) == (["r-1", "r-1"], 1)


def killed(world: World, times: int) -> Counter[str]:
    """Kills the node at moments drawn by seed while one asks without end; what was promised once must stay."""
    draw = random.Random(6)
    counted: Counter[str] = Counter()
    promised: dict[str, str] = {}
    stop = threading.Event()

    def ask() -> None:
        asking = world.asking(REQUESTER, patience=Patience(tries=1, connect=5, read=30))
        while not stop.is_set():
            request_id = f"r-{draw.randrange(4 * times)}"
            with suppress(TsunaguError):
                answered = asking.ask(HOLDER, AGREEMENT, request_id, b"3000000")
                answered.payload.unlink()
                assert promised.setdefault(request_id, answered.signature.body) == answered.signature.body
                counted["answers"] += 1

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        for _ in range(times):
            with a_node(world):
                before = counted["answers"]
                nodes.wait_until(lambda: counted["answers"] > before)  # noqa: B023 - called within this turn
                time.sleep(draw.uniform(0, 0.3))
            counted["kills"] += 1
    finally:
        stop.set()
        asker.join()
    with a_node(world):
        asking = world.asking(REQUESTER)
        for request_id, digest in promised.items():
            assert asking.ask(HOLDER, AGREEMENT, request_id, b"3000000").signature.body == digest
    begun = Counter(did(world))
    counted["requests"] = len(promised)
    counted["begun again after a kill"] = sum(begun.values()) - len(begun)
    return counted


def test_killed_again_and_again_it_keeps_what_it_answered(tmp_path: Path) -> None:
    counted = killed(a_world(tmp_path), 2)
    assert counted["begun again after a kill"] <= counted["kills"]


@pytest.mark.deep
def test_killed_forty_times_it_keeps_what_it_answered(tmp_path: Path) -> None:
    counted = killed(a_world(tmp_path), 40)
    print(dict(counted))  # noqa: T201  # the figures of the long run
    assert counted["begun again after a kill"] <= counted["kills"]
