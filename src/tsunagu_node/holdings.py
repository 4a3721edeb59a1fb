"""What a node can be asked for: its own snapshots, its catalogue's items, and indicators by agreed definitions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.engines.duck import workbench
from tsunagu.indicators.calendar import completed_months
from tsunagu.indicators.definition import definition_hash, item_hash
from tsunagu.indicators.load import Definitions
from tsunagu.indicators.measure import measure
from tsunagu.purposes.agreement import Cohort
from tsunagu.records.catalogue import CatalogueItem
from tsunagu_node.store import Snapshot, Store

#: Version of items: their meaning has no number of its own, so its hash alone tells one from another.
ITEM_VERSION = "1"
_MONTHS = 12


@dataclass
class OwnHoldings:
    """`purposes.answering.Holdings` over a node's own store.

    items        the catalogue items that this holder holds
    definitions  indicators that it computes, each by its id and the version of the file it stands in
    """

    store: Store
    items: Mapping[str, CatalogueItem]
    computed: Definitions
    _opened: Snapshot | None = field(default=None, repr=False)

    def definitions(self) -> Mapping[tuple[str, str], str]:
        """(id, version) -> hash, of every item held and every indicator computed here."""
        found = {(item.id, ITEM_VERSION): item_hash(item) for item in self.items.values()}
        for one in self.computed.indicators:
            found[one.id, self.computed.version] = definition_hash(self.computed, one.id, self.items)
        return found

    def children(self, cohort: Cohort, on: date) -> Collection[str]:
        """Residents of that age, in whole years, on the day."""
        columns = ("person_id", "birth_date", "register_state", "resident_from", "resident_until")
        rows = zip(*(self._snapshot(on).persons.column(name).to_pylist() for name in columns), strict=True)
        return [
            id
            for id, born, state, since, until in rows
            if born is not None
            and born <= on
            and state != "absent"
            and (since is None or since <= on)
            and (until is None or until > on)
            and cohort.age_from <= completed_months(born, on) // _MONTHS <= cohort.age_to
        ]

    def protected(self, on: date) -> Collection[str]:
        """Those whose address is protected, as far as this holder knows."""
        return self._snapshot(on).protected

    def facts(self, items: Collection[str], on: date) -> pa.Table:
        """PERSON_FACTS of these items."""
        facts = self._snapshot(on).facts
        return facts.filter(pc.is_in(facts.column("item"), pa.array(sorted(items), pa.string())))

    def indicators(self, ids: Collection[str], on: date) -> pa.Table:
        """INDICATORS of these on the day, by this holder's own definitions."""
        snapshot, asked = self._snapshot(on), self.computed.of(set(ids))
        with workbench() as bench:
            table = measure(bench, snapshot.persons, snapshot.facts, asked, asked.items, on)
        return table.filter(pc.is_in(table.column("indicator"), pa.array(sorted(ids), pa.string())))

    def _snapshot(self, on: date) -> Snapshot:
        day = max((day for day in self.store.days() if day <= on), default=None)
        if self._opened is None or self._opened.on != day:
            self._opened = self.store.newest(on)
        return self._opened
