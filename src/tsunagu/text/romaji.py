"""Latin letters as kana and back: Hepburn and Kunrei, long vowels marked, doubled or left away.

Only for searching: which of the two systems somebody writes in, and whether おお is written o, oo, oh or ō, does not
change what is found.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_VOWELS = "aiueo"
_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "s": "サシスセソ", "t": "タチツテト", "n": "ナニヌネノ", "h": "ハヒフヘホ",
    "m": "マミムメモ", "y": "ヤ ユ ヨ", "r": "ラリルレロ", "w": "ワ   オ", "g": "ガギグゲゴ", "z": "ザジズゼゾ",
    "d": "ダジズデド", "b": "バビブベボ", "p": "パピプペポ",
}  # fmt: skip
# The consonant before ya, yu, yo, and the kana it begins with; Kunrei first, then what Hepburn writes for it.
_TWISTED = {
    "ky": "キ", "sy": "シ", "ty": "チ", "ny": "ニ", "hy": "ヒ", "my": "ミ", "ry": "リ", "gy": "ギ", "zy": "ジ",
    "by": "ビ", "py": "ピ", "sh": "シ", "ch": "チ", "j": "ジ", "jy": "ジ", "cy": "チ", "dy": "ジ",
}  # fmt: skip
_HEPBURN = {
    "shi": "シ", "chi": "チ", "tsu": "ツ", "fu": "フ", "ji": "ジ", "she": "シエ", "che": "チエ", "je": "ジエ",
    "fa": "フア", "fi": "フイ", "fe": "フエ", "fo": "フオ", "va": "バ", "vi": "ビ", "vu": "ブ", "ve": "ベ",
    "vo": "ボ", "ye": "イエ",
}  # fmt: skip


def _syllables() -> dict[str, str]:
    made = {
        consonant + vowel: sign
        for consonant, row in _ROWS.items()
        for vowel, sign in zip(_VOWELS, row, strict=True)
        if sign != " "
    }
    for consonant, first in _TWISTED.items():
        made |= {consonant + vowel: first + second for vowel, second in zip("auo", "ヤユヨ", strict=True)}
    return made | _HEPBURN


_KANA = _syllables()
_LATIN = {
    **{sign: consonant + vowel for consonant, row in _ROWS.items() if consonant not in ("d",)
       for vowel, sign in zip(_VOWELS, row, strict=True) if sign != " "},
    "オ": "o", "ダ": "da", "デ": "de", "ド": "do", "ン": "n", "ツ": "tu",
}  # fmt: skip
_DOUBLED = frozenset(["kk", "ss", "tt", "pp", "tc", "cc", "gg", "dd", "bb", "zz", "jj", "hh"])
_LONG_MARKS = "\u0304\u0302"  # ō, ô
_WIDE = {ord(letter): 0xFF21 + place for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
_LONG_O = re.compile("(?<=[オコソトノホモヨロゴゾドボポ])[オウ]")
_LONG = re.compile("ou|oo|uu")
_NASAL_OR_NOT = re.compile("(?<=[aiueo])n(?=[aiueoy])")
_OH = re.compile(r"oh(?=[^aiueoy]|$)")
_NASAL_BEFORE_LIP = re.compile(r"m(?=[bmp])")
_TWIST = re.compile("([キシチニヒミリギジビピ])([ヤユヨ])")


@lru_cache(maxsize=20_000)
def kana_of(word: str) -> tuple[str, ...]:
    """The ways a word in Latin letters may be written in katakana, large letters only; empty when it is no romaji.

    A long o gives each of its spellings: ohno is オオノ or オウノ.
    An n before a vowel may stand for ン: junichi is ジユニチ or ジユンイチ.
    """
    letters = _marked_long(word.lower())
    ways = [letters, *(letters[: n.end()] + "'" + letters[n.end() :] for n in _NASAL_OR_NOT.finditer(letters))]
    return tuple(dict.fromkeys(spelling for way in ways for spelling in _spelled(way)))


@lru_cache(maxsize=20_000)
def kana_begun(word: str) -> tuple[str, ...]:
    """The same for a word that stops within a syllable, with each sign it may go on with: tanak is タナカ or タナキ."""
    kana, rest = _cut(_marked_long(word.lower()))
    if not kana or rest not in _BEGINNINGS:
        return ()
    return tuple(spelling + end for spelling in long_spellings(kana) for end in _BEGINNINGS[rest])


def long_spellings(kana: str) -> tuple[str, ...]:
    """Katakana as it stands, and with its long o written with ウ and with オ."""
    return tuple(dict.fromkeys([kana, _LONG_O.sub("ウ", kana), _LONG_O.sub("オ", kana)]))


def is_long_marked(word: str) -> bool:
    """Whether the writer showed every long o and u there may be, so that the short ones are short."""
    letters = _marked_long(word.lower())
    return bool(_LONG.search(letters)) and not re.search("[ou]", _LONG.sub("", letters))


def latin_of(kana: str) -> str:
    """Katakana in large letters as Kunrei letters, wide and upper case; other signs stay as they are."""
    twisted = _TWIST.sub(lambda pair: _LATIN[pair[1]][0] + _LATIN[pair[2]], kana)
    return "".join(_LATIN.get(sign, sign) for sign in twisted).translate(_WIDE)


def _marked_long(word: str) -> str:
    """Long marks as doubled letters: sugiyō and ohno as sugiyoo and oono."""
    parted = unicodedata.normalize("NFD", word.replace("’", "'"))
    doubled = re.sub(rf"([aiueo])[{_LONG_MARKS}]", r"\1\1", parted)
    return _OH.sub("oo", unicodedata.normalize("NFC", doubled))


def _spelled(letters: str) -> tuple[str, ...]:
    kana, rest = _cut(letters)
    if rest == "n" and kana:
        kana, rest = kana + "ン", ""
    return () if rest else long_spellings(kana)


def _cut(letters: str) -> tuple[str, str]:
    """The kana of the complete syllables, and the letters that are left at the end."""
    letters = _NASAL_BEFORE_LIP.sub("n", letters)
    kana, at = "", 0
    while at < len(letters):
        size = next((n for n in (3, 2, 1) if letters[at : at + n] in _KANA), 0)
        if size:
            kana, at = kana + _KANA[letters[at : at + size]], at + size
        elif letters[at : at + 2] == "n'":
            kana, at = kana + "ン", at + 2
        elif at and letters[at] == "n" and at + 1 < len(letters) and letters[at + 1] not in "aiueoy":
            kana, at = kana + "ン", at + 1
        elif letters[at : at + 2] in _DOUBLED:
            kana, at = kana + "ツ", at + 1
        else:
            break
    return kana, letters[at:]


def _beginnings() -> dict[str, tuple[str, ...]]:
    """What a syllable that was begun may go on with, by the letters that were typed of it."""
    begun: dict[str, dict[str, None]] = {"n": {"ン": None}}
    for letters, kana in _KANA.items():
        for size in range(1, len(letters)):
            begun.setdefault(letters[:size], {})[kana[0]] = None
    return {letters: tuple(kana) for letters, kana in begun.items()}


_BEGINNINGS = _beginnings()
