"""One holder's answers: logged before they are read for, kept before they leave, the same when asked again."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from agreements import CONTENT, KEYS, ON, an_agreement, signed
from answered import KEY, a_request, a_school
from nodes import HEADS
from tsunagu.audit.chain import seal
from tsunagu.audit.entry import Entry
from tsunagu.audit.witness import Countersignature
from tsunagu.errors import EngineError, PurposeError, SourceError, StateError, TsunaguError
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.canonical import canonical
from tsunagu.purposes.grant import REFUSALS
from tsunagu.purposes.manifest import manifest_bytes, read_manifest, received
from tsunagu.purposes.request import DataRequest, as_mapping, bytes_of
from tsunagu.purposes.tokens import JoinKey, LinkKey, join_key
from tsunagu_node.log import Evidence, Log, moment
from tsunagu_node.office import Office, Sent, Told
from tsunagu_node.own_heads import OwnHeads
from tsunagu_node.refusals import Refused

PROOF = Evidence("POST", "https://holder/answers", b"body", "inputs", "signature")
NOON = dt.datetime(2026, 10, 1, 3, 0, tzinfo=dt.UTC)  # in Japan


class Place:
    """An office with its folder, whose holdings and agreements a test may exchange."""

    def __init__(self, folder: Path, agreement: SharingAgreement) -> None:
        self.copies: dict[str, SharingAgreement] = {agreement.id: agreement}
        self.log = Log(folder / "log.sqlite3", b"s" * 64)
        self.school = a_school()
        self.key: JoinKey | None = KEY
        self.office = Office(
            lambda: self.copies, lambda _agreement: KEYS, self.school, lambda _agreement: self.key, self.log
        )
        self.folder = folder

    def ask(self, request: DataRequest, *, sender: str = CONTENT["requester"], **changed: Any) -> Told:
        sent = Sent(sender, request.agreement, request.id, bytes_of(request), NOON, PROOF)
        return self.office.handle(replace(sent, **changed))

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(row.body) for row in self.log.rows()]


@pytest.fixture
def agreement() -> SharingAgreement:
    return signed()


@pytest.fixture
def place(tmp_path: Path, agreement: SharingAgreement) -> Iterator[Place]:
    made = Place(tmp_path, agreement)
    yield made
    made.log.close()


def test_an_answer_is_taken_by_who_asked_and_is_what_was_asked(place: Place, agreement: SharingAgreement) -> None:
    request = a_request(agreement)
    told = place.ask(request)
    table = received(read_manifest(told.manifest), told.payload, request, agreement)
    assert table.num_rows == 200
    asked, answered = place.entries()
    assert (asked["action"], answered["action"]) == ("asked", "answered")
    assert answered["detail"]["rows"] == 200
    assert answered["detail"]["asked_by"] == "staff:12"
    assert answered["purpose"] == agreement.purpose


def test_the_signature_of_what_was_asked_is_kept_as_evidence(place: Place, agreement: SharingAgreement) -> None:
    place.ask(a_request(agreement))
    assert place.log.evidence(1) == PROOF
    assert place.log.evidence(2) is None


def test_the_same_question_is_answered_with_the_same_bytes_whatever_changed(
    place: Place, agreement: SharingAgreement
) -> None:
    first = place.ask(a_request(agreement))
    place.school.absent = dict.fromkeys(range(100), 0)
    again = place.ask(a_request(agreement, id="2" * 32, asked_by="staff:7"))
    assert again == first
    assert [entry["action"] for entry in place.entries()] == ["asked", "answered", "asked", "answered_again"]


def test_another_question_in_the_same_period_is_refused(place: Place, agreement: SharingAgreement) -> None:
    place.ask(a_request(agreement))
    request = a_request(agreement)
    with pytest.raises(StateError, match="answered, to another question"):
        place.ask(replace(request, wanted=request.wanted[:1]))
    assert place.entries()[-1]["detail"]["why"] == "already_answered"


def test_an_agreement_that_ended_or_was_changed_is_refused_at_once(place: Place, agreement: SharingAgreement) -> None:
    request = a_request(agreement)
    place.copies[agreement.id] = replace(agreement, valid_until=ON - dt.timedelta(1))
    with pytest.raises(PurposeError, match="another version"):
        place.ask(request)
    place.copies.clear()
    with pytest.raises(PurposeError, match="no such agreement"):
        place.ask(request)
    unsigned = an_agreement()
    place.copies[agreement.id] = unsigned
    with pytest.raises(StateError, match="not signed by both"):
        place.ask(request)


def test_without_the_key_of_its_set_nothing_is_answered(place: Place, agreement: SharingAgreement) -> None:
    for key in (None, join_key(LinkKey(b"k" * 32), "J-2026-99", agreement.purpose)):
        place.key = key
        with pytest.raises(PurposeError, match="no key for the tokens"):
            place.ask(a_request(agreement))
    place.key = KEY
    assert place.ask(a_request(agreement))


def test_who_is_no_side_is_not_told_that_there_is_an_agreement(place: Place, agreement: SharingAgreement) -> None:
    with pytest.raises(PurposeError) as strange:
        place.ask(a_request(agreement), sender="police")
    with pytest.raises(PurposeError) as unknown:
        place.ask(a_request(agreement, agreement="A-2026-099"), sender="police")
    assert strange.value.what == unknown.value.what


@pytest.mark.parametrize("changed", [{"id": "f" * 32}, {"agreement": "A-2026-099"}])
def test_what_the_headers_say_must_be_what_was_signed(
    place: Place, agreement: SharingAgreement, changed: dict[str, str]
) -> None:
    with pytest.raises(PurposeError, match="other sides"):
        place.ask(a_request(agreement), **changed)


def test_what_cannot_be_read_is_refused_and_logged(place: Place, agreement: SharingAgreement) -> None:
    with pytest.raises(SourceError):
        place.ask(a_request(agreement), body=b"{}")
    assert place.entries()[-1]["detail"] == {"request": "0" * 32, "why": "unreadable"}


def test_every_code_of_a_refusal_can_be_logged() -> None:
    for code in REFUSALS:
        Entry("2026-10-01T00:00:00.000000Z", "org:a", "requester", "refused", "agreement:a", "none", (), {"why": code})


def test_nothing_is_read_where_the_log_cannot_be_written(
    place: Place, agreement: SharingAgreement, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(*_args: object) -> None:
        raise AssertionError("the holdings were read")

    monkeypatch.setattr(place.school, "indicators", unread)
    monkeypatch.setattr(place.school, "children", unread)
    place.log.close()
    with pytest.raises(EngineError):
        place.ask(a_request(agreement))


def test_the_log_is_one_chain_that_the_database_does_not_change(place: Place, agreement: SharingAgreement) -> None:
    place.ask(a_request(agreement))
    rows = list(place.log.rows())
    again = []
    head = type(place.log.head())(0, json.loads(rows[0].body)["previous"])
    for row in rows:
        body = json.loads(row.body)
        entry = Entry(**{k: v for k, v in body.items() if k not in ("number", "previous")})
        again.append(seal(replace(entry, persons=tuple(entry.persons)), head))
        head = type(head)(again[-1].number, again[-1].hash)
    assert again == rows
    other = sqlite3.connect(place.folder / "log.sqlite3")
    for statement in (
        "UPDATE log SET body = '{}'",
        "DELETE FROM log",
        "DELETE FROM answered",
        "UPDATE evidence SET body = x''",
        "DELETE FROM evidence",
    ):
        with pytest.raises(sqlite3.DatabaseError, match="stays"):
            other.execute(statement)


def test_no_band_and_no_token_lies_open_in_the_folder(place: Place, agreement: SharingAgreement) -> None:
    told = place.ask(a_request(agreement))
    tokens = pa.ipc.open_stream(told.payload).read_all().column("token").to_pylist()
    for path in place.folder.iterdir():
        data = path.read_bytes()
        assert not any(token in data for token in tokens), path.name
        assert b"10-29" not in data, path.name


def test_payloads_of_past_periods_are_gone_and_what_was_told_is_not(place: Place, agreement: SharingAgreement) -> None:
    place.ask(a_request(agreement))
    next_month = ON + dt.timedelta(31)
    countersigned(place, NOON + dt.timedelta(31))
    place.ask(a_request(agreement, id="3" * 32, on=next_month), at=NOON + dt.timedelta(31))
    assert place.log.answer_kept(agreement.id, "2026-10") is None
    assert place.log.answer_kept(agreement.id, "2026-11") is not None
    assert set(place.log.answered(agreement.id)) == {"2026-10", "2026-11"}


def countersigned(place: Place, at: dt.datetime, *, peers: int = 2) -> None:
    """So many peers have signed the log's head at that moment."""
    for number in range(peers):
        made = Countersignature("school-board", f"peer-{number}", "0" * 64, 1, 1, moment(at), "0" * 16)
        OwnHeads(place.log).keep(made)


