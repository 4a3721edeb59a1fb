"""Write a run folder in one step, and read one only when it is exactly what was written.

manifest.json names every table and input by hash; `seal` is the hash of the rest of the manifest, and the encrypted
tables open only beside that very manifest.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tsunagu.errors import EngineError, SourceError, StateError, TsunaguError
from tsunagu.records.run_tables import (
    ENTITLEMENTS,
    IDENTITIES,
    OFFER_NAMES,
    PLAIN_TABLES,
    REVIEW_RECORDS,
    SCHOOL_TABLES,
    SEALED_TABLES,
)
from tsunagu.records.shapes import TableShape
from tsunagu.runs.crypt import decrypt, encrypt, padded, unpadded

FORMAT = "tsunagu-run-1"
MANIFEST = "manifest.json"
VOCABULARY = "vocabulary.json"
#: The criteria the run was made with, as a text, and the catalogue they were read with (screening/carried.py).
CRITERIA = "criteria.json"
#: How the manifest names a criteria file that was tried in place of the one in force.
TRIED = "--criteria "


@dataclass(frozen=True)
class RunFolder:
    """A run folder whose every hash has been checked."""

    path: Path
    manifest: dict[str, Any]
    vocabulary: dict[str, Any]
    criteria: dict[str, Any] | None = None  # None: a run made before runs carried them

    @property
    def is_trial(self) -> bool:
        """Whether other criteria than those in force were tried: such a run is read, and never acted on."""
        return any(str(name).startswith(TRIED) for name in self.manifest.get("city_files", {}))

    def table(self, name: str) -> pa.Table:
        """A plain table by name, checked against its shape; KeyError is a fault of the caller.

        A run made before there were programmes has no ENTITLEMENTS: nobody was searched for, none are found.
        """
        shape = {t.name: t for t in PLAIN_TABLES}[name]
        if shape is ENTITLEMENTS and name not in self.manifest["tables"]:
            return shape.empty()
        return shape.check(pq.read_table(self.path / f"{name}.parquet"))

    def identities(self, key: bytes) -> pa.Table:
        """The names of noticed children and their households; PurposeError with a wrong key."""
        return IDENTITIES.check(pq.read_table(io.BytesIO(self._opened(IDENTITIES, key))))

    def review_records(self, key: bytes) -> pa.Table:
        """The records of doubtful pairs, for link review alone; none in a run made before there were any."""
        return self._apart(REVIEW_RECORDS, key)

    def school(self, name: str, key: bytes) -> pa.Table:
        """A table of SCHOOL_TABLES by name, for the school boards alone; empty in a run made before there were any."""
        return self._apart({t.name: t for t in SCHOOL_TABLES}[name], key)

    def offer_names(self, key: bytes) -> pa.Table:
        """The names of children whose families may be offered support; none in a run made before there were any."""
        return self._apart(OFFER_NAMES, key)

    @property
    def carries_addresses(self) -> bool:
        """Whether the run was made with an address key, and holds the sealed tables."""
        return all(shape.name in self.manifest["tables"] for shape in SEALED_TABLES)

    def sealed(self, name: str, address_key: bytes) -> pa.Table:
        """A table of SEALED_TABLES by name; PurposeError with another key, StateError when the run carries none."""
        shape = {t.name: t for t in SEALED_TABLES}[name]
        if not self.carries_addresses:
            raise StateError(
                "the run carries no addresses",
                where=str(self.path),
                to_do="Make the run again with --address-key, or take it in without addresses.",
            )
        return shape.check(pq.read_table(io.BytesIO(unpadded(self._opened(shape, address_key)))))

    def _apart(self, shape: TableShape, key: bytes) -> pa.Table:
        if shape.name not in self.manifest["tables"]:
            return shape.empty()
        return shape.check(pq.read_table(io.BytesIO(unpadded(self._opened(shape, key)))))

    def _opened(self, shape: TableShape, key: bytes) -> bytes:
        path = self.path / f"{shape.name}.parquet.enc"
        bound_to = _bound_to(shape, self.manifest["seal"])
        return decrypt(key, _read(path), bound_to=bound_to, where=str(path))


def write_run(
    out: Path,
    *,
    plain: Mapping[str, pa.Table],
    identities: pa.Table,
    vocabulary: Mapping[str, Any],
    manifest: Mapping[str, Any],
    key: bytes,
    apart: Mapping[str, pa.Table] | None = None,
    sealed: Mapping[str, pa.Table] | None = None,
    address_key: bytes | None = None,
    criteria: Mapping[str, Any] | None = None,
) -> None:
    """Writes the folder `out` whole, or leaves nothing.

    plain       every table of PLAIN_TABLES by name
    identities  the names, encrypted with `key`
    apart       tables for one use each, by name (REVIEW_RECORDS, SCHOOL_TABLES, OFFER_NAMES), encrypted with the same
                key; empty where not given
    manifest    what the caller knows (inputs, criteria, counts); tables, vocabulary and seal are added here
    sealed      every table of SEALED_TABLES by name, encrypted with `address_key`; nothing without that key
    criteria    the criteria file with its catalogue, as plain values; left out where not given
    raises      StateError if `out` exists, EngineError if the disk refuses
    """
    require_free(out)
    with _partial_folder(out) as partial:
        tables: dict[str, Any] = {}
        for shape in PLAIN_TABLES:
            data = _parquet(shape, plain[shape.name])
            _write(partial / f"{shape.name}.parquet", data)
            tables[shape.name] = _described(shape, plain[shape.name], data, encrypted=False)
        secret = _parquet(IDENTITIES, identities)
        tables[IDENTITIES.name] = _described(IDENTITIES, identities, secret, encrypted=True)
        given = apart or {}
        of_one_use = (REVIEW_RECORDS, *SCHOOL_TABLES, OFFER_NAMES)
        for_one_use = {s: padded(_parquet(s, given.get(s.name, s.empty()))) for s in of_one_use}
        of_addresses = {s: padded(_parquet(s, sealed[s.name])) for s in SEALED_TABLES if address_key and sealed}
        tables |= {shape.name: _described_apart(shape) for shape in (*for_one_use, *of_addresses)}
        words = canonical_json(vocabulary)
        _write(partial / VOCABULARY, words)
        body = {
            **manifest,
            "format": FORMAT,
            "tables": tables,
            "vocabulary": {"file": VOCABULARY, "sha256": _sha256(words)},
        }
        if criteria is not None:
            said = canonical_json(criteria)
            _write(partial / CRITERIA, said)
            body["criteria_file"] = {"file": CRITERIA, "sha256": _sha256(said)}
        seal = _sha256(canonical_json(body))
        locked = {IDENTITIES: (key, secret)}
        locked |= {shape: (key, plain_bytes) for shape, plain_bytes in for_one_use.items()}
        locked |= {shape: (address_key or b"", plain_bytes) for shape, plain_bytes in of_addresses.items()}
        for shape, (own_key, plain_bytes) in locked.items():
            _write(
                partial / f"{shape.name}.parquet.enc", encrypt(own_key, plain_bytes, bound_to=_bound_to(shape, seal))
            )
        _write(partial / MANIFEST, canonical_json({**body, "seal": seal}))
        _publish(partial, out)


def open_run(path: Path) -> RunFolder:
    """The run folder at `path`, after checking every hash; StateError names the first file that differs."""
    manifest_path = path / MANIFEST
    try:
        manifest = json.loads(manifest_path.read_bytes())
    except FileNotFoundError as error:
        raise SourceError(
            "this is not a run folder: it has no manifest.json",
            where=str(path),
            to_do="Name the folder that `tsunagu run … --out` wrote.",
        ) from error
    except (OSError, ValueError) as error:
        raise StateError(
            f"the manifest cannot be read ({type(error).__name__})",
            where=str(manifest_path),
            to_do="Make the run again; a damaged run folder is not taken in.",
        ) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise StateError("the manifest has another format", where=str(manifest_path), to_do="Make the run again.")
    body = {name: value for name, value in manifest.items() if name != "seal"}
    if _sha256(canonical_json(body)) != manifest.get("seal"):
        raise _changed(manifest_path)
    words = _read(path / VOCABULARY)
    if _sha256(words) != manifest["vocabulary"]["sha256"]:
        raise _changed(path / VOCABULARY)
    for described in manifest["tables"].values():
        data = _read(path / described["file"])
        # The hash of an encrypted table is that of its plain bytes; the cipher itself proves the sealed ones.
        if not described["encrypted"] and _sha256(data) != described["sha256"]:
            raise _changed(path / described["file"])
    said = _criteria(path, manifest)
    return RunFolder(path=path, manifest=manifest, vocabulary=json.loads(words), criteria=said)


def _criteria(path: Path, manifest: Mapping[str, Any]) -> dict[str, Any] | None:
    if "criteria_file" not in manifest:
        return None
    said = _read(path / CRITERIA)
    if _sha256(said) != manifest["criteria_file"]["sha256"]:
        raise _changed(path / CRITERIA)
    found: dict[str, Any] = json.loads(said)
    return found


def require_free(out: Path) -> None:
    """StateError if something stands where the run folder is to be written."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StateError(
            "a run folder or another file is already there",
            where=str(out),
            to_do="Choose another name with --out; finished runs are never overwritten.",
        )


