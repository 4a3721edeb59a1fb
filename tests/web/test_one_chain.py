"""One chain, however many write at once: processes and threads append, and the log is whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

WRITERS = 4
EACH = 15
PROGRAM = f"""
import sys, threading, django
django.setup()
from django.db import connection
from tsunagu_web.audit.services import append_now

def write(name):
    for number in range({EACH}):
        append_now(action="view", object="child", persons=[f"P{{name}}-{{number}}"])
    connection.close()

threads = [threading.Thread(target=write, args=(f"{{sys.argv[1]}}-{{n}}",)) for n in range(2)]
[t.start() for t in threads]
[t.join() for t in threads]
"""


def test_processes_and_threads_write_one_chain(environment: dict[str, str]) -> None:
    def desk(*arguments: str) -> str:
        command = [sys.executable, "-m", "tsunagu_web", *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    desk("migrate", "-v", "0")
    command = [sys.executable, "-c", PROGRAM]
    writers = [subprocess.Popen([*command, str(n)], env=environment) for n in range(WRITERS // 2)]
    assert [w.wait(timeout=120) for w in writers] == [0] * len(writers)
    assert f"{WRITERS * EACH} rows" in desk("audit-verify")


def test_commands_end_with_the_exit_code_of_their_kind(before_migrating: dict[str, str], tmp_path: Path) -> None:
    def code(*arguments: str, **more: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "tsunagu_web", *arguments]
        done = subprocess.run(command, env={**before_migrating, **more}, check=False, capture_output=True, text=True)
        return done.returncode, done.stderr

    assert code("intake", str(tmp_path / "none"), "--key", "none.key")[0] == 3
    number, told = code("migrate", "-v", "0", TSUNAGU_SESSION_MINUTES="soon")
    assert number == 6
    assert "TSUNAGU_SESSION_MINUTES" in told
    assert "Traceback" not in told
    nowhere = {"TSUNAGU_DATABASE_URL": "postgresql://desk:hidden@127.0.0.1:1/none"}
    for more in (nowhere, {}):
        number, told = code("audit-verify", **more)
        assert number == 7
        assert "Traceback" not in told
        assert "hidden" not in told


def test_a_port_in_use_is_said(environment: dict[str, str]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "tsunagu_web", "serve", "--port", port]
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 6
    assert f"port {port} is in use" in done.stderr
    assert "Traceback" not in done.stderr
