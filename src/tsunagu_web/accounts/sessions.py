"""Signed-in browsers: begun after both factors, ended by idleness, age, revocation or a change of duty."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, login
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from tsunagu_web.access.written import ask
from tsunagu_web.accounts.models import SignIn, Staff
from tsunagu_web.audit.looks import record_step
from tsunagu_web.audit.services import append

# Between two writes of "last used", each of which waits for the disk; shorter where few minutes end a session.
_TOUCH = dt.timedelta(minutes=1)
_NUMBER = "tsunagu_sign_in"
_DUTIES = "tsunagu_duties"
_BACKEND = "django.contrib.auth.backends.ModelBackend"
_BROWSERS = (("Edg", "edge"), ("Firefox", "firefox"), ("Chrom", "chrome"), ("Safari", "safari"))
_SYSTEMS = (
    ("Android", "android"),
    ("iPhone", "iphone"),
    ("iPad", "ipad"),
    ("CrOS", "chromeos"),
    ("Windows", "windows"),
    ("Mac OS", "mac"),
    ("Linux", "linux"),
)


def start(request: HttpRequest, staff: Staff) -> None:
    """Signs this browser in, under a new session key; both factors were proved and the log has its entry."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    staff.sign_ins.filter(since__lte=now - _longest()).delete()
    request.session.flush()
    login(request, staff, backend=_BACKEND)
    agent = request.headers.get("User-Agent", "")
    row = SignIn.objects.create(
        staff=staff,
        session_key=request.session.session_key or "",
        since=now,
        last_used=now,
        browser=_word(agent, _BROWSERS),
        system=_word(agent, _SYSTEMS),
    )
    request.session[_NUMBER] = row.pk


def whoever_is_here(request: HttpRequest) -> tuple[Staff | AnonymousUser, str]:
    """The person signed in in this browser, and why a session that was here is over ("" when none was)."""
    number = request.session.get(_NUMBER)
    if number is None:
        return AnonymousUser(), ""
    row: SignIn | None = getattr(request.session, "sign_in", None)
    if row is None or row.pk != number:  # the session has another key by now, as after a change of the password
        row = next(iter(ask(_sign_in, number=number)), None)
    why = _why_over(request, row)
    if row is None or why:
        if row is not None:
            record_step(action="session_expired", object="account", staff=row.staff, detail={"why": why})
            row.delete()
        request.session.flush()
        return AnonymousUser(), why
    if timezone.now() - row.last_used >= min(_TOUCH, _idle() / 4):
        SignIn.objects.filter(pk=row.pk).update(last_used=timezone.now())
    return row.staff, ""


def _sign_in(number: int) -> QuerySet[SignIn]:
    return SignIn.objects.select_related("staff").filter(pk=number)


def keeps_its_duties(request: HttpRequest, staff: Staff, duties: str) -> bool:
    """Whether the person answers for the same children as at the first page; when not, the session is ended."""
    if request.session.setdefault(_DUTIES, duties) == duties:
        return True
    record_step(action="session_expired", object="account", staff=staff, detail={"why": "changed"})
    end_here(request)
    return False


def number_here(request: HttpRequest) -> int:
    """The number of this browser's own sign-in."""
    return int(request.session[_NUMBER])


def end_here(request: HttpRequest) -> None:
    """Signs this browser out; the log has its entry."""
    SignIn.objects.filter(pk=request.session.get(_NUMBER)).delete()
    request.session.flush()


def revoke(staff: Staff, number: int) -> bool:
    """Ends one sign-in of this person's own; False where there is none of that number."""
    with transaction.atomic():
        row = staff.sign_ins.filter(pk=number).first()
        if row is None:
            return False
        append(action="device_revoked", object="account", staff=staff, detail={"number": number})
        row.delete()
    return True


def revoke_others(staff: Staff, own: int) -> int:
    """Ends every sign-in of this person but the one in this browser; gives how many."""
    with transaction.atomic():
        others = staff.sign_ins.exclude(pk=own)
        rows = others.count()
        append(action="device_revoked", object="account", staff=staff, detail={"rows": rows})
        others.delete()
    return rows


def _why_over(request: HttpRequest, row: SignIn | None) -> str:
    now = timezone.now()
    if row is None:
        return "revoked"
    if not row.staff.is_active:
        return "closed"
    if not constant_time_compare(request.session.get(HASH_SESSION_KEY, ""), row.staff.get_session_auth_hash()):
        return "changed"
    if now - row.since >= _longest():
        return "absolute"
    if now - row.last_used >= _idle():
        return "idle"
    return ""


def _idle() -> dt.timedelta:
    return dt.timedelta(minutes=settings.ENVIRONMENT.session_minutes)


def _longest() -> dt.timedelta:
    return dt.timedelta(hours=settings.ENVIRONMENT.session_hours)


def _word(agent: str, words: tuple[tuple[str, str], ...]) -> str:
    """A coarse word for a browser or system; the rest of what a browser tells about itself is not kept."""
    return next((word for mark, word in words if mark in agent), "other")
