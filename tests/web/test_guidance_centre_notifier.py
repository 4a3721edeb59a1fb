"""Who notified opens to nobody by duty: two persons of two duties open it once, or one in an emergency, reviewed."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from routes import routes_with_a_policy
from test_guidance_centre_notification import AOI, DRAFT, NOTIFIER, SAID, begun, centre, filled, worker  # noqa: F401  # fixtures

from canary import hits
from tsunagu.errors import PurposeError
from tsunagu.runs.crypt import create_key, read_key
from tsunagu_web.access.terms import Role
from tsunagu_web.addresses.vault import Vault
from tsunagu_web.audit.models import Event
from tsunagu_web.guidance_centre import sealed
from tsunagu_web.guidance_centre.models import Notification, NotifierRequest, SealedNotifier

ASK = f"/children/{AOI}/notifications/1/notifier/"
NEED = "通告した人に、いつから聞こえたかを確かめる"
Browser = Callable[..., Client]


@pytest.fixture
def told(worker: Client) -> Client:  # noqa: F811  # the fixture
    """A desk with a notification, and the browser of who took it."""
    worker.post(f"{DRAFT}record/", filled(begun(worker)))
    return worker


def asked(client: Client, **changes: object) -> HttpResponse:
    return client.post(ASK, {"need": NEED, "form": uuid.uuid4(), **changes})


def answered(client: Client, agrees: str = "yes") -> HttpResponse:
    return client.post("/notifiers/answer/", {"key": NotifierRequest.objects.get().pk, "agrees": agrees})


def seen(client: Client) -> HttpResponse:
    return client.post("/notifiers/show/", {"key": NotifierRequest.objects.get().pk})


def reviewed(client: Client, found: str = "justified") -> HttpResponse:
    return client.post("/notifiers/review/", {"key": NotifierRequest.objects.get().pk, "found": found})


def second_of(as_role: Browser, role: str) -> Client:
    return as_role(role, purpose="protection" if role == Role.SUPERVISOR else "")


def entries(action: str) -> list[dict[str, object]]:
    return [json.loads(e.body) for e in Event.objects.filter(action=action, object="notifier")]


def test_who_may_not(told: Client, as_role: Browser) -> None:
    asked(told)
    for role in Role.values:
        client = as_role(role, purpose="protection" if role in (Role.LEAD_WORKER, Role.SUPERVISOR) else "")
        if role not in (Role.LEAD_WORKER, Role.SUPERVISOR):
            assert [client.get(ASK).status_code, seen(client).status_code] == [403, 403], role
        if role not in (Role.SUPERVISOR, Role.PRIVACY_OFFICER):
            assert [answered(client).status_code, reviewed(client).status_code] == [403, 403], role
    assert NotifierRequest.objects.get().state == "waiting"


@pytest.mark.parametrize("second", [Role.SUPERVISOR, Role.PRIVACY_OFFICER])
def test_two_persons_open_it_once_and_the_log_has_both(second: str, told: Client, as_role: Browser) -> None:
    assert asked(told)["Location"] == "/notifiers/requests/"
    other = second_of(as_role, second)
    page = other.get("/notifiers/waiting/").content.decode()
    assert NEED in page
    assert NOTIFIER not in page
    assert answered(other).status_code == 302
    shown = seen(told)
    assert NOTIFIER in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    [entry] = entries("release")
    assert {"requested_by", "decided_by"} <= set(entry["detail"])  # type: ignore[arg-type]
    assert entry["persons"] == [AOI]
    assert NOTIFIER not in json.dumps(entry, ensure_ascii=False)
    again = seen(told)
    assert (again.status_code, NOTIFIER in again.content.decode()) == (410, False)


def test_nobody_agrees_for_oneself_or_for_the_own_duty(told: Client, as_role: Browser) -> None:
    supervisor = as_role(Role.SUPERVISOR, purpose="protection")
    asked(supervisor)
    for other in (supervisor, as_role(Role.SUPERVISOR, purpose="protection", login="second")):
        assert NEED not in other.get("/notifiers/waiting/").content.decode()
        assert answered(other).status_code == 410
    assert seen(supervisor).status_code == 410
    row = NotifierRequest.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        NotifierRequest.objects.filter(pk=row.pk).update(
            state="approved", decided_by=row.requested_by, decided_as="privacy_officer", decided_at=row.requested_at
        )


def test_what_is_declined_or_late_shows_nothing(told: Client, as_role: Browser) -> None:
    asked(told)
    answered(second_of(as_role, Role.PRIVACY_OFFICER), "no")
    assert seen(told).status_code == 410
    NotifierRequest.objects.all().delete()
    asked(told)
    answered(second_of(as_role, Role.PRIVACY_OFFICER))
    row = NotifierRequest.objects.get()
    assert row.decided_at is not None
    NotifierRequest.objects.update(decided_at=row.decided_at - dt.timedelta(minutes=16))
    assert seen(told).status_code == 410
    assert "時間" in told.get("/notifiers/requests/").content.decode()


def test_an_emergency_opens_it_at_once_and_somebody_else_looks_at_it_afterwards(told: Client, as_role: Browser) -> None:
    asked(told, is_emergency="on")
    assert NOTIFIER in seen(told).content.decode()
    assert len(entries("take_in_emergency")) == len(entries("release")) == 1
    assert reviewed(told).status_code == 403
    supervisor = as_role(Role.SUPERVISOR, purpose="protection")
    assert NEED in supervisor.get("/notifiers/waiting/").content.decode()
    assert reviewed(supervisor, "not_justified").status_code == 302
    assert NotifierRequest.objects.get().review == "not_justified"
    assert reviewed(supervisor).status_code == 410, "once"
    assert NEED not in supervisor.get("/notifiers/waiting/").content.decode()


def test_asking_and_refusing_are_the_same_where_nobody_said_who_they_were(worker: Client, as_role: Browser) -> None:  # noqa: F811
    for said in (NOTIFIER, ""):
        worker.post(f"{DRAFT}record/", filled(begun(worker), notifier_name=said, notifier_contact=""))
    pages = [worker.get(f"/children/{AOI}/notifications/{n}/notifier/").content for n in (1, 2)]
    marks = b'name="form"'
    first, second = (page.split(marks)[0].split(b"csrf")[0] for page in pages)
    assert first.replace(b"/1/", b"/2/") == second
    worker.post(
        f"/children/{AOI}/notifications/2/notifier/", {"need": NEED, "is_emergency": "on", "form": uuid.uuid4()}
    )
    assert "名のりませんでした" in seen(worker).content.decode()


@pytest.mark.parametrize("role", [Role.LEAD_WORKER, Role.SUPERVISOR, Role.PRIVACY_OFFICER, Role.AUDITOR])
def test_no_page_of_the_desk_holds_who_notified(role: str, told: Client, as_role: Browser) -> None:
    """Every address that answers to a look, with the request, its answer and an emergency under way."""
    asked(told)
    answered(as_role(Role.SUPERVISOR, purpose="protection"))
    asked(told, is_emergency="on")
    client = as_role(role, purpose="protection" if role in (Role.LEAD_WORKER, Role.SUPERVISOR) else "")
    answers = [client.get(route.url(AOI, 1)) for route in routes_with_a_policy() if route.takes("GET")]
    pages = b"\n".join(b"".join(answer) for answer in answers)
    assert hits(NOTIFIER, pages) == hits("090-0000-0000", pages) == []
    if role in (Role.LEAD_WORKER, Role.SUPERVISOR):
        assert hits(SAID[:9], pages), "the control: what was told is found where it may stand"


def test_another_key_or_another_place_opens_nothing(told: Client, tmp_path: Path) -> None:
    create_key(tmp_path / "other.key")
    row, one = SealedNotifier.objects.get(), Notification.objects.get()
    with pytest.raises(PurposeError, match="notifiers"):
        Vault(read_key(tmp_path / "other.key"), where="notifiers").open(row.place, row.sealed)
    with pytest.raises(PurposeError):
        sealed.notifiers_vault().open("elsewhere", row.sealed)
    assert sealed.open_notifier(one).name == NOTIFIER, "the control: its own key does"


def test_a_number_of_no_notification_is_answered_as_one_out_of_reach(told: Client) -> None:
    assert told.get(ASK.replace("/1/", "/7/")).status_code == 404
