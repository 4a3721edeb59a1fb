"""Signed-in browsers: idle and absolute limits, revocation, and an end with every change of duty."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from signed_in import code_of, give_code, give_password, is_in, signed_in, with_totp

from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import SignIn, Staff
from tsunagu_web.accounts.session_store import SessionStore
from tsunagu_web.audit.models import Event

IDLE = dt.timedelta(minutes=settings.ENVIRONMENT.session_minutes)
LONGEST = dt.timedelta(hours=settings.ENVIRONMENT.session_hours)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def last_reason() -> str:
    event = Event.objects.filter(action="session_expired").latest("number")
    return str(json.loads(event.body)["detail"]["why"])


@pytest.mark.parametrize(
    ("since", "last_used", "why"),
    [
        (IDLE, IDLE, "idle"),
        (IDLE, IDLE - dt.timedelta(seconds=5), ""),
        (LONGEST, dt.timedelta(), "absolute"),
        (LONGEST - dt.timedelta(seconds=5), dt.timedelta(), ""),
    ],
)
def test_a_session_ends_when_idle_and_when_old(
    since: dt.timedelta, last_used: dt.timedelta, why: str, staff: Callable[..., Staff]
) -> None:
    client, now = signed_in(staff()), timezone.now()
    SignIn.objects.update(since=now - since, last_used=now - last_used)
    answer = client.get("/account/")
    if not why:
        assert answer.status_code == 200
        assert not Event.objects.filter(action="session_expired").exists()
        return
    assert answer["Location"].startswith("/login/")
    assert last_reason() == why
    assert SignIn.objects.count() == 0
    assert "ログアウトしました" in client.get("/login/").content.decode(), "the person is told"
    assert not is_in(client)


def test_use_keeps_a_session_but_not_beyond_its_longest(staff: Callable[..., Staff]) -> None:
    client, now = signed_in(staff()), timezone.now()
    SignIn.objects.update(last_used=now - IDLE + dt.timedelta(minutes=1))
    assert is_in(client)
    assert SignIn.objects.get().last_used >= now
    assert SignIn.objects.get().since <= now, "its beginning stays"
    longest = Session.objects.get(pk=client.session.session_key).expire_date - now
    assert longest <= LONGEST + dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"role": Role.SUPERVISOR}, "changed"),
        ({"department": "別の課"}, "changed"),
        ({"password": "!"}, "changed"),
        ({"is_active": False}, "closed"),
        ({"name": "職員Z"}, ""),
    ],
)
def test_a_change_of_duty_or_a_closed_login_ends_its_sessions_at_the_next_request(
    change: dict[str, object], why: str, staff: Callable[..., Staff]
) -> None:
    client, other = signed_in(staff()), signed_in(staff(Role.AUDITOR))
    Staff.objects.filter(pk=staff().pk).update(**change)
    assert is_in(client) == (not why)
    assert is_in(other), "nobody else is touched"
    if why:
        assert last_reason() == why


def test_a_duty_given_or_taken_ends_the_session_and_the_same_ones_do_not(staff: Callable[..., Staff]) -> None:
    client, who = signed_in(staff()), staff()
    assert is_in(client)
    assert is_in(client)
    who.duties.create(kind="school", key="102", starts_on=timezone.localdate())
    assert not is_in(client)
    assert last_reason() == "changed"
    client = signed_in(who)
    assert is_in(client)
    who.duties.update(ends_on=timezone.localdate() - dt.timedelta(days=1), starts_on=dt.date(2026, 1, 1))
    assert not is_in(client)


def test_a_revoked_browser_is_refused_at_its_next_request(staff: Callable[..., Staff]) -> None:
    who = staff()
    here, lost, third = signed_in(who), signed_in(who), signed_in(who)
    number = lost.session["tsunagu_sign_in"]
    page = here.get("/account/").content.decode()
    assert page.count("<li>") >= 3
    assert page.count("このブラウザ</span>") == 1
    here.post("/account/revoke/", {"number": number})
    assert lost.get("/children/")["Location"].startswith("/login/")
    assert "ほかのブラウザからログアウト" in lost.get("/login/").content.decode()
    assert is_in(here)
    assert is_in(third)
    here.post("/account/revoke/", {"act": "others"})
    assert is_in(here)
    assert not is_in(third)
    assert list(Event.objects.values_list("action", flat=True).order_by("number")) == ["device_revoked"] * 2


def test_nobody_revokes_the_browser_of_somebody_else_nor_their_own_by_this_way(staff: Callable[..., Staff]) -> None:
    here, other = signed_in(staff()), signed_in(staff(Role.AUDITOR))
    for client in (other, here):
        here.post("/account/revoke/", {"number": client.session["tsunagu_sign_in"]})
    here.post("/account/revoke/", {"number": "x"})
    assert is_in(here)
    assert is_in(other)
    assert not Event.objects.filter(action="device_revoked").exists()


def test_logging_out_ends_this_browser_only_and_a_copied_cookie_with_it(staff: Callable[..., Staff]) -> None:
    here, other = signed_in(staff()), signed_in(staff())
    copied = Client()
    copied.cookies[settings.SESSION_COOKIE_NAME] = here.session.session_key
    assert is_in(copied)
    here.post("/logout/")
    assert not is_in(copied)
    assert is_in(other)


def test_of_a_browser_only_coarse_words_are_kept(staff: Callable[..., Staff]) -> None:
    client = Client(headers={"user-agent": FIREFOX}, REMOTE_ADDR="192.0.2.77")
    secret = with_totp(staff())
    give_password(client, staff().login)
    give_code(client, code_of(secret))
    row = SignIn.objects.values().get()
    assert (row["browser"], row["system"]) == ("firefox", "windows")
    written = json.dumps([{k: str(v) for k, v in row.items()}, [s.get_decoded() for s in Session.objects.all()]])
    assert "192.0.2" not in written
    assert "140.0" not in written
    assert "Firefox / Windows" in client.get("/account/").content.decode()


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/140 Safari/537 Edg/140", "edge", "windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit Chrome/140 Mobile Safari/537", "chrome", "android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit Safari/604", "safari", "iphone"),
        ("", "other", "other"),
        ("<script>", "other", "other"),
    ],
)
def test_the_words_of_browsers(agent: str, browser: str, system: str, staff: Callable[..., Staff]) -> None:
    secret = with_totp(staff())
    client = Client(headers={"user-agent": agent})
    give_password(client, staff().login)
    give_code(client, code_of(secret))
    row = SignIn.objects.get()
    assert (row.browser, row.system) == (browser, system)


def test_signing_in_clears_away_sessions_that_are_over(staff: Callable[..., Staff]) -> None:
    old = signed_in(staff())
    SignIn.objects.update(since=timezone.now() - LONGEST)
    Session.objects.update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    secret, client = with_totp(staff()), Client()
    give_password(client, staff().login)
    give_code(client, code_of(secret))
    assert SignIn.objects.count() == 1
    assert Session.objects.count() == 1
    assert not is_in(old)


def test_a_session_that_cannot_be_written_as_ended_shows_nothing(
    staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(staff())
    SignIn.objects.update(last_used=timezone.now() - IDLE)

    def unwritable(**_fields: object) -> None:
        raise OperationalError("no room")

    monkeypatch.setattr("tsunagu_web.audit.looks.append_now", unwritable)
    client.raise_request_exception = False
    answer = client.get("/children/")
    assert answer.status_code == 503
    assert "例" not in answer.content.decode()
    assert SignIn.objects.exists(), "the entry comes before the effect"


@pytest.mark.of_postgresql_alone
def test_a_connection_that_the_database_ended_between_two_requests_is_made_anew(desk: None) -> None:
    found: list[object] = []

    def work() -> None:
        """As a request begins on a connection kept from the last one; a thread has its own."""
        try:
            connection.ensure_connection()
            for is_ended in (False, True):
                connection.close_if_unusable_or_obsolete()
                if is_ended:
                    _end(connection.connection.info.backend_pid)
                before = connection.connection
                found.append((SessionStore("nobodys").load(), connection.connection is before))
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [({}, True), ({}, False)]


def _end(backend: int) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [backend])
            assert cursor.fetchone() == (True,)
    finally:
        other.close()
