"""What a table promises: its row, its columns with unit and null, and the order of its rows."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from tsunagu.errors import EngineError

TEXT = pa.string()
WHOLE = pa.int32()
DAY = pa.date32()
MOMENT = pa.timestamp("s")
YES_NO = pa.bool_()
BITS = pa.float64()
# Exact decimals: no comparison with a threshold may depend on binary rounding (decision 0003).
NUMBER = pa.decimal128(18, 6)


@dataclass(frozen=True)
class Column:
    """One column: its name, Arrow type, meaning (with unit), and what null says."""

    name: str
    type: pa.DataType
    meaning: str
    null: str = ""  # empty: the column is never null

    @property
    def may_be_null(self) -> bool:
        return bool(self.null)


@dataclass(frozen=True)
class TableShape:
    """A named table shape, checked at each stage's edge in tests and in runs.

    order  columns that sort the rows; together they make the row's place certain, so that the same
           rows always give the same bytes
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(c.name, c.type, nullable=c.may_be_null) for c in self.columns])

    @property
    def names(self) -> list[str]:
        return [c.name for c in self.columns]

    def empty(self) -> pa.Table:
        return self.schema.empty_table()

    def check(self, table: pa.Table) -> pa.Table:
        """The same table in this shape's column order and types, or EngineError saying what differs."""
        missing = [n for n in self.names if n not in table.column_names]
        extra = [n for n in table.column_names if n not in self.names]
        if missing or extra:
            raise EngineError(
                f"table '{self.name}' has the wrong columns (missing: {missing}, not known: {extra})",
                to_do="This is a fault of the program, not of the data. Please report it.",
            )
        try:
            shaped = table.select(self.names).cast(self.schema)
        except (pa.ArrowException, ValueError) as error:
            raise EngineError(
                f"table '{self.name}' does not fit its declared types ({type(error).__name__})",
                to_do="This is a fault of the program, not of the data. Please report it.",
            ) from error
        for column in self.columns:
            if not column.may_be_null and shaped.column(column.name).null_count:
                raise EngineError(
                    f"table '{self.name}': column '{column.name}' must not be null and is",
                    to_do="This is a fault of the program, not of the data. Please report it.",
                )
        return shaped

    def sorted(self, table: pa.Table) -> pa.Table:
        """The checked table with its rows in the shape's order."""
        return self.check(table).sort_by([(name, "ascending") for name in self.order])
