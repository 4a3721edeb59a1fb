"""Arrow streams of somebody else: read as they are, or refused before anything is made of them."""

from __future__ import annotations

import datetime as dt
import random
import struct
from collections.abc import Callable

import pyarrow as pa
import pytest

from tsunagu.errors import SourceError
from tsunagu.purposes.streams import read_stream
from tsunagu.records.answer_tables import INDICATOR_ANSWER, ITEM_ANSWER, PARTS_ANSWER
from tsunagu.records.keyed_tables import KEYED_FORMS

SCHEMA = INDICATOR_ANSWER.schema


def a_table(rows: int = 40) -> pa.Table:
    made = [
        {
            "token": bytes([n % 256]) * 32,
            "indicator": "absent_total",
            "version": "2026.1.0",
            "band": None if n % 7 == 0 else "10-29",
            "band_at_worst": "30+",
            "state": "known",
            "as_of": dt.date(2026, 9, 30),
        }
        for n in range(rows)
    ]
    return pa.Table.from_pylist(made, schema=SCHEMA)


def stream_of(table: pa.Table, compression: str | None = None, rows_in_batch: int | None = None) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as stream:
        stream.write_table(table, max_chunksize=rows_in_batch)
    return bytes(sink.getvalue())


def test_what_was_written_is_read_in_one_batch_or_in_many() -> None:
    for rows in (0, 1, 40):
        for at_once in (None, 7):
            assert read_stream(stream_of(a_table(rows), rows_in_batch=at_once), SCHEMA, rows).equals(a_table(rows))
    for shape in (PARTS_ANSWER, KEYED_FORMS):
        assert read_stream(stream_of(shape.empty()), shape.schema, 0).num_rows == 0


@pytest.mark.parametrize("compression", ["zstd", "lz4"])
def test_nothing_is_unpacked(compression: str) -> None:
    with pytest.raises(SourceError, match="it is compressed"):
        read_stream(stream_of(a_table(), compression), SCHEMA, 40)


def test_rows_are_counted_over_all_batches() -> None:
    with pytest.raises(SourceError, match="another number of rows"):
        read_stream(stream_of(a_table(), rows_in_batch=7), SCHEMA, 39)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda t: t.append_column("name", pa.array(["x"] * 40)), "its columns"),
        (lambda t: t.drop_columns(["as_of"]), "its columns"),
        (lambda t: t.replace_schema_metadata({"told": "beside"}), "its columns"),
        (lambda t: t.set_column(1, "indicator", t.column("indicator").dictionary_encode()), "its columns"),
    ],
)
def test_other_columns_are_refused_before_any_row(change: Callable[[pa.Table], pa.Table], what: str) -> None:
    with pytest.raises(SourceError, match=what):
        read_stream(stream_of(change(a_table())), SCHEMA, 40)


def test_a_batch_that_says_more_rows_than_it_holds_is_no_table() -> None:
    """Its length and those of its columns changed alike: Arrow reads such a batch beyond what was sent."""
    stream = stream_of(a_table(40))
    assert stream.count(struct.pack("<q", 40)) >= 8
    with pytest.raises(SourceError, match="it is no table"):
        read_stream(stream.replace(struct.pack("<q", 40), struct.pack("<q", 4_000)), SCHEMA, 5_000)


@pytest.mark.parametrize(("name", "value"), [("at", 2_932_897), ("at", -719_163), ("recorded_at", 1 << 60)])
def test_a_day_that_no_calendar_has_is_refused(name: str, value: int) -> None:
    schema = ITEM_ANSWER.schema
    row = {**dict.fromkeys(schema.names), "token": bytes(32), "item": "mood", "state": "known", name: value}
    columns = {field.name: pa.array([row[field.name]], field.type) for field in schema}
    with pytest.raises(SourceError, match="a day that is none"):
        read_stream(stream_of(pa.table(columns, schema=schema)), schema, 1)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_flipped_it_is_a_table_within_its_limits_or_refused(seed: int) -> None:
    draw, stream = random.Random(seed), stream_of(a_table(), rows_in_batch=20)
    refused = 0
    for _ in range(500):
        made = bytearray(stream)
        for _ in range(draw.randint(1, 3)):
            made[draw.randrange(len(made))] ^= 1 << draw.randrange(8)
        try:
            table = read_stream(bytes(made[: draw.choice((len(made), draw.randrange(len(made))))]), SCHEMA, 40)
        except SourceError:
            refused += 1
        else:
            assert table.num_rows <= 40
            assert table.schema == SCHEMA
            table.to_pylist()
    assert refused > 50
