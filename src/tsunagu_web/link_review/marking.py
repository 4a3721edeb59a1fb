"""Two texts side by side: which characters differ, and one word for the whole, which needs no colour to be read."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from tsunagu.text.variants import fold_variants

Word = Literal["agrees", "other_form", "differs", "not_known"]
# A sign with the marks that belong to it: 葛 with its variation selector, カ with a separate dakuten.
_SIGN = re.compile(r"[^\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef]?"
                   r"[\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef]*")  # fmt: skip


@dataclass(frozen=True)
class Part:
    """A piece of a text; `differs`: not so on the other side."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Compared:
    """Both texts in pieces; empty where a side says nothing.

    word  agrees | other_form (the same in other forms of the characters) | differs | not_known (a side says nothing)
    """

    left: tuple[Part, ...]
    right: tuple[Part, ...]
    word: Word


def compare(left: str | None, right: str | None) -> Compared:
    """Compares two texts as written, one blank between their words."""
    one, other = _written(left), _written(right)
    if not one or not other:
        return Compared(_whole(one), _whole(other), "not_known")
    a, b = _signs(one), _signs(other)
    left_parts, right_parts = [], []
    for kind, i1, i2, j1, j2 in SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
        left_parts += _whole("".join(a[i1:i2]), differs=kind != "equal")
        right_parts += _whole("".join(b[j1:j2]), differs=kind != "equal")
    if one == other:
        word: Word = "agrees"
    else:
        word = "other_form" if _folded(one) == _folded(other) else "differs"
    return Compared(tuple(left_parts), tuple(right_parts), word)


def _whole(text: str, *, differs: bool = False) -> tuple[Part, ...]:
    return (Part(text, differs),) if text else ()


def _written(text: str | None) -> str:
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def _signs(text: str) -> list[str]:
    return [sign for sign in _SIGN.findall(text) if sign]


def _folded(text: str) -> str:
    return fold_variants(unicodedata.normalize("NFKC", text)).replace(" ", "")
