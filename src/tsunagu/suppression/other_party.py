"""The other party (相手方): from whom an address is protected, who may be a payer, a parent or an employee.

The list names the other party by name only, so names are compared, and a doubt never counts as "somebody else".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from tsunagu.text.kana import is_kana, kana_key, sound_of_key
from tsunagu.text.variants import WILDCARD, fold_variants

# （市外）, （不明）: what a clerk writes where no name is known.
_NOTE = re.compile(r"\([^()]*\)?|[\[{〔【<][^\]}〕】>]*[\]}〕】>]?")
_LATIN = re.compile(r"[\u0000-\u024f\u1e00-\u1eff]+")
_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_SHORTEST = 2


class Sameness(StrEnum):
    """Whether two written names are one person's."""

    SAME = "same"
    DOUBTFUL = "doubtful"
    UNCOMPARABLE = "uncomparable"
    OTHER = "other"


class Telling(StrEnum):
    """Whether somebody may be told something: yes, no, or only after a person has looked (until then: no)."""

    YES = "yes"
    NO = "no"
    ASK = "ask"


@dataclass(frozen=True)
class Someone:
    """A person as one record names them; "" for what is not written.

    person_id  where the person is known by number
    """

    name: str = ""
    kana: str = ""
    person_id: str = ""


def sameness(one: Someone, two: Someone) -> Sameness:
    """Whether both are one person: by number where both have one, else by name and reading, on the careful side."""
    if one.person_id and two.person_id:
        return Sameness.SAME if one.person_id == two.person_id else Sameness.OTHER
    found = {_compared(a, b) for a in _keys(one) for b in _keys(two)}
    for answer in (Sameness.SAME, Sameness.DOUBTFUL, Sameness.OTHER):
        if answer in found:
            return answer
    return Sameness.UNCOMPARABLE


def may_be_told(
    recipient: Someone, other_parties: Collection[Someone], *, is_protected: bool | None, lives_there: bool
) -> Telling:
    """Whether a guardian, relative or payer may be sent something about a child.

    other_parties  those from whom the child, or somebody it lives or lived with, is protected; a nameless one counts
    is_protected   whether anybody's protection covers the child; None when nobody can say (the list is not trusted)
    lives_there    the recipient lives in the very household: nothing sent there gives its address away
    """
    if is_protected is False:
        return Telling.YES
    answers = {sameness(recipient, other) for other in other_parties}
    if Sameness.SAME in answers:
        return Telling.NO
    if Sameness.DOUBTFUL in answers:
        return Telling.ASK
    if lives_there:
        return Telling.YES
    if is_protected is None or not other_parties or Sameness.UNCOMPARABLE in answers:
        return Telling.ASK
    return Telling.YES


def _keys(someone: Someone) -> list[tuple[str, str]]:
    """Script and compared form of each written name; nothing for a blank or a mere note."""
    return [key for key in map(_key, (someone.name, someone.kana)) if key[1]]


def _key(written: str) -> tuple[str, str]:
    plain = _NOTE.sub(" ", unicodedata.normalize("NFKC", written)).strip()
    if is_kana(plain):
        return "kana", kana_key(plain)
    if _LATIN.fullmatch(plain):
        bare = "".join(c for c in unicodedata.normalize("NFD", plain.upper()) if not unicodedata.combining(c))
        return "latin", " ".join(sorted(re.findall(r"[^\W\d_]+", bare)))
    return "kanji", fold_variants("".join(plain.split()).translate(_HIRAGANA))


def _compared(one: tuple[str, str], two: tuple[str, str]) -> Sameness:
    (script, a), (other, b) = one, two
    if script != other:
        return Sameness.UNCOMPARABLE
    if a == b and WILDCARD not in a:
        return Sameness.SAME
    if script == "kana" and sound_of_key(a) == sound_of_key(b):
        return Sameness.DOUBTFUL
    if WILDCARD in a + b:
        is_alike = len(a) == len(b) and all(x == y or WILDCARD in (x, y) for x, y in zip(a, b, strict=True))
        return Sameness.DOUBTFUL if is_alike else Sameness.OTHER
    if script == "latin":
        few, many = sorted((set(a.split()), set(b.split())), key=len)
        return Sameness.DOUBTFUL if few <= many else Sameness.OTHER
    # A surname alone, or a name without its last sign: part of the other.
    short, long = sorted((a, b), key=len)
    is_part = len(short) >= _SHORTEST and long.startswith(short)
    return Sameness.DOUBTFUL if is_part else Sameness.OTHER
