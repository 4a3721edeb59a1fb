"""Support to offer: who sees which families, which ways are open, what is recorded, and what a letter says."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from counted import counted
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from builders import a_child, a_run, an_id
from offered import AID, ASK, MAY, MEDICAL, ATestOffered, an_offered
from tsunagu.runs.crypt import create_key, read_key
from tsunagu.runs.folder import open_run
from tsunagu_web.access import reach
from tsunagu_web.access.models import Conflict, Team
from tsunagu_web.access.terms import CaseState, Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.intake.services import take_in
from tsunagu_web.offers import queries
from tsunagu_web.offers.models import Finding, Offer, OfferedChild, Way
from tsunagu_web.outreach.models import ContactRule
from tsunagu_web.steps.models import Step
from two_worlds import a_list

Browser = Callable[..., Client]
HOME = "瑞野市若葉5丁目12-4"
AOI = an_offered(household="1", found=((AID, MAY), (MEDICAL, ASK)))
SORA = an_offered("例川 ソラ", "レイカワ ソラ", household="1", birth_date=dt.date(2019, 4, 2), school=None)
MIO = an_offered("例本 みお", "レイモト ミオ", household="2", address="瑞野市若葉1丁目1-1")
AWAY = an_offered("例森 けん", "レイモリ ケン", household="3", school="201", address="瑞野市若葉2丁目2-2")
UNSURE = an_offered("例山 ゆい", "レイヤマ ユイ", household="4", is_sure=False, address="瑞野市若葉3丁目3-3")
ALL = (AOI, SORA, MIO, AWAY, UNSURE)
OTHER = a_child("例谷 れん", "レイタニ レン", household="9", address="瑞野市若葉9丁目9-9")
TOMORROW = timezone.localdate() + dt.timedelta(days=1)


@pytest.fixture
def files(desk: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    create_key(tmp_path / "address.key")
    a_list(tmp_path / "list.csv")
    told = replace(settings.ENVIRONMENT, address_key=tmp_path / "address.key", suppression_list=tmp_path / "list.csv")
    monkeypatch.setattr(settings, "ENVIRONMENT", told)
    return tmp_path


@pytest.fixture
def city(files: Path) -> Callable[..., None]:
    """Takes in a run with these people and offers; `listed` are on the register's list of protections."""
    numbers = itertools.count()

    def made(*people: Any, offers: tuple[ATestOffered, ...] = ALL, listed: tuple[Any, ...] = (), **how: Any) -> None:
        key = read_key(files / "address.key")
        path = files / f"run{next(numbers)}"
        a_run(path, *(people or (OTHER,)), key=files / "run.key", address_key=key, offers=offers, **how)
        take_in(open_run(path), read_key(files / "run.key"), address_key=key)
        a_list(files / "list.csv", *((p.resident_no, "") for p in listed))

    return made


@pytest.fixture
def worker(as_role: Browser) -> Browser:
    return lambda role=Role.LEAD_WORKER, **who: as_role(role, purpose=Purpose.OFFERING, **who)


def page_of(one: ATestOffered) -> str:
    return f"/offers/{one.id}/"


def names_in(answer: HttpResponse) -> set[str]:
    return {o.person.name for o in ALL if o.person.name in answer.content.decode()}


def key_of(one: ATestOffered, programme: str = AID) -> str:
    return f"{one.id}.{programme}"


def recorded(client: Client, one: ATestOffered, act: str, *lines: str, **more: Any) -> Any:
    """What the page's own form sends for these lines."""
    page = client.get(page_of(one)).content.decode()
    hidden = {name: re.findall(rf'name="{name}" value="([^"]*)"', page)[0] for name in ("seen", "form")}
    return client.post(f"{page_of(one)}record/", {**hidden, "lines": lines or (key_of(one),), "act": act, **more})


def planned(client: Client, one: ATestOffered, *lines: str, way: str = Way.LETTER) -> Any:
    return recorded(client, one, "plan_way", *lines, way=way, on=TOMORROW.isoformat())


