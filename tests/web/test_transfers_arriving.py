"""What another municipality hands over: who opens it, taking the child on once, and a record that stays as it came."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from builders import a_child, an_id
from handed_over import OtherCity, here, set_up, text_of
from handing import AT, HINODE, MIZUNO, WORKER, a_document, a_draft, a_passage
from tsunagu.errors import StateError
from tsunagu.handover.package import AttachedFile
from tsunagu.handover.working_days import japan_day
from tsunagu_web.access.models import INTAKE_TEAM, Team
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.notes import store as files
from tsunagu_web.notes.models import Attachment
from tsunagu_web.people.models import Person
from tsunagu_web.transfers.models import Received

SUPPORT = Purpose.CASE_SUPPORT
PDF = AttachedFile("支援プラン.pdf", "pdf", b"%PDF-1.4 invented")
WORDS = ("大空", "オオゾラ", "週に二日登校している")
Browser = Callable[..., Client]
People = Callable[..., Staff]


@pytest.fixture
def other(intake: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OtherCity:
    """This desk is Mizuno's, with a run of its own; the other city is Hinode."""
    Team.objects.create(key="east", name="東", schools=["201"])
    intake(a_child(birth_date=a_document().child.born_on), a_child("例田 ソラ", "レイタ ソラ", household="6"))
    set_up(tmp_path, monkeypatch, MIZUNO)
    return OtherCity(tmp_path, HINODE)


@pytest.fixture
def boss(other: OtherCity, as_role: Browser) -> Client:
    return as_role(Role.SUPERVISOR, login="boss-1", purpose=SUPPORT)


@pytest.fixture
def came(other: OtherCity) -> str:
    return other.hand_over(files=(PDF,))


def page_of(id: str) -> str:
    return f"/transfers/in/{id}/"


def taking_on(client: Client, id: str, staff: Staff, child: str = "new") -> HttpResponse:
    given = {"lead": f"{INTAKE_TEAM}:{staff.pk}", "child": child}
    return client.post(f"{page_of(id)}accept/", given)  # type: ignore[return-value]


def now_of(id: str) -> Any:
    return here().get(id, japan_day(timezone.now()))


def entries(action: str) -> list[dict[str, Any]]:
    found = Event.objects.filter(action=action, object="transfer").order_by("number")
    return [json.loads(event.body) for event in found]


# Who may not


def test_a_worker_whom_nobody_chose_finds_nothing(came: str, as_role: Browser) -> None:
    client = as_role(Role.LEAD_WORKER, purpose=SUPPORT)
    page = client.get("/transfers/")
    assert "日の出市" not in text_of(page)
    for path in ("", "contents/", "files/1/"):
        assert client.get(f"{page_of(came)}{path}").status_code == 404, path
    for path in ("readers/", "accept/", "decline/"):
        assert client.post(f"{page_of(came)}{path}", {"reason": "not_agreed"}).status_code == 404, path
    assert now_of(came).state == "stored"


def test_the_list_and_the_cover_hold_nothing_of_the_child(came: str, boss: Client) -> None:
    for path in ("/transfers/", page_of(came)):
        page = boss.get(path)
        assert page.status_code == 200
        assert "日の出市" in text_of(page)
        for word in WORDS:
            assert word not in text_of(page), path
    assert "引き受けを待っています" in text_of(boss.get("/transfers/"))
    assert not Person.objects.filter(name__contains="大空").exists(), (
        "nothing is in the database before somebody accepts"
    )


def test_opening_is_in_both_logs(came: str, boss: Client) -> None:
    page = text_of(boss.get(f"{page_of(came)}contents/"))
    assert all(word in page for word in WORDS)
    assert entries("view")[-1]["detail"]["handover"] == came
    opened = [json.loads(row.body) for row in here().shelf.log() if '"handover_in_open"' in row.body]
    assert {entry["actor"] for entry in opened} == {"staff:boss-1"}


def test_after_somebody_was_chosen_nobody_else_opens_it(
    came: str, boss: Client, as_role: Browser, staff: People
) -> None:
    second = as_role(Role.SUPERVISOR, login="boss-2", purpose=SUPPORT)
    assert second.get(f"{page_of(came)}contents/").status_code == 200
    worker = staff(Role.LEAD_WORKER)
    assert boss.post(f"{page_of(came)}readers/", {"readers": [worker.pk]}).status_code == 302
    client = as_role(Role.LEAD_WORKER, purpose=SUPPORT)
    assert client.get(f"{page_of(came)}contents/").status_code == 200
    assert boss.get(f"{page_of(came)}contents/").status_code == 200
    assert second.get(f"{page_of(came)}contents/").status_code == 404
    assert client.post(f"{page_of(came)}decline/", {"reason": "not_agreed"}).status_code == 404, "reads, and no more"
    assert entries("choose_readers")[-1]["detail"]["handover"] == came


