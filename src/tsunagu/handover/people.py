"""Who acts on a hand-over at this end, and how the log and receipts name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from tsunagu.errors import PurposeError

ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True)
class Official:
    """A member of staff, by account and by the role in which they act; the caller vouches for both."""

    account: str
    role: str

    def __post_init__(self) -> None:
        if not ACCOUNT.fullmatch(self.account) or not ACCOUNT.fullmatch(self.role):
            raise PurposeError(
                "an account and a role are identifiers", where="official", to_do="Give both, in letters and digits."
            )

    def is_among(self, recipients: tuple[str, ...]) -> bool:
        """Whether a manifest is addressed to this person."""
        return f"account:{self.account}" in recipients or f"role:{self.role}" in recipients


@dataclass(frozen=True)
class Act:
    """That somebody does something at a moment: `actor` and `role` as the log writes them."""

    at: datetime
    actor: str
    role: str

    @classmethod
    def of(cls, official: Official, at: datetime) -> Act:
        """A person's."""
        return cls(at, f"staff:{official.account}", official.role)

    @classmethod
    def program(cls, at: datetime) -> Act:
        """This end's program."""
        return cls(at, "system", "program")

    @classmethod
    def peer(cls, organisation: str, at: datetime) -> Act:
        """The other organisation, by a signed message."""
        return cls(at, f"org:{organisation}", "peer")
