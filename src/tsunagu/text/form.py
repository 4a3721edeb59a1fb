"""The form of a value: what it looks like without what it says.

A message may show the form and never the value. Kanji become 漢, hiragana ひ, katakana カ, Latin letters A, digits 9;
signs stay, and so do the words that only structure a date or an age.
"""

from __future__ import annotations

import unicodedata

_STRUCTURE = frozenset("年月日時分歳")
_LONGEST = 24


def shape(value: str) -> str:
    """The form of a value, cut after 24 signs; full-width signs count as their narrow ones.

    >>> shape("平成30年2月30日")
    '漢漢99年9月99日'
    """
    folded = unicodedata.normalize("NFKC", value)
    form = "".join(_sign(c) for c in folded[:_LONGEST])
    return form + "…" if len(folded) > _LONGEST else form


def _sign(c: str) -> str:
    if c in _STRUCTURE:
        return c
    if c.isdecimal():
        return "9"
    if c.isascii():
        return "A" if c.isalpha() else (c if c.isprintable() else "·")
    return _script(ord(c), c)


def _script(code: int, c: str) -> str:
    if 0x3041 <= code <= 0x309F:
        return "ひ"
    if 0x30A1 <= code <= 0x30FF or 0x31F0 <= code <= 0x31FF:
        return "カ"
    if 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or code >= 0x20000 or c == "々":
        return "漢"
    if 0xE000 <= code <= 0xF8FF:
        return "外"
    if c.isspace():
        return " "
    return "A" if c.isalpha() else c
