"""A hidden address is released by two persons of two duties, to one of them, once, within minutes, recorded first."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from builders import ATestPerson, a_child, a_household, a_run, an_id
from tsunagu.runs.crypt import create_key, read_key
from tsunagu.runs.folder import open_run
from tsunagu_web.access.terms import Role
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.addresses import services
from tsunagu_web.addresses.models import ReleaseRequest
from tsunagu_web.audit.models import Event
from tsunagu_web.intake.services import take_in
from two_worlds import a_list, comparable

HOME = "瑞野市星影台三丁目77番地の5"
AOI, MOTHER = a_household(a_child(address=HOME, former=("瑞野市泉町五丁目10番地の13",)))
MOTHER = replace(MOTHER, address=HOME)
OPEN = a_child("例本 みお", "レイモト ミオ", household="7", address="瑞野市月見坂一丁目2番地の9")
NOWHERE = a_child("例林 そら", "レイバヤシ ソラ", household="8", address=None)
ASK = f"/children/{AOI.person_id}/address/"


@pytest.fixture
def city(desk: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    create_key(tmp_path / "address.key")
    told = replace(settings.ENVIRONMENT, address_key=tmp_path / "address.key", suppression_list=tmp_path / "list.csv")
    monkeypatch.setattr(settings, "ENVIRONMENT", told)
    numbers = count()

    def made(*people: ATestPerson, other: str = "") -> None:
        key, number = read_key(tmp_path / "address.key"), next(numbers)
        on = dt.date(2026, 9, 1 + number)
        run = a_run(tmp_path / f"run{number}", *people, on=on, key=tmp_path / "run.key", address_key=key)
        take_in(open_run(run), read_key(tmp_path / "run.key"), address_key=key)
        a_list(tmp_path / "list.csv", (MOTHER.resident_no, other))

    made(AOI, MOTHER, OPEN, NOWHERE)
    return made


def asked(client: Client, person: ATestPerson = AOI, **changes: object) -> HttpResponse:
    form = {"reason": "safety", "need": "安否の確認のため訪問する", "form": uuid.uuid4(), **changes}
    return client.post(f"/children/{person.person_id}/address/", form)


def answered(client: Client, request: ReleaseRequest | None = None, agrees: str = "yes") -> HttpResponse:
    request = request or ReleaseRequest.objects.get()
    return client.post("/addresses/answer/", {"key": request.pk, "agrees": agrees})


def seen(client: Client, request: ReleaseRequest | None = None) -> HttpResponse:
    request = request or ReleaseRequest.objects.get()
    return client.post("/addresses/show/", {"key": request.pk})


def entries(action: str) -> list[dict[str, object]]:
    return [json.loads(e.body) for e in Event.objects.filter(action=action, object="suppressed_address")]


@pytest.mark.parametrize("second", [Role.SUPERVISOR, Role.PRIVACY_OFFICER])
def test_two_persons_release_it_once_and_both_are_named(
    second: str, city: Callable[..., None], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    worker = as_role()
    assert asked(worker)["Location"] == "/addresses/requests/"
    assert HOME not in worker.get("/addresses/requests/").content.decode()
    other = as_role(second)
    assert "安否の確認のため訪問する" in other.get("/addresses/waiting/").content.decode()
    assert HOME not in other.get("/addresses/waiting/").content.decode()
    assert answered(other).status_code == 302
    answer = seen(worker)
    assert answer.status_code == 200
    assert f"住所：{HOME}" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    (entry,) = entries("release")
    detail = entry["detail"]
    assert isinstance(detail, dict)
    assert (entry["actor"], detail["decided_by"]) == (staff().actor, staff(second).actor)
    assert entry["persons"] == [AOI.person_id]
    again = seen(worker)
    assert again.status_code == 410
    assert HOME not in again.content.decode()
    assert len(entries("release")) == 1


def test_who_may_not(city: Callable[..., None], as_role: Callable[..., Client]) -> None:
    assert asked(as_role()).status_code == 302
    request = ReleaseRequest.objects.get()
    for role in Role.values:
        client = as_role(role)
        if role not in (Role.LEAD_WORKER, Role.SUPERVISOR):
            assert client.get(ASK).status_code == 403, role
            assert seen(client, request).status_code == 403, role
        if role not in (Role.SUPERVISOR, Role.PRIVACY_OFFICER):
            assert answered(client, request).status_code == 403, role
    request.refresh_from_db()
    assert request.state == "waiting"


def test_nobody_agrees_with_oneself_or_with_the_own_duty(
    city: Callable[..., None], as_role: Callable[..., Client]
) -> None:
    supervisor, colleague = as_role(Role.SUPERVISOR), as_role(Role.SUPERVISOR, login="second")
    asked(supervisor)
    for client in (supervisor, colleague):
        assert ReleaseRequest.objects.get().need not in client.get("/addresses/waiting/").content.decode()
        assert answered(client).status_code == 410
    assert ReleaseRequest.objects.get().state == "waiting"
    assert answered(as_role(Role.PRIVACY_OFFICER)).status_code == 302


def test_the_database_refuses_one_person_or_one_duty(
    city: Callable[..., None], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    asked(as_role())
    request, now = ReleaseRequest.objects.get(), timezone.now()
    other = staff(Role.SUPERVISOR)
    for by, role in ((request.requested_by, "supervisor"), (other, "lead_worker")):
        with pytest.raises(IntegrityError), transaction.atomic():
            ReleaseRequest.objects.update(state="approved", decided_by=by, decided_as=role, decided_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReleaseRequest.objects.update(state="shown", shown_at=now)


def test_only_who_asked_sees_it(city: Callable[..., None], as_role: Callable[..., Client]) -> None:
    asked(as_role())
    supervisor = as_role(Role.SUPERVISOR)
    answered(supervisor)
    for client in (supervisor, as_role(login="another worker")):
        answer = seen(client)
        assert answer.status_code == 410
        assert HOME not in answer.content.decode()
    assert seen(as_role()).status_code == 200


def test_without_an_agreement_nothing_is_shown(city: Callable[..., None], as_role: Callable[..., Client]) -> None:
    asked(as_role())
    assert seen(as_role()).status_code == 410
    answered(as_role(Role.SUPERVISOR), agrees="no")
    assert ReleaseRequest.objects.get().state == "declined"
    assert seen(as_role()).status_code == 410
    assert entries("release") == []


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (15, 410), (60, 410)])
def test_it_is_over_after_fifteen_minutes(
    minutes: int, status: int, city: Callable[..., None], as_role: Callable[..., Client]
) -> None:
    asked(as_role())
    answered(as_role(Role.SUPERVISOR))
    ReleaseRequest.objects.update(decided_at=timezone.now() - dt.timedelta(minutes=minutes))
    assert seen(as_role()).status_code == status


def test_a_request_that_nobody_answers_is_over_after_a_day(
    city: Callable[..., None], as_role: Callable[..., Client]
) -> None:
    asked(as_role())
    ReleaseRequest.objects.update(requested_at=timezone.now() - dt.timedelta(hours=24))
    assert answered(as_role(Role.SUPERVISOR)).status_code == 410
    assert "時間が過ぎました" in as_role().get("/addresses/requests/").content.decode()


def test_the_pages_of_asking_tell_nothing(city: Callable[..., None], as_role: Callable[..., Client]) -> None:
    """Protected, shown to everybody, not known at all: asking looks, answers and is listed alike."""
    worker = as_role()
    pages = []
    for person in (AOI, OPEN, NOWHERE):
        form = worker.get(f"/children/{person.person_id}/address/")
        wrong = asked(worker, person, need="")
        given = asked(worker, person)
        said = worker.get(given["Location"]).context["messages"]
        bodies = [comparable(form)[2], comparable(wrong)[2], str([str(m) for m in said]).encode()]
        marks = ((person.name.encode(), b"NAME"), (person.person_id.encode(), b"ID"))
        pages.append([b.replace(*marks[0]).replace(*marks[1]) for b in bodies])
    assert pages[0] == pages[1] == pages[2]
    assert b"NAME" in pages[0][0], "the test would see a difference"
    rows = worker.get("/addresses/requests/").content.decode().count("二人目の人の返事待ち")
    assert rows == 3


def test_a_child_out_of_reach_and_nobody_answer_alike(
    city: Callable[..., None], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    staff(Role.LEAD_WORKER, login="elsewhere").duties.all().delete()
    stranger = as_role(login="elsewhere")
    answers = [comparable(stranger.get(f"/children/{id}/address/")) for id in (AOI.person_id, "Pnobody")]
    assert answers[0][0] == 404
    assert answers[0][2].replace(AOI.person_id.encode(), b"") == answers[1][2].replace(b"Pnobody", b"")


def test_the_other_party_is_answered_as_for_a_child_out_of_reach(
    city: Callable[..., None], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    city(AOI, replace(MOTHER, other_party=("例村　剛", "")), OPEN, NOWHERE)
    Staff.objects.filter(pk=staff().pk).update(name="例村 剛")
    worker = as_role()
    answers = [comparable(worker.get(f"/children/{id}/address/")) for id in (AOI.person_id, an_id("nobody"))]
    assert answers[0][0] == 404
    assert answers[0][2].replace(AOI.person_id.encode(), b"") == answers[1][2].replace(an_id("nobody").encode(), b"")
    assert asked(worker).status_code == 404
    assert not ReleaseRequest.objects.exists()


@pytest.mark.parametrize("other_party", ["asks", "agrees", "nobody"])
def test_a_release_asks_itself_whether_one_of_the_two_is_the_other_party(
    other_party: str, city: Callable[..., None], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    """Below the pages, whoever has opened them: before somebody agrees, and once more before the address is shown."""
    city(AOI, replace(MOTHER, other_party=("例村　剛", "")), OPEN, NOWHERE)
    worker, second = staff(), staff(Role.SUPERVISOR)
    asked(as_role())
    request = ReleaseRequest.objects.get()
    if other_party != "nobody":
        # A doubt about the name is enough.
        Staff.objects.filter(pk=(worker if other_party == "asks" else second).pk).update(name="例村　〓")
    by, other = (Viewer(s.pk, s.actor, s.role, "early_support") for s in (worker, second))
    if other_party == "nobody":
        services.decide_release(other, request, agrees=True)
        assert services.release(by, request)[1].address == HOME, "the control"
        return
    with pytest.raises(services.NotOpen):
        services.decide_release(other, request, agrees=True)
    if other_party == "asks":
        ReleaseRequest.objects.update(
            state="approved", decided_by=second, decided_as="supervisor", decided_at=timezone.now()
        )
        with pytest.raises(services.NotOpen):
            services.release(by, request)


def test_the_same_form_sent_twice_asks_once(city: Callable[..., None], as_role: Callable[..., Client]) -> None:
    mark = uuid.uuid4()
    for _ in range(2):
        assert asked(as_role(), form=mark).status_code == 302
    assert ReleaseRequest.objects.count() == 1
    assert len([e for e in entries("request") if "request" in e["detail"]]) == 1  # type: ignore[operator]  # a mapping


def test_if_the_log_cannot_be_written_nothing_is_shown_or_used_up(
    city: Callable[..., None], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(as_role())
    answered(as_role(Role.SUPERVISOR))

    def full(**_: object) -> None:
        raise DatabaseError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(services, "append", full)
        client = as_role()
        client.raise_request_exception = False
        answer = seen(client)
    assert answer.status_code >= 500
    assert HOME not in answer.content.decode()
    assert ReleaseRequest.objects.get().state == "approved", "the agreement is not used up"
    assert seen(as_role()).status_code == 200


def test_a_key_that_is_missing_costs_nobody_the_agreement(
    city: Callable[..., None], as_role: Callable[..., Client], tmp_path: Path
) -> None:
    asked(as_role())
    answered(as_role(Role.SUPERVISOR))
    (tmp_path / "address.key").rename(tmp_path / "away.key")
    client = as_role()
    client.raise_request_exception = False
    assert seen(client).status_code >= 500
    (tmp_path / "away.key").rename(tmp_path / "address.key")
    assert seen(as_role()).status_code == 200


PREPARE = """
import sys, uuid, django
django.setup()
from django.utils import timezone
from tsunagu_web.access.reach import the_program
from tsunagu_web.accounts.models import Staff
from tsunagu_web.addresses.models import ReleaseRequest
worker, other = (Staff.objects.create(login=r, name=r, role=r) for r in ("lead_worker", "supervisor"))
now = timezone.now()
with the_program():
    ReleaseRequest.objects.create(form=uuid.uuid4(), person_id=sys.argv[1], reason="safety", need="x", state="approved",
        requested_by=worker, requested_as="lead_worker", requested_at=now,
        decided_by=other, decided_as="supervisor", decided_at=now)
