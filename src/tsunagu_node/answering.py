"""From a signed request to a signed answer, whichever way both travel: verified, taken once, answered once, sealed.

What is asked and what is answered is the business of a function that is given in. It must give the same answer when it
is asked again under the same id: it is, where the node was stopped between its answer and the note of it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tsunagu.errors import EngineError, PurposeError, StateError, TsunaguError
from tsunagu.keys import key_of_now
from tsunagu_node.console import words_of
from tsunagu_node.current import CurrentDirectory
from tsunagu_node.memory import Kept, Memory
from tsunagu_node.messages import DIGEST, REQUEST, Request, Response, digest_of, digest_text
from tsunagu_node.refusals import Refused, failed, of_error
from tsunagu_node.sealed import seal
from tsunagu_node.signed import Signature, sign_response, verify_request

#: How long an answer is kept for whoever asks again.
KEPT_DAYS = 7
#: Bytes of a manifest.
LARGEST_MANIFEST = 1 << 20
#: At the head of an answer: 4 bytes, how long the manifest is; 8 bytes, how long the payload.
HEAD = 12
#: Refusals for which nobody but this node's own people can do anything.
_OWN_FAULTS = frozenset({"failed", "no_directory"})
_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """This moment, by the machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Verified:
    """A request whose signature, age, body and sender were found right. What it asks for was not looked at.

    sender      organisation whose key signed; agreement: what the header says, to be compared with the body
    request_id  the same in each try; body: the bytes that were signed; at: when it was taken
    signature   to be kept as evidence; method, url: the rest of what was signed
    """

    sender: str
    agreement: str
    request_id: str
    body: bytes
    at: datetime
    signature: Signature
    method: str
    url: str


@dataclass(frozen=True)
class Reply:
    """What is answered. manifest: read by people of both sides; payload: in parts, `size` bytes in all."""

    manifest: bytes
    payload: Iterable[bytes]
    size: int

    @classmethod
    def of(cls, manifest: bytes, payload: bytes) -> Reply:
        """A reply whose payload is at hand as one piece."""
        return cls(manifest, (payload,), len(payload))


Handler = Callable[[Verified], Reply]
#: Told of each refusal that transport makes: whose signed request it was (None before that is known), why, and which
#: peer the connection shows.
Note = Callable[[Signature | None, Refused, str], None]


@dataclass(frozen=True)
class Answer:
    """What goes back: a signed response, and its body as a file or as bytes (of a refusal, or of what is told)."""

    response: Response
    file: Path | None
    body: bytes
    size: int
    media: str = "application/json"


