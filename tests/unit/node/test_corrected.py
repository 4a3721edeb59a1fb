"""What a holder has corrected within a period is answered anew, and no two answers can be held against each other."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from test_bound_links import ANEW, Holder, linked, told_by
from test_bound_links import ON as IMPORTED
from test_office import NOON, PROOF, Place
from test_used_up import Stored

from agreements import KEYS, ON, an_agreement, signed
from answered import DEFINITIONS, KEY, School, a_request, child
from tsunagu.errors import PurposeError, StateError
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.grant import MOST_ANSWERS, REFUSALS
from tsunagu.purposes.linked_forms import identity_definitions, linking_definitions, resident_definitions
from tsunagu.purposes.manifest import parts_in, read_manifest, received
from tsunagu.purposes.request import DataRequest, bytes_of
from tsunagu.purposes.tokens import LinkKey, Tokens, join_key
from tsunagu.records.stage_tables import PERSON_FACTS, SOURCE_FACTS, SOURCE_RECORDS
from tsunagu_node.log import Log
from tsunagu_node.office import Office, Sent, Told
from tsunagu_node.store import Brought

IDS = iter(f"{n:032x}" for n in range(1, 10_000))


@pytest.fixture
def agreement() -> SharingAgreement:
    return signed()


@pytest.fixture
def place(tmp_path: Path, agreement: SharingAgreement) -> Iterator[Place]:
    made = Place(tmp_path, agreement)
    yield made
    made.log.close()


def asked(place: Place, agreement: SharingAgreement, **changed: Any) -> Told:
    return place.ask(a_request(agreement, id=next(IDS), **changed))


def corrected(place: Place, absent: Mapping[int, int], mark: str = "corrected") -> None:
    """The school's people bring their extracts in again."""
    place.school.absent, place.school.brought = absent, mark


def rows(told: Told, agreement: SharingAgreement, **changed: Any) -> list[dict[str, Any]]:
    return received(read_manifest(told.manifest), told.payload, a_request(agreement, **changed), agreement).to_pylist()


def actions(place: Place) -> list[str]:
    return [one["action"] for one in place.entries() if one["action"] != "asked"]


# ---------------------------------------------------------------- answers


def test_what_was_corrected_is_answered_anew_and_from_then_on(place: Place, agreement: SharingAgreement) -> None:
    first = asked(place, agreement)
    corrected(place, dict.fromkeys(range(100), 40))
    second = asked(place, agreement)
    bands = {row["band"] for row in rows(second, agreement) if row["indicator"] == "absent_total"}
    assert bands == {"30+", None}
    assert second.payload != first.payload
    assert [read_manifest(one.manifest).attempt for one in (first, second)] == [1, 2]
    assert asked(place, agreement) == second
    assert actions(place) == ["answered", "answered", "answered_again"]
    assert place.entries()[3]["detail"]["attempt"] == 2
    tokens = [{row["token"] for row in rows(one, agreement)} for one in (first, second)]
    assert tokens[0] == tokens[1]  # it is joined with others' answers, which stay as they were


def test_a_correction_that_changes_nothing_that_is_told_counts_for_nothing(
    place: Place, agreement: SharingAgreement
) -> None:
    first = asked(place, agreement)
    for n in range(MOST_ANSWERS + 2):
        corrected(place, place.school.absent, f"import {n}")
        assert asked(place, agreement) == first
    assert actions(place).count("answered") == 1


def test_another_question_has_no_answer_after_a_correction_either(place: Place, agreement: SharingAgreement) -> None:
    asked(place, agreement)
    corrected(place, {})
    with pytest.raises(StateError, match=REFUSALS["already_answered"]):
        asked(place, agreement, wanted=a_request(agreement).wanted[:1])


def test_a_key_that_was_put_right_is_answered_with(place: Place, agreement: SharingAgreement) -> None:
    place.key = join_key(LinkKey(b"w" * 32), KEY.join_set, KEY.purpose)
    wrong = asked(place, agreement)
    place.key = KEY
    right = asked(place, agreement)
    marks = [read_manifest(one.manifest).made_with.mark for one in (wrong, right)]
    assert marks[0] != marks[1]
    assert {row["token"] for row in rows(wrong, agreement)}.isdisjoint({row["token"] for row in rows(right, agreement)})


