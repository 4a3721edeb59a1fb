"""Requests that schemathesis makes of the node's description, asked in each role, signed where the role can sign.

The node answers in this process, through its whole stack; the certificate that a connection would show is given as the
server gives it. What must hold of every answer stands in `Fuzz`.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from schemathesis import Case
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from canary import forms_of
from tsunagu_node.description import CODES, OF_NO_ROUTE
from tsunagu_node.listening import CERTIFICATE
from tsunagu_node.messages import AGREEMENT, REQUEST, digest_of, request_of
from tsunagu_node.refusals import STATUS
from tsunagu_node.signed import sign_request

CONFORMS = [status_code_conformance, content_type_conformance, response_schema_conformance]


@dataclass(frozen=True)
class Caller:
    """Who asks. certificate: DER, as the connection shows it; key: with which it signs; likely: bodies of its own, by
    method and path as described.

    is_known   whether the two are of one organisation of the directory: nobody else is answered
    may_read   canaries that it may be shown
    """

    name: str
    certificate: bytes | None
    key: Ed25519PrivateKey | None
    is_known: bool = True
    likely: Callable[[str, str, random.Random], Sent | None] = lambda _method, _path, _draw: None
    may_read: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sent:
    """What is sent in a draw's place: headers by name, body; path: in place of the drawn one where it is not empty."""

    agreement: str
    request_id: str
    body: bytes
    path: str = ""


def spoilt(body: bytes, draw: random.Random) -> bytes:
    """As it is, mostly; else a bit of it turned, or a part left away."""
    if not body:
        return body
    place = draw.randrange(len(body))
    kinds = (body, body, body, body[:place], body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :])
    return draw.choice(kinds)