def require_place(out: Path) -> None:
    """`require_free`, and EngineError if the run folder could not be written there: told before anything is read.

    Nothing is left: what is tried is tried in the lowest folder above `out` that there is.
    """
    require_free(out)
    above = next(folder for folder in out.absolute().parents if folder.exists())
    try:
        Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".partial", dir=above)).rmdir()
    except OSError as error:
        raise _disk_refuses(error, above) from error


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """The one form of a JSON document: sorted keys, two spaces, UTF-8, a line end."""
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=str) + "\n").encode("utf-8")


def _parquet(shape: TableShape, table: pa.Table) -> bytes:
    sink = io.BytesIO()
    ordered = shape.sorted(table).combine_chunks()
    pq.write_table(
        ordered,
        sink,
        compression="zstd",
        version="2.6",
        write_statistics=True,
        row_group_size=131_072,
        store_schema=True,
    )
    return sink.getvalue()


def _described(shape: TableShape, table: pa.Table, data: bytes, *, encrypted: bool) -> dict[str, Any]:
    return {
        "file": f"{shape.name}.parquet" + (".enc" if encrypted else ""),
        "rows": table.num_rows,
        "sha256": _sha256(data),
        "encrypted": encrypted,
    }


def _described_apart(shape: TableShape) -> dict[str, Any]:
    """A sealed table in the manifest: neither its rows are counted, nor is a hash of them given.

    A hash of few, guessable rows would confirm a guess. The cipher proves the bytes.
    """
    return {"file": f"{shape.name}.parquet.enc", "rows": None, "sha256": None, "encrypted": True}


