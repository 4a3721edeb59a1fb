"""A wrong day uses up no period; and where one is used up, it is told by what, when, and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from test_office import NOON, PROOF, Place

from agreements import KEYS, ON, an_agreement, signed
from answered import KEY, a_request
from screening_cases import CRITERIA_FILE, a_town, the_catalogue
from tsunagu.errors import StateError
from tsunagu.indicators.definition import definition_hash
from tsunagu.indicators.load import load_definitions
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.request import DataRequest, bytes_of
from tsunagu.purposes.tokens import period_days
from tsunagu.records.stage_tables import SOURCE_FACTS, SOURCE_RECORDS
from tsunagu_node import rounds
from tsunagu_node.holdings import OwnHoldings
from tsunagu_node.log import Log
from tsunagu_node.office import Office, Sent, Told
from tsunagu_node.store import Brought, Snapshot, Store

LATER = dt.timedelta(9)


@pytest.fixture
def agreement() -> SharingAgreement:
    return signed()


@pytest.fixture
def place(tmp_path: Path, agreement: SharingAgreement) -> Iterator[Place]:
    made = Place(tmp_path, agreement)
    yield made
    made.log.close()


def refused(place: Place, request: DataRequest, *, at: dt.datetime = NOON) -> StateError:
    with pytest.raises(StateError) as caught:
        place.ask(request, at=at)
    return caught.value


# ---------------------------------------------------------------- what is told


def test_who_asks_about_another_day_is_told_which_was_answered_and_until_when(
    place: Place, agreement: SharingAgreement
) -> None:
    place.ask(a_request(agreement), at=NOON + dt.timedelta(2))
    error = refused(place, a_request(agreement, id="1" * 32, on=ON + dt.timedelta(3)), at=NOON + dt.timedelta(4))
    assert error.what == "this period has been answered, to another question"
    assert error.to_do == (
        "The agreement is monthly, and 2026-10 was answered on 2026-10-03 for --on 2026-10-01. "
        "Use the run of that day, or ask again with --on 2026-10-01; else wait until 2026-11-01."
    )
    assert place.ask(a_request(agreement, id="2" * 32), at=NOON + dt.timedelta(4)).payload


def test_who_asks_something_else_about_that_day_is_told_so(place: Place, agreement: SharingAgreement) -> None:
    place.ask(a_request(agreement))
    request = a_request(agreement)
    error = refused(place, replace(request, wanted=request.wanted[:1]))
    assert "for --on 2026-10-01, to another question. Ask what was asked then, or wait until 2026-11-01." in error.to_do


@pytest.mark.parametrize("days", [-1, 40, 3])
def test_a_day_outside_the_running_period_uses_nothing_up(place: Place, agreement: SharingAgreement, days: int) -> None:
    error = refused(place, a_request(agreement, on=ON + dt.timedelta(days)), at=NOON + dt.timedelta(2))
    assert error.to_do == (
        "Use --on with a day from 2026-10-01 to 2026-10-03: the agreement is monthly. "
        "Nothing was answered, and nothing is used up."
    )
    assert place.log.answered(agreement.id) == {}
    place.ask(a_request(agreement, id="1" * 32), at=NOON + dt.timedelta(2))


def test_to_compare_the_copies_is_said_where_they_may_differ(place: Place, agreement: SharingAgreement) -> None:
    place.copies[agreement.id] = signed(an_agreement(rows_at_most=1))
    with pytest.raises(Exception, match="tsunagu agreement show"):
        place.ask(a_request(agreement))
    place.copies[agreement.id] = agreement
    place.key = None
    with pytest.raises(Exception, match="the holder has no key") as caught:
        place.ask(a_request(agreement))
    assert "agreement show" not in str(caught.value)
    assert "group-key" in str(caught.value)


@pytest.mark.parametrize(
    ("cadence", "first", "following"),
    [
        ("once", "2026-10-01", "2026-10-02"),
        ("daily", "2026-10-01", "2026-10-02"),
        ("weekly", "2026-09-28", "2026-10-05"),
        ("monthly", "2026-10-01", "2026-11-01"),
        ("yearly", "2026-01-01", "2027-01-01"),
    ],
)
def test_a_period_begins_and_is_followed(cadence: str, first: str, following: str) -> None:
    assert [day.isoformat() for day in period_days(ON, cadence)] == [first, following]


# ---------------------------------------------------------------- a store whose extracts are of their days


class Stored:
    """An office over a true store; snapshots and extracts of whichever days."""

    def __init__(self, folder: Path, **changed: Any) -> None:
        items = the_catalogue().items
        computed = load_definitions(CRITERIA_FILE, items)
        wanted = {
            "id": "absent_total",
            "version": computed.version,
            "sha256": definition_hash(computed, "absent_total", items),
            "values": ["0-9", "10-29", "30+"],
        }
        self.agreement = signed(an_agreement(wanted=[wanted], cohort={"age_from": 0, "age_to": 17}, **changed))
        self.store = Store(folder / "store", bytes(range(64)))
        self.log = Log(folder / "log.sqlite3", b"s" * 64)
        self.holdings = OwnHoldings(self.store, items, computed)
        copies = {self.agreement.id: self.agreement}
        self.office = Office(lambda: copies, lambda _a: KEYS, self.holdings, lambda _a: KEY, self.log)

    def bring(self, on: dt.date, *, is_linked: bool = True) -> None:
        self.store.bring(Brought(on, SOURCE_RECORDS.empty(), SOURCE_FACTS.empty(), (), {}))
        if is_linked:
            persons, facts = a_town(3, on, children=40).tables()
            self.store.keep(Snapshot(on, persons, facts, frozenset(), made_of=self.store.brought(on).made_of))

    def ask(self, on: dt.date, today: dt.date, id: str = "0") -> Told:
        request = a_request(self.agreement, on=on, id=id * 32)
        at = dt.datetime(today.year, today.month, today.day, 3, tzinfo=dt.UTC)
        return self.office.handle(Sent(request.requester, request.agreement, request.id, bytes_of(request), at, PROOF))


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Stored]:
    made = Stored(tmp_path)
    yield made
    made.log.close()


def test_a_day_before_the_periods_extracts_uses_nothing_up(stored: Stored) -> None:
    """It would be answered by those of the period before, and the whole period with it."""
    stored.bring(ON - dt.timedelta(1))
    stored.bring(ON + LATER)
    with pytest.raises(StateError, match="no extracts of this period") as caught:
        stored.ask(ON + dt.timedelta(3), ON + LATER)
    assert caught.value.to_do == "There are extracts of 2026-10-10: use --on 2026-10-10. Nothing of 2026-10 is used up."
    assert stored.log.answered(stored.agreement.id) == {}
    assert stored.ask(ON + LATER, ON + LATER, "1").payload


def test_a_period_whose_extracts_are_still_to_come_is_not_used_up(stored: Stored) -> None:
    stored.bring(ON - dt.timedelta(1))
    with pytest.raises(StateError, match="no extracts of this period") as caught:
        stored.ask(ON + LATER, ON + LATER)
    assert "The newest are of 2026-09-30. Let the holder bring in those of 2026-10" in caught.value.to_do
    assert stored.log.answered(stored.agreement.id) == {}
    stored.bring(ON + LATER)
    assert stored.ask(ON + LATER, ON + LATER, "1").payload


def test_extracts_that_are_not_linked_yet_use_nothing_up(stored: Stored) -> None:
    stored.bring(ON)
    stored.bring(ON + LATER, is_linked=False)
    with pytest.raises(StateError, match="the extracts of 2026-10-10 have been brought in, and not been linked yet"):
        stored.ask(ON + LATER, ON + LATER)
    assert stored.log.answered(stored.agreement.id) == {}
    assert [row for row in stored.log.rows() if '"refused"' in row.body]


def test_of_a_day_alone_the_newest_extracts_before_it_answer(tmp_path: Path) -> None:
    """Nothing is brought in on a Sunday; a wrong day of another period cannot be asked about at all."""
    stored = Stored(tmp_path, cadence="daily")
    stored.bring(ON - dt.timedelta(1))
    assert stored.ask(ON, ON).payload
    stored.log.close()


# ---------------------------------------------------------------- before anybody is asked


@pytest.mark.parametrize(("brought", "told"), [((), "bring in"), ((ON - LATER,), "use --on 2026-09-22")])
def test_a_round_without_own_extracts_of_the_period_asks_nobody(
    stored: Stored, monkeypatch: pytest.MonkeyPatch, brought: tuple[dt.date, ...], told: str
) -> None:
    for day in brought:
        stored.bring(day)

    def asked(*_given: Any, **_named: Any) -> None:
        raise AssertionError("somebody was asked")

    monkeypatch.setattr(rounds, "ask_all", asked)
    node: Any = SimpleNamespace(
        relied_on=lambda *_given: [stored.agreement],
        linking=SimpleNamespace(is_register=True),
        store=stored.store,
        file=SimpleNamespace(folder="residents"),
    )
    with pytest.raises(StateError, match="has brought in no extracts for 2026-10-01") as caught:
        rounds.link(node, ON)
    assert told in caught.value.to_do
    assert "Nobody was asked" in caught.value.to_do
