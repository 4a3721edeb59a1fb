"""Heads of the stored log: when they are signed, what the check finds beside the chain, what holds while they fail."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from builders import a_child, an_id
from tsunagu.audit.chain import FORMAT
from tsunagu.audit.heads import SignedHead
from tsunagu.audit.proof import read_head, verify_file
from tsunagu.audit.shelf import PUBLIC_KEY, stored_heads
from tsunagu.audit.verify import Fault
from tsunagu.errors import SourceError, StateError
from tsunagu_web.access.terms import Role
from tsunagu_web.audit import heads as heads_of_the_desk
from tsunagu_web.audit.checking import Proof, check_log
from tsunagu_web.audit.heads import exports_may_run, heads_state, issue_heads
from tsunagu_web.audit.models import ContentSalt, Event, EventPerson, IssuedHead
from tsunagu_web.audit.queries import PAGE_SIZE, log_page, looks_at
from tsunagu_web.audit.services import append

AOI = an_id("例川 あおい")
DECISION = {"outcome": "watch", "until": "2026-12-15", "note": "家庭訪問のあとに見る", "seen": 0}
FORM = "2a0b1c52-58ab-4c4e-9d6b-1f0e8b8f0a0"


@pytest.fixture
def folder(desk: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of heads, as of another machine."""
    where = tmp_path / "other machine"
    where.mkdir()
    changed = replace(settings.ENVIRONMENT, heads=where, is_heads_named=True, head_key=tmp_path / "head.key")
    monkeypatch.setattr(settings, "ENVIRONMENT", changed)
    return where


@pytest.fixture
def rows(desk: None) -> Callable[[int], None]:
    """Appends so many rows about a child each."""

    def append_rows(count: int) -> None:
        for number in range(count):
            append(action="view", object="child", persons=[f"P{number}"])

    return append_rows


@pytest.fixture
def by_the_owner(desk: None) -> Callable[..., None]:
    """Statements of somebody who owns the database: all triggers are taken away first."""

    def run(statement: str, *values: object) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                for (name,) in cursor.fetchall():
                    cursor.execute(f'DROP TRIGGER "{name}"')
            else:
                cursor.execute(
                    "SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal "
                    "AND (tgname SIMILAR TO '%%\\_no\\_(change|edit)' OR tgname = 'audit_event_persons')"
                )
                for name, table in cursor.fetchall():
                    cursor.execute(f'DROP TRIGGER "{name}" ON {table}')
            cursor.execute(statement, values)

    return run


def faults(**proof: object) -> tuple[Fault, ...]:
    return check_log(Proof(**proof)).verdict.faults  # type: ignore[arg-type]  # the keywords of Proof


def test_a_head_is_due_after_a_thousand_rows_or_ten_minutes(
    folder: Path, rows: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads_of_the_desk, "EVERY_ROWS", 10)
    assert issue_heads() == 0, "an empty log needs no head"
    rows(9)
    assert issue_heads() == 0, "nine rows, just now"
    rows(1)
    assert issue_heads() == 1
    rows(1)
    now = timezone.now()
    assert issue_heads(now=now + dt.timedelta(minutes=9)) == 0
    assert issue_heads(now=now + dt.timedelta(minutes=10, seconds=1)) == 1
    rows(25)
    assert issue_heads() == 3, "after an outage one for every ten rows, and one for the rest"
    stored = [head for head in stored_heads(folder) if isinstance(head, SignedHead)]
    assert [head.rows for head in stored] == [10, 11, 21, 31, 36]
    checked = check_log(Proof())
    assert (checked.verdict.is_whole, checked.verdict.covered, checked.heads) == (True, 36, 5)


def test_heads_name_the_row_that_was_rewritten_and_rechained(
    folder: Path, rows: Callable[[int], None], by_the_owner: Callable[..., None]
) -> None:
    rows(30)
    issue_heads(is_due_only=False)
    rewrite(by_the_owner, 17)
    assert faults() == (Fault(17, "rewritten", 14),)
    shutil.rmtree(folder)
    IssuedHead.objects.all().delete()
    assert faults() == (), "the control: without heads it goes unseen"


