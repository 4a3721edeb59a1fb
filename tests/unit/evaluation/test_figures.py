"""The figures are right where a person can count them by hand."""

from __future__ import annotations

import pytest

from tsunagu.evaluation.judgment_truth import FIELDS, found_judgments, judgment_figures
from tsunagu.evaluation.linkage_truth import linkage_figures
from tsunagu.evaluation.row_truth import row_figures
from tsunagu.evaluation.truth_files import compared_key


def _truth(*rows: tuple[str, str, str, str]) -> list[dict[str, str]]:
    return [dict(zip(("department", "record_key", "person_id", "is_child"), row, strict=True)) for row in rows]


def test_perfect_links_give_one() -> None:
    truth = _truth(("a", "001", "X", "1"), ("b", "7", "X", "1"), ("a", "2", "Y", "1"))
    got = linkage_figures(truth, [("a", "1", "p"), ("b", "7", "p"), ("a", "2", "q")])
    assert (got.precision, got.recall, got.f1) == (1.0, 1.0, 1.0)


def test_a_false_merge_costs_precision_and_a_missing_record_costs_recall() -> None:
    truth = _truth(("a", "1", "X", "1"), ("b", "1", "X", "1"), ("c", "1", "X", "1"), ("a", "2", "Y", "1"))
    # X's record in c is not there; Y's record is merged into X: pairs found {a1 b1, a1 a2, b1 a2}, right {a1 b1}.
    got = linkage_figures(truth, [("a", "1", "p"), ("b", "1", "p"), ("a", "2", "p")])
    assert (got.true_pairs, got.found_pairs, got.right_pairs, got.missing) == (3, 3, 1, 1)


def test_a_parent_merged_into_a_child_counts_and_two_adults_do_not() -> None:
    truth = _truth(("a", "1", "child", "1"), ("a", "2", "mother", "0"), ("a", "3", "father", "0"))
    merged = [("a", "1", "p"), ("a", "2", "p"), ("a", "3", "p")]
    assert linkage_figures(truth, merged).found_pairs == 2
    assert linkage_figures(truth, [("a", "1", "p"), ("a", "2", "q"), ("a", "3", "q")]).found_pairs == 0


@pytest.mark.parametrize(
    ("left", "right"),
    [("0015396297", "15396297"), ("００１２", "12"), ("01004-01", "1004-1"), ("001101|2025|1-1-2", "1101|2025|1-1-2")],
)
def test_keys_are_compared_without_width_and_zeros(left: str, right: str) -> None:
    assert compared_key(left) == compared_key(right)


BAD = [
    {"file": "f", "physical_line": "3", "kind": "short_row", "disposition": "quarantine"},
    {"file": "f", "physical_line": "4", "kind": "code", "disposition": "read_value_unknown"},
    {"file": "f", "physical_line": "5", "kind": "total_row", "disposition": "ignore"},
    {"file": "f", "physical_line": "6", "kind": "sci", "disposition": "either"},
    {"file": "f", "physical_line": "7", "kind": "width", "disposition": "read"},
]


def test_damaged_rows_where_they_must_be() -> None:
    got = row_figures(
        BAD,
        read=[("f", 4), ("f", 6), ("f", 7)],
        quarantined=[{"file": "f", "row": 3, "scope": "row"}, {"file": "f", "row": 4, "scope": "value"}],
        named={"f": {"total": "5", "repeated": "3-7"}},
        rows=5,
        accounted=5,
    )
    assert sum(got.right.values()) == 5
    assert not got.wrong


def test_damaged_rows_in_the_wrong_place_are_all_seen() -> None:
    got = row_figures(
        BAD,
        read=[("f", 3), ("f", 4), ("f", 5)],
        quarantined=[{"file": "f", "row": 7, "scope": "row"}],
        named={},
        rows=5,
        accounted=3,
    )
    assert sum(got.wrong.values()) == 5
    assert got.places == (
        "f:3 short_row/quarantine",
        "f:4 code/read_value_unknown",
        "f:5 total_row/ignore",
        "f:6 sci/either",
        "f:7 width/read",
    )


def _judged(**changes: str) -> dict[str, str]:
    base = dict.fromkeys(FIELDS, "0") | {"overall": "none", "overall_upper": "none", "reasons": "", "missing": ""}
    return {"atena": "0012", "touched_by_lost_fact": "0", **base, **changes}


def test_children_equal_differing_absent_and_touched() -> None:
    found = {"12": _judged(), "13": _judged(poverty="2"), "14": _judged(), "99": _judged()}
    got = judgment_figures(
        [_judged(), _judged(atena="13"), _judged(atena="15"), _judged(atena="14", touched_by_lost_fact="1")], found
    )
    assert (got.compared, got.equal, got.absent, got.extra) == (3, 1, 1, 1)
    assert (got.touched, got.touched_equal) == (1, 1)
    assert got.differing == {"poverty": 1}


def test_reason_codes_are_a_set() -> None:
    got = judgment_figures([_judged(reasons="P2b;A1")], {"12": _judged(reasons="A1;P2b")})
    assert got.equal == 1


def test_the_run_in_the_columns_of_the_truth() -> None:
    judgments = [
        {"person_id": "P1", "judgment": "poverty", "level": "U", "at_least": "0", "at_most": "2"},
        {"person_id": "P1", "judgment": "overall", "level": "x", "at_least": "none", "at_most": "y"},
    ]
    reasons = [
        {"person_id": "P1", "kind": "missing", "code": "P4"},
        {"person_id": "P1", "kind": "sign", "code": "N1b"},
        {"person_id": "P1", "kind": "sign", "code": "A2"},
    ]
    got = found_judgments(judgments, reasons, {"P1": "12"})["12"]
    assert (got["poverty"], got["poverty_upper"], got["overall"], got["overall_upper"]) == ("U", "2", "x", "y")
    assert (got["provisional"], got["reasons"], got["missing"]) == ("1", "A2;N1b", "?P4")
