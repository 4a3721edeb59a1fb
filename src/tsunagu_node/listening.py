"""How a node listens: limits on what others send, and the server with its connections.

uvicorn over h11, with no log of who asked what.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from dataclasses import dataclass
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from tsunagu.errors import SourceError, StateError, TsunaguError
from tsunagu_node.messages import LARGEST_REQUEST

#: Under this name a route finds the certificate of the connection (DER), or None, in the state of its request.
CERTIFICATE = "certificate"
#: Connections that wait to be taken, as uvicorn has it.
_WAITING = 2_048
_NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
Place = list[socket.socket]


@dataclass(frozen=True)
class Limits:
    """What a node takes from others.

    request, reply   bytes of a body of either kind; part: of a part of a hand-over, sealed
    headers          how many; header_bytes: of all, with the first line
    seconds          for a body to arrive, and one more for each `least_rate` bytes of it
    first_byte       seconds for the first request of a connection to begin
    linger           bytes of a refused body that are read and thrown away, so that the other side, which sends first
                     and reads then, hears the reason; of a larger body none. linger_seconds: for that
    at_once          requests that are answered at a time; connections: open at a time
    longest          seconds of one exchange, from its first byte to its last
    round            seconds between two looks at what is old (answers, certificate)
    """

    request: int = LARGEST_REQUEST
    reply: int = 4 << 30
    part: int = (1 << 20) + 4_096
    headers: int = 40
    header_bytes: int = 16 << 10
    seconds: float = 30.0
    least_rate: int = 64 << 10
    first_byte: float = 15.0
    linger: int = 64 << 20
    linger_seconds: float = 5.0
    at_once: int = 4
    connections: int = 64
    longest: float = 3_600.0
    round: float = 60.0


def server(
    app: ASGIApp, context: ssl.SSLContext, limits: Limits, *, host: str = "127.0.0.1", port: int = 0
) -> uvicorn.Server:
    """The server of some routes, not started yet; it listens to this machine alone unless another host is named."""

    async def timed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        async with asyncio.timeout(limits.longest):
            await app(scope, receive, send)

    return uvicorn.Server(
        uvicorn.Config(
            timed,
            host=host,
            port=port,
            loop="asyncio",
            http=partial(_Protocol, first_byte=limits.first_byte),  # type: ignore[arg-type]
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=limits.header_bytes,
            limit_concurrency=limits.connections,
            timeout_graceful_shutdown=10,
            ssl_context_factory=lambda _config, _default: context,
        )
    )


def bound(host: str, port: int) -> Place:
    """Sockets that listen at a place, before anybody is told of it; for `server(...).run`.

    raises  StateError where another program listens there, or this user may not; SourceError where the place is not
            this machine's
    """
    where = f"{host}:{port}"
    made: Place = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, _, _, _, address in found:
            try:
                made.append(_listening(family, address))
            except OSError as error:
                # A name such as localhost has an address of each kind, and a machine may lack one of the kinds.
                if error.errno not in _NOT_HERE or (not made and address == found[-1][4]):
                    raise
    except OSError as error:
        for one in made:
            one.close()
        raise _not_bound(error, where, port) from error
    return made


def _listening(family: int, address: Any) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(address)
        opened.listen(_WAITING)
    except OSError:
        opened.close()
        raise
    return opened


def _not_bound(error: OSError, where: str, port: int) -> TsunaguError:
    if error.errno == errno.EADDRINUSE:
        return StateError(
            f"port {port} is in use on this machine",
            where=where,
            to_do="Close the other program, or write another port at 'listen' in HOLDER.toml, and have the directory "
            "name it: others ask where the directory says.",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return StateError(
            f"this user may not listen at port {port}",
            where=where,
            to_do="Write a port of 1024 or above at 'listen' in HOLDER.toml, and have the directory name it.",
        )
    return SourceError(
        f"this machine does not listen at that address ({error.strerror or type(error).__name__})",
        where=where,
        to_do="Write an address of this machine at 'listen' in HOLDER.toml: see `ip address`.",
    )


class _Protocol(H11Protocol):
    """uvicorn's, which tells the routes whose certificate the connection shows, and ends one that says nothing."""

    def __init__(self, *given: Any, first_byte: float, **named: Any) -> None:
        super().__init__(*given, **named)
        self._first_byte = first_byte

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        shown = transport.get_extra_info("ssl_object")
        certificate = shown.getpeercert(binary_form=True) if shown is not None else None
        self.app_state = {**self.app_state, CERTIFICATE: certificate}
        self.loop.call_later(self._first_byte, self._end_idle)

    def _end_idle(self) -> None:
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()
