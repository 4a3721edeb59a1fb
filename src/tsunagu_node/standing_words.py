"""How a node's own log stands, in a line for people: never better than it is, and of how many signatures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tsunagu.audit.witness import TOLD_AFTER, Standing
from tsunagu_node.own_heads import PEERS_NEEDED, OwnHeads


@dataclass(frozen=True)
class Peers:
    """Whose signatures a log needs. needed: of how many; named: how many the holder's file names as witnesses."""

    needed: int = PEERS_NEEDED
    named: int = PEERS_NEEDED


#: Where the file says nothing of it.
TWO = Peers()


def standing_said(heads: OwnHeads, now: datetime, peers: Peers, standing: Standing | None = None) -> str:
    """The line. standing: where it is known already, as that the rows differ."""
    stands = standing or heads.standing(now, peers.needed)
    if stands == "differs":
        return "this log is not the one that was signed"
    if stands == "unwitnessed":
        return "this log is unwitnessed"
    signed = heads.countersigners()
    lately = sum(now - at <= TOLD_AFTER for at in signed.values())
    if stands == "sound" and lately >= peers.needed:
        return f"this log is sound: {_of(lately, peers)} countersigned it within 24 hours"
    if stands == "sound" and not peers.named:
        return "this log is not witnessed: HOLDER.toml names no witness"
    if stands == "sound":
        return f"this log is not witnessed yet: {_of(len(signed), peers)} countersigned it; needed: {peers.needed}"
    if stands == "told":
        return (
            f"this log lacks countersignatures: {_of(lately, peers)} countersigned it within 24 hours; needed: "
            f"{peers.needed}"
        )
    return f"this log lacks countersignatures for seven days, and answers nobody: {_of(lately, peers)} signed lately"


def _of(count: int, peers: Peers) -> str:
    """2 of 2 witnesses; where fewer are named than signed, they were taken out of the file since."""
    named = max(count, peers.named)
    return f"{count} of {named} {'witness' if named == 1 else 'witnesses'}"
