"""A node names those alone of whom it answered in the run of the day, so many in a period, and both ends log it."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from agreements import CONTENT, KEYS, ON, an_agreement, signed
from answered import DEFINITIONS, KEY, School, a_request, child
from tsunagu.errors import PurposeError, SourceError
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.linked_forms import identity_definitions, resident_definitions
from tsunagu.purposes.request import bytes_of
from tsunagu.purposes.tokens import Tokens
from tsunagu.records.answer_tables import RESIDENTS
from tsunagu.records.stage_tables import PERSON_FACTS
from tsunagu_node.log import Evidence, Log
from tsunagu_node.office import Office, Sent, Told

NOON = dt.datetime(2026, 10, 1, 3, 0, tzinfo=dt.UTC)  # in Japan
PROOF = Evidence("POST", "https://holder/answers", b"body", "inputs", "signature")
NAMES = {**identity_definitions(["name"]), **resident_definitions()}


def token(n: int) -> bytes:
    return next(Tokens(KEY, "2026-10").of([child(n)]))


class Everything(School):
    """A hundred children with indicators and names; the residents it tells of are the first fifty."""

    def definitions(self) -> Mapping[tuple[str, str], str]:
        return {**DEFINITIONS, **NAMES}

    def identity(self, fields: Collection[str], ids: Collection[str], on: dt.date) -> pa.Table:
        row = {"item": "name", "state": "known", "holder": "jumin", "file": "a", "row": 1}
        rows = [{**row, "person_id": id, "text": f"名{id}"} for id in ids]
        return PERSON_FACTS.sorted(pa.Table.from_pylist(rows, schema=PERSON_FACTS.schema))

    def residents(self, columns: Collection[str], cohort: Any, requester: str, on: dt.date) -> Any:
        rows = [{"link_id": child(n), "birth_date": on} for n in range(50)]
        return {("residents", "residents"): pa.Table.from_pylist(rows, schema=RESIDENTS.schema)}


def names(id: str = "A-names", per_mille: int = 100, **changed: Any) -> SharingAgreement:
    wanted = [
        {"id": i, "version": v, "sha256": h, "values": []} for (i, v), h in identity_definitions(["name"]).items()
    ]
    given = {"wanted": wanted, "granularity": "item", "about": "named", "named_per_mille": per_mille, **changed}
    return signed(an_agreement(id=id, rows_at_most=5_000, **given))


def residents(**changed: Any) -> SharingAgreement:
    told = resident_definitions()
    wanted = [{"id": i, "version": v, "sha256": h, "values": []} for (i, v), h in told.items() if i == "birth_date"]
    given = {"requester": "tax-office", "join_set": "A-residents", **changed}
    return signed(an_agreement(id="A-residents", granularity="residents", wanted=wanted, **given))


class Place:
    """One node's office under some agreements."""

    def __init__(self, folder: Path, *agreements: SharingAgreement) -> None:
        self.copies = {one.id: one for one in agreements}
        self.log = Log(folder / "log.sqlite3", b"s" * 64)
        self.holdings = Everything({n: n for n in range(100)})
        self.office = Office(lambda: self.copies, lambda _: KEYS, self.holdings, lambda _: KEY, self.log)
        self.asked = 0

    def ask(self, id: str, *named: int, **changed: Any) -> Told:
        self.asked += 1
        copy = self.copies[id]
        request = a_request(copy, id=f"{self.asked:032x}", named=tuple(token(n) for n in named))
        request = replace(request, **changed)
        return self.office.handle(Sent(copy.requester, id, request.id, bytes_of(request), NOON, PROOF))

    def last(self) -> dict[str, Any]:
        found: dict[str, Any] = [json.loads(row.body) for row in self.log.rows()][-1]["detail"]
        return found


def test_names_follow_the_answered_indicators_and_their_count_is_logged(tmp_path: Path) -> None:
    place = Place(tmp_path, signed(), names())
    with pytest.raises(PurposeError, match="has answered nothing for that day") as refused:
        place.ask("A-names", 3, 4)
    assert "ask for the indicators of that day first" in refused.value.to_do
    assert {k: place.last()[k] for k in ("why", "named", "reason")} == {
        "why": "of_no_run", "named": 2, "reason": "notices",
    }  # fmt: skip
    place.ask("A-2026-014")
    place.ask("A-names", 3, 4)
    logged = {key: place.last()[key] for key in ("named", "beside", "of_period", "at_most", "reason", "run")}
    assert logged == {
        "named": 2, "beside": 0, "of_period": 2, "at_most": 10, "reason": "notices", "run": ON.isoformat(),
    }  # fmt: skip


