"""Any two tables for `tsunagu link`: CSV in the encodings departments use, or Parquet; answers as CSV or Parquet."""

from __future__ import annotations

import csv
import io
import os
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from tsunagu.errors import EngineError, SourceError
from tsunagu.linkage.tables import ROLES, Columns
from tsunagu.text.tomlfile import TomlFile

_ENCODINGS = ("utf-8-sig", "cp932", "euc_jp")


def read_any_table(path: Path) -> pa.Table:
    """A table with every column as it stands (CSV: text); SourceError when it cannot be read."""
    try:
        if path.suffix.lower() == ".parquet":
            return pq.read_table(path)
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise SourceError("there is no such file", where=str(path), to_do="Name a CSV or Parquet file.") from error
    except (OSError, pa.ArrowInvalid) as error:
        raise SourceError(f"the table cannot be read ({type(error).__name__})", where=str(path)) from error
    return _csv_table(_decoded(data, path), path)


def read_columns(path: Path) -> Columns:
    """Which column of each table plays which role, from a TOML file with [left] and [right]."""
    file = TomlFile(path, path.name)
    file.known_keys(file.data, ("left", "right"), "the columns file")
    sides = {}
    for side in ("left", "right"):
        table = file.table_of(file.data, side, "the columns file")
        file.known_keys(table, ROLES, side, side)
        sides[side] = {role: file.text_of(table, role, side) for role in table}
    return Columns(left=sides["left"], right=sides["right"])


def write_any_table(table: pa.Table, path: Path) -> None:
    """Writes CSV or Parquet by the name's ending; never over an existing file."""
    try:
        with path.open("xb") as file:
            if path.suffix.lower() == ".parquet":
                pq.write_table(table, file)
            else:
                pa_csv.write_csv(table, file)
    except FileExistsError as error:
        raise SourceError(
            "the file is already there", where=str(path), to_do="Choose another name with --out."
        ) from error
    except OSError as error:
        raise EngineError(
            f"the answer cannot be written ({error.strerror})",
            where=str(path),
            to_do="Choose another place with --out.",
        ) from error


def write_text(path: Path, text: str) -> None:
    """Writes a text file; never over an existing one."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise EngineError(
            f"the file cannot be written ({error.strerror})", where=str(path), to_do="Choose another place with --out."
        ) from error


def replace_text(path: Path, text: str) -> None:
    """Writes a text file over what stands there: whole or not at all, and on the disk when this returns."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise EngineError(
            f"the file cannot be written ({error.strerror})",
            where=str(path),
            to_do="Check the folder, its permissions and its free space.",
        ) from error


def _decoded(data: bytes, path: Path) -> str:
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceError(
        "the encoding is none that is known here",
        where=str(path),
        to_do=f"Save the file as UTF-8. Tried: {', '.join(_ENCODINGS)}.",
    )


def _csv_table(text: str, path: Path) -> pa.Table:
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if any(row)]
    if len(rows) < 2:
        raise SourceError("the table has no rows", where=str(path), to_do="It needs a header line and data below it.")
    header, body = rows[0], rows[1:]
    if len(set(header)) != len(header):
        raise SourceError("two columns have the same name", where=str(path), to_do="Rename one of them.")
    uneven = next((n for n, row in enumerate(body, start=2) if len(row) != len(header)), 0)
    if uneven:
        raise SourceError(
            f"row {uneven} has another number of cells than the header", where=str(path), to_do="Repair that row."
        )
    return pa.table({name: pa.array([row[i] or None for row in body], pa.string()) for i, name in enumerate(header)})
