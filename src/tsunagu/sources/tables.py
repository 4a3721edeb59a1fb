"""One table of an extract to its records, facts and quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.records.shapes import TEXT, WHOLE
from tsunagu.records.stage_tables import SOURCE_FACTS, SOURCE_RECORDS
from tsunagu.sources import columns
from tsunagu.sources.columns import Problem, Values
from tsunagu.sources.facts import Batch, Manner, Part, facts_of, identity_of
from tsunagu.sources.individual_number import holds_individual_numbers, may_hold_individual_numbers
from tsunagu.sources.lines import Grid
from tsunagu.sources.rows import Header, Sorted
from tsunagu.sources.spec import SourceSpec
from tsunagu.sources.words import fold_text
from tsunagu.text.form import shape

_FORM_SHARE = 0.05
_FORM_ROWS = 2000
_PROBED_ROWS = 200


@dataclass(frozen=True)
class SetAside:
    """A row, value or column set aside; `row` 0 means the column as a whole."""

    row: int
    column: str
    scope: str
    kind: str
    form: str


@dataclass(frozen=True)
class Found:
    """A table as found: its records, its header, and what each record is."""

    grid: Grid
    header: Header
    rows: Sorted


@dataclass
class TableResult:
    """What one table gives.

    records  SOURCE_RECORDS without holder and file; record_id counts from 0 within the table
    facts    SOURCE_FACTS with those record_ids
    dropped  header words of columns that held individual numbers
    """

    records: pa.Table
    facts: pa.Table
    aside: list[SetAside] = field(default_factory=list)
    dropped: tuple[str, ...] = ()


def read_table(found: Found, manner: Manner, *, extra: Sequence[str] = ()) -> TableResult:
    """Every data row of a table as a record, with its facts; rows set aside keep what is certain.

    extra  roles that are no identity column and are wanted beside the records all the same
    """
    grid, header, rows = found.grid, found.header, found.rows
    dropped = _individual_numbers(found)
    roles = {role: at for role, at in header.columns.items() if at not in dropped}
    everyone = sorted([*rows.read, *rows.repeated, *(i for i, _ in rows.aside)])
    position = {index: n for n, index in enumerate(everyone)}
    row_of = [grid.rows[i] for i in everyone]
    aside = [SetAside(0, header.words[at], "column", "individual_number", "999999999999") for at in sorted(dropped)]
    aside += [SetAside(grid.rows[index], "", "row", kind, "") for index, kind in rows.aside]
    aside += _nul_cells(found, set(roles.values()))

    parts, facts = [], []
    for batch in _batches(found, manner.spec, roles, position):
        problems: list[Problem] = []
        part = Part(batch, _read_columns(batch, manner, problems))
        part.identity = identity_of(part, manner)
        parts.append(_records(part, row_of, extra))
        if batch.state != "repeated":
            facts += [facts_of(part, fact, manner) for fact in manner.spec.facts]
        if batch.state == "read":
            aside += [_value_aside(p, batch, row_of, header) for p in problems]
    records = pa.concat_tables(parts) if parts else _no_records(extra)
    return TableResult(
        records=records.sort_by("record_id"),
        facts=pa.concat_tables(facts) if facts else SOURCE_FACTS.empty(),
        aside=aside,
        dropped=tuple(header.words[at] for at in sorted(dropped)),
    )


def _batches(found: Found, spec: SourceSpec, roles: Mapping[str, int], position: Mapping[int, int]) -> Iterator[Batch]:
    """The rows read, repeated and set aside, each with the cells it may be judged by."""
    cells, rows = found.grid.cells, found.rows
    for state, chosen in (("read", rows.read), ("repeated", rows.repeated)):
        if chosen:
            yield Batch(state, [position[i] for i in chosen], _columns([cells[i] for i in chosen], roles))
    if rows.aside:
        forms = _key_forms(found, spec, roles)
        certain = [_certain_cells(cells[i], kind, roles, forms) for i, kind in rows.aside]
        yield Batch("set_aside", [position[i] for i, _ in rows.aside], _columns(certain, roles))


def _columns(rows: list[list[str]], roles: Mapping[str, int]) -> dict[str, list[str]]:
    """Cells by role, "" where a spreadsheet's row or a cut row ends early."""
    width = max(roles.values(), default=-1) + 1
    whole = [row if len(row) >= width else row + [""] * (width - len(row)) for row in rows]
    return {role: [row[at] for row in whole] for role, at in roles.items()}


