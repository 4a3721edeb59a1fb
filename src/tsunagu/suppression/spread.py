"""One person's protection covers everybody who could give the address away: household and address, now and before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

_HOUSEHOLD, _PLACE = "household:", "place:"


@dataclass(frozen=True)
class Suppressed:
    """Whose address is hidden; `everyone` when the list cannot be trusted to be whole."""

    persons: frozenset[str]
    everyone: bool

    def hides(self, person_id: str) -> bool:
        return self.everyone or person_id in self.persons


EVERYONE = Suppressed(frozenset(), everyone=True)


def household_tie(number: str) -> str:
    """The tie of those who live, or lived, in one household."""
    return _HOUSEHOLD + number


def place_tie(address_key: str) -> str:
    """The tie of those who live, or lived, at one address: grandparents there are a household of their own."""
    return _PLACE + address_key


def is_household(tie: str) -> bool:
    """Whether a tie is a household, not an address."""
    return tie.startswith(_HOUSEHOLD)


def spread(covered: Collection[str], ties: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The covered persons and everybody who shares a tie with one of them.

    ties  person -> households and addresses, now and before; a former address of a child who has moved to the other
          parent is the very address that is to stay hidden
    """
    hidden = {tie for person in covered for tie in ties.get(person, ())}
    return frozenset(covered) | frozenset(p for p, own in ties.items() if not hidden.isdisjoint(own))


def touched(own: Iterable[str], hidden: Collection[str]) -> bool:
    """Whether one of a person's ties is among the ties of the covered."""
    return any(tie in hidden for tie in own)
