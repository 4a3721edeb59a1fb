"""What a node writes is its owner's alone, whatever the machine's habit; what is handed on, others may read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from served_nodes import done, serving, two_nodes
from tsunagu_node.node import open_node
from tsunagu_node.readiness import require_ready
from tsunagu_node.rounds import opened

#: Meant for others: for the directory's keeper, and what the keeper gives to every node.
HANDED_ON = {"entry.json", "authority.pem", "directory.json", "keeper.pub"}


@pytest.fixture
def generous() -> Iterator[None]:
    """A machine on which new files may be read, and folders entered, by everybody."""
    before = os.umask(0o000)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> set[str]:
    """What others may do anything with, below a folder."""
    return {path.name for path in folder.rglob("*") if stat.S_IMODE(path.lstat().st_mode) & 0o077}


def test_all_that_a_node_writes_in_its_life_is_its_owners(tmp_path: Path, generous: None) -> None:
    nodes = tmp_path / "nodes"
    file = two_nodes(nodes)
    (nodes / "authorities.pem").unlink()  # put there by hand
    assert open_to_others(nodes) == HANDED_ON
    (nodes / "authorities.pem").write_bytes(
        b"".join((nodes / one / "tls" / "authority.pem").read_bytes() for one in ("school-board", "child-centre"))
    )
    with serving(file):
        done("witness", file)
    out = tmp_path / "out"
    out.mkdir()
    done("export-log", file, out / "log.jsonl")
    assert {"log.sqlite3", "serve.lock", "answers", "arrived", "mailbox", "store.key"} <= {
        path.name for path in file.parent.rglob("*")
    }
    assert open_to_others(nodes) - HANDED_ON == {"authorities.pem", "school-board.said"}
    assert open_to_others(out) == set()


def test_a_folder_that_others_may_look_into_is_told(tmp_path: Path) -> None:
    file = two_nodes(tmp_path)
    with opened(open_node(file)) as node:
        assert require_ready(node) == []
        file.parent.chmod(0o755)
        (line,) = require_ready(node)
    assert line.endswith(f"Run: chmod o= {file.parent}")


def test_a_pretended_day_is_warned_of_and_no_other(tmp_path: Path) -> None:
    file = two_nodes(tmp_path)
    with serving(file, "--as-if", "2026-09-30") as node:
        said = node.said()
    assert said.startswith("warning: school-board decides as if it were 2026-09-30 (--as-if)\n  For demonstrations")
    with serving(file) as node:
        assert "warning" not in node.said()
