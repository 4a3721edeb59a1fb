"""The manifest of a hand-over: who hands over to whom, by when an answer is due, and the hash of every part.

It holds nothing of the child: no name, no address, no number by which anybody could find the case. It is what both
sides keep when the contents are gone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from tsunagu.errors import SourceError
from tsunagu.handover.package import LARGEST_CONTENTS, PART
from tsunagu.handover.signing import moment_of, moment_text, require_none
from tsunagu.purposes.canonical import hash_of
from tsunagu.purposes.strict import HASH, IDENTIFIER, Part

FORM = "tsunagu-handover-1"
WITHDRAWAL_FORM = "tsunagu-handover-withdrawal-1"
KINDS = ("ordinary", "restricted")
#: Who may open a restricted hand-over: two people, named.
NAMED = 2
MOST_RECIPIENTS = 10
ID = re.compile(r"h-[0-9a-f]{32}")
RECIPIENT = re.compile(r"(role|account):[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True)
class Manifest:
    """What is signed by the sender, and what each receipt is bound to.

    id            of this hand-over; drawn, so that it tells nothing
    sender, receiver  organisations of the directory ("from" and "to" in the message)
    kind          restricted where somebody of the family is protected: `recipients` are then two accounts
    recipients    `role:supervisor` or `account:a-1024`, as the receiving side names its people
    made_at       when it was prepared
    respond_by    last day on which an answer is in time; expires_on: last day on which it may be accepted
    size, sha256  of the contents without salt, and over all salted parts in order
    parts         SHA-256 of each salted part
    """

    id: str
    sender: str
    receiver: str
    kind: str
    recipients: tuple[str, ...]
    made_at: datetime
    respond_by: date
    expires_on: date
    size: int
    sha256: str
    parts: tuple[str, ...]

    @property
    def content(self) -> dict[str, object]:
        """What is signed, as plain JSON values."""
        return {
            "form": FORM,
            "id": self.id,
            "from": self.sender,
            "to": self.receiver,
            "kind": self.kind,
            "recipients": list(self.recipients),
            "made_at": moment_text(self.made_at),
            "respond_by": self.respond_by.isoformat(),
            "expires_on": self.expires_on.isoformat(),
            "size": self.size,
            "sha256": self.sha256,
            "parts": list(self.parts),
        }

    @property
    def hash(self) -> str:
        """What receipts are bound to."""
        return hash_of(self.content)


def read_manifest(content: Mapping[str, object], where: str) -> Manifest:
    """The manifest in the content of a message; SourceError names every mistake."""
    part = Part(content, "", [])
    part.choice("form", (FORM,))
    made = Manifest(
        id=part.match("id", ID, "the id of a hand-over"),
        sender=part.match("from", IDENTIFIER, "an identifier"),
        receiver=part.match("to", IDENTIFIER, "an identifier"),
        kind=part.choice("kind", KINDS),
        recipients=_recipients(part),
        made_at=moment_of(part, "made_at"),
        respond_by=part.day("respond_by"),
        expires_on=part.day("expires_on"),
        size=part.whole("size", 1, LARGEST_CONTENTS),
        sha256=part.match("sha256", HASH, "a hash"),
        parts=_parts(part),
    )
    part.done()
    for place, what in mistakes_between(made):
        part.wrong(place, what)
    require_none(part, where)
    return made


def mistakes_between(made: Manifest) -> list[tuple[str, str]]:
    """(key, what) where two things that a manifest says do not go together."""
    found = []
    if made.sender == made.receiver:
        found.append(("to", "is the sender itself"))
    if made.expires_on < made.respond_by:
        found.append(("expires_on", "lies before respond_by"))
    if len(made.parts) != max(1, -(-made.size // PART)):
        found.append(("parts", "are not as many as the size says"))
    accounts = [one for one in made.recipients if one.startswith("account:")]
    if made.kind == "restricted" and not len(accounts) == len(made.recipients) == NAMED:
        found.append(("recipients", f"are not {NAMED} accounts, as a restricted hand-over needs"))
    return found


def withdrawal_content(manifest: Manifest, at: datetime) -> dict[str, object]:
    """What the sender signs to take a hand-over back."""
    return {
        "form": WITHDRAWAL_FORM,
        "handover": manifest.id,
        "manifest_sha256": manifest.hash,
        "at": moment_text(at),
    }


def require_withdrawal_of(content: Mapping[str, object], manifest: Manifest) -> datetime:
    """When it was withdrawn; SourceError unless this is the withdrawal of exactly that manifest."""
    part = Part(content, "", [])
    part.choice("form", (WITHDRAWAL_FORM,))
    about = (part.match("handover", ID, "an id"), part.match("manifest_sha256", HASH, "a hash"))
    at = moment_of(part, "at")
    part.done()
    require_none(part, manifest.id)
    if about != (manifest.id, manifest.hash):
        raise SourceError(
            "the withdrawal is of another hand-over", where=manifest.id, to_do="Send the withdrawal of this one."
        )
    return at


def _recipients(part: Part) -> tuple[str, ...]:
    found = part.several("recipients", some=True)
    texts = tuple(one for one in found if isinstance(one, str) and RECIPIENT.fullmatch(one))
    if len(texts) != len(found) or len(set(texts)) != len(texts) or len(found) > MOST_RECIPIENTS:
        part.wrong("recipients", f"are not up to {MOST_RECIPIENTS} of role:… or account:…, each once")
    return texts


def _parts(part: Part) -> tuple[str, ...]:
    found = cast(list[str], part.several("parts", some=True))
    if not all(isinstance(one, str) and HASH.fullmatch(one) for one in found):
        part.wrong("parts", "are not hashes")
        return ()
    return tuple(found)
