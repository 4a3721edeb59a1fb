"""Signed messages of a hand-over: content in its one canonical form, Ed25519, by a key that the directory names.

    {"content": {...}, "signature": {"key": sixteen letters, "value": base64}}

What is bound and compared later is the hash of the content. So a message that waited can be signed anew when its
organisation changes its key, and is the same message.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tsunagu.errors import PurposeError, SourceError
from tsunagu.keys import name_of
from tsunagu.purposes.canonical import canonical, read_object
from tsunagu.purposes.strict import Part

_KEY = re.compile(r"[0-9a-f]{16}")
_VALUE = re.compile(r"[A-Za-z0-9+/]{86}==")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class Keys(Protocol):
    """Who signs with which key, as the directory of this moment says."""

    def signing_key(self, name: str, now: datetime) -> tuple[str, Ed25519PublicKey]:
        """Organisation and key of that name; PurposeError where it is not known, not valid now, or revoked."""


@dataclass(frozen=True)
class Signed:
    """A message as it was read; its signature is still to be proved. key: name of the key; value: 64 bytes."""

    content: Mapping[str, object]
    key: str
    value: bytes

    def require_by(self, organisation: str, keys: Keys, now: datetime) -> None:
        """PurposeError unless a key of that organisation, good at this moment, signed exactly this content."""
        found, key = keys.signing_key(self.key, now)
        if found != organisation:
            raise _not_signed("another organisation signed this", organisation)
        try:
            key.verify(self.value, _covered(self.content))
        except InvalidSignature as error:
            raise _not_signed("the signature is not of this message", organisation) from error


def signed(content: Mapping[str, object], key: Ed25519PrivateKey) -> bytes:
    """The message with its signature. The content says its own form, so that none can pass for another."""
    value = base64.b64encode(key.sign(_covered(content))).decode("ascii")
    return canonical({"content": content, "signature": {"key": name_of(key.public_key()), "value": value}})


def read_signed(data: bytes, where: str) -> Signed:
    """The message in these bytes; SourceError names what is amiss. Nothing is proved yet."""
    return signed_of(read_object(data, where), where)


def signed_of(read: Mapping[str, object], where: str) -> Signed:
    """The message in an object that was read."""
    part = Part(read, "", [])
    content = part.value("content", dict, "an object") or {}
    key, value = part.part("signature", _signature)
    part.done()
    require_none(part, where)
    return Signed(content, key, base64.b64decode(value))


def require_none(part: Part, where: str) -> None:
    """SourceError with all mistakes that were found in a message."""
    if part.mistakes:
        listed = "\n  ".join(part.mistakes[:40])
        raise SourceError(
            f"the message cannot be read\n  {listed}", where=where, to_do="Compare the versions of both sides."
        )


def moment_text(at: datetime) -> str:
    """A moment as messages write it, in UTC and whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(part: Part, key: str) -> datetime:
    """The moment under a key."""
    found = part.match(key, _MOMENT, "a moment such as 2026-10-01T00:00:00Z")
    try:
        return datetime.strptime(found, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        if _MOMENT.fullmatch(found):
            part.wrong(key, "is not a moment")
        return datetime.min.replace(tzinfo=UTC)


def _signature(part: Part) -> tuple[str, str]:
    key, value = part.match("key", _KEY, "the name of a key"), part.match("value", _VALUE, "a signature")
    if _VALUE.fullmatch(value) and base64.b64encode(base64.b64decode(value)).decode("ascii") != value:
        part.wrong("value", "is not written in the one way")  # unused bits would make two texts of one signature
    return key, value


def _covered(content: Mapping[str, object]) -> bytes:
    return b"tsunagu-handover-message-1\n" + canonical(content)


def _not_signed(what: str, organisation: str) -> PurposeError:
    return PurposeError(what, where=organisation, to_do="Nothing was taken. Ask them which key they sign with.")
