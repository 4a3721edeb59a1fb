"""The API's description is fuzzed as each role, as who picked no purpose, and as nobody: nothing fails, and nothing
beyond the role is answered. Each check has a control in which it finds something."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from fuzzed_api import Caller, Fuzz, Secret, drawn, steps_that_fail

from builders import a_child, a_household, a_run, an_id
from tsunagu.runs.crypt import create_key, read_key
from tsunagu.runs.folder import open_run
from tsunagu_web.access.models import Team
from tsunagu_web.access.table import PURPOSES
from tsunagu_web.access.terms import Purpose, Role, Thing
from tsunagu_web.accounts.models import Staff
from tsunagu_web.api.description import described
from tsunagu_web.cases.models import Child, Run
from tsunagu_web.cases.services import open_case
from tsunagu_web.duties.middleware import SESSION_KEY
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.intake.services import take_in
from tsunagu_web.referrals import services as referring
from tsunagu_web.tasks.models import Task
from tsunagu_web.tasks.services import Asked, set_task
from two_worlds import a_list

HERE, PROTECTED, AWAY = an_id("例川 せせらぎ"), an_id("例田 ことのは"), an_id("例本 かなりあ")
PEOPLE = (
    *a_household(a_child("例川 せせらぎ", "レイカワ セセラギ", address="瑞野市若葉五丁目12番地の4")),
    a_child("例田 ことのは", "レイタ コトノハ", household="6", address="瑞野市星影台三丁目77番地の5"),
    a_child("例本 かなりあ", "レイモト カナリア", school="201", household="7", address="瑞野市月見坂一丁目2番地の9"),
)
WORDS = {HERE: "川べりの散歩を始める", PROTECTED: "図書室で本を借りる", AWAY: "朝の電話をかける"}
SECRETS = [
    *(Secret(one.person_id, one.name, Thing.NAME) for one in PEOPLE if one.person_id in WORDS),
    *(Secret(one.person_id, one.kana, Thing.NAME) for one in PEOPLE if one.person_id in WORDS),
    *(Secret(person_id, words, Thing.TASK) for person_id, words in WORDS.items()),
    *(
        Secret(one.person_id, str(one.address), Thing.ADDRESS, one.person_id == PROTECTED)
        for one in PEOPLE
        if one.person_id in WORDS
    ),
]
World = Callable[..., Fuzz]
SEEDS = (2, 3)
RESULTS = Path(__file__).parents[2] / "bench" / "results-api.txt"


@pytest.fixture
def world(
    desk: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    as_role: Callable[..., Client],
    staff: Callable[..., Staff],
) -> World:
    """Two children of the intake team, one with a protected address, and one of another team; each with an open case,
    a task and a referral. Gives what fuzzes as these roles, and as who is nobody."""
    create_key(tmp_path / "address.key")
    told = replace(settings.ENVIRONMENT, address_key=tmp_path / "address.key", suppression_list=tmp_path / "list.csv")
    monkeypatch.setattr(settings, "ENVIRONMENT", told)
    key = read_key(tmp_path / "address.key")
    run = a_run(tmp_path / "run", *PEOPLE, key=tmp_path / "run.key", address_key=key)
    Team.objects.create(key="east", name="東", schools=["201"])
    take_in(open_run(run), read_key(tmp_path / "run.key"), address_key=key)
    protected = next(one for one in PEOPLE if one.person_id == PROTECTED)
    a_list(tmp_path / "list.csv", (protected.resident_no, ""))
    leads = {"intake": staff(), "east": staff(login="east-lead")}
    leads["east"].duties.update(key="east")
    numbers = [0, 1, 2]
    for n, person_id in enumerate(WORDS):
        numbers += _worked_on(leads, person_id, staff(list(RECIPIENTS)[n]), n)
    people = [leads["intake"].pk, leads["east"].pk, *(staff(role).pk for role in RECIPIENTS)]

    def of(*roles: Role, also_nobody: bool = False) -> Fuzz:
        callers = [
            Caller(role, as_role(role, purpose=PURPOSE.get(role, "")), viewer_of(staff(role), _purpose(role)))
            for role in roles
        ]
        if also_nobody:
            unpicked = as_role(Role.LEAD_WORKER)
            session = unpicked.session
            del session[SESSION_KEY]
            session.save()
            callers += [
                Caller("without a purpose", unpicked, None, "no_purpose_picked"),
                Caller("nobody", Client(), None, "not_signed_in"),
            ]
        return Fuzz(callers, SECRETS, numbers, people)

    return of


# With its first purpose each; a lead worker and a supervisor reach cases under another one.
PURPOSE = {Role.LEAD_WORKER: Purpose.CASE_SUPPORT, Role.SUPERVISOR: Purpose.CASE_SUPPORT}
RECIPIENTS = {Role.PUBLIC_HEALTH_NURSE: 0, Role.SCHOOL_SOCIAL_WORKER: 1, Role.PARTNER: 2}


def _purpose(role: Role) -> str:
    return str(PURPOSE.get(role, PURPOSES[role][0]))


def _worked_on(leads: dict[str, Staff], person_id: str, to: Staff, n: int) -> list[int]:
    """A case, a task and a referral that was sent; gives the numbers under which they stand in addresses."""
    child, today = Child.objects.select_related("person").get(pk=person_id), timezone.localdate()
    lead = leads[child.team]
    viewer = viewer_of(lead, Purpose.CASE_SUPPORT)
    open_case(child, viewer)
    child.refresh_from_db()
    task = set_task(child, viewer, Asked(WORDS[person_id], lead.pk, today, uuid.UUID(int=1000 + n, version=4)))
    said = referring.Asking(
        to=to,
        purpose="放課後の居場所の支援のため",
        basis="within_purpose",
        basis_note="",
        reply_until=today + dt.timedelta(days=14),
        open_until=today + dt.timedelta(days=60),
        asked="放課後に過ごせる場所を探してほしい",
        wish="",
        fields=("age",),
    )
    run = Run.objects.get()
    made = referring.draft(child, viewer, run, said, uuid.UUID(int=2000 + n, version=4))
    click = referring.Click("send", "", made.revision, uuid.UUID(int=3000 + n, version=4))
    referring.send(made, child, viewer, run, click, made.contents.latest("number").print)
    return [task.pk, made.pk]


@pytest.fixture(scope="session")
def cases(_databases: None) -> list[Any]:
    return drawn(1)


def test_nothing_fails_and_nothing_beyond_the_role_is_answered(world: World, cases: list[Any]) -> None:
    """First what ends as it does whatever chance brings: a draw need not hold a late step that somebody may take."""
    fuzz = world(*Role, also_nobody=True).ask(steps_that_fail(HERE, Task.objects.get(child_id=HERE).pk))
    assert set(fuzz.asked) == {400, 403, 409, 422}, fuzz.asked
    fuzz.run(cases)
    assert fuzz.found == [], "\n".join(fuzz.found[:40])
    # Half and a third of what the seed draws now: what is drawn follows the modules that are loaded, and so the order.
    assert fuzz.shown > 50, "there is something to be shown"
    assert fuzz.refused > 400, "and something to be refused"
    assert {200, 400, 401, 403, 404, 409, 422} <= set(fuzz.asked), fuzz.asked


@pytest.mark.deep
def test_long(world: World) -> None:
    """More cases by other seeds, on a desk that has moved on; the last result stands in bench/results-api.txt."""
    begun, fuzz = time.monotonic(), world(*Role, also_nobody=True)
    for by in SEEDS:
        fuzz.run(drawn(3, by=by), by)
        assert fuzz.found == [], "\n".join(fuzz.found[:40])
    RESULTS.write_text(
        f"{timezone.localdate()} (Tokyo), {connection.vendor}, under other load: compare counts, not seconds.\n"
        f"{fuzz.asked.total()} requests in {time.monotonic() - begun:.0f} s, seeds {', '.join(map(str, SEEDS))}; "
        f"{len(Role)} roles, one person without a purpose, one nobody.\n"
        f"Records shown {fuzz.shown}, refused without a permit {fuzz.refused}, found {len(fuzz.found)}.\n"
        f"By status: {', '.join(f'{status} {count}' for status, count in sorted(fuzz.asked.items()))}.\n",
        encoding="utf-8",
    )


# Controls: each check finds what it is there for.


def _only(path: str) -> Callable[[str], bool]:
    return lambda known: known == f"/api/v1/{path}"


@pytest.mark.usefixtures("without_second_lock")
def test_control_an_operation_without_the_filter_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tsunagu_web.tasks.queries.visible_to", lambda _viewer, rows, **_: rows)
    fuzz = world(Role.LEAD_WORKER)
    [asked] = [c for c in drawn(2, only=_only("tasks/")) if c.meta.generation.mode.is_positive][:1]
    asked.query = {"whose": "team"}
    fuzz.run([asked])
    assert any("beyond the role" in one for one in fuzz.found), (fuzz.found, fuzz.asked, asked.query)


def test_control_a_protected_address_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from tsunagu_web.addresses import in_force_now

    monkeypatch.setattr(in_force_now.InForceNow, "hides", lambda self, person: False)
    found = world(Role.LEAD_WORKER).run(drawn(1, only=_only("children/{person_id}/"))).found
    assert any("address" in one and "beyond the role" in one for one in found), found


def test_control_an_error_of_the_program_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ValueError("made for the test")

    monkeypatch.setattr("tsunagu_web.tasks.queries.tasks_of", fails)
    found = world(Role.LEAD_WORKER).run(drawn(1, only=_only("children/{person_id}/tasks/"))).found
    assert any("an error of the program" in one for one in found)
    assert not any("made for the test" in one for one in found), "what failed is not answered"


def test_control_a_look_that_is_not_recorded_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgets(request: Any, *_: object, **__: object) -> None:
        request.desk_look_recorded = True

    monkeypatch.setattr("tsunagu_web.api.operations.tasks.record_look", forgets)
    found = world(Role.LEAD_WORKER).run(drawn(1, only=_only("tasks/"))).found
    assert any("no look was recorded" in one for one in found)


def test_control_an_answer_that_is_not_as_described_is_found(world: World) -> None:
    raw = described()
    raw["components"]["schemas"]["Tasks"]["properties"]["count"] = {"type": "string"}
    of_cases = raw["paths"]["/api/v1/cases/"]["get"]["responses"]
    of_cases.pop(next(status for status in of_cases if str(status) == "200"))
    found = world(Role.LEAD_WORKER).run(drawn(1, raw=raw, only=lambda path: path[8:] in ("tasks/", "cases/"))).found
    assert any("/tasks/" in one for one in found), "of another shape"
    assert any("/cases/" in one for one in found), "of a status that is not described"


def test_control_a_role_that_is_not_refused_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tsunagu_web.audit.middleware.may", lambda *_, **__: True)
    found = world(Role.AUDITOR).run(drawn(1, only=_only("tasks/"))).found
    assert any("without the permit it is refused" in one for one in found)
