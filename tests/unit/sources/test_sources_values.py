"""Single cells: keys, codes, numbers, schools, seats, ages."""

from datetime import date
from decimal import Decimal

import pytest

from tsunagu.sources import values
from tsunagu.sources.individual_number import holds_individual_numbers, is_individual_number
from tsunagu.sources.spec import ColumnSpec
from tsunagu.sources.words import fold_word
from tsunagu.text.form import shape


def a_column(**more: object) -> ColumnSpec:
    return ColumnSpec(role="x", kind="number", words=frozenset(), **more)  # type: ignore[arg-type]  # test builder


@pytest.mark.parametrize(
    ("cell", "value", "why"),
    [
        ("0012345678", "12345678", ""),
        ("１２３４５", "12345", ""),
        (" 00 12 ", "12", ""),
        ('="0012345"', "12345", ""),
        ("'0012345", "12345", ""),
        ("12345.0", "12345", ""),
        ("\ufeff00123", "123", ""),
        ("", None, ""),
        ("0000", None, ""),
        ("1.23E+08", None, "sci_number"),
        ("6.35e7", None, "sci_number"),
        ("12\x0034", None, "nul"),
        ("第400037号", "第400037号", ""),
        ("u00011407", "u00011407", ""),
    ],
)
def test_a_key_comes_in_one_form(cell: str, value: str | None, why: str) -> None:
    assert values.key_value(cell) == (value, why)


@pytest.mark.parametrize("cell", ["12A4", "不明", "-12", "1,234"])
def test_a_number_key_is_digits_only(cell: str) -> None:
    assert values.number_key_value(cell) == (None, "bad_number")


@pytest.mark.parametrize(
    ("cell", "value", "why"),
    [
        ("3", Decimal(3), ""),
        ("３", Decimal(3), ""),
        ("3日", Decimal(3), ""),
        (" 3 日", Decimal(3), ""),
        ("4.25", Decimal("4.25"), ""),
        ("４.２５", Decimal("4.25"), ""),
        ("1,234", None, "impossible_number"),
        ("", None, ""),
        ("欠", None, ""),
        ("45", None, "impossible_number"),
        ("-1", None, "impossible_number"),
        ("??", None, "bad_number"),
        ("3回", None, "bad_number"),
        ("約3", None, "bad_number"),
        ("1E+01", None, "sci_number"),
        ("3\x00", None, "nul"),
        ("=1+2", None, "bad_number"),
        ("0.1234567", None, "bad_number"),
    ],
)
def test_a_number_is_exact_and_plausible(cell: str, value: Decimal | None, why: str) -> None:
    column = a_column(least=Decimal(0), most=Decimal(31), units=("日",), blank=frozenset({"欠"}))
    assert values.number_reader(column)(cell) == (value, why)


@pytest.mark.parametrize(
    ("cell", "value", "why"),
    [
        ("01", "a", ""),
        ("1", "a", ""),
        ("１", "a", ""),
        ("1.0", "a", ""),
        ("未 納", "b", ""),
        ("", None, ""),
        ("9", None, "unknown_code"),
        ("?", None, "unknown_code"),
        ("1\x00", None, "nul"),
    ],
)
def test_a_code_is_read_by_the_citys_map(cell: str, value: str | None, why: str) -> None:
    assert values.code_reader({"01": "a", "未納": "b"}, frozenset())(cell) == (value, why)


@pytest.mark.parametrize(
    ("cell", "seat"),
    [
        ("3-2-15", (3, "2", 15)),
        ("３－２－１５", (3, "2", 15)),
        ("3年2組15番", (3, "2", 15)),
        ("1-A-3", (1, "A", 3)),
        ("3-わかば-1", (3, "わかば", 1)),
        ("3-2", None),
        ("", None),
        ("2026-04-01-1", None),
    ],
)
def test_a_seat_has_grade_class_and_number(cell: str, seat: tuple[int, str, int] | None) -> None:
    assert values.seat_value(cell) == seat


@pytest.mark.parametrize(
    ("cell", "years"),
    [
        ("9歳", 9),
        ("１０歳くらい", 10),
        ("約5歳", 5),
        ("2歳3か月", 2),
        ("8か月", 0),
        ("生後3ヶ月", 0),
        ("H28.4.1", None),
        ("不明", None),
    ],
)
def test_an_age_stands_in_place_of_a_date(cell: str, years: int | None) -> None:
    assert values.age_value(cell) == years


def test_a_school_is_found_by_its_whole_name_or_its_only_ending() -> None:
    read = values.school_name_reader({fold_word("瑞野市立東小学校"): "1101", fold_word("瑞野市立第一中学校"): "2103"})
    assert read("瑞野市立東小学校") == ("1101", "")
    assert read("東小学校") == ("1101", "")
    assert read("校") == (None, "unknown_school")
    assert read("北小学校") == (None, "unknown_school")


def test_a_short_school_name_is_the_citys_own_school_not_one_that_ends_alike() -> None:
    names = ("瑞野市立東小学校", "瑞野市立桜台東小学校", "学校法人みずの学園みずの小学校")
    read = values.school_name_reader({fold_word(name): str(code) for code, name in enumerate(names)})
    assert read("東小学校") == ("0", "")
    assert read("桜台東小学校") == ("1", "")
    assert read("みずの小学校") == ("2", "")
    two_cities = {fold_word("瑞野市立東小学校"): "1", fold_word("隣町立東小学校"): "2"}
    assert values.school_name_reader(two_cities)("東小学校") == (None, "unknown_school")


def test_a_birth_after_the_deliverys_day_is_unknown() -> None:
    read = values.birth_reader(date(2026, 9, 30))
    assert read("2026-09-30") == (date(2026, 9, 30), "")
    assert read("2026-10-01") == (None, "future_date")
    assert read("R30.10.1") == (None, "future_date")
    assert read("18800101") == (None, "bad_date")
    assert read("99999999") == (None, "bad_date")


def test_an_open_end_is_no_mistake_where_the_column_says_so() -> None:
    assert values.date_reader(latest=None, is_open=True)("9999999") == (None, "")
    assert values.date_reader(latest=None, is_open=False)("9999999") == (None, "bad_date")


# Check digits worked out by hand from the order's formula: 12345678901 -> 8, 00000000001 -> 9.
@pytest.mark.parametrize(
    "cell", ["123456789018", "１２３４５６７８９０１８", "1234 5678 9018", "1234-5678-9018", "000000000019"]
)
def test_an_individual_number_is_known_by_its_check_digit(cell: str) -> None:
    assert is_individual_number(cell)


@pytest.mark.parametrize("cell", ["123456789017", "12345678901", "1234567890188", "0050000001", "", "12345678901A"])
def test_other_numbers_are_not(cell: str) -> None:
    assert not is_individual_number(cell)


def test_a_column_of_individual_numbers_is_known_by_95_percent() -> None:
    assert holds_individual_numbers(["123456789018"] * 95 + ["123456789017"] * 5 + [""] * 50)
    assert not holds_individual_numbers(["123456789018"] * 94 + ["123456789017"] * 6)
    assert not holds_individual_numbers(["123456789018"] * 4)
    assert not holds_individual_numbers([])


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("平成30年2月30日", "漢漢99年9月99日"),
        ("H30.2.30", "A99.9.99"),
        ("ﾓﾘ あおい", "カカ ひひひ"),
        ("𠮷野", "漢漢"),
        ("\ue000", "外"),
    ],
)
def test_a_form_shows_the_kind_of_sign_and_never_the_sign(value: str, form: str) -> None:
    assert shape(value) == form