def states() -> dict[str, str]:
    return {f"{o.person_id}.{o.programme}": o.state for o in Offer.objects.all()}


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LEAD_WORKER, Role.SUPERVISOR}))
def test_nobody_else_opens_the_room(role: str, city: Callable[..., None], as_role: Browser) -> None:
    city()
    client = as_role(role)
    for path in ("/offers/", page_of(AOI), f"{page_of(AOI)}letter/"):
        answer = client.get(path)
        assert answer.status_code == 403, path
        assert not names_in(answer)
    assert client.post(f"{page_of(AOI)}record/").status_code == 403


def test_under_another_purpose_the_room_is_closed_and_under_this_one_everything_else_is(
    city: Callable[..., None], as_role: Browser, worker: Browser
) -> None:
    noticed = a_child("例谷 れん", "レイタニ レン")
    city(noticed)
    assert as_role(Role.LEAD_WORKER).get("/offers/").status_code == 403
    client = worker()
    assert client.get("/offers/").status_code == 200
    for path in ("/children/", f"/children/{noticed.person_id}/", "/tasks/"):
        assert client.get(path).status_code == 403, path


def test_the_team_sees_its_families_together_and_nobody_whom_only_a_missing_record_would_bring(
    city: Callable[..., None], worker: Browser
) -> None:
    Team.objects.create(key="east", name="東", schools=["201"])
    city()
    client = worker()
    answer = client.get("/offers/")
    assert names_in(answer) == {AOI.person.name, SORA.person.name, MIO.person.name}
    assert len(answer.context["rows"]) == 2, "a household is one row"
    assert names_in(client.get(page_of(SORA))) == {AOI.person.name, SORA.person.name}
    for one in (AWAY, UNSURE):
        assert client.get(page_of(one)).status_code == 404
    nobody = client.get(f"/offers/{an_id('だれでもない')}/")
    assert nobody.status_code == 404
    refused = [json.loads(e.body)["persons"] for e in Event.objects.filter(action="refused", object="offer")]
    assert refused == [[AWAY.id], [UNSURE.id], [an_id("だれでもない")]]


def test_no_word_promises_and_no_word_tells_what_is_not_of_the_offer(
    city: Callable[..., None], worker: Browser
) -> None:
    city(a_child(level="重点支援", household="1"), offers=ALL)
    text = worker().get(page_of(AOI)).content.decode()
    assert "対象になる可能性があります" in text
    assert "重点支援" not in text
    assert "欠席" not in text
    assert "対象です" not in text


def test_a_blocked_child_is_nowhere_and_no_number_tells_of_it(
    city: Callable[..., None], worker: Browser, staff: Callable[..., Staff]
) -> None:
    city()
    client = worker()
    me, officer = staff(Role.LEAD_WORKER), staff(Role.PRIVACY_OFFICER)
    said = {"kind": "own_family", "entered_at": timezone.now(), "entered_by": officer}
    Conflict.objects.create(staff=me, person_id=SORA.id, **said)
    assert names_in(client.get("/offers/")) == {MIO.person.name, AWAY.person.name}, "nor is anybody of the household"
    assert [client.get(page_of(one)).status_code for one in (SORA, AOI, MIO)] == [404, 404, 200]


