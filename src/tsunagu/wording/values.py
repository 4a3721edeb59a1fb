"""How a value is written for staff: numbers, days, months and years in both calendars. The only place that rounds."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Language = Literal["ja", "en"]
Precision = Literal["day", "month", "year"]

# First days of the eras, newest first; a year counts from 1, written 元年.
ERAS: tuple[tuple[date, str, str], ...] = (
    (date(2019, 5, 1), "令和", "Reiwa"),
    (date(1989, 1, 8), "平成", "Heisei"),
    (date(1926, 12, 25), "昭和", "Showa"),
    (date(1912, 7, 30), "大正", "Taisho"),
    (date(1868, 10, 23), "明治", "Meiji"),
)


def number(value: Decimal | int | float | str, decimals: int = 2) -> str:
    """A number without trailing zeros, rounded half up for display: 11.000000 -> 11, 39.855000 -> 39.86."""
    exact = Decimal(str(value))
    shown = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{shown:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def era_year(day: date, lang: Language) -> str:
    """The year in the Japanese calendar: 令和8年, 令和元年, Reiwa 8; empty before Meiji."""
    for first, ja, en in ERAS:
        if day >= first:
            year = day.year - first.year + 1
            return f"{ja}{'元' if year == 1 else year}年" if lang == "ja" else f"{en} {year}"
    return ""


def fiscal_year_name(day: date, lang: Language) -> str:
    """The fiscal year that holds the day: 令和8年度（2026）, fiscal year 2026 (Reiwa 8)."""
    first = date(day.year if day.month >= 4 else day.year - 1, 4, 1)
    # A fiscal year is named after the era in which it was used; 2019 is 令和元年度 although April was still 平成.
    named = date(2019, 5, 1) if first == date(2019, 4, 1) else first
    era = era_year(named, lang)
    return f"{era}度（{first.year}）" if lang == "ja" else f"fiscal year {first.year} ({era})"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day_name(day: date, lang: Language, precision: Precision = "day") -> str:
    """A day, month or fiscal year in both calendars: 令和8年9月30日（2026）, 30 September 2026 (Reiwa 8)."""
    if precision == "year":
        return fiscal_year_name(day, lang)
    era = era_year(day, lang)
    if lang == "ja":
        return f"{era}{day.month}月{f'{day.day}日' if precision == 'day' else ''}（{day.year}）"
    before = f"{day.day} " if precision == "day" else ""
    return f"{before}{_MONTHS[day.month - 1]} {day.year} ({era})"
