"""What an agreement of a granularity can name of a holder's extracts, by the city's folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tsunagu.errors import SourceError
from tsunagu.indicators.load import load_definitions
from tsunagu.municipality import City, load_city
from tsunagu.purposes.agreement import GRANULARITIES, Wanted
from tsunagu.purposes.linked_forms import (
    OF_REGISTER,
    OF_ROSTER,
    identity_definitions,
    linking_definitions,
    resident_definitions,
)
from tsunagu.screening.agreeable import shared_indicators, wanted_indicators, wanted_items, wanted_of
from tsunagu.sources.spec_loading import load_items
from tsunagu.text.tomlfile import nearest


@dataclass(frozen=True)
class Agreeable:
    """wanted: as an agreement names it; shared: indicators that rest on others' items too -> whose."""

    wanted: tuple[Wanted, ...]
    shared: Mapping[str, Sequence[str]] = field(default_factory=dict)


def agreeable(folder: Path, extracts: Collection[str], granularity: str, *, named: bool = False) -> Agreeable:
    """What can be agreed of these extracts; SourceError where an option is wrong, or there is nothing of that kind."""
    if granularity not in GRANULARITIES:
        raise SourceError(
            f"there is no granularity '{granularity}'", where="--granularity", to_do=nearest(granularity, GRANULARITIES)
        )
    if named and granularity != "item":
        raise SourceError("--named goes with items alone", where="--named", to_do="Give --granularity item with it.")
    city = load_city(folder)
    known = {one.holder for one in city.sources.tables()}
    for extract in extracts:
        if extract not in known:
            raise SourceError(
                f"the city has no source of an extract '{extract}'", where="--extracts", to_do=nearest(extract, known)
            )
    found = _named(city, extracts) if named else _of(city, extracts, granularity)
    if not found.wanted:
        lacking = sorted({holder for holders in found.shared.values() for holder in holders})
        others = f"What there is rests on items of {', '.join(lacking)} too. " if lacking else ""
        raise SourceError(
            f"nothing can be agreed of these extracts as '{granularity}'",
            where="--extracts",
            to_do=f"{others}Name all extracts of the holder, or another granularity.",
        )
    return found


def _named(city: City, extracts: Collection[str]) -> Agreeable:
    of_register = OF_REGISTER if city.link_rules.register in extracts else ()
    of_roster = OF_ROSTER if city.link_rules.roster in extracts else ()
    return Agreeable(wanted_of(identity_definitions((*of_register, *of_roster))))


def _of(city: City, extracts: Collection[str], granularity: str) -> Agreeable:
    items = load_items(city.folder)
    if granularity == "item":
        return Agreeable(wanted_items(items, extracts))
    if granularity == "linkage":
        return Agreeable(wanted_of(linking_definitions(extracts)))
    if granularity == "residents":
        return Agreeable(wanted_of(resident_definitions()) if city.link_rules.register in extracts else ())
    defined = load_definitions(city.criteria_path, items)
    given = (city.criteria, defined, items, extracts)
    return Agreeable(wanted_indicators(*given), shared_indicators(*given))
