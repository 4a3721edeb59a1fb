"""What can be agreed of a holder's data, as an agreement writes it: version, hash of its meaning, deciding bands.

Both sides read it from the city's folder, so that neither works out a hash by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tsunagu.indicators.definition import ITEM_VERSION, definition_hash, item_hash
from tsunagu.indicators.load import Definitions
from tsunagu.purposes.agreement import Wanted
from tsunagu.records.catalogue import CatalogueItem
from tsunagu.screening.banded import deciding_bands
from tsunagu.screening.criteria import Criteria, comparisons


def wanted_indicators(
    criteria: Criteria, defined: Definitions, items: Mapping[str, CatalogueItem], extracts: Collection[str]
) -> tuple[Wanted, ...]:
    """Indicators that the criteria compare and that rest on the items of these extracts alone, with deciding bands."""
    own = {id for id, item in items.items() if item.holder in extracts}
    return tuple(
        Wanted(one.id, defined.version, definition_hash(defined, one.id, items), deciding_bands(criteria, one))
        for one in defined.indicators
        if one.id in _compared(criteria) and (read := set(defined.of({one.id}).items)) and read <= own
    )


def shared_indicators(
    criteria: Criteria, defined: Definitions, items: Mapping[str, CatalogueItem], extracts: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Indicators that rest on items of these extracts and of others too -> whose items they lack."""
    own = {id for id, item in items.items() if item.holder in extracts}
    found = {}
    for one in defined.indicators:
        read = set(defined.of({one.id}).items)
        if one.id in _compared(criteria) and read & own and not read <= own:
            found[one.id] = tuple(sorted({items[id].holder for id in read - own}))
    return found


def wanted_items(items: Mapping[str, CatalogueItem], extracts: Collection[str]) -> tuple[Wanted, ...]:
    """The items of these extracts, to be answered as they are."""
    return tuple(
        Wanted(item.id, ITEM_VERSION, item_hash(item), ()) for item in items.values() if item.holder in extracts
    )


def wanted_of(definitions: Mapping[tuple[str, str], str]) -> tuple[Wanted, ...]:
    """What stands in a table of definitions, (id, version) -> hash, without bands."""
    return tuple(Wanted(id, version, sha256, ()) for (id, version), sha256 in definitions.items())


def _compared(criteria: Criteria) -> set[str]:
    return {leaf.indicator for sign in criteria.signs for leaf in comparisons(sign.when)}
