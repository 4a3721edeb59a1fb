"""What a file is, by its bytes and never by its name. What it is not sure of, it refuses."""

from __future__ import annotations

import io
import zipfile
from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of file that may be attached; suffix: the ending a download gets, whatever the upload was called."""

    name: str
    content_type: str
    suffix: str


PDF = Kind("pdf", "application/pdf", ".pdf")
PNG = Kind("png", "image/png", ".png")
JPEG = Kind("jpeg", "image/jpeg", ".jpg")
TEXT = Kind("text", "text/plain; charset=utf-8", ".txt")
XLSX = Kind("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx")
DOCX = Kind("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx")
KINDS = {kind.name: kind for kind in (PDF, PNG, JPEG, TEXT, XLSX, DOCX)}
# Further endings under which a kind goes; text has as many as there are programs that write it.
_ENDINGS = {JPEG: ("jpg", "jpeg"), TEXT: ("txt", "csv", "tsv", "md", "log")}

_MOST_MEMBERS = 2_000
# What a packed office file may grow to. A real one grows about tenfold; a bomb a thousandfold.
_MOST_TIMES = 100
_MOST_BYTES = 200 * 1024 * 1024
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13}


class Refused(Exception):
    """The file may not be attached. why: unknown_kind, bomb, macros, damaged, infected, not_scanned."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def kind_of(content: bytes) -> Kind:
    """The kind of these bytes. raises Refused"""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    if _is_text(content):
        return TEXT
    raise Refused("unknown_kind")


def is_named_so(kind: Kind, name: str) -> bool:
    """Whether the ending of the name says this kind. A name without an ending says nothing else."""
    ending = name.lower().rpartition(".")[2] if "." in name else ""
    return not ending or ending in _ENDINGS.get(kind, (kind.suffix[1:],))


def as_shown(kind: Kind, content: bytes) -> bytes:
    """The bytes to hand out: text in UTF-8, since that is what the answer says it is; all else as it came."""
    if kind is not TEXT:
        return content
    return (_decoded(content) or "").encode("utf-8")


def _is_text(content: bytes) -> bool:
    return not _CONTROL & set(content) and _decoded(content) is not None


def _decoded(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _office(content: bytes) -> Kind:
    """A workbook or a document without macros, unpacked once with a limit to see that it is whole and no bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            members = packed.infolist()
            names = {member.filename for member in members}
            limit = min(len(content) * _MOST_TIMES, _MOST_BYTES)
            if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > limit:
                raise Refused("bomb")
            _unpack(packed, members, limit)
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Refused("damaged") from error
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused("macros")
    if "[Content_Types].xml" in names and "xl/workbook.xml" in names:
        return XLSX
    if "[Content_Types].xml" in names and "word/document.xml" in names:
        return DOCX
    raise Refused("unknown_kind")


def _unpack(packed: zipfile.ZipFile, members: list[zipfile.ZipInfo], limit: int) -> None:
    """Reads every member to its end; what a member says of its size is not believed."""
    total = 0
    for member in members:
        with packed.open(member) as stream:
            while piece := stream.read(64 * 1024):
                total += len(piece)
                if total > limit:
                    raise Refused("bomb")
