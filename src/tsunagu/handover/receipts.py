"""Receipts: what the receiving side says of a hand-over, each once, signed, and bound to the manifest's hash."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tsunagu.handover.manifest import ID
from tsunagu.handover.signing import moment_of, moment_text, require_none
from tsunagu.purposes.strict import HASH, Part

FORM = "tsunagu-handover-receipt-1"
#: In the order in which they can come; one of the last four ends the matter.
KINDS = ("stored", "accepted", "declined", "expired", "withdrawn")
#: Why people decline.
REASONS = ("not_resident", "wrong_office", "already_with_us", "incomplete", "not_agreed")
#: Why the program does: what came is not a hand-over that this side can read.
UNREADABLE = "unreadable"
_BY = re.compile(r"staff:[A-Za-z0-9][A-Za-z0-9._-]{0,79}|system")


@dataclass(frozen=True)
class Receipt:
    """What was done. by: `staff:` and the account, or `system`; reason: why it was declined, empty otherwise."""

    handover: str
    manifest_sha256: str
    what: str
    reason: str
    by: str
    at: datetime

    @property
    def content(self) -> dict[str, object]:
        """What is signed, as plain JSON values."""
        return {
            "form": FORM,
            "handover": self.handover,
            "manifest_sha256": self.manifest_sha256,
            "what": self.what,
            "reason": self.reason,
            "by": self.by,
            "at": moment_text(self.at),
        }


def read_receipt(content: Mapping[str, object], where: str) -> Receipt:
    """The receipt in the content of a message; SourceError names every mistake."""
    part = Part(content, "", [])
    part.choice("form", (FORM,))
    made = Receipt(
        handover=part.match("handover", ID, "the id of a hand-over"),
        manifest_sha256=part.match("manifest_sha256", HASH, "a hash"),
        what=part.choice("what", KINDS),
        reason=part.choice("reason", ("", UNREADABLE, *REASONS)),
        by=part.match("by", _BY, "staff: and an account, or system"),
        at=moment_of(part, "at"),
    )
    part.done()
    if (made.what == "declined") != bool(made.reason):
        part.wrong("reason", "stands where it was declined, and nowhere else")
    if made.what == "accepted" and not made.by.startswith("staff:"):
        part.wrong("by", "is no person, and only people accept")
    require_none(part, where)
    return made
