"""The directory of organisations: who they are, where they answer, and which of their keys are good at a moment.

One JSON file, signed by whoever keeps the directory, read as strictly as an agreement. It holds no data of persons.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from tsunagu.errors import SourceError
from tsunagu.keys import name_of
from tsunagu.purposes.canonical import canonical, hash_of, read_object
from tsunagu.purposes.strict import HASH, IDENTIFIER, Part
from tsunagu_node.keyfiles import name_of_bytes
from tsunagu_node.refusals import Refused

PINS = ("leaf", "authority")
#: Where a request to an organisation without an endpoint is addressed: it is signed for that one, and goes nowhere.
POLLED = "https://{id}.polled.invalid"
#: Japan's days: a key that is valid until a day is valid to the end of that day there.
_JAPAN = timedelta(hours=9)
_FORM = b"tsunagu-directory-1\n"
_NAME = re.compile(r"[0-9a-f]{16}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{86}==")
_KEY = re.compile(r"[A-Za-z0-9+/]{43}=")


@dataclass(frozen=True)
class DatedKey:
    """A public key. id: its name (16 letters of its hash); key: 32 bytes, base64; first and last day, both included."""

    id: str
    key: str
    valid_from: date
    valid_until: date

    @property
    def raw(self) -> bytes:
        return base64.b64decode(self.key)

    def holds_at(self, now: datetime) -> bool:
        """Whether the moment lies within its days."""
        return self.valid_from <= (now.astimezone(UTC) + _JAPAN).date() <= self.valid_until


@dataclass(frozen=True)
class Pin:
    """What its connections must show: the SHA-256 of the very certificate, or of its authority's public key."""

    of: str
    sha256: str


@dataclass(frozen=True)
class Organisation:
    """One organisation. Names in Japanese and English.

    endpoint   where its node answers; empty where it polls
    head_keys  under which it signs heads of its own log, and those of others as a witness; none of the signing_keys
    """

    id: str
    ja: str
    en: str
    endpoint: str
    signing_keys: tuple[DatedKey, ...]
    sealing_keys: tuple[DatedKey, ...]
    head_keys: tuple[DatedKey, ...]
    pins: tuple[Pin, ...]

    @property
    def address(self) -> str:
        """What a request to it is signed for, without the path."""
        return self.endpoint or POLLED.format(id=self.id)


@dataclass(frozen=True)
class Revoked:
    """A key that is no longer good from a moment on. key: its name, or the first 16 letters of a pin."""

    key: str
    at: datetime


