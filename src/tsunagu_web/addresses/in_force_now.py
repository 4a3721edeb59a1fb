"""Who is hidden at this moment: the register department's own list, read again, spread by the sealed ties."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils import timezone

from tsunagu.suppression.live_list import Listed, LiveList, list_bytes, understood
from tsunagu.suppression.spread import touched
from tsunagu_web.addresses.models import RegisterRow
from tsunagu_web.addresses.vault import Vault

log = logging.getLogger("tsunagu.desk")
REGISTER = "register"
NOBODY_KNOWN = "unknown_number"


@dataclass(frozen=True)
class InForceNow:
    """The protection at one moment.

    distrust  why every address is hidden, as a code; "" when the list can be trusted
    on        the day
    ties      households and addresses, now and before, of everybody on the list
    """

    distrust: str
    on: dt.date
    ties: frozenset[str] = frozenset()
    _list: bytes = field(default=b"", repr=False)
    _vault: Vault | None = field(default=None, repr=False)

    @property
    def hides_everyone(self) -> bool:
        return bool(self.distrust)

    def hides(self, person: Mapping[str, Any]) -> bool:
        """Whether a person's sealed row may not be shown; who cannot be held against the list is hidden too."""
        return (
            self.hides_everyone
            or not person["is_registered"]
            or bool(person["is_flagged"])
            or self._was_listed(person["listed_until"])
            or touched(person["ties"], self.ties)
        )

    def listed(self) -> list[tuple[Listed, frozenset[str]]]:
        """Rows of the list in force, each with the ties of the person it is about."""
        if self._vault is None:
            return []
        rows = understood(self._list, self.on).rows
        place = {row.resident_no: self._vault.place(REGISTER, row.resident_no) for row in rows}
        ties = _ties_of(self._vault, place.values())
        return [(row, ties[place[row.resident_no]]) for row in rows]

    def _was_listed(self, until: str | None) -> bool:
        # A row that was there at the last run and is gone before its end may have been cut off with the list's tail.
        return until is not None and self.on <= dt.date.fromisoformat(until)


# What this process has worked out already, as keyed hashes only: why a list is not trusted, or "", and its ties.
_KEPT: dict[str, tuple[str, frozenset[str]]] = {}
_MOST_KEPT = 8


def in_force_now(vault: Vault, intake: bytes | None, now: dt.datetime | None = None) -> InForceNow:
    """Reads the list and finds its numbers; a number that the last run did not know hides everybody.

    The list's bytes are read each time. What the same bytes mean on the same day beside the same register is worked
    out once: opening some hundred rows took longer than the rest of a page.

    intake  what the last intake's sealing has and no other (the first bytes of its table); None: nothing is kept
    Whoever stands on the list and moved here after that run may live with any child.
    """
    oldest = dt.timedelta(hours=settings.ENVIRONMENT.suppression_hours)
    moment = timezone.localtime(now or timezone.now())
    on = moment.date()
    data, distrust = list_bytes(settings.ENVIRONMENT.suppression_list, now=moment, oldest=oldest)
    if distrust:
        return _distrusted(distrust, on)
    same = vault.place("list", f"{on} {hashlib.sha256(data).hexdigest()} {intake.hex()}") if intake else ""
    known = _KEPT.get(same) if same else None
    if known is None:
        known = _ties_in(vault, understood(data, on))
        if same:
            if len(_KEPT) >= _MOST_KEPT:
                _KEPT.clear()
            _KEPT[same] = known
    distrust, ties = known
    return _distrusted(distrust, on) if distrust else InForceNow("", on, ties, data, vault)


def _ties_in(vault: Vault, live: LiveList) -> tuple[str, frozenset[str]]:
    """Why the list cannot be trusted, or "", and the ties of everybody on it."""
    if live.distrust:
        return live.distrust, frozenset()
    places = {vault.place(REGISTER, number) for number in live.numbers}
    ties = _ties_of(vault, places)
    return ("", frozenset().union(*ties.values())) if ties.keys() == places else (NOBODY_KNOWN, frozenset())


def _ties_of(vault: Vault, places: Iterable[str]) -> dict[str, frozenset[str]]:
    """The ties of each place that the register has."""
    rows = RegisterRow.objects.filter(pk__in=sorted(places)).values_list("place", "sealed")
    return {place: frozenset(vault.open(place, sealed)["ties"]) for place, sealed in rows}


def _distrusted(why: str, on: dt.date) -> InForceNow:
    # A code and no more: those who run the desk must learn of it, and nobody else.
    log.warning("every address is hidden: the list of protections cannot be trusted (%s)", why)
    return InForceNow(why, on)