def _bound_to(shape: TableShape, seal: str) -> bytes:
    # The names are bound to the seal alone, as in the first format; every later table also to its own name.
    return seal.encode() if shape is IDENTITIES else f"{shape.name} {seal}".encode()


@contextmanager
def _partial_folder(out: Path) -> Iterator[Path]:
    parent = out.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(parent, out.name)
        partial = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".partial", dir=parent))
    except OSError as error:
        raise _disk_refuses(error, parent) from error
    lock = os.open(partial, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield partial
    except OSError as error:
        raise _disk_refuses(error, parent) from error
    finally:
        os.close(lock)
        shutil.rmtree(partial, ignore_errors=True)


def _remove_abandoned(parent: Path, name: str) -> None:
    """Removes what a killed run left; a folder that a living run still holds is locked and stays."""
    for old in sorted(parent.glob(f".{name}.*.partial")):
        try:
            lock = os.open(old, os.O_RDONLY)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            shutil.rmtree(old, ignore_errors=True)
        finally:
            os.close(lock)


def _publish(partial: Path, out: Path) -> None:
    handle = os.open(partial, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    require_free(out)
    partial.chmod(0o750)
    os.rename(partial, out)
    handle = os.open(out.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, data: bytes) -> None:
    # As the folder: its owner's, and to be read by the group, in which a desk of another account may be. Whoever copies
    # a file of persons out of the folder copies this along.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StateError(
            f"a file of the run folder cannot be read ({type(error).__name__})",
            where=str(path),
            to_do="Make the run again, or copy the folder again as a whole.",
        ) from error


def _changed(path: Path) -> TsunaguError:
    return StateError(
        "the file is not the one that the run wrote",
        where=str(path),
        to_do="Do not use this folder. Make the run again, and find out who changed the file.",
    )


def _disk_refuses(error: OSError, parent: Path) -> EngineError:
    return EngineError(
        f"the run folder cannot be written ({error.strerror or type(error).__name__})",
        where=str(parent),
        to_do="Free space, or choose a folder you may write to with --out. Nothing was left behind.",
    )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
