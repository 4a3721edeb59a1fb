"""That everything to be joined was made with one key: else the same child has two tokens, and is taken for two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tsunagu.errors import PurposeError
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.tokens import KeyMark

#: Of a mark, so many signs are shown: enough to tell two keys apart on the telephone.
_SHOWN = 8


def shown(mark: KeyMark) -> str:
    """A key for a person: what it is of, and the beginning of its mark."""
    return f"{mark.of or 'no key'} ({mark.mark[:_SHOWN] or 'none'})"


def require_one_key(answers: Iterable[tuple[SharingAgreement, KeyMark]]) -> None:
    """PurposeError that says which holder used which key, where answers that are to be joined were made with several.

    Whoever joins has none of these keys; the marks alone tell.
    """
    holders: dict[KeyMark, set[str]] = defaultdict(set)
    for agreement, mark in answers:
        holders[mark].add(agreement.holder)
    if len(holders) > 1:
        said = "; ".join(f"{', '.join(sorted(who))}: {shown(mark)}" for mark, who in _fewest_last(holders))
        raise PurposeError(
            "the holders' answers were made with several keys, and cannot be joined child by child",
            where=said,
            to_do="Let the keeper of the link key give the key of this join set and purpose to the holder with "
            "another one than the rest: tsunagu node group-key. Then ask again. Nothing was kept.",
        )


def _fewest_last(holders: dict[KeyMark, set[str]]) -> list[tuple[KeyMark, set[str]]]:
    return sorted(holders.items(), key=lambda one: (-len(one[1]), sorted(one[1])))
