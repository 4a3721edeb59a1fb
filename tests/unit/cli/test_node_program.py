"""The node's program behind `tsunagu`: it ends with what was called, and what it has told is not told again."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from fixed import ROOT
from nodes import wait_until
from served_nodes import two_nodes
from tsunagu.cli.node import ToldByTheNode, node_output
from tsunagu.errors import EngineError

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src")}


def tsunagu(*arguments: object) -> list[str]:
    return [sys.executable, "-c", "from tsunagu.cli import main; main()", *(str(one) for one in arguments)]


@pytest.mark.skipif(os.name != "posix", reason="a program takes another's place on POSIX alone")
def test_a_node_that_is_killed_answers_no_more(tmp_path: Path) -> None:
    """`kill -9` of what was called; a child of it would have gone on, with the port and the data."""
    file = two_nodes(tmp_path)
    with (tmp_path / "said").open("wb") as out:
        serving = subprocess.Popen(tsunagu("node", "serve", file), env=ENVIRONMENT, stdout=out, stderr=out)
    try:
        wait_until(lambda: b"answers at" in (tmp_path / "said").read_bytes())
    finally:
        serving.send_signal(signal.SIGKILL)
        serving.wait(timeout=30)
    port = re.search(r'listen = ".*:(\d+)"', file.read_text(encoding="utf-8"))
    assert port
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(port[1]))) != 0


def test_what_the_node_has_told_is_told_once(tmp_path: Path) -> None:
    out = tmp_path / "run"
    city = ROOT / "examples" / "hinode-city"
    given = ["run", city, "--nodes", tmp_path / "HOLDER.toml", "--on", "2026-09-30", "--out", out]
    end = subprocess.run(tsunagu(*given), env=ENVIRONMENT, check=False, capture_output=True, encoding="utf-8")
    own = subprocess.run(
        tsunagu("node", "gather", given[3], "--on", "2026-09-30", "--out", tmp_path / "answers"),
        env=ENVIRONMENT,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert own.returncode == end.returncode == 3
    assert end.stderr.endswith(f"Keep it apart from the run folder.\n{own.stderr}")
    assert "HOLDER.toml" in end.stderr


def test_a_node_that_says_nothing_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(code: int) -> None:
        done = subprocess.CompletedProcess([], code, stdout="")
        monkeypatch.setattr("tsunagu.cli.node.subprocess.run", lambda *_, **__: done)

    ended(-9)
    with pytest.raises(EngineError, match="ended by signal 9"):
        node_output(["gather"])
    ended(6)
    with pytest.raises(ToldByTheNode) as error:
        node_output(["gather"])
    assert (error.value.exit_code, error.value.message()) == (6, "")
