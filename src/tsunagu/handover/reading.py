"""Reads and writes a document by its classes: every key once, nothing unknown, nothing absent, nothing of another kind.

A mistake is named by its place and never by what stands there, since that may be about a person.
"""

from __future__ import annotations

import re
import types
import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

from tsunagu.errors import SourceError
from tsunagu.handover.document import CaseDocument, Length
from tsunagu.purposes.canonical import LARGEST, canonical, read_object
from tsunagu.purposes.strict import Part

#: Entries of one list.
MOST_ENTRIES = 1_000
#: Bytes of one attachment.
LARGEST_FILE = 20 << 20
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_WIDE_SPACE, _JOINER = "　", "‍"  # both are written in Japanese notes, and Python calls neither printable
T = TypeVar("T")


def document_bytes(document: CaseDocument) -> bytes:
    """The document in its one canonical form; SourceError names each place that would not be read."""
    written = plain(document)
    _checked(written, "the document")
    made = canonical(written)
    if len(made) > LARGEST:
        raise SourceError(
            f"the document has {len(made):,} bytes, and {LARGEST:,} may travel",
            where="the document",
            to_do="Leave older notes out, or attach them as a PDF.",
        )
    return made


def read_document(data: bytes, where: str) -> CaseDocument:
    """The document in these bytes; SourceError names every mistake by its place."""
    read = read_object(data, where)
    made = _checked(read, where)
    if canonical(read) != data:
        raise SourceError("the document is not in its canonical form", where=where, to_do="Write it anew.")
    return made


def plain(value: object) -> Any:
    """A document or a part of it as JSON values; days as 2026-10-01."""
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


def _checked(read: Mapping[str, object], where: str) -> CaseDocument:
    part = Part(read, "", [])
    made = _object(CaseDocument, part)
    part.done()
    if part.mistakes:
        listed = "\n  ".join(part.mistakes[:40])
        raise SourceError(f"mistakes in the document\n  {listed}", where=where, to_do="Correct the places named here.")
    return made


@lru_cache(maxsize=64)
def hints(kind: Any) -> dict[str, Any]:
    """The kind of each key of a class of the document."""
    return get_type_hints(kind, include_extras=True)


def _object(kind: type[T], part: Part) -> T:
    given = {key: _value(part, key, hint) for key, hint in hints(cast(Any, kind)).items()}
    return kind(**given)


def _value(part: Part, key: str, hint: Any) -> Any:
    origin = get_origin(hint)
    if origin is tuple:
        return _list(part, key, get_args(hint)[0])
    if origin is Annotated:
        return _text(part, key, get_args(hint)[1])
    if origin is Literal:
        return _choice(part, key, get_args(hint))
    if origin is types.UnionType:  # a day or null
        if key in part.data and part.data[key] is None:
            part.asked.add(key)
            return None
        return _day(part, key)
    if hint is date:
        return _day(part, key)
    if hint is bool:
        return part.value(key, bool, "true or false")
    if hint is int:
        return part.whole(key, 1, LARGEST_FILE)
    return part.part(key, lambda inner: _object(hint, inner))


def _list(part: Part, key: str, hint: Any) -> tuple[Any, ...]:
    if len(part.several(key, some=False)) > MOST_ENTRIES:
        part.wrong(key, f"has more than {MOST_ENTRIES:,} entries")
        return ()
    if is_dataclass(hint):
        return part.parts(key, lambda inner: _object(hint, inner), some=False)  # type: ignore[arg-type]  # a class
    found = part.several(key, some=False)
    length = get_args(hint)[1]
    for place, one in enumerate(found):
        _require_text(part, f"{key}[{place + 1}]", one, length)
    return tuple(found)


def _text(part: Part, key: str, length: Length) -> str:
    found = part.value(key, str, "a text")
    if found is not None:
        _require_text(part, key, found, length)
    return found or ""


def _require_text(part: Part, key: str, found: object, length: Length) -> None:
    if not isinstance(found, str):
        part.wrong(key, "is not a text")
    elif len(found) > length.most:
        part.wrong(key, f"has {len(found):,} signs, and {length.most:,} may stand there")
    elif not found.strip() and not (length.empty and not found):
        part.wrong(key, "says nothing" if not length.empty else "is blank; leave it empty")
    elif found != found.strip():
        part.wrong(key, "begins or ends with a blank")
    else:
        _require_signs(part, key, found, length)


def _require_signs(part: Part, key: str, found: str, length: Length) -> None:
    """Only signs that another machine shows alike: no control signs, no turned writing, no sign of one city's own."""
    allowed = {" ", _WIDE_SPACE, _JOINER} | ({"\n"} if length.lines else set())
    for sign in found:
        if sign in allowed or sign.isprintable():
            continue
        what = (
            "a sign of this city's own (外字)" if unicodedata.category(sign) == "Co" else "a sign that cannot be seen"
        )
        part.wrong(key, f"holds {what}, U+{ord(sign):04X}")
        return


def _choice(part: Part, key: str, valid: tuple[str, ...]) -> str:
    found = part.value(key, str, "a text")
    if found is not None and found not in valid:
        part.wrong(key, f"is none of {', '.join(valid)}")
    return found or ""


def _day(part: Part, key: str) -> date:
    found = part.value(key, str, "a day such as 2026-10-01")
    if found is not None and _DAY.fullmatch(found):
        try:
            return date.fromisoformat(found)
        except ValueError:
            pass
    if found is not None:
        part.wrong(key, "is not a day such as 2026-10-01")
    return date.min
