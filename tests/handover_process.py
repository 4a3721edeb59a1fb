"""One end of a hand-over as a process of its own, to be killed: `python handover_process.py FOLDER OWN KILL_AT BROKEN`.

It reads one command a line and answers each with one line. Every step that it takes is named in FOLDER/OWN.steps before
it is taken; at the step of the number KILL_AT (0: never) it kills itself. BROKEN names one of the builds below, which
are wrong on purpose: the test of kills must find each of them.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import handing
from handing import AT, HINODE, MIZUNO, SUPERVISOR, TODAY, WORKER
from tsunagu.durable import Durable
from tsunagu.handover import manifest, package, passage
from tsunagu.handover.kept import Shelf
from tsunagu.handover.people import Act
from tsunagu.handover.receipts import read_receipt
from tsunagu.handover.signing import signed_of
from tsunagu.purposes.canonical import canonical

SMALL = 1_500
Passage = passage.Passage


def small_parts() -> None:
    """Parts that are small enough for many kills in a short time."""
    for module in (package, manifest, passage):
        module.PART = SMALL  # type: ignore[attr-defined]  # each has its own name for it


def steps_named(file: Path, kill_at: int) -> None:
    """Names each beginning, commit and end of a transaction, by the function that has it; and the answers."""
    count = 0
    plain = Durable.transaction

    def step(name: str) -> None:
        nonlocal count
        count += 1
        with file.open("a", encoding="ascii") as steps:
            steps.write(f"{name}\n")
        if count == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def transaction(self: Durable) -> Iterator[Any]:
        frame = sys._getframe(2)
        while frame.f_code.co_name in ("transaction", "__enter__"):
            frame = frame.f_back  # type: ignore[assignment]  # the caller is further up
        name = frame.f_code.co_name
        step(f"{name}: begins")
        with plain(self) as db:
            yield db
            step(f"{name}: commits")
        step(f"{name}: committed")

    Durable.transaction = transaction  # type: ignore[method-assign]
    Ends.said = staticmethod(step)


class Ends:
    """What a command does at this end; each may be repeated."""

    said: Callable[[str], None] = staticmethod(lambda _name: None)

    def __init__(self, folder: Path, own: str) -> None:
        self.store = handing.a_store(folder, own)
        self.passage = handing.a_passage(self.store)

    def queue(self) -> str:
        """A person's: once, and again where it is not there after a fall."""
        there = self.store.outgoing(TODAY)
        return there[0].id if there else self.store.queue(handing.a_draft(files=(handing.a_file(2_000),)), WORKER, AT)

    def keep_time(self, id: str) -> str:
        """What a round begins with; gives the state."""
        self.passage.keep_time(AT)
        return self.state(id)

    def offer(self, id: str) -> str:
        return text(self.passage.offer(id, AT))

    def part(self, id: str, number: int) -> str:
        return text(self.passage.part(id, number, MIZUNO)[1])

    def take_standing(self, id: str, standing: str) -> int | None:
        return self.passage.take_standing(id, data(standing), MIZUNO, AT)

    def take_offer(self, offer: str) -> str:
        return text(self.passage.take_offer(data(offer), HINODE, AT))

    def take_part(self, id: str, number: int, part: str) -> str:
        return text(self.passage.take_part(id, number, data(part), HINODE, AT))

    def accept(self, id: str) -> str:
        """A person's, as `queue`."""
        if self.store.get(id, TODAY).state == "stored":
            self.store.accept(id, SUPERVISOR, AT)
        return self.state(id)

    def state(self, id: str) -> str:
        return self.store.get(id, TODAY).state


