"""Between the password and the desk: who has given a right password, and which step comes next.

Nobody is signed in during an arrival. The person is remembered in the session for ten minutes, bound to the password
and the duty they had, and every page but the steps themselves still finds nobody there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from tsunagu_web.accounts import factors
from tsunagu_web.accounts.models import Staff

_KEY = "tsunagu_arrival"
_LASTS = dt.timedelta(minutes=10)


class Step(StrEnum):
    """What an arrival still needs; the value is the name of its address."""

    SECOND_FACTOR = "second-factor"
    NEW_PASSWORD = "new-password"
    SET_UP = "set-up"
    RECOVERY_CODES = "recovery-codes"
    ENTER = "enter"


@dataclass(frozen=True)
class Arrival:
    """Somebody whose password was right. proved: the kind of second factor shown since, empty before."""

    staff: Staff
    proved: str
    wanted: str

    def step(self) -> Step:
        """The step that comes next; each is decided anew from what is stored, never from what a browser says."""
        has_factor = factors.has_factor(self.staff)
        if has_factor and not self.proved:
            return Step.SECOND_FACTOR
        if self.staff.start_password_until is not None:
            return Step.NEW_PASSWORD
        if not has_factor:
            return Step.SET_UP
        return Step.ENTER if factors.unseen_codes(self.staff) is None else Step.RECOVERY_CODES


def begin(request: HttpRequest, staff: Staff, wanted: str) -> None:
    """Remembers that this person's password was right, under a new session key."""
    request.session.flush()
    _remember(request, staff, at=timezone.now(), proved="", wanted=wanted)


def proved(request: HttpRequest, factor: str) -> None:
    """Remembers that the second factor was right too."""
    request.session[_KEY] = {**request.session[_KEY], "proved": factor}


def bind_again(request: HttpRequest, staff: Staff) -> None:
    """Goes on with the arrival after the person chose another password."""
    request.session[_KEY] = {**request.session[_KEY], "bound": staff.get_session_auth_hash()}


def arrival_of(request: HttpRequest) -> Arrival | None:
    """Whoever is arriving in this browser; None when nobody is, or the arrival is too old, or the duty changed."""
    kept = request.session.get(_KEY)
    if not kept or timezone.now() - dt.datetime.fromisoformat(kept["at"]) >= _LASTS:
        return None
    staff = Staff.objects.filter(pk=kept["staff"], is_active=True).first()
    if staff is None or not constant_time_compare(kept["bound"], staff.get_session_auth_hash()):
        return None
    return Arrival(staff, kept["proved"], kept["wanted"])


def at_step(*steps: Step) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Lets a view be reached only when its step is next: others are led to their own step, or to the beginning."""

    def mark(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def stepped(request: HttpRequest) -> HttpResponse:
            arrival = arrival_of(request)
            if arrival is None:
                return redirect("accounts:login")
            step = arrival.step()
            if step in steps:
                return view(request, arrival)
            return redirect("accounts:login" if step is Step.ENTER else f"accounts:{step}")

        return stepped

    return mark


def _remember(request: HttpRequest, staff: Staff, *, at: dt.datetime, proved: str, wanted: str) -> None:
    request.session[_KEY] = {
        "staff": staff.pk,
        "bound": staff.get_session_auth_hash(),
        "at": at.isoformat(),
        "proved": proved,
        "wanted": wanted,
    }
