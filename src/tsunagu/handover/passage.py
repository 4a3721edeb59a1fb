"""What nodes do with hand-overs: offer, carry part by part, store with a receipt, and take receipts.

Everything may come twice, late, in another order or cut off: what was done once is told again, what does not follow is
refused, and each act is one transaction. Whoever calls has proved which organisation sends (`sender`).

Read the sending end from `offer` to `take_standing`, the receiving end from `take_offer` to `standing`.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tsunagu.errors import PurposeError, SourceError, StateError
from tsunagu.handover.kept import Kept, no_such_handover
from tsunagu.handover.manifest import ID, Manifest, read_manifest, require_withdrawal_of, withdrawal_content
from tsunagu.handover.package import PART, SALT, hash_of_parts, opened, size_of
from tsunagu.handover.people import Act
from tsunagu.handover.receipts import UNREADABLE, Receipt, read_receipt
from tsunagu.handover.signing import Keys, require_none, signed, signed_of
from tsunagu.handover.states import IN, OUT, OUTCOMES
from tsunagu.handover.store import HandoverStore
from tsunagu.handover.working_days import japan_day
from tsunagu.keys import key_of_now
from tsunagu.purposes.canonical import canonical, read_object
from tsunagu.purposes.strict import HASH, Part

STANDING_FORM = "tsunagu-handover-standing-1"
WAITING_FORM = "tsunagu-handover-waiting-1"
#: Hand-overs of one sender that are not decided yet; bytes that one look of a receiver who fetches brings.
MOST_OPEN, MOST_WAITING = 500, 600_000
_UNDECIDED = ("offered", "stored", "withdrawing")


@dataclass(frozen=True)
class Waiting:
    """A hand-over that somebody fetched. standing: what is to be brought back; next: the part to fetch, or None."""

    id: str
    standing: bytes
    next: int | None


class Passage:
    """The node's side of a store.

    key   signs as this organisation, or what gives the one of now; keys: the directory at a moment
    """

    def __init__(
        self,
        store: HandoverStore,
        key: Ed25519PrivateKey | Callable[[], Ed25519PrivateKey],
        keys: Callable[[datetime], Keys],
    ) -> None:
        self._store, self._shelf = store, store.shelf
        self._own, self._signing, self._keys = store.own, key, keys

    @property
    def _key(self) -> Ed25519PrivateKey:
        return key_of_now(self._signing)

    def undecided(self) -> list[tuple[str, str, str]]:
        """(id, receiver, state) of what this end has still to send or to hear of, the oldest first."""
        with self._shelf.reading() as db:
            found = self._shelf.all(db, "out")
        return [(kept.id, kept.peer, kept.state) for kept in found if kept.state in ("queued", *_UNDECIDED)]

    def offer(self, id: str, at: datetime) -> bytes:
        """The signed manifest; from here on it may have been received, and that is on the disk before this returns."""
        with self._shelf.transaction() as db:
            kept = self._shelf.get(db, id, "out")
            if kept.state == "queued":
                kept = self._shelf.step(db, kept, "offer", Act.program(at))
            if kept.state not in _UNDECIDED:
                raise StateError("this hand-over is decided", where=id, to_do="Nothing is to be sent any more.")
        return signed(kept.manifest.content, self._key)

    def part(self, id: str, number: int, receiver: str) -> tuple[Manifest, bytes]:
        """A salted part for that organisation, with the manifest that it is bound to."""
        with self._shelf.reading() as db:
            kept = self._shelf.get(db, id, "out")
            if kept.peer != receiver:  # told as if it were not there
                raise no_such_handover(id)
            if kept.state not in ("offered", "stored"):
                raise StateError("there is no such part to send", where=id, to_do="Read again how it stands.")
            return kept.manifest, self._shelf.part(db, kept, number)

    def withdrawal(self, id: str, at: datetime) -> bytes:
        """Manifest and withdrawal, signed both; StateError where it is not being withdrawn."""
        with self._shelf.reading() as db:
            kept = self._shelf.get(db, id, "out")
        if kept.state != "withdrawing":
            raise StateError("nobody withdraws this", where=id, to_do="Read again how it stands.")
        return canonical(self._of_waiting(kept, at))

    def waiting(self, receiver: str, at: datetime) -> bytes:
        """What waits for a receiver who fetches: manifests, and withdrawals of those that are taken back."""
        undecided = [(id, state) for id, peer, state in self.undecided() if peer == receiver]
        # What must move comes first. What only waits for people is drawn, so that each is asked after before long,
        # however many there are.
        moving = [id for id, state in undecided if state != "stored"]
        resting = [id for id, state in undecided if state == "stored"]
        listed: list[dict[str, object]] = []
        left = MOST_WAITING
        for id in moving + random.sample(resting, len(resting)):
            made = self._waiting_one(id, at)
            left -= len(canonical(made))
            if left < 0:
                break
            listed += [made] if made else []
        return canonical({"form": WAITING_FORM, "handovers": listed})

    def _waiting_one(self, id: str, at: datetime) -> dict[str, object]:
        with self._shelf.transaction() as db:
            kept = self._shelf.get(db, id, "out")
            if kept.state == "queued":
                kept = self._shelf.step(db, kept, "offer", Act.program(at))
        return self._of_waiting(kept, at) if kept.state in _UNDECIDED else {}

    def take_standing(self, id: str, data: bytes, sender: str, at: datetime) -> int | None:
        """Takes what the receiving side says; gives the part that it wants next, None where it wants none.

        raises  PurposeError where a receipt is not the receiver's, or says another thing than one that was taken
        """
        told, next_part = _read_standing(data, id)
        with self._shelf.reading() as db:
            kept = self._shelf.find(db, id)
            # One of others is told as one that is not there.
            if kept is None or (kept.side, kept.peer) != ("out", sender) or kept.state == "queued":
                raise PurposeError("nothing was handed over to them", where=id, to_do="Nothing was taken.")
            if told != kept.manifest.hash:
                raise PurposeError("they speak of another manifest", where=id, to_do="Nothing was taken. Ask them.")
        for one in self._receipts_in(data, id):
            self._take_receipt(id, one, sender, at)
        self.seal_accepted(at)
        with self._shelf.reading() as db:
            kept = self._shelf.get(db, id, "out")
        wants = next_part < len(kept.manifest.parts) and kept.state == "offered"
        return next_part if wants else None

    def keep_time(self, at: datetime) -> None:
        """What a round does before anything is sent: offers that are over end, and what was accepted is sealed."""
        self._store.expire(at)
        self.seal_accepted(at)

    def seal_accepted(self, at: datetime) -> None:
        """Destroys the contents of what was accepted; repeated at each look, so that none is left after a fall."""
        with self._shelf.transaction() as db:
            for kept in self._shelf.all(db, "out"):
                if kept.state == "accepted":
                    self._shelf.step(db, kept, "seal", Act.program(at))
        self._shelf.forget()

    def take_offer(self, data: bytes, sender: str, at: datetime) -> bytes:
        """Takes a manifest, once; gives how it stands here.

        raises  PurposeError where it is not the sender's or not for this organisation, StateError where its id stands
                for another manifest or too many are open, SourceError where it cannot be read
        """
        manifest = self._manifest(read_object(data, "offer"), sender, at)
        with self._shelf.transaction() as db:
            found = self._known(db, manifest, sender)
            if found is None:
                self._require_room(db, sender)
                kept = _arriving(manifest, "receiving", at)
                found = self._shelf.add(db, kept, data, "receive", Act.peer(sender, at))
                if japan_day(at) > manifest.expires_on:
                    self._end(db, found, "expire", Act.program(at), "expired")
        return self.settled(manifest.id, at)

    def take_part(self, id: str, number: int, salted: bytes, sender: str, at: datetime) -> bytes:
        """Takes the part that comes next; one that is here is taken for granted. Gives how it stands here.

        raises  PurposeError where it is not the part of the manifest, StateError where another is wanted first
        """
        with self._shelf.transaction() as db:
            kept = self._of_sender(db, id, sender)
            if not 0 <= number < len(kept.manifest.parts):
                raise _no_such_part(id)
            if len(salted) <= SALT or hash_of_parts((salted,)) != kept.manifest.parts[number]:
                raise PurposeError("this is not the part that the manifest lists", where=id, to_do="Send it again.")
            if kept.state == "receiving":
                count = self._shelf.count(db, kept)
                if number > count:
                    raise StateError("another part is wanted first", where=id, to_do=f"Send part {count}.")
                if number == count:
                    self._shelf.put_part(db, kept, number, salted)
        return self.settled(id, at)

    def take_withdrawal(self, data: bytes, sender: str, at: datetime) -> bytes:
        """Ends what was not decided yet, and keeps that it was withdrawn though it never came; gives how it stands."""
        part = Part(read_object(data, "withdrawal"), "", [])
        given, proof = part.value("manifest", dict, "an object"), part.value("withdrawal", dict, "an object")
        part.done()
        require_none(part, "withdrawal")
        manifest = self._manifest(given or {}, sender, at)
        withdrawal = signed_of(proof or {}, manifest.id)
        withdrawal.require_by(sender, self._keys(at), at)
        require_withdrawal_of(withdrawal.content, manifest)
        act = Act.peer(sender, at)
        with self._shelf.transaction() as db:
            found = self._known(db, manifest, sender)
            if found is None:
                self._require_room(db, sender)
                found = self._shelf.add(
                    db, _arriving(manifest, "withdrawn", at), canonical(given or {}), "withdraw", act
                )
                self._sign_off(db, found, "withdrawn", at)
            elif IN.may("withdraw", found.state):
                self._end(db, found, "withdraw", act, "withdrawn")
            db.execute("UPDATE handovers SET withdrawal = ? WHERE id = ? AND withdrawal = ''", (data, manifest.id))
        return self.settled(manifest.id, at)

    def take_waiting(self, one: object, sender: str, at: datetime) -> Waiting:
        """Takes one of what was fetched from a sender (`read_waiting`): an offer or a withdrawal."""
        if isinstance(one, dict) and set(one) == {"manifest", "withdrawal"}:
            return self.seen(self.take_withdrawal(canonical(one), sender, at))
        if isinstance(one, dict) and set(one) == {"manifest"} and isinstance(one["manifest"], dict):
            return self.seen(self.take_offer(canonical(one["manifest"]), sender, at))
        raise SourceError(
            "what waits there has another form", where=sender, to_do="Compare the versions of both sides."
        )

    def expected(self, id: str, number: int, sender: str) -> tuple[Manifest, int]:
        """The manifest of an incoming hand-over, and how many bytes its part of that number has with its salt."""
        with self._shelf.reading() as db:
            manifest = self._of_sender(db, id, sender).manifest
        if not 0 <= number < len(manifest.parts):
            raise _no_such_part(id)
        return manifest, min(PART, manifest.size - number * PART) + SALT

    def settled(self, id: str, at: datetime) -> bytes:
        """Stores what is there as a whole, with receipt and log in one transaction; gives how it stands.

        Called by each message, so that parts which were all there when this end fell are stored at the next one.
        """
        with self._shelf.transaction() as db:
            kept = self._shelf.get(db, id, "in")
            if kept.state == "receiving" and self._shelf.count(db, kept) == len(kept.manifest.parts):
                self._stored(db, kept, at)
            is_over = self._shelf.get(db, id, "in").state in IN.ends
        if is_over:
            self._shelf.forget()
        return self.standing(id)

    def standing(self, id: str) -> bytes:
        """How a hand-over stands at the receiving end, with all receipts, signed by the key of today."""
        with self._shelf.transaction() as db:
            kept = self._shelf.get(db, id, "in")
            receipts = []
            for receipt, before in self._shelf.receipts(db, id):
                made = signed(receipt.content, self._key)
                if made != before:
                    db.execute("UPDATE receipts SET signed = ? WHERE id = ? AND what = ?", (made, id, receipt.what))
                receipts.append(read_object(made, id))
            is_open = kept.state == "receiving"
            next_part = self._shelf.count(db, kept) if is_open else len(kept.manifest.parts)
        about = {"form": STANDING_FORM, "handover": id, "manifest_sha256": kept.manifest.hash}
        return canonical({**about, "next": next_part, "receipts": receipts})

    def _stored(self, db: sqlite3.Connection, kept: Kept, at: datetime) -> None:
        parts = self._shelf.parts(db, kept)
        try:
            if hash_of_parts(parts) != kept.manifest.sha256 or size_of(parts) != kept.manifest.size:
                raise SourceError("the parts together are not the manifest's contents", where=kept.id)
            opened(parts, kept.id)
        except SourceError:
            self._end(db, kept, "refuse", Act.program(at), "declined", UNREADABLE)
            return
        kept = self._shelf.step(db, kept, "store", Act.program(at), parts=len(parts))
        self._sign_off(db, kept, "stored", at)

    def _end(self, db: sqlite3.Connection, kept: Kept, step: str, act: Act, what: str, reason: str = "") -> None:
        kept = self._shelf.step(db, kept, step, act)
        self._sign_off(db, kept, what, act.at, reason)

    def _sign_off(self, db: sqlite3.Connection, kept: Kept, what: str, at: datetime, reason: str = "") -> None:
        receipt = Receipt(kept.id, kept.manifest.hash, what, reason, "system", at.replace(microsecond=0))
        self._shelf.put_receipt(db, receipt, signed(receipt.content, self._key))

    def _manifest(self, read: dict[str, object], sender: str, at: datetime) -> Manifest:
        message = signed_of(read, "offer")
        manifest = read_manifest(message.content, "offer")
        if manifest.sender != sender or manifest.receiver != self._own:
            raise PurposeError(
                "this hand-over is between others", where=manifest.id, to_do="Send it to the organisation it names."
            )
        message.require_by(sender, self._keys(at), at)
        return manifest

    def _known(self, db: sqlite3.Connection, manifest: Manifest, sender: str) -> Kept | None:
        found = self._shelf.find(db, manifest.id)
        if found is None:
            return None
        if found.side != "in" or found.peer != sender or found.manifest.hash != manifest.hash:
            raise StateError(
                "this id stands for another hand-over", where=manifest.id, to_do="Give each hand-over an id of its own."
            )
        return found

    def _of_sender(self, db: sqlite3.Connection, id: str, sender: str) -> Kept:
        kept = self._shelf.get(db, id, "in")
        if kept.peer != sender:  # told as if it were not there
            raise no_such_handover(id)
        return kept

    def _require_room(self, db: sqlite3.Connection, sender: str) -> None:
        is_open = [
            one for one in self._shelf.all(db, "in") if one.peer == sender and one.state in ("receiving", "stored")
        ]
        if len(is_open) >= MOST_OPEN:
            raise StateError(
                f"{MOST_OPEN} hand-overs of this organisation wait here", where=sender, to_do="Wait for answers first."
            )

    def _receipts_in(self, data: bytes, id: str) -> list[dict[str, object]]:
        found = read_object(data, id)["receipts"]
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise SourceError("receipts are objects", where=id, to_do="Compare the versions of both sides.")
        return found

    def _take_receipt(self, id: str, read: dict[str, object], sender: str, at: datetime) -> None:
        message = signed_of(read, id)
        receipt = read_receipt(message.content, id)
        message.require_by(sender, self._keys(at), at)
        with self._shelf.transaction() as db:
            kept = self._shelf.get(db, id, "out")
            wrong = self._contradiction(db, kept, receipt)
            if wrong:
                self._shelf.note(db, kept, "contradicted", Act.peer(sender, at), what=receipt.what)
            elif not any(one.what == receipt.what for one, _ in self._shelf.receipts(db, id)):
                # A late 'stored' changes nothing where the matter has gone on.
                if receipt.what != "stored" or OUT.may("stored", kept.state):
                    self._shelf.step(db, kept, receipt.what, Act.peer(sender, at), by=receipt.by)
                self._shelf.put_receipt(db, receipt, canonical(read))
        if wrong:
            raise PurposeError(wrong, where=id, to_do="It was not taken. Ask them what is right, by telephone.")

    def _contradiction(self, db: sqlite3.Connection, kept: Kept, receipt: Receipt) -> str:
        if (receipt.handover, receipt.manifest_sha256) != (kept.id, kept.manifest.hash):
            return "the receipt is of another hand-over"
        taken = {one.what: one for one, _ in self._shelf.receipts(db, kept.id)}
        if receipt.what in taken and taken[receipt.what].content != receipt.content:
            return "a receipt of this kind came before and said something else"
        ends = [what for what in OUTCOMES if what in taken]
        if receipt.what in OUTCOMES and ends and receipt.what not in ends:
            return f"it was '{ends[0]}' before, and cannot be '{receipt.what}' now"
        return ""

    def _of_waiting(self, kept: Kept, at: datetime) -> dict[str, object]:
        made: dict[str, object] = {"manifest": read_object(signed(kept.manifest.content, self._key), kept.id)}
        if kept.state == "withdrawing":
            made["withdrawal"] = read_object(signed(withdrawal_content(kept.manifest, at), self._key), kept.id)
        return made

    def seen(self, standing: bytes) -> Waiting:
        """What a standing of this end says of the part that it wants next."""
        id = str(read_object(standing, "standing")["handover"])
        _told, next_part = _read_standing(standing, id)
        with self._shelf.reading() as db:
            kept = self._shelf.get(db, id, "in")
        return Waiting(id, standing, next_part if kept.state == "receiving" else None)


def read_waiting(data: bytes, sender: str) -> list[object]:
    """What waits at a sender, each still to be taken by itself."""
    part = Part(read_object(data, sender), "", [])
    part.choice("form", (WAITING_FORM,))
    listed = part.several("handovers", some=False)
    part.done()
    require_none(part, sender)
    return listed


def _no_such_part(id: str) -> StateError:
    return StateError("the manifest has no such part", where=id, to_do="Send the parts that it lists.")


def _read_standing(data: bytes, id: str) -> tuple[str, int]:
    """Which manifest a standing is of, and which part is wanted next."""
    part = Part(read_object(data, id), "", [])
    part.choice("form", (STANDING_FORM,))
    about, told = part.match("handover", ID, "an id"), part.match("manifest_sha256", HASH, "a hash")
    next_part = part.whole("next", 0, 1_000)
    part.several("receipts", some=False)
    part.done()
    if about != id:
        part.wrong("handover", "is another one")
    require_none(part, id)
    return told, next_part


def _arriving(manifest: Manifest, state: str, at: datetime) -> Kept:
    has_contents = state == "receiving"
    return Kept(manifest.id, "in", manifest.sender, state, manifest, "", "", has_contents, at, at, ())