def test_a_log_without_two_witnesses_for_seven_days_answers_nobody(place: Place, agreement: SharingAgreement) -> None:
    """And says so with a code of its own; the office's own work does not ask for it."""
    place.ask(a_request(agreement))
    later, on = NOON + dt.timedelta(8), ON + dt.timedelta(8)
    countersigned(place, later, peers=1)
    with pytest.raises(Refused, match="countersigned by enough peers") as caught:
        place.ask(a_request(agreement, id="4" * 32, on=on), at=later)
    assert (caught.value.code, caught.value.status) == ("not_witnessed", 409)
    assert place.entries()[-1]["detail"]["why"] == "not_witnessed"
    place.log.append(Entry(moment(later), "staff:1", "manager", "view", "access_log", "none"))
    countersigned(place, later)
    with pytest.raises(StateError, match="answered, to another question"):
        place.ask(a_request(agreement, id="5" * 32, on=on), at=later)


def test_a_holder_whose_own_rows_are_others_answers_nobody(place: Place, agreement: SharingAgreement) -> None:
    """Who answers then could say it of anything: the log is what shows afterwards who was told what."""
    for _ in range(2):
        place.log.append(Entry(moment(NOON), "org:tax", "peer", "asked", "message", "none"))
    heads = OwnHeads(place.log)
    heads.sign(HEADS["school-board"], NOON)
    with place.log.transaction() as db:
        db.execute("DROP TRIGGER log_stays")
        db.execute("UPDATE log SET body = replace(body, 'org:tax', 'org:other') WHERE number = 1")
    with pytest.raises(StateError, match="rewritten, from row 1 on"):
        heads.rows.check("school-board", NOON)
    with pytest.raises(Refused) as caught:
        place.ask(a_request(agreement))
    assert (caught.value.code, caught.value.status) == ("log_differs", 409)
    assert place.entries()[-1]["detail"]["why"] == "log_differs"


