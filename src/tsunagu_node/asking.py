"""The asking end: signs and sends, tries again under the same id, and takes only what the other side signed.

An answer is read to a file while it arrives, and opened only when it is whole and proved.
"""

from __future__ import annotations

import base64
import hashlib
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit
from uuid import uuid4

import urllib3
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from urllib3.connection import HTTPSConnection

from tsunagu.errors import EngineError, SourceError, StateError
from tsunagu.keys import key_of_now
from tsunagu.purposes.canonical import read_object
from tsunagu.text.tomlfile import nearest
from tsunagu_node.answering import Answer, utc_now
from tsunagu_node.current import CurrentDirectory
from tsunagu_node.mailbox import Brought
from tsunagu_node.messages import NO_AGREEMENT, Request, Response, digest_of, digest_text, headers_once, request_of
from tsunagu_node.opening import Answered, Opening, own_file, remove_untouched
from tsunagu_node.refusals import Refused, read_refusal
from tsunagu_node.replies import head_of
from tsunagu_node.signed import Signature, sign_request, verify_response
from tsunagu_node.tls import read_authorities, require_pinned

_CHUNK = 1 << 20
_LARGEST_TOLD = 8 << 20


@dataclass(frozen=True)
class Patience:
    """tries: of one exchange, `pause` seconds apart, twice as long each time; connect, read: seconds for either."""

    tries: int = 4
    pause: float = 0.5
    connect: float = 10.0
    read: float = 300.0


@dataclass(frozen=True)
class Received:
    """What came back whole: its signature, and its body in a file that the receiver removes."""

    signature: Signature
    file: Path


