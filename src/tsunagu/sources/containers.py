"""From a path to bytes: what a file really is (its first bytes decide, not its name), and what lies inside it."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

# A city's largest extract is below 1 GB; a container that unpacks to more is a fault or an attack.
LARGEST_UNPACKED = 2_000_000_000
_LARGEST_RATIO = 300
_SMALL_ENOUGH = 50_000_000
_CHUNK = 1 << 20


class FileFault(Exception):
    """A whole file that cannot be read; `kind` is the word for the quarantine."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Content:
    """Bytes with their true nature: text, spreadsheet or zip."""

    nature: str
    data: bytes


def read_bytes(path: Path) -> bytes:
    """All bytes of a file, or FileFault: no_permission, unreadable, empty_file."""
    try:
        data = path.read_bytes()
    except PermissionError as error:
        raise FileFault("no_permission") from error
    except OSError as error:
        raise FileFault("unreadable") from error
    if not data:
        raise FileFault("empty_file")
    return data


def recognise(data: bytes) -> Content:
    """The nature of the bytes; gzip is opened."""
    if data[:2] == b"\x1f\x8b":
        data = _gunzip(data)
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return Content("spreadsheet" if _is_workbook(data) else "zip", data)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return Content("spreadsheet", data)
    if not data.strip(b"\x00\r\n\t \x1a\xef\xbb\xbf\xff\xfe"):
        raise FileFault("empty_file")
    return Content("text", data)


def members(data: bytes) -> dict[str, zipfile.ZipInfo]:
    """The files of a zip by name, in name order; directories and system files of macOS left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            found = {_name(info): info for info in container.infolist() if not info.is_dir()}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise FileFault("broken_container") from error
    return {n: found[n] for n in sorted(found) if not n.startswith("__MACOSX/") and not n.endswith(".DS_Store")}


def read_member(data: bytes, info: zipfile.ZipInfo) -> bytes:
    """One member's bytes, or FileFault: broken_container, encrypted, container_too_large, empty_file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            if info.flag_bits & 0x1:
                raise FileFault("encrypted")
            _require_size(info.compress_size, info.file_size)
            # A member never gives more than it states, so the statement is enough.
            unpacked = container.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise FileFault("broken_container") from error
    if not unpacked:
        raise FileFault("empty_file")
    return unpacked


def _require_size(packed: int, unpacked: int) -> None:
    if unpacked > LARGEST_UNPACKED or (unpacked > _SMALL_ENOUGH and unpacked > packed * _LARGEST_RATIO):
        raise FileFault("container_too_large")


def _is_workbook(data: bytes) -> bool:
    infos = members(data)
    names = {name.lower() for name in infos}
    is_workbook = any(n.startswith("xl/workbook") or n == "content.xml" for n in names)
    if is_workbook:
        for info in infos.values():
            _require_size(info.compress_size, info.file_size)
    return is_workbook


def _gunzip(data: bytes) -> bytes:
    unpacked = bytearray()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            while chunk := stream.read(_CHUNK):
                unpacked += chunk
                _require_size(len(data), len(unpacked))
    except (OSError, EOFError, zlib.error) as error:
        raise FileFault("broken_container") from error
    return bytes(unpacked)


def _name(info: zipfile.ZipInfo) -> str:
    """A member's name; without the UTF-8 flag Japanese tools write CP932, which Python shows as CP437."""
    if info.flag_bits & 0x800:
        return info.filename
    raw = info.filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename
