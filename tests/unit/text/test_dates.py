"""Dates as departments write them."""

from datetime import date, datetime

import pytest

from tsunagu.text.dates import moment_as_datetime, read_fiscal_year, read_moment


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2018-04-01", date(2018, 4, 1)),
        ("2018/4/1", date(2018, 4, 1)),
        ("2018.4.1", date(2018, 4, 1)),
        ("2018年4月1日", date(2018, 4, 1)),
        ("20180401", date(2018, 4, 1)),
        ("20180401.0", date(2018, 4, 1)),
        ("H30.4.1", date(2018, 4, 1)),
        ("H30/04/01", date(2018, 4, 1)),
        ("Ｈ３０．４．１", date(2018, 4, 1)),
        ("H.30.4.1", date(2018, 4, 1)),
        ("h30.4.1", date(2018, 4, 1)),
        ("平30.4.1", date(2018, 4, 1)),
        ("平成30年4月1日", date(2018, 4, 1)),
        ("平成 30年 4月 1日", date(2018, 4, 1)),
        ("R 5. 4. 1", date(2023, 4, 1)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("㋿元年5月1日", date(2019, 5, 1)),
        ("R1.5.1", date(2019, 5, 1)),
        ("H300401", date(2018, 4, 1)),
        ("5060401", date(2024, 4, 1)),
        ("4300401", date(2018, 4, 1)),
        ("3470118", date(1972, 1, 18)),
        ("43191", date(2018, 4, 1)),
        ("43191.5", date(2018, 4, 1)),
        ("2018/4/1(日)", date(2018, 4, 1)),
        ("2018-04-01T09:30:00", date(2018, 4, 1)),
        ("2018-04-01 9:30", date(2018, 4, 1)),
        ("2018-04-01T00:00:00.000Z", date(2018, 4, 1)),
        (" 2018-04-01 ", date(2018, 4, 1)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("2020-02-29", date(2020, 2, 29)),
    ],
)
def test_a_known_form_is_read(cell: str, day: date) -> None:
    assert read_moment(cell).day == day


@pytest.mark.parametrize("cell", ["平成31年12月1日", "H31.12.1", "4311201"])
def test_heisei_31_goes_on_to_the_end_of_its_year(cell: str) -> None:
    assert read_moment(cell).day == date(2019, 12, 1)


@pytest.mark.parametrize(
    "cell",
    [
        "99999999",
        "9999999",
        "00000000",
        "0000-00-00",
        "9999/99/99",
        "9999-12-31",
        "99991231",
        "5999999",
        "R99.99.99",
        "0",
    ],
)
def test_a_placeholder_is_no_date_and_no_mistake(cell: str) -> None:
    moment = read_moment(cell)
    assert (moment.day, moment.kind) == (None, "placeholder")


@pytest.mark.parametrize(
    "cell",
    [
        "H30.2.30",
        "平成30年2月30日",
        "H29.2.29",
        "2018-13-01",
        "20180230",
        "S99.1.1",
        "H40.4.1",
        "30/4/1",
        "4/1/2018",
        "平成三十年四月一日",
        "生年不詳",
        "9",
        "123456",
        "6010101",
        "2018-04-01 25:00",
        "????",
        "2018-04",
        "1.23E+08",
    ],
)
def test_an_impossible_or_unknown_form_is_not_guessed(cell: str) -> None:
    moment = read_moment(cell)
    assert (moment.day, moment.kind) == (None, "bad_date")


@pytest.mark.parametrize("cell", ["", " ", "\u3000"])
def test_blank_is_blank(cell: str) -> None:
    assert read_moment(cell) == (None, None, "")


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026/5/2 16:16", datetime(2026, 5, 2, 16, 16)),  # noqa: DTZ001 - local civil time as written
        ("2026/5/2　9:05", datetime(2026, 5, 2, 9, 5)),  # noqa: DTZ001
        ("R8.5.2 9:05:07", datetime(2026, 5, 2, 9, 5, 7)),  # noqa: DTZ001
        ("20260502090507", datetime(2026, 5, 2, 9, 5, 7)),  # noqa: DTZ001
        ("2026年5月2日9時5分", datetime(2026, 5, 2, 9, 5)),  # noqa: DTZ001
        ("2026-05-02", datetime(2026, 5, 2)),  # noqa: DTZ001
    ],
)
def test_a_time_of_day_is_kept(cell: str, moment: datetime) -> None:
    assert moment_as_datetime(read_moment(cell)) == moment


@pytest.mark.parametrize(
    ("cell", "year"),
    [
        ("2025", 2025),
        ("R07", 2025),
        ("R7", 2025),
        ("令和7年度", 2025),
        ("令和元年度", 2019),
        ("２０２５年度", 2025),
        ("平成31", 2019),
        ("2025.0", 2025),
        ("25", None),
        ("", None),
        ("令和", None),
    ],
)
def test_a_fiscal_year_is_read(cell: str, year: int | None) -> None:
    assert read_fiscal_year(cell) == year
