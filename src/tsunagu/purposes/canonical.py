"""The one form in which content is signed: JSON with sorted keys, no spaces, whole numbers only, every key once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from tsunagu.errors import SourceError

LARGEST = 1_000_000


def canonical(content: Mapping[str, object]) -> bytes:
    """Content as UTF-8; RFC 8785 for what may occur here: texts, whole numbers, true and false, lists, objects."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def hash_of(content: Mapping[str, object]) -> str:
    """SHA-256 of the canonical form, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(content)).hexdigest()


def read_object(data: bytes, where: str) -> dict[str, object]:
    """The object in a file; SourceError where two readers might understand it differently.

    Refused are a key twice in one object, a number that is not whole, and what is no UTF-8, no JSON or no object.
    """
    if len(data) > LARGEST:
        raise SourceError(
            f"the file is larger than {LARGEST:,} bytes", where=where, to_do="Check that this is the file you mean."
        )
    try:
        read = json.loads(
            data.decode("utf-8"), object_pairs_hook=_each_once, parse_float=_not_whole, parse_constant=_not_whole
        )
    except _Ambiguous as error:
        raise SourceError(str(error), where=where, to_do="Correct the file.") from error
    except UnicodeDecodeError as error:
        raise SourceError("the file is not UTF-8", where=where, to_do="Save it as UTF-8 and try again.") from error
    except (ValueError, RecursionError) as error:
        place = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise SourceError("this is not JSON", where=f"{where}{place}", to_do="Correct the place named here.") from error
    if not isinstance(read, dict):
        raise SourceError("this is not a JSON object", where=where, to_do="Check that this is the file you mean.")
    return read


class _Ambiguous(Exception):
    pass


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise _Ambiguous(f"'{key}' stands twice")
        found[key] = value
    return found


def _not_whole(text: str) -> object:
    raise _Ambiguous(f"{text} is not a whole number")
