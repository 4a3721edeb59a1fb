"""Brings a department's extracts into its node's own store: only what an agreement in force needs leaves them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from tsunagu.audit.entry import Entry
from tsunagu.errors import StateError
from tsunagu.indicators.load import Definitions
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.records.catalogue import Catalogue, CatalogueItem
from tsunagu.sources.absence import absences, file_sentences
from tsunagu.sources.delivery import Delivery, read_delivery
from tsunagu.sources.spec import CitySources
from tsunagu_node.log import Log, moment
from tsunagu_node.store import Brought, Store


@dataclass(frozen=True)
class Into:
    """Where extracts are brought. log: of the node; by: the account that calls, such as uid:1003."""

    store: Store
    log: Log
    by: str
    clock: Callable[[], datetime]

    def bring(self, delivery: Delivery, brought: Brought) -> None:
        """Kept, with who brought which files: each before anything is kept, and their counts once it is.

        A file has its hash and no name: names of files are free text. An import that failed in between has the first.
        """
        spec_of = {account.file: account.spec for account in delivery.accounts}
        day = {"on": brought.on.isoformat()}
        for one in delivery.inputs:
            read: dict[str, str | int] = {"sha256": one.sha256, "bytes": one.size}
            file = read if one.sha256 else {"unreadable": "yes"}
            self._note("importing", f"extract:{spec_of.get(one.path) or 'unknown'}", {**day, **file})
        self.store.bring(brought)
        records, set_aside = _counts(delivery)
        counts = {"files": len(delivery.inputs), "records": records, "set_aside": set_aside}
        self._note("imported", "extracts", {**day, **counts})

    def _note(self, action: str, object: str, detail: Mapping[str, str | int]) -> None:
        at = moment(self.clock())
        self.log.append(Entry(at, self.by, "operator", action, object, "none", detail=detail))


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
    extracts: Path, on: date, into: Into, sources: CitySources, catalogue: Catalogue, own: Collection[str]
) -> Imported:
    """Reads the extracts of a day and keeps them, sealed; what was kept of the same day before is replaced. Who brought
    which files stands in the log.

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
    into.bring(delivery, Brought(on, delivery.records, delivery.facts, absent, delivery.schools))
    return Imported(on, tuple(sorted(catalogue.items)), *_counts(delivery), tuple(file_sentences(delivery)))


def _counts(delivery: Delivery) -> tuple[int, int]:
    return delivery.records.num_rows, sum(account.set_aside for account in delivery.accounts)
