"""Keyed marks of records: the same in every run under one key, and saying nothing without it."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Sequence

from tsunagu.records.decided_pairs import RecordMark

#: What a record says of a person, as far as a decision rests on it. No address: a hidden move must change no mark.
SAID = ("name", "kana", "alias", "birth_date", "sex", "guardian_name")


class Marks:
    """Makes marks with a key drawn from the key of the names."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.new(key, b"tsunagu link review: marks", hashlib.sha256).digest()

    @property
    def check(self) -> str:
        """Tells one key from another, and nothing else."""
        return self._mark("check")[:16]

    def record(self, holder: str, own_key: str | None, said: Sequence[str | dt.date | None]) -> RecordMark:
        """The marks of one record; without a key of its own it is known by what it says alone."""
        spoken = self._mark("said", holder, *said)
        return RecordMark(spoken if own_key is None else self.number(holder, own_key), spoken)

    def number(self, holder: str, own_key: str) -> str:
        return self._mark("number", holder, own_key)

    def pair(self, one: RecordMark, other: RecordMark) -> str:
        """The mark of two records, whichever comes first."""
        return self._mark("pair", *sorted((one.number, other.number)))

    def content(self, one: RecordMark, other: RecordMark, *words: str) -> str:
        """The mark of all that a decision rests on: what both records say, and what the comparison says of them."""
        return self._mark("content", *sorted((one.said, other.said)), *words)

    def _mark(self, *parts: str | dt.date | None) -> str:
        written = json.dumps([p if p is None else str(p) for p in parts], ensure_ascii=False, separators=(",", ":"))
        return hmac.digest(self._key, written.encode(), "sha256").hex()
