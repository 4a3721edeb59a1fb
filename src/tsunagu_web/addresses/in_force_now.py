"""Who is hidden at this moment: the register department's own list, read again, spread by the sealed ties."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from tsunagu.suppression.live_list import Listed, read_live_list
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
    listed    rows of the list in force, each with the ties of the person it is about
    """

    distrust: str
    on: dt.date
    ties: frozenset[str] = frozenset()
    listed: tuple[tuple[Listed, frozenset[str]], ...] = ()

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

    def _was_listed(self, until: str | None) -> bool:
        # A row that was there at the last run and is gone before its end may have been cut off with the list's tail.
        return until is not None and self.on <= dt.date.fromisoformat(until)


def in_force_now(vault: Vault, now: dt.datetime | None = None) -> InForceNow:
    """Reads the list and finds its numbers; a number that the last run did not know hides everybody.

    Whoever stands on the list and moved here after that run may live with any child.
    """
    oldest = dt.timedelta(hours=settings.ENVIRONMENT.suppression_hours)
    moment = timezone.localtime(now or timezone.now())
    on = moment.date()
    live = read_live_list(settings.ENVIRONMENT.suppression_list, now=moment, oldest=oldest)
    if not live.is_trusted:
        return _distrusted(live.distrust, on)
    places = {vault.place(REGISTER, number): number for number in live.numbers}
    found = {
        places[place]: vault.open(place, sealed)
        for place, sealed in RegisterRow.objects.filter(pk__in=sorted(places)).values_list("place", "sealed")
    }
    if found.keys() != live.numbers:
        return _distrusted(NOBODY_KNOWN, on)
    ties = frozenset(tie for row in found.values() for tie in row["ties"])
    listed = tuple((row, frozenset(found[row.resident_no]["ties"])) for row in live.rows)
    return InForceNow("", on, ties, listed)


def _distrusted(why: str, on: dt.date) -> InForceNow:
    # A code and no more: those who run the desk must learn of it, and nobody else.
    log.warning("every address is hidden: the list of protections cannot be trusted (%s)", why)
    return InForceNow(why, on)
