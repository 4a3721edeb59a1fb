"""Names are for notices: of whom a holder answered in a run, and how many of them it may name in one period.

A holder judges nobody, so it cannot see who is noticed. What it can see is of whom it answered, for which day and to
whom, and how many it has named since. These bound a request for names, whatever the request says of itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

#: Why somebody is to be named, as whoever asks states it under its signature: a run names those of whom notice is to be
#: given; or somebody typed tokens. No holder can see whether it is so, and each log says what was stated.
STATED = ("notices", "by_hand")


@dataclass(frozen=True)
class Run:
    """Of whom this holder answered for one day and purpose; what it answered is of two kinds.

    tokens  in its answers of indicators to the very requester, in the join set and the period of its tokens
    ids     at the register's holder: of the residents whom it told holders of, so that they could answer
    """

    tokens: frozenset[bytes] = frozenset()
    ids: frozenset[str] = frozenset()

    def of(self, persons: Iterable[str], tokens: Iterable[bytes]) -> dict[str, bytes]:
        """Those of these persons who are in the run, each with the token. tokens: one for each, in the same order."""
        pairs = zip(persons, tokens, strict=True)
        return {id: token for id, token in pairs if id in self.ids or token in self.tokens}


@dataclass(frozen=True)
class Named:
    """What an answer with names counts.

    tokens     of those who are named because the request names them
    beside     how many others are told of, because they live with one of these
    of_period  how many this requester was given by name in the period, these among them; each counts once
    at_most    how many that may be
    """

    tokens: frozenset[bytes]
    beside: int
    of_period: int
    at_most: int

    def counts(self) -> dict[str, int]:
        """For the log."""
        return {
            "named": len(self.tokens),
            "beside": self.beside,
            "of_period": self.of_period,
            "at_most": self.at_most,
        }


def named(
    tokens: Collection[bytes], asked: frozenset[bytes], before: frozenset[bytes], *, per_mille: int, children: int
) -> Named:
    """What is counted of an answer about these tokens.

    asked     tokens that the request names
    before    tokens of those who were named in the period
    children  of whom the holder answered in the run
    """
    told = frozenset(tokens) & asked
    # Rounded up, so that a village with ten children is not told that nobody may ever be named.
    at_most = -(-per_mille * children // 1_000)
    return Named(told, len(set(tokens) - asked), len(told | before), at_most)
