"""The one way out of a holder: columns, cells and history are checked, and only then is there something to send.

A `Released` is made here and nowhere else; transport takes nothing but it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.errors import PurposeError
from tsunagu.purposes.cells import steady, told
from tsunagu.purposes.grant import Grant, Refusal
from tsunagu.purposes.linked_forms import PARTS, RESIDENT_COLUMNS
from tsunagu.purposes.named import Named, Run, named
from tsunagu.purposes.tokens import NO_KEY, KeyMark
from tsunagu.records.answer_tables import AGGREGATE_ANSWER, ANSWERS, PARTS_ANSWER

#: Cells of a division besides the agreed bands.
BESIDE = ("missing", "not_applicable")
_PASSED = object()


@dataclass(frozen=True)
class Total:
    """How many children an answer in counts was about: of another agreement, for the same period."""

    agreement: str
    indicator: str
    children: int


@dataclass(frozen=True)
class History:
    """What this holder told before.

    cells   `indicator|band` -> the count told last under this agreement, before rounding
    totals  of answers in counts to other agreements for the same day
    run     of whom it answered in the run that names are asked for; None where it answered nothing of it
    named   tokens of those whom it named to this requester in the period
    """

    cells: Mapping[str, int] = field(default_factory=dict)
    totals: tuple[Total, ...] = ()
    run: Run | None = None
    named: frozenset[bytes] = frozenset()


@dataclass(frozen=True)
class Released:
    """An answer that passed, about so many children.

    payload    an Arrow IPC stream of so many rows; cells: counts before rounding, to be kept for the next History
    made_with  the key of its tokens; NO_KEY where there are none
    named      who was named, where the agreement is about named persons; to be kept likewise
    """

    grant: Grant
    payload: bytes = field(repr=False)
    rows: int
    children: int
    cells: Mapping[str, int]
    passed: object = field(repr=False, compare=False)
    made_with: KeyMark = NO_KEY
    named: Named | None = None

    def __post_init__(self) -> None:
        if self.passed is not _PASSED:
            raise PurposeError(
                "an answer was made beside the gate", to_do="This is a fault of the program: release() alone makes one."
            )

    @cached_property
    def sha256(self) -> str:
        """Of the payload, which is read once: it has a hundred megabytes for a city."""
        return hashlib.sha256(self.payload).hexdigest()


def release(
    grant: Grant, table: pa.Table, children: int, history: History, made_with: KeyMark = NO_KEY
) -> Released | Refusal:
    """The table as it may leave, or why it may not.

    table      of the one shape of the agreement's granularity; for `aggregate` the counts before rounding
    children   how many it is about; of named persons, of how many the holder answered in the run
    made_with  the key of its tokens
    raises     EngineError where the table has another shape, PurposeError where it holds what was not granted: both
               are faults of the program that made it
    """
    agreement = grant.agreement
    shape = ANSWERS[agreement.granularity]
    # Arrow carries notes of whoever made a table beside it; they would leave unseen.
    table = shape.check(table.replace_schema_metadata(None).cast(shape.schema))
    _require_granted(grant, table)
    if agreement.about == "cohort" and children < agreement.minimum_cell:
        return Refusal("too_few_children")
    if table.num_rows > agreement.rows_at_most:
        return Refusal("too_many_rows")
    if agreement.granularity == "indicator" and not _is_within_bands(grant, table, ("band", "band_at_worst")):
        return Refusal("outside_the_bands")
    cells: dict[str, int] = {}
    if agreement.granularity == "aggregate":
        if _is_near_another(grant, children, history.totals):
            return Refusal("too_near_another")
        table, cells = _told(grant, table, history.cells)
    counted = _named(grant, table, children, history) if agreement.about == "named" else None
    if counted is not None and counted.of_period > counted.at_most:
        return Refusal("too_many_named", counted.counts())
    return Released(grant, _bytes(shape.sorted(table)), table.num_rows, children, cells, _PASSED, made_with, counted)


def release_parts(
    grant: Grant, parts: Mapping[tuple[str, str], pa.Table], persons: int, made_with: KeyMark = NO_KEY
) -> Released | Refusal:
    """The tables by which records are linked as they may leave, or why they may not.

    parts      (holder, part) -> table, of the granularity's shapes (linked_forms.PARTS)
    persons    how many they are about
    made_with  the key of the round, of records that are sent to be linked
    raises     as release does
    """
    agreement = grant.agreement
    shapes, named = PARTS[agreement.granularity], {one.id for one in grant.wanted}
    rows = []
    for (holder, part), made_here in sorted(parts.items()):
        if part not in shapes or (agreement.granularity == "linkage" and holder not in named):
            raise PurposeError(
                "the answer holds a table that was not granted",
                where=f"{agreement.id} {holder} {part}",
                to_do="This is a fault of the program; nothing was sent.",
            )
        table = shapes[part].check(made_here.replace_schema_metadata(None).cast(shapes[part].schema))
        if part == "residents":
            _require_no_other_column(table, named)
        rows.append({"holder": holder, "part": part, "rows": table.num_rows, "stream": _bytes(table)})
    made = pa.Table.from_pylist(rows, schema=PARTS_ANSWER.schema)
    count = sum(row["rows"] for row in rows)
    if count > agreement.rows_at_most:
        return Refusal("too_many_rows")
    return Released(grant, _bytes(PARTS_ANSWER.sorted(made)), count, persons, {}, _PASSED, made_with)


def _require_no_other_column(table: pa.Table, named: Collection[str]) -> None:
    strange = [c for c in RESIDENT_COLUMNS if c not in named and table.column(c).null_count < table.num_rows]
    if strange:
        raise PurposeError(
            f"the answer holds columns that were not granted: {', '.join(strange)}",
            to_do="This is a fault of the program; nothing was sent.",
        )


def _require_granted(grant: Grant, table: pa.Table) -> None:
    name = "item" if grant.agreement.granularity == "item" else "indicator"
    strange = set(table.column(name).unique().to_pylist()) - {one.id for one in grant.wanted}
    if "as_of" in table.column_names:
        strange |= {str(day) for day in table.column("as_of").unique().to_pylist() if day != grant.on}
    if "version" in table.column_names:
        found = table.select([name, "version"]).group_by([name, "version"]).aggregate([])
        pairs = set(zip(found.column(name).to_pylist(), found.column("version").to_pylist(), strict=True))
        strange |= {str(pair) for pair in pairs - {(one.id, one.version) for one in grant.wanted}}
    if strange:
        raise PurposeError(
            f"the answer holds what was not granted: {len(strange)} names or days",
            where=grant.agreement.id,
            to_do="This is a fault of the program; nothing was sent.",
        )


def _named(grant: Grant, table: pa.Table, children: int, history: History) -> Named:
    tokens = table.column("token").unique().to_pylist()
    share = grant.agreement.named_per_mille
    return named(tokens, grant.named, history.named, per_mille=share, children=children)


def _is_within_bands(grant: Grant, table: pa.Table, columns: Iterable[str]) -> bool:
    for one in grant.wanted:
        rows = table.filter(pc.equal(table.column("indicator"), one.id))
        for column in columns:
            if set(rows.column(column).unique().to_pylist()) - {None, *one.values}:
                return False
    return True


def _is_near_another(grant: Grant, children: int, totals: Iterable[Total]) -> bool:
    """Whether another agreement's answer is about nearly the same children: the few between could be told apart."""
    ids = {one.id for one in grant.wanted}
    return any(
        other.indicator in ids
        and other.agreement != grant.agreement.id
        and 0 < abs(other.children - children) < grant.agreement.minimum_cell
        for other in totals
    )


def _told(grant: Grant, table: pa.Table, before: Mapping[str, int]) -> tuple[pa.Table, dict[str, int]]:
    """The counts of each indicator as they may be told, a row for every cell that is agreed."""
    found = {(row["indicator"], row["band"]): row["children"] or 0 for row in table.to_pylist()}
    rows, cells = [], Counter[str]()
    for one in grant.wanted:
        names = [*one.values, *BESIDE]
        strange = {band for indicator, band in found if indicator == one.id} - set(names)
        if strange:
            raise PurposeError(
                "the answer counts a cell that was not agreed", where=one.id, to_do="This is a fault of the program."
            )
        counts = {f"{one.id}|{name}": found.get((one.id, name), 0) for name in names}
        counts = steady(counts, before, grant.agreement.minimum_cell)
        cells.update(counts)
        for name, count in zip(names, told(list(counts.values()), grant.agreement.minimum_cell), strict=True):
            rows.append(
                {"indicator": one.id, "version": one.version, "band": name, "children": count, "as_of": grant.on}
            )
    return pa.Table.from_pylist(rows, schema=AGGREGATE_ANSWER.schema), dict(cells)


def _bytes(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table.combine_chunks())
    return bytes(sink.getvalue())
