"""A reply on its way into the mailbox: read part by part, compared with both signatures, kept only when it is whole.

body = 4 bytes, the length of the head; head (JSON: status, headers of the response, signature of the request that
       it answers); the body of the response
"""

from __future__ import annotations

import hashlib
import os
from typing import Any
from uuid import uuid4

from tsunagu.errors import SourceError
from tsunagu.purposes.canonical import canonical, read_object
from tsunagu_node.answering import Answer, Answering
from tsunagu_node.mailbox import Brought, Mailbox
from tsunagu_node.messages import DIGEST, REQUEST, Response, digest_text, headers_once
from tsunagu_node.refusals import Refused
from tsunagu_node.signed import Signature, verify_response

_LENGTH = 4
_LARGEST_HEAD = 16 << 10
_KEPT = (REQUEST, DIGEST, "signature-input", "signature")


def head_of(answer: Answer) -> bytes:
    """What goes before the body of an answer when it is brought."""
    response = answer.response
    head = canonical(
        {
            "status": response.status_code,
            "headers": {name: response.headers[name] for name in _KEPT},
            "answers": response.request.headers["signature"],
        }
    )
    return len(head).to_bytes(_LENGTH, "big") + head


class Incoming:
    """One reply that arrives. signature: of the message that brings it, verified by its headers."""

    def __init__(self, mailbox: Mailbox, answering: Answering, signature: Signature) -> None:
        self._mailbox, self._answering, self._signature = mailbox, answering, signature
        self._file = mailbox.folder / uuid4().hex
        self._opened = os.fdopen(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._whole, self._body = hashlib.sha256(), hashlib.sha256()
        self._held = b""
        self._response: Response | None = None
        self._proof: Signature | None = None
        self._is_kept = False

    def take(self, part: bytes) -> None:
        """The next bytes; Refused as soon as the head shows that the reply is not to one of our requests."""
        self._whole.update(part)
        if self._response is None:
            self._held += part
            length = int.from_bytes(self._held[:_LENGTH], "big")
            if length > _LARGEST_HEAD:
                raise Refused("malformed", "the head of the reply is too long", to_do="Write it as the reference says.")
            if len(self._held) < _LENGTH + length or len(self._held) < _LENGTH:
                return
            self._response, self._proof = self._head(self._held[_LENGTH : _LENGTH + length])
            part, self._held = self._held[_LENGTH + length :], b""
        self._body.update(part)
        self._opened.write(part)

    def settle(self) -> bool:
        """Keeps the reply, which is whole; whether it is the first. Refused where the bytes are not the signed ones."""
        if self._response is None or self._proof is None:
            raise Refused("malformed", "the reply ends in its head", to_do="Bring it whole.")
        if digest_text(self._whole.digest()) != self._signature.body:
            raise Refused("changed_body", "the body is not the one that was signed", to_do="Bring what was signed.")
        if digest_text(self._body.digest()) != self._proof.body:
            raise Refused("changed_body", "the reply is not the one that was signed", to_do="Bring what was signed.")
        self._opened.flush()
        os.fsync(self._opened.fileno())
        self._is_kept = self._mailbox.bring(Brought(self._response.status_code, self._file, self._proof))
        return self._is_kept

    def close(self) -> None:
        """Removes what was not kept."""
        self._opened.close()
        if not self._is_kept:
            self._file.unlink(missing_ok=True)

    def _head(self, text: bytes) -> tuple[Response, Signature]:
        try:
            read: Any = read_object(text, "head of the reply")
            status, answers = read["status"], read["answers"]
            headers = headers_once(read["headers"].items())
            if type(status) is not int or type(answers) is not str or set(read) != {"status", "headers", "answers"}:
                raise ValueError("another form")
            if not all(type(value) is str for value in headers.values()):
                raise ValueError("another form")
        except (SourceError, KeyError, ValueError, AttributeError, TypeError) as error:
            raise Refused("malformed", "the head of the reply has another form", to_do="See the reference.") from error
        request = self._mailbox.handed(self._signature.organisation, self._signature.request_id, answers)
        response = Response(status, request, headers)
        now = self._answering.clock()
        keys = self._answering.directory.for_exchange(now)
        proof = verify_response(response, keys, now, body=headers.get(DIGEST, ""))
        if proof.organisation != self._signature.organisation:
            raise Refused("bad_signature", "somebody else signed the reply", to_do="Sign it with a key of the holder.")
        return response, proof