def test_after_so_many_corrections_a_period_is_answered_no_more(place: Place, agreement: SharingAgreement) -> None:
    for n in range(MOST_ANSWERS):
        corrected(place, dict.fromkeys(range(n, 90), 40), f"import {n}")
        asked(place, agreement)
    corrected(place, {}, "one more")
    with pytest.raises(StateError, match=REFUSALS["answered_often"]) as caught:
        asked(place, agreement)
    assert caught.value.to_do.startswith(f"2026-10 was answered {MOST_ANSWERS} times")
    assert caught.value.to_do.endswith("Use the last run, or wait until 2026-11-01.")
    assert actions(place) == ["answered"] * MOST_ANSWERS + ["refused"]
    next_month = ON + dt.timedelta(31)
    place.office = replace(place.office, peers_needed=0)
    assert place.ask(a_request(agreement, id=next(IDS), on=next_month), at=NOON + dt.timedelta(31)).payload


def test_payloads_that_were_corrected_are_gone_and_that_they_were_told_is_not(
    place: Place, agreement: SharingAgreement
) -> None:
    asked(place, agreement)
    corrected(place, {})
    asked(place, agreement)
    assert [one.attempt for one in place.log.told_in(agreement.id, "2026-10")] == [1, 2]
    assert place.log.answer_kept(agreement.id, "2026-10", 1) is None
    assert place.log.answer_kept(agreement.id, "2026-10", 2) is not None


# ---------------------------------------------------------------- counts


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[tuple[Place, SharingAgreement]]:
    agreement = signed(an_agreement(granularity="aggregate"))
    made = Place(tmp_path, agreement)
    yield made, agreement
    made.log.close()


def counts(told: Told, agreement: SharingAgreement) -> dict[str, int | None]:
    return {row["band"]: row["children"] for row in rows(told, agreement) if row["indicator"] == "absent_total"}


def test_a_correction_of_a_few_children_repeats_the_count_that_was_told(
    counted: tuple[Place, SharingAgreement],
) -> None:
    """Else whoever knows of the few could read them off two counts; by steps of a few neither."""
    place, agreement = counted
    corrected(place, {n: 0 if n < 45 else 40 for n in range(90)}, "first")
    first = counts(asked(place, agreement), agreement)
    for step in (1, 2, 3):
        corrected(place, {n: 0 if n < 45 - 3 * step else 40 for n in range(90)}, f"step {step}")
        assert counts(asked(place, agreement), agreement) == first
    assert actions(place).count("answered") == 1
    corrected(place, {n: 0 if n < 20 else 40 for n in range(90)}, "many")
    later = counts(asked(place, agreement), agreement)
    assert later["0-9"] != first["0-9"]
    assert later["30+"] != first["30+"]


def test_every_count_of_a_period_stands_against_other_agreements(counted: tuple[Place, SharingAgreement]) -> None:
    """Also the one before the correction: it was told, and may be held against another agreement's."""
    place, agreement = counted
    place.school.moved_away = [n for n in range(100) if n % 10 == 9]
    place.school.absent = dict.fromkeys(range(100), 0)
    asked(place, agreement)
    place.school.moved_away = range(50, 100)
    corrected(place, dict.fromkeys(range(100), 40))
    asked(place, agreement)
    place.school.moved_away = [n for n in range(100) if n % 10 == 9][:9]  # one child more than at first
    other = signed(an_agreement(id="A-2026-021", granularity="aggregate"))
    place.copies[other.id] = other
    with pytest.raises(PurposeError, match=REFUSALS["too_near_another"]):
        asked(place, other)


# ---------------------------------------------------------------- persons by name


