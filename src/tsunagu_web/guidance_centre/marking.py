"""Third parties in what was told: marked where they are named, so that nobody hands them on unseen."""

from __future__ import annotations

import re


def marked(text: str, third_parties: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it names a third party. third_parties: one a line; longer names first."""
    names = sorted({line.strip() for line in third_parties.splitlines() if line.strip()}, key=len, reverse=True)
    if not names:
        return [(text, False)]
    pieces = re.split(f"({'|'.join(map(re.escape, names))})", text)
    return [(piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece]


def bracketed(text: str, third_parties: str, mark: str) -> str:
    """The text with every third party inside a mark, for paper. mark: with {0} for the name."""
    return "".join(mark.format(piece) if is_third else piece for piece, is_third in marked(text, third_parties))


def without(text: str, third_parties: str, instead: str) -> str:
    """The text with these words instead of every third party."""
    return "".join(instead if is_third else piece for piece, is_third in marked(text, third_parties))
