"""What is answered to a grant: the holder's own rows, with tokens for ids and bands for numbers; then the gate.

The three granularities differ in the last step alone: rows as they are, rows in bands, or how many in each band.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.purposes.agreement import LINKING, Cohort, Wanted
from tsunagu.purposes.bands import read_bands
from tsunagu.purposes.gate import History, Released, release, release_parts
from tsunagu.purposes.grant import Grant, Refusal
from tsunagu.purposes.linked_forms import IDENTITY
from tsunagu.purposes.tokens import NO_KEY, JoinKey, KeyMark, Tokens, join_mark
from tsunagu.records.answer_tables import AGGREGATE_ANSWER, INDICATOR_ANSWER, ITEM_ANSWER

Parts = Mapping[tuple[str, str], pa.Table]
# What an answer in bands is made of, besides who it is about; rows are parted without the other columns.
_READ = ("indicator", "number", "number_at_worst", "text", "text_at_worst", "state", "as_of")
# A value outside every agreed band; no agreement can hold an empty text, so the gate refuses the answer.
_OUTSIDE = ""


@dataclass(frozen=True)
class Source:
    """Extracts that an answer is computed of.

    on      their day; newest: of the newest that there are, which may lie behind the day that is asked for
    sha256  changes with what an answer is computed of, and with nothing that whoever asks could do
    is_made whether what is kept here beside an answer is of these; else it is made again, whatever was told before
    """

    on: date
    newest: date
    sha256: str
    is_made: bool = True


class Holdings(Protocol):
    """What a holder holds. Persons are named by the id that the link group shares."""

    def source(self, grant: Grant) -> Source:
        """Of what an answer to this grant is computed.

        raises  StateError where there is nothing, or it was brought in and is not linked yet
        """

    def definitions(self) -> Mapping[tuple[str, str], str]:
        """(id, version) -> hash of the definition, of everything that may be asked for here."""

    def children(self, cohort: Cohort, on: date) -> Collection[str]:
        """Ids of the residents of that age on the day of whom this holder knows."""

    def protected(self, on: date) -> Collection[str] | None:
        """Ids of those whose address is protected on the day; None where this holder does not know them."""

    def facts(self, items: Collection[str], on: date) -> pa.Table:
        """PERSON_FACTS of these items, of everybody here, as they are known on the day."""

    def indicators(self, ids: Collection[str], on: date) -> pa.Table:
        """INDICATORS of these, of everybody here, on the day."""

    def households(self, ids: Collection[str], on: date) -> Collection[str]:
        """Those who live with these on the day, these among them."""

    def identity(self, fields: Collection[str], ids: Collection[str], on: date) -> pa.Table:
        """PERSON_FACTS of these persons with fields of linked_forms.IDENTITY as items; the address of all of them."""

    def keyed(self, extracts: Collection[str], on: date) -> Parts:
        """The records of these extracts as linkage takes them (linked_forms.LINKAGE_PARTS)."""

    def round_mark(self) -> KeyMark:
        """Of the key with which these are made; NO_KEY where this holder links nothing."""

    def residents(self, columns: Collection[str], cohort: Cohort, requester: str, on: date) -> Parts | None:
        """What the register's holder tells a holder whose records it linked (linked_forms.RESIDENT_PARTS).

        None where it has not linked them in the period of the day.
        """


def answer(grant: Grant, holdings: Holdings, key: JoinKey | None, history: History) -> Released | Refusal:
    """The answer as it may leave.

    key  of the agreement's join set and purpose; it stays here, tokens made with it go. Linkage needs none.
    """
    agreement = grant.agreement
    if agreement.granularity in LINKING:
        return _linking(grant, holdings)
    if key is None or (key.join_set, key.purpose) != (agreement.join_set, agreement.purpose):
        return Refusal("no_key")
    asked_about = set(holdings.children(grant.cohort, grant.on))
    protected = holdings.protected(grant.on)
    if protected is None:
        # Nobody found among those one does not know is not nobody.
        if agreement.suppression == "leave_out_person" or any(one.id == "address" for one in grant.wanted):
            return Refusal("protection_not_known")
        protected = ()
    if agreement.suppression == "leave_out_person":
        asked_about -= set(protected)
    if agreement.about == "named":
        if history.run is None:
            return Refusal("of_no_run", {"named": len(grant.named)})
        ids = sorted(asked_about)
        in_run = history.run.of(ids, Tokens(key, grant.period).of(ids))
        table = _named(grant, holdings, key, in_run, protected)
        return release(grant, table, len(in_run), history, join_mark(key, grant.period))
    if agreement.granularity == "item":
        held = holdings.facts([one.id for one in grant.wanted], grant.on)
        table = _items(_of(held, asked_about), grant, key)
    else:
        held = _of(holdings.indicators([one.id for one in grant.wanted], grant.on), asked_about)
        table = _counts(held, grant) if agreement.granularity == "aggregate" else _indicators(held, grant, key)
    return release(grant, table, len(asked_about), history, join_mark(key, grant.period))


def _linking(grant: Grant, holdings: Holdings) -> Released | Refusal:
    """Tables without tokens of answers, between a holder and the register's holder."""
    wanted = [one.id for one in grant.wanted]
    made_with = NO_KEY
    if grant.agreement.granularity == "linkage":
        made_with = holdings.round_mark()
        found: Parts | None = holdings.keyed(wanted, grant.on)
    else:
        found = holdings.residents(wanted, grant.cohort, grant.agreement.requester, grant.on)
    if found is None:
        return Refusal("not_linked_yet")
    persons = sum(table.num_rows for (_, part), table in found.items() if part in ("signatures", "residents"))
    return release_parts(grant, found, persons, made_with)


