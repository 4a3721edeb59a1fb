"""Each fault of whoever runs a node is one message: what, where, what to do; and the exit code of the house."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from handing import AT, WORKER, a_draft
from served_nodes import EXTRACTS, a_node, done, published, ran, two_nodes
from tsunagu.audit.entry import Entry
from tsunagu.durable import Durable
from tsunagu.errors import EngineError, SourceError, StateError
from tsunagu.handover.store import HandoverStore
from tsunagu.runs.crypt import create_key
from tsunagu_node.console import words_of
from tsunagu_node.holder_file import read_holder_file
from tsunagu_node.keyfiles import write_anew
from tsunagu_node.log import moment
from tsunagu_node.node import open_node
from tsunagu_node.readiness import require_ready
from tsunagu_node.rounds import opened


@pytest.fixture(scope="module")
def as_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    two_nodes(folder)
    return folder


@pytest.fixture
def file(as_made: Path, tmp_path: Path) -> Path:
    shutil.copytree(as_made, tmp_path / "made")
    return tmp_path / "made" / "school-board" / "HOLDER.toml"


def with_line(file: Path, line: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")


# HOLDER.toml


def test_a_file_that_is_not_there_is_told_with_the_one_that_is(file: Path) -> None:
    for name, what, to_do in (
        (file.with_name("HOLDR.toml"), "there is no such file", "tsunagu node new"),
        (file.parent, "this is a folder", f"Name the node's file: {file}"),
        (file.parents[1], "this is a folder", "Name a node's HOLDER.toml"),
    ):
        with pytest.raises(SourceError) as error:
            read_holder_file(name)
        assert (error.value.what, error.value.where) == (what, str(name))
        assert to_do in error.value.to_do


def test_a_mistake_in_it_is_told_with_its_folder_and_where_to_read(file: Path) -> None:
    with_line(file, "witnesses_needed = 2")
    with pytest.raises(SourceError) as error:
        read_holder_file(file)
    assert error.value.where.startswith(str(file))
    file.write_text("\n".join(one for one in file.read_text("utf-8").splitlines()[:3]), encoding="utf-8")
    with pytest.raises(SourceError, match=r"docs/how-to/run-a-node\.md"):
        read_holder_file(file)


# The log


def test_a_log_that_is_not_there_is_told_by_what_people_name(file: Path) -> None:
    end = ran("alarms", file)
    assert end.returncode == SourceError.exit_code
    assert "there is no such log: this node has not served yet" in end.stderr
    assert "Name the right HOLDER.toml." in end.stderr
    assert not (file.parent / "log.sqlite3").exists()


def a_durable(path: Path) -> Durable:
    made = Durable(path, "CREATE TABLE IF NOT EXISTS one (text TEXT);")
    with made.transaction() as db:
        db.execute("INSERT INTO one VALUES ('x')")
    return made


@pytest.mark.parametrize(
    ("stop", "reason", "to_do"),
    [
        ("PRAGMA max_page_count = 3", "the disk is full", "Make room on that disk"),
        ("PRAGMA query_only = ON", "this user may not", "as the user to whom the folder belongs"),
    ],
)
def test_a_log_that_cannot_be_written_says_why(tmp_path: Path, stop: str, reason: str, to_do: str) -> None:
    durable = a_durable(tmp_path / "log.sqlite3")
    durable._db.execute(stop)
    with pytest.raises(EngineError) as error, durable.transaction() as db:
        db.execute("INSERT INTO one VALUES (?)", ("x" * 100_000,))
    assert error.value.what == f"what is kept in this file cannot be used: {reason}"
    assert error.value.where == str(tmp_path / "log.sqlite3")
    assert to_do in error.value.to_do
    durable.close()


def test_a_file_that_is_no_log_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite3"
    path.write_bytes(b"something else" * 100)
    with pytest.raises(EngineError, match=r"(?s)it is damaged, or no file of this kind.*Leave it as it is"):
        a_durable(path)
    assert path.read_bytes() == b"something else" * 100


# What is held


def test_whose_heads_are_not_held_is_told_and_nothing_is_written(file: Path, tmp_path: Path) -> None:
    with opened(open_node(file)) as node:
        _ = node.log
    end = ran("export-held", file, "taxx", tmp_path / "out")
    assert end.returncode == StateError.exit_code
    assert "this node holds no head of 'taxx'" in end.stderr
    assert not (tmp_path / "out").exists()


def test_a_file_of_heads_that_is_not_there_is_told(file: Path, tmp_path: Path) -> None:
    with opened(open_node(file)) as node:
        _ = node.log
    rows = tmp_path / "rows.jsonl"
    done("export-log", file, rows)
    given = ["--directory", file.parents[1] / "directory.json", "--keeper", file.parents[1] / "keeper.pub"]
    end = ran("verify-log", rows, "--held", tmp_path / "none.heads", *given)
    assert end.returncode == SourceError.exit_code
    assert "none.heads: the heads that a peer kept cannot be read (No such file or directory)" in end.stderr
    assert "export-held wrote" in end.stderr


@pytest.mark.parametrize(
    ("out", "code", "told"),
    [
        ("there", StateError.exit_code, "this file is there already"),
        ("none/out", EngineError.exit_code, "the file cannot be written: there is no such file or folder"),
    ],
)
def test_where_nothing_can_be_written_is_told(file: Path, tmp_path: Path, out: str, code: int, told: str) -> None:
    (tmp_path / "there").write_text("evidence", encoding="ascii")
    with opened(open_node(file)) as node:
        _ = node.log
    end = ran("export-log", file, tmp_path / out)
    assert (end.returncode, told in end.stderr) == (code, True), end.stderr
    assert (tmp_path / "there").read_text(encoding="ascii") == "evidence"


# Witnesses


def test_a_witness_that_nobody_knows_is_named(tmp_path: Path) -> None:
    a_node(tmp_path, "child-centre")
    file = a_node(tmp_path, "school-board", "--extracts", EXTRACTS, "--witnesses", "child-center,child-centre")
    published(tmp_path, "school-board", "child-centre")
    with opened(open_node(file)) as node:
        node.log.append(Entry(moment(node.clock()), "org:tax", "peer", "asked", "message", "none", {}))
    end = ran("witness", file)
    assert end.returncode == 1
    assert "child-center: the directory does not name it\n  Check the id. Did you mean: child-centre" in end.stderr


# Hand-overs


def test_a_key_of_hand_overs_that_is_not_there_or_none_names_its_setting(file: Path) -> None:
    key = file.parent / "handovers.key"
    with_line(file, f'handovers = "{file.parent}/handovers.sqlite3"\nhandovers_key = "{key}"')
    for content in (None, "nothing"):
        if content is not None:
            key.write_text(content, encoding="ascii")
            key.chmod(0o600)
        with opened(open_node(file)) as node, pytest.raises(SourceError) as error:
            require_ready(node)
        assert error.value.where == str(key)
        assert error.value.to_do.startswith("Correct 'handovers_key' in HOLDER.toml")
        assert "TSUNAGU_HANDOVER_KEY" in error.value.to_do


def test_a_key_that_does_not_open_what_the_desk_keeps_stops_the_start(file: Path) -> None:
    store, key = file.parent / "handovers.sqlite3", file.parent / "handovers.key"
    with_line(file, f'handovers = "{store}"\nhandovers_key = "{key}"')
    other = HandoverStore(store, create_key(file.parent / "desk.key"), "school-board")
    create_key(key)
    with opened(open_node(file)) as node:
        assert require_ready(node) == []  # nothing is kept that would tell
    other.queue(a_draft(), WORKER, AT)
    other.close()
    with opened(open_node(file)) as node, pytest.raises(SourceError) as error:
        require_ready(node)
    assert error.value.what == f"this key does not open what is kept in {store}"
    assert error.value.where == str(key)
    assert error.value.to_do.startswith("Correct 'handovers_key'")


def test_a_file_of_hand_overs_that_is_made_now_is_told(file: Path) -> None:
    create_key(file.parent / "handovers.key")
    with_line(file, 'handovers = "handover.sqlite3"\nhandovers_key = "handovers.key"')
    with opened(open_node(file)) as node:
        (line,) = require_ready(node)
        assert f"{file.parent}/handover.sqlite3: the desk has kept no hand-over there yet" in line
        assert require_ready(node) == []


# Keys and the disk


def test_a_damaged_key_of_the_store_is_put_back_and_not_named_anew(file: Path) -> None:
    key = file.parent / "keys" / "store.key"
    key.write_text("nothing", encoding="ascii")
    key.chmod(0o600)
    with opened(open_node(file)) as node, pytest.raises(SourceError, match="Put the key back from where it is kept"):
        require_ready(node)


@pytest.mark.parametrize(
    ("number", "reason", "to_do"),
    [
        (errno.ENOSPC, "the disk is full", "Make room"),
        (errno.EDQUOT, "the disk is full", "Make room"),
        (errno.EACCES, "this user may not", "as the user to whom the folder belongs"),
        (errno.EROFS, "the disk can only be read", "Mount it"),
        (errno.EIO, "OSError", "Check the disk"),
    ],
)
def test_what_the_disk_refuses_is_told_by_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str, to_do: str
) -> None:
    path = tmp_path / "kept"
    write_anew(path, b"before")

    def refuses(_: int) -> None:
        raise OSError(number, "in words of the system")

    monkeypatch.setattr(os, "fsync", refuses)
    with pytest.raises(EngineError) as error:
        write_anew(path, b"after")
    assert error.value.what == f"the file cannot be written: {reason}"
    assert to_do in error.value.to_do
    assert path.read_bytes() == b"before"


def test_a_full_disk_is_no_fault_of_the_program() -> None:
    told = words_of(OSError(errno.ENOSPC, "No space left on device", "/srv/answers/1"))
    assert told.startswith("/srv/answers/1: a file cannot be used: the disk is full\n  Make room")


Command = Callable[[Path], list[object]]


@pytest.mark.parametrize(
    "arguments",
    [
        lambda folder: [
            "directory",
            folder / "directory.json",
            "--entry",
            folder / "no",
            "--key",
            folder / "keeper.key",
        ],
        lambda folder: ["revoke", folder / "nothing.json", "0" * 16, "--key", folder / "keeper.key"],
    ],
)
def test_a_file_that_no_command_looks_after_is_one_message_too(file: Path, arguments: Command) -> None:
    end = ran(*arguments(file.parents[1]))
    assert end.returncode in (SourceError.exit_code, EngineError.exit_code)
    assert "Traceback" not in end.stderr
    assert end.stderr.count("\n") == 2, end.stderr
