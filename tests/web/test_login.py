"""Logging in and out: wrong passwords lock a login for a while, sessions end when idle, addresses stay ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from fixed import PASSWORD
from tsunagu_web.access.table import TABLE, Form, Role, Thing
from tsunagu_web.accounts import services
from tsunagu_web.accounts.models import FailedLogin, Staff
from tsunagu_web.audit.models import Event


def attempt(client: Client, login: str, password: str, **more: str) -> object:
    return client.post("/login/", {"login": login, "password": password, **more})


def test_it_logs_in_and_out_and_records_both(staff: Callable[..., Staff]) -> None:
    who, client = staff(), Client()
    answer = attempt(client, who.login, PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/")  # type: ignore[attr-defined,index]
    assert client.post("/logout/").status_code == 302
    assert client.get("/children/").status_code == 302
    assert [(e.action, e.actor) for e in Event.objects.order_by("number")] == [
        ("log_in", who.actor),
        ("log_out", who.actor),
    ]


def test_wrong_passwords_lock_the_login_for_a_while(
    staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    who, client = staff(), Client()
    for _ in range(settings.ENVIRONMENT.lockout_tries):
        text = attempt(client, who.login, "wrong").content.decode()  # type: ignore[attr-defined]
        assert "正しくありません" in text
    locked = attempt(client, who.login, PASSWORD)
    assert "しばらく使えません" in locked.content.decode()  # type: ignore[attr-defined]
    assert FailedLogin.objects.count() == settings.ENVIRONMENT.lockout_tries
    later = timezone.now() + dt.timedelta(minutes=settings.ENVIRONMENT.lockout_minutes + 1)
    monkeypatch.setattr(services.timezone, "now", lambda: later)
    assert attempt(client, who.login, PASSWORD).status_code == 302  # type: ignore[attr-defined]
    assert FailedLogin.objects.count() == 0


def test_an_unknown_login_looks_like_a_wrong_password_and_is_kept_nowhere(desk: None) -> None:
    typed = "perhaps-a-password"
    text = attempt(Client(), typed, "x").content.decode()  # type: ignore[attr-defined]
    assert "正しくありません" in text
    assert "しばらく使えません" not in text
    bodies = "".join(Event.objects.values_list("body", flat=True))
    assert "log_in_failed" in bodies
    assert typed not in bodies


def test_somebody_who_left_cannot_log_in(staff: Callable[..., Staff]) -> None:
    who = staff()
    client = Client()
    client.force_login(who)
    Staff.objects.filter(pk=who.pk).update(is_active=False)
    assert attempt(Client(), who.login, PASSWORD).status_code == 200  # type: ignore[attr-defined]
    assert client.get("/children/").status_code == 302, "an open session ends too"


def test_an_idle_session_ends(staff: Callable[..., Staff]) -> None:
    client = Client()
    client.force_login(staff())
    client.get("/children/")
    ends = Session.objects.get().expire_date - timezone.now()
    assert ends <= dt.timedelta(minutes=settings.ENVIRONMENT.session_minutes)
    Session.objects.update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    assert client.get("/children/").status_code == 302


@pytest.mark.parametrize("wanted", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_after_logging_in_nobody_is_led_elsewhere(wanted: str, staff: Callable[..., Staff]) -> None:
    answer = attempt(Client(), staff().login, PASSWORD, next=wanted)
    assert answer["Location"] == "/"  # type: ignore[index]
    assert attempt(Client(), staff().login, PASSWORD, next="/log/")["Location"] == "/log/"  # type: ignore[index]


def test_each_role_begins_where_its_work_is(as_role: Callable[..., Client]) -> None:
    for role in Role:
        things = {permit.thing for permit in TABLE[role] if permit.form is Form.FULL}
        wanted = "/children/" if Thing.WORKLIST in things else "/log/" if role == Role.AUDITOR else "/purpose/"
        assert as_role(role).get("/")["Location"] == wanted


def test_a_form_from_elsewhere_is_refused(staff: Callable[..., Staff]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff())
    answer = client.post("/logout/")
    assert answer.status_code == 403
    assert "期限が切れました" in answer.content.decode()


def test_every_answer_carries_the_safe_headers(as_role: Callable[..., Client]) -> None:
    for answer in (Client().get("/login/"), as_role().get("/children/"), as_role().get("/nothing/")):
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_language_is_japanese_until_somebody_chooses(desk: None) -> None:
    client = Client()
    assert '<html lang="ja">' in client.get("/login/").content.decode()
    assert '<html lang="ja">' in client.get("/login/", headers={"accept-language": "en-US,en"}).content.decode()
    client.post("/language/", {"language": "en", "next": "/login/"})
    page = client.get("/login/").content.decode()
    assert '<html lang="en">' in page
    assert "Log in" in page


def test_a_fault_of_the_program_shows_no_value(
    as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_a: object, **_k: object) -> None:
        raise ValueError("例川 あおい")

    monkeypatch.setattr("tsunagu_web.worklist.queries.listed", broken)
    client = as_role()
    client.raise_request_exception = False
    answer = client.get("/children/")
    assert answer.status_code == 500
    assert "例川" not in answer.content.decode()
    assert [r.getMessage() for r in caplog.records if r.name == "tsunagu.desk"]
    assert not any("例川" in r.getMessage() for r in caplog.records if r.name == "tsunagu.desk")


def test_a_request_under_a_strange_name_is_refused_in_plain_words(desk: None) -> None:
    answer = Client().get("/login/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert "読み取れませんでした" in answer.content.decode()
    assert "elsewhere" not in answer.content.decode()