def test_a_restricted_one_is_opened_by_its_two_people_alone(
    other: OtherCity, boss: Client, as_role: Browser, staff: People
) -> None:
    came = other.hand_over(kind="restricted", recipients=("account:boss-1", "account:worker-1"), files=())
    elsewhere = as_role(Role.SUPERVISOR, login="boss-2", purpose=SUPPORT)
    assert elsewhere.get(page_of(came)).status_code == 404
    assert "日の出市" not in text_of(elsewhere.get("/transfers/"))
    assert boss.get(f"{page_of(came)}contents/").status_code == 404, "its readers are chosen first"
    me, named, not_named = staff(login="boss-1"), staff(login="worker-1"), staff(login="worker-2")
    wrong = boss.post(f"{page_of(came)}readers/", {"readers": [me.pk, not_named.pk]})
    assert wrong.status_code == 422
    assert boss.post(f"{page_of(came)}readers/", {"readers": [me.pk, named.pk]}).status_code == 302
    assert boss.get(f"{page_of(came)}contents/").status_code == 200


# Taking the child on


def test_taking_on_makes_a_case_of_this_desk_and_keeps_what_came(came: str, boss: Client, staff: People) -> None:
    worker = staff(Role.LEAD_WORKER)
    assert taking_on(boss, came, worker).status_code == 302
    made = Received.objects.get()
    child, case = Child.objects.get(pk=made.child_id), Case.objects.get()
    assert (case.child_id, case.number, case.lead_id, case.team, case.stage) == (
        made.child_id, 1, worker.pk, INTAKE_TEAM, "opened",
    )  # fmt: skip
    assert (child.person.name, child.person.kana, child.person.birth_date) == (
        "大空 つばさ", "オオゾラ ツバサ", a_document().child.born_on,
    )  # fmt: skip
    assert (child.level, child.is_listed, child.case_state) == ("", False, "open"), "no level came, and none is made"
    assert made.document == a_document(attachments=made.document.attachments)
    attached = Attachment.objects.get()
    assert (attached.child_id, attached.name, files.get(attached.stored, attached.sha256)) == (
        child.pk, "支援プラン.pdf", PDF.data,
    )  # fmt: skip
    assert (now_of(came).state, now_of(came).has_contents) == ("sealed", False)
    assert entries("accept")[-1]["persons"] == [child.pk]


