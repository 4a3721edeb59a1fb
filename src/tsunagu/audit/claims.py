"""What a stored row says of itself, and whether it may be believed."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tsunagu.audit.chain import SealedRow, hash_of


@dataclass(frozen=True, slots=True)
class Claim:
    """A row as it was read.

    stored     the number beside the body
    number     as the hashed body says it; the stored one when the body cannot be read
    previous   hash of the row before, as the body says it; empty when the body cannot be read
    at         moment, as the body says it
    is_intact  the hash belongs to the body
    """

    stored: int
    number: int
    previous: str
    hash: str
    at: str
    is_intact: bool


def claim_of(row: SealedRow) -> Claim:
    """Reads the row; a body that is none makes a claim that is not intact."""
    try:
        body = json.loads(row.body)
        number, previous, at = int(body["number"]), str(body["previous"]), str(body["at"])
    except (ValueError, KeyError, TypeError):
        return Claim(row.number, row.number, "", row.hash, "", is_intact=False)
    return Claim(row.number, number, previous, row.hash, at, hash_of(row.body) == row.hash)
