"""The demonstration's history: invented, through the services, the same at every start, and never on a city's desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.utils import timezone

from builders import ATestPerson, a_child
from tsunagu.errors import StateError
from tsunagu_web.access.models import Grant, Team
from tsunagu_web.access.table import PURPOSES
from tsunagu_web.access.terms import Role, Scope
from tsunagu_web.accounts.management.commands.demo_accounts import ACCOUNTS
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Case, Child, Decision
from tsunagu_web.duties.viewers import purposes_of
from tsunagu_web.notes.models import Note
from tsunagu_web.serving import invented_history

CASES = 12


def some_children() -> list[ATestPerson]:
    return [
        a_child(f"例川 子{n}", f"レイカワ コ{n}", household=str(n), school="102" if n % 2 else "201") for n in range(40)
    ]


@pytest.fixture
def history(intake: Callable[..., object]) -> Callable[[], None]:
    intake(*some_children())
    return lambda: call_command("demo_history", everybody_is_invented=True, cases=CASES, verbosity=0)


def written() -> list[tuple[object, ...]]:
    return list(Decision.objects.order_by("pk").values_list("child_id", "outcome", "note", "by__login", "number"))


def test_there_are_cases_decisions_notes_and_an_emergency(history: Callable[[], None]) -> None:
    history()
    assert Case.objects.filter(state="open").count() == CASES
    assert Child.objects.filter(case_state="open").count() == CASES
    assert Decision.objects.count() > CASES
    assert Note.objects.count() > 0
    assert Grant.objects.filter(basis=Grant.Basis.EMERGENCY).exclude(review="").exists()
    assert set(Team.objects.exclude(key="intake").values_list("name", flat=True)) == {"第1チーム"}


def test_it_lies_in_the_past_and_in_the_order_of_its_days(history: Callable[[], None]) -> None:
    history()
    moments = list(Decision.objects.order_by("pk").values_list("at", flat=True))
    assert moments == sorted(moments)
    assert moments[-1] < timezone.now() - dt.timedelta(hours=20)
    assert moments[-1] - moments[0] > dt.timedelta(days=7)


def test_the_log_holds_every_act_and_is_sound(history: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> None:
    history()
    assert Event.objects.filter(action="decide").count() == Decision.objects.count()
    assert Event.objects.filter(action="open_case").count() == CASES
    assert Event.objects.filter(action="write_note").count() == Note.objects.count()
    call_command("audit_verify")


def test_a_second_start_adds_nothing(history: Callable[[], None]) -> None:
    history()
    before, events = written(), Event.objects.count()
    history()
    assert (written(), Event.objects.count()) == (before, events)


def test_a_start_that_was_broken_off_is_completed(history: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = invented_history.plan
    monkeypatch.setattr(invented_history, "plan", lambda *about: whole(*about)[:15])
    history()
    half = len(written())
    monkeypatch.setattr(invented_history, "plan", whole)
    history()
    assert len(written()) > half
    assert Case.objects.filter(state="open").count() == CASES
    assert Event.objects.filter(action="decide").count() == Decision.objects.count()


def test_it_is_refused_unless_somebody_says_that_everybody_is_invented(intake: Callable[..., object]) -> None:
    intake(*some_children())
    with pytest.raises(StateError, match="invented decisions"):
        call_command("demo_history")
    assert not Decision.objects.exists()


def test_it_is_refused_where_other_staff_are_registered(
    history: Callable[[], None], staff: Callable[..., Staff]
) -> None:
    staff(login="yamada")
    with pytest.raises(StateError, match="other staff"):
        history()
    assert not Decision.objects.exists()


def test_a_demonstration_with_its_history_starts_again_whoever_was_registered_since(
    history: Callable[[], None], staff: Callable[..., Staff]
) -> None:
    history()
    made = Decision.objects.count()
    staff(login="yamada")
    history()
    assert Decision.objects.count() == made > 0


def test_every_role_with_pages_has_an_account_with_its_duties(history: Callable[[], None]) -> None:
    history()
    call_command("demo_accounts", password="a long test password")
    roles = {Role(role) for _login, role, _name, _department in ACCOUNTS}
    without = {Role.SYSTEM_ADMINISTRATOR, Role.FAMILY, Role.PUPIL}
    assert roles == set(Role) - without
    for login, role, *_ in ACCOUNTS:
        account = Staff.objects.get(login=login)
        assert purposes_of(account) == PURPOSES[role]
        if role is Role.CLASS_TEACHER:
            assert account.duties.get().kind == Scope.CLASSROOM
    assert set(Staff.objects.get(login="worker").duties.values_list("key", flat=True)) == {"intake", "area-1"}
