"""Kanji in one form: 髙 is compared as 高, 邉 and 邊 as 辺, 齋 and 齊 as 斉; unreadable signs match any one sign.

Read from the table of variants of the Japanese characters standard (jntajis), plus the families of surnames that
offices mix although the standard keeps them apart.
"""

from __future__ import annotations

import unicodedata

import jntajis

#: Stands for one sign nobody can read: 〓, a user-defined character (外字), or a broken byte.
WILDCARD = "〓"

# Families whose members are all common characters, so that the standard's table leaves them apart, and which
# offices mix in one family's name.
_FAMILIES = {
    "斎": "斉", "齋": "斉", "齊": "斉",
    "邊": "辺", "邉": "辺",
    "嶋": "島", "嶌": "島",
    "冨": "富", "舘": "館", "桧": "檜", "渕": "淵", "曾": "曽", "嵜": "崎", "龍": "竜", "瀧": "滝", "埜": "野",
    "薗": "園", "籔": "薮", "藪": "薮", "峯": "峰", "穐": "秋", "椙": "杉", "槙": "槇", "桝": "枡", "楳": "梅",
    "苅": "刈", "燈": "灯", "凛": "凜", "栢": "柏", "舛": "升",
    "ヶ": "ケ", "ヵ": "カ",
}  # fmt: skip
_KANJI = range(0x3400, 0x33480)


def _level_one() -> dict[str, str]:
    """The characters of the standard's first level, each with the rarer form that the table gives for it.

    The table sometimes leads from a common character to a rare one (真 to 眞) or to another common one (功 to 切),
    so a common character always stands for itself and the rare form is led back to it.
    """
    common: dict[str, str] = {}
    for row in range(0x30, 0x50):
        for cell in range(0x21, 0x7F):
            try:
                sign = bytes([0x1B, 0x24, 0x42, row, cell]).decode("iso2022_jp")
            except UnicodeDecodeError:
                continue
            common[sign] = sign
    back: dict[str, str] = {}
    for sign in common:
        for rare in jntajis.mj_shrink_candidates(sign, 15):
            if rare not in common and rare not in back:
                back[rare] = sign
    return common | back


_COMMON = _level_one()


def _is_unreadable(sign: str) -> bool:
    code = ord(sign)
    return sign in "〓\ufffd□■" or 0xE000 <= code <= 0xF8FF or 0xF0000 <= code <= 0x10FFFD


def _standard(sign: str) -> str:
    """The form under which a sign is compared."""
    if sign in _FAMILIES:
        return _FAMILIES[sign]
    path = [sign]
    while path[-1] not in _COMMON and path[-1] not in _FAMILIES:
        candidates = jntajis.mj_shrink_candidates(path[-1], 15) if ord(path[-1]) in _KANJI else []
        following = next((c for c in candidates if c in _COMMON), candidates[0] if candidates else path[-1])
        if len(following) != 1:
            break
        if following in path:
            # Two rare forms that point at each other: the earlier one in the code table stands for both.
            return min(path[path.index(following) :])
        path.append(following)
    plain = _COMMON.get(path[-1], path[-1])
    return _FAMILIES.get(plain, plain)


class _FoldTable(dict[int, str]):
    """Each sign is looked up once; str.translate asks only for signs it has not met."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
            folded = ""  # a variation selector chooses a drawing, not another character
        elif _is_unreadable(sign):
            folded = WILDCARD
        elif code < 0x2E80:
            folded = sign
        else:
            folded = _standard(sign)
        self[code] = folded
        return folded


_TABLE = _FoldTable()


def fold_variants(text: str) -> str:
    """A text in NFKC with every variant character in its standard form; unreadable signs become WILDCARD."""
    # Composed again: a folded letter may take up a mark that its variant could not.
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).translate(_TABLE))
    if "々" not in folded:
        return folded
    out: list[str] = []
    for sign in folded:
        out.append(out[-1] if sign == "々" and out else sign)
    return "".join(out)
