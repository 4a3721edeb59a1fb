"""The example city with every department's data at its own node: six holders and the office that judges, over TLS.

What an organisation's people do by hand, once, is done here for all of them: keys, directory, agreements with both
signatures, each department's extracts at its own node. From then on every step is the nodes' own.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tsunagu.cli.node import node_output, start_node
from tsunagu.cli.ports import free_port
from tsunagu.errors import EngineError
from tsunagu.example_city.sharing import (
    JOIN_SET,
    LINK_GROUP,
    OFFICES,
    PURPOSE,
    REGISTER,
    REQUESTER,
    Office,
    drafts,
)
from tsunagu.keys import AGREEMENTS, read_signing_key
from tsunagu.municipality import City
from tsunagu.purposes.agreement import SharingAgreement, as_mapping
from tsunagu.purposes.signatures import sign

#: This one has no inbound port: it fetches its requests, as an office behind a firewall does.
POLLS = "health"
_WAIT_S = 60.0
Said = Callable[[str], object]


@dataclass(frozen=True)
class Town:
    """The nodes of one demonstration.

    folder    theirs
    on        the day of the delivery, which is also taken for today
    children  of the city, by which the agreements limit rows
    """

    folder: Path
    city: City
    on: dt.date
    children: int

    def holder_file(self, office: str) -> Path:
        """The file of one office's node."""
        return self.folder / office / "HOLDER.toml"

    def make(self, extracts: Path, said: Said = lambda _: None) -> None:
        """Nodes, directory, keys and agreements, and each department's extracts at its own node."""
        for office in OFFICES:
            self._node(office)
        self._directory()
        self._keys()
        for agreement in drafts(self.city, self.on, self.children):
            self._agree(agreement)
        for office in OFFICES:
            if office.extracts:
                own = _own_extracts(extracts, self.folder / office.id / "extracts", office.extracts)
                brought = self._run("import", str(self.holder_file(office.id)), str(own), "--on", self.on.isoformat())
                said(f"{office.en}: {brought.splitlines()[0]}")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Every node as a process of its own, until the end of the block."""
        with ExitStack() as stack:
            started = {}
            for office in OFFICES:
                process = start_node(["serve", str(self.holder_file(office.id)), "--as-if", self.on.isoformat()])
                stack.callback(_end, process)
                started[office.id] = process
            for office in OFFICES:
                if office.id != POLLS:
                    self._wait(office.id, started[office.id])
            yield

    def link(self, said: Said = lambda _: None) -> None:
        """The round of linkage: the register's holder first, then every other."""
        for office in sorted((one for one in OFFICES if one.extracts), key=lambda one: one.id != REGISTER):
            counts = self._run(
                "link", str(self.holder_file(office.id)), "--on", self.on.isoformat(), "--as-if", self.on.isoformat()
            )
            said(f"{office.en}: {counts.strip()}")

    def _node(self, office: Office) -> None:
        listen = "" if office.id == POLLS else f"127.0.0.1:{free_port()}"
        look_at = f"{REGISTER},{REQUESTER}" if office.id == POLLS else ""
        given = ["--organisation", office.id, "--ja", office.ja, "--en", office.en, "--city"]
        given += [str(self.city.folder.absolute()), "--extracts", ",".join(office.extracts)]
        given += ["--listen", listen, "--look-at", look_at, "--witnesses", ",".join(_witnesses(office.id))]
        self._run("new", str(self.holder_file(office.id)), *given)

    def _directory(self) -> None:
        entries = [part for one in OFFICES for part in ("--entry", str(self.folder / one.id / "entry.json"))]
        keeper = self.folder / "keeper.key"
        self._run("keeper-key", str(keeper))
        self._run("directory", str(self.folder / "directory.json"), *entries, "--key", str(keeper))
        authorities = b"".join((self.folder / one.id / "tls" / "authority.pem").read_bytes() for one in OFFICES)
        (self.folder / "authorities.pem").write_bytes(authorities)

    def _keys(self) -> None:
        """As the keeper of the link key does: a key of the join set to each who answers, of the round to who links."""
        self._run("link-key", str(self.folder / "link.key"))
        link_key = ["--link-key", str(self.folder / "link.key")]
        for office in OFFICES:
            keys = self.folder / office.id / "keys"
            if office.extracts:
                joined = ["--join-set", JOIN_SET, "--purpose", PURPOSE]
                self._run("group-key", str(keys / "join.groupkey"), *link_key, *joined)
                linked = ["--group", LINK_GROUP, "--round", f"{self.on:%Y-%m}"]
                self._run("group-key", str(keys / "round.groupkey"), *link_key, *linked)
            if office.id == REGISTER:
                self._run("group-key", str(keys / "link-ids.groupkey"), *link_key, "--group", LINK_GROUP)

    def _agree(self, agreement: SharingAgreement) -> None:
        for side in ("holder", "requester"):
            key = read_signing_key(self.folder / getattr(agreement, side) / "keys" / "signing.key", AGREEMENTS)
            agreement = sign(agreement, side, key)
        text = json.dumps(as_mapping(agreement), ensure_ascii=False, indent=2) + "\n"
        for office in (agreement.holder, agreement.requester):
            path = self.folder / office / "agreements" / f"{agreement.id}.json"
            path.write_text(text, encoding="utf-8")

    def _run(self, *arguments: str) -> str:
        return node_output(arguments)

    def _wait(self, office: str, process: subprocess.Popen[bytes]) -> None:
        written = self.holder_file(office).read_text(encoding="utf-8")
        port = int(
            next(line for line in written.splitlines() if line.startswith("listen")).rstrip('"').rpartition(":")[2]
        )
        until = time.monotonic() + _WAIT_S
        while time.monotonic() < until:
            if process.poll() is not None:
                raise EngineError(f"the node of {office} stopped", to_do="See the message above.")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise EngineError("the node does not answer", where=office, to_do="Look at the messages above.")


def _witnesses(office: str) -> list[str]:
    """Two other offices that listen: the next two in the city's list, round its end."""
    ids = [one.id for one in OFFICES]
    place = ids.index(office)
    return [one for one in (*ids[place + 1 :], *ids[:place]) if one != POLLS][:2]


def _own_extracts(extracts: Path, out: Path, names: tuple[str, ...]) -> Path:
    """One department's extracts in a folder of its own, with the slip, as the department itself would have them."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for path in sorted(extracts.iterdir()):
        if path.is_file():
            shutil.copy2(path, out / path.name)
        elif path.name in names:
            shutil.copytree(path, out / path.name)
    return out


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
