"""Every look is recorded before it happens; the log only grows, and any change to it is found."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from builders import a_child, a_household, an_id
from tsunagu.audit.proof import verify_file
from tsunagu.audit.verify import Fault, verify
from tsunagu.errors import PurposeError, StateError
from tsunagu_web.access.terms import Role
from tsunagu_web.audit import looks
from tsunagu_web.audit.checking import sealed_rows
from tsunagu_web.audit.models import ContentSalt, Event, IssuedHead
from tsunagu_web.audit.services import append

AOI = an_id("例川 あおい")


def last_entry() -> dict[str, object]:
    event = Event.objects.order_by("-number").first()
    assert event is not None
    return json.loads(event.body)  # type: ignore[no-any-return]


def test_a_childs_page_is_recorded_with_everybody_it_shows(
    intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., object]
) -> None:
    intake(*a_household(a_child(), a_child("例川 はる", "レイカワ ハル")))
    as_role().get(f"/children/{AOI}/")
    entry = last_entry()
    assert entry["action"] == "view"
    assert entry["object"] == "child"
    assert entry["persons"] == [AOI, *sorted((an_id("例川 はる"), an_id("例川 さくら")), key=entry["persons"].index)]  # type: ignore[attr-defined]
    assert entry["actor"] == staff().actor  # type: ignore[attr-defined]


def test_a_list_is_one_entry_with_the_children_shown(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child(), a_child("例田 ソラ", "レイタ ソラ", household="6"))
    before = Event.objects.count()
    as_role().get("/children/")
    assert Event.objects.count() == before + 1
    assert set(last_entry()["persons"]) == {AOI, an_id("例田 ソラ")}  # type: ignore[call-overload]


def test_a_search_is_recorded_without_its_words(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(a_child())
    as_role().post("/children/search/", {"words": "れいかわ"})
    entry = last_entry()
    assert entry["action"] == "search"
    assert entry["detail"].pop("words").isalnum(), "the digest of what was sealed"
    assert entry["detail"] == {"found": 1}
    assert "れいかわ" not in json.dumps(entry, ensure_ascii=False)


def test_no_name_of_anybody_stands_in_the_log(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(*a_household(a_child()))
    for role in Role.values:
        client = as_role(role)
        client.get("/children/")
        client.get(f"/children/{AOI}/")
    everything = "".join(Event.objects.values_list("body", flat=True))
    assert everything.isascii()


def test_when_the_log_cannot_be_written_nothing_is_shown(
    intake: Callable[..., object], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(a_child())

    def broken(**_fields: object) -> None:
        raise DatabaseError("disk full")

    client = as_role()
    monkeypatch.setattr(looks, "append_now", broken)
    for answer in (
        client.get("/children/"),
        client.get(f"/children/{AOI}/"),
        client.post("/children/search/", {"words": "例"}),
    ):
        assert answer.status_code == 503
        assert "例川" not in answer.content.decode()
        assert "いまは表示できません" in answer.content.decode()


def test_a_page_with_people_that_forgot_to_record_is_not_served(
    intake: Callable[..., object], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(a_child())
    client = as_role()
    client.raise_request_exception = False
    monkeypatch.setattr("tsunagu_web.cases.views.record_look", lambda *_a, **_k: None)
    answer = client.get(f"/children/{AOI}/")
    assert answer.status_code == 500
    assert "例川" not in answer.content.decode()


def test_the_look_is_committed_before_the_page_is_made(
    intake: Callable[..., object], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(a_child())
    seen: list[int] = []

    def failing(*_a: object, **_k: object) -> None:
        seen.append(Event.objects.filter(action="view", object="child").count())
        raise RuntimeError("the page breaks while it is made")

    monkeypatch.setattr("tsunagu_web.cases.views.render", failing)
    client = as_role()
    client.raise_request_exception = False
    assert client.get(f"/children/{AOI}/").status_code == 500
    assert seen == [1]
    assert Event.objects.filter(action="view", object="child").count() == 1


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET actor = 'staff:9'", "DELETE FROM audit_event"])
def test_the_database_refuses_to_change_the_log(desk: None, statement: str) -> None:
    append(action="view", object="child", persons=["P1"])
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.count() == 1


@pytest.mark.parametrize("statement", ["UPDATE cases_decision SET note = 'x'", "DELETE FROM cases_decision"])
def test_the_database_refuses_to_change_a_decision(
    statement: str, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    client = as_role()
    form = {"outcome": "candidate", "seen": 0, "form": "2a0b1c52-58ab-4c4e-9d6b-1f0e8b8f0a01"}
    assert client.post(f"/children/{AOI}/decide/", form).status_code == 302
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("act", ["UPDATE audit_issuedhead SET rows = 0", "DELETE FROM audit_issuedhead"])
def test_the_database_refuses_to_change_a_head_that_was_signed(desk: None, act: str) -> None:
    IssuedHead.objects.create(digest="d", series="s", number=1, rows=1, at=timezone.now())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act)


def test_a_salt_is_never_changed(desk: None) -> None:
    change = "UPDATE audit_contentsalt SET salt = '01'"
    ContentSalt.objects.create(number=1, salt="00")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    with connection.cursor() as cursor:  # the control: it is the trigger that refuses
        on = "" if connection.vendor == "sqlite" else " ON audit_contentsalt"
        cursor.execute(f"DROP TRIGGER audit_contentsalt_no_edit{on}")
        cursor.execute(change)
    assert ContentSalt.objects.get().salt == "01"


def test_a_salt_can_be_erased(desk: None) -> None:
    ContentSalt.objects.create(number=1, salt="00")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_contentsalt")
    assert not ContentSalt.objects.exists()


def tampered(statement: str, *values: object) -> Fault | None:
    """What verifying says after somebody with full rights took the triggers away and changed rows."""
    vendor = connection.vendor
    with connection.cursor() as cursor:
        if vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_event_no_update")
            cursor.execute("DROP TRIGGER audit_event_no_delete")
        else:
            cursor.execute("DROP TRIGGER audit_event_no_change ON audit_event")
        cursor.execute(statement, values)
    return verify(sealed_rows()).fault


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_event SET body = replace(body, 'P3', 'P9') WHERE number = 3", Fault(3, "edited")),
        ("UPDATE audit_event SET actor = 'staff:9' WHERE number = 3", Fault(3, "edited")),
        ("UPDATE audit_event SET at = '2020-01-01 00:00:00+00:00' WHERE number = 2", Fault(2, "edited")),
        ("DELETE FROM audit_event WHERE number = 2", Fault(2, "removed")),
        ("UPDATE audit_event SET number = 99 WHERE number = 2", Fault(2, "reordered")),
    ],
)
def test_a_change_by_the_databases_owner_is_found(desk: None, statement: str, fault: Fault) -> None:
    for number in range(1, 6):
        append(action="view", object="child", persons=[f"P{number}"])
    assert verify(sealed_rows()).is_whole
    assert tampered(statement) == fault


def test_a_name_is_refused_as_an_entry(desk: None) -> None:
    with pytest.raises(PurposeError):
        append(action="view", object="child", persons=["例川 あおい"])
    assert Event.objects.count() == 0


def test_verify_and_export_by_command(desk: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        append(action="view", object="child", persons=[f"P{number}"])
    head = tmp_path / "head.json"
    call_command("audit_verify", save_head=head)
    assert "3 rows" in capsys.readouterr().out
    call_command("audit_export", tmp_path / "log.jsonl")
    assert verify_file(tmp_path / "log.jsonl")[0].rows == 3
    append(action="view", object="child")
    call_command("audit_verify", head=head)
    if tampered("DELETE FROM audit_event WHERE number > 2"):
        pytest.fail("without a head a shortened log looks whole")
    with pytest.raises(StateError, match="row 3 is gone from the end"):
        call_command("audit_verify", head=head)
    with pytest.raises(StateError):
        call_command("audit_export", tmp_path / "log.jsonl")


def test_the_auditor_reads_filters_and_verifies(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(*a_household(a_child()))
    as_role().get(f"/children/{AOI}/")
    client = as_role(Role.AUDITOR)
    page = client.get("/log/")
    assert AOI in page.content.decode()
    assert "例川" not in page.content.decode()
    only = client.get("/log/", {"person": AOI}).context["lines"]
    assert [line.event.object for line in only] == ["child"]
    assert client.get("/log/", {"action": "refused"}).context["lines"] == []
    assert client.get("/log/", {"day": dt.date(2020, 1, 1).isoformat()}).context["lines"] == []
    assert client.get("/log/", {"person": "例川"}).status_code == 200
    verified = client.post("/log/verify/").content.decode()
    assert "記録は完全です" in verified


def test_the_auditor_is_told_the_first_bad_row(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(a_child())
    client = as_role(Role.AUDITOR)
    client.get("/log/")
    assert tampered("UPDATE audit_event SET body = replace(body, 'view', 'seen') WHERE number = 2") == Fault(
        2, "edited"
    )
    told = client.post("/log/verify/").content.decode()
    assert "最初の異常は 2 番の行です" in told
    assert "書き換えられています" in told
