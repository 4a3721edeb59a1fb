"""A served desk, killed at any moment while a notification is typed: no key stroke that was acknowledged is lost."""

from __future__ import annotations

import http.client
import os
import random
import re
import signal
import socket
import threading
import time
import uuid
from pathlib import Path

import pytest
from test_killed_server import _sent, _told, served

DRAFT = "/notifications/drafts/1/"


class Typist:
    """Somebody who types one word after the other; each word is sent as the page sends it."""

    def __init__(self, cookie: str) -> None:
        self.cookie, self.acknowledged, self.turn = cookie, 0, 0
        self.refused: list[int] = []
        self.marks = {"form": str(uuid.uuid4()), "window": str(uuid.uuid4()), "seen": 1, "quietly": "yes"}

    def begin(self, port: int) -> None:
        assert _sent(port, self.cookie, "/purpose/", {"purpose": "protection", "next": "/"}) == 302
        assert _sent(port, self.cookie, "/notifications/new/", {"form": self.marks["form"]}) == 302

    def type(self, port: int, stop: threading.Event) -> None:
        """Until the desk is gone. What is not answered is sent again, as the page does: the next word holds it, too."""
        while not stop.is_set():
            self.turn += 1
            typed = {"account": " ".join(f"語{n}" for n in range(1, self.turn + 1)), "turn": self.turn}
            status = _sent(port, self.cookie, f"{DRAFT}save/", {**self.marks, **typed})
            if status == 204:
                self.acknowledged = self.turn
            elif status is None:
                time.sleep(0.01)
            else:
                self.refused.append(status)
                return

    def kept(self, port: int) -> int:
        """How many words the draft holds, each in its place."""
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        line.request("GET", DRAFT, headers={"Cookie": self.cookie})
        page = line.getresponse().read().decode()
        found = re.search(r'<textarea name="account"[^>]*>([^<]*)</textarea>', page)
        words = found[1].split() if found else []
        assert words == [f"語{n}" for n in range(1, len(words) + 1)]
        return len(words)


def killed(environment: dict[str, str], folder: Path, *, times: int, seed: int) -> int:
    """Kills the desk so many times while somebody types, and gives how many words were acknowledged in all."""
    draw, on = random.Random(seed), {**environment, "TSUNAGU_GUIDANCE_CENTRE": "yes"}
    typist = Typist(_told(on, "arrange", str(folder))["people"][0]["cookie"])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with served(on, port):
        typist.begin(port)
    for _ in range(times):
        with served(on, port) as server:
            stop = threading.Event()
            before, writer = typist.acknowledged, threading.Thread(target=typist.type, args=(port, stop))
            writer.start()
            while typist.acknowledged == before:
                assert writer.is_alive(), "the desk answers nobody"
                time.sleep(0.01)
            time.sleep(draw.uniform(0, 1))
            os.killpg(server.pid, signal.SIGKILL)
            stop.set()
            writer.join(timeout=70)
    with served(on, port):
        assert typist.kept(port) >= typist.acknowledged
    assert typist.refused == []
    return typist.acknowledged


def test_killed_while_somebody_types(environment: dict[str, str], tmp_path: Path) -> None:
    assert killed(environment, tmp_path, times=1, seed=7) > 0


@pytest.mark.deep
def test_killed_twenty_times_while_somebody_types(environment: dict[str, str], tmp_path: Path) -> None:
    assert killed(environment, tmp_path, times=20, seed=2026) > 100