@dataclass
class Fuzz:
    """What was asked and answered; `found` is what must not have been.

    address   of the node, without a path; secrets: name -> canary; now: by the node's clock
    opened    what is read in an answer of that path by whoever has a key for it
    read      (caller, canary) -> answers in which it was shown to one who may read it
    """

    app: Callable[..., Any]
    address: str
    callers: list[Caller]
    secrets: dict[str, str | bytes]
    now: Callable[[], datetime]
    opened: Callable[[str, bytes], bytes] = lambda _path, _body: b""
    asked: Counter[tuple[int, str]] = field(default_factory=Counter)
    answered: Counter[tuple[str, str]] = field(default_factory=Counter)
    read: Counter[tuple[str, str]] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.forms = {
            name: [secret] if isinstance(secret, bytes) else list(forms_of(secret).values())
            for name, secret in self.secrets.items()
        }

    def close(self) -> None:
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def run(self, cases: list[Case], seed: int = 1) -> Fuzz:
        """Each caller asks each case as drawn, signed over what was drawn, and with what it would likely send."""
        for caller in self.callers:
            draw = random.Random(f"{seed} {caller.name}")
            for case in cases:
                for prepared in self._forms_of(caller, case, draw):
                    self.ask(caller, case, prepared)
        return self

    def ask(self, caller: Caller, case: Case, prepared: requests.PreparedRequest) -> Response:
        """One request, and what must hold of its answer."""
        split = urlsplit(str(prepared.url))
        body = prepared.body if isinstance(prepared.body, bytes) else (prepared.body or "").encode()
        status, headers, content = self.loop.run_until_complete(
            called(
                self.app, str(prepared.method), (split.path, split.query), _pairs(prepared), body, caller.certificate
            )
        )
        listed: dict[str, list[str]] = {}
        for name, value in headers:
            listed.setdefault(name, []).append(value)
        answer = Response(status, listed, content, prepared, 0.0, verify=True)
        where = f"{caller.name}: {prepared.method} {split.path[:60]}"
        try:
            self._check(caller, case, answer)
            if self._is_a_route(str(prepared.method), split.path):
                case.validate_response(answer, checks=CONFORMS)
        except (AssertionError, FailureGroup) as error:
            said = "; ".join(str(one) for one in getattr(error, "exceptions", [error]))
            self.found.append(f"{where}: {status} {said[:400]}")
        return answer

    def _check(self, caller: Caller, case: Case, answer: Response) -> None:
        path = urlsplit(str(answer.request.url)).path
        method = str(answer.request.method)
        code = ""
        if answer.status_code != 200:
            said = json.loads(answer.content)
            code = said["code"]
            assert set(said) == {"code", "what", "to_do"}, "a refusal says more than it should"
            assert STATUS[code] == answer.status_code, f"{code} with another status"
            known = CODES[case.method, case.operation.path] if self._is_a_route(method, path) else OF_NO_ROUTE
            assert code in known, f"{code} is not described"
        self.asked[answer.status_code, code] += 1
        self.answered[caller.name, case.operation.path if answer.status_code == 200 else code] += 1
        assert answer.status_code < 500, "an error of the program"
        if not caller.is_known:
            assert answer.status_code != 200 or path == "/health", "nobody was answered"
        signed = "signature" in answer.headers
        assert signed or answer.status_code != 200 or path == "/health", "an answer without a signature"
        told = [answer.content, repr(sorted(answer.headers.items())).encode("utf-8")]
        told += [self.opened(path, answer.content)] if answer.status_code == 200 else []
        told += [base64.b64decode(one["body"]) for one in _waiting(answer)]
        for name, forms in self.forms.items():
            is_told = any(form in part for form in forms for part in told)
            assert not is_told or name in caller.may_read, f"the canary {name} is told"
            self.read[caller.name, name] += is_told

    def _forms_of(self, caller: Caller, case: Case, draw: random.Random) -> Iterator[requests.PreparedRequest]:
        try:
            prepared = requests.Request(**self._given(case)).prepare()
        except (requests.RequestException, UnicodeError, ValueError):
            return  # what no client can send
        yield prepared
        if caller.key is None:
            return
        yield self._signed(caller.key, prepared, draw, prepared.headers)
        likely = caller.likely(case.method.upper(), case.operation.path, draw)
        if likely is not None:
            again = prepared.copy()
            if likely.path:
                again.url = self.address + likely.path
            again.body = likely.body
            again.headers["content-length"] = str(len(likely.body))
            yield self._signed(caller.key, again, draw, {AGREEMENT: likely.agreement, REQUEST: likely.request_id})

    def _given(self, case: Case) -> dict[str, Any]:
        given = case.as_transport_kwargs(base_url=self.address)
        return {name: given[name] for name in ("method", "url", "params", "data", "json", "headers") if given.get(name)}

    def _signed(
        self, key: Ed25519PrivateKey, prepared: requests.PreparedRequest, draw: random.Random, named: Any
    ) -> requests.PreparedRequest:
        """The same with digest and signature of this very message, as a node signs it."""
        made = prepared.copy()
        body = made.body if isinstance(made.body, bytes) else (made.body or "").encode()
        agreement = _text(named, AGREEMENT) or "-"
        request_id = _text(named, REQUEST) or f"r-{draw.randrange(10**9)}"
        request = request_of(str(made.url), agreement, request_id, digest_of(body), str(made.method))
        try:
            sign_request(request, key, self.now())
        except ValueError:  # what cannot stand in a header is sent with the signature of something else
            request = request_of(str(made.url), "-", "r-1", digest_of(body), str(made.method))
            sign_request(request, key, self.now())
        for name, value in request.headers.items():
            made.headers[name] = value
        return made

    @staticmethod
    def _is_a_route(method: str, path: str) -> bool:
        parts = unquote(path).split("/")
        return any(
            method == known
            and len(parts) == len(route.split("/"))
            and all(part == of if "{" not in of else part for part, of in zip(parts, route.split("/"), strict=True))
            for known, route in CODES
        )


async def called(
    app: Callable[..., Any],
    method: str,
    where: tuple[str, str],
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    certificate: bytes | None,
) -> tuple[int, list[tuple[str, str]], bytes]:
    """What the routes answer to one request whose connection shows this certificate."""
    path, query = where
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "state": {CERTIFICATE: certificate},
    }
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()  # the other side stays, as an answer that is streamed would end otherwise
        return messages.pop(0)

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    await app(scope, receive, send)
    start = next(one for one in told if one["type"] == "http.response.start")
    content = b"".join(one.get("body", b"") for one in told if one["type"] == "http.response.body")
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    return start["status"], pairs, content


def _pairs(prepared: requests.PreparedRequest) -> list[tuple[bytes, bytes]]:
    made = []
    for name, value in prepared.headers.items():
        raw = value if isinstance(value, bytes) else str(value).encode("latin-1", "replace")
        made.append((name.lower().encode("latin-1", "replace"), raw))
    return made


def _text(named: Any, name: str) -> str:
    value = named.get(name, "")
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _waiting(answer: Response) -> list[dict[str, Any]]:
    if answer.status_code != 200 or urlsplit(str(answer.request.url)).path != "/requests":
        return []
    found: list[dict[str, Any]] = json.loads(answer.content)["requests"]
    return found
