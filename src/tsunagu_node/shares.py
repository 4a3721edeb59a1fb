"""Whether an extract joins as many residents as it may be expected to: what no key shows is a mistaken column.

Where the column of numbers is another one, or names stand in the wrong one, records are linked with nobody, and each
of them would be a child of its own to whoever judges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.errors import SourceError

#: An extract of fewer identities says nothing by its share.
_ENOUGH = 20
#: Least share of an extract that was never linked before; of one that was, this part of the share it had then.
_LEAST, _LEAST_OF_BEFORE = 0.1, 0.5


@dataclass(frozen=True)
class Share:
    """Of so many identities of an extract, how many were linked with the register."""

    linked: int
    identities: int

    @property
    def part(self) -> float:
        """From 0 to 1; of no identity all."""
        return self.linked / self.identities if self.identities else 1.0


def shares_of(answers: Mapping[str, pa.Table]) -> dict[str, Share]:
    """`organisation|extract` -> share, of KEYED_ANSWERS."""
    return {
        name: Share(pc.sum(pc.equal(table.column("state"), "linked"), min_count=0).as_py() or 0, table.num_rows)
        for name, table in answers.items()
    }


def require_shares(now: Mapping[str, Share], before: Mapping[str, Share]) -> None:
    """SourceError that names every extract which joins almost nobody, or far fewer than when it was linked before."""
    few = []
    for name, share in sorted(now.items()):
        seen = before.get(name)
        known = seen is not None and seen.identities >= _ENOUGH
        least = _LEAST_OF_BEFORE * seen.part if seen is not None and known else _LEAST
        if share.identities >= _ENOUGH and share.part < least:
            organisation, _, extract = name.partition("|")
            told = f", and {seen.linked:,} of {seen.identities:,} before" if seen is not None and known else ""
            few.append(f"{organisation} {extract}: {share.linked:,} of {share.identities:,} were linked{told}")
    if few:
        raise SourceError(
            "an extract joins almost nobody of the register",
            where="; ".join(few),
            to_do="Let its holder see whether the columns of numbers, names and birth dates are read as they should "
            "be, bring it in again, and link again. Where it is right, say so: --joins-few EXTRACT. Nothing was kept.",
        )
