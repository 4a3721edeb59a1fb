"""Arrow streams that another organisation sent, read within what was agreed: nothing grows while it is read.

A stream of ours is never compressed. So what is read takes no more room than what was sent, and what was sent is
limited by the rows that are agreed. What a batch says of itself is looked at before Arrow makes anything of it.
"""

from __future__ import annotations

import datetime as dt
import struct
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.errors import SourceError
from tsunagu.records.shapes import DAY, MOMENT

#: Bytes that a row may take, several times what the widest row of an answer does; and what stands around the rows.
ROW_BYTES, AROUND = 4_096, 1 << 20
# Fields of Arrow's Message and RecordBatch, as Message.fbs numbers them.
_HEADER, _LENGTH, _COMPRESSION = 2, 0, 3
# Days and seconds from 1970 to the first and the last that Python knows.
_FIRST, _LAST = (dt.date.min - dt.date(1970, 1, 1)).days, (dt.date.max - dt.date(1970, 1, 1)).days
_CALENDAR = {DAY: (_FIRST, _LAST), MOMENT: (_FIRST * 86_400, _LAST * 86_400)}


def most_bytes(rows: int) -> int:
    """How large a payload of so many rows may be."""
    return rows * ROW_BYTES + AROUND


def read_stream(data: bytes | pa.Buffer, schema: pa.Schema, most_rows: int) -> pa.Table:
    """The table of a stream; it refers to the bytes of the stream, and none of them is unpacked.

    raises  SourceError where it is no table, has other columns, is compressed, or has more rows than it may
    """
    try:
        return _read(pa.ipc.MessageReader.open_stream(data), schema, most_rows)
    except (pa.ArrowException, OSError, struct.error) as error:
        raise _refused("it is no table") from error


def _read(reader: pa.ipc.MessageReader, schema: pa.Schema, most_rows: int) -> pa.Table:
    first = _next(reader)
    if first is None or first.type != "schema":
        raise _refused("it is no table")
    if not pa.ipc.read_schema(first).equals(schema, check_metadata=True):
        raise _refused("its columns are not the ones of an answer")
    batches, rows = [], 0
    for message in iter(lambda: _next(reader), None):
        if message.type != "record batch":
            raise _refused("it is no table")
        said = _said_of(message.metadata)
        if said.is_compressed:
            raise _refused("it is compressed, which no answer is")
        rows += said.rows
        if said.rows < 0 or rows > most_rows:
            raise _refused("it has another number of rows than it says")
        batches.append(pa.ipc.read_record_batch(message, schema))
    table = pa.Table.from_batches(batches, schema)
    # Arrow reads a batch as it stands, whatever its lengths and offsets say; this is where they are held against it.
    table.validate(full=True)
    if not all(_is_of_the_calendar(column) for column in table.columns):
        raise _refused("it names a day that is none")
    return table


def _is_of_the_calendar(column: pa.ChunkedArray) -> bool:
    """Whether Python can say every day or moment of the column; Arrow's go further than its years do."""
    first, last = _CALENDAR.get(column.type, (None, None))
    if first is None or last is None:
        return True
    said = pc.min_max(column.cast(pa.int32() if column.type == DAY else pa.int64()))
    return said["min"].as_py() is None or (first <= said["min"].as_py() and said["max"].as_py() <= last)


def _next(reader: pa.ipc.MessageReader) -> pa.Message | None:
    try:
        return reader.read_next_message()
    except StopIteration:
        return None


@dataclass(frozen=True)
class _Said:
    rows: int
    is_compressed: bool


def _said_of(metadata: pa.Buffer) -> _Said:
    """What the head of a record batch says, read from the FlatBuffer itself: pyarrow tells it only of what it read."""
    data = memoryview(metadata)
    message = struct.unpack_from("<I", data, 0)[0]
    at = _field(data, message, _HEADER)
    batch = at + struct.unpack_from("<I", data, at)[0] if at else 0
    length = _field(data, batch, _LENGTH)
    rows = struct.unpack_from("<q", data, length)[0] if length else 0
    return _Said(rows, _field(data, batch, _COMPRESSION) != 0)


def _field(data: memoryview, table: int, number: int) -> int:
    """Where a field of a FlatBuffer's table stands; 0 where the table does not have it."""
    entries = table - struct.unpack_from("<i", data, table)[0]
    place = 4 + 2 * number
    if entries < 0 or place + 2 > struct.unpack_from("<H", data, entries)[0]:
        return 0
    offset = struct.unpack_from("<H", data, entries + place)[0]
    return table + offset if offset else 0


def _refused(what: str) -> SourceError:
    return SourceError(what, where="answer", to_do="Ask the holder's people what their node sends.")