def test_the_day_is_that_of_japan(place: Place, agreement: SharingAgreement) -> None:
    evening = dt.datetime(2026, 9, 30, 15, 1, tzinfo=dt.UTC)
    assert place.ask(a_request(agreement), at=evening)


# ---------------------------------------------------------------- taking an answer


def changed_manifest(told: Told, **changed: object) -> bytes:
    return canonical({**json.loads(told.manifest), **changed})


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"question": "0" * 64}, "another question"),
        ({"agreement_sha256": "0" * 64}, "another version"),
        ({"granularity": "item"}, "another granularity"),
        ({"answered": [{"id": "exam_marks", "version": "1", "sha256": "c" * 64}]}, "not asked for"),
        ({"on": "2026-09-30"}, "another day"),
        ({"period": "2026-09"}, "another period"),
        ({"rows": 13_000}, "more rows than agreed"),
        ({"rows": 199}, "another number of rows"),
        ({"sha256": "0" * 64}, "not the ones it was sent with"),
        (
            {"answered": [{"id": "late_total", "version": "2026.1.0", "sha256": "b" * 64}]},
            "rows are of something that was not asked for",
        ),
    ],
)
def test_another_answer_than_the_one_asked_for_is_not_taken(
    place: Place, agreement: SharingAgreement, changed: Mapping[str, object], what: str
) -> None:
    request = a_request(agreement)
    told = place.ask(request)
    with pytest.raises(PurposeError, match=what):
        received(read_manifest(changed_manifest(told, **changed)), told.payload, request, agreement)


def test_a_payload_with_a_further_column_is_not_taken(place: Place, agreement: SharingAgreement) -> None:
    import hashlib

    request = a_request(agreement)
    told = place.ask(request)
    table = pa.ipc.open_stream(told.payload).read_all().append_column("name", pa.array(["x"] * 200))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    payload = bytes(sink.getvalue())
    manifest = read_manifest(changed_manifest(told, sha256=hashlib.sha256(payload).hexdigest()))
    with pytest.raises(PurposeError, match="columns"):
        received(manifest, payload, request, agreement)


def test_a_manifest_is_read_as_it_was_written_and_strictly(place: Place, agreement: SharingAgreement) -> None:
    told = place.ask(a_request(agreement))
    assert manifest_bytes(read_manifest(told.manifest)) == told.manifest
    for key in json.loads(told.manifest):
        short = {k: v for k, v in json.loads(told.manifest).items() if k != key}
        with pytest.raises(SourceError, match=f"{key}: is missing"):
            read_manifest(canonical(short))
    assert as_mapping(a_request(agreement))["form"] != json.loads(told.manifest)["form"]
    assert issubclass(SourceError, TsunaguError)


