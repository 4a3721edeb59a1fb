"""A small file of commits that last, while another process has it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tsunagu import durable
from tsunagu.durable import Durable
from tsunagu.errors import EngineError

TABLES = "CREATE TABLE IF NOT EXISTS kept (word TEXT NOT NULL) STRICT;"


class Taken:
    """A connection whose file another process has for a while, as when it puts a killed one's journal in order."""

    def __init__(self, db: sqlite3.Connection, times: int, code: int) -> None:
        self.db, self.times, self.code, self.asked = db, times, code, 0

    @property
    def in_transaction(self) -> bool:
        return self.db.in_transaction

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        if statement == "BEGIN IMMEDIATE" or statement.startswith("SELECT 1 FROM sqlite_schema"):
            self.asked += 1
            if self.asked <= self.times:
                error = sqlite3.OperationalError("database is locked")
                error.sqlite_errorcode = self.code
                raise error
        return self.db.execute(statement, *values)


def a_file(tmp_path: Path, times: int, code: int) -> tuple[Durable, Taken]:
    kept = Durable(tmp_path / "kept.sqlite3", TABLES)
    taken = Taken(kept._db, times, code)
    kept._db = taken  # type: ignore[assignment]
    return kept, taken


@pytest.mark.parametrize("code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY])
def test_a_file_that_is_taken_for_a_moment_is_waited_for(tmp_path: Path, code: int) -> None:
    kept, taken = a_file(tmp_path, times=3, code=code)
    with kept.transaction() as db:
        db.execute("INSERT INTO kept VALUES ('here')")
    assert taken.asked == 4
    with kept.transaction() as db:
        assert db.execute("SELECT word FROM kept").fetchall() == [("here",)]


def test_a_file_that_stays_taken_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "PATIENCE", 0)
    kept, taken = a_file(tmp_path, times=10**6, code=sqlite3.SQLITE_BUSY)
    with pytest.raises(EngineError, match="another process has it"), kept.transaction():
        pass
    assert taken.asked >= 1


def test_what_is_broken_otherwise_is_not_tried_again(tmp_path: Path) -> None:
    kept, taken = a_file(tmp_path, times=1, code=sqlite3.SQLITE_FULL)
    with pytest.raises(EngineError), kept.transaction():
        pass
    assert taken.asked == 1


@pytest.mark.parametrize("code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY])
def test_a_file_that_is_taken_for_a_moment_is_waited_for_to_read(tmp_path: Path, code: int) -> None:
    kept, taken = a_file(tmp_path, times=3, code=code)
    with kept.reading() as db:
        assert db.execute("SELECT word FROM kept").fetchall() == []
    assert taken.asked == 4


def test_what_is_read_waits_for_no_writer_and_is_what_stood_at_its_beginning(tmp_path: Path) -> None:
    """Two processes have the file, as node and desk have: two connections are the same to SQLite."""
    one, other = (Durable(tmp_path / "kept.sqlite3", TABLES) for _ in range(2))
    with one.transaction() as db:
        db.execute("INSERT INTO kept VALUES ('first')")
    with one.transaction() as db:
        db.execute("INSERT INTO kept VALUES ('second')")
        with other.reading() as read:
            assert read.execute("SELECT word FROM kept").fetchall() == [("first",)]
    with one.reading() as read:
        assert len(read.execute("SELECT word FROM kept").fetchall()) == 2
        with other.transaction() as db:
            db.execute("INSERT INTO kept VALUES ('third')")
        assert len(read.execute("SELECT word FROM kept").fetchall()) == 2
    with one.reading() as read:
        assert len(read.execute("SELECT word FROM kept").fetchall()) == 3


def test_nothing_is_written_where_it_is_read(tmp_path: Path) -> None:
    kept = Durable(tmp_path / "kept.sqlite3", TABLES)
    with pytest.raises(EngineError), kept.reading() as db:
        db.execute("INSERT INTO kept VALUES ('here')")
    with kept.transaction() as db:  # and the next who writes may
        db.execute("INSERT INTO kept VALUES ('there')")
    with kept.reading() as db:
        assert db.execute("SELECT word FROM kept").fetchall() == [("there",)]


def test_whoever_fails_while_reading_leaves_the_file_free(tmp_path: Path) -> None:
    kept = Durable(tmp_path / "kept.sqlite3", TABLES)
    with pytest.raises(KeyError), kept.reading():
        raise KeyError
    with kept.transaction() as db:
        db.execute("INSERT INTO kept VALUES ('here')")
    assert kept.forget()
