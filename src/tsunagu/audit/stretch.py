"""The rows under one signed head: their hashes, computed anew from the rows, beside what was signed.

A new head builds on the peaks of the head before and reads no older row. So a row that was written anew under a head
that stays as it is contradicts nothing until somebody computes its hash again: the log's own node, or a peer to whom
the hashes are shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from tsunagu.audit.heads import PRINT_BYTES, SignedHead
from tsunagu.audit.merkle import Frontier

HASH_BYTES = 32


def first_other_row(head: SignedHead, before: SignedHead | None, hashes: Sequence[bytes]) -> int:
    """The first row under a head whose hash is not the one that was signed; 0 where all are.

    head, before  each whole (is_whole), and `head` the one after `before`; None: the first of all
    hashes        of the rows from `head.first` on, in order; one that is missing counts as another
    """
    count = head.rows - head.first + 1
    for place, hash in enumerate(hashes[:count]):
        if hash[:PRINT_BYTES] != head.prints[PRINT_BYTES * place : PRINT_BYTES * (place + 1)]:
            return head.first + place
    if len(hashes) != count:
        return head.first + min(len(hashes), count)
    tree = Frontier(before.rows, map(bytes.fromhex, before.peaks)) if before else Frontier()
    for hash in hashes:
        tree.append(hash)
    # The prints are a part of each hash and the root is over all of it: where it alone differs, no row can be named.
    return 0 if tree.root().hex() == head.root else head.first