@dataclass(frozen=True)
class Directory:
    """One version of the directory; a later one has a greater number."""

    version: int
    issued_at: datetime
    valid_until: datetime
    organisations: tuple[Organisation, ...]
    revoked: tuple[Revoked, ...]

    @property
    def hash(self) -> str:
        """The hash of its content, without the signature."""
        return hash_of(content_of(self))

    def organisation(self, id: str) -> Organisation:
        """The organisation of that id; Refused where there is none."""
        for one in self.organisations:
            if one.id == id:
                return one
        raise Refused(
            "not_known", "the directory has no such organisation", to_do="Check the id, or wait for its entry."
        )

    def is_revoked(self, name: str, now: datetime) -> bool:
        """Whether a key of that name is revoked by that moment."""
        return any(one.key == name and one.at <= now for one in self.revoked)

    def why_not(self, name: str, id: str) -> str:
        """Why a signature by a key of that name is none of an organisation; for people, where no good key is found."""
        revoked = next((one.at for one in self.revoked if one.key == name), None)
        if revoked is not None:
            day = (revoked.astimezone(UTC) + _JAPAN).date().isoformat()
            return f"its key {name} of '{id}' was revoked on {day}. '{id}' signs again with its new key, --again"
        return f"the directory has no key {name} of '{id}'"

    def signing_key(self, name: str, now: datetime) -> tuple[str, Ed25519PublicKey]:
        """Organisation and key of that name; Refused where it is not known, not valid at that moment, or revoked."""
        for organisation in self.organisations:
            for one in organisation.signing_keys:
                if one.id == name:
                    self._require_good(one, now)
                    return organisation.id, Ed25519PublicKey.from_public_bytes(one.raw)
        raise Refused(
            "unknown_key", "no organisation of the directory has this key", to_do="Sign with a key that it has."
        )

    def head_key(self, id: str, name: str, now: datetime) -> Ed25519PublicKey:
        """The key of that name under which an organisation signs heads now; Refused where it has none such."""
        for one in self.organisation(id).head_keys:
            if one.id == name:
                self._require_good(one, now)
                return Ed25519PublicKey.from_public_bytes(one.raw)
        raise Refused(
            "unknown_key", "the organisation signs no heads with this key", to_do="Have the directory name the key."
        )

    def head_key_of_any_day(self, id: str, name: str) -> Ed25519PublicKey | None:
        """As head_key, whichever its days and though it was revoked since; for what was signed long ago."""
        found = [key for one in self.organisations if one.id == id for key in one.head_keys if key.id == name]
        return Ed25519PublicKey.from_public_bytes(found[0].raw) if found else None

    def sealing_key(self, id: str, now: datetime) -> X25519PublicKey:
        """The key to which something for an organisation is sealed: of those that are good now, the last to end."""
        good = [
            one for one in self.organisation(id).sealing_keys if one.holds_at(now) and not self.is_revoked(one.id, now)
        ]
        if not good:
            raise Refused(
                "key_not_valid", "the organisation has no key to seal for", to_do="Let the directory name a new one."
            )
        return X25519PublicKey.from_public_bytes(max(good, key=lambda one: (one.valid_until, one.id)).raw)

    def pins(self, id: str, now: datetime) -> tuple[Pin, ...]:
        """What connections of an organisation may show at that moment."""
        return tuple(one for one in self.organisation(id).pins if not self.is_revoked(one.sha256[:16], now))

    def _whose(self, name: str) -> str:
        """An organisation and its key, for people."""
        for one in self.organisations:
            if name in {key.id for key in (*one.signing_keys, *one.sealing_keys, *one.head_keys)}:
                return f"{name} of '{one.id}'"
        return name

    def _require_good(self, key: DatedKey, now: datetime) -> None:
        if self.is_revoked(key.id, now):
            raise Refused(
                "revoked_key",
                f"this key was revoked ({self._whose(key.id)})",
                to_do="Sign with another key of the directory.",
            )
        if not key.holds_at(now):
            raise Refused("key_not_valid", "this key is not valid today", to_do="Sign with a key that is.")


def content_of(directory: Directory) -> dict[str, object]:
    """What is signed, as plain JSON values."""
    return {f.name: plain(getattr(directory, f.name)) for f in fields(directory)}


def signed_file(directory: Directory, key: Ed25519PrivateKey) -> bytes:
    """The file, signed by the keeper of the directory."""
    content = content_of(directory)
    value = base64.b64encode(key.sign(_FORM + canonical(content))).decode("ascii")
    return canonical({**content, "signature": {"key": name_of(key.public_key()), "value": value}})


def read_directory(data: bytes, where: str, keeper: Ed25519PublicKey) -> Directory:
    """The directory in a file; SourceError names every mistake, and where the keeper's key did not sign it."""
    read = read_object(data, where)
    part = Part(read, "", [])
    key, value = part.part("signature", lambda one: (one.match("key", _NAME, "the name of a key"), _signature(one)))
    made = _directory(part)
    part.done()
    if part.mistakes:
        listed = "\n  ".join(part.mistakes)
        raise SourceError(
            f"mistakes in the directory\n  {listed}", where=where, to_do="Ask its keeper for a right one."
        )
    if key != name_of(keeper):
        raise SourceError(
            f"the directory is signed with the key {key}, and {name_of(keeper)} is its keeper's",
            where=where,
            to_do="Ask the keeper which key is right, by telephone.",
        )
    try:
        keeper.verify(base64.b64decode(value), _FORM + canonical({k: v for k, v in read.items() if k != "signature"}))
    except InvalidSignature as error:
        raise SourceError(
            "the directory is not what its keeper signed", where=where, to_do="Fetch it anew from its keeper."
        ) from error
    return made


def dated(raw: bytes, valid_from: date, valid_until: date) -> DatedKey:
    """A public key of 32 bytes with its name and days."""
    return DatedKey(name_of_bytes(raw), base64.b64encode(raw).decode("ascii"), valid_from, valid_until)


