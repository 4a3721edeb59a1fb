"""Browsers for tests: before, between and after the two factors; and codes of an authenticator app."""

from __future__ import annotations

import time

from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.utils import timezone

from fixed import PASSWORD
from tsunagu_web.accounts.models import SignIn, Staff


def signed_in(staff: Staff, **more: object) -> Client:
    """A browser as it is after both factors, without walking through them."""
    client = Client(**more)  # type: ignore[arg-type]
    client.force_login(staff)
    now = timezone.now()
    row = SignIn.objects.create(staff=staff, since=now, last_used=now, browser="chrome", system="linux")
    session = client.session
    session["tsunagu_sign_in"] = row.pk
    session["tsunagu_confirmed"] = now.isoformat()
    session.save()
    return client


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
