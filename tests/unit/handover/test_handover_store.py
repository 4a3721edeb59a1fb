"""What people do at either end: queue, withdraw, open, accept, decline, close; and what the days bring."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from handing import (
    AT,
    HINODE,
    MIZUNO,
    OTHER,
    SUPERVISOR,
    TODAY,
    WORKER,
    a_document,
    a_draft,
    a_file,
    a_passage,
    a_store,
    carried,
    later,
)
from tsunagu.audit.chain import SealedRow
from tsunagu.audit.verify import verify
from tsunagu.errors import EngineError, PurposeError, SourceError, StateError
from tsunagu.handover.passage import Passage
from tsunagu.handover.people import Official
from tsunagu.handover.states import IN, OURS, OUT, SIDES
from tsunagu.handover.store import HandoverStore

SECRET = "ひみつの川のほとり"
Two = tuple[HandoverStore, HandoverStore, Passage, Passage]


@pytest.fixture
def two(tmp_path: Path) -> Two:
    sender, receiver = a_store(tmp_path, HINODE), a_store(tmp_path, MIZUNO)
    return sender, receiver, a_passage(sender), a_passage(receiver)


def actions(rows: list[SealedRow]) -> list[str]:
    return [json.loads(row.body)["action"] for row in rows]


def test_a_preview_is_exactly_what_is_opened_at_the_other_end(two: Two) -> None:
    sender, receiver, out, into = two
    seen = sender.preview(a_draft(), AT)
    assert sender.outgoing(TODAY) == []
    id = sender.queue(a_draft(), WORKER, AT)
    carried(out, into, id)
    assert receiver.open(id, SUPERVISOR, AT) == seen == sender.open(id, WORKER, AT)


def test_responsibility_goes_over_with_the_acceptance_and_is_told_by_its_receipt(two: Two) -> None:
    sender, receiver, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    assert sender.get(id, TODAY).is_ours
    standing = carried(out, into, id)
    assert (sender.get(id, TODAY).state, receiver.get(id, TODAY).state) == ("stored", "stored")
    assert (sender.get(id, TODAY).is_ours, receiver.get(id, TODAY).is_ours) == (True, False)
    receiver.accept(id, SUPERVISOR, AT)
    assert (sender.get(id, TODAY).is_ours, receiver.get(id, TODAY).is_ours) == (True, True)
    assert out.take_standing(id, standing, MIZUNO, AT) is None  # the one from before says nothing of it
    assert sender.get(id, TODAY).is_ours
    out.take_standing(id, into.standing(id), MIZUNO, AT)
    there = sender.get(id, TODAY)
    assert (there.state, there.is_ours, there.has_contents) == ("sealed", False, False)
    assert [one.what for one in there.receipts] == ["stored", "accepted"]
    assert there.receipts[1].by == "staff:staff-7"


def test_what_was_accepted_is_destroyed_at_the_sender_and_after_closing_at_the_receiver(
    two: Two, tmp_path: Path
) -> None:
    sender, receiver, out, into = two
    outline = replace(a_document().outline, now=SECRET)
    id = sender.queue(a_draft(document=a_document(outline=outline)), WORKER, AT)
    carried(out, into, id)
    receiver.accept(id, SUPERVISOR, AT)
    sealed = [bytes(row[0]) for store in (sender, receiver) for row in rows(store, "SELECT sealed FROM parts")]
    keys = [bytes(row[0]) for store in (sender, receiver) for row in rows(store, "SELECT content_key FROM handovers")]
    assert (len(sealed), len(keys)) == (2, 2)
    assert all(found(tmp_path, one) for one in (*sealed, *keys))  # control: the look finds what is there
    out.take_standing(id, into.standing(id), MIZUNO, AT)
    with pytest.raises(StateError, match="destroyed"):
        sender.open(id, WORKER, AT)
    assert receiver.open(id, SUPERVISOR, AT).document.outline.now == SECRET
    receiver.seal(id, SUPERVISOR, AT)
    with pytest.raises(StateError, match="destroyed"):
        receiver.open(id, SUPERVISOR, AT)
    assert not any(found(tmp_path, one[at : at + 48]) for one in (*sealed, *keys) for at in (0, len(one) - 48))
    assert not found(tmp_path, SECRET.encode())


def rows(store: HandoverStore, query: str) -> list[tuple[bytes, ...]]:
    with store.shelf.transaction() as db:
        return db.execute(query).fetchall()


def found(folder: Path, text: bytes) -> list[str]:
    return [file.name for file in folder.rglob("*") if file.is_file() and text in file.read_bytes()]


def test_nothing_of_the_child_lies_open_in_the_folder(two: Two, tmp_path: Path) -> None:
    sender, _, out, into = two
    outline = replace(a_document().outline, now=SECRET)
    id = sender.queue(a_draft(document=a_document(outline=outline)), WORKER, AT)
    carried(out, into, id)
    for text in (SECRET, "大空", "オオゾラ", "支援プラン"):
        assert not found(tmp_path, text.encode()), text
    assert found(tmp_path, id.encode())  # control


def test_a_manifest_tells_nothing_of_the_child(two: Two) -> None:
    sender, _, out, _ = two
    id = sender.queue(a_draft(), WORKER, AT)
    manifest = out.offer(id, AT).decode()
    assert manifest.isascii()
    for text in ("case:12", "staff-12", "2016", "pdf"):
        assert text not in manifest


def test_one_case_is_handed_over_once_at_a_time(two: Two) -> None:
    sender, receiver, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    with pytest.raises(StateError, match="already"):
        sender.queue(a_draft(to="somewhere"), WORKER, AT)
    carried(out, into, id)
    with pytest.raises(StateError, match="already"):
        sender.queue(a_draft(), WORKER, AT)
    receiver.decline(id, SUPERVISOR, AT, "not_resident")
    out.take_standing(id, into.standing(id), MIZUNO, AT)
    assert sender.get(id, TODAY).is_ours
    sender.queue(a_draft(to="somewhere"), WORKER, AT)


def test_withdrawn_before_anything_left_it_is_over_at_once(two: Two) -> None:
    sender, _, out, _ = two
    id = sender.queue(a_draft(), WORKER, AT)
    assert sender.withdraw(id, WORKER, AT).state == "withdrawn"
    assert not sender.get(id, TODAY).has_contents
    with pytest.raises(StateError):
        out.offer(id, AT)


def test_withdrawn_later_the_receiver_says_whether_it_was_in_time(two: Two) -> None:
    sender, receiver, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    carried(out, into, id)
    assert sender.withdraw(id, WORKER, AT).state == "withdrawing"
    out.take_standing(id, into.take_withdrawal(out.withdrawal(id, AT), HINODE, AT), MIZUNO, AT)
    assert (sender.get(id, TODAY).state, receiver.get(id, TODAY).state) == ("withdrawn", "withdrawn")
    assert sender.get(id, TODAY).is_ours
    with pytest.raises(StateError):
        receiver.accept(id, SUPERVISOR, AT)


def test_an_acceptance_that_came_first_holds_against_a_withdrawal(two: Two) -> None:
    sender, receiver, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    carried(out, into, id)
    receiver.accept(id, SUPERVISOR, AT)
    sender.withdraw(id, WORKER, AT)
    out.take_standing(id, into.take_withdrawal(out.withdrawal(id, AT), HINODE, AT), MIZUNO, AT)
    assert (sender.get(id, TODAY).state, receiver.get(id, TODAY).state) == ("sealed", "accepted")


def test_who_is_no_recipient_sees_and_decides_nothing(two: Two) -> None:
    sender, receiver, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    carried(out, into, id)
    for act in (
        lambda: receiver.open(id, OTHER, AT),
        lambda: receiver.accept(id, OTHER, AT),
        lambda: receiver.decline(id, OTHER, AT, "incomplete"),
        lambda: receiver.choose_readers(id, ["staff-9"], OTHER, AT),
        lambda: receiver.seal(id, OTHER, AT),
    ):
        with pytest.raises(PurposeError, match="for others"):
            act()
    assert actions(receiver.shelf.log()) == ["handover_in_receive", "handover_in_store"]
    receiver.choose_readers(id, ["staff-9"], SUPERVISOR, AT)
    assert receiver.open(id, OTHER, AT).files
    with pytest.raises(PurposeError):
        receiver.open(id, SUPERVISOR, AT)  # who chose somebody else is not among them
    assert actions(receiver.shelf.log())[-2:] == ["handover_in_choose_readers", "handover_in_open"]


def restricted() -> tuple[str, ...]:
    return ("account:staff-7", "account:staff-8")


def test_a_restricted_one_names_two_people(two: Two) -> None:
    sender = two[0]
    for recipients in (("role:supervisor",), ("account:staff-7",), ("account:staff-7", "role:supervisor"), ()):
        with pytest.raises(SourceError, match="recipients"):
            sender.queue(a_draft(kind="restricted", recipients=recipients), WORKER, AT)
    with pytest.raises(SourceError, match="recipients"):
        sender.queue(a_draft(kind="restricted", recipients=("account:a", "account:b", "account:c")), WORKER, AT)
    assert sender.queue(a_draft(kind="restricted", recipients=restricted()), WORKER, AT)


def test_of_a_restricted_one_readers_are_chosen_before_it_is_opened(two: Two) -> None:
    sender, receiver, out, into = two
    id = sender.queue(a_draft(kind="restricted", recipients=restricted()), WORKER, AT)
    carried(out, into, id)
    with pytest.raises(PurposeError, match="for others"):
        sender.open(id, OTHER, AT)
    with pytest.raises(StateError, match="who may see"):
        receiver.open(id, SUPERVISOR, AT)
    with pytest.raises(PurposeError, match="two people"):
        receiver.choose_readers(id, ["staff-7", "staff-9"], SUPERVISOR, AT)
    with pytest.raises(PurposeError, match="for others"):
        receiver.choose_readers(id, ["staff-8"], Official("staff-1", "supervisor"), AT)
    receiver.choose_readers(id, ["staff-7", "staff-8"], SUPERVISOR, AT)
    assert receiver.open(id, SUPERVISOR, AT).document.child


def test_what_has_not_arrived_as_a_whole_is_opened_and_accepted_by_nobody(two: Two) -> None:
    sender, receiver, out, into = two
    id = sender.queue(a_draft(files=(a_file(2_000_000),)), WORKER, AT)
    into.take_offer(out.offer(id, AT), HINODE, AT)
    into.take_part(id, 0, out.part(id, 0, MIZUNO)[1], HINODE, AT)
    assert (receiver.get(id, TODAY).arrived, receiver.get(id, TODAY).parts) == (1, 2)
    for act in (
        lambda: receiver.open(id, SUPERVISOR, AT),
        lambda: receiver.accept(id, SUPERVISOR, AT),
        lambda: receiver.decline(id, SUPERVISOR, AT, "incomplete"),
        lambda: receiver.seal(id, SUPERVISOR, AT),
    ):
        with pytest.raises(StateError):
            act()


def test_who_is_late_is_told_of_once_at_both_ends(two: Two) -> None:
    sender, receiver, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    carried(out, into, id)
    for store in (sender, receiver):
        clock = store.get(id, date(2026, 11, 25)).clock
        assert clock is not None
        assert (clock.respond_by, clock.left, clock.is_overdue) == (date(2026, 11, 25), 0, False)
        assert store.newly_overdue(later(8)) == []
        (late,) = store.newly_overdue(later(9))
        assert late.id == id
        assert late.clock is not None
        assert (late.clock.left, late.clock.is_overdue) == (-1, True)
        assert store.newly_overdue(later(10)) == []
        assert actions(store.shelf.log()).count(f"handover_{late.side}_overdue") == 1
    receiver.accept(id, SUPERVISOR, later(10))  # late is better than not at all
    out.take_standing(id, into.standing(id), MIZUNO, later(10))
    assert sender.get(id, TODAY).clock is receiver.get(id, TODAY).clock is None


def test_a_weekend_after_the_last_day_is_late_too(two: Two) -> None:
    sender = two[0]
    id = sender.queue(a_draft(respond_days=3), WORKER, AT)  # Friday 2026-11-20
    assert not sender.get(id, date(2026, 11, 20)).clock.is_overdue  # type: ignore[union-attr]  # it runs
    assert sender.get(id, date(2026, 11, 21)).clock.is_overdue  # type: ignore[union-attr]


def test_what_nobody_answers_ends_at_the_receiver_and_stays_with_the_sender(two: Two) -> None:
    sender, receiver, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    carried(out, into, id)
    assert receiver.expire(later(29)) == 0  # 2026-12-16, the last day
    assert receiver.get(id, TODAY).state == "stored"
    with pytest.raises(StateError, match="ended"):
        receiver.accept(id, SUPERVISOR, later(30))
    assert (receiver.expire(later(30)), receiver.expire(later(30))) == (1, 0)
    assert (receiver.get(id, TODAY).state, receiver.get(id, TODAY).has_contents) == ("expired", False)
    assert sender.expire(later(40)) == 0  # the sender alone ends nothing
    assert sender.get(id, TODAY).state == "stored"
    out.take_standing(id, into.standing(id), MIZUNO, later(40))
    assert (sender.get(id, TODAY).state, sender.get(id, TODAY).is_ours) == ("expired", True)


def test_every_step_is_in_the_log_and_the_log_holds(two: Two) -> None:
    sender, receiver, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    carried(out, into, id)
    receiver.accept(id, SUPERVISOR, AT)
    out.take_standing(id, into.standing(id), MIZUNO, AT)
    receiver.seal(id, SUPERVISOR, AT)
    assert actions(sender.shelf.log()) == [
        f"handover_out_{step}" for step in ("queue", "offer", "stored", "accepted", "seal")
    ]
    assert actions(receiver.shelf.log()) == [f"handover_in_{step}" for step in ("receive", "store", "accept", "seal")]
    for store in (sender, receiver):
        assert verify(store.shelf.log(), store.shelf.head()).is_whole


def test_the_database_refuses_what_no_table_names(two: Two) -> None:
    sender, _, out, into = two
    id = sender.queue(a_draft(), WORKER, AT)
    carried(out, into, id)
    for what in (
        "UPDATE handovers SET state = 'sealed'",
        "UPDATE handovers SET state = 'queued'",
        "UPDATE handovers SET manifest = ''",
        "DELETE FROM handovers",
        "UPDATE receipts SET content = ''",
        "DELETE FROM receipts",
        "DELETE FROM log",
    ):
        with pytest.raises(EngineError), sender.shelf.transaction() as db:
            db.execute(what)
    assert sender.get(id, TODAY).state == "stored"


def test_another_key_opens_nothing_and_says_so(two: Two, tmp_path: Path) -> None:
    sender = two[0]
    id = sender.queue(a_draft(), WORKER, AT)
    other = HandoverStore(tmp_path / HINODE / "handovers.sqlite3", b"x" * 64, HINODE)
    with pytest.raises(EngineError, match="does not open"):
        other.open(id, WORKER, AT)


def test_two_processes_may_open_the_same_file(two: Two, tmp_path: Path) -> None:
    sender = two[0]
    id = sender.queue(a_draft(), WORKER, AT)
    desk = a_store(tmp_path, HINODE)
    assert desk.withdraw(id, WORKER, AT).state == "withdrawn"
    assert sender.get(id, TODAY).state == "withdrawn"


def test_a_row_that_was_changed_in_the_file_is_found_by_its_number(two: Two, tmp_path: Path) -> None:
    sender = two[0]
    sender.queue(a_draft(), WORKER, AT)
    sender.queue(a_draft(work="case:13"), WORKER, AT)
    head = sender.shelf.head()
    with sqlite3.connect(tmp_path / HINODE / "handovers.sqlite3") as db:
        db.execute("DROP TRIGGER log_stays")
        db.execute("UPDATE log SET body = replace(body, 'case:12', 'case:14') WHERE number = 1")
    assert [fault.row for fault in verify(sender.shelf.log(), head).faults] == [1]


@pytest.mark.parametrize("side", SIDES.values(), ids=SIDES)
def test_the_tables_name_known_states_and_lead_everywhere(side: type[OUT]) -> None:
    known = set(side.states)
    assert {step.target for step in side.steps} == known
    assert {step.source for step in side.steps} - known == {""}
    assert not {step.source for step in side.steps} & set(side.ends)
    assert OURS[side.name] <= known
    assert {step.name for step in IN.steps if step.by == "person"} == {"accept", "decline", "seal"}
