"""Registering, renewing and closing staff by command: a start password opens only the choice of another."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from signed_in import code_of, give_code, give_password, is_in, signed_in, with_totp

from builders import a_child
from tsunagu.errors import StateError
from tsunagu_web.access.models import INTAKE_TEAM, Duty, Team
from tsunagu_web.access.terms import Role, Scope
from tsunagu_web.accounts.models import Staff
from tsunagu_web.accounts.register import school_nobody_knows
from tsunagu_web.audit.models import Event

NEW = "a password of one's own"


def add(**changed: str | None) -> str:
    known = {
        "login": "hanako",
        "name": "職員K",
        "role": Role.LEAD_WORKER,
        "department": "センター",
        "team": INTAKE_TEAM,
    }
    asked = {**known, **changed}
    return run("staff_add", *[f"--{name}={value}" for name, value in asked.items() if value is not None])


def run(command: str, *arguments: str) -> str:
    told = io.StringIO()
    call_command(command, *arguments, stdout=told)
    return told.getvalue()


def start_password(told: str) -> str:
    return re.search(r"start password: (\S+)", told)[1]  # type: ignore[index]


def test_a_new_member_chooses_a_password_then_a_factor_and_is_in(desk: None) -> None:
    given = start_password(add())
    client = Client()
    assert give_password(client, "hanako", given)["Location"] == "/login/new-password/"  # type: ignore[index]
    assert client.get("/login/set-up/")["Location"] == "/login/new-password/", "no factor before an own password"
    assert client.post("/login/new-password/", {"password": given, "again": given}).status_code == 200
    assert client.post("/login/new-password/", {"password": NEW, "again": NEW})["Location"] == "/login/set-up/"
    page = client.get("/login/set-up/").content.decode()
    secret = re.search(r'class="code-text">([A-Z2-7 ]+)<', page)[1].replace(" ", "")  # type: ignore[index]
    client.post("/login/set-up/", {"code": code_of(secret)})
    client.post("/login/recovery-codes/")
    assert is_in(client)
    assert give_password(Client(), "hanako", given).status_code == 200, "it opens nothing any more"  # type: ignore[attr-defined]
    bodies = [json.loads(b) for b in Event.objects.order_by("number").values_list("body", flat=True)]
    assert [b["action"] for b in bodies] == [
        "staff_added", "password_accepted", "password_changed", "factor_added", "log_in", "log_in_failed",
    ]  # fmt: skip
    assert "職員K" not in json.dumps(bodies, ensure_ascii=False)
    assert "hanako" not in json.dumps(bodies)


def test_a_school_that_nobody_knows_is_said_and_not_refused(intake: Callable[..., object]) -> None:
    def told(login: str, role: str, duty: str) -> str:
        said = io.StringIO()
        who = ["--login", login, "--name", "職員K", "--role", role, "--department", "学校"]
        call_command("staff_add", *who, duty, stdout=io.StringIO(), stderr=said)
        return said.getvalue()

    assert "Known schools: none yet" in told("one", Role.VICE_PRINCIPAL, "--school=102"), "before the first run"
    intake(a_child())
    assert told("two", Role.VICE_PRINCIPAL, "--school=102") == ""
    assert told("three", Role.CLASS_TEACHER, "--classroom=201:1:1") == ""
    Team.objects.create(key="east", name="東", schools=["301"])
    assert told("four", Role.VICE_PRINCIPAL, "--school=301") == "", "a team answers for it"
    for login, role, duty in (
        ("five", Role.VICE_PRINCIPAL, "--school=120"),
        ("six", Role.CLASS_TEACHER, "--classroom=120:5:1"),
    ):
        assert "no school 120 so far" in told(login, role, duty)
        assert Staff.objects.get(login=login).duties.exists(), "it is registered all the same"
    assert school_nobody_knows({Scope.TEAM: INTAKE_TEAM})[0] == "", "a team is no school"


@pytest.mark.parametrize(("hours", "opens"), [(71, True), (73, False)])
def test_a_start_password_is_good_for_72_hours(
    hours: int, opens: bool, desk: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = start_password(add())
    later = timezone.now() + dt.timedelta(hours=hours)
    monkeypatch.setattr("tsunagu_web.accounts.services.timezone.now", lambda: later)
    assert (give_password(Client(), "hanako", given).status_code == 302) == opens  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "changed",
    [
        {"role": Role.VICE_PRINCIPAL},
        {"role": Role.VICE_PRINCIPAL, "team": None},
        {"role": Role.AUDITOR},
        {"team": None},
        {"team": "nowhere"},
        {"school": "102"},
        {"login": "x" * 61},
        {"name": ""},
    ],
)
def test_what_is_not_accepted_is_said_without_its_value(changed: dict[str, str], desk: None) -> None:
    with pytest.raises(StateError) as refused:
        add(**changed)
    assert "x" * 61 not in str(refused.value)
    assert refused.value.to_do
    assert Staff.objects.count() == 0
    assert Event.objects.count() == 0, "entry and change stand or fall together"


@pytest.mark.parametrize(
    ("role", "kind", "key"),
    [
        (Role.VICE_PRINCIPAL, "school", "102"),
        (Role.CLASS_TEACHER, "classroom", "102:5:1"),
        (Role.SUPERVISOR, "team", INTAKE_TEAM),
    ],
)
def test_a_duty_that_fits_the_role_comes_with_the_registration(role: str, kind: str, key: str, desk: None) -> None:
    add(**{"team": None, "role": role, kind: key})
    assert list(Duty.objects.values_list("staff__login", "kind", "key")) == [("hanako", kind, key)]


def test_an_unknown_role_and_a_taken_login_are_refused(desk: None) -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        add(role="king")
    add()
    with pytest.raises(StateError, match="taken"):
        add()


def test_closing_ends_sessions_at_their_next_request(staff: Callable[..., Staff]) -> None:
    who = staff()
    secret, client = with_totp(who), signed_in(who)
    assert is_in(client)
    run("staff_close", who.login)
    assert not is_in(client)
    fresh = Client()
    assert give_password(fresh, who.login).status_code == 200  # type: ignore[attr-defined]
    give_code(fresh, code_of(secret))
    assert not is_in(fresh)
    with pytest.raises(StateError, match="nobody has this login"):
        run("staff_close", "nobody")


def test_renewing_removes_every_factor_and_ends_every_session(staff: Callable[..., Staff]) -> None:
    who = staff()
    with_totp(who)
    client = signed_in(who)
    given = start_password(run("staff_renew", who.login))
    assert not is_in(client)
    assert not Authenticator.objects.filter(user=who).exists()
    assert give_password(Client(), who.login).status_code == 200  # type: ignore[attr-defined]
    fresh = Client()
    assert give_password(fresh, who.login, given)["Location"] == "/login/new-password/"  # type: ignore[index]
    assert not is_in(fresh)
    assert [e.action for e in Event.objects.filter(actor="system")] == ["staff_renewed"]


def test_demonstration_accounts_come_with_a_secret_that_opens(desk: None) -> None:
    for _ in range(2):
        lines = [line.split("\t") for line in run("demo_accounts", "--school", "102").splitlines()]
        assert len(lines) >= 4
        for login, password, _role, secret in lines:
            client = Client()
            give_password(client, login, password)
            assert not is_in(client)
            give_code(client, code_of(secret))
            assert is_in(client), login