def _individual_numbers(found: Found) -> set[int]:
    """Positions of columns that hold individual numbers, named by the spec or not."""
    rows = [found.grid.cells[i] for i in found.rows.read]
    # A look at some rows spares the check of every cell of every column.
    some = rows[:: max(1, len(rows) // _PROBED_ROWS)]
    return {
        at
        for at in range(found.header.width)
        if may_hold_individual_numbers([row[at] if at < len(row) else "" for row in some])
        and holds_individual_numbers([row[at] if at < len(row) else "" for row in rows])
    }


def _nul_cells(found: Found, read: set[int]) -> list[SetAside]:
    """Cells with NUL in columns that are not read: nothing is lost, but it is said."""
    grid, header = found.grid, found.header
    return [
        SetAside(grid.rows[i], header.words[at], "value", "nul", shape(cell))
        for i in found.rows.read
        if "\x00" in grid.texts[i]
        for at, cell in enumerate(grid.cells[i][: header.width])
        if "\x00" in cell and at not in read
    ]


def _key_forms(found: Found, spec: SourceSpec, roles: Mapping[str, int]) -> dict[int, set[str]]:
    """Position of each key column and the usual forms of its cells, by which a cut row's key is believed."""
    forms = {}
    for role in spec.key_roles:
        if role in roles:
            at = roles[role]
            rows = (found.grid.cells[i] for i in found.rows.read[:_FORM_ROWS])
            counted = Counter(shape(fold_text(row[at])) for row in rows if at < len(row))
            total = sum(counted.values())
            forms[at] = {form for form, n in counted.items() if form and n >= _FORM_SHARE * total}
    return forms


def _certain_cells(cells: list[str], kind: str, roles: Mapping[str, int], forms: Mapping[int, set[str]]) -> list[str]:
    """The cells of a row set aside that are surely whole and in their place; all others become "".

    A cut row's last cell may be a stump, so only a key of the usual form counts there; when the key looks unusual the
    row is perhaps the tail of another one, and nothing in it counts. In a row with too many cells the place of every
    cell but the key is in doubt.
    """
    usual = {at for at, known in forms.items() if at < len(cells) and shape(fold_text(cells[at])) in known}
    if forms and min(forms) not in usual:
        return []
    if kind == "long_row":
        return [cell if at in usual else "" for at, cell in enumerate(cells)]
    if kind == "unclosed_quote":
        return cells
    last = len(cells) - 1
    return [cell if at < last or at in usual else "" for at, cell in enumerate(cells)]


def _read_columns(batch: Batch, manner: Manner, problems: list[Problem]) -> dict[str, Values]:
    """Every column of the batch, plausibility across columns included."""
    specs = manner.spec.columns
    read = {
        role: columns.read_column(cells, specs[role], manner.place, problems) for role, cells in batch.cells.items()
    }
    for role, found in read.items():
        limit = specs[role].at_most
        if limit in read:
            over = pc.fill_null(pc.greater(found.array, read[limit].array), False)
            for index in pc.indices_nonzero(over).to_pylist():
                problems.append(Problem(index, role, "impossible_number", shape(batch.cells[role][index])))
            array = pc.if_else(over, pa.scalar(None, found.array.type), found.array)
            read[role] = Values(array, pc.or_(found.bad, over))
    return read


def _no_records(extra: Sequence[str]) -> pa.Table:
    table = SOURCE_RECORDS.empty().drop_columns(["holder", "file"])
    for role in extra:
        table = table.append_column(role, pa.nulls(0, TEXT))
    return table


def _records(part: Part, row_of: list[int], extra: Sequence[str]) -> pa.Table:
    batch = part.batch
    own = {
        "record_id": pa.array(batch.order, WHOLE),
        "row": pa.array([row_of[n] for n in batch.order], WHOLE),
        "state": pa.repeat(pa.scalar(batch.state, TEXT), len(batch)),
    }
    names = [c for c in SOURCE_RECORDS.columns if c.name not in ("holder", "file")]
    arrays = [own.get(c.name, part.identity.get(c.name)) for c in names]
    arrays = [pa.nulls(len(batch), c.type) if a is None else a.cast(c.type) for c, a in zip(names, arrays, strict=True)]
    arrays += [part.values(role, TEXT).array for role in extra]
    return pa.Table.from_arrays(arrays, names=[*(c.name for c in names), *extra])


def _value_aside(problem: Problem, batch: Batch, row_of: list[int], header: Header) -> SetAside:
    word = header.words[header.columns[problem.role]]
    return SetAside(row_of[batch.order[problem.index]], word, "value", problem.kind, problem.form)