@pytest.mark.of_postgresql_alone
def test_a_forgotten_filter_gives_no_family_more(
    city: Callable[..., None], worker: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    Team.objects.create(key="east", name="東", schools=["201"])
    city()
    client = worker()
    assert planned(client, MIO).status_code == 302
    monkeypatch.setattr(queries, "offered_visible_to", lambda _viewer, rows, _action: rows)
    assert AWAY.person.name not in names_in(client.get("/offers/"))
    assert client.get(page_of(AWAY)).status_code == 404
    reach.take_away()
    tables = (OfferedChild, Finding, Offer)
    assert not any(model._default_manager.exists() for model in tables)
    assert not Step.objects.filter(machine="offer").exists()
    reach._set(reach.EVERYTHING)
    assert all(model._default_manager.exists() for model in tables)


def test_every_family_shown_is_in_the_log(city: Callable[..., None], worker: Browser) -> None:
    city()
    client = worker()
    client.get("/offers/?programme=single_parent_medical")
    client.get(page_of(MIO))
    looks = [json.loads(e.body) for e in Event.objects.filter(action="view", object="offer").order_by("number")]
    assert [look["persons"] for look in looks] == [[AOI.id], [MIO.id]]
    assert {look["purpose"] for look in looks} == {"offering"}


@pytest.mark.parametrize(
    ("changes", "opened"),
    [
        ({}, {"letter", "visit", "phone", "in_person"}),
        ({"letter": False}, {"visit", "phone", "in_person"}),
        ({"address": None}, {"phone", "in_person"}),
    ],
)
def test_a_letter_goes_where_one_household_lives_at_an_address_that_is_known(
    changes: dict[str, Any], opened: set[str], city: Callable[..., None], worker: Browser
) -> None:
    city(offers=(an_offered("例本 みお", "レイモト ミオ", household="2", **changes),))
    assert set(worker().get(page_of(MIO)).context["ways"].open) == opened


def test_a_protected_family_gets_neither_letter_nor_visit_and_nothing_says_why(
    city: Callable[..., None], worker: Browser
) -> None:
    hidden, unknown = MIO, an_offered("例村 そう", "レイムラ ソウ", household="5", address=None, letter=False)
    city(offers=(hidden, unknown), listed=(hidden.person,), also_registered=(hidden.person,))
    client = worker()
    pages = [client.get(page_of(one)) for one in (hidden, unknown)]
    assert [set(p.context["ways"].open) for p in pages] == [{"phone", "in_person"}] * 2
    assert "瑞野市若葉1丁目" not in pages[0].content.decode()

    def bare(one: ATestOffered, page: HttpResponse) -> str:
        text = page.content.decode().replace(one.person.name, "N").replace(one.person.kana, "K").replace(one.id, "I")
        return re.sub(r'value="[^"]{20,}"', "", text)

    assert bare(hidden, pages[0]) == bare(unknown, pages[1])


def test_a_measure_of_this_morning_closes_a_letter_that_was_planned_yesterday(
    city: Callable[..., None], worker: Browser, files: Path
) -> None:
    city()
    client = worker()
    assert planned(client, MIO).status_code == 302
    assert client.get(f"{page_of(MIO)}letter/").status_code == 200
    a_list(files / "list.csv", (MIO.person.resident_no, ""))
    answer = client.get(f"{page_of(MIO)}letter/")
    assert answer.status_code == 409
    assert "瑞野市若葉1丁目" not in answer.content.decode()
    assert Event.objects.filter(action="export", object="offer").count() == 1


def _rule(letter: str, phone: str = "unknown", by: Staff | None = None) -> None:
    asked = {"letter": letter, "phone": phone, "message": "unknown", "names_school": "no"}
    ContactRule.objects.create(
        child_id=NOTICED.person_id, number=1, form=uuid.uuid4(), by=by, at=timezone.now(), **asked
    )


NOTICED = a_child("例川 なお", "レイカワ ナオ", household="1")


@pytest.mark.parametrize(
    ("letter", "phone", "closed"),
    [("yes", "unknown", set()), ("no", "no", {"letter", "phone"}), ("unknown", "yes", {"letter"})],
)
def test_what_a_noticed_child_of_the_household_was_promised_holds_for_the_offer_too(
    letter: str,
    phone: str,
    closed: set[str],
    city: Callable[..., None],
    worker: Browser,
    staff: Callable[..., Staff],
) -> None:
    city(NOTICED)
    client = worker()
    everything = {"letter", "visit", "phone", "in_person"}
    assert set(client.get(page_of(AOI)).context["ways"].open) == everything, "noticed, and nobody has spoken with them"
    _rule(letter, phone, by=staff(Role.LEAD_WORKER))
    assert everything - set(client.get(page_of(AOI)).context["ways"].open) == closed
    answer = planned(client, AOI)
    assert answer.status_code == (422 if "letter" in closed else 302)


def test_with_an_open_case_no_letter_goes_unasked_and_only_the_own_team_learns_of_the_case(
    city: Callable[..., None], worker: Browser, staff: Callable[..., Staff]
) -> None:
    city(NOTICED)
    lead = staff(Role.LEAD_WORKER)
    case = Case.objects.create(
        child_id=NOTICED.person_id, number=1, team="intake", lead=lead, opened_on=dt.date(2026, 10, 1)
    )
    Child.objects.filter(pk=NOTICED.person_id).update(case=case, case_state=CaseState.OPEN, team="intake")
    found = worker().get(page_of(AOI)).context["ways"]
    assert (Way.LETTER in found.open, Way.LEAD in found.open, found.lead) == (False, True, lead.name)
    Child.objects.filter(pk=NOTICED.person_id).update(team="east")
    found = worker().get(page_of(AOI)).context["ways"]
    assert (Way.LETTER in found.open, Way.LEAD in found.open, found.lead) == (False, False, "")


def test_what_nobody_has_asked_about_is_not_planned(city: Callable[..., None], worker: Browser) -> None:
    city()
    client = worker()
    medical = key_of(AOI, MEDICAL)
    answer = planned(client, AOI, medical)
    assert answer.status_code == 409
    assert states() == {}
    assert recorded(client, AOI, "confirm", medical).status_code == 302
    assert planned(client, AOI, medical).status_code == 302
    assert states() == {medical: "planned"}


def test_the_database_refuses_to_plan_what_nobody_has_asked_about(city: Callable[..., None]) -> None:
    city()
    row = Offer.objects.create(person_id=AOI.id, programme=MEDICAL, must_ask=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        Offer.objects.filter(pk=row.pk).update(state="planned", way="letter", planned_on=TOMORROW, revision=2)


def test_from_plan_to_application_each_step_has_actor_and_time(
    city: Callable[..., None], worker: Browser, staff: Callable[..., Staff]
) -> None:
    city()
    client = worker()
    both = (key_of(AOI), key_of(SORA))
    assert planned(client, AOI, *both).status_code == 302
    listed = client.get("/offers/?standing=planned").context
    assert [row[0].planned_on for row in listed["rows"]] == [TOMORROW]
    assert {name: n for name, _words, n in listed["standings"]} == {"to_tell": 3, "planned": 1, "told": 0, "over": 0}
    recorded(client, AOI, "tell", *both)
    recorded(client, AOI, "apply", both[0])
    recorded(client, AOI, "turn_down", both[1], reason="いまは要らないとのこと。")
    assert states() == {both[0]: "applied", both[1]: "not_wanted"}
    steps = list(Step.objects.filter(machine="offer", person_id=SORA.id).order_by("number"))
    assert [s.move for s in steps] == ["take_up", "plan_way", "tell", "turn_down"]
    assert {s.by_id for s in steps} == {staff(Role.LEAD_WORKER).pk}
    assert "いまは要らないとのこと。" in client.get(page_of(AOI)).content.decode()


def test_a_second_click_and_a_stale_page_record_nothing_more_and_lose_nothing(
    city: Callable[..., None], worker: Browser
) -> None:
    city()
    client = worker()
    page = client.get(page_of(MIO)).content.decode()
    hidden = {name: re.findall(rf'name="{name}" value="([^"]*)"', page)[0] for name in ("seen", "form")}
    sent = {**hidden, "lines": [key_of(MIO)], "act": "plan_way", "way": "visit", "on": TOMORROW.isoformat()}
    for _click in range(2):
        assert client.post(f"{page_of(MIO)}record/", sent).status_code == 302
    assert Step.objects.filter(machine="offer").count() == 2, "taken up, planned"
    late = {**sent, "form": str(uuid.uuid4()), "act": "turn_down", "reason": "電話で断られた。"}
    answer = client.post(f"{page_of(MIO)}record/", late)
    assert answer.status_code == 409
    assert "電話で断られた。" in answer.content.decode()
    again = answer.context["form"]
    assert client.post(f"{page_of(MIO)}record/", {**late, "seen": again["seen"].value()}).status_code == 302
    assert states() == {key_of(MIO): "not_wanted"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"way": ""},
        {"on": ""},
        {"on": "2020-01-01"},
        {"way": "pigeon"},
        {"act": ""},
        {"lines": []},
        {"lines": ["P0000000000000000.school_aid"]},
        {"act": "turn_down", "reason": " "},
        {"form": "x"},
    ],
)
def test_what_is_missing_is_asked_for_and_nothing_is_written(
    wrong: dict[str, Any], city: Callable[..., None], worker: Browser
) -> None:
    city()
    client = worker()
    answer = recorded(
        client, MIO, "plan_way", **{"way": "visit", "on": TOMORROW.isoformat(), "reason": "電話で聞いた", **wrong}
    ) if "lines" not in wrong and "act" not in wrong and "form" not in wrong else client.post(
        f"{page_of(MIO)}record/",
        {"seen": f"{key_of(MIO)}=0", "form": str(uuid.uuid4()), "lines": [key_of(MIO)], "act": "plan_way",
         "way": "visit", "on": TOMORROW.isoformat(), "reason": "電話で聞いた", **wrong},
    )  # fmt: skip
    assert answer.status_code == 422
    if wrong.get("reason") != " ":
        assert "電話で聞いた" in answer.content.decode()
    assert not Offer.objects.exists()


