"""Staff and browsers for tests: before, between and after the two factors; and codes of an authenticator app."""

from __future__ import annotations

import time

from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.contrib import auth
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone

from fixed import PASSWORD
from tsunagu_web.access.models import INTAKE_TEAM
from tsunagu_web.access.table import DUTIES
from tsunagu_web.access.terms import Role, Scope
from tsunagu_web.accounts.models import SignIn, Staff
from tsunagu_web.accounts.session_store import SessionStore
from tsunagu_web.duties.middleware import SESSION_KEY as PURPOSE_KEY


def a_member_of_staff(role: str = Role.LEAD_WORKER, *, login: str | None = None, school: str = "102") -> Staff:
    """Somebody with a role and its duties: the intake team, school 102, or the classroom 102:5:1."""
    login = login or f"{role}-{school}"
    known = Staff.objects.filter(login=login).first()
    if known:
        return known
    new = Staff.objects.create(login=login, password=PASSWORD, name="職員A", role=role, department="こども家庭センター")
    keys = {Scope.TEAM: INTAKE_TEAM, Scope.SCHOOL: school, Scope.CLASSROOM: f"{school}:5:1"}
    for kind in DUTIES[Role(role)]:
        new.duties.create(kind=kind, key=keys[kind], starts_on=timezone.localdate())
    return new


def signed_in(staff: Staff, purpose: str = "", **more: object) -> Client:
    """A browser as it is after both factors, without walking through them; with a purpose, one is picked too.

    The session is written once: Django's own `force_login` and each further change would write it anew.
    """
    client = Client(**more)  # type: ignore[arg-type]
    now = timezone.now()
    session = SessionStore()
    session.create()
    row = SignIn.objects.create(
        staff=staff, session_key=session.session_key, since=now, last_used=now, browser="chrome", system="linux"
    )
    session[auth.SESSION_KEY] = str(staff.pk)
    session[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[auth.HASH_SESSION_KEY] = staff.get_session_auth_hash()
    session["tsunagu_sign_in"] = row.pk
    session["tsunagu_confirmed"] = now.isoformat()
    if purpose:
        session[PURPOSE_KEY] = purpose
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def goes_on(client: Client, answer: HttpResponseBase, purpose: str) -> bool:
    """Whether this answer left the browser signed in, under this purpose; only few pages sign out or pick another.

    A cookie alone does not say so: the first page of a session writes into it what was seen, and sends it again.
    """
    sent = answer.cookies.get(settings.SESSION_COOKIE_NAME)  # type: ignore[attr-defined]  # as every answer has them
    return sent is None or (bool(sent.value) and client.session.get(PURPOSE_KEY) == purpose)


def with_totp(staff: Staff) -> str:
    """Sets an authenticator app up for somebody and gives its secret."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(staff, secret)
    return secret


def code_of(secret: str, *, steps: int = 0, at: float | None = None) -> str:
    """What the app shows now (or at a moment), or some steps of thirty seconds later."""
    moment = time.time() if at is None else at
    return totp.format_hotp_value(totp.hotp_value(secret, int(moment) // 30 + steps))


def give_password(client: Client, login: str, password: str = PASSWORD, **more: str) -> object:
    return client.post("/login/", {"login": login, "password": password, **more})


def give_code(client: Client, code: str) -> object:
    return client.post("/login/second-factor/", {"code": code})


def is_in(client: Client) -> bool:
    """Whether this browser reaches a page that needs somebody."""
    return client.get("/account/").status_code == 200
