"""Six nodes, each a process, with links that do harm between them: `python exchange_six.py FOLDER WHERE SCENARIO`.

The centre asks five holders at once, three that listen and two that fetch. WHERE is `namespaces` (each node in a
network namespace of its own, a bridge between them) or `loopback`. What is printed is JSON: what is amiss, and how each
holder's inquiry ended.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import exchange_checks
import nodes
from answered import KEY, a_request
from exchange_links import Harm, Link, carry
from exchange_roles import as_bytes, noon_ahead
from nodes import REQUESTER, World
from offices import agreement_on, an_office, keep_a_town
from tsunagu.audit.verify import verify
from tsunagu.errors import EngineError, TsunaguError
from tsunagu.purposes.manifest import read_manifest, received
from tsunagu.purposes.request import bytes_of
from tsunagu_node.asking import Patience
from tsunagu_node.inquiry import Inquiry
from tsunagu_node.keyfiles import write_anew
from tsunagu_node.listening import Limits
from tsunagu_node.listening import server as listen
from tsunagu_node.log import Evidence, Log
from tsunagu_node.mailbox import Mailbox
from tsunagu_node.noting import Notes
from tsunagu_node.office import Sent
from tsunagu_node.polling import look_once
from tsunagu_node.refusals import PASSING
from tsunagu_node.replying import replies_of
from tsunagu_node.serving import Serving
from tsunagu_node.store import Store
from tsunagu_node.tls import server_context

LISTENING = ("school-board", "welfare-office", "health-centre")
POLLING = ("nurseries", "tax-office")
HOLDERS = LISTENING + POLLING
IDS = (*HOLDERS, REQUESTER)
#: Nodes with an address: those that listen, and the centre with its mailbox.
REACHED = (*LISTENING, REQUESTER)
HUB = "10.77.0.1"
_NEW_NET = 0x40000000
_PATIENCE = 120.0
#: So short that a link which swallows all is noticed.
IMPATIENT = Patience(tries=2, pause=0.05, connect=2, read=3)


@dataclass(frozen=True)
class Scenario:
    """What happens to whom.

    harms, always  link -> what is done to one connection after the other, and to all after these
    skew           node -> seconds that its clock is ahead
    stopped        node -> seconds after the start, when it is killed and started again
    unplugged      holder -> for how many seconds its cable is out, from when it was asked (in namespaces alone)
    refused        holder -> code with which its inquiry must end; `waiting`: it fetches nothing, and says why
    """

    harms: Mapping[str, tuple[Harm, ...]] = field(default_factory=dict)
    always: Mapping[str, Harm] = field(default_factory=dict)
    skew: Mapping[str, float] = field(default_factory=dict)
    stopped: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    unplugged: Mapping[str, float] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


def _all(*harms: Harm) -> dict[str, tuple[Harm, ...]]:
    return {id: harms for id in REACHED}


SCENARIOS = {
    "nothing": Scenario(),
    "cut in the middle": Scenario(
        harms=_all(
            *(Harm(cut_down=size) for size in (0, 40, 900, 2_500, 4_000, 6_000)),
            *(Harm(cut_up=size) for size in (1, 300, 1_800, 3_000)),
        )
    ),
    "parted and joined again": Scenario(harms=_all(*[Harm(refuse=True)] * 12)),
    "reached in one direction only": Scenario(
        harms=_all(Harm(swallow="down"), Harm(swallow="up"), Harm(swallow="down"))
    ),
    "slow": Scenario(always={id: Harm(delay=0.03, rate=20_000) for id in REACHED}),
    "stopped and started": Scenario(
        harms=_all(Harm(delay=0.2), Harm(delay=0.2)), stopped={id: (0.6 + 0.2 * n, 1.9) for n, id in enumerate(IDS)}
    ),
    "unplugged in the middle": Scenario(
        always={id: Harm(delay=0.1) for id in REACHED}, unplugged={"school-board": 2.0, "nurseries": 2.0}
    ),
    "clocks within five minutes": Scenario(skew={"school-board": 285, "welfare-office": -285, "nurseries": 285}),
    "clocks beyond five minutes": Scenario(
        skew={"school-board": 330, "welfare-office": -330, "nurseries": 330, "tax-office": -330},
        refused={
            "school-board": "clock",
            "welfare-office": "clock",
            "nurseries": "waiting",
            "tax-office": "waiting",
        },
    ),
}


@dataclass
class Six:
    """The six in one folder. hosts: where each listens; clock: of whoever has the right time."""

    folder: Path
    where: str
    scenario: Scenario

    def __post_init__(self) -> None:
        host = HUB if self.where == "namespaces" else "127.0.0.1"
        self.world = nodes.a_world(self.folder, among=IDS, polled=POLLING, host=host)
        self.world.clock = noon_ahead()
        self.hosts = {id: f"10.77.0.{10 + n}" if self.where == "namespaces" else host for n, id in enumerate(IDS)}
        through = {id: nodes.free_port() for id in REACHED}
        self.links = {
            id: Link(
                (host, through[id]),
                (self.hosts[id], self.world.ports[id]),
                self.scenario.harms.get(id, ()),
                self.scenario.always.get(id, Harm()),
            )
            for id in REACHED
        }
        organisations = tuple(
            replace(one, endpoint=f"https://{host}:{through[one.id]}") if one.id in through else one
            for one in self.world.directory.organisations
        )
        self.world.publish(replace(self.world.directory, organisations=organisations))
        on = (self.world.clock() + timedelta(hours=9)).date()
        self.agreements = {id: agreement_on(id, "indicator" if n % 2 else "item") for n, id in enumerate(HOLDERS)}
        self.requests = {
            id: a_request(one, on=on, id=f"{n:032x}") for n, (id, one) in enumerate(self.agreements.items())
        }

    def log(self, id: str) -> Path:
        return self.folder / id / "log.sqlite3"

    def imported(self, holder: str) -> Path:
        return self.folder / REQUESTER / f"{holder}.arrow"

    def outcome(self, holder: str) -> Path:
        """Why an inquiry ended without an answer, or what a holder that fetches met."""
        return self.folder / f"{holder}.outcome"

    @property
    def harmed(self) -> Path:
        return self.folder / "harmed"

    def own(self, id: str) -> World:
        """The world as this node sees it, with its own clock."""
        skew = timedelta(seconds=self.scenario.skew.get(id, 0))
        return replace(self.world, clock=lambda: self.world.clock() + skew)

    # ------------------------------------------------------------ what runs in the nodes' processes

    def holder(self, id: str) -> None:
        holdings = keep_a_town(self.folder / id, bytes(range(64)), seed=1 + HOLDERS.index(id))
        office = an_office(self.folder / id, self.agreements[id], holdings, KEY)
        own = self.own(id)
        answering = own.answering(id, replies_of(office), note=Notes(office.log, own.clock))
        if id in LISTENING:
            self._listen(id, answering, None)
        asking = self.own(id).asking(id, patience=IMPATIENT)
        asking.tidy()
        while True:
            try:
                look_once(REQUESTER, asking, answering)
            except TsunaguError as error:
                self.outcome(id).write_text(error.message(), "utf-8")
            time.sleep(0.05)

    def centre(self) -> None:
        own = self.own(REQUESTER)
        mailbox = Mailbox(self.folder / REQUESTER)
        asking = own.asking(REQUESTER, patience=IMPATIENT)
        asking.tidy()
        log = Log(self.log(REQUESTER), b"r" * 64)
        inquiry = Inquiry(asking, log, mailbox)
        work = [threading.Thread(target=self._inquire, args=(inquiry, id), daemon=True) for id in HOLDERS]
        for one in work:
            one.start()
        threading.Thread(target=self._await, args=(work,)).start()
        self._listen(REQUESTER, own.answering(REQUESTER, nodes.Dummy(), note=Notes(log, own.clock)), mailbox)

    def _inquire(self, inquiry: Inquiry, id: str) -> None:
        agreement, request = self.agreements[id], self.requests[id]
        if id in POLLING and not self.imported(id).exists():
            inquiry.leave(request)
        while not self.imported(id).exists():
            try:
                taken = inquiry.ask(agreement, request) if id in LISTENING else inquiry.collect(agreement, request)
            except EngineError:
                time.sleep(0.05)  # nobody is there; a person would try again later
                continue
            except TsunaguError as error:
                self.outcome(id).write_text(error.message(), "utf-8")
                return
            if taken is not None:
                write_anew(self.imported(id), as_bytes(taken.table))
            elif self.scenario.refused.get(id) == "waiting" and self.outcome(id).exists():
                return
            else:
                time.sleep(0.02)

    def _await(self, work: list[threading.Thread]) -> None:
        for one in work:
            one.join()
        os._exit(0)

    def _listen(self, id: str, answering: Any, mailbox: Mailbox | None) -> None:
        limits = Limits(first_byte=5.0)
        serving = Serving(answering, self.world.authorities, mailbox=mailbox, limits=limits)
        context = server_context(self.world.identities[id], self.world.authorities)
        listen(serving.app, context, limits, host=self.hosts[id], port=self.world.ports[id]).run()

    def settle(self) -> None:
        """Every node started once more, as tidy as it then is: those that look were killed in the middle of it."""
        for id in IDS:
            self.world.asking(id).tidy()
            self.world.answering(id, nodes.Dummy()).close()
            Store(self.folder / id, bytes(range(64)))
        mailbox = Mailbox(self.folder / REQUESTER)
        mailbox.tidy()
        mailbox.close()

    def expected(self, id: str) -> bytes:
        """The answer of that holder where no node and no link is between, made by an office like its own."""
        place, request = self.folder / "undisturbed" / id, self.requests[id]
        office = an_office(place, self.agreements[id], keep_a_town(place, bytes(range(64)), 1 + HOLDERS.index(id)), KEY)
        proof = Evidence("", "", b"", "", "")
        told = office.handle(
            Sent(REQUESTER, request.agreement, request.id, bytes_of(request), self.world.clock(), proof)
        )
        return as_bytes(received(read_manifest(told.manifest), told.payload, request, self.agreements[id]))

    # ------------------------------------------------------------ what is amiss

    def amiss(self) -> list[str]:
        logs = {id: exchange_checks.entries_in(self.log(id)) for id in IDS}
        found = [
            f"the log of {id} is not whole" for id in IDS if not verify(exchange_checks.rows_in(self.log(id))).is_whole
        ]
        for id in HOLDERS:
            own = [one for one in logs[REQUESTER] if one["detail"].get("of") == f"org:{id}"]
            found += [f"{id}: {what}" for what in self._amiss_of(id, logs[id], own)]
            refusing = logs[id if id in LISTENING else REQUESTER]
            if id in self.scenario.refused and not any(
                one["action"] == "refused" and one["detail"]["why"] == "clock" for one in refusing
            ):
                found.append(f"{id}: who refused did not log it")
        left = [str(one.relative_to(self.folder)) for one in self.folder.rglob("*partial*")]
        left += [str(one) for one in (self.folder / REQUESTER / "arrived").glob("*")]
        return found + [f"left over: {one}" for one in left]

    def _amiss_of(self, id: str, holder: list[dict[str, Any]], centre: list[dict[str, Any]]) -> list[str]:
        counted, own = Counter(one["action"] for one in holder), Counter(one["action"] for one in centre)
        code = self.scenario.refused.get(id)
        if code is not None:
            ends = [one["detail"]["why"] for one in centre if one["action"] == "refused"]
            return [
                what
                for is_so, what in (
                    (not self.imported(id).exists() and not own["received"], "something was taken"),
                    (not counted["answered"], "it answered"),
                    ("seconds" in self.outcome(id).read_text("utf-8"), "the difference of the clocks is not shown"),
                    (code == "waiting" or ends[-1:] == [code], f"it ended with {ends}"),
                )
                if not is_so
            ]
        answered = [one["detail"] for one in holder if one["action"] == "answered"]
        got = [one["detail"] for one in centre if one["action"] == "received"]
        same = ("question", "rows", "payload_sha256", "agreement_sha256")
        is_imported = self.imported(id).exists()
        return [
            what
            for is_so, what in (
                (is_imported, f"nothing was imported: {self._said(id)}"),
                (not is_imported or self.imported(id).read_bytes() == self.expected(id), "another answer was imported"),
                (len(answered) == 1, f"{len(answered)} answers are logged"),
                (len(got) == 1, f"{len(got)} receipts are logged"),
                (
                    [[one[k] for k in same] for one in answered] == [[one[k] for k in same] for one in got],
                    "logs differ",
                ),
                (_only_passing(holder), "it refused"),
            )
            if not is_so
        ]

    def _said(self, id: str) -> str:
        return self.outcome(id).read_text("utf-8") if self.outcome(id).exists() else "nothing was said"


def _only_passing(entries: list[dict[str, Any]]) -> bool:
    """Whether nothing was refused but what a second try brings."""
    return {one["detail"]["why"] for one in entries if one["action"] == "refused"} <= PASSING


# ---------------------------------------------------------------- processes and networks


class Running:
    """The processes of the six, started, stopped and started again."""

    def __init__(self, six: Six) -> None:
        self._six, self._pids, self._namespaces = six, dict[str, int](), dict[str, int]()
        self._out, self._back = dict[str, float](), set[str]()
        #: Holders whose cable was out before their answer was there.
        self.in_time: dict[str, bool] = {}

    def run(self) -> None:
        """Until the centre has ended, or not in time."""
        six, events = self._six, self._events()
        links = 0
        try:
            if six.where == "namespaces":
                self._networks()
            links = carry(six.links, six.harmed)
            for id in IDS:
                self._start(id)
            begun = time.monotonic()
            while time.monotonic() < begun + _PATIENCE:
                while events and time.monotonic() >= begun + events[0][0]:
                    events.pop(0)[1]()
                self._pull()
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid and pid == self._pids[REQUESTER] and os.WIFEXITED(status) and not events:
                    return
                if pid and pid in self._pids.values():
                    [id] = [id for id, one in self._pids.items() if one == pid]
                    self._start(id)
                time.sleep(0.005)
        finally:
            for pid in (*self._pids.values(), *self._namespaces.values(), links):
                if pid:
                    with suppress(ProcessLookupError, ChildProcessError):
                        os.kill(pid, signal.SIGKILL)
                        os.waitpid(pid, 0)

    def _events(self) -> list[tuple[float, Callable[[], object]]]:
        scenario = self._six.scenario
        events: list[tuple[float, Callable[[], object]]] = []
        for id, moments in scenario.stopped.items():
            events += [(at, lambda id=id: os.kill(self._pids[id], signal.SIGKILL)) for at in moments]
        return sorted(events, key=lambda one: one[0])

    def _pull(self) -> None:
        """Pulls the cable of whoever was asked just now, and plugs it in again when its time is over."""
        for id, seconds in self._six.scenario.unplugged.items():
            now, out = time.monotonic(), self._out.get(id)
            if out is None and exchange_checks.entries_in(self._six.log(id)):
                self._cable(id, "down")
                self._out[id] = now
                self.in_time[id] = not self._six.imported(id).exists()
            elif out is not None and id not in self._back and now >= out + seconds:
                self._cable(id, "up")
                self._back.add(id)

    def _start(self, id: str) -> None:
        pid = os.fork()
        if pid == 0:
            try:
                if id in self._namespaces:
                    _enter(self._namespaces[id])
                error = os.open(self._six.folder / f"{id}.stderr", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
                os.dup2(error, 2)
                self._six.centre() if id == REQUESTER else self._six.holder(id)
            finally:
                os._exit(4)
        self._pids[id] = pid

    def _networks(self) -> None:
        """A namespace for this process with a bridge, and one for each node, with a cable to it. All go with them."""
        _call("unshare", _NEW_NET)
        _ip("link", "set", "lo", "up")
        _ip("link", "add", "hub", "type", "bridge")
        _ip("addr", "add", f"{HUB}/24", "dev", "hub")
        _ip("link", "set", "hub", "up")
        for n, id in enumerate(IDS):
            self._namespaces[id] = pid = _namespace()
            _ip("link", "add", f"cable{n}", "type", "veth", "peer", "name", "eth0", "netns", str(pid))
            _ip("link", "set", f"cable{n}", "master", "hub", "up")
            inside = ("nsenter", "-t", str(pid), "-n", "ip")
            subprocess.run([*inside, "addr", "add", f"{self._six.hosts[id]}/24", "dev", "eth0"], check=True)
            subprocess.run([*inside, "link", "set", "eth0", "up"], check=True)
            subprocess.run([*inside, "link", "set", "lo", "up"], check=True)

    def _cable(self, id: str, state: str) -> None:
        _ip("link", "set", f"cable{IDS.index(id)}", state)


def _namespace() -> int:
    """A process that does nothing but keep a network namespace."""
    ready, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        _call("unshare", _NEW_NET)
        os.write(told, b"1")
        while True:
            signal.pause()
    os.read(ready, 1)
    os.close(ready)
    os.close(told)
    return pid


def _enter(pid: int) -> None:
    _call("setns", os.open(f"/proc/{pid}/ns/net", os.O_RDONLY), _NEW_NET)


def _call(name: str, *given: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*given):
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


def _ip(*given: str) -> None:
    subprocess.run(["ip", *given], check=True)


def main(folder: str, where: str, name: str) -> None:
    six = Six(Path(folder), where, SCENARIOS[name])
    running = Running(six)
    running.run()
    exchange_checks.apart(six.settle)
    ends = {id: "imported" if six.imported(id).exists() else six._said(id).partition("\n")[0] for id in HOLDERS}
    harmed = Counter(six.harmed.read_text("ascii").split()) if six.harmed.exists() else {}
    told = {"amiss": six.amiss(), "ends": ends, "harmed": dict(harmed), "unplugged": running.in_time}
    print(json.dumps(told, ensure_ascii=False))  # noqa: T201  # read by who started this


if __name__ == "__main__":
    main(*sys.argv[1:4])
