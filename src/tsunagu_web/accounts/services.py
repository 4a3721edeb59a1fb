"""Signing in step by step, and out; each step with its entry in the log, written before it takes effect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from tsunagu_web.accounts import arrival, factors, lockout, sessions
from tsunagu_web.accounts.arrival import Arrival
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.looks import record_step
from tsunagu_web.audit.services import append

_CONFIRMED = "tsunagu_confirmed"
_CONFIRMATION_LASTS = dt.timedelta(minutes=10)


def give_password(request: HttpRequest, login: str, password: str, wanted: str) -> bool:
    """The first step. True: the password is right, and the next step is `arrival_of(request).step()`.

    A wrong password, an unknown login and a closed one are answered alike, and each costs one hash.
    """
    known = Staff.objects.filter(login=login).first()
    attempt = lockout.reserve_try(known) if known else None
    if known is not None and attempt is None:
        make_password(password)
        record_step(action="refused", object="account", actor=known.actor, detail={"why": "locked"})
        return False
    staff = authenticate(request, username=login, password=password)
    if not isinstance(staff, Staff) or _start_password_is_over(staff):
        record_step(action="log_in_failed", object="account", actor=known.actor if known else "unknown")
        return False
    record_step(action="password_accepted", object="account", staff=staff)
    if attempt is not None:
        lockout.forgive(attempt)
    arrival.begin(request, staff, wanted)
    return True


def give_subject(request: HttpRequest, subject: str, wanted: str) -> bool:
    """The first step at the office's own provider, in place of the password; the second factor comes as ever."""
    staff = Staff.objects.filter(oidc_subject=subject, is_active=True).first()
    if staff is None:
        record_step(action="log_in_failed", object="account", actor="unknown", detail={"kind": "oidc"})
        return False
    record_step(action="password_accepted", object="account", staff=staff, detail={"kind": "oidc"})
    arrival.begin(request, staff, wanted)
    return True


def give_code(request: HttpRequest, here: Arrival, code: str) -> bool:
    """The second step, by a code of the authenticator app or a recovery code."""
    return _give_factor(request, here, lambda: factors.check_code(here.staff, code))


def give_passkey(request: HttpRequest, here: Arrival, answer: str) -> bool:
    """The second step, by a passkey."""
    return _give_factor(request, here, lambda: factors.check_passkey(here.staff, answer))


def enter(request: HttpRequest, here: Arrival) -> None:
    """The last step: both factors are proved, the person is signed in."""
    record_step(action="log_in", object="account", staff=here.staff, detail={"kind": here.proved})
    lockout.forgive_all(here.staff)
    sessions.start(request, here.staff)
    _remember_confirmation(request)


def log_out(request: HttpRequest) -> None:
    record_step(action="log_out", object="account", staff=request.user)
    sessions.end_here(request)


def choose_password(staff: Staff, password: str) -> None:
    """A password of the person's own choice; sessions under the old one end at their next request."""
    with transaction.atomic():
        append(action="password_changed", object="account", staff=staff)
        staff.set_password(password)
        staff.start_password_until = None
        staff.save(update_fields=["password", "start_password_until"])


def change_password(request: HttpRequest, password: str) -> None:
    """The same for somebody signed in: this browser stays, every other one is signed out."""
    choose_password(request.user, password)  # type: ignore[arg-type]  # a policy let only staff in
    update_session_auth_hash(request, request.user)


def confirm(request: HttpRequest, password: str) -> bool:
    """Asks for the password again before factors are changed; a wrong one counts as at the door."""
    staff: Staff = request.user  # type: ignore[assignment]  # a policy let only staff in
    attempt = lockout.reserve_try(staff)
    if attempt is None:
        record_step(action="refused", object="account", staff=staff, detail={"why": "locked"})
        return False
    if not staff.check_password(password):
        record_step(action="log_in_failed", object="account", staff=staff)
        return False
    record_step(action="password_accepted", object="account", staff=staff)
    lockout.forgive(attempt)
    _remember_confirmation(request)
    return True


def is_confirmed(request: HttpRequest) -> bool:
    """Whether the password was given in this browser within the last ten minutes."""
    at = request.session.get(_CONFIRMED)
    return bool(at) and timezone.now() - dt.datetime.fromisoformat(at) < _CONFIRMATION_LASTS


def _give_factor(request: HttpRequest, here: Arrival, check: Callable[[], str]) -> bool:
    attempt = lockout.reserve_try(here.staff)
    if attempt is None:
        record_step(action="refused", object="account", actor=here.staff.actor, detail={"why": "locked"})
        return False
    kind = check()
    if not kind:
        record_step(action="second_factor_failed", object="account", actor=here.staff.actor)
        return False
    record_step(action="second_factor_accepted", object="account", staff=here.staff, detail={"kind": kind})
    lockout.forgive(attempt)
    arrival.proved(request, kind)
    return True


def _start_password_is_over(staff: Staff) -> bool:
    return staff.start_password_until is not None and staff.start_password_until <= timezone.now()


def _remember_confirmation(request: HttpRequest) -> None:
    request.session[_CONFIRMED] = timezone.now().isoformat()