class Named(School):
    """Tells a name of each child."""

    def definitions(self) -> Mapping[tuple[str, str], str]:
        return {**DEFINITIONS, **identity_definitions(["name"])}

    def identity(self, fields: Collection[str], ids: Collection[str], on: dt.date) -> pa.Table:
        row = {"item": "name", "state": "known", "holder": "jumin", "file": "a", "row": 1}
        found = [{**row, "person_id": id, "text": f"名{id}"} for id in ids]
        return PERSON_FACTS.sorted(pa.Table.from_pylist(found, schema=PERSON_FACTS.schema))


def token(n: int) -> bytes:
    return next(Tokens(KEY, "2026-10").of([child(n)]))


def about_names(rows_at_most: int) -> SharingAgreement:
    wanted = [
        {"id": i, "version": v, "sha256": h, "values": []} for (i, v), h in identity_definitions(["name"]).items()
    ]
    given = {"id": "A-names", "granularity": "item", "about": "named", "named_per_mille": 600, "rounding": "none"}
    return signed(an_agreement(wanted=wanted, rows_at_most=rows_at_most, **given))


@pytest.fixture
def naming(tmp_path: Path) -> Iterator[tuple[Place, SharingAgreement]]:
    agreement, of_run = about_names(5), signed()
    made = Place(tmp_path, of_run)
    made.copies[agreement.id] = agreement
    made.office = replace(made.office, holdings=Named({n: n for n in range(100)}))
    asked(made, of_run)  # names are told of an answered run alone
    yield made, agreement
    made.log.close()


def named(naming: tuple[Place, SharingAgreement], *children: int) -> list[str]:
    place, agreement = naming
    tokens = tuple(token(n) for n in children)
    return [row["text"] for row in rows(asked(place, agreement, named=tokens), agreement, named=tokens)]


def test_others_may_be_named_in_the_same_period_up_to_the_rows_that_are_agreed(
    naming: tuple[Place, SharingAgreement],
) -> None:
    """As after a correction, by which others are noticed. Who is named again counts again."""
    assert named(naming, 3) == ["名C003"]
    assert sorted(named(naming, 3, 8)) == ["名C003", "名C008"]
    assert named(naming, 3) == ["名C003"]  # told before: it is the same answer
    assert sorted(named(naming, 1, 2)) == ["名C001", "名C002"]
    with pytest.raises(PurposeError, match=REFUSALS["too_many_rows"]) as caught:
        named(naming, 9)
    assert caught.value.to_do == (
        "5 of the 5 rows that are agreed were told in 2026-10. Name fewer persons, or wait until 2026-11-01."
    )


def test_names_are_asked_for_so_often_in_a_period_and_no_more(naming: tuple[Place, SharingAgreement]) -> None:
    place, _ = naming
    wide = about_names(1_000)
    place.copies[wide.id] = wide
    for n in range(MOST_ANSWERS):
        named((place, wide), n)
    with pytest.raises(StateError, match=REFUSALS["answered_often"]) as caught:
        named((place, wide), 20)
    assert "with other persons named or after corrections" in caught.value.to_do
    assert named((place, wide), 0) == ["名C000"]


# ---------------------------------------------------------------- a ledger of before


