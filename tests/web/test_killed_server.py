"""A served desk, killed at any moment while several people write: what was acknowledged is there once, nothing half.

A write of which no answer came is sent again once the desk is back, as a person would; it is then there once as well.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
MARK = "a" * 32  # the form mark and its cookie need only be the same


@dataclass
class Person:
    """Somebody who writes: what was acknowledged, and the one write of which no answer came."""

    cookie: str
    child: str
    owner: int
    draw: random.Random
    acknowledged: list[tuple[str, str]] = field(default_factory=list)
    unanswered: tuple[str, dict[str, Any]] | None = None
    refused: list[int] = field(default_factory=list)

    def write(self, port: int, stop: threading.Event) -> None:
        while not stop.is_set():
            kind, form = self.unanswered or self._a_form()
            self.unanswered = kind, form
            status = _sent(port, self.cookie, self._path(kind), form)
            if status is None:
                return
            (self.acknowledged.append((kind, form["form"])) if status == 302 else self.refused.append(status))
            self.unanswered = None

    def _path(self, kind: str) -> str:
        ends = {"note": "notes/write", "contact": "outreach/contact", "sight": "sight/confirm", "kin": "kin/add"}
        return f"/children/{self.child}/{ends.get(kind, 'tasks/add')}/"

    def _a_form(self) -> tuple[str, dict[str, Any]]:
        today = dt.datetime.now(tz=dt.UTC).date() - dt.timedelta(days=1)
        # The same words of one person on one day are recorded once, whatever the form: each write says something else.
        number = self.draw.getrandbits(64)
        unknown = {"has_custody": "unknown", "may_be_contacted": "unknown"}
        forms: dict[str, dict[str, Any]] = {
            "note": {"text": f"家庭訪問をした {number}", "label": 2, "seen": 0},
            "contact": {
                "mode": "visit",
                "on": today,
                "time": "00:00",
                "result": "absent",
                "note": f"留守 {number}",
                "met": "",
            },
            "sight": {
                "seen_on": today,
                "seen_by": "own",
                "place": "home",
                "injuries": "none",
                "condition": f"笑った {number}",
            },
            "kin": {"relative": "", "name": f"例本 うめ{number}", "kana": "レイ", "kind": "grandparent", **unknown},
            "task": {"what": f"電話する {number}", "owner": self.owner, "due_on": today + dt.timedelta(days=8)},
        }
        kind = self.draw.choice(sorted(forms))
        return kind, {**forms[kind], "form": str(uuid.UUID(int=self.draw.getrandbits(128)))}


def _sent(port: int, cookie: str, path: str, form: dict[str, Any]) -> int | None:
    """The status of the answer; None where none came."""
    body = urllib.parse.urlencode({**form, "csrfmiddlewaretoken": MARK})
    headers = {"Cookie": f"{cookie}; csrftoken={MARK}", "Content-Type": "application/x-www-form-urlencoded"}
    try:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        line.request("POST", path, body, headers)
        return line.getresponse().status
    except (OSError, http.client.HTTPException):
        return None


@contextmanager
def served(environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The desk in a process group of its own; it answers once this opens, and is killed when it closes."""
    command = [sys.executable, "-m", "tsunagu_web", "serve", "--port", str(port)]
    server = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, "the desk did not start"
            time.sleep(0.1)
        yield server
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=20)


def _told(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    paths = {"PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent)])}
    command = [sys.executable, str(HERE / "killed_desk.py"), *arguments]
    done = subprocess.run(command, env={**environment, **paths}, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def killed(environment: dict[str, str], folder: Path, *, times: int, seed: int) -> dict[str, int]:
    """Kills the desk so many times, each at a moment drawn anew, and gives what was counted."""
    draw = random.Random(seed)
    people = [
        Person(**one, draw=random.Random(draw.random())) for one in _told(environment, "arrange", str(folder))["people"]
    ]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    lost = 0
    for _ in range(times):
        with served(environment, port) as server:
            stop = threading.Event()
            writers = [threading.Thread(target=person.write, args=(port, stop)) for person in people]
            [writer.start() for writer in writers]
            # Not before somebody is heard: the first page of a desk that just started takes longest.
            before = sum(len(person.acknowledged) for person in people)
            while sum(len(person.acknowledged) for person in people) == before:
                assert any(writer.is_alive() for writer in writers), "the desk answers nobody"
                time.sleep(0.01)
            time.sleep(draw.uniform(0, 1))
            os.killpg(server.pid, signal.SIGKILL)
            [writer.join(timeout=70) for writer in writers]
            lost += sum(person.unanswered is not None for person in people)
    with served(environment, port):
        for person in people:
            if person.unanswered:
                kind, form = person.unanswered
                # A desk that has just begun to listen may refuse the first word; a form sent twice counts once.
                answers = (_sent(port, person.cookie, person._path(kind), form) for _ in range(100))
                assert next((one for one in answers if one is not None or time.sleep(0.1)), None) == 302
                person.acknowledged.append((kind, form["form"]))
    return {"acknowledged": _there_once(environment, people), "unanswered and sent again": lost}


def _there_once(environment: dict[str, str], people: list[Person]) -> int:
    """Everything acknowledged is there once, nothing else is, nothing is half there, and the log is whole."""
    found = _told(environment, "found")
    assert found["half"] == []
    assert [person.refused for person in people] == [[]] * len(people)
    acknowledged = [one for person in people for one in person.acknowledged]
    for kind, there in found["forms"].items():
        wanted = sorted(_mark(kind, form) for of_kind, form in acknowledged if of_kind == kind)
        assert sorted(there) == wanted, kind
    command = [sys.executable, "-m", "tsunagu_web", "audit-verify"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return len(acknowledged)


def _mark(kind: str, form: str) -> str:
    from tsunagu_web.people.models import id_by_hand

    return id_by_hand(uuid.UUID(form)) if kind == "kin" else form


def test_killed_while_three_people_write(environment: dict[str, str], tmp_path: Path) -> None:
    assert killed(environment, tmp_path, times=1, seed=4)["acknowledged"] > 0


@pytest.mark.deep
def test_killed_forty_times_while_three_people_write(environment: dict[str, str], tmp_path: Path) -> None:
    counted = killed(environment, tmp_path, times=40, seed=2026)
    print(counted)  # noqa: T201  # the figures of the long run
    assert counted["acknowledged"] > 100
    assert counted["unanswered and sent again"] > 20, "it was killed while it wrote"
