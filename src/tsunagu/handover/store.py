"""What people do with hand-overs at either end. The desk and the node of one organisation open the same file.

The desk needs no key that signs: what a person decided here is signed and carried by the node (`passage.py`) at its
next look. From the moment of the decision it holds at this end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

from tsunagu.errors import PurposeError, SourceError, StateError
from tsunagu.handover.document import CaseDocument
from tsunagu.handover.kept import Kept, Shelf, no_such_handover
from tsunagu.handover.manifest import Manifest, mistakes_between, read_manifest
from tsunagu.handover.package import AttachedFile, Opened, hash_of_parts, opened, parts_of, size_of, with_files
from tsunagu.handover.people import ACCOUNT, Act, Official
from tsunagu.handover.receipts import REASONS, Receipt
from tsunagu.handover.states import OURS
from tsunagu.handover.working_days import japan_day, working_day_after, working_days_between

#: Working days until an answer is due, and until an offer ends, where nobody chose otherwise.
RESPOND_DAYS, EXPIRE_DAYS = 5, 20
MOST_DAYS = 60
#: Where somebody at this end waits for an answer, or owes one.
_WAITING = {"out": ("queued", "offered", "stored", "withdrawing"), "in": ("receiving", "stored")}


@dataclass(frozen=True)
class Draft:
    """What somebody is about to hand over. It can be looked at (`preview`) before it is queued.

    work        this end's own name of the case, such as `case:12`; it does not travel
    to          organisation of the directory
    kind        `restricted` where somebody of the family is protected
    recipients  as manifest.Manifest has them; a restricted one names two accounts
    respond_days, expire_days  working days
    """

    work: str
    to: str
    kind: str
    recipients: tuple[str, ...]
    document: CaseDocument
    files: tuple[AttachedFile, ...] = ()
    respond_days: int = RESPOND_DAYS
    expire_days: int = EXPIRE_DAYS


@dataclass(frozen=True)
class Clock:
    """Until when an answer is in time. left: working days, 0 on the last one, below zero where it is late."""

    respond_by: date
    expires_on: date
    left: int

    @property
    def is_overdue(self) -> bool:
        return self.left < 0


@dataclass(frozen=True)
class Handover:
    """A hand-over as a list shows it; nothing of the child stands in it.

    state, side   as states.py has them; peer: the other organisation
    is_ours       whether this end is responsible for the child now
    clock         None where nobody waits any more
    arrived       parts that the receiving side has, as far as this end knows; of `parts`
    receipts      what the receiving side said, in order
    has_contents  whether it can still be opened
    readers       accounts that may open it, where a recipient chose them
    """

    id: str
    side: str
    peer: str
    state: str
    manifest: Manifest
    work: str
    queued_by: str
    is_ours: bool
    clock: Clock | None
    arrived: int
    receipts: tuple[Receipt, ...]
    has_contents: bool
    readers: tuple[str, ...]
    came_at: datetime = field(compare=False)
    changed_at: datetime = field(compare=False)

    @property
    def parts(self) -> int:
        return len(self.manifest.parts)


class HandoverStore:
    """The hand-overs of one organisation.

    path  the file, in a folder of its own; key: 64 bytes (`runs.crypt.create_key`), without which nothing opens
    own   id of this organisation in the directory
    """

    def __init__(self, path: Path, key: bytes, own: str) -> None:
        self.shelf = Shelf(path, key, own)
        self.own = own

    def close(self) -> None:
        """Lets the file go."""
        self.shelf.close()

    def preview(self, draft: Draft, at: datetime) -> Opened:
        """Exactly what would travel; SourceError where it could not. Nothing is kept."""
        manifest, parts = self._made(draft, at)
        return opened(parts, manifest.id)

    def queue(self, draft: Draft, by: Official, at: datetime) -> str:
        """Takes a hand-over on, and gives its id. The node offers it at its next look.

        raises  SourceError where it cannot travel; StateError where this case is being handed over already
        """
        manifest, parts = self._made(draft, at)
        kept = Kept(manifest.id, "out", draft.to, "queued", manifest, draft.work, by.account, True, at, at, ())
        with self.shelf.transaction() as db:
            self._require_alone(db, draft.work)
            kept = self.shelf.add(db, kept, b"", "queue", Act.of(by, at))
            for number, part in enumerate(parts):
                self.shelf.put_part(db, kept, number, part)
        return manifest.id

    def withdraw(self, id: str, by: Official, at: datetime) -> Handover:
        """Takes a hand-over back: at once while it is queued, otherwise once the other side has confirmed it.

        An acceptance that came before the withdrawal there holds; the state says which it was.
        """
        with self.shelf.transaction() as db:
            kept = self.shelf.step(db, self.shelf.get(db, id, "out"), "withdraw", Act.of(by, at))
            found = self._seen(db, kept, japan_day(at))
        self.shelf.forget()
        return found

    def outgoing(self, today: date) -> list[Handover]:
        """What this end hands over or handed over, the oldest first."""
        return self._listed("out", today)

    def incoming(self, today: date) -> list[Handover]:
        """What others hand over to this end, the oldest first."""
        return self._listed("in", today)

    def get(self, id: str, today: date) -> Handover:
        """One hand-over, of either side; StateError where there is none."""
        with self.shelf.reading() as db:
            found = self.shelf.find(db, id)
            if found is None:
                raise no_such_handover(id)
            return self._seen(db, found, today)

    def open(self, id: str, by: Official, at: datetime) -> Opened:
        """Document and files; the log has it before they are read.

        raises  PurposeError where this person may not: incoming, who is no recipient; a restricted one that goes out,
                whoever did not hand it over. StateError where it is destroyed, not there as a whole, or restricted and
                nobody has chosen its readers yet
        """
        with self.shelf.transaction() as db:
            kept = self.shelf.find(db, id)
            if kept is None:
                raise no_such_handover(id)
            self._require_reader(db, kept, by, at)
            self.shelf.note(db, kept, "open", Act.of(by, at))
        with self.shelf.reading() as db:
            parts = self.shelf.parts(db, kept)
        return opened(parts, id)

    def choose_readers(self, id: str, accounts: Sequence[str], by: Official, at: datetime) -> Handover:
        """Says who of this office may open an incoming hand-over; of a restricted one before it is first opened.

        Of a restricted one nobody but its two recipients can be chosen, and one of them chooses.
        """
        with self.shelf.transaction() as db:
            kept = self.shelf.get(db, id, "in")
            self._require_recipient(kept, by)
            readers = tuple(dict.fromkeys(accounts))
            named = {f"account:{one}" for one in readers}
            if not readers or not all(ACCOUNT.fullmatch(one) for one in readers):
                raise SourceError("readers are accounts", where=id, to_do="Choose at least one.")
            if kept.manifest.kind == "restricted" and not named <= set(kept.manifest.recipients):
                raise PurposeError(
                    "a restricted hand-over is for the two people whom it names",
                    where=id,
                    to_do="Choose among them, or decline it and ask for another two.",
                )
            db.execute("UPDATE handovers SET readers = ? WHERE id = ?", (" ".join(readers), id))
            self.shelf.note(db, kept, "choose_readers", Act.of(by, at), readers=len(readers))
            return self._seen(db, self.shelf.get(db, id, "in"), japan_day(at))

    def accept(self, id: str, by: Official, at: datetime) -> Handover:
        """Takes the child on: from here on this end is responsible. The sender is told by the node's next look."""
        return self._decide(id, "accept", Receipt(id, "", "accepted", "", f"staff:{by.account}", at), by)

    def decline(self, id: str, by: Official, at: datetime, reason: str) -> Handover:
        """Does not take the child on; the contents are destroyed here, and the sender stays responsible.

        reason  one of receipts.REASONS
        """
        if reason not in REASONS:
            raise SourceError("this is no reason", where="reason", to_do=f"Give one of: {', '.join(REASONS)}.")
        return self._decide(id, "decline", Receipt(id, "", "declined", reason, f"staff:{by.account}", at), by)

    def seal(self, id: str, by: Official, at: datetime) -> Handover:
        """Closes an accepted hand-over once its document is in this end's own case: the contents are destroyed here."""
        with self.shelf.transaction() as db:
            kept = self.shelf.get(db, id, "in")
            self._require_recipient(kept, by)
            kept = self.shelf.step(db, kept, "seal", Act.of(by, at))
            found = self._seen(db, kept, japan_day(at))
        self.shelf.forget()
        return found

    def expire(self, at: datetime) -> int:
        """Ends incoming offers whose last day is over; how many. Node and desk may both call it, however often."""
        today, ended = japan_day(at), 0
        with self.shelf.transaction() as db:
            for kept in self.shelf.all(db, "in"):
                if kept.state in _WAITING["in"] and today > kept.manifest.expires_on:
                    kept = self.shelf.step(db, kept, "expire", Act.program(at))  # noqa: PLW2901 - the same, a step on
                    receipt = Receipt(kept.id, kept.manifest.hash, "expired", "", "system", at.replace(microsecond=0))
                    self.shelf.put_receipt(db, receipt, b"")
                    ended += 1
        self.shelf.forget()
        return ended

    def newly_overdue(self, at: datetime) -> list[Handover]:
        """Those on either side that are late and were not given before: somebody above must look at them.

        Each is in the log, once. Who calls must tell somebody; a list shows `clock.is_overdue` at any time.
        """
        today, late = japan_day(at), []
        with self.shelf.transaction() as db:
            told = {row[0] for row in db.execute("SELECT id FROM handovers WHERE told_overdue = 1").fetchall()}
            for kept in self.shelf.all(db, "in") + self.shelf.all(db, "out"):
                clock = _clock(kept, today)
                if clock is not None and clock.is_overdue and kept.id not in told:
                    db.execute("UPDATE handovers SET told_overdue = 1 WHERE id = ?", (kept.id,))
                    self.shelf.note(db, kept, "overdue", Act.program(at), days=-clock.left)
                    late.append(self._seen(db, kept, today))
        return late

    def _decide(self, id: str, step: str, receipt: Receipt, by: Official) -> Handover:
        with self.shelf.transaction() as db:
            kept = self.shelf.get(db, id, "in")
            self._require_recipient(kept, by)
            if japan_day(receipt.at) > kept.manifest.expires_on:
                raise StateError(
                    "the offer has ended", where=id, to_do="Ask the other municipality to hand the case over anew."
                )
            detail = {"reason": receipt.reason} if receipt.reason else {}
            kept = self.shelf.step(db, kept, step, Act.of(by, receipt.at), **detail)
            self.shelf.put_receipt(db, replace(receipt, manifest_sha256=kept.manifest.hash), b"")
            found = self._seen(db, kept, japan_day(receipt.at))
        self.shelf.forget()
        return found

    def _made(self, draft: Draft, at: datetime) -> tuple[Manifest, tuple[bytes, ...]]:
        if not (0 < draft.respond_days <= draft.expire_days <= MOST_DAYS):
            raise SourceError(
                "the days to answer are not in order",
                where="days",
                to_do=f"Give from 1 to {MOST_DAYS} working days, to answer not more than to end.",
            )
        parts = parts_of(with_files(draft.document, draft.files), draft.files)
        today = japan_day(at)
        made = Manifest(
            id=f"h-{uuid4().hex}",
            sender=self.own,
            receiver=draft.to,
            kind=draft.kind,
            recipients=draft.recipients,
            made_at=at.replace(microsecond=0),
            respond_by=working_day_after(today, draft.respond_days),
            expires_on=working_day_after(today, draft.expire_days),
            size=size_of(parts),
            sha256=hash_of_parts(parts),
            parts=tuple(hash_of_parts((part,)) for part in parts),
        )
        wrong = mistakes_between(made)
        if wrong:
            listed = "\n  ".join(f"{key}: {what}" for key, what in wrong)
            raise SourceError(f"this cannot be handed over\n  {listed}", where="manifest", to_do="Correct it first.")
        return read_manifest(made.content, "manifest"), parts

    def _require_alone(self, db: sqlite3.Connection, work: str) -> None:
        for kept in self.shelf.all(db, "out"):
            if kept.work == work and kept.state in _WAITING["out"]:
                raise StateError(
                    "this case is being handed over already",
                    where=kept.id,
                    to_do="Wait for the answer, or withdraw that one first.",
                )

    def _require_reader(self, db: sqlite3.Connection, kept: Kept, by: Official, at: datetime) -> None:
        restricted = kept.manifest.kind == "restricted"
        if kept.side == "out":
            may = not restricted or by.account == kept.queued_by
        elif kept.readers:
            may = by.account in kept.readers
        else:
            may = by.is_among(kept.manifest.recipients)
        if not may:
            raise _not_for(kept)
        if kept.side == "in" and restricted and not kept.readers:
            raise StateError(
                "nobody has chosen yet who may see this", where=kept.id, to_do="Choose its readers, then open it."
            )
        if kept.side == "in" and kept.state == "receiving":
            raise StateError("this has not arrived as a whole", where=kept.id, to_do="Wait for the rest.")

    def _require_recipient(self, kept: Kept, by: Official) -> None:
        if not by.is_among(kept.manifest.recipients):
            raise _not_for(kept)

    def _listed(self, side: str, today: date) -> list[Handover]:
        with self.shelf.reading() as db:
            return [self._seen(db, kept, today) for kept in self.shelf.all(db, side)]

    def _seen(self, db: sqlite3.Connection, kept: Kept, today: date) -> Handover:
        receipts = tuple(receipt for receipt, _ in self.shelf.receipts(db, kept.id))
        total = len(kept.manifest.parts)
        if kept.side == "in" and kept.state == "receiving":
            arrived = self.shelf.count(db, kept)
        else:
            arrived = total if any(one.what in ("stored", "accepted") for one in receipts) else 0
        return Handover(
            id=kept.id,
            side=kept.side,
            peer=kept.peer,
            state=kept.state,
            manifest=kept.manifest,
            work=kept.work,
            queued_by=kept.queued_by,
            is_ours=kept.state in OURS[kept.side],
            clock=_clock(kept, today),
            arrived=arrived,
            receipts=receipts,
            has_contents=kept.has_contents,
            readers=kept.readers,
            came_at=kept.came_at,
            changed_at=kept.changed_at,
        )


def _clock(kept: Kept, today: date) -> Clock | None:
    if kept.state not in _WAITING[kept.side]:
        return None
    due = kept.manifest.respond_by
    left = working_days_between(today, due)
    # A day off after the last day is late too, though no working day has passed.
    return Clock(due, kept.manifest.expires_on, min(left, -1) if today > due else left)


def _not_for(kept: Kept) -> PurposeError:
    return PurposeError(
        "this hand-over is for others", where=kept.id, to_do="Ask those whom it names; the sender knows them."
    )
