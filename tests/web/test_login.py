"""Signing in: two factors for everybody, wrong ones close a login for a while, and nothing tells which logins exist."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from signed_in import code_of, give_code, give_password, is_in, signed_in, with_totp

from fixed import PASSWORD
from tsunagu_web.access.table import TABLE
from tsunagu_web.access.terms import Form, Role, Thing
from tsunagu_web.accounts import arrival, lockout
from tsunagu_web.accounts.models import FailedLogin, Staff
from tsunagu_web.audit.models import Event

TRIES = settings.ENVIRONMENT.lockout_tries
A_WRONG_CODE = "000000"


def actions() -> list[str]:
    return list(Event.objects.order_by("number").values_list("action", flat=True))


def text(answer: object) -> str:
    assert isinstance(answer, HttpResponse)
    return answer.content.decode()


def test_it_takes_both_factors_and_records_each_step(staff: Callable[..., Staff]) -> None:
    who, client = staff(), Client()
    secret = with_totp(who)
    assert give_password(client, who.login)["Location"] == "/login/second-factor/"  # type: ignore[index]
    assert not is_in(client), "a password alone opens nothing"
    assert give_code(client, code_of(secret))["Location"] == "/"  # type: ignore[index]
    assert is_in(client)
    assert client.post("/logout/").status_code == 302
    assert not is_in(client)
    assert actions() == ["password_accepted", "second_factor_accepted", "log_in", "log_out"]
    assert set(Event.objects.values_list("actor", flat=True)) == {who.actor}


def test_the_log_is_written_before_anybody_is_in(staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch) -> None:
    who, client = staff(), Client()
    secret = with_totp(who)
    give_password(client, who.login)

    def unwritable(**_fields: object) -> None:
        raise OperationalError("no room")

    with monkeypatch.context() as broken:
        broken.setattr("tsunagu_web.audit.looks.append_now", unwritable)
        for answer in (give_code(client, code_of(secret)), give_password(Client(), who.login)):
            assert answer.status_code == 503  # type: ignore[attr-defined]
            assert "閲覧記録に書けない" in text(answer)
    assert not is_in(client)
    assert not who.sign_ins.exists()


def test_the_first_time_a_factor_is_set_up_and_nothing_else_is_reachable(staff: Callable[..., Staff]) -> None:
    who, client = staff(), Client()
    assert give_password(client, who.login)["Location"] == "/login/set-up/"  # type: ignore[index]
    for path in ("/children/", "/log/", "/account/", "/account/add-factor/"):
        assert client.get(path)["Location"].startswith("/login/"), path
    assert client.get("/login/recovery-codes/")["Location"] == "/login/set-up/"
    page = text(client.get("/login/set-up/"))
    shown = re.search(r'class="code-text">([A-Z2-7 ]+)<', page)
    assert shown
    secret = shown[1].replace(" ", "")
    assert "コードが合いません" in text(client.post("/login/set-up/", {"code": A_WRONG_CODE}))
    assert client.post("/login/set-up/", {"code": code_of(secret)})["Location"] == "/login/recovery-codes/"
    assert not is_in(client), "not before the recovery codes were kept"
    codes = re.findall(r"<li>(\d{8})</li>", text(client.get("/login/recovery-codes/")))
    assert len(codes) == 10
    assert client.post("/login/recovery-codes/")["Location"] == "/"
    assert is_in(client)
    assert actions() == ["password_accepted", "factor_added", "log_in"]
    assert client.get("/login/recovery-codes/")["Location"] == "/login/", "they are never shown again"
    # A recovery code opens the desk once, in place of the app.
    for _, opens in ((1, True), (2, False)):
        other = Client()
        give_password(other, who.login)
        give_code(other, codes[0])
        assert is_in(other) == opens


def test_who_set_a_factor_up_and_went_away_sees_the_recovery_codes_next_time(staff: Callable[..., Staff]) -> None:
    who, client = staff(), Client()
    give_password(client, who.login)
    page = text(client.get("/login/set-up/"))
    secret = re.search(r'class="code-text">([A-Z2-7 ]+)<', page)[1].replace(" ", "")  # type: ignore[index]
    client.post("/login/set-up/", {"code": code_of(secret)})
    again = Client()
    give_password(again, who.login)
    assert give_code(again, code_of(secret, steps=1))["Location"] == "/login/recovery-codes/"  # type: ignore[index]


def test_secrets_are_encrypted_at_rest(staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch) -> None:
    who, client = staff(), Client()
    give_password(client, who.login)
    page = text(client.get("/login/set-up/"))
    secret = re.search(r'class="code-text">([A-Z2-7 ]+)<', page)[1].replace(" ", "")  # type: ignore[index]
    kept_before = json.dumps([s.get_decoded() for s in Session.objects.all()])
    client.post("/login/set-up/", {"code": code_of(secret)})
    codes = re.findall(r"<li>(\d{8})</li>", text(client.get("/login/recovery-codes/")))
    kept = json.dumps([a.data for a in Authenticator.objects.all()])
    assert "tsunagu_totp" in kept_before
    for shown in (secret, *codes):
        assert shown not in kept
        assert shown not in kept_before
    # The control: with encryption out, the same check finds the secret.
    monkeypatch.setattr("tsunagu_web.accounts.adapter.SecondFactors.encrypt", lambda _self, written: written)
    Authenticator.objects.all().delete()
    plain = with_totp(who)
    assert plain in json.dumps([a.data for a in Authenticator.objects.all()])


def test_without_the_desks_key_a_factor_does_not_open_and_the_log_says_what_to_do(
    staff: Callable[..., Staff], caplog: pytest.LogCaptureFixture
) -> None:
    who, client = staff(), Client()
    secret = with_totp(who)
    give_password(client, who.login)
    Authenticator.objects.update(data={"secret": "gAAAAABother"})
    client.raise_request_exception = False
    assert give_code(client, code_of(secret)).status_code == 500  # type: ignore[attr-defined]
    assert not is_in(client)
    assert "staff-renew" in caplog.text
    assert secret not in caplog.text


def test_a_code_is_used_once_and_an_older_one_never(staff: Callable[..., Staff]) -> None:
    who = staff()
    secret, now = with_totp(who), time.time()
    for steps, opens in ((0, True), (0, False), (-1, False), (1, True), (1, False), (5, False)):
        client = Client()
        give_password(client, who.login)
        give_code(client, code_of(secret, steps=steps, at=now))
        assert is_in(client) == opens, steps


def test_digits_as_a_japanese_keyboard_writes_them_are_taken(staff: Callable[..., Staff]) -> None:
    who, client = staff(), Client()
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    secret = with_totp(who)
    give_password(client, who.login)
    give_code(client, code_of(secret).translate(wide))
    assert is_in(client)


def test_the_code_of_somebody_else_opens_nothing(staff: Callable[..., Staff]) -> None:
    who, other = staff(), staff(Role.SUPERVISOR)
    with_totp(who)
    secret = with_totp(other)
    client = Client()
    give_password(client, who.login)
    assert "正しくありません" in text(give_code(client, code_of(secret)))
    assert actions()[-1] == "second_factor_failed"


def test_djangos_session_alone_opens_nothing(staff: Callable[..., Staff]) -> None:
    client = Client()
    client.force_login(staff())
    assert not is_in(client), "no sign-in with both factors stands behind it"


@pytest.mark.parametrize("path", ["second-factor", "new-password", "set-up", "recovery-codes"])
def test_no_step_is_reached_without_the_one_before(path: str, staff: Callable[..., Staff]) -> None:
    client = Client()
    for answer in (client.get(f"/login/{path}/"), client.post(f"/login/{path}/", {"code": A_WRONG_CODE})):
        assert answer["Location"] == "/login/"
    secret = with_totp(staff())
    give_password(client, staff().login)
    if path != "second-factor":
        assert client.post(f"/login/{path}/", {"code": code_of(secret)})["Location"] == "/login/second-factor/"
        assert not is_in(client)


def test_an_arrival_ends_after_ten_minutes_and_with_a_change_of_duty(
    staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    who = staff()
    with_totp(who)
    late, moved, gone = Client(), Client(), Client()
    for client in (late, moved, gone):
        give_password(client, who.login)
        assert client.get("/login/second-factor/").status_code == 200
    later = timezone.now() + dt.timedelta(minutes=10)
    with monkeypatch.context() as clock:
        clock.setattr(arrival.timezone, "now", lambda: later)
        assert late.get("/login/second-factor/")["Location"] == "/login/"
    Staff.objects.filter(pk=who.pk).update(department="別の課")
    assert moved.get("/login/second-factor/")["Location"] == "/login/"
    Staff.objects.filter(pk=who.pk).update(department=who.department, is_active=False)
    assert gone.get("/login/second-factor/")["Location"] == "/login/"


@pytest.mark.parametrize("which", ["password", "code", "both"])
def test_wrong_passwords_and_wrong_codes_count_alike_and_close_the_login(
    which: str, staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    who, client = staff(), Client()
    secret = with_totp(who)
    for number in range(TRIES):
        if which == "password" or (which == "both" and number % 2):
            give_password(Client(), who.login, "wrong")
        else:
            # The right password in between clears nothing: else whoever has it could guess codes for ever.
            give_password(client, who.login)
            give_code(client, A_WRONG_CODE)
    assert FailedLogin.objects.count() == TRIES
    before = text(give_password(Client(), who.login, "wrong"))
    closed = give_password(Client(), who.login)
    assert closed.status_code == 200, "the right password is refused too"  # type: ignore[attr-defined]
    assert without_token(text(closed)) == without_token(before), "and nothing tells that it was right"
    if which != "password":
        assert give_code(client, code_of(secret)).status_code == 200, "so is the right code"  # type: ignore[attr-defined]
        assert not is_in(client)
    assert json.loads(Event.objects.latest("number").body)["detail"] == {"why": "locked"}
    later = timezone.now() + dt.timedelta(minutes=settings.ENVIRONMENT.lockout_minutes + 1)
    monkeypatch.setattr(lockout.timezone, "now", lambda: later)
    fresh = Client()
    give_password(fresh, who.login)
    give_code(fresh, code_of(secret))
    assert is_in(fresh)
    assert FailedLogin.objects.count() == 0


def without_token(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_wrong_unknown_closed_and_left_are_answered_alike_and_cost_one_hash(
    staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong, closed, left = staff(), staff(Role.SUPERVISOR), staff(Role.AUDITOR)
    for _ in range(TRIES):
        give_password(Client(), closed.login, "wrong")
    Staff.objects.filter(pk=left.pk).update(is_active=False)
    hashes: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, password, salt: hashes.append("") or encode(self, password, salt)
    )
    answers = []
    for login, password in ((wrong.login, "x"), ("nobody", "x"), (closed.login, PASSWORD), (left.login, PASSWORD)):
        hashes.clear()
        answer = give_password(Client(), login, password)
        assert len(hashes) == 1, login
        # What was typed stands in its field again; all else must be the same to the byte.
        page = without_token(text(answer)).replace(f'value="{login}"', "")
        answers.append((answer.status_code, page))  # type: ignore[attr-defined]
    assert len(set(answers)) == 1
    assert answers[0][1] != without_token(text(give_password(Client(), "", "x"))), "pages can differ"


def test_what_was_typed_as_an_unknown_login_is_kept_nowhere(desk: None) -> None:
    typed = "perhaps-a-password"
    give_password(Client(), typed, "x")
    bodies = "".join(Event.objects.values_list("body", flat=True))
    assert "log_in_failed" in bodies
    assert typed not in bodies
    assert FailedLogin.objects.count() == 0


def test_a_try_is_counted_before_it_is_judged(staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(
        "tsunagu_web.accounts.services.authenticate", lambda *_a, **_k: seen.append(FailedLogin.objects.count())
    )
    give_password(Client(), staff().login, "wrong")
    assert seen == [1], "many tries at once are no way round"


def test_a_session_gets_a_new_key_at_each_step(staff: Callable[..., Staff]) -> None:
    who, client = staff(), Client()
    secret = with_totp(who)
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    keys = [client.session.session_key]
    give_password(client, who.login)
    keys.append(client.session.session_key)
    give_code(client, code_of(secret))
    keys.append(client.session.session_key)
    assert len(set(keys)) == 3
    assert "planted" not in client.session
    assert Session.objects.filter(session_key__in=keys[:2]).count() == 0


@pytest.mark.parametrize("wanted", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_after_signing_in_nobody_is_led_elsewhere(wanted: str, staff: Callable[..., Staff]) -> None:
    secret = with_totp(staff())
    for steps, asked, led in ((0, wanted, "/"), (1, "/log/", "/log/")):
        client = Client()
        give_password(client, staff().login, next=asked)
        assert give_code(client, code_of(secret, steps=steps))["Location"] == led  # type: ignore[index]


def test_each_role_begins_where_its_work_is(as_role: Callable[..., Client]) -> None:
    for role in Role:
        things = {permit.thing for permit in TABLE[role] if permit.form is Form.FULL}
        wanted = "/children/" if Thing.WORKLIST in things else "/log/" if Thing.ACCESS_LOG in things else "/purpose/"
        if role in (Role.OVERALL_MANAGER, Role.ANALYST):
            wanted = "/decisions/"  # counts
        assert as_role(role).get("/")["Location"] == wanted


def test_a_form_from_elsewhere_is_refused(staff: Callable[..., Staff]) -> None:
    client = signed_in(staff(), enforce_csrf_checks=True)
    for path in ("/logout/", "/account/revoke/", "/account/remove-factor/", "/login/"):
        answer = client.post(path)
        assert answer.status_code == 403, path
        assert "期限が切れました" in answer.content.decode()


def test_every_answer_carries_the_safe_headers(as_role: Callable[..., Client]) -> None:
    # The list has a field for a reason, and with it the desk's own script that counts; the others run none.
    pages = ((Client(), "/login/", ""), (as_role(), "/children/", "'self'"), (as_role(), "/nothing/", ""))
    for client, path, scripts in pages:
        answer = client.get(path)
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert policy.partition("script-src ")[2] == scripts, path
        assert "default-src 'none'" in policy
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_only_a_page_with_a_passkey_runs_the_desks_own_script(staff: Callable[..., Staff]) -> None:
    client = signed_in(staff())
    page = client.get("/account/add-factor/", headers={"host": "localhost:8000"})
    assert page["Content-Security-Policy"].endswith("script-src 'self'")
    assert re.findall(r"<script[^>]*>", text(page)) == ['<script src="/static/desk/passkey.js" defer>']
    at_a_number = client.get("/account/add-factor/", headers={"host": "127.0.0.1:8000"})
    assert "script-src" not in at_a_number["Content-Security-Policy"]
    assert "<script" not in text(at_a_number)
    assert "http://localhost" in text(at_a_number), "it says where passkeys work"


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
