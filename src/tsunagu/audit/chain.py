"""Rows of the log: each names its own number and the hash of the row before it, inside what is hashed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from tsunagu.audit.entry import Entry, as_mapping, canonical

FORMAT = "tsunagu-audit-1"


@dataclass(frozen=True)
class Head:
    """The end of a log: how many rows, and the hash of the last. Keep it elsewhere, and nobody can shorten the log."""

    rows: int
    hash: str


@dataclass(frozen=True)
class SealedRow:
    """A row as it is stored.

    number  1, 2, 3 … without gaps
    body    canonical JSON of the entry with its number and `previous`
    hash    SHA-256 of the body, hexadecimal
    """

    number: int
    body: str
    hash: str


# The first row's `previous` names the format, so that two logs of different formats can never be joined.
EMPTY = Head(rows=0, hash=hashlib.sha256(FORMAT.encode()).hexdigest())


def seal(entry: Entry, after: Head) -> SealedRow:
    """The row that follows `after`."""
    number = after.rows + 1
    body = canonical({**as_mapping(entry), "number": number, "previous": after.hash})
    return SealedRow(number=number, body=body, hash=hash_of(body))


def head_of(row: SealedRow) -> Head:
    """The head of a log that ends with this row."""
    return Head(rows=row.number, hash=row.hash)


def hash_of(body: str) -> str:
    """SHA-256 of a body in UTF-8, hexadecimal."""
    return hashlib.sha256(body.encode("utf-8")).hexdigest()
