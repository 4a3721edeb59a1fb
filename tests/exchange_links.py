"""Links between nodes that do harm: a proxy for each, which cuts, delays, swallows or refuses one connection after the
other as it was told, and carries all later ones as they are.

It is a process of its own with a thread for each direction; TLS goes through it, it sees bytes alone.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PIECE = 4096


@dataclass(frozen=True)
class Harm:
    """What happens to one connection.

    cut_up, cut_down  after so many bytes to the listening end or back, both directions are cut
    refuse            it ends before a byte goes through
    swallow           bytes in that direction, up or down, vanish: the other end is reached in one direction only
    delay, rate       seconds before each piece; bytes in a second
    """

    cut_up: int = -1
    cut_down: int = -1
    refuse: bool = False
    swallow: str = ""
    delay: float = 0.0
    rate: int = 0


@dataclass(frozen=True)
class Link:
    """From an address to which others connect to the one at which the node listens."""

    listens: tuple[str, int]
    node: tuple[str, int]
    harms: Sequence[Harm] = ()
    always: Harm = Harm()


def carry(links: Mapping[str, Link], harmed: Path) -> int:
    """Starts the links in a process of their own; its number, once all of them listen.

    harmed  a file that gets a line for each connection that was harmed: the name of its link
    """
    listening = {name: socket.create_server(link.listens, backlog=50) for name, link in links.items()}
    pid = os.fork()
    if pid:
        for one in listening.values():
            one.close()
        return pid
    for name, link in links.items():
        threading.Thread(target=_accept, args=(listening[name], name, link, harmed)).start()
    threading.Event().wait()
    os._exit(0)


def _accept(listening: socket.socket, name: str, link: Link, harmed: Path) -> None:
    harms = iter(link.harms)
    while True:
        near, _ = listening.accept()
        harm = next(harms, link.always)
        if harm != Harm():
            with harmed.open("a", encoding="ascii") as file:
                file.write(f"{name}\n")
        threading.Thread(target=_join, args=(near, link.node, harm)).start()


def _join(near: socket.socket, node: tuple[str, int], harm: Harm) -> None:
    if harm.refuse:
        near.close()
        return
    try:
        far = socket.create_connection(node, timeout=5)
    except OSError:
        near.close()
        return
    far.settimeout(None)
    up = threading.Thread(target=_flow, args=(near, far, harm, "up", harm.cut_up))
    up.start()
    _flow(far, near, harm, "down", harm.cut_down)
    up.join()
    near.close()
    far.close()


def _flow(source: socket.socket, target: socket.socket, harm: Harm, direction: str, cut: int) -> None:
    left = cut
    with suppress(OSError):
        while data := source.recv(_PIECE):
            time.sleep(harm.delay + (len(data) / harm.rate if harm.rate else 0))
            if harm.swallow == direction:
                continue
            target.sendall(data if cut < 0 else data[:left])
            if cut >= 0:
                left -= len(data)
                if left <= 0:
                    break
        else:
            target.shutdown(socket.SHUT_WR)
            return
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
