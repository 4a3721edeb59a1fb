"""What a node's people should see to before it stops exchanges: keys and a directory that end, and what it lacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tsunagu.errors import TsunaguError
from tsunagu_node.node import Node
from tsunagu_node.own_keys import HEAD, SEALING, SIGNING

#: So long before its last key of a kind, or the directory, ends people are told.
KEYS_TOLD, DIRECTORY_TOLD = timedelta(days=45), timedelta(days=21)


def due(node: Node, now: datetime) -> list[str]:
    """A line for each thing that is to be seen to, with what to do; none where nothing is."""
    try:
        directory = node.directory.at(now)
    except TsunaguError as error:
        return [error.message()]
    own = next((one for one in directory.organisations if one.id == node.file.organisation), None)
    if own is None:
        return ["the directory does not name this node: give its entry.json to the directory's keeper"]
    found = []
    for kind in (SIGNING, SEALING, HEAD):
        keys = node.own_keys(kind)
        good = [
            one.valid_until
            for one in getattr(own, kind.listed)
            if one.id in keys and one.holds_at(now) and not directory.is_revoked(one.id, now)
        ]
        if not good:
            found.append(f"the directory has no key of this node that {kind.does} and is good: {_RENEW}")
        elif max(good) - now.astimezone(UTC).date() <= KEYS_TOLD:
            found.append(f"the last key that {kind.does} ends on {max(good)}: {_RENEW}")
    if directory.valid_until - now <= DIRECTORY_TOLD:
        found.append(f"the directory ends on {directory.valid_until:%Y-%m-%d}: its keeper signs it for longer")
    return found


_RENEW = "tsunagu node renew-keys HOLDER.toml, then give entry.json to the directory's keeper"