def with_revoked(directory: Directory, key: str, at: datetime) -> Directory:
    """The next version, in which a key is revoked from a moment on; its issue is that moment too."""
    return replace(
        directory, version=directory.version + 1, issued_at=at, revoked=(*directory.revoked, Revoked(key, at))
    )


def plain(value: object) -> Any:
    """A part of the directory as plain JSON values."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if isinstance(value, DatedKey | Pin | Organisation | Revoked):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    return value


def _directory(part: Part) -> Directory:
    made = Directory(
        version=part.whole("version", 1, 1_000_000_000),
        issued_at=_moment(part, "issued_at"),
        valid_until=_moment(part, "valid_until"),
        organisations=part.parts("organisations", read_organisation),
        revoked=part.parts("revoked", _revoked, some=False),
    )
    if made.issued_at >= made.valid_until:
        part.wrong("valid_until", "lies before issued_at")
    part.mistakes.extend(twice_in(made))
    return made


def twice_in(made: Directory) -> list[str]:
    """What must be there once and is there more often: each a line with its place."""
    return [
        f"{what}: '{name}' stands twice"
        for what, names in _names(made).items()
        for name in sorted({name for name in names if names.count(name) > 1})
    ]


def _names(made: Directory) -> Mapping[str, list[str]]:
    """What must be there once. A key of two organisations would say of neither who signed."""
    return {
        "organisations.id": [one.id for one in made.organisations],
        "organisations.endpoint": [one.endpoint for one in made.organisations if one.endpoint],
        "organisations.signing_keys": [key.id for one in made.organisations for key in one.signing_keys],
        # A head key lies apart from the key of messages: whoever has the one has not the other.
        "organisations.head_keys": [
            key.id for one in made.organisations for key in (*one.head_keys, *one.signing_keys)
        ],
        "organisations.sealing_keys": [key.id for one in made.organisations for key in one.sealing_keys],
        "revoked": [one.key for one in made.revoked],
    }


def read_organisation(part: Part) -> Organisation:
    """An object that names one organisation; mistakes are noted in the part."""
    return Organisation(
        id=part.match("id", IDENTIFIER, "an identifier"),
        ja=part.text("ja"),
        en=part.text("en"),
        endpoint=_endpoint(part),
        signing_keys=part.parts("signing_keys", _key),
        sealing_keys=part.parts("sealing_keys", _key),
        head_keys=part.parts("head_keys", _key, some=False),
        pins=part.parts("pins", _pin),
    )


def _endpoint(part: Part) -> str:
    found = part.value("endpoint", str, "a text")
    if found:
        split = urlsplit(found)
        plain = split.scheme == "https" and split.hostname and split.path == "" and not (split.query or split.fragment)
        if not plain or "@" in found or found != found.strip() or not found.isascii():
            part.wrong("endpoint", "is not an address such as https://node.example:8443")
    return found or ""


def _key(part: Part) -> DatedKey:
    made = DatedKey(
        id=part.match("id", _NAME, "the name of a key"),
        key=part.match("key", _KEY, "a key of 32 bytes in base64"),
        valid_from=part.day("valid_from"),
        valid_until=part.day("valid_until"),
    )
    if _KEY.fullmatch(made.key) and name_of_bytes(made.raw) != made.id:
        part.wrong("id", "is not the name of this key")
    if made.valid_from > made.valid_until:
        part.wrong("valid_until", "lies before valid_from")
    return made


def _pin(part: Part) -> Pin:
    return Pin(of=part.choice("of", PINS), sha256=part.match("sha256", HASH, "a hash of 64 hexadecimal digits"))


def _revoked(part: Part) -> Revoked:
    return Revoked(key=part.match("key", _NAME, "the name of a key"), at=_moment(part, "at"))


def _signature(part: Part) -> str:
    return part.match("value", _SIGNATURE, "a signature")


def _moment(part: Part, key: str) -> datetime:
    found = part.match(key, _MOMENT, "a moment such as 2026-10-01T00:00:00Z")
    try:
        return datetime.strptime(found, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        if _MOMENT.fullmatch(found):
            part.wrong(key, f"'{found}' is not a moment")
        return datetime.min.replace(tzinfo=UTC)


def sha256(data: bytes) -> str:
    """64 hexadecimal digits, as a pin has them."""
    return hashlib.sha256(data).hexdigest()