"""
CLICK = r"""
import os, threading, django
django.setup()
from django.db import connection
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.addresses import services
from tsunagu_web.addresses.models import ReleaseRequest
with the_program():
    request = ReleaseRequest.objects.select_related("requested_by").get()
by = request.requested_by
viewer = Viewer(by.pk, by.actor, by.role, "early_support")
def click():
    try:
        with the_program():
            services.release(viewer, request)
        os.write(1, b"shown\n")
    except services.NotOpen:
        os.write(1, b"not open\n")
    connection.close()
threads = [threading.Thread(target=click) for _ in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
"""


def test_of_many_clicks_at_one_moment_one_is_shown(environment: dict[str, str], tmp_path: Path) -> None:
    key = create_key(tmp_path / "address.key")
    run = a_run(tmp_path / "run", AOI, MOTHER, key=tmp_path / "run.key", address_key=key)
    told = {**environment, "TSUNAGU_ADDRESS_KEY": str(tmp_path / "address.key")}

    def program(*arguments: str) -> str:
        done = subprocess.run([sys.executable, *arguments], env=told, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    program("-m", "tsunagu_web", "intake", str(run), "--key", str(tmp_path / "run.key"))
    program("-c", PREPARE, AOI.person_id)
    clickers = [
        subprocess.Popen([sys.executable, "-c", CLICK], env=told, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = [line for clicker in clickers for line in clicker.communicate(timeout=120)[0].split("\n") if line]
    assert sorted(said) == ["not open"] * 7 + ["shown"]
