"""Tokens: what stands for a person between two sides, within one set of agreements, for one purpose, in one period.

A token is HMAC-SHA-256 of the person's id under a key that is derived, in two steps, from the link group's key: first
the key of a join set and purpose, then that of a period. A holder has the keys of its own join sets and no more, so
that a stolen one makes no token of another. Whoever joins tokens must have none of these keys, else the ids can be
tried one by one. Never make tokens of names, addresses, schools or birth dates for others: their frequencies tell who
is meant.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tsunagu.errors import PurposeError
from tsunagu.records.answer_tables import TOKEN

SIZE = 32
_FORM = "tsunagu-token-1"
#: Cadences whose periods are longer than the one day that is asked about.
PERIODS = frozenset({"weekly", "monthly", "yearly"})
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
class JoinKey:
    """The key of one join set and purpose, as a holder has it; never shown."""

    join_set: str
    purpose: str
    value: bytes = field(repr=False)


@dataclass(frozen=True)
class KeyMark:
    """Which key something was made with, so that two that were to be one are found to be two before they are joined.

    of    what the key is of, in words: a join set, purpose and period, or a link group and round; "" of no key
    mark  64 hexadecimal digits, the same for the same key alone, and nothing can be worked out of it; or ""
    """

    of: str = ""
    mark: str = ""


#: Of an answer that needs no key.
NO_KEY = KeyMark()


def marked(of: str, key: bytes, *names: str) -> KeyMark:
    """The mark of a key under these names: drawn from it apart from all else that is, so that it is no token."""
    return KeyMark(of, hmac.digest(_derived(key, [_FORM, "mark", *names]), b"which key this is", "sha256").hex())


def join_mark(key: JoinKey, period: str) -> KeyMark:
    """The mark of the key by which tokens of a period are made."""
    return marked(joined_by(key.join_set, key.purpose, period), key.value, "period", period)


def joined_by(join_set: str, purpose: str, period: str) -> str:
    """What tokens of a join set, purpose and period are made with, in words (KeyMark.of)."""
    return f"{join_set} {purpose} {period}"


def join_key(key: LinkKey, join_set: str, purpose: str) -> JoinKey:
    """The key of a join set and purpose. The keeper of the link key makes it, and gives it to the set's holders."""
    return JoinKey(join_set, purpose, _derived(key.value, [_FORM, "join", join_set, purpose]))


def period_of(day: date, cadence: str) -> str:
    """The period of a day under a cadence: 2026-10-01, 2026-W40, 2026-10, 2026; `once` is the day itself."""
    return day.strftime(_DATE["daily" if cadence == "once" else cadence])


def period_days(day: date, cadence: str) -> tuple[date, date]:
    """The first day of the period of a day, and the first of the one that follows it."""
    first = {
        "weekly": day - timedelta(day.weekday()),
        "monthly": day.replace(day=1),
        "yearly": day.replace(month=1, day=1),
    }.get(cadence, day)
    following = first + timedelta(1)
    while period_of(following, cadence) == period_of(first, cadence):
        following += timedelta(1)
    return first, following


class Tokens:
    """Makes tokens of a join set and purpose within a period. The period's key is kept, no other is."""

    def __init__(self, key: JoinKey, period: str) -> None:
        self._keyed = hmac.new(_derived(key.value, [_FORM, "period", period]), digestmod="sha256")

    def of(self, ids: Iterable[str]) -> Iterator[bytes]:
        """The token of each id, in the order given; 32 bytes each."""
        keyed = self._keyed
        for id in ids:
            one = keyed.copy()
            one.update(id.encode("utf-8"))
            yield one.digest()

    def column(self, ids: pa.Array | pa.ChunkedArray) -> pa.Array:
        """The tokens of a column of texts as 32 bytes each; null where there is no id."""
        whole = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
        # Each person once: a column names one as often as there are rows about her.
        named = whole.dictionary_encode()
        made = pa.array(list(self.of(named.dictionary.to_pylist())), type=TOKEN)
        return made.take(named.indices)


def bridge(key: JoinKey, before: str, now: str, ids: Iterable[str]) -> list[tuple[bytes, bytes]]:
    """Old and new token of the persons named, of two periods, for whoever follows their open cases.

    Tokens of two join sets or purposes are never bridged: no holder has one key for both.
    """
    named = list(ids)
    return list(zip(Tokens(key, before).of(named), Tokens(key, now).of(named), strict=True))


def _derived(key: bytes, names: list[str]) -> bytes:
    # As a JSON list, no two lists of names have the same bytes, wherever one name ends and the next begins.
    info = json.dumps(names).encode("ascii")
    return HKDF(algorithm=SHA256(), length=SIZE, salt=None, info=info).derive(key)