def rewrite(by_the_owner: Callable[..., None], first: int) -> None:
    """Gives the row another actor and makes every later row fit, as a patient owner of the database would."""
    from tsunagu.audit.chain import hash_of
    from tsunagu.audit.entry import canonical

    before = Event.objects.get(number=first - 1).hash
    for event in Event.objects.filter(number__gte=first).order_by("number"):
        body = {**json.loads(event.body), "previous": before}
        if event.number == first:
            body["actor"] = "staff:9"
        text = canonical(body)
        before = hash_of(text)
        by_the_owner(
            "UPDATE audit_event SET body = %s, hash = %s, actor = %s WHERE number = %s",
            text, before, body["actor"], event.number,
        )  # fmt: skip


def test_no_head_is_signed_over_a_log_that_was_put_back(
    folder: Path, rows: Callable[[int], None], by_the_owner: Callable[..., None]
) -> None:
    rows(20)
    issue_heads(is_due_only=False)
    by_the_owner("DELETE FROM audit_event WHERE number > 12")
    by_the_owner("DELETE FROM audit_eventperson WHERE event_id > 12")
    rows(15)
    with pytest.raises(StateError, match="not the one of the newest head"):
        issue_heads(is_due_only=False)
    # The rows were written after the head was signed that covers their numbers.
    assert [fault for fault in faults() if fault.of == "row"] == [Fault(13, "forked", 8)]


