"""One's own account: factors are added and taken away only after the password, and one always stays."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from django.utils import timezone
from signed_in import code_of, give_code, give_password, is_in, signed_in, with_totp

from fixed import PASSWORD
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts import services
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event

NEW = "quite another long one"
GUARDED = [
    ("/account/password/", {"password": NEW, "again": NEW}),
    ("/account/add-factor/", {"code": "000000"}),
    ("/account/remove-factor/", {"number": "1"}),
    ("/account/recovery-codes/", {"act": "renew"}),
]


def kinds(who: Staff) -> list[str]:
    return sorted(Authenticator.objects.filter(user=who).values_list("type", flat=True))


def a_passkey(who: Staff) -> Authenticator:
    return Authenticator.objects.create(user=who, type=Authenticator.Type.WEBAUTHN, data={"name": "", "credential": {}})


@pytest.mark.parametrize(("path", "sent"), GUARDED, ids=[path for path, _ in GUARDED])
def test_a_desk_left_open_changes_nothing_without_the_password(
    path: str, sent: dict[str, str], staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, who = signed_in(staff()), staff()
    with_totp(who)
    a_passkey(who)
    before = (kinds(who), who.password)
    later = timezone.now() + dt.timedelta(minutes=10)
    with monkeypatch.context() as clock:
        clock.setattr(services.timezone, "now", lambda: later)
        assert client.post(path, sent)["Location"] == "/account/confirm/"
        who.refresh_from_db()
        assert (kinds(who), who.password) == before
        assert "正しくありません" in client.post("/account/confirm/", {"password": "wrong"}).content.decode()
        assert client.post("/account/confirm/", {"password": PASSWORD})["Location"] == "/account/"
        answer = client.post(path, sent)
        assert answer.get("Location", "") != "/account/confirm/", "now it is asked no more"


def test_wrong_confirmations_close_the_login_too(staff: Callable[..., Staff]) -> None:
    client = signed_in(staff())
    for _ in range(settings.ENVIRONMENT.lockout_tries):
        client.post("/account/confirm/", {"password": "wrong"})
    assert client.post("/account/confirm/", {"password": PASSWORD}).status_code == 200
    assert give_password(Client(), staff().login).status_code == 200  # type: ignore[attr-defined]


def test_the_last_factor_stays(staff: Callable[..., Staff]) -> None:
    client, who = signed_in(staff()), staff()
    with_totp(who)
    app = Authenticator.objects.get(user=who)
    answer = client.post("/account/remove-factor/", {"number": app.pk}, follow=True)
    assert "先に、ほかの方法を足してください" in answer.content.decode()
    passkey = a_passkey(who)
    client.post("/account/remove-factor/", {"number": app.pk})
    assert kinds(who) == ["webauthn"]
    client.post("/account/remove-factor/", {"number": passkey.pk})
    assert kinds(who) == ["webauthn"]
    assert [e.action for e in Event.objects.all()] == ["factor_removed"]


def test_recovery_codes_are_no_factor_to_be_left_with(staff: Callable[..., Staff]) -> None:
    client, who = signed_in(staff()), staff()
    with_totp(who)
    client.post("/account/recovery-codes/", {"act": "renew"})
    client.post("/account/remove-factor/", {"number": Authenticator.objects.get(user=who, type="totp").pk})
    assert kinds(who) == ["recovery_codes", "totp"]


def test_nobody_removes_a_factor_of_somebody_else(staff: Callable[..., Staff]) -> None:
    client, other = signed_in(staff()), staff(Role.AUDITOR)
    with_totp(staff())
    a_passkey(staff())
    with_totp(other)
    a_passkey(other)
    client.post("/account/remove-factor/", {"number": Authenticator.objects.filter(user=other).first().pk})
    assert kinds(other) == ["totp", "webauthn"]


def test_an_app_set_up_anew_takes_the_place_of_the_old_one(staff: Callable[..., Staff]) -> None:
    client, who = signed_in(staff()), staff()
    old = with_totp(who)
    page = client.get("/account/add-factor/").content.decode()
    new = re.search(r'class="code-text">([A-Z2-7 ]+)<', page)[1].replace(" ", "")  # type: ignore[index]
    assert client.post("/account/add-factor/", {"code": "000000"}).status_code == 200
    client.post("/account/add-factor/", {"code": code_of(new)})
    assert kinds(who) == ["recovery_codes", "totp"]
    for secret, led in ((old, None), (new, "/login/recovery-codes/")):
        fresh = Client()
        give_password(fresh, who.login)
        assert give_code(fresh, code_of(secret, steps=1)).headers.get("Location") == led  # type: ignore[attr-defined]


def test_new_recovery_codes_void_the_old_and_are_shown_once(staff: Callable[..., Staff]) -> None:
    client, who = signed_in(staff()), staff()
    with_totp(who)

    def renewed() -> list[str]:
        page = client.post("/account/recovery-codes/", {"act": "renew"}, follow=True).content.decode()
        return re.findall(r"<li>(\d{8})</li>", page)

    first, second = renewed(), renewed()
    assert len(first) == len(second) == 10
    assert not set(first) & set(second)
    assert client.post("/account/recovery-codes/")["Location"] == "/account/"
    assert client.get("/account/recovery-codes/")["Location"] == "/account/"
    for code, opens in ((first[0], False), (second[0], True)):
        fresh = Client()
        give_password(fresh, who.login)
        give_code(fresh, code)
        assert is_in(fresh) == opens
    assert "残り 9 個" in client.get("/account/").content.decode()


def test_a_new_password_keeps_this_browser_and_ends_the_others(staff: Callable[..., Staff]) -> None:
    who = staff()
    here, other = signed_in(who), signed_in(who)
    for sent in (
        {"password": "short", "again": "short"},
        {"password": PASSWORD, "again": PASSWORD},
        {"password": NEW, "again": NEW + "!"},
        {"password": "password12345", "again": "password12345"},
    ):
        assert here.post("/account/password/", sent).status_code == 200, sent
    assert here.post("/account/password/", {"password": NEW, "again": NEW})["Location"] == "/account/"
    assert is_in(here)
    assert not is_in(other)
    assert give_password(Client(), who.login).status_code == 200  # type: ignore[attr-defined]
    assert give_password(Client(), who.login, NEW).status_code == 302  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "answer", ["", "x", "[]", "{}", '{"id": 1}', '{"id": "AA", "rawId": "AA", "type": "x"}', "[" * 9000]
)
def test_an_answer_that_is_no_passkey_is_refused_in_plain_words(answer: str, staff: Callable[..., Staff]) -> None:
    client, who = signed_in(staff(), headers={"host": "localhost"}), staff()
    client.get("/account/add-factor/")
    page = client.post("/account/add-factor/", {"answer": answer})
    assert page.status_code == 200
    assert "パスキーを登録できませんでした" in page.content.decode()
    assert kinds(who) == []
    arriving = Client(headers={"host": "localhost"})
    with_totp(who)
    give_password(arriving, who.login)
    page = arriving.post("/login/second-factor/", {"answer": answer})
    assert page.status_code == 200
    assert "正しくありません" in page.content.decode()
    assert Event.objects.latest("number").action in ("second_factor_failed", "password_accepted")


def test_every_change_of_factors_is_in_the_log_without_a_secret(staff: Callable[..., Staff]) -> None:
    client, who = signed_in(staff()), staff()
    secret = with_totp(who)
    client.post("/account/recovery-codes/", {"act": "renew"})
    client.post("/account/password/", {"password": NEW, "again": NEW})
    bodies = [json.loads(b) for b in Event.objects.order_by("number").values_list("body", flat=True)]
    assert [b["action"] for b in bodies] == ["factor_added", "password_changed"]
    assert {b["actor"] for b in bodies} == {who.actor}
    assert secret not in json.dumps(bodies)
    assert NEW not in json.dumps(bodies)
