"""Header words and code words in one form, so that full width, blanks and line breaks make no difference."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NOISE = re.compile(r"[\s\u3000\"'\ufeff\u200b\x00]+")
_UNSEEN = re.compile(r"[\ufeff\u200b\x00]+")


@lru_cache(maxsize=100_000)
def fold_word(word: str) -> str:
    """NFKC, no blanks, no quotes, lower case."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", word)).lower()


@lru_cache(maxsize=100_000)
def fold_text(cell: str) -> str:
    """NFKC, outer blanks, NUL and signs without width removed; inner text as written."""
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", cell)).strip()
