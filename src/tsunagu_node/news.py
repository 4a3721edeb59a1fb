"""How a new directory reaches every node: each asks each that listens, and brings a newer one to whoever has an older.

Nobody copies files, and nobody is trusted with it: the keeper's signature decides, and a version is never taken back.
Everything goes out from here, so that a node without an inbound port does the same.

GET  /directory?after=N  the directory's file where it is newer than version N, else which version is there
POST /directory          the directory's file; answered with which version is there then
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tsunagu.errors import SourceError, StateError, TsunaguError
from tsunagu.purposes.canonical import canonical, read_object
from tsunagu.purposes.strict import HASH
from tsunagu_node.asking import Asking, Patience
from tsunagu_node.current import CurrentDirectory
from tsunagu_node.directory import Directory
from tsunagu_node.refusals import Refused

#: Seconds between two rounds.
SPREAD = 15.0
#: One try at each node; the next round is the next. Two rounds must end within a minute: from a node without an inbound
#: port to one that listens, and from there to all others.
PATIENCE = Patience(tries=1, connect=5.0, read=10.0)
#: Nodes that are asked at a time.
AT_ONCE = 16
_AFTER = re.compile(rb"after=(0|[1-9][0-9]{0,8})")
_OF_KEY = frozenset({"unknown_key", "key_not_valid", "revoked_key"})


def news_for(way: tuple[str, bytes], sender: str, body: bytes, current: CurrentDirectory, now: datetime) -> bytes:
    """What is told to a verified message about the directory. way: method and query; sender: who signed.

    raises  Refused
    """
    method, query = way
    if method == "POST":
        current.take(body, sender, now)
        return _which(current.for_exchange(now))
    after = _AFTER.fullmatch(query)
    if after is None or body:
        raise Refused("malformed", "this is no question for the directory", to_do="Send ?after=N and no body.")
    directory, data = current.to_fetch_by()
    return data if directory.version > int(after[1]) else _which(directory)


@dataclass(frozen=True)
class Heard:
    """A round. version: of the directory afterwards; reached: how many nodes; left: what went wrong, by peer."""

    version: int
    reached: int
    left: Mapping[str, TsunaguError | OSError]


@dataclass(frozen=True)
class News:
    """A node's rounds with all others.

    asking  made with PATIENCE
    keys    all of its keys that sign: where its old key was revoked, the directory that says so is fetched by the new
    """

    asking: Asking
    keys: Callable[[], Iterable[Ed25519PrivateKey]]

    def round(self) -> Heard:
        """Asks every node that listens, and brings the directory to each that has an older one.

        raises  SourceError where this node has none that its keeper signed; no peer's trouble stops another's
        """
        directory, _ = self.asking.directory.to_fetch_by()
        peers = [one.id for one in directory.organisations if one.endpoint and one.id != self.asking.own]
        left: dict[str, TsunaguError | OSError] = {}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for peer, trouble in zip(peers, pool.map(self._trouble_with, peers), strict=True):
                if trouble is not None:
                    left[peer] = trouble
        return Heard(self.asking.directory.to_fetch_by()[0].version, len(peers) - len(left), left)

    def exchange(self, peer: str) -> None:
        """Takes a newer directory from a node, or brings it one.

        raises  Refused, SourceError, EngineError, StateError: nothing was taken that is not the keeper's and newer
        """
        current = self.asking.directory
        version, digest = self._asked(peer, current.to_fetch_by()[0].version)
        own, data = current.to_fetch_by()  # by now perhaps the one that came
        if version < own.version:
            self.asking.bring_directory(peer, data)
        elif (version, digest) != (own.version, own.hash):
            raise StateError(
                f"there are two directories of version {version}",
                where=peer,
                to_do="Ask their keeper which one is right, by telephone.",
            )

    def _asked(self, peer: str, after: int) -> tuple[int, str]:
        """Version and hash that the node has; a newer one was taken."""
        data = self._fetched(peer, after)
        read = read_object(data, peer)
        if set(read) == {"version", "sha256"}:
            version, digest = read["version"], read["sha256"]
            if type(version) is not int or not isinstance(digest, str) or not HASH.fullmatch(digest):
                raise SourceError("what the node says of its directory has another form", where=peer, to_do=_COMPARE)
            return version, digest
        current = self.asking.directory
        current.take(data, peer, self.asking.clock())
        own, _ = current.to_fetch_by()
        return own.version, own.hash

    def _fetched(self, peer: str, after: int) -> bytes:
        try:
            return self.asking.fetch_directory(peer, after)
        except Refused as error:
            if error.code not in _OF_KEY:
                raise
            for key in self.keys():
                try:
                    return self.asking.fetch_directory(peer, after, key)
                except Refused as again:
                    if again.code not in _OF_KEY:
                        raise
            raise

    def _trouble_with(self, peer: str) -> TsunaguError | OSError | None:
        try:
            self.exchange(peer)
        except (TsunaguError, OSError) as error:
            return error
        return None


_COMPARE = "Compare the versions of both nodes."


def _which(directory: Directory) -> bytes:
    return canonical({"version": directory.version, "sha256": directory.hash})