class Asking:
    """Sends messages of one organisation.

    own          its id; key: that signs, or what gives the one of now; sealing_keys: name -> key that opens answers
    context      tls.client_context, or what gives the one of now; authorities: the file that it was made with
    folder       for what arrives
    """

    def __init__(
        self,
        own: str,
        key: Ed25519PrivateKey | Callable[[], Ed25519PrivateKey],
        sealing_keys: Mapping[str, X25519PrivateKey],
        directory: CurrentDirectory,
        context: ssl.SSLContext | Callable[[], ssl.SSLContext],
        authorities: Path,
        folder: Path,
        *,
        patience: Patience | None = None,
        clock: Callable[[], datetime] = utc_now,
        largest: int = 4 << 30,
    ) -> None:
        self.own, self._key, self.directory, self.clock = own, key, directory, clock
        self._context, self._authorities = context, authorities
        self._opening = Opening(sealing_keys, folder, largest)
        self._folder, self._patience, self._largest = folder, patience or Patience(), largest
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def tidy(self, untouched: float = 0.0) -> None:
        """Removes what a stopped node left of answers that arrived.

        untouched  seconds in which nobody wrote to it; 0 where no other process may be asking into this folder
        """
        remove_untouched(self._folder.iterdir(), untouched)

    def ask(self, holder: str, agreement: str, request_id: str, body: bytes) -> Answered:
        """The answer of a holder that listens; under the same id with the same body, always the same answer.

        raises  Refused as the holder says (`proved` where it signed that), EngineError where it cannot be reached
        """
        sent = _Sent("POST", "/answers", agreement, request_id, body)
        with self._exchanged(holder, sent, self._largest) as received:
            return self._opening.answered(received.file, received.signature)

    def opened_reply(self, brought: Brought) -> Answered:
        """The answer in a reply that a holder brought and that was proved when it came; Refused where it is one."""
        if brought.status != 200:
            where = brought.proof.organisation
            raise read_refusal(brought.file.read_bytes(), status=brought.status, where=where, proved=True)
        return self._opening.answered(brought.file, brought.proof)

    def waiting(self, peer: str) -> list[tuple[Request, bytes]]:
        """Requests that wait at another node's mailbox for this organisation; still to be verified, each by itself."""
        sent = _Sent("GET", "/requests", NO_AGREEMENT, f"look-{uuid4().hex}", b"")
        with self._exchanged(peer, sent, _LARGEST_TOLD) as received:
            read: Any = read_object(received.file.read_bytes(), peer)
        try:
            return [
                (
                    Request("POST", str(one["url"]), headers_once(one["headers"].items())),
                    base64.b64decode(one["body"], validate=True),
                )
                for one in read["requests"]
            ]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SourceError(
                "what the mailbox holds has another form", where=peer, to_do="Compare the versions of both nodes."
            ) from error

    def told(self, peer: str, method: str, path: str, body: bytes) -> bytes:
        """What another node says to a message that may be sent again: its signed response, whole and proved.

        raises  Refused as the other side says, EngineError where it cannot be reached
        """
        sent = _Sent(method, path, NO_AGREEMENT, f"message-{uuid4().hex}", body)
        with self._exchanged(peer, sent, _LARGEST_TOLD) as received:
            return received.file.read_bytes()

    def bring(self, peer: str, request_id: str, answer: Answer) -> None:
        """Brings an answer to the mailbox that its request came from."""
        with self._exchanged(peer, _Brings(request_id, answer), _LARGEST_TOLD):
            pass

    def bring_heads(self, peer: str, body: bytes) -> bytes:
        """Brings heads of this organisation's log to a witness; what the witness says, as heads_wire reads it."""
        return self._told(peer, _Sent("POST", "/heads", NO_AGREEMENT, f"heads-{uuid4().hex}", body))

    def held_heads(self, peer: str, log: str, after: int) -> bytes:
        """What a peer holds of a log behind a number of head, as heads_wire reads it."""
        path = f"/heads/{log}?after={after}"
        return self._told(peer, _Sent("GET", path, NO_AGREEMENT, f"held-{uuid4().hex}", b""))

    def fetch_directory(self, peer: str, after: int, key: Ed25519PrivateKey | None = None) -> bytes:
        """What a node tells of its directory: the file where it is newer than a version, else which version it has.

        Nothing is proved by it but what the keeper signed: the node may sign with a key that only the new one names.
        key  of this organisation, in place of the one of now
        """
        path = f"/directory?after={after}"
        return self._told(
            peer, _Sent("GET", path, NO_AGREEMENT, f"news-{uuid4().hex}", b"", of_directory=True, key=key)
        )

    def bring_directory(self, peer: str, data: bytes) -> bytes:
        """Brings the directory's file to a node; which version it has then."""
        return self._told(
            peer, _Sent("POST", "/directory", NO_AGREEMENT, f"news-{uuid4().hex}", data, of_directory=True)
        )

    def wanted_rows(self, peer: str) -> bytes:
        """Of which rows of this organisation's log a witness wants the hashes, as rows_wire reads it."""
        return self._told(peer, _Sent("GET", "/rows", NO_AGREEMENT, f"wanted-{uuid4().hex}", b""))

    def show_rows(self, peer: str, body: bytes) -> bytes:
        """Shows these hashes; what the witness says, as rows_wire reads it."""
        return self._told(peer, _Sent("POST", "/rows", NO_AGREEMENT, f"rows-{uuid4().hex}", body))

    def tell_exchanges(self, peer: str, body: bytes) -> bytes:
        """What the other end's log says of the same exchanges, as exchanges_wire reads it."""
        return self._told(peer, _Sent("POST", "/exchanges", NO_AGREEMENT, f"exchanges-{uuid4().hex}", body))

    def _told(self, peer: str, sent: _Sent) -> bytes:
        with self._exchanged(peer, sent, _LARGEST_TOLD) as received:
            return received.file.read_bytes()

    @contextmanager
    def _exchanged(self, peer: str, sent: _Sent | _Brings, most: int) -> Iterator[Received]:
        """What came back, in a file that is removed afterwards; tries again what may go better."""
        for attempt in range(self._patience.tries):
            if attempt:
                time.sleep(self._patience.pause * 2 ** (attempt - 1))
            last = attempt == self._patience.tries - 1
            target = self._folder / f"{uuid4().hex}.partial"
            try:
                signature = self._once(peer, sent, target, most)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                target.unlink(missing_ok=True)
                _require_reached(error)
                if last:
                    raise EngineError(
                        f"the node cannot be reached ({type(error).__name__})",
                        where=peer,
                        to_do="Try again later under the same id. If it stays so, ask whether it knows your authority.",
                    ) from error
            except Refused as error:
                target.unlink(missing_ok=True)
                if last or not error.passes:
                    raise
            else:
                try:
                    yield Received(signature, target)
                finally:
                    target.unlink(missing_ok=True)
                return

    def _once(self, peer: str, sent: _Sent | _Brings, target: Path, most: int) -> Signature:
        now = self.clock()
        directory = self.directory.to_fetch_by()[0] if sent.of_directory else self.directory.at(now)
        organisation = next((one for one in directory.organisations if one.id == peer), None)
        if organisation is None:
            near = nearest(peer, [one.id for one in directory.organisations])
            raise Refused("not_known", "the directory does not name it", where=peer, to_do=f"Check the id. {near}")
        if not organisation.endpoint:
            raise StateError("this organisation fetches its requests", where=peer, to_do="Leave it in the mailbox.")
        address = urlsplit(organisation.endpoint)
        digest, size = sent.digest()
        request = request_of(organisation.address + sent.path, sent.agreement, sent.request_id, digest, sent.method)
        sign_request(request, sent.key or key_of_now(self._key), now)
        headers = {**dict(request.headers.items()), "content-length": str(size), "accept-encoding": "identity"}

        class Pinned(HTTPSConnection):
            """Says nothing before the other side has shown the certificate of that organisation."""

            def connect(self_) -> None:
                super().connect()
                shown = self_.sock.getpeercert(binary_form=True)  # type: ignore[union-attr]
                require_pinned(shown, peer, directory.pins(peer, now), read_authorities(self._authorities))

        pool = urllib3.HTTPSConnectionPool(
            str(address.hostname),
            address.port or 443,
            ssl_context=self._context() if callable(self._context) else self._context,
            timeout=urllib3.Timeout(connect=self._patience.connect, read=self._patience.read),
            retries=False,
        )
        pool.ConnectionCls = Pinned
        with pool, sent.body() as body:
            answer = pool.urlopen(
                sent.method, sent.path, body=body, headers=headers, preload_content=False, redirect=False
            )
            try:
                if sent.of_directory:
                    return self._unproved(answer, peer, target)
                return self._received(answer, request, peer, target, most)
            finally:
                answer.close()

    def _received(
        self, answer: urllib3.BaseHTTPResponse, request: Request, peer: str, target: Path, most: int
    ) -> Signature:
        """Who signed what came back, once its bytes were compared; they are in the target."""
        length = answer.headers.get("content-length", "")
        limit = most if answer.status == 200 else _LARGEST_TOLD
        if not length.isdigit() or int(length) > limit:
            raise Refused(
                "too_large", "the answer is too large, or does not say its size", where=peer, to_do="Ask less."
            )
        if "signature" not in answer.headers:  # of one who does not know yet who asks
            raise read_refusal(answer.read(int(length)), status=answer.status, where=peer, proved=False)
        response = Response(answer.status, request, headers_once(answer.headers.items()))
        now = self.clock()
        signature = verify_response(
            response, self.directory.at(now), now, body=response.headers.get("content-digest", "")
        )
        if signature.organisation != peer:
            raise Refused("bad_signature", "somebody else signed the answer", where=peer, to_do="Check the directory.")
        found = hashlib.sha256()
        with own_file(target) as file:
            for part in answer.stream(_CHUNK, decode_content=False):
                found.update(part)
                file.write(part)
        if digest_text(found.digest()) != signature.body:
            raise Refused("changed_body", "the answer is not the one that was signed", where=peer, to_do="Ask again.")
        if answer.status != 200:
            raise read_refusal(target.read_bytes(), status=answer.status, where=peer, proved=True)
        return signature

    def _unproved(self, answer: urllib3.BaseHTTPResponse, peer: str, target: Path) -> Signature:
        """What came back, of whichever signature; nothing is done with it that its content does not prove."""
        length = answer.headers.get("content-length", "")
        if not length.isdigit() or int(length) > _LARGEST_TOLD:
            raise Refused(
                "too_large", "the answer is too large, or does not say its size", where=peer, to_do="Ask less."
            )
        data = answer.read(int(length))
        if answer.status != 200:
            raise read_refusal(data, status=answer.status, where=peer, proved=False)
        with own_file(target) as file:
            file.write(data)
        return Signature("", "", "", "", "", self.clock(), "", "", "")


