"""What a node can be asked for: its own snapshots, its catalogue's items, and indicators by agreed definitions."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.engines.duck import workbench
from tsunagu.errors import StateError
from tsunagu.indicators.calendar import completed_months
from tsunagu.indicators.definition import ITEM_VERSION, definition_hash, item_hash
from tsunagu.indicators.load import Definitions
from tsunagu.indicators.measure import measure
from tsunagu.purposes.agreement import LINKING, Cohort
from tsunagu.purposes.answering import Parts, Source
from tsunagu.purposes.grant import Grant
from tsunagu.purposes.tokens import NO_KEY, KeyMark
from tsunagu.records.catalogue import CatalogueItem
from tsunagu.records.stage_tables import PERSON_FACTS
from tsunagu_node.linking import Linking, found_for
from tsunagu_node.naming import Naming
from tsunagu_node.sealed_tables import tables_sha256
from tsunagu_node.store import Snapshot, Store

_MONTHS = 12


@dataclass
class OwnHoldings:
    """`purposes.answering.Holdings` over a node's own store.

    items        the catalogue items that this holder holds
    definitions  indicators that it computes, each by its id and the version of the file it stands in
    linking      how its records are linked; None where it takes part in no linkage
    naming       what it can tell of named persons; None where it names nobody
    """

    store: Store
    items: Mapping[str, CatalogueItem]
    computed: Definitions
    linking: Linking | None = None
    naming: Naming | None = None
    _opened: Snapshot | None = field(default=None, repr=False)
    _mark: object = field(default=None, repr=False)
    _opening: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def source(self, grant: Grant) -> Source:
        """The newest extracts of the day or before it; StateError where there are none, or newer ones to be linked."""
        brought = self.store.brought_days()
        if grant.agreement.granularity in LINKING:
            on = max((day for day in brought if day <= grant.on), default=None)
            if on is None:
                raise StateError(
                    f"no extracts of {grant.on.isoformat()} or before it have been brought in",
                    to_do="Let the holder bring them in first: tsunagu node import. Nothing is used up.",
                )
            return self._linking_source(grant, on, brought[-1])
        snapshot = self.snapshot(grant.on)
        newer = [day for day in brought if snapshot.on < day <= grant.on]
        if newer:
            raise StateError(
                f"the extracts of {newer[-1].isoformat()} have been brought in, and not been linked yet",
                to_do="Let the register's holder link first, then this one: tsunagu node link. Nothing is used up.",
            )
        if snapshot.on in brought and snapshot.made_of:
            snapshot.require_of_import(self.store.made_of(snapshot.on))
        return Source(snapshot.on, self.store.days()[-1], snapshot.sha256)

    def _linking_source(self, grant: Grant, on: date, newest: date) -> Source:
        """Of what is sent to be linked, or is told of what was found."""
        made_of = self.store.made_of(on)
        if grant.agreement.granularity == "linkage":
            return Source(on, newest, made_of, is_made=self.store.is_numbered(on))
        found = None if self.linking is None else self.store.answers(self.store.brought(on))
        if found is None:
            return Source(on, newest, f"{made_of} not linked")
        told = found_for(grant.agreement.requester, *found)
        tables = {f"{extract}|{part}": table for (extract, part), table in told.items()}
        return Source(on, newest, f"{self.snapshot(on).sha256} {tables_sha256(tables)}")

    def definitions(self) -> Mapping[tuple[str, str], str]:
        """(id, version) -> hash, of all that may be asked for here."""
        found = {(item.id, ITEM_VERSION): item_hash(item) for item in self.items.values()}
        for one in self.computed.indicators:
            # Who lacks an item of an indicator would answer that nothing is known, of everybody.
            if set(self.computed.of({one.id}).items) <= set(self.items):
                found[one.id, self.computed.version] = definition_hash(self.computed, one.id, self.items)
        for part in (self.linking, self.naming):
            found |= part.definitions() if part is not None else {}
        return found

    def children(self, cohort: Cohort, on: date) -> Collection[str]:
        """Residents of that age, in whole years, on the day."""
        columns = ("person_id", "birth_date", "register_state", "resident_from", "resident_until")
        rows = zip(*(self.snapshot(on).persons.column(name).to_pylist() for name in columns), strict=True)
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

    def protected(self, on: date) -> Collection[str] | None:
        """Those whose address is protected; None at every holder but the register's, which alone knows them."""
        return self.snapshot(on).protected

    def facts(self, items: Collection[str], on: date) -> pa.Table:
        """PERSON_FACTS of these items."""
        facts = self.snapshot(on).facts
        return facts.filter(pc.is_in(facts.column("item"), pa.array(sorted(items), pa.string())))

    def indicators(self, ids: Collection[str], on: date) -> pa.Table:
        """INDICATORS of these on the day, by this holder's own definitions."""
        snapshot, asked = self.snapshot(on), self.computed.of(set(ids))
        with workbench() as bench:
            table = measure(bench, snapshot.persons, snapshot.facts, asked, asked.items, on)
        return table.filter(pc.is_in(table.column("indicator"), pa.array(sorted(ids), pa.string())))

    def households(self, ids: Collection[str], on: date) -> Collection[str]:
        """Those who live with these on the day, these among them."""
        rows = self.snapshot(on).persons.select(["person_id", "household_id", "resident_until"]).to_pylist()
        homes = {one["household_id"] for one in rows if one["person_id"] in ids} - {None}
        living = (one for one in rows if one["resident_until"] is None or one["resident_until"] > on)
        return {*ids, *(one["person_id"] for one in living if one["household_id"] in homes)}

    def identity(self, fields: Collection[str], ids: Collection[str], on: date) -> pa.Table:
        """What this holder can tell of named persons; nothing where it names nobody.

        raises  StateError where the extracts were brought in anew after they were linked
        """
        if self.naming is None:
            return PERSON_FACTS.empty()
        snapshot = self.snapshot(on)
        # Newer extracts that are not linked yet name nobody: the records are those whose links these are.
        brought = self.store.brought(snapshot.on)
        snapshot.require_of(brought)
        return self.naming.identity(fields, ids, snapshot, brought)

    def keyed(self, extracts: Collection[str], on: date) -> Parts:
        """The records of these extracts as linkage takes them; no table where this holder takes part in none."""
        return {} if self.linking is None else self.linking.keyed(extracts, on)

    def round_mark(self) -> KeyMark:
        """Of the key with which these are made; NO_KEY where this holder takes part in no linkage."""
        return NO_KEY if self.linking is None else self.linking.round_key.mark

    def residents(self, columns: Collection[str], cohort: Cohort, requester: str, on: date) -> Parts | None:
        """What the register's holder tells a holder whose records it linked; None where it has not."""
        return None if self.linking is None else self.linking.residents(columns, cohort, requester, on)

    def snapshot(self, on: date) -> Snapshot:
        """The newest snapshot of a day or before it."""
        # Answers of several days may be made at a time: each is given the one that it asked for.
        with self._opening:
            mark = self.store.mark(on)
            if self._opened is None or mark != self._mark:
                self._opened, self._mark = self.store.newest(on), mark
            return self._opened