def test_what_an_older_version_told_stays_told(tmp_path: Path, agreement: SharingAgreement) -> None:
    """One answer a period, of which nobody knows what it was computed of: it is computed anew, and counts."""
    path = tmp_path / "log.sqlite3"
    other = an_agreement(id="A-2026-021", granularity="aggregate")
    with sqlite3.connect(path) as db:
        db.executescript(
            """
            CREATE TABLE answered (agreement TEXT, period TEXT, question TEXT NOT NULL, manifest BLOB NOT NULL,
              children INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (agreement, period)) WITHOUT ROWID;
            CREATE TABLE payload (agreement TEXT, period TEXT, sealed BLOB NOT NULL, PRIMARY KEY (agreement, period));
            CREATE TABLE total (agreement TEXT, period TEXT, indicator TEXT, on_day TEXT, children INTEGER NOT NULL,
              PRIMARY KEY (agreement, period, indicator)) WITHOUT ROWID;
            CREATE TRIGGER answered_stays BEFORE UPDATE ON answered BEGIN SELECT RAISE(ABORT, 'stays'); END;
            CREATE TRIGGER answered_is_kept BEFORE DELETE ON answered BEGIN SELECT RAISE(ABORT, 'stays'); END;
            """
        )
        manifest = json.dumps({"on": ON.isoformat(), "rows": 200, "sha256": "a" * 64}).encode()
        question = a_request(agreement).question
        db.execute(
            "INSERT INTO answered VALUES (?, '2026-10', ?, ?, 100, '2026-10-01T03:00:00.000000Z')",
            (agreement.id, question, manifest),
        )
        db.execute("INSERT INTO payload VALUES (?, '2026-10', ?)", (agreement.id, b"sealed"))
        db.execute("INSERT INTO total VALUES (?, '2026-10', 'absent_total', ?, 100)", (other.id, ON.isoformat()))
    Log(path, b"s" * 64).close()
    place = Place(tmp_path, agreement)  # opened twice: the second time there is nothing to move
    assert place.log.answered(agreement.id) == {"2026-10": question}
    assert [one.children for one in place.log.history(agreement.id, ON.isoformat()).totals] == [100]
    with pytest.raises(StateError, match=REFUSALS["already_answered"]):
        asked(place, agreement, wanted=a_request(agreement).wanted[:1])
    assert read_manifest(asked(place, agreement).manifest).attempt == 2
    place.log.close()
    with sqlite3.connect(path) as db:
        for statement in ("DELETE FROM answered", "UPDATE answered SET question = ''"):
            with pytest.raises(sqlite3.DatabaseError, match="stays"):
                db.execute(statement)
        assert db.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE '%before%'").fetchone() == (0,)


# ---------------------------------------------------------------- extracts, links, and answers by them


def test_answers_of_as_many_other_records_are_not_taken_for_those_of_the_last(tmp_path: Path) -> None:
    """Three children were sent, and then three others: the numbers 0 to 2 name either."""
    register, school = Holder(tmp_path / "residents", "jumin"), Holder(tmp_path / "school", "gakumu")
    register.bring()
    school.bring((0, 1, 2))
    told = linked(register, school)
    school.bring((3, 4, 5))
    school.linking.keyed(["gakumu"], IMPORTED)
    with pytest.raises(StateError, match="not of the records of 2026-09-30 that were sent last"):
        school.linking.settle(told, IMPORTED)
    assert school.store.days() == []
    told = linked(register, school)
    made = school.linking.settle(told, IMPORTED)
    names = register.holdings.identity(["name"], made.links.column("person_id").to_pylist(), IMPORTED).to_pylist()
    assert {row["text"] for row in names} == {"久保 翠", "森田 結", "浅井 蓮"}


class Ends:
    """The school's node and the register's, each with the office that answers the other."""

    def __init__(self, folder: Path) -> None:
        self.register, self.school = Holder(folder / "residents", "jumin"), Holder(folder / "school", "gakumu")
        self.register.bring()
        self.school.bring((0, 1, 2))
        sent, told = linking_definitions(["gakumu"]), resident_definitions()
        self.linkage = self._agreed("L", "linkage", sent, holder="school-board", requester="residents")
        self.residents = self._agreed("R", "residents", told, holder="residents", requester="school-board")
        self.logs = [Log(folder / name / "log.sqlite3", b"s" * 64) for name in ("school", "residents")]
        self.offices = [
            self._office(self.linkage, self.school, self.logs[0]),
            self._office(self.residents, self.register, self.logs[1]),
        ]

    def _agreed(self, id: str, granularity: str, wanted: Mapping[tuple[str, str], str], **sides: str) -> Any:
        listed = [{"id": i, "version": v, "sha256": h, "values": []} for (i, v), h in wanted.items()]
        ages = {"age_from": 0, "age_to": 24}
        given = {"wanted": listed, "cohort": ages, "valid_from": "2026-04-01", "granularity": granularity}
        return signed(an_agreement(id=f"A-{id}", **given, **sides))

    def _office(self, agreement: SharingAgreement, holder: Holder, log: Log) -> Office:
        return Office(lambda: {agreement.id: agreement}, lambda _a: KEYS, holder.holdings, lambda _a: None, log)

    def ask(self, which: int) -> tuple[Any, int]:
        """What that end tells the other, and which answer of the period it is."""
        agreement = (self.linkage, self.residents)[which]
        request: DataRequest = a_request(agreement, id=next(IDS), on=IMPORTED)
        at = dt.datetime(2026, 9, 30, 3, tzinfo=dt.UTC)
        told = self.offices[which].handle(
            Sent(agreement.requester, agreement.id, request.id, bytes_of(request), at, PROOF)
        )
        manifest = read_manifest(told.manifest)
        return parts_in(received(manifest, told.payload, request, agreement), agreement), manifest.attempt

    def link(self) -> tuple[int, int]:
        """Both steps of a round; which answer of the period each was."""
        sent, first = self.ask(0)
        self.register.linking.link_all({"school-board": sent}, IMPORTED)
        told, second = self.ask(1)
        self.school.linking.settle(told, IMPORTED)
        return first, second

    def close(self) -> None:
        for log in self.logs:
            log.close()


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[Ends]:
    made = Ends(tmp_path)
    yield made
    made.close()


