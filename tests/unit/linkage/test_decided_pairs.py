"""What people decided, in the next run: same joins, different holds, contradictions are asked again. All invented."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from test_link_delivery import AOI, FATHER, MODEL, ON, RULES, a_record, a_resident

from decided import decided
from tsunagu.linkage.clusters import Clusters
from tsunagu.linkage.decided import Decided, Placed
from tsunagu.linkage.delivery import LinkResult, link_records
from tsunagu.linkage.marks import Marks
from tsunagu.linkage.review_records import review_records, without_places
from tsunagu.records.decided_pairs import DecidedPair, MarkedPair, RecordMark
from tsunagu.records.stage_tables import SOURCE_FACTS, SOURCE_RECORDS
from tsunagu.suppression.spread import EVERYONE, Suppressed

MARKS = Marks(bytes(64))
# A child without a birth date whose name two registered children bear: a person must say which.
NAMESAKE = a_resident("21", "松野 葵", "ﾏﾂﾉ ｱｵｲ", date(2018, 3, 1), sex="2", household_no="501",
                      address="瑞野市泉町一丁目1番地", guardian_name="松野 花")  # fmt: skip
UNKNOWN = a_record("kosoudan", "R8-1", name="松野 葵", kana="ﾏﾂﾉ ｱｵｲ", sex="2")
ROWS = [FATHER, AOI, NAMESAKE, UNKNOWN]


def records_of(rows: Sequence[dict[str, Any]]) -> pa.Table:
    columns = {n: [r.get(n) for r in rows] for n in SOURCE_RECORDS.names}
    columns |= {"record_id": list(range(len(rows))), "row": [r.get("row", i + 2) for i, r in enumerate(rows)]}
    return pa.table(columns, schema=SOURCE_RECORDS.schema)


def link(rows: Sequence[dict[str, Any]], *decisions: DecidedPair) -> LinkResult:
    facts = SOURCE_FACTS.empty()
    return link_records(records_of(rows), facts, MODEL, rules=RULES, on=ON, marks=MARKS, decisions=decisions)


def who(rows: Sequence[dict[str, Any]], result: LinkResult) -> dict[tuple[str, str], str]:
    found = result.links["person_id"].to_pylist()
    return {(r["holder"], str(r["record_key"])): person for r, person in zip(rows, found, strict=True)}


def the_pair(rows: Sequence[dict[str, Any]], result: LinkResult, key: str, other: str) -> MarkedPair:
    wanted = {key, other}
    [found] = [
        p for p in result.pairs if {rows[p.left_record]["record_key"], rows[p.right_record]["record_key"]} == wanted
    ]
    return found


def pair_of(one: dict[str, Any], other: dict[str, Any]) -> DecidedPair:
    """A decision `different` about any two records, as the desk would have made it in an earlier run."""
    said = ("name", "kana", "alias", "birth_date", "sex", "guardian_name")
    a, b = (MARKS.record(r["holder"], r["record_key"], [r.get(name) for name in said]) for r in (one, other))
    return DecidedPair(MARKS.pair(a, b), a, b, "different")


def test_the_two_namesakes_are_asked_about() -> None:
    result = link(ROWS)
    assert result.review.num_rows == 2
    assert {p.question for p in result.pairs} <= {"weak", "namesakes"}


def test_same_joins_and_moves_nobody_else() -> None:
    before = link(ROWS)
    after = link(ROWS, decided(the_pair(ROWS, before, "R8-1", "11"), "same"))
    old, new = who(ROWS, before), who(ROWS, after)
    assert new["kosoudan", "R8-1"] == old["jumin", "11"]
    assert after.links["decided_by"].to_pylist()[-1] == "clerk"
    assert {k: p for k, p in new.items() if k[0] == "jumin"} == {k: p for k, p in old.items() if k[0] == "jumin"}
    assert after.review.num_rows == 0, "the other one is a registered child of her own: nothing is left to ask"


def test_different_is_not_asked_again_and_the_other_one_still_is() -> None:
    before = link(ROWS)
    after = link(ROWS, decided(the_pair(ROWS, before, "R8-1", "21"), "different"))
    assert who(ROWS, after) == who(ROWS, before), "a no makes no yes"
    [left] = after.pairs
    assert left.pair == the_pair(ROWS, before, "R8-1", "11").pair


def test_cannot_tell_leaves_everything_as_it_was() -> None:
    before = link(ROWS)
    after = link(ROWS, decided(the_pair(ROWS, before, "R8-1", "21"), "cannot_tell"))
    assert after.review.equals(before.review)
    assert after.pairs == before.pairs


def test_different_holds_against_an_exact_key_and_is_asked_again() -> None:
    health = a_record("boshi", "77", local_no="77", name="松野 葵", kana="ﾏﾂﾉ ｱｵｲ", birth_date=date(2017, 5, 9))
    rows = [FATHER, AOI, health]
    assert len(set(who(rows, link(rows)).values())) == 2, "the key joins them"
    after = link(rows, pair_of(AOI, health))
    assert len(set(who(rows, after).values())) == 3
    [asked] = after.pairs
    assert (asked.question, asked.agrees, asked.differs) == ("against_decision", "surname,given,birth", "")


def test_different_holds_against_a_resident_number() -> None:
    health = a_record("boshi", "77", local_no="77", resident_no="11", name="松野 葵")
    rows = [FATHER, AOI, health]
    after = link(rows, pair_of(AOI, health))
    assert len(set(who(rows, after).values())) == 3
    assert [p.question for p in after.pairs] == ["against_decision"]


def test_a_decision_about_records_that_are_not_here_changes_nothing() -> None:
    before = link(ROWS)
    gone = decided(the_pair(ROWS, before, "R8-1", "11"), "same")
    rows = ROWS[:3]
    alone, after = link(rows), link(rows, gone)
    assert after.links.equals(alone.links)
    assert after.pairs == alone.pairs
    assert (after.decided.absent, after.decided.placed) == (1, ())


def test_same_same_different_in_a_triangle_is_not_followed_and_asked_again() -> None:
    second = a_record("youtaikyo", "要1", local_no="要1", name="遠野 渚", kana="ﾄｵﾉ ﾅｷﾞｻ", birth_date=date(2016, 1, 1))
    rows = [FATHER, AOI, UNKNOWN, second]
    decisions = [
        decided_any(AOI, UNKNOWN, "same"),
        decided_any(UNKNOWN, second, "same"),
        decided_any(AOI, second, "different"),
    ]
    before, after = link(rows), link(rows, *decisions)
    assert who(rows, after) == who(rows, before)
    disagreeing = {p.pair for p in after.pairs if p.question == "decisions_disagree"}
    assert disagreeing == {d.pair for d in decisions[:2]}
    without = link(rows, *decisions[:2])
    assert len(set(who(rows, without).values())) == 2, "control: without the different all three are one"


def decided_any(one: dict[str, Any], other: dict[str, Any], verdict: str) -> DecidedPair:
    pair = pair_of(one, other)
    return DecidedPair(pair.pair, pair.left, pair.right, verdict)  # type: ignore[arg-type]


def test_two_register_rows_are_not_joined_by_decisions_either() -> None:
    after = link(ROWS, decided_any(AOI, UNKNOWN, "same"), decided_any(NAMESAKE, UNKNOWN, "same"))
    assert len(set(who(ROWS, after).values())) == 4
    assert [p.question for p in after.pairs] == ["decisions_disagree"] * 2


def test_the_order_of_decisions_makes_no_difference() -> None:
    decisions = [decided_any(AOI, UNKNOWN, "same"), decided_any(NAMESAKE, UNKNOWN, "different")]
    one, other = link(ROWS, *decisions), link(ROWS, *decisions[::-1])
    assert one.links.equals(other.links)
    assert one.pairs == other.pairs


def test_a_mark_outlives_other_files_and_rows_and_not_another_key() -> None:
    before = the_pair(ROWS, link(ROWS), "R8-1", "11")
    moved = [{**r, "row": 100 + i, "file": f"{r['holder']}/october.csv"} for i, r in enumerate(ROWS)][::-1]
    assert the_pair(moved, link(moved), "R8-1", "11").pair == before.pair
    assert Marks(b"1" * 64).record("jumin", "11", []) != MARKS.record("jumin", "11", [])


def test_two_records_under_one_number_are_told_apart_by_what_they_say() -> None:
    twin = a_record("boshi", "77", local_no="77", name="高橋 蓮", birth_date=date(2015, 1, 1))
    own = a_record("boshi", "77", local_no="77", name="松野 葵", birth_date=date(2017, 5, 9))
    rows = [FATHER, AOI, own, twin]
    result = link(rows)
    [asked] = [p for p in result.pairs if p.question == "number_contradicted"]
    assert asked.left.number != asked.right.number
    after = link(rows, decided(asked, "different"))
    assert [p for p in after.pairs if p.question == "number_contradicted"] == []
    joined = link(rows, decided(asked, "same"))
    assert len(set(joined.links["person_id"].to_pylist())) == len(set(result.links["person_id"].to_pylist())) - 1


def _shown(result: LinkResult, rows: Sequence[dict[str, Any]], suppressed: Suppressed) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = review_records(
        records=records_of(rows),
        review=result.review,
        pairs=result.pairs,
        suppressed=suppressed,
        school_names={"101": "第一小学校"},
        marks=MARKS,
    ).to_pylist()
    return shown


TWIN = a_record("kosoudan", "R8-1", name="松野 茜", birth_date=date(2017, 5, 9), address="若葉5丁目12-4", school="101")
AT_SCHOOL = [FATHER, AOI, NAMESAKE, TWIN]


def test_the_table_holds_the_pair_and_no_address() -> None:
    shown = _shown(link(AT_SCHOOL), AT_SCHOOL, Suppressed(frozenset(), everyone=False))
    assert shown
    assert {row["address"] for row in shown} == {"agrees"}
    assert "第一小学校" in {row["school_name"] for row in shown}
    assert not [row for row in shown if "若葉" in str(row.values())]
    assert all("address" not in row["agrees"] + row["differs"] for row in shown)


@pytest.mark.parametrize("is_everyone", [True, False])
def test_a_protected_person_leaves_no_place_in_it_nor_in_the_review(is_everyone: bool) -> None:
    result = link(AT_SCHOOL)
    hidden = EVERYONE if is_everyone else Suppressed(frozenset({who(AT_SCHOOL, result)["kosoudan", "R8-1"]}), False)
    shown = _shown(result, AT_SCHOOL, hidden)
    assert {(row["address"], row["school_name"]) for row in shown} == {("not_known", None)}
    plain = without_places(result.review, result.pairs, hidden).to_pylist()
    assert all("address" not in row["agrees"] + row["differs"] for row in plain)
    weights = [row["match_weight"] for row in result.review.to_pylist()]
    assert [row["match_weight"] for row in plain] == [
        round(weight - pair.place_weight, 3) for weight, pair in zip(weights, result.pairs, strict=True)
    ]
    assert any(pair.place_weight for pair in result.pairs), "there was a weight to take away"


def test_control_without_the_grouping_the_order_would_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Joining one decision after the other lets the first win: the law above would fail."""

    def one_by_one(clusters: Clusters, decided: Decided) -> list[Placed]:
        return [p for p in decided.of("same") if not clusters.unite(p.left, p.right, "clerk")]

    monkeypatch.setattr("tsunagu.linkage.residue.join_same", one_by_one)
    after = link(ROWS, decided_any(AOI, UNKNOWN, "same"), decided_any(NAMESAKE, UNKNOWN, "same"))
    assert len(set(who(ROWS, after).values())) == 3


def test_a_mark_says_nothing_of_what_it_stands_for() -> None:
    mark = MARKS.record("jumin", "11", ["松野 葵", date(2017, 5, 9)])
    assert mark == RecordMark(mark.number, mark.said)
    assert all(len(text) == 64 and set(text) <= set("0123456789abcdef") for text in (mark.number, mark.said))