def test_the_work_outlives_the_run_that_found_it_and_the_name_does_not(
    city: Callable[..., None], worker: Browser
) -> None:
    city()
    client = worker()
    planned(client, MIO)
    city(offers=(AOI,), on=dt.date(2026, 10, 31))
    assert client.get(page_of(MIO)).status_code == 404
    assert not OfferedChild.objects.filter(pk=MIO.id).exists()
    city(offers=(AOI, MIO), on=dt.date(2026, 11, 30))
    assert states() == {key_of(MIO): "planned"}
    assert client.get(page_of(MIO)).context["children"][0][2][0].line.state == "planned"


def test_names_and_reasons_lie_sealed_in_the_database(city: Callable[..., None]) -> None:
    city()
    for row in OfferedChild.objects.all():
        assert "例".encode() not in bytes(row.sealed)
    assert len({len(row.sealed) for row in OfferedChild.objects.all()}) == 1


def test_the_letter_names_no_school_and_no_reason_and_promises_nothing(
    city: Callable[..., None], worker: Browser
) -> None:
    city(a_child(household="7"))
    client = worker()
    planned(client, AOI, key_of(AOI), key_of(SORA))
    answer = client.get(f"{page_of(AOI)}letter/")
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages).replace("\n", "")
    for wanted in (HOME, "例川 あおい", "例川 ソラ", "就学援助", "可能性が あります", "学務課"):
        assert wanted.replace(" ", "") in text.replace(" ", ""), wanted
    for forbidden in ("小学校", "生活保護", "未納", "課税", "対象です"):
        assert forbidden not in text, forbidden
    exports = [json.loads(e.body)["persons"] for e in Event.objects.filter(action="export", object="offer")]
    assert exports == [sorted([AOI.id, SORA.id])]


def test_a_page_asks_few_questions_of_the_database(city: Callable[..., None], worker: Browser) -> None:
    city(NOTICED)
    client = worker()
    planned(client, MIO)
    for path in ("/offers/", page_of(AOI)):
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        assert len(counted(asked)) <= 12, (path, counted(asked))
