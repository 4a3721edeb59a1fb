"""Signatures over messages (RFC 9421, Ed25519): what must be signed, how old it may be, by which key, with which body.

The library verifies a signature; everything else is decided here, with no default: exactly these components and
parameters, the digest of the very body, an age of 300 seconds to both sides, a key of the directory that is good now.
Whether a nonce was seen before is for memory.py to say, after all this has passed.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import http_sf
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    MappingKeyResolver,
    algorithms,
)

from tsunagu.keys import name_of
from tsunagu_node.messages import AGREEMENT, DIGEST, REQUEST, Request, Response
from tsunagu_node.refusals import Refused

LABEL = TAG = "tsunagu"
#: Seconds that a signature holds, and that two clocks may differ.
MAX_AGE = 300
OF_REQUEST = ("@method", "@target-uri", AGREEMENT, REQUEST, DIGEST)
#: The last one binds the answer to one request: it covers the bytes of that request's own signature.
OF_RESPONSE = ("@status", REQUEST, DIGEST, f'"signature";req;key="{LABEL}"')
_PARAMETERS = {"created", "expires", "nonce", "keyid", "alg", "tag"}
_NONCE = re.compile(r"[A-Za-z0-9_-]{22,64}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,79}")
_AGREEMENT = re.compile(r"[A-Za-z0-9._@:-]{1,160}")
_SIGNATURE = re.compile(LABEL + r"=:([A-Za-z0-9+/]{86}==):")
_DIGEST = re.compile(r"sha-256=:[A-Za-z0-9+/]{43}=:")


class Keys(Protocol):
    """Who signs with which key, as the directory of this moment says."""

    def signing_key(self, name: str, now: datetime) -> tuple[str, Ed25519PublicKey]:
        """Organisation and key of that name; Refused where it is not known, not valid now, or revoked."""


@dataclass(frozen=True)
class Signature:
    """A signature that was verified, as both sides keep it.

    organisation      whose key it is; key: the name of the key
    agreement         as the header says; empty in a response
    request_id        of the request, the same in each try and in the response
    body              the digest header that was signed, and that the body was found to have
    created           by the signer's clock; nonce: once only
    inputs, value     the headers Signature-Input and Signature, to be shown to somebody else later
    """

    organisation: str
    key: str
    agreement: str
    request_id: str
    body: str
    created: datetime
    nonce: str
    inputs: str
    value: str


def sign_request(request: Request, key: Ed25519PrivateKey, now: datetime) -> None:
    """Adds the signature to a request whose headers name agreement, request id and digest of the body."""
    _sign(request, key, now, OF_REQUEST)


def sign_response(response: Response, key: Ed25519PrivateKey, now: datetime) -> None:
    """Adds the signature to a response; its request must be the one that was received, with its signature."""
    _sign(response, key, now, OF_RESPONSE)


def verify_request(request: Request, keys: Keys, now: datetime, *, body: str) -> Signature:
    """Who signed the request; Refused with a code for each thing that is amiss.

    body  the digest (messages.digest_text) of the bytes that arrived. Where they are still to arrive, the header's own
          value: then nothing may be done until the bytes were found to have that digest.
    """
    _form(request.headers, AGREEMENT, _AGREEMENT)
    return _verify(request, keys, now, OF_REQUEST, body, request.headers[AGREEMENT])


def verify_response(response: Response, keys: Keys, now: datetime, *, body: str) -> Signature:
    """Who signed the response, which answers that request and no other; `body` as for verify_request."""
    signature = _verify(response, keys, now, OF_RESPONSE, body, "")
    if signature.request_id != response.request.headers[REQUEST]:
        raise Refused("bad_signature", "the answer is to another request", to_do="Ask again.")
    return signature


def _sign(message: Request | Response, key: Ed25519PrivateKey, now: datetime, components: tuple[str, ...]) -> None:
    name = name_of(key.public_key())
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={name: key}),
    )
    created = now.astimezone(UTC).replace(microsecond=0)
    signer.sign(
        message,
        key_id=name,
        created=created,
        expires=created + timedelta(seconds=MAX_AGE),
        nonce=secrets.token_urlsafe(18),
        label=LABEL,
        tag=TAG,
        use_existing_digest=True,
        covered_component_ids=components,
    )


def _verify(
    message: Request | Response, keys: Keys, now: datetime, components: tuple[str, ...], body: str, agreement: str
) -> Signature:
    headers = message.headers
    _form(headers, REQUEST, _ID)
    _form(headers, DIGEST, _DIGEST)
    parameters = _parameters(headers, components)
    _age(parameters["created"], parameters["expires"], now)
    name = parameters["keyid"]
    organisation, key = keys.signing_key(name, now)
    verifier = _Verifier(
        signature_algorithm=algorithms.ED25519,
        key_resolver=MappingKeyResolver(public_keys={name: key}, private_keys={}),
    )
    try:
        verifier.verify(message, max_age=None, expect_tag=TAG, require_components=components)
    except (HTTPMessageSignaturesException, ValueError) as error:
        raise Refused(
            "bad_signature",
            "the signature is not of this message",
            to_do="Sign it as it is sent, and send it as signed.",
        ) from error
    if headers[DIGEST] != body:
        raise Refused("changed_body", "the body is not the one that was signed", to_do="Send the body that was signed.")
    return Signature(
        organisation=organisation,
        key=name,
        agreement=agreement,
        request_id=headers[REQUEST],
        body=body,
        created=datetime.fromtimestamp(parameters["created"], UTC),
        nonce=parameters["nonce"],
        inputs=headers["signature-input"],
        value=headers["signature"],
    )


class _Verifier(HTTPMessageVerifier):
    """The library's, without its clock: the age was measured against the caller's moment before."""

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        """Nothing more to say."""


def _form(headers: Any, name: str, form: re.Pattern[str]) -> None:
    if name not in headers:
        raise Refused("unsigned", f"the header {name} is missing", to_do="Send it and sign it.")
    if not form.fullmatch(headers[name]):
        raise Refused("malformed", f"the header {name} has another form", to_do="Write it as the reference says.")


def _parameters(headers: Any, components: tuple[str, ...]) -> dict[str, Any]:
    """The parameters of the one signature; Refused unless it covers exactly these components in this order."""
    for name in ("signature-input", "signature"):
        if name not in headers:
            raise Refused("unsigned", f"the header {name} is missing", to_do="Sign the message (RFC 9421).")
    try:
        read: Any = http_sf.parse(
            headers["signature-input"].encode("ascii"), tltype="dictionary", on_duplicate_key=_twice
        )
        if list(read) != [LABEL]:
            raise ValueError("another label")
        if http_sf.ser(read) != headers["signature-input"] or not _canonical(headers["signature"]):
            raise ValueError("written in another way")
        covered, parameters = read[LABEL]
        named = [http_sf.ser(one) for one in covered]
    except Refused:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused(
            "unsigned", f"there is not one signature under the label {LABEL}", to_do="Sign the message once."
        ) from error
    wanted = [one if one.startswith('"') else f'"{one}"' for one in components]
    if named != wanted:
        raise Refused(
            "unsigned",
            "the signature does not cover what it must",
            to_do=f"Sign these, in this order: {' '.join(wanted)}.",
        )
    if set(parameters) != _PARAMETERS or parameters["tag"] != TAG or parameters["alg"] != "ed25519":
        raise Refused("unsigned", "the signature has other parameters", to_do=f"Give {', '.join(sorted(_PARAMETERS))}.")
    whole = all(type(parameters[key]) is int for key in ("created", "expires"))
    texts = all(type(parameters[key]) is str for key in ("nonce", "keyid"))
    if not whole or not texts or not _NONCE.fullmatch(parameters["nonce"]):
        raise Refused(
            "unsigned", "a parameter of the signature has another form", to_do="Write it as the reference says."
        )
    return dict(parameters)


def _canonical(value: str) -> bool:
    """Whether the signature is written in the one way in which its 64 bytes are: no other text passes for it."""
    found = _SIGNATURE.fullmatch(value)
    return found is not None and base64.b64encode(base64.b64decode(found[1])).decode("ascii") == found[1]


def _twice(_key: str, _context: str) -> None:
    raise Refused("malformed", "a part of the signature stands twice", to_do="Send it once.")


def _age(created: int, expires: int, now: datetime) -> None:
    moment = now.timestamp()
    skew = moment - created
    if abs(skew) > MAX_AGE:
        side = "old" if skew > 0 else "ahead"
        raise Refused(
            "clock",
            f"the signature is {abs(skew):.0f} seconds {side}; {MAX_AGE} are allowed",
            to_do="Set both clocks by a time server, and sign anew.",
        )
    if not created < expires <= created + MAX_AGE or expires < moment:
        raise Refused("clock", "the signature has ended, or holds too long", to_do=f"Let it hold {MAX_AGE} seconds.")
