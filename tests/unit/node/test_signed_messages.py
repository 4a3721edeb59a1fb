"""A message is taken as it was signed, or not at all: every bit, every component, every age."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms

from nodes import AGREEMENT, HOLDER, REQUESTER, SIGNING, a_directory, raw
from tsunagu.keys import name_of
from tsunagu_node.directory import Directory, dated, with_revoked
from tsunagu_node.messages import DIGEST, Request, Response, digest_of, headers_once, request_of
from tsunagu_node.refusals import Refused
from tsunagu_node.signed import (
    MAX_AGE,
    OF_REQUEST,
    TAG,
    Signature,
    sign_request,
    sign_response,
    verify_request,
    verify_response,
)

NOW = datetime.now(UTC).replace(microsecond=0)
BODY = b'{"wanted":"absent_total"}'
KEY = SIGNING[REQUESTER]
DIRECTORY = a_directory({}, {HOLDER: (), REQUESTER: ()})


def a_request(*, at: datetime = NOW, key: Ed25519PrivateKey = KEY, body: bytes = BODY) -> Request:
    request = request_of("https://127.0.0.1:8443/answers", AGREEMENT, "r-1", digest_of(body))
    sign_request(request, key, at)
    return request


def a_response(request: Request, *, body: bytes = b"answer", status: int = 200) -> Response:
    response = Response(status, request, headers_once([("tsunagu-request", "r-1"), (DIGEST, digest_of(body))]))
    sign_response(response, SIGNING[HOLDER], NOW)
    return response


def verified(
    request: Request, *, now: datetime = NOW, body: bytes = BODY, directory: Directory = DIRECTORY
) -> Signature:
    return verify_request(request, directory, now, body=digest_of(body))


def code(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.code


def flipped(text: str) -> Iterator[str]:
    """The text with one bit changed, each in turn."""
    data = text.encode("latin-1")
    for place in range(len(data)):
        for bit in range(8):
            yield (data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]).decode("latin-1")


def changed_requests() -> Iterator[Request]:
    request = a_request()
    for method in flipped(request.method):
        yield replace(deepcopy(request), method=method)
    for url in flipped(request.url):
        yield replace(deepcopy(request), url=url)
    for name in list(request.headers):
        for value in flipped(request.headers[name]):
            made = deepcopy(request)
            made.headers[name] = value
            yield made


def changed_responses() -> Iterator[Response]:
    response = a_response(a_request())
    for status in range(100, 600):
        if status != 200:
            yield replace(deepcopy(response), status_code=status)
    for name in list(response.headers):
        for value in flipped(response.headers[name]):
            made = deepcopy(response)
            made.headers[name] = value
            yield made


def taken(message: Request | Response) -> bool:
    try:
        if isinstance(message, Request):
            verified(message)
        else:
            verify_response(message, DIRECTORY, NOW, body=digest_of(b"answer"))
    except Refused:
        return False
    return True


def test_what_was_signed_is_taken_and_says_who_signed() -> None:
    found = verified(a_request())
    assert (found.organisation, found.agreement, found.request_id) == (REQUESTER, AGREEMENT, "r-1")
    assert (found.created, found.key, found.body) == (NOW, name_of(KEY.public_key()), digest_of(BODY))


def test_a_share_of_all_flipped_bits_is_refused() -> None:
    requests, responses = list(changed_requests())[::7], list(changed_responses())[::7]
    assert (len(requests) > 400, len(responses) > 400) == (True, True)
    assert [one for one in (*requests, *responses) if taken(one)] == []


@pytest.mark.deep
def test_every_flipped_bit_is_refused() -> None:
    changed = [*changed_requests(), *changed_responses()]
    print(f"{len(changed):,} changes of one bit of a signed request or response")  # noqa: T201  # a figure of the long run
    assert [one for one in changed if taken(one)] == []


@pytest.mark.parametrize("body", [BODY[:-1], BODY + b" ", b"", BODY.replace(b"absent", b"abseNt")])
def test_another_body_is_refused(body: bytes) -> None:
    """The hole of the library: its verify() without body= accepts a changed body."""
    assert code(lambda: verified(a_request(), body=body)) == "changed_body"


def signed_by_the_library(components: tuple[str, ...], seconds: int) -> Request:
    """A request that covers these components and holds so many seconds."""
    request = request_of("https://127.0.0.1:8443/answers", AGREEMENT, "r-1", digest_of(BODY))
    name = name_of(KEY.public_key())
    HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={name: KEY}),
    ).sign(
        request,
        key_id=name,
        created=NOW,
        expires=NOW + timedelta(seconds=seconds),
        nonce="n" * 22,
        label=TAG,
        tag=TAG,
        use_existing_digest=True,
        covered_component_ids=components,
    )
    return request


def test_a_signature_that_holds_for_less_ends_earlier() -> None:
    request = signed_by_the_library(OF_REQUEST, 10)
    assert verified(request, now=NOW + timedelta(seconds=10)).organisation == REQUESTER
    assert code(lambda: verified(request, now=NOW + timedelta(seconds=11))) == "clock"


@pytest.mark.parametrize("left_out", OF_REQUEST)
def test_each_component_must_be_signed(left_out: str) -> None:
    request = signed_by_the_library(tuple(one for one in OF_REQUEST if one != left_out), 60)
    assert code(lambda: verified(request)) == "unsigned"


@pytest.mark.parametrize("left_out", ["nonce", "tag", "alg", "expires", "created"])
def test_each_parameter_must_be_there(left_out: str) -> None:
    request = a_request()
    parts = request.headers["signature-input"].split(";")
    request.headers["signature-input"] = ";".join(one for one in parts if not one.startswith(left_out))
    assert code(lambda: verified(request)) == "unsigned"


@pytest.mark.parametrize("name", ["signature", "signature-input", "tsunagu-agreement", "tsunagu-request", DIGEST])
def test_each_header_must_be_there(name: str) -> None:
    request = a_request()
    del request.headers[name]
    assert code(lambda: verified(request)) == "unsigned"


@pytest.mark.parametrize("seconds", [-MAX_AGE, -1, 0, 1, MAX_AGE])
def test_clocks_may_differ_by_five_minutes(seconds: int) -> None:
    assert verified(a_request(), now=NOW + timedelta(seconds=seconds)).organisation == REQUESTER


@pytest.mark.parametrize(
    ("skew", "told"),
    [
        (timedelta(seconds=MAX_AGE + 1), "301 seconds old"),
        (timedelta(seconds=-MAX_AGE - 1), "301 seconds ahead"),
        (timedelta(days=1), "86400 seconds old"),
        (timedelta(days=-1), "86400 seconds ahead"),
    ],
)
def test_clocks_that_differ_more_are_refused_and_the_skew_is_told(skew: timedelta, told: str) -> None:
    with pytest.raises(Refused, match=told) as caught:
        verified(a_request(), now=NOW + skew)
    assert caught.value.code == "clock"


def test_a_signature_that_would_hold_longer_is_refused() -> None:
    request = a_request()
    later = int(NOW.timestamp()) + MAX_AGE
    request.headers["signature-input"] = request.headers["signature-input"].replace(str(later), str(later + 1))
    assert code(lambda: verified(request)) == "clock"


def test_a_key_that_nobody_has_is_refused() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(b"x" * 32)
    assert code(lambda: verified(a_request(key=stranger))) == "unknown_key"


def test_a_revoked_key_is_refused_from_its_moment_on() -> None:
    directory = with_revoked(DIRECTORY, name_of(KEY.public_key()), NOW)
    assert code(lambda: verified(a_request(), directory=directory)) == "revoked_key"
    before = NOW - timedelta(seconds=1)
    assert verified(a_request(at=before), now=before, directory=directory).organisation == REQUESTER


@pytest.mark.parametrize(("first", "last"), [(1, 30), (-30, -2)])
def test_a_key_outside_its_days_is_refused(first: int, last: int) -> None:
    day = NOW.date()
    key = dated(raw(KEY), day + timedelta(days=first + 1), day + timedelta(days=last))
    if key.valid_from > key.valid_until:
        key = replace(key, valid_from=date(2026, 1, 1))
    holder, requester = DIRECTORY.organisations
    directory = replace(DIRECTORY, organisations=(holder, replace(requester, signing_keys=(key,))))
    assert code(lambda: verified(a_request(), directory=directory)) == "key_not_valid"


def test_an_answer_is_to_one_request_alone() -> None:
    first, second = a_request(), a_request()
    response = a_response(first)
    assert verify_response(response, DIRECTORY, NOW, body=digest_of(b"answer")).organisation == HOLDER
    response.request = second
    assert code(lambda: verify_response(response, DIRECTORY, NOW, body=digest_of(b"answer"))) == "bad_signature"


def test_an_answer_with_another_body_is_refused() -> None:
    response = a_response(a_request())
    assert code(lambda: verify_response(response, DIRECTORY, NOW, body=digest_of(b"Answer"))) == "changed_body"


def test_a_header_that_stands_twice_is_refused() -> None:
    pairs = [("Tsunagu-Agreement", "A-1"), ("tsunagu-agreement", "A-2")]
    assert code(lambda: headers_once(pairs)) == "malformed"
    assert headers_once([("accept", "a"), ("accept", "b")])["accept"] == "a, b"


def test_two_signatures_are_refused() -> None:
    request = a_request()
    for name in ("signature", "signature-input"):
        request.headers[name] = f"{request.headers[name]}, other{request.headers[name][len(TAG) :]}"
    assert code(lambda: verified(request)) == "unsigned"
