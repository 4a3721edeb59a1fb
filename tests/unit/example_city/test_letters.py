"""Forms of letters, dates and numbers as real systems write them."""

from datetime import date
from random import Random

import pytest

from tsunagu.example_city import letters


def test_half_width_kana_keeps_every_sound() -> None:
    assert letters.half_width("ショウジ　ヴィパーガ") == "ｼｮｳｼﾞ ｳﾞｨﾊﾟｰｶﾞ"
    assert letters.half_width_large("ショウ　ユッコ") == "ｼﾖｳ ﾕﾂｺ"


def test_hiragana_and_separate_marks() -> None:
    assert letters.hiragana("ショウ　リョーガ") == "しょう　りょーが"
    assert letters.separate_marks("ガパ") == "カ゛ハ゜"


@pytest.mark.parametrize(
    ("form", "first_of_reiwa", "old"),
    [
        ("era_words", "令和元年5月1日", "昭和50年11月2日"),
        ("era_padded", "R01.05.01", "S50.11.02"),
        ("era_blank", "R 1. 5. 1", "S50.11. 2"),
        ("era_digits", "5010501", "3501102"),
        ("era_dots", "R1.5.1", "S50.11.2"),
        ("packed", "20190501", "19751102"),
    ],
)
def test_dates_change_era_on_the_day(form: str, first_of_reiwa: str, old: str) -> None:
    write = letters.DATE_FORMS[form]
    assert write(date(2019, 5, 1)) == first_of_reiwa
    assert write(date(1975, 11, 2)) == old
    assert write(date(2019, 4, 30)) != first_of_reiwa


def test_a_spreadsheet_counts_days_from_1899() -> None:
    assert letters.serial(date(2024, 4, 1)) == "45383"


def test_the_check_digit_of_an_individual_number() -> None:
    # 123456789018 is the number that the public test tools use.
    assert letters.check_digit("12345678901") == "8"
    number = letters.individual_number(Random(1))
    assert len(number) == 12
    assert letters.check_digit(number[:11]) == number[11]