def test_a_log_without_rows_says_so_and_fails_where_a_head_knows_better(
    folder: Path, rows: Callable[[int], None], by_the_owner: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("audit_verify")
    assert "no rows" in capsys.readouterr().out
    rows(3)
    issue_heads(is_due_only=False)
    by_the_owner("DELETE FROM audit_event")
    with pytest.raises(StateError, match="row 1 to 3 is gone from the end"):
        call_command("audit_verify")


def test_heads_that_are_gone_from_the_folder_are_missed(folder: Path, rows: Callable[[int], None]) -> None:
    for _ in range(3):
        rows(2)
        issue_heads(is_due_only=False)
    (folder / "00000" / "00000003.json").unlink()
    assert faults() == (Fault(5, "rolled_back", 2, "head"),)
    (folder / "00000" / "00000001.json").unlink()
    assert Fault(1, "removed", of="head") in faults()


def test_an_empty_folder_is_not_taken_for_a_new_one(folder: Path, rows: Callable[[int], None]) -> None:
    rows(2)
    issue_heads(is_due_only=False)
    rows(2)
    shutil.rmtree(folder)
    with pytest.raises(SourceError, match="folder of heads"):
        issue_heads(is_due_only=False)
    folder.mkdir()
    with pytest.raises(StateError, match="mounted"):
        issue_heads(is_due_only=False)
    call_command("audit_head", begin=True)
    assert check_log(Proof()).verdict.covered == 4


def test_a_folder_that_cannot_be_written_stops_nothing_but_exports_after_seven_days(
    folder: Path, rows: Callable[[int], None], as_role: Callable[..., Client], tmp_path: Path
) -> None:
    rows(2)
    issue_heads(is_due_only=False)
    folder.rename(tmp_path / "away")
    folder.write_text("a file in the folder's place")
    rows(1)
    with pytest.raises((SourceError, StateError)):
        issue_heads(is_due_only=False)
    rows(1)  # work goes on
    now = timezone.now()
    assert not heads_state(now + dt.timedelta(minutes=29)).is_late
    assert heads_state(now + dt.timedelta(minutes=31)).is_late
    assert exports_may_run(now + dt.timedelta(days=6, hours=23))
    assert not exports_may_run(now + dt.timedelta(days=7, seconds=1))
    folder.unlink()
    (tmp_path / "away").rename(folder)
    issue_heads(is_due_only=False)
    assert exports_may_run(now + dt.timedelta(days=8))


def test_the_auditor_is_told_since_when_heads_fail(
    folder: Path, rows: Callable[[int], None], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    rows(1)
    client = as_role(Role.AUDITOR)
    assert "署名つきの末尾の印が遅れています" not in client.get("/log/").content.decode()
    monkeypatch.setattr(heads_of_the_desk, "LATE", dt.timedelta(0))
    page = client.get("/log/").content.decode()
    assert "署名つきの末尾の印が遅れています" in page
    assert f"{timezone.localtime(Event.objects.get(number=1).at):%Y-%m-%d %H:%M}" in page
    monkeypatch.setattr(heads_of_the_desk, "STOP_EXPORTS", dt.timedelta(0))
    assert "書き出しを止めています" in client.get("/log/").content.decode()
    call_command("audit_export", tmp_path / "log.jsonl")  # the log itself may leave: it is what others prove it by


def test_no_data_leaves_in_bulk_while_the_log_is_unproved(
    folder: Path, intake: Callable[..., object], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(a_child())
    client = as_role(Role.SUPERVISOR)
    assert "例川" in client.post("/children/export/").content.decode()
    monkeypatch.setattr(heads_of_the_desk, "STOP_EXPORTS", dt.timedelta(0))
    stopped = client.post("/children/export/")
    assert stopped.status_code == 503
    assert "まとめて書き出すことを止めています" in stopped.content.decode()
    assert client.get("/children/").status_code == 200, "other work goes on"
    issue_heads(is_due_only=False)
    assert client.post("/children/export/").status_code == 200


def test_the_exported_log_is_proved_elsewhere_with_folder_and_public_key(
    folder: Path, rows: Callable[[int], None], tmp_path: Path
) -> None:
    rows(5)
    call_command("audit_head")
    call_command("audit_export", tmp_path / "log.jsonl")
    verdict, compared = verify_file(tmp_path / "log.jsonl", heads=folder, key=folder / PUBLIC_KEY)
    assert (verdict.is_whole, verdict.covered, compared) == (True, 5, 1)
    head = folder / "00000" / "00000001.json"
    assert faults(saved=read_head(head)) == ()
    assert faults(folder=folder, key=folder / PUBLIC_KEY) == ()


def test_the_auditor_takes_the_head_home_as_a_file(
    folder: Path, rows: Callable[[int], None], as_role: Callable[..., Client], tmp_path: Path
) -> None:
    rows(4)
    client = as_role(Role.AUDITOR)
    page = client.post("/log/verify/").content.decode()
    assert "/log/head/?rows=4" in page
    answer = client.get("/log/head/?rows=4")
    assert answer["Content-Disposition"] == 'attachment; filename="head-4.json"'
    (tmp_path / "head.json").write_bytes(answer.content)
    assert json.loads(answer.content) == {"format": FORMAT, "rows": 4, "hash": Event.objects.get(number=4).hash}
    call_command("audit_verify", head=tmp_path / "head.json")
    assert client.get("/log/head/?rows=999").status_code == 404
    assert as_role(Role.LEAD_WORKER).get("/log/head/").status_code == 403


def a_decision(as_role: Callable[..., Client], number: int = 0) -> None:
    answer = as_role().post(f"/children/{AOI}/decide/", {**DECISION, "seen": number, "form": f"{FORM}{number}"})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE cases_decision SET note = 'x'", "edited"),
        ("UPDATE cases_decision SET until = '2027-01-01'", "edited"),
        ("UPDATE audit_contentsalt SET salt = '00'", "edited"),
        ("DELETE FROM cases_decision", "removed"),
    ],
)
def test_a_decision_changed_behind_the_logs_back_is_named(
    statement: str, kind: str, folder: Path, intake: Callable[..., object], as_role: Callable[..., Client],
    by_the_owner: Callable[..., None],
) -> None:  # fmt: skip
    intake(a_child())
    a_decision(as_role)
    checked = check_log(Proof())
    assert (checked.verdict.is_whole, checked.contents, checked.unsealed) == (True, 1, 0)
    entry = Event.objects.get(action="decide")
    assert "家庭訪問" not in entry.body
    by_the_owner(statement)
    assert faults() == (Fault(entry.number, kind, of="content"),)  # type: ignore[arg-type]  # a kind


def test_a_decision_that_no_entry_speaks_of_is_named(
    folder: Path, intake: Callable[..., object], as_role: Callable[..., Client], by_the_owner: Callable[..., None]
) -> None:
    intake(a_child())
    a_decision(as_role)
    copied = "child_id, 2, outcome, until, reason, note, level, run_id, by_id, at"
    by_the_owner(
        "INSERT INTO cases_decision (child_id, number, outcome, until, reason, note, level, run_id, by_id, at, form) "
        f"SELECT {copied}, %s FROM cases_decision",
        "2a0b1c5258ab4c4e9d6b1f0e8b8f0a09",
    )
    assert [(fault.kind, fault.of) for fault in faults()] == [("inserted", "content")]


def test_the_same_decision_twice_has_two_digests(
    intake: Callable[..., object], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(a_child())
    monkeypatch.setattr("tsunagu_web.cases.services.is_of_today", lambda _at: False)  # as on another day
    a_decision(as_role)
    a_decision(as_role, 1)
    details = [json.loads(event.body)["detail"] for event in Event.objects.filter(action="decide")]
    assert len({detail["content"] for detail in details}) == 2
    assert ContentSalt.objects.count() == 2


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_eventperson WHERE event_id = 2",
        "UPDATE audit_eventperson SET person_id = 'P9' WHERE event_id = 2",
        "INSERT INTO audit_eventperson (event_id, person_id) VALUES (2, 'P9')",
    ],
)
def test_a_list_of_persons_that_is_not_what_the_entry_says_is_named(
    statement: str, folder: Path, rows: Callable[[int], None], by_the_owner: Callable[..., None]
) -> None:
    rows(3)
    by_the_owner(statement)
    assert faults() == (Fault(2, "edited", of="index"),)


