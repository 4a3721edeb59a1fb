"""Names in one form: script, whole key, surname and given name, and what stands beside the name.

A key is a form to compare, not a name to show. Kanji keys have variants folded and no spaces; Latin keys are upper
case without marks, their words in alphabetical order, because offices disagree on which word is the family's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from functools import lru_cache
from typing import Literal, NamedTuple

from tsunagu.text.kana import is_kana, kana_key
from tsunagu.text.variants import WILDCARD, fold_variants

Script = Literal["kanji", "kana", "latin", "none"]

# What a clerk adds behind a name when the name is not fully known: 佐藤（長男）, ミオちゃん.
_NOTE = re.compile(r"[(\[{〔【<]([^)\]}〕】>]*)[)\]}〕】>]?")
_HAS_NOTE = re.compile(r"[(\[{〔【<]")
_LAST_CALLED = frozenset("んンん君様殿氏")
_CALLED = re.compile(r"(?:ちゃん|チャン|くん|クン|さん|サン|君|様|殿|氏|ちやん)$")
# 高橋　蓮: nothing beside the name, so the short way is safe.
_TWO_PARTS = re.compile("([\u4e00-\u9fff々]+)[ \u3000]([\u4e00-\u9fff々]*[\u4e00-\u9fff])(?<![君様殿氏])")
_BIRTH_ORDER = {
    "長男": ("1", 1), "長女": ("2", 1), "次男": ("1", 2), "二男": ("1", 2), "次女": ("2", 2), "二女": ("2", 2),
    "三男": ("1", 3), "三女": ("2", 3), "四男": ("1", 4), "四女": ("2", 4), "五男": ("1", 5), "五女": ("2", 5),
}  # fmt: skip
_LATIN_ONLY = re.compile(r"[\u0000-\u024f\u1e00-\u1eff\u0300-\u036f\u2000-\u206f]+")
_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


class Name(NamedTuple):
    """One written name in compared forms.

    key          whole name without spaces; empty when nothing is written
    surname      surname key; empty when the writer put no space and the surname is not known
    given        given-name key; empty as above, or when only a surname is written
    sound        kana key of the whole name where the name is written in kana, else empty
    is_partial   a pet name, a surname with 「長男」, or one part only
    order_sex    sex that 「長男」 or 「次女」 tells (1 male, 2 female), else empty
    birth_order  1 for 長男/長女, 2 for 次男/次女, 0 when not said (counted among siblings of that sex)
    """

    key: str = ""
    surname: str = ""
    given: str = ""
    script: Script = "none"
    sound: str = ""
    is_partial: bool = False
    order_sex: str = ""
    birth_order: int = 0


NO_NAME = Name()


def fold_name(text: str | None) -> Name:
    """The compared forms of one written name; NO_NAME for null or blank."""
    if not text:
        return NO_NAME
    common = _TWO_PARTS.fullmatch(text)
    if common:
        surname, given = _part_key(common.group(1)), _part_key(common.group(2))
        return Name(surname + given, surname, given, "kanji")
    plain = unicodedata.normalize("NFKC", text).strip()
    order_sex, birth_order = "", 0
    note = _NOTE.search(plain) if _HAS_NOTE.search(plain) else None
    if note:
        order_sex, birth_order = _BIRTH_ORDER.get(note.group(1).strip(), ("", 0))
        plain = _NOTE.sub(" ", plain).strip()
    called = _CALLED.sub("", plain) if plain[-1:] in _LAST_CALLED else plain
    is_called = called != plain and len(called.replace(" ", "")) >= 1
    plain = called if is_called else plain
    parts = plain.split()
    if not parts:
        return NO_NAME
    if _is_latin(plain):
        return _latin_name(parts)
    partial = is_called or bool(note and birth_order)
    if is_kana(plain):
        keys = [kana_key(p) for p in parts]
        key = "".join(keys)
        split = (keys[0], "".join(keys[1:])) if len(keys) > 1 else ("", key if is_called else "")
        return Name(key, *split, "kana", key, partial, order_sex, birth_order)
    keys = [_part_key(p) for p in parts]
    key = "".join(keys)
    if len(keys) > 1:
        split = (keys[0], "".join(keys[1:]))
    elif birth_order:
        split = (key, "")
    else:
        split = ("", key if is_called else "")
    return Name(key, *split, "kanji", "", partial, order_sex, birth_order)


def split_name(name: Name, surnames: Container[str]) -> Name:
    """The name with surname and given name filled from known surnames, where it was written without a space.

    surnames  surname keys that occur with a space elsewhere; the longest that leaves a given name is taken
    """
    if name.surname or name.given or name.script != "kanji":
        return name
    for size in range(min(len(name.key) - 1, 5), 0, -1):
        head = name.key[:size]
        if head in surnames:
            return name._replace(surname=head, given=name.key[size:])
    return name


# A surname stands in every row of its family.
@lru_cache(maxsize=200_000)
def _part_key(part: str) -> str:
    """Kanji keys with variants folded; a part in kana (一部 かな names) in its kana key."""
    return kana_key(part) if is_kana(part) else fold_variants(katakana_in_kanji(part))


def katakana_in_kanji(part: str) -> str:
    """Hiragana inside a mixed name as katakana, so that たか子 and タカ子 compare equal."""
    return part.translate(_HIRAGANA)


def _is_latin(plain: str) -> bool:
    return _LATIN_ONLY.fullmatch(plain) is not None and _LETTER.search(plain) is not None


def _latin_name(parts: list[str]) -> Name:
    words = []
    for part in parts:
        bare = unicodedata.normalize("NFD", part.upper().replace("Đ", "D").replace("Ø", "O"))
        bare = "".join(c for c in bare if c.isalnum())
        if bare:
            words.append(bare)
    if not words:
        return NO_NAME
    key = " ".join(sorted(words))
    # Which word is the family's is not certain; the written order is kept for the parts.
    return Name(key, words[0] if len(words) > 1 else "", " ".join(words[1:]), "latin")


def has_wildcard(key: str) -> bool:
    """Whether a key holds a sign nobody could read."""
    return WILDCARD in key
