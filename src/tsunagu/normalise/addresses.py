"""Addresses in one form: 瑞野市若葉五丁目12番地の4 = 若葉5丁目12-4 = 若葉５丁目１２番４号.

Only what two offices write about one place is compared: town, house numbers, building. The municipality is left out,
since most offices do not write their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from tsunagu.text.variants import fold_variants

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0}
_TENS = {"十": 10, "百": 100, "千": 1000}
_HAS_KANJI_NUMBER = re.compile("[〇零一二三四五六七八九十百千]")
_KANJI_NUMBER = re.compile(r"([〇零一二三四五六七八九十百千]+)(?=丁目|番(?![町丁館])|号|[-ーノの]\d|-)")
_SEPARATORS = re.compile(r"(?<=\d)\s*(?:丁目|番地|番|号|[-‐‑‒–—―−ーｰの/ノ之])+\s*(?:の|ノ|之|-)?\s*(?=\d)")
# 若葉五丁目12番地の4, 若葉5-12-4, with or without a building: the same answer as the general way, in one step.
_USUAL = re.compile(
    r"(\D*?[^\d〇零一二三四五六七八九十百千ー-])(\d{1,4}|[一二三四五六七八九十]{1,3})(?:丁目|-)"
    r"(\d{1,4})(?:番地の|番地|番|-)(\d{1,4})(?:号(?=$|[^\d号の-])|(?=$|[^\d丁番号のノ之/ーｰ‐‑‒–—―−-]))(\D.*)?"
)
_TRAILING = re.compile(r"(?<=\d)\s*(?:丁目|番地|番|号)(?=\D|$)")
_PARTS = re.compile(r"^(\D*)(\d+(?:-\d+){0,2})?-?(.*)$", re.DOTALL)
_PREFECTURE = re.compile(r"^(?:東京都|北海道|大阪府|京都府|[^\d]{2,3}県)")
_MUNICIPALITY = re.compile(r"^((?:東京都|北海道|大阪府|京都府|\D{2,3}県)?\D{1,8}?[市区町村])")
_RURAL = re.compile(r"^(?:大字|字)|(?:大字|(?<=\D)字)(?=\D)")


class Address(NamedTuple):
    """One written address in compared forms; empty parts where nothing is written.

    key       town and house numbers, `若葉|5-12-4`
    town      town without 大字/字
    numbers   丁目, 番, 号 as written, joined with hyphens, at most three
    building  building and room, folded
    """

    key: str = ""
    town: str = ""
    numbers: str = ""
    building: str = ""


NO_ADDRESS = Address()


def kanji_number(text: str) -> int:
    """The value of a number in kanji up to 9999: 十二 is 12, 二〇 is 20, 百五 is 105."""
    if not any(c in _TENS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total = digit = 0
    for c in text:
        if c in _TENS:
            total += (digit or 1) * _TENS[c]
            digit = 0
        else:
            digit = _DIGITS[c]
    return total + digit


def own_municipality(addresses: Sequence[str | None]) -> str:
    """The prefecture and municipality that most addresses of the residents' register begin with; may be empty.

    Read from the data, so that no city's name stands in the code: the longest prefix ending in 市, 区, 町 or 村 that
    nine of ten addresses share, else more than half of them. Two thousand, evenly spread, are enough to see it.
    """
    counts: Counter[str] = Counter()
    total = 0
    for address in addresses[:: max(1, len(addresses) // 2000)]:
        if not address:
            continue
        total += 1
        plain = "".join(unicodedata.normalize("NFKC", address).split())
        for size in range(2, min(len(plain), 14)):
            if plain[size - 1] in "市区町村" and not any(c.isdigit() for c in plain[:size]):
                counts[plain[:size]] += 1
    for share in (0.9, 0.5):
        shared = [prefix for prefix, n in counts.items() if n > total * share]
        if shared:
            # A handful of neighbours share their town as well; only many addresses show where the city ends.
            return max(shared, key=len) if total > 20 else min(shared, key=len)
    return ""


def fold_address(text: str | None, municipality: str = "") -> Address:
    """The compared forms of one written address; NO_ADDRESS for null or blank.

    municipality  the city's own name as the register writes it (own_municipality); left out where written
    """
    if not text:
        return NO_ADDRESS
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    if municipality and plain.startswith(municipality):
        plain = plain[len(municipality) :]
    elif municipality:
        bare = _PREFECTURE.sub("", plain)
        city = _PREFECTURE.sub("", municipality)
        plain = bare[len(city) :] if city and bare.startswith(city) else plain
    return _fold_within(plain)


def _fold_within(plain: str) -> Address:
    common = _USUAL.fullmatch(plain)
    if common is None:
        return _fold_any(plain)
    town, first, second, third, rest = common.groups()
    town = _fold_town(town)
    numbers = f"{int(first) if first.isdecimal() else kanji_number(first)}-{int(second)}-{int(third)}"
    return Address(f"{town}|{numbers}", town, numbers, _fold_building(rest) if rest else "")


def _fold_any(plain: str) -> Address:
    """The general way, for every form the usual one does not cover."""
    plain = _in_digits(plain).rstrip("-")
    parts = _PARTS.match(plain)
    if parts is None:
        return NO_ADDRESS
    town = _fold_town(parts.group(1))
    numbers = parts.group(2) or ""
    if "0" in numbers:
        numbers = "-".join(n.lstrip("0") or "0" for n in numbers.split("-"))
    building = fold_variants(parts.group(3)).strip("-")
    return Address(f"{town}|{numbers}" if town or numbers else "", town, numbers, building)


def _in_digits(plain: str) -> str:
    if _HAS_KANJI_NUMBER.search(plain):
        plain = _KANJI_NUMBER.sub(lambda m: str(kanji_number(m.group(1))), plain)
    return _TRAILING.sub("-", _SEPARATORS.sub("-", plain))


def _fold_building(rest: str) -> str:
    return fold_variants(_in_digits(rest)).strip("-")


@lru_cache(maxsize=50_000)
def _fold_town(town: str) -> str:
    return _RURAL.sub("", fold_variants(town).rstrip("-")).replace("ヶ", "ケ").replace("が", "ケ")
