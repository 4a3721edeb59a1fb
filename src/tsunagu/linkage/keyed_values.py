"""Tokens of what records say, for linkage within a link group and for nothing else.

HMAC-SHA-256 under a key of each domain, drawn from the key of one round of linkage. No join set of answers is in it, so
that these tokens can be joined with no answer; what an answer holds is made of link ids (purposes.tokens). Values that
are compared with each other share a domain; any two others have different tokens even where they are equal.
The keeper of the link key makes two keys: of a round for every holder that links, and of link ids for the register's
holder alone, so that no other can make the link id of a person it knows of.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import shake_256

import pyarrow as pa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tsunagu.purposes.tokens import SIZE, KeyMark, LinkKey, marked
from tsunagu.records.answer_tables import TOKEN

_FORM = "tsunagu-linkage-1"
_PADDING = "nothing"


@dataclass(frozen=True)
class LinkageKey:
    """The key of one round of linkage in a link group, as a holder that links has it; never shown.

    Tokens of two groups or rounds cannot be joined.
    """

    group: str
    round: str
    value: bytes = field(repr=False)

    @property
    def mark(self) -> KeyMark:
        """Which key this is, for whoever has it to be linked with another's records."""
        return marked(f"{self.group} {self.round}", self.value, "round", self.group, self.round)


@dataclass(frozen=True)
class LinkIdKey:
    """The key of link ids of a link group, with the register's holder alone; the same in every round."""

    group: str
    value: bytes = field(repr=False)

    def link_id(self, person_id: str) -> str:
        """The person's id within the link group, no number of the register."""
        return "L" + hmac.digest(self.value, person_id.encode("utf-8"), "sha256").hex()[:32]


def linkage_key(key: LinkKey, group: str, round: str) -> LinkageKey:
    """The key of a round. The keeper of the link key makes it, and gives it to the holders that link."""
    return LinkageKey(group, round, _derived(key.value, _FORM, "round", group, round))


def link_id_key(key: LinkKey, group: str) -> LinkIdKey:
    """The key of link ids. The keeper of the link key makes it, and gives it to the register's holder."""
    return LinkIdKey(group, _derived(key.value, _FORM, "link id", group))


class LinkageTokens:
    """Makes tokens of values; each value of a domain is hashed once."""

    def __init__(self, key: LinkageKey) -> None:
        self._key = key
        self._keyed: dict[str, hmac.HMAC] = {}
        self._made: dict[str, dict[str, bytes]] = {}

    def of(self, domain: str, value: str) -> bytes:
        """The token of one value, 32 bytes."""
        made = self._made.setdefault(domain, {})
        token = made.get(value)
        if token is None:
            token = made[value] = self.once(domain, value.encode("utf-8"))
        return token

    def once(self, domain: str, value: bytes) -> bytes:
        """The same for bytes that will not be asked for again."""
        keyed = self._keyed.get(domain)
        if keyed is None:
            keyed = self._keyed[domain] = hmac.new(
                _derived(self._key.value, _FORM, "domain", domain), digestmod="sha256"
            )
        one = keyed.copy()
        one.update(value)
        return one.digest()

    def column(self, domain: str, texts: pa.Array | pa.ChunkedArray) -> pa.Array:
        """The tokens of a column of texts; null where there is none."""
        whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
        encoded = whole.cast(pa.string()).dictionary_encode()
        made = pa.array([self.of(domain, v) for v in encoded.dictionary.to_pylist()], TOKEN)
        return made.take(encoded.indices)

    def filled(self, domain: str, values: Iterable[str], of: str, size: int) -> list[bytes]:
        """Tokens of the first values, and as many tokens of nothing as make `size`: how many there were is not told."""
        tokens = [self.of(domain, v) for v in values][:size]
        # One keyed hash, drawn out: nobody without the key can tell these from tokens, and the same row has the same.
        missing = (size - len(tokens)) * SIZE
        drawn = shake_256(self.once(f"{_PADDING} {domain}", of.encode("utf-8"))).digest(missing) if missing else b""
        # In the order of the tokens, no place tells which of them are of nothing.
        return sorted([*tokens, *(drawn[i : i + SIZE] for i in range(0, missing, SIZE))])


@dataclass(frozen=True)
class KnownTokens:
    """Values that are known by their tokens alone: can be asked whether it holds one, and cannot be read."""

    tokens: LinkageTokens = field(repr=False)
    domain: str
    known: frozenset[bytes] = field(repr=False)

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and self.tokens.of(self.domain, value) in self.known


def _derived(secret: bytes, *names: str) -> bytes:
    # As a JSON list, no two lists of names have the same bytes, wherever one name ends and the next begins.
    info = json.dumps(list(names)).encode("ascii")
    return HKDF(algorithm=SHA256(), length=SIZE, salt=None, info=info).derive(secret)
