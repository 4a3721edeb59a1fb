"""A sealed payload opens as it was, for one recipient, under one manifest, in one order, or not at all."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from nodes import HOLDER, REQUESTER, SEALING, patterned
from tsunagu.errors import EngineError
from tsunagu_node.keyfiles import name_of_sealing_key
from tsunagu_node.refusals import Refused
from tsunagu_node.sealed import ADDED, PIECE, opened, seal, sealed_size

KEY = SEALING[REQUESTER]
KEYS = {name_of_sealing_key(KEY.public_key()): KEY}
MANIFEST = "a" * 64
HEAD = 32
WHOLE = 4 + PIECE + ADDED
SIZE = 3 * PIECE + 10


def sealed(payload: bytes, manifest: str = MANIFEST) -> bytes:
    return b"".join(seal([payload], len(payload), KEY.public_key(), manifest))


def read(data: bytes, size: int = SIZE, manifest: str = MANIFEST, keys: dict[str, X25519PrivateKey] = KEYS) -> bytes:
    return b"".join(opened(io.BytesIO(data), keys, manifest, size))


def parts(data: bytes) -> list[bytes]:
    """Head, and the pieces with their lengths."""
    return [data[:HEAD], *(data[place : place + WHOLE] for place in range(HEAD, len(data), WHOLE))]


@pytest.fixture(scope="module")
def one() -> list[bytes]:
    return parts(sealed(patterned(0, SIZE)))


@pytest.fixture(scope="module")
def other() -> list[bytes]:
    return parts(sealed(patterned(0, SIZE)))


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])
def test_it_opens_as_it_was_and_has_the_size_that_was_told(size: int) -> None:
    made = sealed(patterned(0, size))
    assert len(made) == sealed_size(size)
    assert read(made, size) == patterned(0, size)


def test_parts_of_any_size_make_the_same_pieces() -> None:
    payload = patterned(0, SIZE)
    cut = (payload[place : place + 70_001] for place in range(0, SIZE, 70_001))
    made = b"".join(seal(cut, SIZE, KEY.public_key(), MANIFEST))
    assert [len(part) for part in parts(made)] == [HEAD, WHOLE, WHOLE, WHOLE, 4 + 10 + ADDED]
    assert read(made) == payload


@pytest.mark.parametrize(
    "order",
    [
        (0, 2, 1, 3, 4),  # two exchanged
        (0, 1, 1, 3, 4),  # one doubled in place of another
        (0, 1, 2, 2, 3, 4),  # one doubled
        (0, 1, 2, 4),  # one left out
        (0, 1, 2, 3),  # the last left out
        (0, 2, 3, 4),  # the first left out
        (0,),
        (0, 1, 2, 3, 4, 4),  # more after the end
    ],
)
def test_pieces_in_another_order_are_refused(one: list[bytes], order: tuple[int, ...]) -> None:
    with pytest.raises(Refused):
        read(b"".join(one[place] for place in order))


@pytest.mark.parametrize("place", range(5))
def test_a_part_of_another_payload_is_refused(one: list[bytes], other: list[bytes], place: int) -> None:
    """Of the same bytes, for the same recipient, under the same manifest."""
    with pytest.raises(Refused):
        read(b"".join(other[n] if n == place else part for n, part in enumerate(one)))


def test_another_manifest_is_refused(one: list[bytes]) -> None:
    with pytest.raises(Refused):
        read(b"".join(one), manifest="b" * 64)


def test_another_size_is_refused(one: list[bytes]) -> None:
    for size in (SIZE - 1, SIZE + 1, PIECE, 0):
        with pytest.raises(Refused):
            read(b"".join(one), size)


def test_a_changed_byte_anywhere_is_refused() -> None:
    data = sealed(b"0123456789")
    for place in range(len(data)):
        with pytest.raises(Refused):
            read(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :], 10)


def test_a_cut_anywhere_is_refused() -> None:
    data = sealed(b"0123456789")
    for end in range(len(data)):
        with pytest.raises(Refused):
            read(data[:end], 10)


def test_who_has_another_key_cannot_open_it(one: list[bytes]) -> None:
    with pytest.raises(Refused, match="not here"):
        read(b"".join(one), keys={name_of_sealing_key(SEALING[HOLDER].public_key()): SEALING[HOLDER]})
    with pytest.raises(Refused):
        read(b"".join(one), keys={next(iter(KEYS)): SEALING[HOLDER]})


@pytest.mark.parametrize("told", [9, 11])
def test_a_payload_of_another_size_than_was_said_is_not_sealed(told: int) -> None:
    with pytest.raises(EngineError, match="another size"):
        list(seal([b"0123456789"], told, KEY.public_key(), MANIFEST))


def test_one_piece_at_a_time_is_in_memory() -> None:
    """Of a payload of many pieces, never more is taken from the maker than the next piece needs."""
    given: list[int] = []

    def made() -> Iterator[bytes]:
        for place in range(20):
            given.append(place)
            yield bytes(PIECE)

    sealing = seal(made(), 20 * PIECE, KEY.public_key(), MANIFEST)
    next(sealing)
    for place in range(20):
        next(sealing)
        assert given[-1] == place
