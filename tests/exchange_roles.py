"""The two ends of one exchange as processes that may be killed at any moment: a holder and the centre that asks.

The answer is imported by the centre as one file, whole or not at all. Both ends do the same at each start: they tidy
up, and go on with what is not done yet.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import urllib3

import nodes
from agreements import KEYS, an_agreement, signed
from answered import KEY, a_request, a_school
from nodes import HOLDER, REQUESTER, World
from tsunagu.errors import EngineError, TsunaguError
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.request import DataRequest
from tsunagu_node.answering import Answering
from tsunagu_node.asking import Patience
from tsunagu_node.inquiry import Inquiry
from tsunagu_node.keyfiles import write_anew
from tsunagu_node.listening import Limits
from tsunagu_node.listening import server as listen
from tsunagu_node.log import Log
from tsunagu_node.mailbox import Mailbox
from tsunagu_node.noting import Notes
from tsunagu_node.office import Office
from tsunagu_node.polling import look_once
from tsunagu_node.replying import replies_of
from tsunagu_node.serving import Serving
from tsunagu_node.tls import client_context, server_context

WAYS = ("listening", "polling")
LOG_KEYS = {HOLDER: b"s" * 64, REQUESTER: b"r" * 64}
#: Long enough for the other end to be started again.
PATIENT = Patience(tries=5, pause=0.02, connect=5, read=20)
#: How the centre's process ends: with the answer, to be started again, or with a refusal.
DONE, AGAIN, REFUSED = 0, 3, 5
JAPAN = dt.timedelta(hours=9)


def noon_ahead() -> Callable[[], dt.datetime]:
    """The machine's clock, set ahead to the next noon in Japan: no day ends while a long run lasts."""
    now = nodes.now()
    noon = (now + JAPAN).replace(hour=12, minute=0, second=0) - JAPAN
    ahead = (noon if noon >= now else noon + dt.timedelta(days=1)) - now
    return lambda: nodes.now() + ahead