def test_the_lead_worker_reads_the_record_and_nobody_changes_it(
    came: str, boss: Client, as_role: Browser, staff: People
) -> None:
    taking_on(boss, came, staff(Role.LEAD_WORKER))
    made = Received.objects.get()
    client = as_role(Role.LEAD_WORKER, purpose=SUPPORT)
    assert "日の出市" in text_of(client.get(f"/children/{made.child_id}/transfers/"))
    page = client.get(f"/children/{made.child_id}/transfers/received/{made.pk}/")
    for word in (*WORDS, "理科はすき。朝がつらい。", "朝むかえに来てほしい", "就学援助", "家事の支援"):
        assert word in text_of(page), word
    assert page.content.decode().count("<form") == client.get("/transfers/").content.decode().count("<form")
    for path in ("", "case/", "history/", "assessments/"):
        assert client.get(f"/children/{made.child_id}/{path}").status_code == 200, path
    for act in ("UPDATE transfers_received SET body = 'x'", "DELETE FROM transfers_received"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(act)


def test_a_child_never_noticed_here_has_no_level_and_is_found(
    came: str, boss: Client, as_role: Browser, staff: People
) -> None:
    taking_on(boss, came, staff(Role.LEAD_WORKER))
    id = Received.objects.get().child_id
    client = as_role(Role.LEAD_WORKER, purpose=SUPPORT)
    assert "ここでの気づきはありません" in text_of(client.get(f"/children/{id}/"))
    assert "大空 つばさ" in text_of(client.post("/children/search/", {"words": "おおぞら"}))
    assert "大空" in text_of(client.get("/cases/ledger/")) or client.get("/conferences/ledger/").status_code in (
        200,
        404,
    )


def test_a_child_of_this_desk_is_told_by_its_birthday_and_keeps_its_number(
    came: str, boss: Client, staff: People
) -> None:
    page = boss.get(f"{page_of(came)}contents/")
    known = dict(page.context["accepting"].fields["child"].choices)
    aoi = an_id("例川 あおい")
    assert set(known) == {aoi, "new"}, "born on that day, and within duty"
    assert not page.context["accepting"]["child"].value(), "a person says who it is"
    assert taking_on(boss, came, staff(Role.LEAD_WORKER), aoi).status_code == 302
    assert Received.objects.get().child_id == aoi
    assert Child.objects.get(pk=aoi).person.name == "例川 あおい", "what the desk knows is not written over"


def test_a_child_with_an_open_case_here_is_talked_over_first(
    came: str, boss: Client, as_role: Browser, staff: People
) -> None:
    aoi = an_id("例川 あおい")
    decided = {"outcome": "candidate", "seen": 0, "form": str(uuid.uuid4())}
    assert as_role().post(f"/children/{aoi}/decide/", decided).status_code == 302
    refused = taking_on(boss, came, staff(Role.LEAD_WORKER), aoi)
    assert refused.status_code == 409
    assert "主担当と話してください" in refused.context["problem"]  # type: ignore[attr-defined]
    assert now_of(came).state == "stored", "nothing was accepted"


def test_a_lead_of_another_team_is_not_taken(came: str, boss: Client, staff: People) -> None:
    east = staff(login="east-lead")
    east.duties.update(key="east")
    answer = boss.post(f"{page_of(came)}accept/", {"lead": f"east:{east.pk}", "child": "new"})
    assert answer.status_code == 422
    assert now_of(came).state == "stored"


def test_a_file_that_cannot_be_kept_stops_the_acceptance(other: OtherCity, boss: Client, staff: People) -> None:
    came = other.hand_over(files=(AttachedFile("何か.pdf", "pdf", b"MZ\x00\x00 no pdf"),))
    refused = taking_on(boss, came, staff(Role.LEAD_WORKER))
    assert refused.status_code == 409
    assert now_of(came).state == "stored"
    assert boss.get(f"{page_of(came)}files/1/").status_code == 404


def test_twice_is_once(came: str, boss: Client, staff: People) -> None:
    worker = staff(Role.LEAD_WORKER)
    answers = [taking_on(boss, came, worker) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert (Received.objects.count(), Case.objects.count(), Attachment.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("step", ["_case_of", "_attach", "seal"])
def test_what_fails_in_between_is_done_by_asking_again(
    step: str, came: str, boss: Client, staff: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = staff(Role.LEAD_WORKER)

    def fails(*_given: object, **_more: object) -> None:
        raise StateError("the disk is full")

    with monkeypatch.context() as patched:
        room = "tsunagu.handover.store.HandoverStore" if step == "seal" else "tsunagu_web.transfers.arriving"
        patched.setattr(f"{room}.{step}", fails)
        assert taking_on(boss, came, worker).status_code == 409
    assert now_of(came).state == "accepted", "this office is responsible from the acceptance on"
    assert now_of(came).has_contents
    assert taking_on(boss, came, worker).status_code == 302
    assert (Received.objects.count(), Case.objects.count(), Attachment.objects.count()) == (1, 1, 1)
    assert not now_of(came).has_contents


def test_what_was_decided_long_ago_leaves_the_list(came: str, boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert boss.post(f"{page_of(came)}decline/", {"reason": "not_resident"}).status_code == 302
    assert "日の出市" in text_of(boss.get("/transfers/"))
    monkeypatch.setattr("tsunagu_web.transfers.arriving.LISTED_FOR", dt.timedelta(0))
    assert "日の出市" not in text_of(boss.get("/transfers/"))
    assert boss.get(page_of(came)).status_code == 200, "and is found by its address all the same"


# Not taking the child on


def test_declining_says_why_by_a_code_and_destroys_what_came(came: str, boss: Client, other: OtherCity) -> None:
    assert boss.post(f"{page_of(came)}decline/", {}).status_code == 422
    assert boss.post(f"{page_of(came)}decline/", {"reason": "not_resident"}).status_code == 302
    assert (now_of(came).state, now_of(came).has_contents) == ("declined", False)
    assert entries("decline")[-1]["detail"] == {"handover": came, "reason": "not_resident"}
    other.tell(came)
    assert other.store.get(came, japan_day(AT)).receipts[-1].reason == "not_resident"
    assert boss.post(f"{page_of(came)}decline/", {"reason": "not_resident"}).status_code == 409
    assert boss.get(f"{page_of(came)}contents/").status_code == 404


def test_what_was_withdrawn_meanwhile_is_not_taken_on(came: str, boss: Client, other: OtherCity, staff: People) -> None:
    other.store.withdraw(came, WORKER, timezone.now())
    a_passage(here()).take_withdrawal(other.node.withdrawal(came, timezone.now()), HINODE, timezone.now())
    assert taking_on(boss, came, staff(Role.LEAD_WORKER)).status_code in (404, 409)
    assert "移管元が取り下げました" in text_of(boss.get(page_of(came)))
    assert not Received.objects.exists()


def test_what_has_not_arrived_as_a_whole_is_shown_and_not_opened(other: OtherCity, boss: Client) -> None:
    id = other.store.queue(a_draft(), WORKER, timezone.now())
    a_passage(here()).take_offer(other.node.offer(id, timezone.now()), HINODE, timezone.now())
    assert "まだ全部は届いていません" in text_of(boss.get(page_of(id)))
    assert boss.get(f"{page_of(id)}contents/").status_code == 404