class Answering:
    """Answers requests to one organisation.

    own      its id in the directory; key: the one that it signs with, or what gives the one of now
    folder   for answers that are kept; nobody else's
    handler  from a verified request to a reply; an error of it is told by its kind and words
    note     told of each refusal, before it goes out, that is not the handler's own, which logs itself what it refuses
    """

    def __init__(
        self,
        own: str,
        key: Ed25519PrivateKey | Callable[[], Ed25519PrivateKey],
        directory: CurrentDirectory,
        folder: Path,
        handler: Handler,
        clock: Callable[[], datetime] = utc_now,
        *,
        note: Note = lambda _signature, _refused, _peer: None,
    ) -> None:
        self.own, self._key, self.directory, self.clock = own, key, directory, clock
        self._handler, self._note = handler, note
        self._answers = folder / "answers"
        self._answers.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.memory = Memory(folder / "memory.sqlite3")
        self._working: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self.tidy()

    @property
    def key(self) -> Ed25519PrivateKey:
        """The key to sign with now."""
        return key_of_now(self._key)

    def close(self) -> None:
        """Lets the folder go."""
        self.memory.close()

    def verify(self, request: Request) -> Signature:
        """Who signed; the body is still to be compared with the signature's `body`. Refused where anything is amiss."""
        if not request.url.startswith(f"{self.address()}/"):
            raise Refused("bad_signature", "the request is addressed to another node", to_do="Check the address.")
        directory = self.directory.for_exchange(self.clock())
        return verify_request(request, directory, self.clock(), body=request.headers.get(DIGEST, ""))

    def address(self) -> str:
        """How this node knows itself; Refused, as a fault of its own, where the directory does not name it."""
        try:
            return self.directory.for_exchange(self.clock()).organisation(self.own).address
        except Refused as error:
            if error.code != "not_known":
                raise
            what = "this node is not in the directory that it has"
            raise Refused("no_directory", what, to_do="Ask the people who run it.") from error

    def answer(self, request: Request, signature: Signature, body: bytes) -> Answer:
        """The answer, or the signed refusal, to a request that was verified; its body is compared here."""
        try:
            if digest_of(body) != signature.body:
                raise Refused("changed_body", "the body is not the one that was signed", to_do="Send what was signed.")
            with self._alone(signature):
                kept = self.memory.take(signature, self.clock())
                if kept is None:
                    kept = self._made(self._verified(request, signature, body))
            file = self._answers / kept.file
            if file.stat().st_size != kept.size:
                raise EngineError("an answer that was kept is damaged", where=str(file), to_do="Ask under a new id.")
        except _ByHandler as by:
            return self.refusal(request, of_error(by.error))
        except TsunaguError as error:
            return self.refused(request, signature, error)
        except Exception as error:  # noqa: BLE001 - whatever a handler does wrong, the other side learns that it failed
            return self.refused(request, signature, failed(error))
        return Answer(self._signed(request, 200, kept.digest), file, b"", kept.size)

    def refused(self, request: Request, signature: Signature, error: TsunaguError) -> Answer:
        """A signed refusal to a request that was verified, noted first."""
        return self.refusal(request, self.noted(signature, error))

    def noted(self, signature: Signature | None, error: TsunaguError, peer: str = "") -> Refused:
        """A refusal once it is noted; where that fails, the other side learns no more than that this one failed.

        What is a fault of this side is told on its own console too: nobody else can mend it.

        peer  what the connection shows of who it is, where no signature does
        """
        refused = of_error(error)
        self._tell(signature, refused)
        try:
            self._note(signature, refused, peer)
        except TsunaguError as unwritten:
            refused = failed(unwritten)
            self._tell(signature, refused)
        return refused

    def _tell(self, signature: Signature | None, refused: Refused) -> None:
        if refused.code not in _OWN_FAULTS:
            return
        whose = "a message" if signature is None else f"request {signature.request_id} of {signature.organisation}"
        _log.error("a fault of this node: %s was not answered: %s", whose, words_of(refused.__cause__ or refused))

    def refusal(self, request: Request, refused: Refused) -> Answer:
        """A signed refusal to a request that was verified."""
        body = refused.body()
        return Answer(self._signed(request, refused.status, digest_of(body)), None, body, len(body))

    def told(self, request: Request, body: bytes, media: str = "application/json") -> Answer:
        """A signed response with a small body, such as what waits in a mailbox."""
        return Answer(self._signed(request, 200, digest_of(body)), None, body, len(body), media)

    def tidy(self) -> None:
        """Removes answers that are older than KEPT_DAYS, and what a stopped node left half written."""
        for name in self.memory.forget_answers(self.clock() - timedelta(days=KEPT_DAYS)):
            (self._answers / name).unlink(missing_ok=True)
        with self._lock:
            if not self._working:
                known = self.memory.files()
                for file in self._answers.iterdir():
                    if file.name not in known:
                        file.unlink(missing_ok=True)

    def _verified(self, request: Request, signature: Signature, body: bytes) -> Verified:
        return Verified(
            sender=signature.organisation,
            agreement=signature.agreement,
            request_id=signature.request_id,
            body=body,
            at=self.clock(),
            signature=signature,
            method=request.method,
            url=request.url,
        )

    def _made(self, verified: Verified) -> Kept:
        """The answer made, sealed, on disk, and noted; in this order, so that what is noted is there."""
        recipient = self.directory.for_exchange(self.clock()).sealing_key(verified.sender, self.clock())
        reply = self._handled(verified)
        if not 0 < len(reply.manifest) <= LARGEST_MANIFEST:
            raise EngineError("the manifest is empty or too large", to_do="Say less in it.")
        name = uuid4().hex
        path = self._answers / name
        digest = hashlib.sha256()
        head = len(reply.manifest).to_bytes(4, "big") + reply.size.to_bytes(8, "big")
        sealed = seal(reply.payload, reply.size, recipient, hashlib.sha256(reply.manifest).hexdigest())
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                for part in (head, reply.manifest):
                    digest.update(part)
                    file.write(part)
                for part in sealed:
                    digest.update(part)
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        kept = Kept(name, digest_text(digest.digest()), size)
        self.memory.keep(verified.sender, verified.request_id, kept)
        return kept

    def _handled(self, verified: Verified) -> Reply:
        try:
            return self._handler(verified)
        except (PurposeError, StateError) as error:
            raise _ByHandler(error) from error

    def _signed(self, request: Request, status: int, digest: str) -> Response:
        response = Response(status, request)
        response.headers[REQUEST] = request.headers[REQUEST]
        response.headers[DIGEST] = digest
        sign_response(response, self.key, self.clock())
        return response

    @contextmanager
    def _alone(self, signature: Signature) -> Iterator[None]:
        """One at a time for each request id; Refused to whoever comes while it is being answered."""
        name = (signature.organisation, signature.request_id)
        with self._lock:
            if name in self._working:
                raise Refused(
                    "being_answered", "this request is being answered", to_do="Send it again in a moment, signed anew."
                )
            self._working.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._working.discard(name)


class _ByHandler(Exception):
    """What the handler refused, and has logged."""

    def __init__(self, error: TsunaguError) -> None:
        super().__init__(error.what)
        self.error = error
