"""Tables of a holder in one sealed file: written whole or not at all, opened in memory, never exported.

AES-SIV under the store's key, bound to the file's name, over Arrow streams with their names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from tsunagu.errors import EngineError
from tsunagu.runs.crypt import decrypt, encrypt
from tsunagu_node.keyfiles import write_anew

_FORM = b"tsunagu-tables-1 "
_LENGTH = 8


def keep_tables(path: Path, key: bytes, tables: Mapping[str, pa.Table]) -> None:
    """Writes the file; one that is there is replaced whole, or stays as it was where that fails."""
    plain = b"".join(
        part for name, table in tables.items() for part in (_sized(name.encode("utf-8")), _sized(_stream(table)))
    )
    try:
        write_anew(path, encrypt(key, plain, bound_to=_bound(path)))
    except EngineError as error:
        reason = error.what.rpartition(": ")[2]
        raise EngineError(f"the tables could not be kept: {reason}", where=str(path), to_do=error.to_do) from error


def read_tables(path: Path, key: bytes) -> dict[str, pa.Table]:
    """The tables of a file; an error of runs.crypt where the key is another or a byte was changed."""
    plain = decrypt(key, path.read_bytes(), bound_to=_bound(path), where=str(path))
    parts = []
    while plain:
        end = _LENGTH + int.from_bytes(plain[:_LENGTH], "big")
        parts.append(plain[_LENGTH:end])
        plain = plain[end:]
    return {
        name.decode("utf-8"): pa.ipc.open_stream(stream).read_all()
        for name, stream in zip(parts[::2], parts[1::2], strict=True)
    }


def tables_sha256(tables: Mapping[str, pa.Table]) -> str:
    """One hash over all of them, by name and content; how a table lies in memory does not count."""
    found = hashlib.sha256()
    for name, table in sorted(tables.items()):
        # Anew from an empty table on: pieces and places of a slice are no content.
        plain = pa.concat_tables([table.schema.empty_table(), table]).combine_chunks()
        for part in (name.encode("utf-8"), _stream(plain)):
            found.update(_sized(part))
    return found.hexdigest()


def _bound(path: Path) -> bytes:
    # Folder and day: a file put in another's place does not open.
    return _FORM + f"{path.parent.name}/{path.name}".encode()


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(_LENGTH, "big") + data


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())
