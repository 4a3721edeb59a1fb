"""What changed between two versions of a text, in pieces that a reader of Japanese can follow.

Compared are sentences first, and within a changed one its words: runs of one script, since Japanese has no blanks. A
common sign between two changes is taken into them, or the eye would meet confetti.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from django.utils.functional import Promise

SAME, GONE, ADDED = "same", "gone", "added"
_SENTENCE = re.compile(r"[^。\n]*(?:。|\n)|[^。\n]+")
_WORD = re.compile(r"[々〆一-鿿]+|[ぁ-ゖ]+|[ァ-ヺー]+|[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]+|.", re.DOTALL)
# Two texts of this many words against as many are compared at once; longer ones as a whole: the comparison is squared.
_MOST = 1_000_000
_ISLAND = 2


@dataclass(frozen=True)
class Piece:
    kind: str
    text: str


@dataclass(frozen=True)
class Change:
    """One field of two versions. pieces: empty where neither says anything."""

    name: str | Promise
    pieces: tuple[Piece, ...]

    @property
    def is_changed(self) -> bool:
        return any(piece.kind != SAME for piece in self.pieces)


def change(name: str | Promise, before: object, after: object) -> Change:
    """A field by its name, and what became of it; None and an empty text say nothing."""
    return Change(name, pieces_of(str(before or ""), str(after or "")))


def pieces_of(before: str, after: str) -> tuple[Piece, ...]:
    """Pieces that give `before` without the added ones, and `after` without the gone ones."""
    before, after = before.replace("\r\n", "\n"), after.replace("\r\n", "\n")
    found: list[Piece] = []
    for old, new in _blocks(_SENTENCE.findall(before), _SENTENCE.findall(after)):
        found += [Piece(SAME, old)] if old == new else _within(old, new)
    return tuple(_joined(found))


def _within(old: str, new: str) -> list[Piece]:
    words = _WORD.findall(old), _WORD.findall(new)
    if len(words[0]) * len(words[1]) > _MOST:
        return _both(old, new)
    pieces: list[Piece] = []
    for left, right in _blocks(*words):
        pieces += [Piece(SAME, left)] if left == right else _both(left, right)
    return _without_islands(pieces)


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from zip(old[a:b], new[c:d], strict=True)
        else:
            yield "".join(old[a:b]), "".join(new[c:d])


def _both(old: str, new: str) -> list[Piece]:
    return [Piece(kind, text) for kind, text in ((GONE, old), (ADDED, new)) if text]


def _without_islands(pieces: list[Piece]) -> list[Piece]:
    """What is the same for no more than two signs between two changes stands with them, once gone and once added."""
    kept: list[Piece] = []
    runs = [(is_same, list(run)) for is_same, run in groupby(pieces, lambda piece: piece.kind == SAME)]
    for place, (is_same, run) in enumerate(runs):
        is_island = is_same and 0 < place < len(runs) - 1 and sum(len(piece.text) for piece in run) <= _ISLAND
        kept += [Piece(kind, p.text) for p in run for kind in (GONE, ADDED)] if is_island else run
    return kept


def _joined(pieces: list[Piece]) -> Iterator[Piece]:
    """What is gone in one piece, then what was added in one piece, between what is the same."""
    for is_same, run in groupby(pieces, lambda piece: piece.kind == SAME):
        texts = {SAME: "", GONE: "", ADDED: ""}
        for piece in run:
            texts[piece.kind] += piece.text
        for kind in (SAME,) if is_same else (GONE, ADDED):
            if texts[kind]:
                yield Piece(kind, texts[kind])
