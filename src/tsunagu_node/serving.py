"""The listening end: few routes over TLS with certificates on both sides, each request verified before it is read.

POST /answers   a signed request, answered with manifest and sealed payload
GET  /requests  requests that wait in this node's mailbox for the organisation that signs
POST /replies   a reply to one of these
POST /heads     heads of the sender's log, countersigned or told why not
GET  /heads/LOG what this node holds of somebody's log
GET  /rows      of which rows of the sender's log this witness wants the hashes
POST /rows      these hashes
POST /exchanges what the sender's log and this one say of the same exchanges
/handovers/...  hand-overs of cases (handing.py)
/directory      the directory, to and from other nodes (news.py)
GET  /health    whether the node is there, and which version of the directory it has
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.requests import Request as Incoming
from starlette.responses import Response as Outgoing
from starlette.responses import StreamingResponse
from starlette.routing import Route

from tsunagu.audit.witness import WitnessFault
from tsunagu.errors import SourceError, TsunaguError
from tsunagu.purposes.canonical import canonical
from tsunagu_node.alarms import Message
from tsunagu_node.answering import Answer, Answering
from tsunagu_node.both_ends import Account, Pair
from tsunagu_node.console import words_of
from tsunagu_node.exchanges_wire import exchanges_bytes, read_exchanges
from tsunagu_node.handing import Handing
from tsunagu_node.heads_wire import MOST, held_bytes, portion, read_brought, said_bytes
from tsunagu_node.listening import CERTIFICATE, Limits
from tsunagu_node.log import Evidence
from tsunagu_node.mailbox import Mailbox
from tsunagu_node.messages import AGREEMENT, DIGEST, NO_AGREEMENT, Request, digest_of, headers_once
from tsunagu_node.news import news_for
from tsunagu_node.refusals import Refused, failed
from tsunagu_node.replies import Incoming as IncomingReply
from tsunagu_node.rows_wire import read_shown, seen_bytes, wanted_bytes
from tsunagu_node.signed import Signature
from tsunagu_node.tls import read_authorities, require_pinned
from tsunagu_node.witnessing import Witnessing

_CHUNK = 1 << 20
_AFTER = re.compile(rb"after=([0-9]{1,9})")
_log = logging.getLogger(__name__)


class Serving:
    """The routes of one node.

    authorities  file of the authorities whose certificates connections may show
    mailbox      of this organisation, for holders who poll; None where there is none
    witnessing   of this organisation, for the logs of others; None where it signs none
    handing      hand-overs of cases; None where there are none
    each_round   called every `limits.round` seconds in a thread: renewing the certificate belongs there
    """

    def __init__(
        self,
        answering: Answering,
        authorities: Path,
        *,
        mailbox: Mailbox | None = None,
        witnessing: Witnessing | None = None,
        handing: Handing | None = None,
        limits: Limits | None = None,
        each_round: Callable[[], object] = lambda: None,
    ) -> None:
        self._answering, self._mailbox, self._authorities = answering, mailbox, authorities
        self._witnessing = witnessing
        self.limits = limits or Limits()
        self._each_round, self._handing = each_round, handing
        self._threads = CapacityLimiter(2 * self.limits.at_once)
        self._answers_at_once = CapacityLimiter(self.limits.at_once)
        self.app = Starlette(
            routes=[
                Route("/answers", self._guarded(self._answers), methods=["POST"]),
                Route("/requests", self._guarded(self._requests), methods=["GET"]),
                Route("/replies", self._guarded(self._replies), methods=["POST"]),
                Route("/heads", self._guarded(self._heads), methods=["POST"]),
                Route("/heads/{log}", self._guarded(self._held), methods=["GET"]),
                Route("/rows", self._guarded(self._wanted), methods=["GET"]),
                Route("/rows", self._guarded(self._rows), methods=["POST"]),
                Route("/exchanges", self._guarded(self._exchanges), methods=["POST"]),
                Route("/handovers", self._guarded(self._handovers), methods=["GET", "POST"]),
                Route("/handovers/{id}/parts/{n}", self._guarded(self._handovers), methods=["GET", "POST"]),
                Route("/handovers/{id}/withdrawal", self._guarded(self._handovers), methods=["POST"]),
                Route("/handovers/{id}/standing", self._guarded(self._handovers), methods=["POST"]),
                Route("/directory", self._guarded(self._directory), methods=["GET", "POST"]),
                Route("/health", self._guarded(self._health), methods=["GET"]),
            ],
            exception_handlers={HTTPException: _no_route},
            lifespan=self._lifespan,
        )
        self.app.router.redirect_slashes = False
        for route in self.app.routes:
            if isinstance(route, Route) and route.methods:
                route.methods.discard("HEAD")  # starlette adds it to each GET; nobody has use for it here

    async def _answers(self, incoming: Incoming) -> Outgoing:
        request, signature = await self._verified(incoming)
        body = await self._whole(incoming)
        # Threads of their own: long answers keep nobody from being verified, or refused.
        answer = await to_thread.run_sync(
            self._answering.answer, request, signature, body, limiter=self._answers_at_once
        )
        return _outgoing(answer)

    async def _heads(self, incoming: Incoming) -> Outgoing:
        request, signature = await self._verified(incoming)
        body = await self._whole(incoming)
        try:
            _require_signed(body, signature)
            said = await self._work(self._said, self._own_witnessing(signature), signature, body)
        except TsunaguError as error:
            return _outgoing(await self._work(self._answering.refused, request, signature, error))
        return _outgoing(self._answering.told(request, said))

    async def _wanted(self, incoming: Incoming) -> Outgoing:
        request, signature = await self._verified(incoming)
        try:
            witnessing = self._own_witnessing(signature)
            _require_signed(b"", signature)
            wanted = await self._work(witnessing.rows.wanted, signature.organisation, self._answering.clock())
        except TsunaguError as error:
            return _outgoing(await self._work(self._answering.refused, request, signature, error))
        return _outgoing(self._answering.told(request, wanted_bytes(wanted)))

    async def _rows(self, incoming: Incoming) -> Outgoing:
        request, signature = await self._verified(incoming)
        body = await self._whole(incoming)
        try:
            _require_signed(body, signature)
            fault = await self._work(self._seen, self._own_witnessing(signature), request, signature, body)
        except TsunaguError as error:
            return _outgoing(await self._work(self._answering.refused, request, signature, error))
        return _outgoing(self._answering.told(request, seen_bytes(fault)))

    async def _held(self, incoming: Incoming) -> Outgoing:
        request, signature = await self._verified(incoming)
        try:
            witnessing = self._own_witnessing(signature)
            after = _AFTER.fullmatch(incoming.scope["query_string"])
            if signature.body != digest_of(b"") or after is None:
                raise Refused("malformed", "this is no look at what is held", to_do="Send ?after=N and no body.")
            found = await self._work(witnessing.held, incoming.path_params["log"], int(after[1]), MOST + 1)
        except TsunaguError as error:
            return _outgoing(await self._work(self._answering.refused, request, signature, error))
        count = len(portion([one.head for one in found]))
        return _outgoing(self._answering.told(request, held_bytes(found[:count], more=count < len(found))))

    async def _exchanges(self, incoming: Incoming) -> Outgoing:
        request, signature = await self._verified(incoming)
        body = await self._whole(incoming)
        try:
            _require_signed(body, signature)
            told = await self._work(self._beside, self._own_witnessing(signature), request, signature, body)
        except TsunaguError as error:
            return _outgoing(await self._work(self._answering.refused, request, signature, error))
        return _outgoing(self._answering.told(request, exchanges_bytes(*told)))

    async def _requests(self, incoming: Incoming) -> Outgoing:
        request, signature = await self._verified(incoming)
        try:
            mailbox = self._own_mailbox(signature)
            if signature.body != digest_of(b""):
                raise Refused("changed_body", "a look into the mailbox has no body", to_do="Send none.")
            waiting = await self._work(self._waiting, mailbox, signature)
        except TsunaguError as error:
            return _outgoing(await self._work(self._answering.refused, request, signature, error))
        return _outgoing(self._answering.told(request, waiting))

    async def _replies(self, incoming: Incoming) -> Outgoing:
        request, signature = await self._verified(incoming)
        length = self._length(incoming, self.limits.reply)
        reply: IncomingReply | None = None
        try:
            reply = IncomingReply(self._own_mailbox(signature), self._answering, signature)
            async for part in self._body(incoming, length):
                await self._work(reply.take, part)
            first = await self._work(reply.settle)
        except TsunaguError as error:
            await self._discard(incoming, error)
            return _outgoing(await self._work(self._answering.refused, request, signature, error))
        finally:
            if reply is not None:
                await self._work(reply.close)
        return _outgoing(self._answering.told(request, canonical({"taken": True, "first": first})))

    async def _handovers(self, incoming: Incoming) -> Outgoing:
        request, signature = await self._verified(incoming)
        length = self._length(incoming, self.limits.part)
        body = b"".join([part async for part in self._body(incoming, length)])
        try:
            self._of_no_agreement(signature)
            _require_signed(body, signature)
            if self._handing is None:
                raise Refused("not_known", "this node takes no hand-overs", to_do="Hand the case over in another way.")
            way = (incoming.method, incoming.url.path)
            told, media = await self._work(self._handing.handle, way, signature.organisation, body)
        except TsunaguError as error:
            return _outgoing(await self._work(self._answering.refused, request, signature, error))
        return _outgoing(self._answering.told(request, told, media))

    async def _directory(self, incoming: Incoming) -> Outgoing:
        request, signature = await self._verified(incoming)
        body = await self._whole(incoming) if incoming.method == "POST" else b""
        try:
            self._of_no_agreement(signature)
            if digest_of(body) != signature.body:
                raise Refused("changed_body", "the body is not the one that was signed", to_do="Send what was signed.")
            way = (incoming.method, incoming.scope["query_string"])
            now, current = self._answering.clock(), self._answering.directory
            news = await self._work(news_for, way, signature.organisation, body, current, now)
        except TsunaguError as error:
            return _outgoing(await self._work(self._answering.refused, request, signature, error))
        return _outgoing(self._answering.told(request, news))

    async def _health(self, _incoming: Incoming) -> Outgoing:
        directory = await self._work(self._answering.directory.for_exchange, self._answering.clock())
        return _json(200, canonical({"ready": True, "directory": directory.version}))

    def _of_no_agreement(self, signature: Signature) -> None:
        """Refused where a message that is about no agreement names one, or was taken before."""
        if signature.agreement != NO_AGREEMENT:
            raise Refused("malformed", "this is about no agreement", to_do=f"Send '{NO_AGREEMENT}' as {AGREEMENT}.")
        self._answering.memory.note_nonce(signature, self._answering.clock())

    def _own_witnessing(self, signature: Signature) -> Witnessing:
        self._of_no_agreement(signature)
        if self._witnessing is None:
            raise Refused("not_known", "this node signs no heads of others", to_do="Ask another to be a witness.")
        return self._witnessing

    def _said(self, witnessing: Witnessing, signature: Signature, body: bytes) -> bytes:
        """What is said to the heads that an organisation brings: they are of its own log, whatever stands in them."""
        now = self._answering.clock()
        try:
            brought = read_brought(body)
        except SourceError as error:
            raise Refused("malformed", error.what, to_do="Write the message as the reference says.") from error
        directory = self._answering.directory.for_exchange(now)
        return said_bytes(witnessing.take(signature.organisation, brought.heads, directory, now, more=brought.more))

    def _seen(self, witnessing: Witnessing, request: Request, signature: Signature, body: bytes) -> WitnessFault | None:
        """What is found in the hashes that an organisation shows of its own log. The message proves what it showed."""
        try:
            shown = read_shown(body, signature.organisation)
        except SourceError as error:
            raise Refused("malformed", error.what, to_do="Write the message as the reference says.") from error
        return witnessing.rows.take(
            signature.organisation, shown, self._answering.clock(), _proof(request, signature, body)
        )

    def _beside(
        self, witnessing: Witnessing, request: Request, signature: Signature, body: bytes
    ) -> tuple[list[Account], list[Pair]]:
        """What this log says of the exchanges that the other end asks about, and of which this end wants its rows."""
        peer, now = signature.organisation, self._answering.clock()
        try:
            told, wanted = read_exchanges(body, peer)
        except SourceError as error:
            raise Refused("malformed", error.what, to_do="Write the message as the reference says.") from error
        both = witnessing.exchanges
        both.take(peer, told, now, _proof(request, signature, body))
        # What was wanted has come with a message that tells: the next one is asked for in the next round.
        return both.told(peer, wanted), [] if told else both.wanted(peer, now)

    def _own_mailbox(self, signature: Signature) -> Mailbox:
        self._of_no_agreement(signature)
        if self._mailbox is None:
            raise Refused("not_known", "this node has no mailbox", to_do="Ask it by POST /answers.")
        return self._mailbox

    def _waiting(self, mailbox: Mailbox, signature: Signature) -> bytes:
        now = self._answering.clock()
        address = self._answering.directory.for_exchange(now).organisation(signature.organisation).address
        found = mailbox.waiting(signature.organisation, address, self._answering.key, now)
        listed = [
            {
                "url": request.url,
                "headers": dict(request.headers.items()),
                "body": base64.b64encode(body).decode("ascii"),
            }
            for request, body in found
        ]
        return canonical({"requests": listed})

    async def _verified(self, incoming: Incoming) -> tuple[Request, Signature]:
        """Request and signature by its headers alone, of the organisation whose certificate the connection shows."""
        request = self._received(incoming)
        return request, await self._work(self._signature, request, incoming.scope["state"].get(CERTIFICATE))

    def _received(self, incoming: Incoming) -> Request:
        scope = incoming.scope
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        path: bytes = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        return Request(scope["method"], self._answering.address() + path.decode("latin-1"), headers_once(pairs))

    def _signature(self, request: Request, certificate: bytes | None) -> Signature:
        signature = self._answering.verify(request)
        now = self._answering.clock()
        pins = self._answering.directory.for_exchange(now).pins(signature.organisation, now)
        require_pinned(certificate, signature.organisation, pins, read_authorities(self._authorities))
        return signature

    def _require_few_headers(self, incoming: Incoming) -> None:
        """h11 counts what is still incomplete; what arrived at once is counted here."""
        headers: list[tuple[bytes, bytes]] = incoming.scope["headers"]
        size = sum(len(name) + len(value) for name, value in headers) + len(incoming.scope["raw_path"])
        if len(headers) > self.limits.headers or size > self.limits.header_bytes:
            raise Refused("too_many_headers", "the request has too many headers", to_do="Send those of the reference.")

    def _length(self, incoming: Incoming, most: int) -> int:
        """The length that the headers say; Refused before anything is read where it is too large or not said."""
        found = incoming.headers.get("content-length", "")
        if "transfer-encoding" in incoming.headers or not found.isascii() or not found.isdigit() or len(found) > 18:
            raise Refused("no_length", "the length of the body is not said", to_do="Send content-length.")
        if int(found) > most:
            raise Refused("too_large", f"the body is larger than {most:,} bytes", to_do="Send less at a time.")
        return int(found)

    async def _whole(self, incoming: Incoming) -> bytes:
        """The body of a message that is read whole before anything is done."""
        length = self._length(incoming, self.limits.request)
        return b"".join([part async for part in self._body(incoming, length)])

    async def _body(self, incoming: Incoming, length: int) -> AsyncIterator[bytes]:
        deadline = asyncio.get_running_loop().time() + self.limits.seconds + length / self.limits.least_rate
        stream = incoming.stream()
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    part = await anext(stream, None)
            except TimeoutError as error:
                raise Refused("too_slow", "the body did not arrive in time", to_do="Send it again.") from error
            if part is None:
                return
            if part:
                yield part

    async def _discard(self, incoming: Incoming, error: TsunaguError) -> None:
        """Reads what is left of a refused body, within limits; nothing more of one that was too slow already."""
        length = incoming.headers.get("content-length", "")
        too_slow = isinstance(error, Refused) and error.code == "too_slow"
        if too_slow or not length.isdigit() or int(length[:18]) > self.limits.linger:
            return
        # RuntimeError: the body was read to its end before it was refused.
        with contextlib.suppress(TimeoutError, ClientDisconnect, RuntimeError):
            async with asyncio.timeout(self.limits.linger_seconds):
                async for _ in incoming.stream():
                    pass

    async def _work(self, function: Callable[..., Any], *given: object) -> Any:
        return await to_thread.run_sync(function, *given, limiter=self._threads)

    def _guarded(self, route: Callable[[Incoming], Any]) -> Callable[[Incoming], Any]:
        """The route, whose refusals are one JSON object each; such a refusal is not signed, as nobody is known yet."""

        async def guarded(incoming: Incoming) -> Outgoing:
            try:
                self._require_few_headers(incoming)
                made: Outgoing = await route(incoming)
            except TsunaguError as error:
                await self._discard(incoming, error)
                return _refusal(await self._work(self._answering.noted, None, error, _peer(incoming)))
            except ClientDisconnect:
                return _refusal(failed())  # which nobody hears any more
            except Exception as error:  # noqa: BLE001 - a fault of this side tells nothing of itself to the other
                return _refusal(await self._work(self._answering.noted, None, failed(error), _peer(incoming)))
            return made

        return guarded

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        rounds = asyncio.create_task(self._rounds())
        try:
            yield
        finally:
            rounds.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await rounds

    async def _rounds(self) -> None:
        while True:
            for one in (self._each_round, self._answering.tidy):
                try:
                    await to_thread.run_sync(one)
                except Exception as error:  # noqa: BLE001 - the next round tries again
                    _log.warning("a round of the node failed: %s", words_of(error))
            await asyncio.sleep(self.limits.round)


def _proof(request: Request, signature: Signature, body: bytes) -> Message:
    evidence = Evidence(request.method, request.url, body, signature.inputs, signature.value)
    return Message(signature.request_id, evidence)


def _require_signed(body: bytes, signature: Signature) -> None:
    if digest_of(body) != signature.body:
        raise Refused("changed_body", "the body is not the one that was signed", to_do="Send what was signed.")


def _peer(incoming: Incoming) -> str:
    """Who is at the other end, as far as a connection says: its certificate, or where it comes from."""
    certificate: bytes | None = incoming.scope["state"].get(CERTIFICATE)
    if certificate:
        return hashlib.sha256(certificate).hexdigest()[:16]
    return incoming.client.host if incoming.client else ""


def _outgoing(answer: Answer) -> Outgoing:
    headers = {**dict(answer.response.headers.items()), "cache-control": "no-store", "content-length": str(answer.size)}
    status = answer.response.status_code
    if status != 200:
        headers["connection"] = "close"  # what is left of a body that is not taken is not read
    if answer.file is None:
        return Outgoing(answer.body, status, headers, media_type=answer.media)
    return StreamingResponse(_parts(answer.file), status, headers, media_type="application/octet-stream")


def _parts(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while part := opened.read(_CHUNK):
            yield part


def _refusal(refused: Refused) -> Outgoing:
    """Ends the connection too: what is left of a body that nobody wants is not read."""
    return _json(refused.status, refused.body(), connection="close")


def _json(status: int, body: bytes, **headers: str) -> Outgoing:
    named = {"cache-control": "no-store", DIGEST: digest_of(body), **headers}
    return Outgoing(body, status, named, media_type="application/json")


def _no_route(_incoming: Incoming, error: Exception) -> Outgoing:
    if isinstance(error, HTTPException) and error.status_code == 405:
        return _refusal(Refused("not_this_method", "this address takes another method", to_do="See the reference."))
    return _refusal(Refused("not_known", "there is nothing at this address", to_do="See the reference."))
