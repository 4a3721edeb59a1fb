"""Logging in and out, each with its entry in the log."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from tsunagu_web.accounts.models import FailedLogin, Staff
from tsunagu_web.audit.services import append, append_now


class Locked(Exception):
    """Too many wrong passwords: this login is closed for a while, the right password included."""


def log_in(request: HttpRequest, login_name: str, password: str) -> Staff | None:
    """The member of staff, now logged in; None when login or password is wrong.

    raises  Locked, also for the right password, so that guessing on tells nothing
    """
    known = Staff.objects.filter(login=login_name).first()
    if known is not None and is_locked(known):
        append_now(action="refused", object="account", actor=known.actor, detail={"why": "locked"})
        raise Locked
    # For an unknown login a password is hashed all the same: the time taken does not tell which logins exist.
    staff = authenticate(request, username=login_name, password=password)
    if not isinstance(staff, Staff):
        _count_failure(known)
        return None
    append_now(action="log_in", object="account", staff=staff)
    FailedLogin.objects.filter(staff=staff).delete()
    login(request, staff)
    return staff


def log_out(request: HttpRequest) -> None:
    append_now(action="log_out", object="account", staff=request.user)
    logout(request)


def is_locked(staff: Staff) -> bool:
    since = timezone.now() - dt.timedelta(minutes=settings.ENVIRONMENT.lockout_minutes)
    return staff.failed_logins.filter(at__gt=since).count() >= settings.ENVIRONMENT.lockout_tries


def _count_failure(staff: Staff | None) -> None:
    """Counts a wrong password against a login that exists; what was typed for an unknown one is kept nowhere."""
    now = timezone.now()
    with transaction.atomic():
        append(action="log_in_failed", object="account", actor=staff.actor if staff else "unknown")
        if staff is not None:
            FailedLogin.objects.create(staff=staff, at=now)
            old = now - dt.timedelta(minutes=settings.ENVIRONMENT.lockout_minutes)
            FailedLogin.objects.filter(staff=staff, at__lte=old).delete()