def say(answer: object) -> None:
    """One line to whoever gave the command."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def text(data: bytes) -> str:
    """Bytes within a line."""
    return base64.b64encode(data).decode("ascii")


def data(text: str) -> bytes:
    """The bytes again."""
    return base64.b64decode(text)


def split_receive() -> None:
    """The case in one transaction, its receipt in the next."""

    def settled(self: Passage, id: str, at: Any) -> bytes:
        shelf = self._shelf
        with shelf.transaction() as db:
            kept = shelf.get(db, id, "in")
            is_whole = kept.state == "receiving" and shelf.count(db, kept) == len(kept.manifest.parts)
            if is_whole:
                kept = shelf.step(db, kept, "store", Act.program(at))
        if is_whole:
            with shelf.transaction() as db:
                self._sign_off(db, kept, "stored", at)
        return self.standing(id)

    Passage.settled = settled  # type: ignore[method-assign]


def log_apart() -> None:
    """The log entry in a transaction of its own before the act: written at least once, not once."""
    noted = Shelf.note
    plain = Passage.settled

    def settled(self: Passage, id: str, at: Any) -> bytes:
        shelf = self._shelf
        with shelf.transaction() as db:
            kept = shelf.get(db, id, "in")
            if kept.state == "receiving" and shelf.count(db, kept) == len(kept.manifest.parts):
                noted(shelf, db, kept, "store", Act.program(at))
        return plain(self, id, at)

    def note(self: Shelf, db: Any, kept: Any, name: str, act: Act, **detail: Any) -> None:
        if name != "store":
            noted(self, db, kept, name, act, **detail)

    Passage.settled = settled  # type: ignore[method-assign]
    Shelf.note = note  # type: ignore[method-assign]


def no_recovery() -> None:
    """Parts that were all there when this end fell are not stored by the next message."""
    plain = Passage.take_offer

    def take_offer(self: Passage, offer: bytes, sender: str, at: Any) -> bytes:
        settled, self.settled = self.settled, lambda id, _at: self.standing(id)  # type: ignore[method-assign]
        try:
            return plain(self, offer, sender, at)
        finally:
            self.settled = settled  # type: ignore[method-assign]

    Passage.take_offer = take_offer  # type: ignore[method-assign]


def let_go_before_the_receipt() -> None:
    """The sender lets go first, and keeps the receipt then."""

    def take_receipt(self: Passage, id: str, read: dict[str, object], sender: str, at: Any) -> None:
        receipt = read_receipt(signed_of(read, id).content, id)
        with self._shelf.transaction() as db:
            kept = self._shelf.get(db, id, "out")
            known = {one.what for one, _ in self._shelf.receipts(db, id)}
            if receipt.what not in known and kept.state in ("offered", "stored"):
                kept = self._shelf.step(db, kept, receipt.what, Act.peer(sender, at))
                if receipt.what == "accepted":
                    self._shelf.step(db, kept, "seal", Act.program(at))
        if receipt.what not in known:
            with self._shelf.transaction() as db:
                self._shelf.put_receipt(db, receipt, canonical(read))

    Passage._take_receipt = take_receipt  # type: ignore[method-assign]


def progress_before_bytes() -> None:
    """That a part is there is kept first, its bytes then."""
    plain = Shelf.put_part

    def put_part(self: Shelf, db: Any, kept: Any, number: int, salted: bytes) -> None:
        if kept.side == "out":
            plain(self, db, kept, number, salted)
            return
        db.execute("INSERT INTO parts VALUES (?, ?, '')", (kept.id, number))
        db.execute("COMMIT")
        Ends.said("put_part: the place without the bytes")
        db.execute("BEGIN IMMEDIATE")
        db.execute("DELETE FROM parts WHERE id = ? AND number = ?", (kept.id, number))
        plain(self, db, kept, number, salted)

    Shelf.put_part = put_part  # type: ignore[method-assign]


BROKEN: dict[str, Callable[[], None]] = {
    "split receive transaction": split_receive,
    "log at least once": log_apart,
    "no recovery of stray parts": no_recovery,
    "let go before the receipt": let_go_before_the_receipt,
    "progress before bytes": progress_before_bytes,
}


def main(folder: Path, own: str, kill_at: int, broken: str) -> None:
    small_parts()
    if broken:
        BROKEN[broken]()
    steps_named(folder / f"{own}.steps", kill_at)
    end = Ends(folder, own)
    say("ready")
    for line in sys.stdin:
        command = json.loads(line)
        answer = getattr(end, command["do"])(*command["given"])
        Ends.said(f"{command['do']}: answers")
        say(answer)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
