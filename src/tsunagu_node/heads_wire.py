"""Heads and what a witness says of them, as they travel: strict JSON at both ends, each message below a size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tsunagu.audit.heads import SignedHead, head_from, text_of
from tsunagu.audit.held import Held
from tsunagu.audit.witness import Countersignature, WitnessFault, countersignature_from, countersignature_text
from tsunagu.errors import SourceError
from tsunagu.purposes.canonical import canonical, read_object

FORM = "tsunagu-heads-1"
#: Heads in one message, and bytes of them: as texts in JSON they must stay below what a node takes at a time.
MOST, MOST_BYTES = 64, 320 << 10
KINDS = ("edited", "forked", "rolled_back", "gap", "withheld")


@dataclass(frozen=True)
class Brought:
    """Heads that are brought. more: whether further ones follow."""

    heads: tuple[SignedHead, ...]
    more: bool


def portion(heads: Sequence[SignedHead]) -> Sequence[SignedHead]:
    """As many of these as one message takes, at least one."""
    size, count = 0, 0
    for head in heads[:MOST]:
        size += len(text_of(head))
        if count and size > MOST_BYTES:
            break
        count += 1
    return heads[:count]


def brought_bytes(brought: Brought) -> bytes:
    """The message that brings them."""
    return canonical({"form": FORM, "more": brought.more, "heads": [text_of(head) for head in brought.heads]})


def read_brought(data: bytes) -> Brought:
    """SourceError where it is no such message."""
    read = read_object(data, "heads")
    heads, more = read.get("heads"), read.get("more")
    if set(read) != {"form", "more", "heads"} or read["form"] != FORM or not isinstance(more, bool):
        raise _other_form()
    if not isinstance(heads, list) or not 1 <= len(heads) <= MOST:
        raise _other_form()
    return Brought(tuple(_head(one) for one in heads), more)


def said_bytes(said: Countersignature | WitnessFault) -> bytes:
    """What the witness says: its countersignature, or why there is none."""
    if isinstance(said, WitnessFault):
        return canonical({"form": FORM, "fault": {"kind": said.kind, "row": said.row, "known": said.known}})
    return canonical({"form": FORM, "countersignature": countersignature_text(said)})


def read_said(data: bytes, where: str) -> Countersignature | WitnessFault:
    """SourceError where it is no such message."""
    read = read_object(data, where)
    if read.get("form") == FORM and set(read) == {"form", "countersignature"}:
        return _countersignature(read["countersignature"])
    fault = read.get("fault")
    if read.get("form") != FORM or set(read) != {"form", "fault"} or not isinstance(fault, dict):
        raise _other_form()
    kind, row, known = (fault.get(key) for key in ("kind", "row", "known"))
    if len(fault) != 3 or kind not in KINDS or type(row) is not int or type(known) is not int:
        raise _other_form()
    return WitnessFault(kind, row, known)


def held_bytes(held: Sequence[Held], *, more: bool) -> bytes:
    """What a peer holds of a log. more: whether it holds further ones."""
    listed = [{"head": text_of(one.head), "countersignature": countersignature_text(one.made)} for one in held]
    return canonical({"form": FORM, "more": more, "held": listed})


def read_held_heads(data: bytes, where: str) -> tuple[list[Held], bool]:
    """SourceError where it is no such message."""
    read = read_object(data, where)
    held, more = read.get("held"), read.get("more")
    if set(read) != {"form", "more", "held"} or read["form"] != FORM or not isinstance(more, bool):
        raise _other_form()
    if not isinstance(held, list) or not all(isinstance(one, dict) and len(one) == 2 for one in held):
        raise _other_form()
    return [Held(_head(one.get("head")), _countersignature(one.get("countersignature"))) for one in held], more


def _head(text: object) -> SignedHead:
    try:
        return head_from(text if isinstance(text, str) else "")
    except ValueError as error:
        raise _other_form() from error


def _countersignature(text: object) -> Countersignature:
    try:
        return countersignature_from(text if isinstance(text, str) else "")
    except ValueError as error:
        raise _other_form() from error


def _other_form() -> SourceError:
    return SourceError(
        "the message about heads has another form", where="heads", to_do="Compare the versions of both nodes."
    )
