"""The tree over the log: roots as RFC 6962 says, every proof of every size accepted, every forged one refused."""

from __future__ import annotations

import hashlib

import pytest

from tsunagu.audit.merkle import Frontier, Tree, is_extension, is_included

LEAVES = [hashlib.sha256(bytes([n])).digest() for n in range(130)]
SIZES = range(1, 131)
# The known answers of RFC 6962's own example implementation: leaves "", 00, 10, 2021, 3031, 40414243, …
KNOWN = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43", bytes(range(0x50, 0x58)),
         bytes(range(0x60, 0x70))]  # fmt: skip
KNOWN_ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize("size", KNOWN_ROOTS)
def test_roots_are_those_of_the_standard(size: int) -> None:
    assert Tree(KNOWN[:size]).root().hex() == KNOWN_ROOTS[size]


def test_a_growing_tree_has_the_same_root_at_every_size() -> None:
    growing = Frontier()
    for size in SIZES:
        growing.append(LEAVES[size - 1])
        assert growing.root() == Tree(LEAVES[:size]).root()
        assert len(growing.peaks) == size.bit_count()


def test_every_leaf_of_every_size_is_shown_and_no_other_is() -> None:
    accepted = refused = 0
    for size in SIZES:
        tree = Tree(LEAVES[:size])
        root = tree.root()
        for index in range(size):
            proof = tree.inclusion_proof(index)
            assert is_included(LEAVES[index], index, size, proof, root)
            accepted += 1
            forged = [
                is_included(LEAVES[(index + 1) % 130], index, size, proof, root),
                is_included(LEAVES[index], index + 1, size, proof, root),
                is_included(LEAVES[index], index, size, [*proof, LEAVES[0]], root),
                is_included(LEAVES[index], index, size, _flipped(proof), root) if proof else False,
                is_included(LEAVES[index], index, size, proof[:-1], root) if proof else False,
            ]
            assert not any(forged), (size, index)
            refused += len(forged)
    assert accepted == 8_515
    assert refused > 40_000


def test_every_growth_is_shown_and_no_rewriting_passes_for_growth() -> None:
    accepted = 0
    for size in SIZES:
        tree = Tree(LEAVES[:size])
        root = tree.root()
        other = Tree([LEAVES[129], *LEAVES[1:size]]).root() if size < 130 else LEAVES[0]
        for old in range(1, size + 1):
            old_root = Tree(LEAVES[:old]).root()
            proof = tree.consistency_proof(old)
            assert is_extension(old, size, proof, old_root, root)
            accepted += 1
            assert not is_extension(old, size, proof, other, root), "another past"
            assert not is_extension(old, size, proof, old_root, other), "another present"
            assert not is_extension(old, size, [*proof, LEAVES[0]], old_root, root)
            if proof:
                assert not is_extension(old, size, _flipped(proof), old_root, root)
                assert not is_extension(old, size, proof[:-1], old_root, root)
    assert accepted == 8_515


def test_a_proof_needs_only_the_former_peaks_and_what_came_after() -> None:
    growing = Frontier()
    for old in range(1, 130):
        growing.append(LEAVES[old - 1])
        after = Tree(LEAVES[old:], after=growing)
        assert after.root() == Tree(LEAVES).root()
        assert after.consistency_proof(old) == Tree(LEAVES).consistency_proof(old)


def test_what_does_not_exist_is_not_proved() -> None:
    with pytest.raises(ValueError, match="leaf"):
        Tree(LEAVES[:3]).inclusion_proof(3)
    with pytest.raises(ValueError, match="tree"):
        Tree(LEAVES[:3]).consistency_proof(4)
    with pytest.raises(ValueError, match="peak"):
        Frontier(3, [LEAVES[0]])
    assert not is_extension(0, 3, [], LEAVES[0], LEAVES[1])
    assert not is_included(LEAVES[0], -1, 3, [], LEAVES[0])


def _flipped(proof: list[bytes]) -> list[bytes]:
    return [bytes([proof[0][0] ^ 1]) + proof[0][1:], *proof[1:]]