def test_a_header_longer_than_an_entry_takes_is_refused_and_logged(place: Place, agreement: SharingAgreement) -> None:
    with pytest.raises(TsunaguError):
        place.ask(a_request(agreement), agreement="A" * 160)
    asked, refused = place.entries()
    assert asked["object"] == refused["object"] == f"agreement:{'A' * 70}"
    assert refused["detail"]["why"] == "another_party"


def test_the_longest_id_that_can_be_agreed_stands_whole_in_the_log(tmp_path: Path) -> None:
    longest = signed(an_agreement(id="A" * 64))
    place = Place(tmp_path, longest)
    place.ask(a_request(longest))
    assert {entry["object"] for entry in place.entries()} == {f"agreement:{'A' * 64}"}
    place.log.close()
    with pytest.raises(SourceError, match="is not an identifier"):
        an_agreement(id="A" * 65)


# ---------------------------------------------------------------- several at a time


class Slow:
    """Holdings of `a_school` in which one look at indicators waits until it is let go."""

    def __init__(self) -> None:
        self.school, self.looks = a_school(), 0
        self.entered, self.let_go = threading.Event(), threading.Event()

    def indicators(self, ids: Collection[str], on: dt.date) -> pa.Table:
        self.looks += 1
        if self.looks == 1:
            self.entered.set()
            assert self.let_go.wait(30)
        return self.school.indicators(ids, on)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.school, name)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[tuple[Place, Slow, ThreadPoolExecutor]]:
    """A place whose first answer is being made, until it is let go."""
    place, holdings = Place(tmp_path, signed()), Slow()
    place.office = replace(place.office, holdings=holdings)
    with ThreadPoolExecutor(4) as threads:
        try:
            yield place, holdings, threads
        finally:
            holdings.let_go.set()
    place.log.close()


def another(place: Place, **changed: Any) -> SharingAgreement:
    made = signed(an_agreement(**changed))
    place.copies[made.id] = made
    return made


def test_a_long_answer_keeps_no_other_agreement_waiting(slow: tuple[Place, Slow, ThreadPoolExecutor]) -> None:
    place, holdings, threads = slow
    [first] = place.copies.values()
    second = another(place, id="A-2026-015")
    long = threads.submit(place.ask, a_request(first))
    assert holdings.entered.wait(30)
    told = threads.submit(place.ask, a_request(second, id="2" * 32)).result(30)
    assert not long.done()
    assert received(read_manifest(told.manifest), told.payload, a_request(second), second).num_rows == 200
    holdings.let_go.set()
    assert long.result(30).payload
    assert [one["action"] for one in place.entries()] == ["asked", "asked", "answered", "answered"]


def test_one_question_asked_twice_at_a_time_is_answered_once(slow: tuple[Place, Slow, ThreadPoolExecutor]) -> None:
    place, holdings, threads = slow
    [agreement] = place.copies.values()
    asked = [threads.submit(place.ask, a_request(agreement, id=str(n) * 32)) for n in (1, 2, 3)]
    assert holdings.entered.wait(30)
    assert wait(asked, 0.3).done == set()
    holdings.let_go.set()
    first, *others = [one.result(30) for one in asked]
    assert others == [first, first]
    assert holdings.looks == 1
    assert [one["action"] for one in place.entries()].count("answered") == 1


def test_counts_wait_for_each_other_as_the_gate_holds_them_together(
    slow: tuple[Place, Slow, ThreadPoolExecutor],
) -> None:
    """Of nearly the same children, the second to ask is refused; both at a time would each have passed."""
    place, holdings, threads = slow
    counts: dict[str, Any] = {"granularity": "aggregate", "rounding": "midpoint_6"}
    first = another(place, id="A-2026-020", **counts)
    second = another(place, id="A-2026-021", **counts, cohort={"age_from": 6, "age_to": 14})
    holdings.school.moved_away = [n for n in range(90) if n % 10 == 9]  # one child of fifteen is left between the two
    long = threads.submit(place.ask, a_request(first))
    assert holdings.entered.wait(30)
    other = threads.submit(place.ask, a_request(second, id="2" * 32))
    assert wait([other], 0.3).done == set()
    holdings.let_go.set()
    assert long.result(30).payload
    with pytest.raises(PurposeError, match=REFUSALS["too_near_another"]):
        other.result(30)
