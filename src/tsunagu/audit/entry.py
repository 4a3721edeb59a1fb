"""One act, as it enters the log: identifiers and codes, so that the log itself tells nothing about a family."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tsunagu.errors import PurposeError

# ASCII only: no Japanese name, no address and no free text can pass for an identifier or a code.
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@+-]{0,79}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")

type_names = ("at", "actor", "role", "action", "object", "purpose")


@dataclass(frozen=True)
class Entry:
    """An act before it is sealed.

    at       moment in UTC, `2026-11-23T09:30:00.000000Z`
    actor    who: `staff:12`, `system`, or `unknown` (a failed login)
    role     the actor's role at that moment; a role may change later
    action   view, search, decide, log_in, refused, intake …
    object   what kind of thing: worklist, child, access_log …
    purpose  the purpose the act was done for, as a code
    persons  ids of the persons shown or concerned, in the order shown; empty when nobody was
    detail   further codes and counts (`shown`: 20, `outcome`: "watch"); never a value of a person
    """

    at: str
    actor: str
    role: str
    action: str
    object: str
    purpose: str
    persons: tuple[str, ...] = ()
    detail: Mapping[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _MOMENT.fullmatch(self.at):
            raise _refusal("at")
        for name in ("actor", "role", "action", "object", "purpose"):
            if not _IDENTIFIER.fullmatch(getattr(self, name)):
                raise _refusal(name)
        if not all(_IDENTIFIER.fullmatch(person) for person in self.persons):
            raise _refusal("persons")
        for key, value in self.detail.items():
            is_code = isinstance(value, str) and _IDENTIFIER.fullmatch(value)
            if not _IDENTIFIER.fullmatch(key) or not (is_code or isinstance(value, int)):
                raise _refusal("detail")


def as_mapping(entry: Entry) -> dict[str, object]:
    """The entry as plain JSON values."""
    return {
        "at": entry.at,
        "actor": entry.actor,
        "role": entry.role,
        "action": entry.action,
        "object": entry.object,
        "purpose": entry.purpose,
        "persons": list(entry.persons),
        "detail": dict(entry.detail),
    }


def canonical(value: Mapping[str, object]) -> str:
    """The one way to write a row: keys sorted, no spaces, no escapes beyond JSON's own; NaN is refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _refusal(name: str) -> PurposeError:
    return PurposeError(
        f"the log takes identifiers and codes only, and '{name}' is neither",
        where="audit entry",
        to_do="This is a fault of the program: an id or a code belongs there, never text about a person.",
    )
