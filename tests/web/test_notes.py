"""Notes: by label and never overwritten; who was slower reads both texts; what is above a label leaves no count."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from counted import counted
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from routes import plain

from builders import a_child, an_id
from tsunagu_web.access.models import Grant
from tsunagu_web.access.terms import Label, Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.notes.models import Note, NoteVersion

AOI, SORA = an_id("例川 あおい"), an_id("例田 ソラ")
PAGE = f"/children/{AOI}/notes/"


def a_note(
    text: str = "家庭訪問をした", label: int = Label.INTERNAL, *, seen: int = 0, **more: object
) -> dict[str, Any]:
    return {"text": text, "label": int(label), "seen": seen, "form": str(uuid.uuid4()), **more}


def shown(client: Client) -> list[str]:
    return [version.text for version in client.get(PAGE).context["notes"]]


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.AUDITOR, Role.PARTNER, Role.ANALYST])
def test_who_may_not(role: str, intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(a_child())
    as_role().post(f"{PAGE}write/", a_note())
    note = Note.objects.get()
    client = as_role(role)
    for path in (PAGE, f"{PAGE}{note.pk}/"):
        assert client.get(path).status_code == 403, path
    for path in (f"{PAGE}write/", f"{PAGE}{note.pk}/edit/"):
        assert client.post(path, a_note("x", seen=1)).status_code == 403, path
    assert NoteVersion.objects.count() == 1


def test_a_note_is_recorded_and_the_log_commits_to_its_text(
    intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    assert as_role().post(f"{PAGE}write/", a_note(about_on="2026-09-01")).status_code == 302
    version = NoteVersion.objects.get()
    assert (version.text, version.label, version.number, version.by) == ("家庭訪問をした", 1, 1, staff())
    body = Event.objects.get(action="write_note").body
    assert json.loads(body)["persons"] == [AOI]
    assert "家庭" not in body
    assert json.loads(body)["detail"]["row"] == f"notes.noteversion:{version.pk}"
    assert shown(as_role()) == ["家庭訪問をした"]
    entry = json.loads(Event.objects.order_by("number").last().body)  # type: ignore[union-attr]
    assert (entry["object"], entry["persons"]) == ("note", [AOI])


def test_a_second_click_is_harmless(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(a_child())
    form, client = a_note(), as_role()
    assert [client.post(f"{PAGE}write/", form).status_code for _ in range(2)] == [302, 302]
    assert NoteVersion.objects.count() == 1


def test_what_is_above_the_label_is_hidden_without_a_count(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    """Two children, one with two sensitive notes and one with none: to a nurse both pages are the same."""
    intake(a_child(), a_child("例田 ソラ", "レイタ ソラ", household="6"))
    for text in ("性的な被害の訴え", "性的な被害の訴えの続き"):
        as_role().post(f"{PAGE}write/", a_note(text, Label.SENSITIVE))
    as_role().post(f"{PAGE}write/", a_note("連絡がついた"))
    as_role().post(f"/children/{SORA}/notes/write/", a_note("連絡がついた"))
    nurse = as_role(Role.PUBLIC_HEALTH_NURSE)
    pages = [nurse.get(f"/children/{pk}/notes/") for pk in (AOI, SORA)]
    assert [[v.text for v in page.context["notes"]] for page in pages] == [["連絡がついた"], ["連絡がついた"]]
    texts = [page.content.decode() for page in pages]
    assert all("取扱区分より上のもの：権限により非表示" in text for text in texts)
    assert all("性的" not in text for text in texts)
    sealed = Note.objects.filter(label=Label.SENSITIVE).first()
    assert sealed is not None
    above, nobody = nurse.get(f"{PAGE}{sealed.pk}/"), nurse.get(f"{PAGE}{10**6}/")
    assert (above.status_code, nobody.status_code) == (404, 404)
    assert plain(above, f"notes/{sealed.pk}/") == plain(nobody, f"notes/{10**6}/")
    last = [json.loads(event.body) for event in Event.objects.order_by("-number")[:2]]
    assert [entry["action"] for entry in last] == ["view", "refused"], "the log alone knows which of them was there"
    assert nurse.post(f"{PAGE}{sealed.pk}/edit/", a_note("x", seen=1)).status_code == 404
    assert len(shown(as_role())) == 3, "the lead worker reads them"


def test_a_sealed_note_opens_by_a_grant_only(
    intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    client = as_role(Role.SUPERVISOR)
    decided = {"outcome": "candidate", "seen": 0, "form": str(uuid.uuid4())}
    assert client.post(f"/children/{AOI}/decide/", decided).status_code == 302
    note = Note.objects.create(child_id=AOI, label=3, number=1, form=uuid.uuid4(), changed_at=timezone.now())
    NoteVersion.objects.create(note=note, number=1, text="通告者", label=3, by=staff(), at=timezone.now())
    supervisor = as_role(Role.SUPERVISOR, purpose=Purpose.CASE_SUPPORT)
    assert shown(supervisor) == []
    Grant.objects.create(
        staff=staff(Role.SUPERVISOR),
        person_id=AOI,
        purpose=Purpose.CASE_SUPPORT,
        basis="conference",
        starts_at=timezone.now(),
        ends_at=timezone.now() + dt.timedelta(hours=1),
        granted_by=staff(),
    )
    assert shown(supervisor) == ["通告者"]


def test_a_change_adds_a_version_and_keeps_the_former(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    client = as_role()
    client.post(f"{PAGE}write/", a_note())
    note = Note.objects.get()
    assert client.post(f"{PAGE}{note.pk}/edit/", a_note("不在だった", seen=1)).status_code == 302
    versions = client.get(f"{PAGE}{note.pk}/").context["versions"]
    assert [v.text for v in versions] == ["不在だった", "家庭訪問をした"]
    assert shown(client) == ["不在だった"]


def test_somebody_who_was_slower_is_told_with_both_texts(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    as_role().post(f"{PAGE}write/", a_note())
    note = Note.objects.get()
    assert as_role().post(f"{PAGE}{note.pk}/edit/", a_note("先の変更", seen=1)).status_code == 302
    slower = as_role(Role.SUPERVISOR)
    late = slower.post(f"{PAGE}{note.pk}/edit/", a_note("後の変更", seen=1))
    text = late.content.decode()
    assert late.status_code == 409
    assert "先の変更" in text
    assert "後の変更" in text
    assert NoteVersion.objects.filter(text="後の変更").count() == 0
    again = a_note("先の変更と後の変更", seen=late.context["form"].initial["seen"])
    assert slower.post(f"{PAGE}{note.pk}/edit/", again).status_code == 302
    assert [v.number for v in NoteVersion.objects.filter(note=note).order_by("number")] == [1, 2, 3]


def test_a_label_is_raised_by_whoever_writes_and_lowered_by_the_supervisor_only(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    as_role().post(f"{PAGE}write/", a_note())
    note = Note.objects.get()
    change = f"{PAGE}{note.pk}/edit/"
    assert as_role().post(change, a_note("x", Label.SENSITIVE, seen=1)).status_code == 302
    assert as_role().post(change, a_note("x", Label.INTERNAL, seen=2)).status_code == 422
    assert Note.objects.get().label == Label.SENSITIVE
    assert as_role(Role.SUPERVISOR).post(change, a_note("x", Label.INTERNAL, seen=2)).status_code == 302
    assert Note.objects.get().label == Label.INTERNAL
    nurse = as_role(Role.PUBLIC_HEALTH_NURSE).get(f"{PAGE}{note.pk}/")
    assert [v.number for v in nurse.context["versions"]] == [3, 1], "what was sensitive then stays hidden"


def test_nobody_writes_above_the_own_label(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(a_child())
    assert as_role().post(f"{PAGE}write/", a_note("x", Label.SEALED)).status_code == 422
    assert as_role(Role.PUBLIC_HEALTH_NURSE).post(f"{PAGE}write/", a_note("x", Label.SENSITIVE)).status_code == 422
    assert Note.objects.count() == 0


def test_an_incomplete_note_is_shown_again_with_what_was_typed(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    answer = as_role().post(f"{PAGE}write/", a_note("書きかけ", about_on="2126-01-01"))
    assert answer.status_code == 422
    assert "書きかけ" in answer.content.decode()
    assert as_role().post(f"{PAGE}write/", a_note("  ")).status_code == 422
    assert Note.objects.count() == 0


def test_a_note_of_another_child_is_not_reached_through_this_one(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child(), a_child("例田 ソラ", "レイタ ソラ", household="6"))
    as_role().post(f"/children/{SORA}/notes/write/", a_note())
    number = Note.objects.get().pk
    assert as_role().get(f"{PAGE}{number}/").status_code == 404
    assert as_role().post(f"{PAGE}{number}/edit/", a_note("x", seen=1)).status_code == 404


def test_the_database_changes_and_deletes_no_version(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    as_role().post(f"{PAGE}write/", a_note())
    for act in (lambda rows: rows.update(text="x"), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act(NoteVersion.objects.all())
    with pytest.raises(IntegrityError), transaction.atomic():
        Note.objects.update(label=4)


def test_the_page_needs_no_more_than_twelve_queries(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    client = as_role()
    for place in range(20):
        client.post(f"{PAGE}write/", a_note(f"{place}"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(PAGE).status_code == 200
    assert len(counted(queries)) <= 12