def test_the_log_says_who_asked_and_which_reason_was_stated_and_never_another(tmp_path: Path) -> None:
    """A holder cannot see whether notice is due. What stands in its log is what the signed request says of itself."""
    place = Place(tmp_path, signed(), names())
    place.ask("A-2026-014")
    place.ask("A-names", 3, 4, reason="by_hand", asked_by="uid:1003")
    assert (place.last()["reason"], place.last()["asked_by"]) == ("by_hand", "uid:1003")
    place.ask("A-names", 3, 4, reason="notices", asked_by="uid:1004")  # the same question, and another who asks it
    assert (place.last()["reason"], place.last()["asked_by"]) == ("notices", "uid:1004")
    with pytest.raises(SourceError, match="reason: is given where persons are named"):
        place.ask("A-names", 3, 4, reason="")
    with pytest.raises(SourceError, match="reason"):
        place.ask("A-names", 3, 4, reason="because")
    with pytest.raises(SourceError, match="reason: is given where persons are named"):
        place.ask("A-2026-014", reason="notices")


def test_too_many_are_refused_and_logged_and_fewer_are_named_afterwards(tmp_path: Path) -> None:
    place = Place(tmp_path, signed(), names(per_mille=20))
    place.ask("A-2026-014")
    with pytest.raises(PurposeError, match="more persons are named than agreed for one period") as refused:
        place.ask("A-names", 1, 2, 3)
    assert "tsunagu agreement show" in refused.value.to_do
    assert {k: place.last()[k] for k in ("why", "named", "of_period", "at_most", "reason")} == {
        "why": "too_many_named", "named": 3, "of_period": 3, "at_most": 2, "reason": "notices",
    }  # fmt: skip
    assert place.ask("A-names", 1, 2)


def test_two_agreements_are_no_way_round_the_share_of_one(tmp_path: Path) -> None:
    place = Place(tmp_path, signed(), names("A-names", 20), names("B-names", 20))
    place.ask("A-2026-014")
    place.ask("A-names", 1, 2)
    place.ask("B-names", 2)  # named before, and counted once
    assert place.last()["of_period"] == 2
    place.copies["C-names"] = names("C-names", 20)
    with pytest.raises(PurposeError, match="more persons are named"):
        place.ask("C-names", 3)


def test_names_asked_again_bring_the_same_bytes_and_count_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path, signed(), names(per_mille=20))
    place.ask("A-2026-014")
    first = place.ask("A-names", 1, 2)
    assert place.ask("A-names", 1, 2) == first
    assert len(place.log.named(place.copies["A-names"], "2026-10")) == 2


def test_the_registers_holder_names_those_of_whom_it_told_others(tmp_path: Path) -> None:
    place = Place(tmp_path, residents(), names(per_mille=500))
    with pytest.raises(PurposeError, match="has answered nothing for that day"):
        place.ask("A-names", 3)
    place.ask("A-residents")
    place.ask("A-names", 3, 60)  # 60 is a resident whom nobody was told of
    assert place.last()["named"] == 1
    assert place.last()["at_most"] == 25


@pytest.mark.parametrize(
    "indicators",
    [
        {"join_set": "J-2026-04"},
        {"purpose": "statistics"},
        {"cadence": "weekly"},
        {"requester": "welfare-office"},
    ],
)
def test_an_answer_of_another_set_purpose_period_or_party_is_no_run(tmp_path: Path, indicators: dict[str, Any]) -> None:
    place = Place(tmp_path, signed(an_agreement(**indicators)), names())
    key = replace(KEY, **{k: v for k, v in indicators.items() if k in ("join_set", "purpose")})
    place.office = replace(place.office, join_keys=lambda one: key if one.id == CONTENT["id"] else KEY)
    place.ask(CONTENT["id"])
    with pytest.raises(PurposeError, match="has answered nothing for that day"):
        place.ask("A-names", 3)


def test_an_answer_of_another_day_is_no_run(tmp_path: Path) -> None:
    later = NOON + dt.timedelta(days=2)
    place = Place(tmp_path, signed(), names())
    place.ask(CONTENT["id"])
    copy = place.copies["A-names"]
    request = a_request(copy, id="f" * 32, named=(token(3),), on=later.date())
    with pytest.raises(PurposeError, match="has answered nothing for that day"):
        place.office.handle(Sent(copy.requester, copy.id, request.id, bytes_of(request), later, PROOF))


def test_who_was_named_stays_on_record(tmp_path: Path) -> None:
    place = Place(tmp_path, signed(), names())
    place.ask("A-2026-014")
    place.ask("A-names", 1)
    with sqlite3.connect(tmp_path / "log.sqlite3") as db:
        for statement in ("DELETE FROM named", "UPDATE named SET period = '2026-11'"):
            with pytest.raises(sqlite3.IntegrityError, match="who was named stays"):
                db.execute(statement)
