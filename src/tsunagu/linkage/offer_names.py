"""Names of children whose families may be offered support: those, and nobody who lives with them.

The family is written to by the child's name, so no adult stands here. Whether a letter may go to the address is
answered, and the address itself is not here.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.linkage.identities import identities
from tsunagu.records.run_tables import OFFER_NAMES
from tsunagu.suppression.spread import Suppressed, is_household

_NAMED = tuple(column for column in OFFER_NAMES.names if column != "letter")


def offer_names(
    *,
    records: pa.Table,
    links: pa.Table,
    persons: pa.Table,
    wanted: Collection[str],
    suppressed: Suppressed,
    ties: Mapping[str, Mapping[str, bool]],
    school_names: Mapping[str, str],
    on: dt.date,
) -> pa.Table:
    """OFFER_NAMES of the wanted children on the day `on`.

    records, links  SOURCE_RECORDS and LINKS
    persons         PERSONS; who has moved out on or before `on` lives at no address here
    suppressed      whose address nobody may write to
    ties            person -> household or place -> whether it holds now (`whereabouts`)
    """
    found = identities(
        records=records,
        links=links,
        persons=persons,
        noticed=wanted,
        suppressed=suppressed,
        school_names=school_names,
        on=on,
    )
    mine = found.filter(found.column("is_noticed"))
    alone = _alone(persons, ties, on)
    letter = [
        address is not None and person_id in alone
        for person_id, address in zip(
            mine.column("person_id").to_pylist(), mine.column("address").to_pylist(), strict=True
        )
    ]
    return OFFER_NAMES.sorted(mine.select(list(_NAMED)).append_column("letter", pa.array(letter, pa.bool_())))


def _alone(persons: pa.Table, ties: Mapping[str, Mapping[str, bool]], on: dt.date) -> frozenset[str]:
    """Persons with one place to live, where nobody of another household lives, as far as any register knows."""
    until = persons.column("resident_until")
    still_here = persons.filter(pc.or_kleene(pc.is_null(until), pc.greater(until, pa.scalar(on, pa.date32()))))
    here = still_here.column("person_id").to_pylist()
    household = dict(zip(here, still_here.column("household_id").to_pylist(), strict=True))
    places = {p: [t for t, is_now in ties.get(p, {}).items() if is_now and not is_household(t)] for p in here}
    lives: dict[str, set[str]] = defaultdict(set)
    for person_id in here:
        for place in places[person_id]:
            # Somebody without a household is one of their own.
            lives[place].add(household[person_id] or person_id)
    return frozenset(p for p in here if len(places[p]) == 1 and len(lives[places[p][0]]) == 1)
