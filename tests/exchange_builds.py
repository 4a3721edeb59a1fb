"""Deliberately broken builds of an exchange, each with one promise taken out: whatever watches must catch each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from tsunagu.audit.entry import Entry
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.gate import Released
from tsunagu.purposes.request import DataRequest
from tsunagu_node import answering, asking, inquiry, log, memory, serving
from tsunagu_node.answering import Answer, Answering, Verified
from tsunagu_node.memory import Kept, Memory
from tsunagu_node.messages import Request, digest_text
from tsunagu_node.refusals import Refused
from tsunagu_node.sealed import seal
from tsunagu_node.signed import Signature


def noted_before_it_is_on_disk() -> None:
    """The holder notes an answer, and writes it afterwards."""

    def made(self: Answering, verified: Verified) -> Kept:
        recipient = self.directory.for_exchange(self.clock()).sealing_key(verified.sender, self.clock())
        reply = self._handler(verified)
        head = len(reply.manifest).to_bytes(4, "big") + reply.size.to_bytes(8, "big")
        sealed = seal(reply.payload, reply.size, recipient, hashlib.sha256(reply.manifest).hexdigest())
        data = head + reply.manifest + b"".join(sealed)
        kept = Kept(uuid4().hex, digest_text(hashlib.sha256(data).digest()), len(data))
        self.memory.keep(verified.sender, verified.request_id, kept)
        (self._answers / kept.file).write_bytes(data)
        return kept

    answering.Answering._made = made  # type: ignore[method-assign]


def sent_before_it_is_logged() -> None:
    """The holder logs that it answered when the answer has gone out."""
    owed: list[Callable[[], None]] = []
    keep, parts, bring = log.Log.keep, serving._parts, asking.Asking.bring

    def later(self: log.Log, released: Released, entry: Entry) -> None:
        owed.append(lambda: keep(self, released, entry))

    def paid() -> None:
        while owed:
            owed.pop()()

    def sent(file: Path) -> Iterator[bytes]:
        yield from parts(file)
        paid()

    def brought(*given: Any) -> None:
        bring(*given)
        paid()

    log.Log.keep = later  # type: ignore[method-assign]
    serving._parts = sent
    asking.Asking.bring = brought  # type: ignore[method-assign]


def nonce_noted_after_the_act() -> None:
    """The holder notes that it saw a signature when it has done what it asked for."""
    note, done = memory.Memory._note_nonce, answering.Answering.answer

    def acted(self: Answering, request: Request, signature: Signature, body: bytes) -> Answer:
        memory.Memory._note_nonce = lambda *_: None  # type: ignore[method-assign,assignment]
        try:
            made = done(self, request, signature, body)
        finally:
            memory.Memory._note_nonce = note  # type: ignore[method-assign]
        try:
            self.memory.note_nonce(signature, self.clock())
        except Refused as refused:
            return self.refusal(request, refused)
        return made

    answering.Answering.answer = acted  # type: ignore[method-assign]


def asked_again_under_a_new_id() -> None:
    """The centre gives each try a new request id."""
    ask = inquiry.Inquiry.ask

    def anew(self: inquiry.Inquiry, agreement: SharingAgreement, request: DataRequest) -> Any:
        return ask(self, agreement, replace(request, id=uuid4().hex))

    inquiry.Inquiry.ask = anew  # type: ignore[method-assign]


def left_as_it_was_stopped() -> None:
    """The centre removes nothing of what a stopped node had received in part or opened."""
    asking.Asking.tidy = lambda _self: None  # type: ignore[method-assign]


def answered_and_logged_apart() -> None:
    """The holder keeps what it told in one transaction, and the entry of it in the next."""
    keep, append = log.Log.keep, log.append_within

    def apart(self: log.Log, released: Released, entry: Entry) -> None:
        log.append_within = lambda *_: None  # type: ignore[assignment,return-value]
        try:
            keep(self, released, entry)
        finally:
            log.append_within = append
        self.append(entry)

    log.Log.keep = apart  # type: ignore[method-assign]


def received_each_time() -> None:
    """The centre logs each receipt as if it were the first."""

    def each(self: log.Log, _name: str, _said: str, entry: Entry) -> None:
        self.append(entry)

    log.Log.append_once = each  # type: ignore[method-assign]


def answered_anew_each_time() -> None:
    """The holder makes an answer again that it has already."""
    take = memory.Memory.take

    def forgotten(self: Memory, signature: Signature, now: Any) -> Kept | None:
        take(self, signature, now)
        return None

    memory.Memory.take = forgotten  # type: ignore[method-assign]


#: Those that kills show.
BROKEN = {
    one.__name__: one
    for one in (
        noted_before_it_is_on_disk,
        sent_before_it_is_logged,
        nonce_noted_after_the_act,
        asked_again_under_a_new_id,
        left_as_it_was_stopped,
        answered_and_logged_apart,
        received_each_time,
        answered_anew_each_time,
    )
}


def break_it(name: str) -> None:
    """Takes one promise out of the build of this process; none where there is no name."""
    if name:
        BROKEN[name]()
