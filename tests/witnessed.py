"""Organisations whose logs are witnessed: what honest nodes do, and what an administrator does to a log's file."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nodes
from nodes import HEADS, Dummy, World, a_world
from tsunagu.audit.chain import SealedRow
from tsunagu.audit.entry import Entry
from tsunagu.audit.heads import SignedHead, head_from, sign_head, text_of
from tsunagu_node.bringing import Bringing
from tsunagu_node.log import Log, moment
from tsunagu_node.own_heads import OwnHeads
from tsunagu_node.witnessing import Witnessing

OWN, PEERS, POLLS = "school-board", ("child-centre", "city-office"), "health-centre"
BEGUN = nodes.now().replace(microsecond=0)


class Clock:
    """One clock for all, which a test moves on."""

    def __init__(self) -> None:
        self.now = BEGUN

    def __call__(self) -> dt.datetime:
        return self.now


class Place:
    """One organisation: its log, its heads, and what it holds of others."""

    def __init__(self, world: World, id: str, peers: tuple[str, ...]) -> None:
        self.world, self.id, self.peers = world, id, peers
        self.opened()

    def opened(self) -> None:
        self.log = Log(self.path, b"s" * 64)
        self.heads = OwnHeads(self.log)
        self.witnessing = Witnessing(self.id, HEADS[self.id], self.log)
        asking = self.world.asking(self.id)
        self.bringing = Bringing(asking, HEADS[self.id], self.heads, self.witnessing, lambda: self.peers)

    @property
    def path(self) -> Path:
        return self.world.folder / self.id / "log.sqlite3"

    def wrote(self, count: int, **changed: Any) -> None:
        for _ in range(count):
            self.log.append(an_entry(self.world.clock(), **changed))

    def alarms(self) -> list[tuple[str, str, str, int]]:
        return [(one.log, one.seen_by, one.kind, one.row) for one in self.witnessing.alarms()]

    def actions(self) -> list[str]:
        return [json.loads(row.body)["action"] for row in self.log.rows()]


def an_entry(at: dt.datetime, **changed: Any) -> Entry:
    made = Entry(moment(at), "org:child-centre", "requester", "asked", "agreement:A-1", "none", (), {"request": "r"})
    return replace(made, **changed)


def a_witnessed_world(folder: Path, clock: Clock) -> World:
    """The log's organisation, a holder that polls, and two peers."""
    made = a_world(folder, polled=(POLLS,), among=(OWN, *PEERS, POLLS))
    made.clock = clock
    return made


@contextlib.contextmanager
def at_their_posts(world: World) -> Iterator[dict[str, Place]]:
    """The log's organisation and a holder that polls, and two peers that listen."""
    made = {id: Place(world, id, tuple(peer for peer in PEERS if peer != id)) for id in (OWN, *PEERS, POLLS)}
    with contextlib.ExitStack() as stack:
        for id in PEERS:
            answering = world.answering(id, Dummy())
            stack.enter_context(world.served(id, answering, witnessing=made[id].witnessing))
        yield made
    for one in made.values():
        one.log.close()


def countersigned(own: Place, clock: Clock) -> Place:
    """The log with 45 rows under three heads, which both peers have countersigned."""
    for count in (20, 20, 5):
        own.wrote(count)
        own.bringing.sign_now()
        assert own.bringing.round().left == ()
        clock.now += dt.timedelta(minutes=1)
    return own


def stored(path: Path) -> tuple[list[SealedRow], list[SignedHead]]:
    with contextlib.closing(sqlite3.connect(path)) as db:
        rows = [SealedRow(*row) for row in db.execute("SELECT number, body, hash FROM log ORDER BY number")]
        return rows, [head_from(text) for (text,) in db.execute("SELECT text FROM head ORDER BY number")]


def rows_alone(own: Place, rows: list[SealedRow]) -> None:
    """Other rows by a script with full access, under the heads as they are."""
    own.log.close()
    with contextlib.closing(sqlite3.connect(own.path)) as db:
        db.executescript("DROP TRIGGER log_stays; DROP TRIGGER log_is_kept; DELETE FROM log")
        db.executemany("INSERT INTO log VALUES (?, ?, ?)", [(row.number, row.body, row.hash) for row in rows])
        db.commit()
    own.opened()


def written_anew(own: Place, rows: list[SealedRow], ends: list[int]) -> None:
    """Rows and heads by a script with full access: triggers dropped, every head signed with the real key."""
    own.log.close()
    with contextlib.closing(sqlite3.connect(own.path)) as db:
        for trigger in ("log_stays", "log_is_kept", "head_stays", "head_is_kept"):
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute("DELETE FROM log")
        db.execute("DELETE FROM head")
        db.executemany("INSERT INTO log VALUES (?, ?, ?)", [(row.number, row.body, row.hash) for row in rows])
        heads: list[SignedHead] = []
        for end in ends:
            hashes = [row.hash for row in rows[heads[-1].rows if heads else 0 : end]]
            heads.append(sign_head(HEADS[OWN], hashes, heads[-1] if heads else None, series="0f" * 8, at=moment(BEGUN)))
        db.executemany("INSERT INTO head VALUES (?, ?, ?)", [(one.number, one.rows, text_of(one)) for one in heads])
        db.commit()
    own.opened()
