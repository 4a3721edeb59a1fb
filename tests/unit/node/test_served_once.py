"""One process answers for a holder, and one replaces what it keeps; a lock that a killed one had keeps nobody out."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from served_nodes import a_node, done, published, ran, serving, two_nodes
from tsunagu.errors import EngineError, StateError
from tsunagu_node.alone import KEEPING, SERVING, alone


def test_a_second_process_of_the_same_node_touches_nothing(tmp_path: Path) -> None:
    file = two_nodes(tmp_path)
    with serving(file) as first:
        begun = file.parent / "arrived" / "half-written.partial"
        begun.write_bytes(b"what the first process waits for")
        os.utime(begun, (0, 0))  # so old that a start removes it
        second = ran("serve", file)
        assert second.returncode == StateError.exit_code
        assert f"this node is running already (process {first.process.pid})" in second.stderr
        assert f"kill {first.process.pid}" in second.stderr
        assert "answers at" not in second.stderr
        assert begun.exists()
        assert first.process.poll() is None


def test_of_two_that_poll_the_second_does_not_start(tmp_path: Path) -> None:
    a_node(tmp_path, "child-centre", port=18_444)
    file = a_node(tmp_path, "school-board", "--look-at", "child-centre")
    published(tmp_path, "school-board", "child-centre")
    with serving(file, ready="looks into the mailboxes") as first:
        second = ran("serve", file)
        assert second.returncode == StateError.exit_code
        assert f"process {first.process.pid}" in second.stderr
        assert "looks into" not in second.stderr


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_node_that_was_stopped_does_not_keep_the_next_from_starting(tmp_path: Path, how: signal.Signals) -> None:
    file = two_nodes(tmp_path)
    with serving(file) as first:
        first.end(how)
    with serving(file) as second:
        assert (file.parent / "serve.lock").read_text(encoding="ascii").split()[0] == str(second.process.pid)


def test_commands_of_a_period_go_on_beside_the_process_that_serves(tmp_path: Path) -> None:
    """`link` and `witness` are called while nodes run: others must answer meanwhile."""
    file = two_nodes(tmp_path)
    with serving(file):
        assert "this log is" in done("witness", file)
        linked = ran("link", file, "--on", "2026-09-30")
        assert "no key of a round" in linked.stderr, linked.stderr


@pytest.mark.parametrize("command", ["import", "link"])
def test_nothing_is_brought_in_while_something_is_linked(tmp_path: Path, command: str) -> None:
    file = two_nodes(tmp_path)
    given = [str(tmp_path)] if command == "import" else []
    with alone(file.parent, KEEPING):
        end = ran(command, file, *given, "--on", "2026-09-30")
    assert end.returncode == StateError.exit_code
    assert f"are being brought in or linked (process {os.getpid()})" in end.stderr
    assert "call this one again" in end.stderr
    assert "being brought in" not in ran(command, file, *given, "--on", "2026-09-30").stderr


def test_a_lock_is_of_one_folder_and_one_kind_and_ends_with_its_block(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    held = alone(one, SERVING), alone(one, KEEPING), alone(other, SERVING)
    with held[0], held[1], held[2], pytest.raises(StateError, match="running already"), alone(one, SERVING):
        pass
    with alone(one, SERVING):
        assert (one / "serve.lock").stat().st_mode & 0o777 == 0o600


def test_what_stands_in_the_file_decides_nothing(tmp_path: Path) -> None:
    """A number that was left may be another process's by now."""
    (tmp_path / "serve.lock").write_text(f"{os.getppid()} here\n", encoding="ascii")
    with alone(tmp_path, SERVING):
        pass


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    told = pytest.raises(EngineError, match=r"(?s)cannot be written: there is no such file or folder.*Check the path")
    with told, alone(tmp_path / "nothing", SERVING):
        pass