def test_who_looked_at_a_child_newest_first_in_pages(desk: None) -> None:
    for number in range(PAGE_SIZE + 3):
        append(action="view", object="child", persons=["P1", f"P{number + 2}", "P1"])
    append(action="view", object="child", persons=["P10", "P2"])
    append(action="view", object="access_log", persons=["P1"])
    first = looks_at("P1")
    assert [line.event.number for line in first.lines] == list(range(PAGE_SIZE + 3, 3, -1))
    assert first.newer is None
    rest = looks_at("P1", below=first.older)
    assert [line.event.number for line in rest.lines] == [3, 2, 1]
    assert rest.older is None
    back = looks_at("P1", above=rest.newer)
    assert [line.event.number for line in back.lines] == [line.event.number for line in first.lines]
    assert (back.newer, back.older) == (None, first.older)
    assert EventPerson.objects.filter(person_id="P1").count() == PAGE_SIZE + 4


def test_no_page_of_the_log_counts_its_rows(rows: Callable[[int], None], as_role: Callable[..., Client]) -> None:
    from django.test.utils import CaptureQueriesContext

    rows(PAGE_SIZE + 5)
    client = as_role(Role.AUDITOR)
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/log/")
        client.get("/log/", {"person": "P1", "below": 20})
        client.get("/log/", {"action": "view", "above": 3})
    assert not [q["sql"] for q in queries if "COUNT(" in q["sql"].upper() and "audit_event" in q["sql"]]
    assert f"below={page.context['shown'].older}" in page.content.decode()
    nothing = {"action": "", "actor": "", "day": None, "person": ""}
    assert len(log_page(**nothing).lines) == PAGE_SIZE  # type: ignore[arg-type]  # the keywords of a filter
