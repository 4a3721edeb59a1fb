"""What a holder answers: never more than was agreed, whatever is asked and however often."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from agreements import CONTENT, ON, an_agreement, signed
from answered import CHILDREN, DEFINITIONS, KEY, a_request, a_school, age_of, child, granted, mutated
from tsunagu.errors import EngineError, PurposeError, SourceError
from tsunagu.purposes.agreement import Cohort, SharingAgreement
from tsunagu.purposes.answering import answer
from tsunagu.purposes.canonical import canonical
from tsunagu.purposes.cells import midpoint, told
from tsunagu.purposes.gate import History, Released, Total, release
from tsunagu.purposes.grant import REFUSALS, Grant, Refusal
from tsunagu.purposes.request import Asked, as_mapping, bytes_of, read_request
from tsunagu.purposes.tokens import Tokens
from tsunagu.records.answer_tables import ANSWERS, INDICATOR_ANSWER

NOTHING_BEFORE = History()


def agreed(**changed: Any) -> SharingAgreement:
    return signed(an_agreement(**changed))


def answered(agreement: SharingAgreement, history: History = NOTHING_BEFORE, **school: Any) -> Released | Refusal:
    given = granted(a_request(agreement), agreement)
    assert isinstance(given, Grant), given
    return answer(given, a_school(**school), KEY, history)


def rows(released: Released | Refusal) -> list[dict[str, Any]]:
    assert isinstance(released, Released), released
    found: list[dict[str, Any]] = pa.ipc.open_stream(released.payload).read_all().to_pylist()
    assert len(found) == released.rows
    return found


# ---------------------------------------------------------------- requests


def test_a_request_is_read_as_it_was_written() -> None:
    request = a_request(agreed())
    assert read_request(bytes_of(request)) == request


@pytest.mark.parametrize("key", sorted(as_mapping(a_request(agreed()))))
def test_nothing_stands_by_default_and_nothing_is_added(key: str) -> None:
    whole = as_mapping(a_request(agreed()))
    with pytest.raises(SourceError, match=f"{key}: is missing"):
        read_request(canonical({name: value for name, value in whole.items() if name != key}))
    with pytest.raises(SourceError, match="is not known"):
        read_request(canonical({**whole, f"{key}s": whole[key]}))


def test_who_asks_and_how_often_is_no_other_question() -> None:
    request = a_request(agreed())
    assert replace(request, id="1" * 32, asked_by="staff:7").question == request.question
    assert replace(request, on=ON - dt.timedelta(1)).question != request.question


# ---------------------------------------------------------------- grants


def test_the_answer_is_of_what_both_name() -> None:
    agreement = agreed()
    strange = Asked("exam_marks", "1", "c" * 64)
    request = a_request(agreement, cohort=Cohort(0, 9))
    given = granted(replace(request, wanted=(*request.wanted[:1], strange)), agreement)
    assert isinstance(given, Grant)
    assert [one.id for one in given.wanted] == ["absent_total"]
    assert given.left_out == ("exam_marks",)
    assert given.cohort == Cohort(6, 9)


@pytest.mark.parametrize(
    ("request_changed", "given_changed", "code"),
    [
        ({}, {"copy": None}, "no_agreement"),
        ({"agreement": "A-2026-015"}, {}, "no_agreement"),
        ({}, {"sent_by": "police"}, "no_agreement"),
        ({"requester": "police"}, {}, "another_party"),
        ({"holder": "hospital"}, {}, "another_party"),
        ({"agreement_sha256": "0" * 64}, {}, "another_version"),
        ({}, {"is_relied_on": False}, "not_in_force"),
        ({"purpose": "statistics"}, {}, "another_purpose"),
        ({"granularity": "item"}, {}, "another_granularity"),
        ({"wanted": (Asked("absent_total", "2026.1.0", "f" * 64),)}, {}, "nothing_agreed"),
        ({"wanted": (Asked("absent_total", "2027.1.0", "a" * 64),)}, {}, "nothing_agreed"),
        ({"wanted": ()}, {}, "nothing_agreed"),
        ({"cohort": Cohort(0, 5)}, {}, "nobody_agreed"),
        ({"on": ON + dt.timedelta(1)}, {}, "another_day"),
        ({"on": ON - dt.timedelta(1)}, {}, "another_day"),
        ({}, {"today": ON + dt.timedelta(31)}, "another_day"),
        ({}, {"definitions": {**DEFINITIONS, ("late_total", "2026.1.0"): "e" * 64}}, "unknown_definition"),
        ({}, {"definitions": {}}, "unknown_definition"),
        ({}, {"answered": {"2026-10": "another"}}, "already_answered"),
    ],
)
def test_whatever_is_not_agreed_is_refused_by_its_name(
    request_changed: dict[str, Any], given_changed: dict[str, Any], code: str
) -> None:
    agreement = agreed()
    held = given_changed.pop("copy", agreement)
    refused = granted(a_request(agreement, **request_changed), held, **given_changed)
    assert refused == Refusal(code)
    assert code in REFUSALS


def test_the_same_question_again_in_its_period_is_granted_again() -> None:
    agreement = agreed()
    request = a_request(agreement)
    given = granted(replace(request, id="2" * 32), agreement, answered={"2026-10": request.question, "2026-09": "x"})
    assert isinstance(given, Grant)


# ---------------------------------------------------------------- answers


def test_an_indicator_leaves_as_token_and_band() -> None:
    found = rows(answered(agreed()))
    token = next(Tokens(KEY, "2026-10").of([child(12)]))
    mine = [row for row in found if row["token"] == token]
    assert [(row["indicator"], row["band"], row["band_at_worst"], row["state"]) for row in mine] == [
        ("absent_total", "10-29", "10-29", "known"),
        ("late_total", "10+", "10+", "known"),
    ]
    assert {row["as_of"] for row in found} == {ON}
    assert len({row["token"] for row in found}) == CHILDREN


def test_what_is_not_known_is_told_as_not_known() -> None:
    token = next(Tokens(KEY, "2026-10").of([child(95)]))
    mine = [row for row in rows(answered(agreed())) if row["token"] == token]
    assert [(row["band"], row["band_at_worst"], row["state"]) for row in mine] == [
        (None, "30+", "missing"),
        (None, "10+", "missing"),
    ]


def test_nobody_outside_the_cohort_is_answered_about() -> None:
    agreement = agreed()
    given = granted(a_request(agreement, cohort=Cohort(6, 8)), agreement)
    assert isinstance(given, Grant)
    found = rows(answer(given, a_school(), KEY, NOTHING_BEFORE))
    tokens = Tokens(KEY, given.period).of([child(n) for n in range(CHILDREN) if age_of(n) <= 8])
    assert {row["token"] for row in found} == set(tokens)


def test_who_is_protected_is_left_out_where_that_was_agreed() -> None:
    agreement = agreed(suppression="leave_out_person")
    token = next(Tokens(KEY, "2026-10").of([child(5)]))
    assert token not in {row["token"] for row in rows(answered(agreement))}
    assert token in {row["token"] for row in rows(answered(agreed()))}


def test_who_does_not_know_the_protected_answers_no_agreement_that_leaves_them_out() -> None:
    class School(type(a_school())):  # type: ignore[misc]
        def protected(self, on: dt.date) -> None:
            return None

    unknowing = School(**vars(a_school()))
    for agreement, ends in (
        (agreed(suppression="leave_out_person"), Refusal("protection_not_known")),
        (agreed(), None),
    ):
        given = granted(a_request(agreement), agreement)
        assert isinstance(given, Grant)
        found = answer(given, unknowing, KEY, NOTHING_BEFORE)
        assert found == ends if ends else isinstance(found, Released)


def test_items_leave_without_ids_holder_file_and_row() -> None:
    agreement = agreed(granularity="item")
    released = answered(agreement)
    found = rows(released)
    assert len(found) == CHILDREN
    assert set(found[0]) == {column.name for column in ANSWERS["item"].columns}
    assert isinstance(released, Released)
    assert not any(child(n).encode() in released.payload for n in range(CHILDREN))
    assert b"a.csv" not in released.payload


def test_nothing_but_the_columns_leaves_with_a_table() -> None:
    given = granted(a_request(agreed()), agreed())
    assert isinstance(given, Grant)
    table = INDICATOR_ANSWER.empty().replace_schema_metadata({"made_by": "MARKER of a machine"})
    refused = release(given, table, 5, NOTHING_BEFORE)
    assert refused == Refusal("too_few_children")
    released = release(given, table, CHILDREN, NOTHING_BEFORE)
    assert isinstance(released, Released)
    assert b"MARKER" not in released.payload


def test_the_same_holdings_give_the_same_bytes() -> None:
    first, second = answered(agreed()), answered(agreed())
    assert isinstance(first, Released)
    assert isinstance(second, Released)
    assert first.payload == second.payload
    assert first.sha256 == second.sha256


@pytest.mark.parametrize(
    ("changed", "school", "code"),
    [
        ({"rows_at_most": 2 * CHILDREN - 1}, {}, "too_many_rows"),
        ({}, {"moved_away": range(9, CHILDREN)}, "too_few_children"),
        ({}, {"absent": {3: -1}}, "outside_the_bands"),
        (
            {"wanted": [{**CONTENT["wanted"][0], "values": ["0-9", "10-29", "30-90"]}]},
            {},
            "outside_the_bands",
        ),
    ],
)
def test_the_gate_stops_what_may_not_leave(changed: dict[str, Any], school: dict[str, Any], code: str) -> None:
    assert answered(agreed(**changed), **school) == Refusal(code)


def test_an_answer_is_made_by_the_gate_alone() -> None:
    given = granted(a_request(agreed()), agreed())
    assert isinstance(given, Grant)
    with pytest.raises(PurposeError, match="beside the gate"):
        Released(given, b"names", 1, 1, {}, object())


def test_a_table_with_another_column_or_another_name_never_passes() -> None:
    given = granted(a_request(agreed()), agreed())
    assert isinstance(given, Grant)
    whole = pa.ipc.open_stream(_released().payload).read_all()
    with pytest.raises((EngineError, ValueError)):
        release(given, whole.append_column("school", pa.array(["101"] * whole.num_rows)), CHILDREN, NOTHING_BEFORE)
    for column, value in (("indicator", "exam_marks"), ("version", "0"), ("as_of", dt.date(2020, 1, 1))):
        place = whole.column_names.index(column)
        changed = whole.set_column(
            place, column, pa.array([value, *whole.column(column).to_pylist()[1:]], whole.schema.types[place])
        )
        with pytest.raises(PurposeError, match="not granted"):
            release(given, changed, CHILDREN, NOTHING_BEFORE)


def _released() -> Released:
    released = answered(agreed())
    assert isinstance(released, Released)
    return released


# ---------------------------------------------------------------- counts


def counts(released: Released | Refusal) -> dict[tuple[str, str], int | None]:
    return {(row["indicator"], row["band"]): row["children"] for row in rows(released)}


def test_counts_are_rounded_and_the_small_ones_kept_back_with_another() -> None:
    found = counts(answered(agreed(granularity="aggregate")))
    # 10, 20, 60, 10 not known, none to whom it does not apply: the none is kept back, and with it the next two.
    assert found[("absent_total", "30+")] == midpoint(60)
    assert found[("absent_total", "10-29")] == midpoint(20)
    assert found[("absent_total", "not_applicable")] is None
    assert sum(count is None for (indicator, _band), count in found.items() if indicator == "absent_total") >= 2


def test_a_few_children_more_or_less_are_never_seen_in_two_answers() -> None:
    agreement = agreed(granularity="aggregate")
    first = answered(agreement)
    assert isinstance(first, Released)
    for moved in range(1, agreement.minimum_cell):
        absent = {n: n for n in range(CHILDREN)} | dict.fromkeys(range(40, 40 + moved), 15)
        again = answered(agreement, History(cells=first.cells), absent=absent)
        assert counts(again) == counts(first), moved
    many = {n: n for n in range(CHILDREN)} | dict.fromkeys(range(40, 70), 15)
    assert counts(answered(agreement, History(cells=first.cells), absent=many)) != counts(first)


def test_two_answers_about_nearly_the_same_children_are_not_given() -> None:
    agreement = agreed(granularity="aggregate")
    near = History(totals=(Total("A-2026-020", "absent_total", CHILDREN - 3),))
    assert answered(agreement, near) == Refusal("too_near_another")
    for away in (Total("A-2026-020", "absent_total", CHILDREN), Total("A-2026-020", "absent_total", CHILDREN - 10)):
        assert isinstance(answered(agreement, History(totals=(away,))), Released)
    own = History(totals=(Total(agreement.id, "absent_total", CHILDREN - 3),))
    assert isinstance(answered(agreement, own), Released)


def test_no_cell_is_kept_back_alone_and_those_that_are_are_together_no_few() -> None:
    least, draw = 10, random.Random(6)
    for _ in range(500):
        division = [draw.choice((0, 1, 3, 9, 10, 11, 25, 60)) for _ in range(draw.randint(2, 6))]
        shown = told(division, least)
        kept_back = [count for count, said in zip(division, shown, strict=True) if said is None]
        for count, said in zip(division, shown, strict=True):
            assert said is None or (count >= least and said == midpoint(count)), division
        is_everything = len(kept_back) == len(division)
        assert not kept_back or is_everything or (len(kept_back) >= 2 and sum(kept_back) >= least), division
        assert bool(kept_back) == any(count < least for count in division), division


def test_a_count_is_rounded_to_the_middle_of_its_six() -> None:
    assert [midpoint(n) for n in (0, 1, 6, 7, 12, 13)] == [0, 3, 3, 9, 9, 15]


# ---------------------------------------------------------------- whatever is asked


def answers(agreement: SharingAgreement, seed: int, times: int) -> Iterator[tuple[Refusal | SourceError, None] | Any]:
    draw, kept = random.Random(seed), dict[object, Released | Refusal]()
    for _ in range(times):
        try:
            request = read_request(canonical(mutated(agreement, draw)))
        except (SourceError, TypeError) as error:
            yield error, None
            continue
        given = granted(request, agreement)
        if isinstance(given, Refusal):
            yield given, None
            continue
        asked = (given.question, given.wanted, given.cohort)
        if asked not in kept:
            kept[asked] = answer(given, a_school(), KEY, NOTHING_BEFORE)
        yield given, kept[asked]


def never_more_than_agreed(agreement: SharingAgreement, seed: int, times: int) -> Counter[str]:
    """Holds every answer to so many mutated requests against the agreement; how each ended, counted."""
    allowed = {(one.id, one.version): {None, "missing", "not_applicable", *one.values} for one in agreement.wanted}
    in_cohort = set(Tokens(KEY, "2026-10").of([child(n) for n in range(CHILDREN)]))
    ended, seen = Counter[str](), set[int]()
    for given, found in answers(agreement, seed, times):
        if not isinstance(found, Released):
            refusal = found or given
            ended[refusal.code if isinstance(refusal, Refusal) else "unreadable"] += 1
            continue
        ended["answered"] += 1
        if id(found) in seen:
            continue
        seen.add(id(found))
        table = pa.ipc.open_stream(found.payload).read_all()
        assert table.schema == ANSWERS[agreement.granularity].schema
        for row in table.to_pylist():
            assert row["band"] in allowed[row["indicator"], row["version"]]
            assert row["as_of"] == given.on == ON
            assert row.get("token") is None or row["token"] in in_cohort
    return ended


@pytest.mark.parametrize("granularity", ["indicator", "aggregate"])
def test_ten_thousand_changed_requests_never_get_more_than_was_agreed(granularity: str) -> None:
    ended = never_more_than_agreed(agreed(granularity=granularity), 1, 10_000)
    assert ended["answered"] > 50
    assert ended["unreadable"] > 100
    assert {"another_day", "another_version", "nothing_agreed", "another_party", "no_agreement"} <= ended.keys()


@pytest.mark.deep
@pytest.mark.parametrize("granularity", ["indicator", "aggregate"])
def test_half_a_million_changed_requests_never_get_more_than_was_agreed(granularity: str) -> None:
    ended = never_more_than_agreed(agreed(granularity=granularity), 2, 500_000)
    assert ended["answered"] > 5_000
