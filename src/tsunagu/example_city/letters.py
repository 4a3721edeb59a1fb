"""Forms in which systems write the same thing: kana, digits, dates, and numbers with a check digit."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from functools import cache
from random import Random

_HALF = {
    unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)
}  # ヲ..ン and the small letters, from the half-width block itself
_SMALL = str.maketrans("ァィゥェォッャュョ", "アイウエオツヤユヨ")
_FULL_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")


@cache
def half_width(kana: str) -> str:
    """ショウ -> ｼｮｳ; a voiced letter becomes two signs."""
    out: list[str] = []
    for sign in kana:
        if sign == "ー":
            out.append("ｰ")
        elif sign == "　":
            out.append(" ")
        else:
            parts = unicodedata.normalize("NFD", sign)
            out.append("".join({"\u3099": "ﾞ", "\u309a": "ﾟ"}.get(part) or _HALF.get(part, part) for part in parts))
    return "".join(out)


@cache
def half_width_large(kana: str) -> str:
    """ショウ -> ｼﾖｳ: old systems know no small letters."""
    return half_width(kana.translate(_SMALL))


@cache
def hiragana(kana: str) -> str:
    """ショウ -> しょう."""
    return "".join(chr(ord(sign) - 0x60) if "ァ" <= sign <= "ヶ" else sign for sign in kana)


def large_letters(kana: str) -> str:
    """ショウ -> シヨウ."""
    return kana.translate(_SMALL)


def full_width(text: str) -> str:
    """Digits in full width."""
    return text.translate(_FULL_DIGITS)


def separate_marks(kana: str) -> str:
    """ガ -> カ゛: the voiced mark as a letter of its own."""
    return unicodedata.normalize("NFD", kana).translate({0x3099: "゛", 0x309A: "゜"})


def other_dash(kana: str) -> str:
    """ー -> －: the long mark as a minus sign."""
    return kana.replace("ー", "－")


def unspaced(kana: str) -> str:
    """Family and given name without anything between."""
    return kana.replace(" ", "").replace("　", "")


KANA_FORMS: tuple[Callable[[str], str], ...] = (
    half_width, half_width_large, hiragana, large_letters, separate_marks, other_dash, unspaced,
)  # fmt: skip


def latin_full_width(text: str) -> str:
    """LI HAORAN -> ＬＩ　ＨＡＯＲＡＮ."""
    return "".join("　" if sign == " " else chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


# --- dates -----------------------------------------------------------------------------------------------------

_ERAS = ((date(2019, 5, 1), "R", "令和", "5", 2018), (date(1989, 1, 8), "H", "平成", "4", 1988),
         (date(1926, 12, 25), "S", "昭和", "3", 1925))  # fmt: skip


def _era(day: date) -> tuple[str, str, str, int]:
    for first, letter, word, digit, offset in _ERAS:
        if day >= first:
            return letter, word, digit, day.year - offset
    return "T", "大正", "2", day.year - 1911


def iso(day: date) -> str:
    """2024-04-01"""
    return day.isoformat()


def slashed(day: date) -> str:
    """2024/04/01"""
    return f"{day.year}/{day.month:02}/{day.day:02}"


def packed(day: date) -> str:
    """20240401"""
    return f"{day.year}{day.month:02}{day.day:02}"


def era_dots(day: date) -> str:
    """H30.4.1"""
    letter, _, _, year = _era(day)
    return f"{letter}{year}.{day.month}.{day.day}"


def era_padded(day: date) -> str:
    """R03.08.24"""
    letter, _, _, year = _era(day)
    return f"{letter}{year:02}.{day.month:02}.{day.day:02}"


def era_blank(day: date) -> str:
    """R 5. 4. 1"""
    letter, _, _, year = _era(day)
    return f"{letter}{year:2}.{day.month:2}.{day.day:2}"


def era_slashed(day: date) -> str:
    """R06/04/01"""
    letter, _, _, year = _era(day)
    return f"{letter}{year:02}/{day.month:02}/{day.day:02}"


def era_words(day: date) -> str:
    """令和元年5月1日"""
    _, word, _, year = _era(day)
    return f"{word}{'元' if year == 1 else year}年{day.month}月{day.day}日"


def era_digits(day: date) -> str:
    """5060401: one digit for the era"""
    _, _, digit, year = _era(day)
    return f"{digit}{year:02}{day.month:02}{day.day:02}"


def serial(day: date) -> str:
    """45383: days as a spreadsheet counts them"""
    return str((day - date(1899, 12, 30)).days)


DATE_FORMS: dict[str, Callable[[date], str]] = {
    form.__name__: cache(form)
    for form in (iso, slashed, packed, era_dots, era_padded, era_blank, era_slashed, era_words, era_digits)
}


# --- numbers ---------------------------------------------------------------------------------------------------


def individual_number(rng: Random) -> str:
    """Twelve digits of which the first eleven are random and the last is their check digit."""
    digits = "".join(str(rng.randrange(10)) for _ in range(11))
    return digits + check_digit(digits)


def check_digit(digits: str) -> str:
    """The check digit of 個人番号 for its first eleven digits (総務省令 2014 No. 85, art. 5)."""
    total = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(digits), 1))
    return "0" if total % 11 <= 1 else str(11 - total % 11)
