"""Invented organisations with nodes on this machine: keys, certificates, a directory, and a dummy that answers."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import ssl
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tsunagu_node.answering import Answering, Handler, Reply, Verified
from tsunagu_node.asking import Asking, Patience
from tsunagu_node.current import CurrentDirectory
from tsunagu_node.directory import Directory, Organisation, dated, signed_file
from tsunagu_node.keyfiles import name_of_sealing_key
from tsunagu_node.listening import server as listen
from tsunagu_node.replies import head_of  # noqa: F401  # for tests that spoil it
from tsunagu_node.serving import Serving
from tsunagu_node.signed import Signature
from tsunagu_node.tls import Identity, client_context, own_identity, server_context

KEEPER = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
NAMES = {
    "school-board": ("瑞野市教育委員会", "Mizuno board of education"),
    "child-centre": ("瑞野市こども家庭センター", "Mizuno centre"),
    "welfare-office": ("瑞野市福祉事務所", "Mizuno welfare office"),
    "health-centre": ("瑞野市保健センター", "Mizuno health centre"),
    "city-office": ("瑞野市役所", "Mizuno city office"),
    "nurseries": ("瑞野市保育課", "Mizuno nurseries"),
    "tax-office": ("瑞野市税務課", "Mizuno tax office"),
}
SIGNING = {id: Ed25519PrivateKey.from_private_bytes(id.encode()[:2] * 16) for id in NAMES}
SEALING = {id: X25519PrivateKey.from_private_bytes(id.upper().encode()[:2] * 16) for id in NAMES}
#: Keys of heads, which lie apart.
HEADS = {id: Ed25519PrivateKey.from_private_bytes(bytes([place]) * 32) for place, id in enumerate(SIGNING, 1)}
HOLDER, REQUESTER = "school-board", "child-centre"
BOTH = (HOLDER, REQUESTER)
AGREEMENT = "A-2026-014"
IMPATIENT = Patience(tries=3, pause=0.05, connect=5, read=30)


def now() -> datetime:
    return datetime.now(UTC)


def raw(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def free_port() -> int:
    """A port that nobody listens on, below those that a machine takes for connections it makes: while a node that was
    killed is away, its port stays free for it, and nobody who looks for it there finds himself."""
    for port in random.SystemRandom().sample(range(15_000, 32_000), 100):
        with contextlib.closing(socket.socket()) as found, contextlib.suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def a_directory(endpoints: dict[str, str], pins: dict[str, tuple[Any, ...]], **changed: Any) -> Directory:
    """The organisations with pins, their keys good for this year and the next."""
    first, last = date(now().year, 1, 1), date(now().year + 1, 12, 31)
    made = Directory(
        version=1,
        issued_at=now().replace(microsecond=0) - timedelta(hours=1),
        valid_until=now().replace(microsecond=0) + timedelta(days=30),
        organisations=tuple(
            Organisation(
                id=id,
                ja=NAMES[id][0],
                en=NAMES[id][1],
                endpoint=endpoints.get(id, ""),
                signing_keys=(dated(raw(SIGNING[id]), first, last),),
                sealing_keys=(dated(raw(SEALING[id]), first, last),),
                head_keys=(dated(raw(HEADS[id]), first, last),),
                pins=pins[id],
            )
            for id in pins
        ),
        revoked=(),
    )
    return replace(made, **changed)


@dataclass
class Dummy:
    """Answers every request with as many bytes as its body says, and counts what it did."""

    did: list[str] = field(default_factory=list)
    before: Callable[[Verified], None] = lambda _: None

    def __call__(self, verified: Verified) -> Reply:
        self.before(verified)
        self.did.append(verified.request_id)
        size = int(verified.body.partition(b" ")[0])
        parts = (patterned(start, min(1_000_003, size - start)) for start in range(0, size, 1_000_003))
        return Reply(f'{{"for":"{verified.sender}","under":"{verified.agreement}"}}'.encode(), parts, size)


def patterned(start: int, size: int) -> bytes:
    """Bytes that tell their place, so that two pieces are never alike."""
    first = start // 8
    return array("Q", range(first, first + size // 8 + 2)).tobytes()[start % 8 :][:size]


@dataclass
class World:
    """A folder with the directory, the authorities and a folder for each organisation."""

    folder: Path
    ports: dict[str, int]
    identities: dict[str, Identity]
    directory: Directory
    clock: Callable[[], datetime] = now

    @property
    def authorities(self) -> Path:
        return self.folder / "authorities.pem"

    def publish(self, directory: Directory) -> None:
        self.directory = directory
        partial = self.folder / "directory.partial"
        partial.write_bytes(signed_file(directory, KEEPER))
        partial.replace(self.folder / "directory.json")

    def current(self, id: str, **more: Any) -> CurrentDirectory:
        return CurrentDirectory(
            self.folder / "directory.json", KEEPER.public_key(), self.folder / id / "directory.seen", **more
        )

    def answering(self, id: str, handler: Handler, **more: Any) -> Answering:
        return Answering(id, SIGNING[id], self.current(id), self.folder / id, handler, **{"clock": self.clock, **more})

    def asking(self, id: str, **more: Any) -> Asking:
        given: dict[str, Any] = {
            "own": id,
            "key": SIGNING[id],
            "sealing_keys": {name_of_sealing_key(SEALING[id].public_key()): SEALING[id]},
            "directory": self.current(id),
            "context": client_context(self.identities[id], self.authorities),
            "authorities": self.authorities,
            "folder": self.folder / id / "arrived",
            "patience": IMPATIENT,
            "clock": self.clock,
        }
        return Asking(**{**given, **more})

    @contextlib.contextmanager
    def served(
        self, id: str, answering: Answering, *, context: ssl.SSLContext | None = None, **more: Any
    ) -> Iterator[Serving]:
        """The node of an organisation, listening until the end of the block."""
        serving = Serving(answering, self.authorities, **more)
        context = context or server_context(self.identities[id], self.authorities)
        server = listen(serving.app, context, serving.limits, port=self.ports[id])
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            wait_until(lambda: server.started)
            yield serving
        finally:
            server.should_exit = True
            thread.join()


def wait_until(there: Callable[[], object]) -> None:
    """Until it is there; a test that waits in vain fails after a minute."""
    for _ in range(6_000):
        if there():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come within a minute")


def a_world(
    folder: Path, *, among: tuple[str, ...] = BOTH, polled: tuple[str, ...] = (), host: str = "127.0.0.1"
) -> World:
    """Certificates of an own authority for each, in a directory that pins these."""
    ports = {id: free_port() for id in among}
    identities = {id: own_identity(folder / id / "tls", id, [host], now()) for id in among}
    (folder / "authorities.pem").write_bytes(b"".join(one.authority.read_bytes() for one in identities.values()))
    endpoints = {id: f"https://{host}:{port}" for id, port in ports.items() if id not in polled}
    world = World(folder, ports, identities, a_directory(endpoints, {id: (identities[id].pin,) for id in among}))
    world.publish(world.directory)
    return world


def a_signature(**changed: Any) -> Signature:
    """One that was verified, for what comes after."""
    given: dict[str, Any] = {
        "organisation": REQUESTER,
        "key": "0" * 16,
        "agreement": AGREEMENT,
        "request_id": "r-1",
        "body": "sha-256=:" + "A" * 43 + "=:",
        "created": now(),
        "nonce": "n" * 22,
        "inputs": "",
        "value": "",
    }
    return Signature(**{**given, **changed})


def set_times(file: Path, like: os.stat_result) -> None:
    """Gives a file the times that another had, so that a look at it shows no change."""
    os.utime(file, ns=(like.st_atime_ns, like.st_mtime_ns))
