"""Requests and responses as they are signed: method, address, headers that each stand once."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from http_message_signatures.structures import CaseInsensitiveDict

from tsunagu_node.refusals import Refused

AGREEMENT = "tsunagu-agreement"
REQUEST = "tsunagu-request"
DIGEST = "content-digest"
#: Headers that decide something: twice in one message, they could be read in two ways.
ONCE = frozenset(
    {AGREEMENT, REQUEST, DIGEST, "signature", "signature-input", "content-length", "content-type", "transfer-encoding"}
)
#: Bytes of a request: several fit into what one look into a mailbox brings.
LARGEST_REQUEST = 512 << 10
#: What stands for the agreement in a message that is not about one, such as looking into the mailbox.
NO_AGREEMENT = "-"


@dataclass
class Request:
    """A request. url: absolute, as the receiver knows itself; the body is told by its digest header."""

    method: str
    url: str
    headers: CaseInsensitiveDict = field(default_factory=CaseInsensitiveDict)


@dataclass
class Response:
    """A response to a request."""

    status_code: int
    request: Request
    headers: CaseInsensitiveDict = field(default_factory=CaseInsensitiveDict)


def headers_once(pairs: Iterable[tuple[str, str]]) -> CaseInsensitiveDict:
    """Headers by name; Refused where one that decides something stands twice."""
    found: CaseInsensitiveDict = CaseInsensitiveDict()  # type: ignore[no-untyped-call]
    for name, value in pairs:
        if name in found and name.lower() in ONCE:
            raise Refused("malformed", f"the header {name.lower()[:40]} stands twice", to_do="Send it once.")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def digest_text(sha256: bytes) -> str:
    """The one way in which the digest of a body is written (RFC 9530, sha-256 only)."""
    return f"sha-256=:{base64.b64encode(sha256).decode('ascii')}:"


def digest_of(body: bytes) -> str:
    """The digest header of a body that is at hand."""
    return digest_text(hashlib.sha256(body).digest())


def request_of(url: str, agreement: str, request_id: str, digest: str, method: str = "POST") -> Request:
    """A request that is still to be signed."""
    request = Request(method, url)
    request.headers[AGREEMENT], request.headers[REQUEST], request.headers[DIGEST] = agreement, request_id, digest
    return request
