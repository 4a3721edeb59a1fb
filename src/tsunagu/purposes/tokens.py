"""Tokens: what stands for a person between two sides, under one agreement, for one purpose, in one period.

A token is HMAC-SHA-256 of the person's id under a key that is derived from the link group's key. The link key stays
with holders; whoever joins tokens must not have it, else the ids can be tried one by one. Never make tokens of names,
addresses, schools or birth dates for others: their frequencies tell who is meant.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tsunagu.errors import PurposeError

SIZE = 32
TOKEN = pa.binary(SIZE)
_FORM = "tsunagu-token-1"
_DATE = {"daily": "%Y-%m-%d", "weekly": "%G-W%V", "monthly": "%Y-%m", "yearly": "%Y"}


@dataclass(frozen=True)
class LinkKey:
    """The key of a link group, 32 bytes; never shown, not even where the object is printed."""

    value: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.value) != SIZE:
            raise PurposeError(
                f"a link key has {SIZE} bytes", to_do="Take the file that the link group's keeper has made."
            )

    @classmethod
    def new(cls) -> LinkKey:
        return cls(secrets.token_bytes(SIZE))


@dataclass(frozen=True)
class Scope:
    """What a token is good for: it cannot be joined with one of another agreement, purpose or period."""

    agreement: str
    purpose: str
    period: str


def period_of(day: date, cadence: str) -> str:
    """The period of a day under a cadence: 2026-10-01, 2026-W40, 2026-10, 2026; `once` is the day itself."""
    return day.strftime(_DATE["daily" if cadence == "once" else cadence])


class Tokens:
    """Makes tokens within a scope. The derived key is kept, the link key is not."""

    def __init__(self, key: LinkKey, scope: Scope) -> None:
        # As a JSON list, no two scopes have the same bytes, wherever one name ends and the next begins.
        info = json.dumps([_FORM, scope.agreement, scope.purpose, scope.period]).encode("ascii")
        derived = HKDF(algorithm=SHA256(), length=SIZE, salt=None, info=info).derive(key.value)
        self._keyed = hmac.new(derived, digestmod="sha256")

    def of(self, ids: Iterable[str]) -> Iterator[bytes]:
        """The token of each id, in the order given; 32 bytes each."""
        keyed = self._keyed
        for id in ids:
            one = keyed.copy()
            one.update(id.encode("utf-8"))
            yield one.digest()

    def column(self, ids: pa.Array | pa.ChunkedArray) -> pa.Array:
        """The tokens of a column of texts as 32 bytes each; null where there is no id."""
        known = ids.drop_null()
        made = iter(self.of(known.to_pylist()))
        return pa.array([next(made) if valid else None for valid in ids.is_valid().to_pylist()], type=TOKEN)


def bridge(key: LinkKey, before: Scope, now: Scope, ids: Iterable[str]) -> list[tuple[bytes, bytes]]:
    """Old and new token of the persons named, for whoever follows their open cases; the holder alone can make it.

    raises  PurposeError where more than the period differs: tokens of two agreements or purposes are never bridged
    """
    if (before.agreement, before.purpose) != (now.agreement, now.purpose):
        raise PurposeError(
            "tokens of two agreements or purposes are not to be joined",
            where=f"{before.agreement}, {now.agreement}",
            to_do="Bridge two periods of one agreement and one purpose.",
        )
    named = list(ids)
    return list(zip(Tokens(key, before).of(named), Tokens(key, now).of(named), strict=True))
