"""Each guard of signing in taken out in turn: what it keeps closed then opens, so the tests of it can fail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.utils import timezone
from signed_in import code_of, give_code, give_password, is_in, signed_in, with_totp

from tsunagu_web.accounts import arrival, factors, lockout, own_views, services, sessions
from tsunagu_web.accounts.models import FailedLogin, SignIn, Staff

Opens = Callable[[Staff], bool]


def a_password_alone(who: Staff) -> bool:
    with_totp(who)
    client = Client()
    give_password(client, who.login)
    return is_in(client)


def a_code_twice(who: Staff) -> bool:
    secret = with_totp(who)
    code = code_of(secret)
    for _ in range(2):
        client = Client()
        give_password(client, who.login)
        give_code(client, code)
    return is_in(client)


def guessing_on(who: Staff) -> bool:
    secret = with_totp(who)
    client = Client()
    for _ in range(settings.ENVIRONMENT.lockout_tries):
        give_password(client, who.login)
        give_code(client, "000000")
    give_password(client, who.login)
    give_code(client, code_of(secret))
    return is_in(client)


def an_idle_session(who: Staff) -> bool:
    client = signed_in(who)
    SignIn.objects.update(last_used=timezone.now() - dt.timedelta(hours=2))
    return is_in(client)


def another_duty(who: Staff) -> bool:
    client = signed_in(who)
    is_in(client)
    who.duties.create(kind="school", key="999", starts_on=timezone.localdate())
    return is_in(client)


def a_desk_left_open(who: Staff) -> bool:
    client = signed_in(who)
    session = client.session
    del session["tsunagu_confirmed"]
    session.save()
    return client.get("/account/password/").status_code == 200


def the_last_factor(who: Staff) -> bool:
    client = signed_in(who)
    with_totp(who)
    client.post("/account/remove-factor/", {"number": factors.factors_of(who)[0].pk})
    return not factors.has_factor(who)


def a_closed_login_costs_no_hash(who: Staff) -> bool:
    for _ in range(settings.ENVIRONMENT.lockout_tries):
        give_password(Client(), who.login, "wrong")
    hashes: list[int] = []
    encode = MD5PasswordHasher.encode
    with pytest.MonkeyPatch.context() as counted:
        counted.setattr(MD5PasswordHasher, "encode", lambda *a: hashes.append(1) or encode(*a))
        give_password(Client(), who.login, "wrong")
    return not hashes


def _count_without_end(staff: Staff) -> FailedLogin:
    return FailedLogin.objects.create(staff=staff, at=timezone.now())


def _use_totp_again(row: factors.Authenticator, code: str) -> bool:
    return factors._counter(factors.get_adapter().decrypt(row.data["secret"]), code) is not None


_remember = arrival._remember


def _remember_as_proved(*who: object, **kept: object) -> None:
    _remember(*who, **{**kept, "proved": "totp"})  # type: ignore[arg-type]


GUARDS: list[tuple[Opens, object, str, object]] = [
    (a_password_alone, arrival, "_remember", _remember_as_proved),
    (a_code_twice, factors, "_use_totp", _use_totp_again),
    (guessing_on, lockout, "reserve_try", _count_without_end),
    (guessing_on, lockout, "forgive", lambda attempt: lockout.forgive_all(attempt.staff)),
    (an_idle_session, sessions, "_why_over", lambda request, row: ""),
    (another_duty, sessions, "keeps_its_duties", lambda *a: True),
    (a_desk_left_open, own_views.services, "is_confirmed", lambda request: True),
    (the_last_factor, factors, "may_remove", lambda staff: True),
    (a_closed_login_costs_no_hash, services, "make_password", lambda password: ""),
]


@pytest.mark.parametrize(("opens", "room", "name", "out"), GUARDS, ids=[f"{g[0].__name__}-{g[2]}" for g in GUARDS])
def test_it_stays_closed_with_the_guard_and_opens_without(
    opens: Opens, room: object, name: str, out: object, staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not opens(staff())
    monkeypatch.setattr(room, name, out)
    assert opens(staff("supervisor")), f"without {name} this opens, so the test above can fail"