@dataclass(frozen=True)
class _Sent:
    """A message whose body is at hand.

    of_directory  it is about the directory: asked by one that may have ended, and proved by its content alone
    key           that signs it, in place of the one of now
    """

    method: str
    path: str
    agreement: str
    request_id: str
    data: bytes
    of_directory: bool = False
    key: Ed25519PrivateKey | None = None

    def digest(self) -> tuple[str, int]:
        return digest_of(self.data), len(self.data)

    @contextmanager
    def body(self) -> Iterator[bytes | None]:
        yield self.data or None


@dataclass(frozen=True)
class _Brings:
    """A message that brings an answer, from the file that it is kept in."""

    request_id: str
    answer: Answer
    method: str = "POST"
    path: str = "/replies"
    agreement: str = NO_AGREEMENT
    of_directory: bool = False
    key: Ed25519PrivateKey | None = None

    def digest(self) -> tuple[str, int]:
        found, size = hashlib.sha256(), 0
        with self.body() as parts:
            for part in parts:
                found.update(part)
                size += len(part)
        return digest_text(found.digest()), size

    @contextmanager
    def body(self) -> Iterator[Iterator[bytes]]:
        if self.answer.file is None:
            yield iter((head_of(self.answer), self.answer.body))
            return
        with self.answer.file.open("rb") as file:
            yield self._parts(file)

    def _parts(self, file: BinaryIO) -> Iterator[bytes]:
        yield head_of(self.answer)
        while part := file.read(_CHUNK):
            yield part


def _require_reached(error: Exception) -> None:
    """Another certificate is no matter of trying again; a broken connection is."""
    for one in _behind(error):
        if isinstance(one, ssl.SSLError) and any(word in (one.reason or "") for word in ("CERT", "UNKNOWN_CA")):
            raise Refused(
                "other_certificate",
                "the two ends do not accept each other's certificates",
                to_do="Compare the authorities' files of both, and the names that the certificates carry.",
            ) from error


def _behind(error: BaseException) -> list[BaseException]:
    """An error and those that it was made of."""
    found = [error]
    for one in found:
        parts = (one.__cause__, one.__context__, *one.args)
        found += [part for part in parts if isinstance(part, BaseException) and part not in found]
    return found
