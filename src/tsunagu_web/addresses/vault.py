"""Sealing rows with the address key, which lies in a file of its own: not in the database, not in a run folder.

A row is found by a keyed hash of the person's id, opens only in its own place, and is as long as every other row of its
table; each sealing is another one, so that two dumps of the database do not tell whose address has changed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from tsunagu.errors import StateError
from tsunagu.runs.crypt import decrypt, encrypt, read_key
from tsunagu.suppression.spread import is_household

#: A sealing begins with so many bytes that no other sealing has.
NONCE = 16
_LENGTH = 4
_STEP = 512
_MARK = 24


class Vault:
    """Seals and opens with one key. Made anew for each request; the key is never kept.

    where  what an error names when something does not open
    """

    def __init__(self, key: bytes, *, where: str = "addresses") -> None:
        self._key, self._where = key, where
        # The key of the lookups is another one, so that what they tell never helps against the seals.
        self._lookup_key = hmac.new(key, b"tsunagu addresses: lookup", hashlib.sha256).digest()

    def place(self, kind: str, value: str) -> str:
        """Where the row of a person or a register number stands; without the key it says nothing."""
        return hmac.new(self._lookup_key, f"{kind} {value}".encode(), hashlib.sha256).hexdigest()

    def tie(self, tie: str) -> str:
        """A household or address as a mark to compare by: an opened row tells no address of the rest of the city."""
        kind = "household" if is_household(tie) else "place"
        return f"{kind}:{self.place('tie', tie)[:_MARK]}"

    def seal(self, place: str, content: Mapping[str, Any], *, room: int) -> bytes:
        """The content sealed for its place; `room` bytes are filled whatever the content needs."""
        plain = _bytes(content)
        nonce = secrets.token_bytes(NONCE)
        padded = len(plain).to_bytes(_LENGTH, "big") + plain + bytes(room - len(plain))
        return nonce + encrypt(self._key, padded, bound_to=nonce + place.encode())

    def open(self, place: str, sealed: bytes) -> dict[str, Any]:
        """What was sealed for this place; PurposeError with another key or in another place."""
        nonce = bytes(sealed[:NONCE])
        padded = decrypt(self._key, bytes(sealed[NONCE:]), bound_to=nonce + place.encode(), where=self._where)
        length = int.from_bytes(padded[:_LENGTH], "big")
        content: dict[str, Any] = json.loads(padded[_LENGTH : _LENGTH + length])
        return content


def room_for(largest: int) -> int:
    """The room every row of a table gets, when its largest content has so many bytes."""
    return max(_STEP, -(-largest // _STEP) * _STEP)


def size_of(content: Mapping[str, Any]) -> int:
    """Bytes that a content needs."""
    return len(_bytes(content))


def open_vault() -> Vault:
    """The vault with the key of TSUNAGU_ADDRESS_KEY; StateError without one, and every error of a key file."""
    if settings.ENVIRONMENT.address_key is None:
        raise StateError(
            "the desk has no key for addresses",
            where="TSUNAGU_ADDRESS_KEY",
            to_do="Set it to the key file that the run was made with: tsunagu run ... --address-key FILE.",
        )
    return Vault(read_key(settings.ENVIRONMENT.address_key))


def _bytes(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode()
