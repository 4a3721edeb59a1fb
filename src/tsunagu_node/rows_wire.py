"""What travels about the rows of a log: which are to be shown, their hashes, and what the witness says of them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from tsunagu.audit.stretch import HASH_BYTES
from tsunagu.audit.witness import WitnessFault
from tsunagu.errors import SourceError
from tsunagu.purposes.canonical import canonical, read_object
from tsunagu_node.witnessed_rows import MOST

FORM = "tsunagu-rows-1"
KINDS = ("rewritten", "cut")


def wanted_bytes(wanted: tuple[Sequence[int], bool]) -> bytes:
    """Numbers of heads whose rows are to be shown, and whether others are to follow."""
    numbers, more = wanted
    return canonical({"form": FORM, "more": more, "wanted": list(numbers)})


def read_wanted(data: bytes, where: str) -> tuple[list[int], bool]:
    """SourceError where it is no such message."""
    read = read_object(data, where)
    numbers, more = read.get("wanted"), read.get("more")
    if set(read) != {"form", "more", "wanted"} or read["form"] != FORM or not isinstance(more, bool):
        raise _other_form()
    if not isinstance(numbers, list) or len(numbers) > MOST or not all(_is_number(one) for one in numbers):
        raise _other_form()
    return numbers, more


def shown_bytes(shown: Sequence[tuple[int, Sequence[bytes]]]) -> bytes:
    """Number of a head and the hashes of the rows under it, of several heads."""
    rows = [
        {"number": number, "hashes": base64.b64encode(b"".join(hashes)).decode("ascii")} for number, hashes in shown
    ]
    return canonical({"form": FORM, "rows": rows})


def read_shown(data: bytes, where: str) -> list[tuple[int, list[bytes]]]:
    """SourceError where it is no such message."""
    read = read_object(data, where)
    rows = read.get("rows")
    if (
        set(read) != {"form", "rows"}
        or read["form"] != FORM
        or not isinstance(rows, list)
        or not 1 <= len(rows) <= MOST
    ):
        raise _other_form()
    found = [_shown(one) for one in rows]
    if len({number for number, _ in found}) != len(found):
        raise _other_form()
    return found


def seen_bytes(fault: WitnessFault | None) -> bytes:
    """What the witness says: nothing is amiss, or the first row that is."""
    said = None if fault is None else {"kind": fault.kind, "row": fault.row, "known": fault.known}
    return canonical({"form": FORM, "fault": said})


def read_seen(data: bytes, where: str) -> WitnessFault | None:
    """SourceError where it is no such message."""
    read = read_object(data, where)
    if set(read) != {"form", "fault"} or read["form"] != FORM:
        raise _other_form()
    fault = read["fault"]
    if fault is None:
        return None
    if not isinstance(fault, dict) or set(fault) != {"kind", "row", "known"} or fault["kind"] not in KINDS:
        raise _other_form()
    if not _is_number(fault["row"]) or not _is_number(fault["known"]):
        raise _other_form()
    return WitnessFault(fault["kind"], fault["row"], fault["known"])


def _shown(one: object) -> tuple[int, list[bytes]]:
    if not isinstance(one, dict) or set(one) != {"number", "hashes"} or not _is_number(one["number"]):
        raise _other_form()
    try:
        data = base64.b64decode(one["hashes"], validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise _other_form() from error
    if len(data) % HASH_BYTES:
        raise _other_form()
    return one["number"], [data[place : place + HASH_BYTES] for place in range(0, len(data), HASH_BYTES)]


def _is_number(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 53


def _other_form() -> SourceError:
    return SourceError(
        "the message about rows has another form", where="rows", to_do="Compare the versions of both nodes."
    )
