"""Searching notes: by the words typed, within reach and label, sealed like every search, and by POST alone."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import pytest
from counted import counted
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from builders import a_child, an_id
from tsunagu_web.access.models import Conflict, Team
from tsunagu_web.access.terms import Label, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.notes.models import Note
from tsunagu_web.search.models import SearchTerms

AOI, SORA = an_id("例川 あおい"), an_id("例田 ソラ")
SEARCH = "/notes/search/"
AsRole = Callable[..., Client]


@pytest.fixture
def notes(intake: Callable[..., object], as_role: AsRole) -> None:
    """Two children of one school: a home visit of each, and one note that not everybody reads."""
    intake(a_child(), a_child("例田 ソラ", "レイタ ソラ", household="6"))
    worker = as_role()
    worker.post(f"/children/{AOI}/notes/write/", a_note("家庭訪問をした。母は留守"))
    worker.post(f"/children/{AOI}/notes/write/", a_note("家庭訪問で聞いた訴え", Label.SENSITIVE))
    worker.post(f"/children/{SORA}/notes/write/", a_note("カテイホウモンの約束"))


def a_note(text: str, label: int = Label.INTERNAL, *, seen: int = 0) -> dict[str, object]:
    return {"text": text, "label": int(label), "seen": seen, "form": str(uuid.uuid4())}


def texts(client: Client, words: str) -> list[str]:
    answer = client.post(SEARCH, {"words": words})
    assert answer.status_code == 200
    return sorted(version.text for version, _who in answer.context["rows"])


@pytest.mark.usefixtures("notes")
def test_notes_are_found_by_their_words_and_lead_to_their_child(as_role: AsRole) -> None:
    worker = as_role()
    assert texts(worker, "家庭訪問") == ["家庭訪問で聞いた訴え", "家庭訪問をした。母は留守"]
    assert texts(worker, "母 訪問") == ["家庭訪問をした。母は留守"]
    assert texts(worker, "ｶﾃｲ") == ["カテイホウモンの約束"]
    assert texts(worker, "例川") == [], "a name is searched elsewhere"
    assert f'href="/children/{AOI}/"' in worker.post(SEARCH, {"words": "留守"}).content.decode()


@pytest.mark.usefixtures("notes")
def test_what_a_note_said_before_is_no_longer_found(as_role: AsRole) -> None:
    worker, first = as_role(), Note.objects.order_by("pk")[0]
    worker.post(f"/children/{AOI}/notes/{first.pk}/edit/", a_note("電話で話した", seen=1))
    assert texts(worker, "留守") == []
    assert texts(worker, "電話") == ["電話で話した"]


@pytest.mark.usefixtures("notes")
def test_what_is_above_the_label_is_neither_found_nor_counted(as_role: AsRole) -> None:
    nurse = as_role(Role.PUBLIC_HEALTH_NURSE)
    assert texts(nurse, "家庭訪問") == ["家庭訪問をした。母は留守"]
    above, nothing = (nurse.post(SEARCH, {"words": words}) for words in ("訴え", "だれも書かない"))
    assert above.context["page"].paginator.count == nothing.context["page"].paginator.count == 0
    assert "訴え" not in above.content.decode().replace('value="訴え"', "")


def test_notes_of_children_out_of_reach_are_not_found(
    intake: Callable[..., object], as_role: AsRole, staff: Callable[..., Staff]
) -> None:
    Team.objects.create(key="east", name="東", schools=["201"])
    intake(a_child(), a_child("例田 ソラ", "レイタ ソラ", household="6", school="201"))
    worker, east = as_role(), staff(Role.LEAD_WORKER, login="east")
    east.duties.update(key="east")
    worker.post(f"/children/{AOI}/notes/write/", a_note("家庭訪問をした"))
    assert texts(as_role(Role.LEAD_WORKER, login="east"), "家庭訪問") == []
    assert texts(worker, "家庭訪問") == ["家庭訪問をした"]
    Conflict.objects.create(staff=staff(), person_id=AOI, kind="own_family", entered_at=Note.objects.get().changed_at)
    assert texts(as_role(), "家庭訪問") == []


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.AUDITOR, Role.PARTNER, Role.ANALYST])
def test_who_may_not(role: str, intake: Callable[..., object], as_role: AsRole) -> None:
    intake(a_child())
    client = as_role(role)
    assert client.post(SEARCH, {"words": "家庭"}).status_code == 403
    page = client.get("/children/")
    assert page.status_code != 200 or "メモをさがす" not in page.content.decode()


@pytest.mark.usefixtures("notes")
def test_the_words_are_sealed_and_whose_notes_were_shown_is_recorded(as_role: AsRole) -> None:
    worker = as_role()
    assert "メモをさがす" in worker.get("/children/").content.decode()
    before = SearchTerms.objects.count()
    texts(worker, "家庭訪問")
    event = Event.objects.order_by("-number")[0]
    body = json.loads(event.body)
    assert (body["action"], body["object"], body["detail"]["found"]) == ("search", "note", 2)
    assert set(body["persons"]) == {AOI}
    assert "家庭" not in event.body
    assert SearchTerms.objects.count() == before + 1
    assert worker.get(SEARCH, {"words": "家庭訪問"}).status_code == 405


@pytest.mark.usefixtures("notes")
def test_too_few_letters_are_told_and_pages_turn(as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = as_role()
    assert "2 文字以上" in worker.post(SEARCH, {"words": "a"}).content.decode()
    monkeypatch.setattr("tsunagu_web.notes.queries.PAGE_SIZE", 1)
    second = worker.post(SEARCH, {"words": "家庭訪問", "page": "2"})
    assert [version.text for version, _who in second.context["rows"]] == ["家庭訪問をした。母は留守"]
    assert "2 件のメモ" in second.content.decode()


@pytest.mark.usefixtures("notes")
def test_the_page_needs_no_more_than_twelve_queries(as_role: AsRole) -> None:
    worker = as_role()
    for place in range(20):
        worker.post(f"/children/{AOI}/notes/write/", a_note(f"家庭訪問 {place}"))
    with CaptureQueriesContext(connection) as queries:
        assert worker.post(SEARCH, {"words": "家庭訪問"}).status_code == 200
    assert len(counted(queries)) <= 12