def _named(
    grant: Grant, holdings: Holdings, key: JoinKey, in_run: Mapping[str, bytes], protected: Collection[str]
) -> pa.Table:
    """Rows of the persons whom the request names, and of who lives with them where the household is agreed.

    in_run  of whom the holder answered in the run, each with the token; of anybody else nothing is told
    """
    found = {id for id, token in in_run.items() if token in grant.named}
    wanted = {one.id for one in grant.wanted}
    with_household = set(holdings.households(found, grant.on)) if "household" in wanted else set()
    facts = holdings.identity(sorted(wanted & set(IDENTITY)), sorted(found | with_household), grant.on)
    items = wanted - set(IDENTITY)
    if items:
        facts = pa.concat_tables([facts, _of(holdings.facts(sorted(items), grant.on), found)])
    hidden = pc.is_in(facts.column("person_id"), pa.array(sorted(protected), pa.string()))
    is_address = pc.equal(facts.column("item"), "address")
    return _items(facts.filter(pc.invert(pc.and_(is_address, hidden))), grant, key)


def _of(table: pa.Table, persons: Collection[str]) -> pa.Table:
    kept = pc.is_in(table.column("person_id"), pa.array(sorted(persons), pa.string()))
    # A city's table has a million rows: it is copied only where somebody is left out.
    return table if pc.all(kept, min_count=0).as_py() else table.filter(kept)


def _items(facts: pa.Table, grant: Grant, key: JoinKey) -> pa.Table:
    tokens = Tokens(key, grant.period).column(facts.column("person_id"))
    kept = [column.name for column in ITEM_ANSWER.columns if column.name != "token"]
    return facts.select(kept).add_column(0, "token", tokens).cast(ITEM_ANSWER.schema)


def _indicators(found: pa.Table, grant: Grant, key: JoinKey) -> pa.Table:
    parts = [INDICATOR_ANSWER.empty()]
    token = Tokens(key, grant.period).column(found.column("person_id"))
    found = found.select(_READ).append_column("token", token)
    for one, rows in _each(found, grant.wanted):
        columns = {
            "token": rows.column("token"),
            "indicator": rows.column("indicator"),
            "version": pa.repeat(pa.scalar(one.version, pa.string()), rows.num_rows),
            "band": _bands(one, rows.column("number"), rows.column("text")),
            "band_at_worst": _bands(one, rows.column("number_at_worst"), rows.column("text_at_worst")),
            "state": rows.column("state"),
            "as_of": rows.column("as_of"),
        }
        parts.append(pa.table(columns, schema=INDICATOR_ANSWER.schema))
    return pa.concat_tables(parts)


def _counts(found: pa.Table, grant: Grant) -> pa.Table:
    rows = []
    for one, part in _each(found, grant.wanted):
        bands = _bands(one, part.column("number"), part.column("text")).to_pylist()
        states = part.column("state").to_pylist()
        counted = Counter(band if state == "known" else state for band, state in zip(bands, states, strict=True))
        rows += [
            {"indicator": one.id, "version": one.version, "band": band, "children": n, "as_of": grant.on}
            for band, n in counted.items()
        ]
    return pa.Table.from_pylist(rows, schema=AGGREGATE_ANSWER.schema)


def _each(found: pa.Table, wanted: Iterable[Wanted]) -> Iterable[tuple[Wanted, pa.Table]]:
    for one in wanted:
        yield one, found.filter(pc.equal(found.column("indicator"), one.id))


def _bands(one: Wanted, numbers: pa.ChunkedArray, texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """The agreed band or code of each row; null where there is neither number nor text."""
    bands = read_bands(one.values)
    outside = pa.scalar(_OUTSIDE, pa.string())
    banded = outside if bands is None else pc.fill_null(bands.column(numbers), outside)
    return pc.if_else(pc.is_null(numbers), texts, banded)
