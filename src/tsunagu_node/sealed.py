"""A payload sealed to one recipient in pieces (HPKE, RFC 9180), so that memory stays small whatever its size.

Each piece is bound to its place, their number, the payload it belongs to and the manifest: moved, left out, doubled or
taken from another payload, it does not open. Who sealed it is not shown here (anybody may seal to a public key): the
signature of the answer shows that.

    payload = head (16 random bytes, 16 letters of the recipient's key) and pieces (4 bytes of length, ciphertext)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from tsunagu.errors import EngineError
from tsunagu.purposes.canonical import canonical
from tsunagu_node.keyfiles import name_of_sealing_key
from tsunagu_node.refusals import Refused

PIECE = 1 << 20
#: Bytes that HPKE adds to a piece: the encapsulated key and the tag.
ADDED = 48
_FORM = "tsunagu-sealed-1"
_SALT, _NAME, _LENGTH = 16, 16, 4
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def pieces_of(size: int) -> int:
    """Into how many pieces a payload of so many bytes is cut; an empty one has one, so that its end is shown too."""
    return max(1, -(-size // PIECE))


def sealed_size(size: int) -> int:
    """Bytes of the sealed form of a payload of so many bytes."""
    return _SALT + _NAME + size + pieces_of(size) * (_LENGTH + ADDED)


def seal(payload: Iterable[bytes], size: int, recipient: X25519PublicKey, manifest_sha256: str) -> Iterator[bytes]:
    """The sealed form, part by part; EngineError where the payload has not the size that was said."""
    salt, name = os.urandom(_SALT), name_of_sealing_key(recipient)
    yield salt + name.encode("ascii")
    info = _binding(salt, name, manifest_sha256, pieces_of(size))
    done = 0
    for index, piece in enumerate(_cut(payload)):
        done += len(piece)
        if done > size:
            break
        made = _SUITE.encrypt(piece, recipient, info(index))
        yield len(made).to_bytes(_LENGTH, "big") + made
    if done != size:
        raise EngineError(
            "the payload has another size than was said", where=f"{size:,} bytes", to_do="Count its bytes first."
        )


def opened(sealed: BinaryIO, keys: Mapping[str, X25519PrivateKey], manifest_sha256: str, size: int) -> Iterator[bytes]:
    """The payload, piece by piece; Refused at the first that is not the one that belongs there.

    keys  name -> key of this organisation; size: bytes of the payload, as the signed answer says
    Nothing that was given out may be used before the iterator has ended: the end shows that nothing is missing.
    """
    salt, name = sealed.read(_SALT), sealed.read(_NAME).decode("ascii", "replace")
    if name not in keys:
        raise Refused(
            "bad_signature",
            "the answer is sealed for a key that is not here",
            to_do="Name the key in the directory anew.",
        )
    info = _binding(salt, name, manifest_sha256, pieces_of(size))
    left = size
    for index in range(pieces_of(size)):
        expected = min(PIECE, left) + ADDED
        length, piece = sealed.read(_LENGTH), sealed.read(expected)
        if length != expected.to_bytes(_LENGTH, "big") or len(piece) != expected:
            raise _not_whole()
        try:
            made = _SUITE.decrypt(piece, keys[name], info(index))
        except InvalidTag as error:
            raise _not_whole() from error
        left -= len(made)
        yield made
    if sealed.read(1):
        raise _not_whole()


def _not_whole() -> Refused:
    return Refused(
        "changed_body", "the sealed answer was changed, cut or put together anew", to_do="Ask again under the same id."
    )


def _binding(salt: bytes, name: str, manifest_sha256: str, total: int) -> Callable[[int], bytes]:
    common = {"form": _FORM, "payload": salt.hex(), "key": name, "manifest": manifest_sha256, "of": total}
    return lambda index: canonical({**common, "piece": index})


def _cut(payload: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces of PIECE bytes, the last one of what is left; one empty piece where there is nothing."""
    held = bytearray()
    some = False
    for part in payload:
        view = memoryview(part)
        while view:
            taken = min(PIECE - len(held), len(view))
            held += view[:taken]
            view = view[taken:]
            if len(held) == PIECE:
                some = True
                yield bytes(held)
                held.clear()
    if held or not some:
        yield bytes(held)
