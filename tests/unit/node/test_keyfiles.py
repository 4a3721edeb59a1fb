"""Secret files of a node are there whole or not at all, and what a stopped process had begun does not stay."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tsunagu_node.keyfiles import write_anew, write_once


def ended() -> int:
    """The number of a process that ran and has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def begun(path: Path, process: int) -> Path:
    part = path.with_name(f".{path.name}.{process}.partial")
    part.write_bytes(b"half")
    return part


@pytest.mark.parametrize("write", [write_once, write_anew])
def test_what_a_stopped_process_had_begun_to_write_is_removed(tmp_path: Path, write: object) -> None:
    path = tmp_path / "node.[1].key"
    stopped, own, other = begun(path, ended()), begun(path, os.getpid()), begun(path, os.getppid())
    not_ours = tmp_path / ".node.[1].key.of-somebody.partial"
    not_ours.write_bytes(b"half")
    assert callable(write)
    write(path, b"whole")
    assert path.read_bytes() == b"whole"
    assert not stopped.exists()
    assert not own.exists()
    assert other.exists()
    assert not_ours.exists()
