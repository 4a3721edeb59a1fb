"""Hand-overs that lie behind the routes of the node that is fuzzed, and what each organisation would send about them.

A family fled from the city of `POLLS` to the node's own, and moves on from there: what came of it, and where it lives
now, lies at the node, where the city that it fled from asks too.
"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import nodes
from fuzzed_node import Sent, spoilt
from handing import SUPERVISOR, TODAY, WORKER, a_document, a_draft, a_store
from nodes import HOLDER, REQUESTER, SEALING, SIGNING, World
from tsunagu.handover import document as d
from tsunagu.handover.package import SALT
from tsunagu.handover.passage import Passage
from tsunagu.handover.people import Official
from tsunagu_node import handing as on_the_wire
from tsunagu_node.handing import Handing
from tsunagu_node.keyfiles import name_of_sealing_key
from tsunagu_node.messages import NO_AGREEMENT
from tsunagu_node.refusals import Refused
from tsunagu_node.sealed import opened

#: Who only fetches, and from whose city the family fled; who has nothing to do with it.
POLLS, STRANGER = "health-centre", "city-office"
CHILD, HIDES_AT, CAME, WAITS = "例沢かくまわれ", "若葉五丁目12番地の4", "例原ひなん", "例浜よびだし"
CASE, BY, READER = "case:55731842", "staff-66204", "staff-77315"
_NAMED = ("account:boss-1", f"account:{READER}")
_PART = re.compile(r"/handovers/(h-[0-9a-f]{32})/parts/([0-9]{1,3})")


class End:
    """One organisation's store, and its node's part in hand-overs."""

    def __init__(self, world: World, own: str) -> None:
        self.own = own
        self.store = a_store(world.folder, own)
        current = world.current(own)
        self.passage = Passage(self.store, SIGNING[own], current.for_exchange)
        keys = {name_of_sealing_key(SEALING[own].public_key()): SEALING[own]}
        self.handing = Handing(self.passage, keys, current, world.clock)

    def queue(self, to: str, name: str, by: Official = WORKER, **given: Any) -> str:
        child = replace(a_document().child, name=name)
        document = a_document(child=child, notes=given.pop("notes", ()))
        given = {"work": f"case:{len(self.store.outgoing(TODAY))}", **given}
        return self.store.queue(a_draft(to=to, document=document, files=(), **given), by, nodes.now())


@dataclass
class Behind:
    """The node's own end with its hand-overs.

    ends     of the others, by organisation
    onward, waits  ids of what it hands over, to the requester and to who polls; came: of what came from who polls
    """

    own: End
    ends: Mapping[str, End]
    onward: str
    waits: str
    came: str

    @property
    def secrets(self) -> dict[str, str | bytes]:
        """Canaries of the case files, and of what the node keeps beside them."""
        return {
            "child handed over": CHILD,
            "new address": HIDES_AT,
            "child who came": CAME,
            "child who waits": WAITS,
            "hand-over of the requester": self.onward,
            "hand-over of who polls": self.waits,
            "hand-over that came": self.came,
            "own name of the case": CASE,
            "who handed over": BY,
            "who reads": READER,
        }

    def opened(self, path: str, body: bytes) -> bytes:
        """A part of a hand-over as whoever could open it reads it: each organisation's key is tried."""
        asked = _PART.fullmatch(path)
        if asked is None:
            return b""
        manifest = self.own.store.get(asked[1], nodes.now().date()).manifest
        size, binding = manifest.size + SALT, on_the_wire._binding(manifest, int(asked[2]))
        keys = {name_of_sealing_key(key.public_key()): key for key in SEALING.values()}
        try:
            return b"".join(opened(io.BytesIO(body), keys, binding, size))
        except Refused:
            return b""  # what nobody opens is looked at as it is

    def close(self) -> None:
        for end in (self.own, *self.ends.values()):
            end.store.close()


def handovers_behind(world: World) -> Behind:
    """What lies at the node when it is first asked: two hand-overs that it offers, and one that came and waits."""
    own, ends = End(world, HOLDER), {id: End(world, id) for id in (STRANGER, REQUESTER, POLLS)}
    at = nodes.now()
    came = ends[POLLS].queue(HOLDER, CAME, kind="restricted", recipients=_NAMED)
    _carried(ends[POLLS], own, came)
    own.store.choose_readers(came, [READER], replace(SUPERVISOR, account="boss-1"), at)
    note = d.HandedNote(TODAY, "主担当", "internal", f"いまは{HIDES_AT}にいる。")
    onward = own.queue(REQUESTER, CHILD, Official(BY, "lead_worker"), work=CASE, notes=(note,))
    waits = own.queue(POLLS, WAITS)
    for id in (onward, waits):
        own.passage.offer(id, at)
    return Behind(own, ends, onward, waits, came)


def _carried(sender: End, receiver: End, id: str) -> list[bytes]:
    """All of it carried by their cores; how it stood at the receiver's after each message."""
    at = nodes.now()
    standings = [receiver.passage.take_offer(sender.passage.offer(id, at), sender.own, at)]
    _, part = sender.passage.part(id, 0, receiver.own)
    return [*standings, receiver.passage.take_part(id, 0, part, sender.own, at)]


class Handed:
    """What an organisation that knows the ways of hand-overs would send to the node, spoilt now and then."""

    def __init__(self, behind: Behind, own: str) -> None:
        end, at = behind.ends[own], nodes.now()
        offered, taken_back = end.queue(HOLDER, "例谷さきに"), end.queue(HOLDER, "例谷やめた")
        self._offers = [end.passage.offer(id, at) for id in (offered, taken_back)]
        if own == POLLS:  # once more what came long ago
            self._offers.append(end.passage.offer(behind.came, at))
        self._part = end.handing.sealed_part(offered, 0, HOLDER)
        end.store.withdraw(taken_back, WORKER, at)
        self._withdrawal = end.passage.withdrawal(taken_back, at)
        self._own, self._taken_back = offered, taken_back
        self._of_others = [behind.onward, behind.waits, behind.came]
        self._coming, self._standings = "", [end.passage.waiting(HOLDER, at)]
        for id, receiver in ((behind.onward, REQUESTER), (behind.waits, POLLS)):
            if receiver == own:
                self._coming, self._standings = id, _carried(behind.own, end, id)

    def __call__(self, method: str, path: str, draw: random.Random) -> Sent:
        any_id = draw.choice((*self._of_others, self._own, "h-" + "0" * 32))
        if path.endswith("/parts/{n}"):
            id = draw.choice((any_id, self._own if method == "POST" else self._coming or any_id))
            body = self._part if method == "POST" else b""
            place = f"/handovers/{id}/parts/{draw.choice((0, 0, 0, 1))}"
        elif path.endswith("/withdrawal"):
            place, body = f"/handovers/{draw.choice((self._taken_back, any_id))}/withdrawal", self._withdrawal
        elif path.endswith("/standing"):
            place = f"/handovers/{draw.choice((self._coming or any_id, any_id))}/standing"
            body = draw.choice(self._standings)
        else:
            place, body = path, draw.choice(self._offers) if method == "POST" else b""
        return Sent(NO_AGREEMENT, f"m-{draw.randrange(10**9)}", spoilt(body, draw), place)
