"""Looks for a text in raw bytes, in every form in which a program might have written it, inside containers too."""

from __future__ import annotations

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import unicodedata
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pypdf
import pypdf.errors

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "cp932", "euc_jp", "iso2022_jp")
FORMS = ("", "NFC", "NFKC", "NFD")
_DEEPEST = 4
_FOR_ADDRESSES = bytes.maketrans(b"+/", b"-_")


def hits(needle: str, places: Iterable[Path | bytes] | Path | bytes) -> list[str]:
    """Where the needle stands, as `place: form`, sorted; empty when it is nowhere.

    places  files, folders (everything below them), and bytes
    """
    forms = forms_of(needle)
    given = [places] if isinstance(places, Path | bytes) else list(places)
    found = {
        f"{name}: {form}"
        for name, data in _blobs(given)
        for inner, part in _inside(name, data, _DEEPEST)
        for form in _forms_in(part, forms)
        for name in [inner]
    }
    return sorted(found)


def forms_of(needle: str) -> dict[str, bytes]:
    """Each form's name with its bytes. Escaped forms are plain ASCII."""
    texts = {form or "as it is": unicodedata.normalize(form, needle) if form else needle for form in FORMS}  # type: ignore[arg-type]  # the four names
    forms: dict[str, bytes] = {}
    for how, text in texts.items():
        for encoding in ENCODINGS:
            try:
                raw = text.encode(encoding)
            except UnicodeEncodeError:
                continue
            # Within Japanese text no new escape stands before the needle.
            raw = raw.removeprefix(b"\x1b$B")
            forms[f"{encoding}, {how}"] = raw
            for offset, piece in _base64_pieces(raw):
                forms[f"{encoding}, {how}, base64 at {offset}"] = piece
                forms[f"{encoding}, {how}, base64 for addresses at {offset}"] = piece.translate(_FOR_ADDRESSES)
            forms[f"{encoding}, {how}, hex"] = raw.hex().encode()
            forms[f"{encoding}, {how}, percent"] = urllib.parse.quote(raw, safe="").encode()
        forms[f"json, {how}"] = json.dumps(text)[1:-1].encode()
        forms[f"html, {how}"] = "".join(f"&#{ord(c)};" for c in text).encode()
        forms[f"html hex, {how}"] = "".join(f"&#x{ord(c):x};" for c in text).encode()
        forms[f"html words, {how}"] = html.escape(text).encode()
    return {name: piece for name, piece in forms.items() if len(piece) >= len(needle)}


def _forms_in(data: bytes, forms: dict[str, bytes]) -> Iterator[str]:
    lower = data.lower()
    # Many forms of a text are the same bytes: each is looked for once.
    is_there = {piece: piece in data for piece in set(forms.values())}
    is_below = {small: small in lower for small in {forms[name].lower() for name in forms if _has_cases(name)}}
    for name, piece in forms.items():
        if is_there[piece] or (_has_cases(name) and is_below[piece.lower()]):
            yield name


def _has_cases(form: str) -> bool:
    """Whether its letters may be written large or small."""
    return "hex" in form or "percent" in form


def _base64_pieces(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """What of the needle is certain in base64, for each place it may start at within three bytes."""
    for offset in range(3):
        written = base64.b64encode(b"\0" * offset + raw)
        # The first and the last group mix with the bytes around.
        start = -(-offset * 8 // 6) if offset else 0
        end = (offset + len(raw)) * 8 // 6
        yield offset, written[start:end]


def _blobs(places: list[Path | bytes]) -> Iterator[tuple[str, bytes]]:
    for number, place in enumerate(places):
        if isinstance(place, bytes):
            yield f"bytes {number}", place
        elif place.is_dir():
            for path in sorted(p for p in place.rglob("*") if p.is_file()):
                yield str(path.relative_to(place)), path.read_bytes()
                # A name of a file is written somewhere too.
                yield f"{path.relative_to(place)} (name)", str(path.relative_to(place)).encode()
        else:
            yield place.name, place.read_bytes()


def _inside(name: str, data: bytes, depth: int) -> Iterator[tuple[str, bytes]]:
    """The bytes themselves and what is packed in them."""
    yield name, data
    if depth == 0:
        return
    for inner, part in _unpacked(data):
        yield from _inside(f"{name}!{inner}", part, depth - 1)


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    if data[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for member in archive.infolist():
                    yield member.filename, archive.read(member)
        except (zipfile.BadZipFile, RuntimeError, zlib.error, EOFError):
            return
    elif data[:4] == b"PAR1":
        try:
            yield "cells", _cells(pq.read_table(io.BytesIO(data)))
        except pa.ArrowException:
            return
    elif data[:5] == b"%PDF-":
        yield from _of_a_pdf(data)
    elif data[:6] == b"ARROW1":
        try:
            yield "cells", _cells(pa.ipc.open_file(data).read_all())
        except pa.ArrowException:
            return
    else:
        packers = {
            b"\x1f\x8b": gzip.decompress,
            b"BZ": bz2.decompress,
            b"\xfd7": lzma.decompress,
            b"\x78": zlib.decompress,
        }
        for mark, unpack in packers.items():
            if data.startswith(mark):
                try:
                    yield "unpacked", unpack(data)
                except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
                    continue


def _of_a_pdf(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What its pages say, what it says of itself, and each of its streams inflated: fonts, pictures, attached files.

    The text of a page is numbers of glyphs, so it is searched as it reads, without the breaks of its lines.
    """
    try:
        pdf = pypdf.PdfReader(io.BytesIO(data))
        said = "".join(page.extract_text() for page in pdf.pages)
        yield "text", said.encode("utf-8", "surrogatepass")
        yield "text without breaks", said.replace("\n", "").encode("utf-8", "surrogatepass")
        yield "text without blanks", "".join(said.split()).encode("utf-8", "surrogatepass")
        yield "about it", str(pdf.metadata).encode("utf-8", "surrogatepass")
        for number in range(1, int(pdf.trailer["/Size"])):
            found = pdf.get_object(number)
            if isinstance(found, pypdf.generic.StreamObject):
                yield f"object {number}", found.get_data()
            else:
                yield f"object {number}", repr(found).encode("utf-8", "surrogatepass")
    except (pypdf.errors.PyPdfError, ValueError, KeyError, TypeError):
        return


def _cells(table: pa.Table) -> bytes:
    return "\n".join(str(column.to_pylist()) for column in table.itercolumns()).encode("utf-8", "surrogatepass")
