"""What is searched and what is typed, in one form: the text that is kept for searching, its grams, the ways to ask.

A text is kept in up to three forms, each in an alphabet of its own so that none is taken for another:
as written (kanji without variants, kana as large katakana, Latin letters small and without marks),
as it sounds (readings with their long vowels left away, in hiragana), and, for names in Latin letters,
as Kunrei letters (wide, since a database may take small and large narrow letters for one).
A form begins with MARK; no form runs over into the next.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from tsunagu.text.kana import katakana
from tsunagu.text.romaji import is_long_marked, kana_begun, kana_of, latin_of, long_spellings
from tsunagu.text.variants import WILDCARD, fold_variants

#: Stands before each form; nothing that is typed can hold it.
MARK = "|"
MOST_WORDS = 6

_LARGE = str.maketrans("ァィゥェォッャュョヮヂヅヲヰヱ", "アイウエオツヤユヨワジズオイエ")
_VU = (("ヴア", "バ"), ("ヴイ", "ビ"), ("ヴエ", "ベ"), ("ヴオ", "ボ"), ("ヴ", "ブ"))
_LENGTHENED = {
    "ア": "アカサタナハマヤラワガザダバパ",
    "イ": "イキシチニヒミリギジビピ",
    "ウ": "ウクスツヌフムユルグズブプオコソトノホモヨロゴゾドボポ",
    "エ": "エケセテネヘメレゲゼデベペ",
}
_VOWEL_OF = {sign: vowel for vowel, signs in _LENGTHENED.items() for sign in signs}
_MARKED = re.compile("(.)([ーヽヾ])")
_LONG_VOWEL = re.compile("(?<=[オコソトノホモヨロゴゾドボポ])[オウ]+|(?<=[ウクスツヌフムユルグズブプ])ウ+")
_KANA_RUN = re.compile("[ア-ン]+")
_LATIN_WORD = re.compile("[a-zāīūēōâîûêô](?:[a-zāīūēōâîûêô'’]*[a-zāīūēōâîûêô])?")
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_KANJI = re.compile("[\u3400-\u9fff\U00020000-\U0003347f]")
_KANA_TYPED = re.compile("[\u3041-\u30ff]+")


@dataclass(frozen=True)
class Asked:
    """What somebody typed. A text is found when each word stands in it in one of its forms.

    words  for each word its forms; empty when too little was typed
    """

    words: tuple[tuple[str, ...], ...] = ()

    @property
    def is_enough(self) -> bool:
        return bool(self.words)

    def is_in(self, searched: str) -> bool:
        """Whether a searched text holds each word in one of its forms."""
        return all(any(form in searched for form in forms) for forms in self.words)


def searched_text(text: str) -> str:
    """The forms of a text that are kept to be searched. Lines are texts of their own: name, reading, alias."""
    forms: dict[str, None] = {}
    for line in text.splitlines():
        forms |= dict.fromkeys(_forms(line))
    return "".join(MARK + form for form in forms if form)


def grams(form: str) -> frozenset[str]:
    """The pairs of neighbouring signs of a searched text, or of a form of what is asked; none runs over a MARK."""
    return frozenset(a + b for a, b in pairwise(form) if b != MARK)


def asked(typed: str) -> Asked:
    """What was typed, ready to be searched. Two signs are enough; of one sign only a kanji, as the start of a text."""
    parts = [part for part in unicodedata.normalize("NFKC", typed).split() if _written(part)]
    words = [_written(part) for part in parts]
    whole = "".join(words)
    if len(words) > MOST_WORDS or not whole:
        return Asked()
    if len(whole) == 1:
        if _KANJI.match(whole):
            return Asked(((MARK + whole,),))
        # Two signs may be one sound (ヴァ); it has no gram, and the texts themselves are looked through.
        plain = "".join(parts)
        return Asked(((whole,),)) if len(plain) > 1 and _KANA_TYPED.fullmatch(plain) else Asked()
    if all(len(word) == 1 for word in words):
        return Asked((_ways(whole, whole),))
    return Asked(tuple(_ways(word, part) for word, part in zip(words, parts, strict=True)))


def _forms(line: str) -> list[str]:
    """The forms in which one line is kept."""
    plain = unicodedata.normalize("NFKC", line)
    parts = [_written(part) for part in plain.split()]
    whole, short = "".join(parts), "".join(_without_long(part) for part in parts)
    forms = [whole]
    # A run of kana keeps its place when its long vowels go; only those that changed are kept twice.
    for run, heard in zip(_KANA_RUN.findall(whole), _KANA_RUN.findall(short), strict=True):
        if run != heard and len(heard) > 1:
            forms.append(_as_sound(heard))
    latin = [kana_of(word) for word in _LATIN_WORD.findall(_without_marks(plain.lower(), keep_long=True))]
    forms.append("".join(latin_of(_without_long(kana[0])) for kana in latin if kana))
    return forms


def _ways(word: str, typed: str) -> tuple[str, ...]:
    """Every form under which a typed word may stand in a searched text."""
    forms = [word]
    if _KANA_RUN.fullmatch(word):
        forms += [*long_spellings(word), latin_of(_without_long(word))]
    elif word.isascii() and word.isalpha():
        for kana in kana_of(typed) or kana_begun(typed):
            heard = _without_long(kana)
            forms += [kana, latin_of(heard)]
            if not is_long_marked(typed):
                forms += [heard, _as_sound(heard)]
    return tuple(dict.fromkeys(form for form in forms if len(form) > 1 or form == word))


def _written(part: str) -> str:
    """A part of a text as it is written: variants folded, kana large, letters small, nothing but signs and digits."""
    folded = fold_variants(katakana(_without_marks(part.lower())))
    kept = "".join(sign for sign in folded if sign.isalnum() or sign == WILDCARD).translate(_LARGE)
    for pair, sound in _VU:
        kept = kept.replace(pair, sound)
    while _MARKED.search(kept):
        kept = _MARKED.sub(_unmarked, kept)
    return kept.lstrip("ーヽヾ")


def _unmarked(pair: re.Match[str]) -> str:
    """A long mark as the vowel it lengthens, a mark of repetition as the sign it repeats."""
    sign, mark = pair.groups()
    if mark == "ー":
        return sign + _VOWEL_OF.get(sign, "")
    return sign + (unicodedata.normalize("NFC", sign + "\u3099") if mark == "ヾ" else sign)


def _without_marks(text: str, *, keep_long: bool = False) -> str:
    """Latin letters without their marks; keep_long leaves ō and ô, which romaji needs."""
    return "".join(
        unicodedata.normalize("NFD", sign)[0] if _is_marked_latin(sign) and not (keep_long and sign in _LONG) else sign
        for sign in text.translate(_BARE)
    )


_LONG = frozenset("āīūēōâîûêô")
_BARE = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"})


def _is_marked_latin(sign: str) -> bool:
    return 0xC0 <= ord(sign) <= 0x24F or 0x1E00 <= ord(sign) <= 0x1EFF


def _without_long(kana: str) -> str:
    return _LONG_VOWEL.sub("", kana)


def _as_sound(kana: str) -> str:
    return kana.translate(_HIRAGANA)
