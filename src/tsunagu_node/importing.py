"""Brings a department's extracts into its node's own store: only what an agreement in force needs leaves them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from tsunagu.errors import StateError
from tsunagu.indicators.load import Definitions
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.records.catalogue import Catalogue, CatalogueItem
from tsunagu.sources.absence import absences, file_sentences
from tsunagu.sources.delivery import Delivery, read_delivery
from tsunagu.sources.spec import CitySources
from tsunagu_node.store import Brought, Store


@dataclass(frozen=True)
class Imported:
    """What came of one import, in counts and sentences. items: those that were read."""

    on: date
    items: tuple[str, ...]
    records: int
    set_aside: int
    sentences: tuple[str, ...]

    def lines(self) -> list[str]:
        """For a person."""
        return [
            f"{self.on.isoformat()}: {self.records:,} records were brought in, {self.set_aside:,} rows were set aside",
            f"items that agreements need: {', '.join(self.items) or 'none'}",
            *self.sentences,
        ]


def items_needed(
    agreements: Iterable[SharingAgreement],
    computed: Definitions,
    items: Mapping[str, CatalogueItem],
    own: Collection[str],
) -> tuple[str, ...]:
    """Every item that an agreement of this holder needs: agreed as it is, or read by an agreed indicator.

    own  extracts of this holder; an item of another holder is none of its own
    """
    needed: set[str] = set()
    for agreement in agreements:
        wanted = {one.id for one in agreement.wanted}
        if agreement.granularity == "item":
            needed |= wanted
        elif agreement.granularity in ("indicator", "aggregate"):
            needed |= set(computed.of(wanted).items)
        if agreement.granularity == "residents":
            needed |= {"residence", "move", "address_suppression"}
    return tuple(sorted(id for id in needed if id in items and items[id].holder in own))


def import_extracts(
    extracts: Path, on: date, store: Store, sources: CitySources, catalogue: Catalogue, own: Collection[str]
) -> Imported:
    """Reads the extracts of a day and keeps them, sealed; what was kept of the same day before is replaced.

    sources    the city's, for the items that are needed; catalogue: these items
    own        extracts of this holder; what others hold does not belong into its folder, and is not kept
    raises     StateError where the delivery is of another day or holds nothing of this holder's, SourceError where the
               folder cannot be read
    """
    mine = replace(sources, specs=tuple(one for one in sources.specs if one.holder in own or one.kind == "slip"))
    delivery = read_delivery(extracts, mine, catalogue, on)
    # A slip may list what other holders deliver to a city as well: that it did not come here is no matter of this one.
    delivery = replace(delivery, accounts=tuple(one for one in delivery.accounts if one.holder in (*own, "")))
    if delivery.as_of is not None and delivery.as_of != on:
        raise StateError(
            f"the delivery is of {delivery.as_of}, and was to be of {on}",
            where=str(extracts),
            to_do=f"Use --on {delivery.as_of}, or ask for the delivery of the other day.",
        )
    if not delivery.records.num_rows:
        raise StateError(
            "no record of this holder's extracts could be brought in",
            where=str(extracts),
            to_do="Name the folder of this holder's own extracts, and check that an agreement in force needs an item. "
            "What was kept before is still there.",
        )
    absent = tuple(one for one in absences(mine, delivery, on) if one.item in catalogue.items)
    store.bring(Brought(on, delivery.records, delivery.facts, absent, delivery.schools))
    return Imported(on, tuple(sorted(catalogue.items)), *_counts(delivery), tuple(file_sentences(delivery)))


def _counts(delivery: Delivery) -> tuple[int, int]:
    return delivery.records.num_rows, sum(account.set_aside for account in delivery.accounts)