@dataclass(frozen=True)
class Exchange:
    """One exchange in a folder of its own. way: how the holder gives its answer."""

    world: World
    way: str
    agreement: SharingAgreement
    request: DataRequest

    @property
    def imported(self) -> Path:
        return self.world.folder / REQUESTER / "imported.arrow"

    @property
    def wire(self) -> Path:
        """Each message of a centre that asks, as it went out: kept by somebody who overheard it."""
        return self.world.folder / "wire"

    def log(self, id: str) -> Log:
        return Log(self.world.folder / id / "log.sqlite3", LOG_KEYS[id])

    def office(self) -> Office:
        return Office(
            lambda: {self.agreement.id: self.agreement}, lambda _: KEYS, a_school(), lambda _: KEY, self.log(HOLDER)
        )

    def answering(self) -> Answering:
        office = self.office()
        return self.world.answering(HOLDER, replies_of(office), note=Notes(office.log, self.world.clock))

    def holder(self) -> None:
        """Runs the holder's node until it is killed."""
        answering = self.answering()
        if self.way == "listening":
            self._listen(HOLDER, answering, None)
        asking = self.world.asking(HOLDER, patience=PATIENT)
        asking.tidy()
        while True:
            with suppress(TsunaguError):  # the centre is being started again
                look_once(REQUESTER, asking, answering)
            time.sleep(0.01)

    def centre(self) -> None:
        """Runs the centre's node until the answer is imported, or it ends otherwise."""
        mailbox = Mailbox(self.world.folder / REQUESTER) if self.way == "polling" else None
        asking = self.world.asking(REQUESTER, patience=PATIENT)
        asking.tidy()
        inquiry = Inquiry(asking, self.log(REQUESTER), mailbox)
        if mailbox is None:
            self._overhear()
            self._ended(lambda: inquiry.ask(self.agreement, self.request).table)
        work = threading.Thread(target=self._ended, args=(lambda: self._collected(inquiry),))
        work.start()
        self._listen(REQUESTER, self.world.answering(REQUESTER, nodes.Dummy()), mailbox)

    def settle(self) -> None:
        """Both ends started once more with nothing to do, as tidy as they then are."""
        self.answering().close()
        self.world.asking(REQUESTER).tidy()
        self.world.asking(HOLDER).tidy()
        if self.way == "polling":
            mailbox = Mailbox(self.world.folder / REQUESTER)
            mailbox.tidy()
            mailbox.close()
            self.world.answering(REQUESTER, nodes.Dummy()).close()

    def replay(self) -> None:
        """Sends what was overheard once more, the last first, and keeps what the holder says to it."""
        context = client_context(self.world.identities[REQUESTER], self.world.authorities)
        for file in sorted(self.wire.glob("*.sent"), reverse=True):
            sent = json.loads(file.read_text("utf-8"))
            connection = http.client.HTTPSConnection("127.0.0.1", self.world.ports[HOLDER], context=context, timeout=20)
            nodes.wait_until(lambda: _is_open(self.world.ports[HOLDER]))
            connection.request("POST", "/answers", sent["body"].encode(), sent["headers"])
            status = connection.getresponse().status
            connection.close()
            said = {"status": status, "signature": sent["headers"]["signature"]}
            file.with_suffix(".again").write_text(json.dumps(said), "utf-8")

    def _overhear(self) -> None:
        urlopen = urllib3.HTTPSConnectionPool.urlopen
        self.wire.mkdir(exist_ok=True)

        def overheard(pool: Any, method: str, path: str, *, body: bytes, headers: Any, **more: Any) -> Any:
            kept = {"headers": {name.lower(): value for name, value in headers.items()}, "body": body.decode()}
            write_anew(self.wire / f"{time.monotonic_ns():020d}.sent", json.dumps(kept).encode())
            return urlopen(pool, method, path, body=body, headers=headers, **more)

        urllib3.HTTPSConnectionPool.urlopen = overheard  # type: ignore[method-assign]

    def _collected(self, inquiry: Inquiry) -> pa.Table:
        inquiry.leave(self.request)
        while True:
            taken = inquiry.collect(self.agreement, self.request)
            if taken is not None:
                return taken.table
            time.sleep(0.01)

    def _ended(self, get: Callable[[], pa.Table]) -> None:
        """Imports the answer where that is not done yet, and ends the process."""
        try:
            if not self.imported.exists():
                write_anew(self.imported, as_bytes(get()))
        except EngineError:  # nobody was reached
            os._exit(AGAIN)
        except TsunaguError as error:
            (self.world.folder / "why").write_text(error.message(), "utf-8")
            os._exit(REFUSED)
        os._exit(DONE)

    def _listen(self, id: str, answering: Answering, mailbox: Mailbox | None) -> None:
        limits = Limits(first_byte=5.0)
        serving = Serving(answering, self.world.authorities, mailbox=mailbox, limits=limits)
        context = server_context(self.world.identities[id], self.world.authorities)
        listen(serving.app, context, limits, port=self.world.ports[id]).run()


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def as_bytes(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table.combine_chunks())
    return bytes(sink.getvalue())


@dataclass
class Ground:
    """What the exchanges of one run share: identities, ports, an agreement of today. Each has a folder below."""

    folder: Path
    clock: Callable[[], dt.datetime] = field(default_factory=noon_ahead)
    made: int = 0

    def __post_init__(self) -> None:
        self.worlds = {
            way: nodes.a_world(self.folder / way, polled=(HOLDER,) if way == "polling" else ()) for way in WAYS
        }
        today = (self.clock() + JAPAN).date()
        first, last = f"{today.year - 1}-01-01", f"{today.year + 1}-12-31"
        self.agreement = signed(an_agreement(holder=HOLDER, requester=REQUESTER, valid_from=first, valid_until=last))
        self.request = a_request(self.agreement, on=today)

    def exchange(self, way: str, **changed: Any) -> Exchange:
        """A new one, of which nothing was asked yet."""
        self.made += 1
        folder, base = self.folder / f"{self.made:06d}", self.worlds[way]
        folder.mkdir()
        shutil.copy(base.authorities, folder)
        world = World(folder, base.ports, base.identities, base.directory, self.clock)
        world.publish(base.directory)
        for id in (HOLDER, REQUESTER):
            (folder / id).mkdir()
        return Exchange(world, way, self.agreement, a_request(self.agreement, on=self.request.on, **changed))
