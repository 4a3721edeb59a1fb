"""Two nodes over real TLS on this machine: by listening and by polling, the same bytes arrive, once."""

from __future__ import annotations

import hashlib
from pathlib import Path

import nodes
from nodes import AGREEMENT, HOLDER, REQUESTER, Dummy, a_world, patterned
from tsunagu_node.mailbox import Mailbox
from tsunagu_node.polling import look_once

LARGE = 40_000_000


def test_forty_megabytes_by_listening(tmp_path: Path) -> None:
    world = a_world(tmp_path)
    dummy = Dummy()
    answering = world.answering(HOLDER, dummy)
    with world.served(HOLDER, answering):
        answered = world.asking(REQUESTER).ask(HOLDER, AGREEMENT, "r-1", b"%d" % LARGE)
    assert answered.manifest == b'{"for":"child-centre","under":"A-2026-014"}'
    assert answered.payload.stat().st_size == answered.size == LARGE
    assert hashlib.sha256(answered.payload.read_bytes()).digest() == hashlib.sha256(patterned(0, LARGE)).digest()
    assert answered.signature.organisation == HOLDER
    assert dummy.did == ["r-1"]


def test_forty_megabytes_by_polling(tmp_path: Path) -> None:
    world = a_world(tmp_path, polled=(HOLDER,))
    dummy = Dummy()
    mailbox = Mailbox(tmp_path / REQUESTER)
    mailbox.put(HOLDER, AGREEMENT, "r-1", b"%d" % LARGE, nodes.now())
    centre = world.answering(REQUESTER, Dummy())
    with world.served(REQUESTER, centre, mailbox=mailbox):
        looked = look_once(REQUESTER, world.asking(HOLDER), world.answering(HOLDER, dummy))
    assert (looked.answered, looked.left) == (1, ())
    brought = mailbox.brought("r-1")
    assert brought is not None
    answered = world.asking(REQUESTER).opened_reply(brought)
    assert hashlib.sha256(answered.payload.read_bytes()).digest() == hashlib.sha256(patterned(0, LARGE)).digest()
    assert (answered.signature.organisation, dummy.did) == (HOLDER, ["r-1"])
