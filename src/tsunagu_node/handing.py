"""Hand-overs on the wire: which address does what, each part sealed to its receiver and bound to manifest and place.

POST /handovers                   a signed manifest; answered with how it stands here
POST /handovers/{id}/parts/{n}    a part, sealed; answered as before
POST /handovers/{id}/withdrawal   manifest and withdrawal, both signed; answered as before
GET  /handovers                   what waits here for the organisation that signs
GET  /handovers/{id}/parts/{n}    a part of it, sealed
POST /handovers/{id}/standing     how it stands there, with its receipts

The last three are for a receiver without an inbound port. Every message may come twice; see tsunagu.handover.passage.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tsunagu.errors import SourceError
from tsunagu.handover.manifest import Manifest
from tsunagu.handover.passage import Passage
from tsunagu.purposes.canonical import canonical
from tsunagu_node.current import CurrentDirectory
from tsunagu_node.refusals import Refused
from tsunagu_node.sealed import opened, seal

JSON, OCTETS = "application/json", "application/octet-stream"
_OF_ONE = re.compile(r"/handovers/(h-[0-9a-f]{32})/(withdrawal|standing|parts/(0|[1-9][0-9]{0,2}))")


class Handing:
    """Hand-overs of one organisation as others reach them, and the sealing of their parts.

    sealing_keys  name -> key that opens what is sealed for this organisation
    """

    def __init__(
        self,
        passage: Passage,
        sealing_keys: Mapping[str, X25519PrivateKey],
        directory: CurrentDirectory,
        clock: Callable[[], datetime],
    ) -> None:
        self.passage, self.clock, self.directory = passage, clock, directory
        self._sealing_keys = sealing_keys

    def handle(self, way: tuple[str, str], sender: str, body: bytes) -> tuple[bytes, str]:
        """What is told to a verified message, and its media type. way: method and path; sender: who signed.

        raises  Refused, PurposeError and StateError say why nothing was done
        """
        try:
            return self._handled(way, sender, body)
        except SourceError as error:
            raise Refused("malformed", error.what, to_do="Write the message as the reference says.") from error

    def sealed_part(self, id: str, number: int, receiver: str) -> bytes:
        """A part of an outgoing hand-over, sealed to its receiver."""
        manifest, salted = self.passage.part(id, number, receiver)
        key = self.directory.for_exchange(self.clock()).sealing_key(receiver, self.clock())
        return b"".join(seal((salted,), len(salted), key, _binding(manifest, number)))

    def take_sealed(self, id: str, number: int, sealed: bytes, sender: str) -> bytes:
        """Opens a part and takes it; gives how the hand-over stands here."""
        manifest, size = self.passage.expected(id, number, sender)
        whole = b"".join(opened(io.BytesIO(sealed), self._sealing_keys, _binding(manifest, number), size))
        return self.passage.take_part(id, number, whole, sender, self.clock())

    def _handled(self, way: tuple[str, str], sender: str, body: bytes) -> tuple[bytes, str]:
        method, path = way
        if path == "/handovers":
            if method == "POST":
                return self.passage.take_offer(body, sender, self.clock()), JSON
            _require_none(body)
            return self.passage.waiting(sender, self.clock()), JSON
        found = _OF_ONE.fullmatch(path)
        if found is None:
            raise Refused("not_known", "there is nothing at this address", to_do="See the reference.")
        id, what, number = found[1], found[2].partition("/")[0], int(found[3] or 0)
        if (method, what) == ("POST", "parts"):
            return self.take_sealed(id, number, body, sender), JSON
        if (method, what) == ("GET", "parts"):
            _require_none(body)
            return self.sealed_part(id, number, sender), OCTETS
        if (method, what) == ("POST", "withdrawal"):
            return self._withdrawn(id, body, sender), JSON
        if (method, what) == ("POST", "standing"):
            self.passage.take_standing(id, body, sender, self.clock())
            return canonical({"taken": True}), JSON
        raise Refused("not_this_method", "this address takes another method", to_do="See the reference.")

    def _withdrawn(self, id: str, body: bytes, sender: str) -> bytes:
        standing = self.passage.take_withdrawal(body, sender, self.clock())
        if self.passage.seen(standing).id != id:
            raise Refused("malformed", "the withdrawal is of another hand-over", to_do="Send it to its own address.")
        return standing


def _binding(manifest: Manifest, number: int) -> str:
    """What the sealing of a part is bound to."""
    return sha256(canonical({"handover": manifest.hash, "part": number})).hexdigest()


def _require_none(body: bytes) -> None:
    if body:
        raise Refused("malformed", "this message has no body", to_do="Send none.")
