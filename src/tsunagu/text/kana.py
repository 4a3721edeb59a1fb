"""Readings in one form: full-width katakana to keep, a key to compare, a sound key for neighbours.

The original is always kept elsewhere; a name is the person's, these are only forms to compare.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# A sender's separate voicing marks (ﾞ after a full-width sign, ゛) become combining marks that NFKC can join.
_MARKS = str.maketrans({"゛": "\u3099", "゜": "\u309a", "ﾞ": "\u3099", "ﾟ": "\u309a"})
_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)} | {0x309D: 0x30FD, 0x309E: 0x30FE}
_HALF_WIDTH = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF66, 0xFF9E)}
_QUICK = _HIRAGANA | _HALF_WIDTH | _MARKS | {0x3000: " "}
_LONG = "ー-－–—―‐‑‒−─━ｰ〜~"
_LARGE = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_SAME_SOUND = str.maketrans({"ヅ": "ズ", "ヂ": "ジ", "ヲ": "オ", "ヴ": "ブ", "ヰ": "イ", "ヱ": "エ"})
_VOICED = "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴ"
_PLAIN = "カキクケコサシスセソタチツテトハヒフヘホハヒフヘホウ"
_UNVOICED = str.maketrans(_VOICED, _PLAIN)
_LETTER = r"\u30a1-\u30fa\u30fd-\u30ff"
_LONG_MARK = re.compile(rf"(?<=[{_LETTER}])[{re.escape(_LONG)}]+")
_DASH = re.compile(rf"(?<![{_LETTER}ー])[{re.escape(_LONG)}]+")
_BETWEEN = re.compile("[・,.、=＝'’`]")
_KANA_ONLY = re.compile(
    rf"[\s・.,{re.escape(_LONG)}]*[\u3041-\u30faヽヾゝゞ][\u3041-\u30faヽヾゝゞ\s・.,{re.escape(_LONG)}]*"
)
_IN_FORM = re.compile("[ァ-ヺ][ァ-ヺー]*(?: [ァ-ヺ][ァ-ヺー]*)*")
_LONG_VOWEL = re.compile("(?<=[オコソトノホモヨロ])[オウ]+|(?<=[ウクスツヌフムユル])ウ+")


@lru_cache(maxsize=200_000)
def is_kana(text: str) -> bool:
    """Whether a text is written in kana only (spaces, long marks and middle dots allowed)."""
    return _KANA_ONLY.fullmatch(text) is not None


def katakana(text: str) -> str:
    """A reading in full-width katakana, one space between parts; empty when nothing is written.

    Half-width letters, hiragana, separate voicing marks and every kind of dash become one form.
    Small letters stay as written, since ショウ and シヨウ may both be right.
    """
    # Nearly every reading is in one of the common forms; what is not takes the general way below.
    quick = text.translate(_QUICK)
    if "\u3099" in quick or "\u309a" in quick:
        quick = unicodedata.normalize("NFC", quick)
    if _IN_FORM.fullmatch(quick):
        return quick
    # A voicing mark behind a half-width letter joins only after that letter was widened, hence the two rounds.
    wide = unicodedata.normalize("NFKC", text.replace("ﾞ", "\u3099").replace("ﾟ", "\u309a").translate(_MARKS))
    wide = unicodedata.normalize("NFKC", wide.translate(_HIRAGANA))
    wide = wide.replace("\u3099", "").replace("\u309a", "")  # marks that voice nothing
    # A dash behind a kana is a long mark, anywhere else it only parts words.
    parted = _BETWEEN.sub(" ", wide)
    joined = _DASH.sub(" ", _LONG_MARK.sub(lambda run: "ー" * len(run.group()), parted))
    return " ".join(joined.split())


# Readings repeat (a surname in every row of a family), so the small forms are remembered.
@lru_cache(maxsize=200_000)
def kana_key(text: str) -> str:
    """The compared form of a reading: no spaces, long marks or small letters; ヅ=ズ, ヂ=ジ, ヲ=オ, ヴ=ブ."""
    kept = unicodedata.normalize("NFKC", katakana(text).replace(" ", "").replace("ー", ""))
    kept = kept.translate(_LARGE)
    # ヴァ and バ are one sound, also where the small vowel was enlarged (ヴア).
    if "ヴ" in kept:
        for pair, sound in (("ヴア", "バ"), ("ヴイ", "ビ"), ("ヴエ", "ベ"), ("ヴオ", "ボ")):
            kept = kept.replace(pair, sound)
    return kept.translate(_SAME_SOUND)


def sound_key(text: str) -> str:
    """A coarser form that also joins ナカジマ/ナカシマ and オウ/オオ/オー: for neighbours, never as proof."""
    return sound_of_key(kana_key(text))


def sound_of_key(key: str) -> str:
    """The sound key of a reading that is a kana key already."""
    return _LONG_VOWEL.sub("", key.translate(_UNVOICED))
