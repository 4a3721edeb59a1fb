"""Values and sentences as staff read them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from screening_cases import the_catalogue, the_criteria
from tsunagu import wording
from tsunagu.wording.sentences import GAPS
from tsunagu.wording.values import day_name, number
from tsunagu.wording.vocabulary import vocabulary


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("11.000000", "11"),
        ("39.850000", "39.85"),
        ("0.000000", "0"),
        ("2.345", "2.35"),
        ("100", "100"),
        ("-1.50", "-1.5"),
    ],
)
def test_a_number_has_no_trailing_zeros(value: str, shown: str) -> None:
    assert number(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("day", "precision", "ja", "en"),
    [
        (dt.date(2026, 9, 30), "day", "令和8年9月30日（2026）", "30 September 2026 (Reiwa 8)"),
        (dt.date(2026, 9, 1), "month", "令和8年9月（2026）", "September 2026 (Reiwa 8)"),
        (dt.date(2019, 4, 30), "day", "平成31年4月30日（2019）", "30 April 2019 (Heisei 31)"),
        (dt.date(2019, 5, 1), "day", "令和元年5月1日（2019）", "1 May 2019 (Reiwa 1)"),
        (dt.date(2019, 4, 1), "year", "令和元年度（2019）", "fiscal year 2019 (Reiwa 1)"),
        (dt.date(2027, 3, 31), "year", "令和8年度（2026）", "fiscal year 2026 (Reiwa 8)"),
    ],
)
def test_a_day_stands_in_both_calendars(day: dt.date, precision: Any, ja: str, en: str) -> None:
    assert (day_name(day, "ja", precision), day_name(day, "en", precision)) == (ja, en)


def a_reason(code: str, indicator: str, **columns: Any) -> dict[str, Any]:
    row = dict.fromkeys(("number", "text", "threshold", "window_from", "window_to", "at"))
    return {**row, "kind": "sign", "code": code, "judgment": "noncognitive", "indicator": indicator, **columns}


def words() -> dict[str, Any]:
    return vocabulary(the_criteria(), the_catalogue(), [])


def test_a_reason_is_one_whole_sentence_with_its_basis() -> None:
    reason = a_reason(
        "N1a", "absent_worst_month", number=Decimal("11.000000"), threshold=Decimal(10), at=dt.date(2026, 9, 1)
    )
    assert wording.reason_sentence(words(), reason, "ja") == "令和8年9月（2026）に11日欠席しました"
    assert wording.basis(words(), reason, "ja") == "基準：直近3授業月のどれかで10日以上"
    assert wording.reason_sentence(words(), reason, "en") == "Days absent in September 2026 (Reiwa 8): 11"


def test_a_missing_item_says_what_is_not_known_and_what_it_may_change() -> None:
    reason = a_reason("P4", "tax_class", kind="missing")
    assert wording.reason_sentence(words(), reason, "ja") == "世帯の課税区分がわかっていません"
    assert wording.basis(words(), reason, "ja") == ""
    assert wording.may_become(words(), "見守り", "予防的支援", "ja") == "わかると「予防的支援」になることがあります"
    assert wording.may_become(words(), "見守り", "見守り", "ja") == "わかっても区分は変わりません"


def test_a_second_indicator_of_a_sign_is_named_beside_it() -> None:
    aid = a_reason("P6", "school_aid", text="refused")
    refused = the_catalogue().items["school_aid"].values["refused"]
    assert wording.reason_sentence(words(), aid, "ja") == f"就学援助の認定区分：{refused.ja}"
    assert not wording.is_main(words(), aid)


def test_no_sentence_of_the_example_keeps_an_open_gap() -> None:
    for code, sign in words()["signs"].items():
        reason = a_reason(
            code,
            sign["indicator"],
            number=Decimal(3),
            threshold=Decimal(2),
            at=dt.date(2026, 9, 1),
            window_from=dt.date(2026, 4, 1),
            window_to=dt.date(2026, 9, 30),
        )
        for lang in ("ja", "en"):
            for text in (wording.reason_sentence(words(), reason, lang), wording.basis(words(), reason, lang)):
                assert text
                assert not any("{" + gap + "}" in text for gap in GAPS)


def test_what_a_vice_principal_reads_names_no_welfare_tax_or_health() -> None:
    for sign in words()["signs"].values():
        for word in ("生活保護", "手当", "援助", "税", "未納", "健診", "接種", "要対協", "通告"):
            assert word not in sign["watch"]["ja"]
