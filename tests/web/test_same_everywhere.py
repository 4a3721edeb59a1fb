"""List, page, count, search, file and API agree: the same children, and the same things of them hidden."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from django.test import Client

from builders import a_child, a_household, an_id, many_absences, public_assistance, tax_unknown
from tsunagu_web.access import querysets
from tsunagu_web.access.models import Grant, Team
from tsunagu_web.access.table import PURPOSES, permits_of
from tsunagu_web.access.terms import Action, Purpose, Role, Thing
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Child
from tsunagu_web.worklist import queries, sheet

Browser = Callable[..., Client]
SEARCH = "/api/v1/children/search/"
PEOPLE = [
    *a_household(a_child("例川 あおい", "レイカワ アオイ", reasons=(many_absences(), tax_unknown()))),
    a_child("例田 ソラ", "レイタ ソラ", school="201", household="6", level="見守り"),
    a_child("例本 みお", "レイモト ミオ", household="7", reasons=(public_assistance(),), first_reason="P1"),
    a_child("＝HYPERLINK 例", "レイ キケン", household="8"),
]
READERS = [
    (role, purpose)
    for role in Role
    for purpose in PURPOSES[role]
    if permits_of(role, purpose, Thing.WORKLIST, Action.VIEW)
]


@pytest.fixture
def city(intake: Callable[..., object]) -> None:
    Team.objects.create(key="east", name="東", schools=["201"])
    intake(*PEOPLE)
    Child.objects.filter(pk=an_id("例本 みお")).update(case_state="open", state="candidate", decisions_made=1)


@pytest.mark.parametrize(("role", "purpose"), READERS, ids=[f"{r}-{p}" for r, p in READERS])
def test_they_agree(role: Role, purpose: Purpose, city: None, as_role: Browser) -> None:
    client = as_role(role, purpose=purpose)
    page = client.get("/children/")
    listed = [row.child.pk for row in page.context["rows"]]
    opened = [
        pk for pk in Child.objects.values_list("pk", flat=True) if client.get(f"/children/{pk}/").status_code == 200
    ]
    api = client.get("/api/v1/children/").json()
    assert sorted(opened) == sorted(listed)
    assert [child["person_id"] for child in api["children"]] == listed
    assert api["count"] == page.context["listed"].total == len(listed)
    if permits_of(role, purpose, Thing.WORKLIST, Action.SEARCH):
        found = client.post("/children/search/", {"words": "レイ"})
        assert sorted(row.child.pk for row in found.context["rows"]) == sorted(listed)
        by_api = client.post(SEARCH, {"words": "レイ"}, "application/json").json()
        assert sorted(child["person_id"] for child in by_api["children"]) == sorted(listed)
    for pk in Child.objects.values_list("pk", flat=True):
        assert (client.get(f"/api/v1/children/{pk}/").status_code == 200) == (pk in listed)
    file = client.post("/children/export/", {})
    if permits_of(role, purpose, Thing.WORKLIST, Action.EXPORT):
        assert [line[0] for line in _lines(file.content)[2:]] == listed
    else:
        assert file.status_code == 403


def test_the_check_can_fail(
    city: None, as_role: Browser, without_second_lock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with the filter out of the list alone, list and page no longer agree."""
    monkeypatch.setattr(queries, "children_of", lambda _viewer: Child.objects.all())
    client = as_role(Role.VICE_PRINCIPAL)
    listed = {row.child.pk for row in client.get("/children/").context["rows"]}
    opened = {pk for pk in listed if client.get(f"/children/{pk}/").status_code == 200}
    assert listed != opened
    assert querysets.visible_to is not None


def test_what_is_hidden_on_the_page_is_hidden_in_the_answer_and_said_so(city: None, as_role: Browser) -> None:
    client = as_role(Role.VICE_PRINCIPAL)
    answer = client.get(f"/api/v1/children/{an_id('例本 みお')}/")
    assert "生活保護" not in json.dumps(answer.json(), ensure_ascii=False)
    assert {"reasons", "household", "decisions", "facts.welfare", "facts.tax"} <= {
        part["field"] for part in answer.json()["hidden"]
    }
    assert answer.json()["reasons"] == []


def test_a_program_that_is_nobody_is_told_so_in_its_own_form(city: None) -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.get("/api/v1/children/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer["WWW-Authenticate"].startswith("Session")
    without_mark = browser.post(SEARCH, {"words": "レイ"}, "application/json")
    assert (without_mark.status_code, without_mark.json()["code"]) == (403, "no_protection_mark")
    assert browser.get("/children/").status_code == 302, "a person is led to the page for signing in"


def test_a_child_out_of_reach_is_answered_like_none(city: None, as_role: Browser) -> None:
    client = as_role(Role.VICE_PRINCIPAL)
    answers = [client.get(f"/api/v1/children/{an_id(name)}/") for name in ("例田 ソラ", "nobody")]
    assert [a.status_code for a in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert answers[0]["Content-Type"] == "application/problem+json"


def test_every_answer_is_recorded_before_it_leaves(city: None, as_role: Browser) -> None:
    client = as_role(Role.SUPERVISOR)
    for ask in (
        lambda: client.get("/api/v1/children/"),
        lambda: client.post(SEARCH, {"words": "レイ"}, "application/json"),
        lambda: client.get(f"/api/v1/children/{an_id('例川 あおい')}/"),
        lambda: client.post("/children/export/", {}),
    ):
        before = Event.objects.count()
        assert ask().status_code == 200
        assert Event.objects.count() == before + 1
    entry = json.loads(Event.objects.order_by("-number")[0].body)
    assert entry["action"] == "export"
    assert set(entry["persons"]) == {an_id("例川 あおい"), an_id("例本 みお"), an_id("＝HYPERLINK 例")}


def test_a_file_says_who_took_it_and_carries_no_formula(city: None, as_role: Browser) -> None:
    lines = _lines(as_role(Role.SUPERVISOR).post("/children/export/", {}).content)
    assert "早期支援の確認" in lines[0][0]
    assert lines[0][0].count("staff:") == 1
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@", "＝", "\t"))]
    assert any(cell == "'＝HYPERLINK 例" for line in lines for cell in line)


@pytest.mark.parametrize("cell", ["=1+1", "+81", "-2", "@SUM", "\tx", "\rx", "＝x", "＋x", "－x", "＠x", " =x", "　=x"])
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    assert sheet.as_text(cell).startswith("'")
    assert sheet.as_text("例川") == "例川"


def test_a_file_has_an_end(city: None, as_role: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_ROWS", 2)
    answer = as_role(Role.SUPERVISOR).post("/children/export/", {})
    assert answer.status_code == 302
    assert not Event.objects.filter(action="export").exists()
    narrowed = as_role(Role.SUPERVISOR).post("/children/export/", {"state": "candidate"})
    assert len(_lines(narrowed.content)) == 3


def test_a_grant_opens_the_child_on_every_way(city: None, as_role: Browser, staff: Callable[..., object]) -> None:
    from django.utils import timezone

    sora = an_id("例田 ソラ")
    worker = as_role()
    assert worker.get(f"/api/v1/children/{sora}/").status_code == 404
    now = timezone.now()
    Grant.objects.create(
        staff=staff(),
        granted_by=staff(Role.SUPERVISOR),
        person_id=sora,
        purpose="early_support",
        basis="conference",
        starts_at=now,
        ends_at=now + timezone.timedelta(hours=1),
    )
    assert worker.get(f"/api/v1/children/{sora}/").status_code == 200
    assert sora in {child["person_id"] for child in worker.get("/api/v1/children/").json()["children"]}


def _lines(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
