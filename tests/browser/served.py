"""What the browser tests know of the desk that serves them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

PASSWORD = "only for the test run"


@dataclass(frozen=True)
class Desk:
    """A desk that serves.

    secrets      of the authenticator app, by login
    command      runs one of the desk's commands and gives what it printed
    sessions     cookies of those who have signed in, by login
    environment  of the desk, for programs of the tests
    kill, start  ends it as a power cut would, and starts it again at the same address
    """

    address: str
    secrets: dict[str, str]
    command: Callable[..., str]
    sessions: dict[str, list[Any]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    kill: Callable[[], None] = lambda: None
    start: Callable[[], None] = lambda: None


@contextmanager
def a_desk(
    home: Path,
    migrated: Path,
    *,
    city: Path | None = None,
    before: Sequence[Path] = (),
    more: Mapping[str, str] | None = None,
) -> Iterator[Desk]:
    """A desk that serves the run in home/run, made with home/run.key, with one account per role.

    Its name is localhost, as passkeys need one. migrated: the database that it begins with
    city: the folder with its choices; before: runs taken in before it; more: further settings.
    """
    (home / "desk").mkdir(mode=0o700)
    shutil.copy(migrated, home / "desk" / "desk.sqlite3")
    port = _free_port()
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("TSUNAGU_", "DJANGO_"))}
    told_of = {"TSUNAGU_DESK": str(home / "desk"), **({"TSUNAGU_CITY": str(city)} if city else {}), **(more or {})}
    environment = {**outside, **told_of}

    def command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "tsunagu_web", *arguments]

    def told(*arguments: str) -> str:
        done = subprocess.run(command(*arguments), env=environment, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    for run in (*before, home / "run"):
        told("intake", str(run), "--key", str(home / "run.key"))
    lines = told("demo-accounts", "--school", "102", "--password", PASSWORD).splitlines()
    secrets = {login: secret for login, _password, _role, secret in (line.split("\t") for line in lines)}
    running: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        serve = command("serve", "--port", str(port))
        # A group of its own, so that whatever it starts can be killed with it.
        server = subprocess.Popen(serve, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
        running.append(server)
        _wait(server, f"http://127.0.0.1:{port}/login/")

    def kill() -> None:
        server = running.pop()
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=20)

    try:
        start()
        yield Desk(f"http://localhost:{port}", secrets, told, environment=environment, kill=kill, start=start)
    finally:
        for server in running:
            server.terminate()
            server.wait(timeout=20)


def purpose(page: Page, name: str) -> None:
    """Picks another purpose. The session is one for all tests of a person: a test ends with the first purpose again."""
    page.goto("/purpose/")
    page.get_by_label(name).check()
    page.get_by_role("button", name="進む").click()
    page.wait_for_url(lambda url: "/purpose/" not in url)


def session_of(page: Page) -> list[Any]:
    """The cookie with which this browser is signed in."""
    return [cookie for cookie in page.context.cookies() if cookie["name"] == "tsunagu_session"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    for _ in range(600):  # a busy machine takes long to start it; a desk that stopped is told at once
        if server.poll() is not None:
            pytest.fail(f"the desk stopped with exit code {server.returncode}")
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except OSError:
            time.sleep(0.25)
        else:
            return
    pytest.fail("the desk has not answered within two and a half minutes")