def linked_persons(ends: Ends) -> list[str]:
    return sorted(ends.school.store.newest(IMPORTED).links.column("person_id").to_pylist())


def test_corrected_extracts_are_linked_again_within_the_period(ends: Ends) -> None:
    assert ends.link() == (1, 1)
    before = linked_persons(ends)
    ends.school.bring((3, 4, 5))
    assert ends.link() == (2, 2)
    after = linked_persons(ends)
    assert len(before) == len(after) == 3
    assert not set(before) & set(after)
    assert ends.link() == (2, 2)  # nothing was brought in: nothing new is told


def test_extracts_brought_in_as_they_were_before_are_linked_as_they_were(ends: Ends) -> None:
    """The answer is one that was told; the numbers that it speaks of must be of what lies here all the same."""
    ends.link()
    before = linked_persons(ends)
    ends.school.bring((0, 1, 2, 3))
    ends.ask(0)
    ends.school.bring((0, 1, 2))
    ends.link()
    assert linked_persons(ends) == before
    # Sent anew, and the same is told: what was numbered for another import does not stay.
    ends.school.store.keep_numbers(Brought(IMPORTED, SOURCE_RECORDS.empty(), SOURCE_FACTS.empty(), (), {}), {}, {})
    ends.link()
    assert linked_persons(ends) == before


def test_who_corrected_nothing_is_told_the_same_when_others_are_linked_again(ends: Ends) -> None:
    ends.link()
    parts = ends.ask(1)[0]
    records = told_by(ends.register)
    ends.register.linking.link_all({"school-board": ends.ask(0)[0]}, IMPORTED)
    again, attempt = ends.ask(1)
    assert attempt == 1
    assert again.keys() == parts.keys() == records.keys()
    assert all(again[key].equals(parts[key]) for key in parts)


def test_indicators_of_extracts_brought_in_anew_wait_until_they_are_linked(tmp_path: Path) -> None:
    """They would be those of before, and whoever corrected them would not know."""
    stored = Stored(tmp_path)
    stored.bring(ON)
    first = stored.ask(ON, ON)
    anew = Brought(ON, SOURCE_RECORDS.empty(), SOURCE_FACTS.empty(), (), {"S1": "若葉小"})
    stored.store.bring(anew)
    with pytest.raises(StateError, match=ANEW):
        stored.ask(ON, ON, "1")
    snapshot = stored.store.newest(ON)
    facts = snapshot.facts.slice(0, snapshot.facts.num_rows // 2)
    stored.store.keep(replace(snapshot, facts=facts, made_of=stored.store.brought(ON).made_of))
    second = stored.ask(ON, ON, "2")
    assert second.payload != first.payload
    assert read_manifest(second.manifest).attempt == 2
    stored.log.close()
