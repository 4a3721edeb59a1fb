"""Under the page: who has signed, and whether each signature is one of this very text. A broken one is told first.

Without a public key nobody can say whose a signature is. What can be said is whether the signer read this page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tsunagu.keys import name_of
from tsunagu.purposes.agreement import SIDES, SharingAgreement
from tsunagu.purposes.page import page_hash
from tsunagu.purposes.signatures import is_sound

_SIDE = {"holder": "渡す側", "requester": "受け取る側"}


@dataclass(frozen=True)
class SignatureSays:
    """What is to be said of one side's signature. is_broken: it is none of this text, or by another key."""

    side: str
    said: str
    is_broken: bool = False


def signatures_say(agreement: SharingAgreement, keys: Mapping[str, Ed25519PublicKey]) -> list[SignatureSays]:
    """Both sides, broken ones first. keys: side -> the key that the reader holds for that organisation."""
    found = [_says(agreement, side, keys.get(side)) for side in SIDES]
    return sorted(found, key=lambda one: not one.is_broken)


def signed_by(agreement: SharingAgreement, keys: Mapping[str, Ed25519PublicKey]) -> str:
    """The same as lines under the page."""
    return "".join(f"{_SIDE[one.side]}の署名    {one.said}\n" for one in signatures_say(agreement, keys))


def warning(agreement: SharingAgreement, keys: Mapping[str, Ed25519PublicKey]) -> str:
    """What stands above the page where a signature is broken; empty where none is."""
    broken = [one for one in signatures_say(agreement, keys) if one.is_broken]
    if not broken:
        return ""
    lines = [f"【注意】{_SIDE[one.side]}の署名が合いません。{one.said}" for one in broken]
    return "\n".join([*lines, "この取り決めは使わず、署名した人に確かめてください。", "", ""])


def _says(agreement: SharingAgreement, side: str, key: Ed25519PublicKey | None) -> SignatureSays:
    made = next((one for one in agreement.signatures if one.side == side), None)
    if made is None:
        return SignatureSays(side, "まだありません")
    is_this_page = made.page_sha256 == page_hash(agreement)
    if key is None:
        if not is_this_page:
            return SignatureSays(side, f"署名した人が読んだのは、この文面ではありません(鍵 {made.key})。", True)
        unchecked = "署名した人が読んだのは、この文面です。署名そのものは、公開鍵がないので確かめていません"
        return SignatureSays(side, f"{unchecked}(鍵 {made.key})")
    if name_of(key) != made.key:
        return SignatureSays(side, f"署名の鍵 {made.key} が、手もとの公開鍵 {name_of(key)} と違います。", True)
    if not is_sound(agreement, made, key):
        return SignatureSays(side, f"この内容への署名ではありません(鍵 {made.key})。", True)
    if not is_this_page:
        return SignatureSays(
            side, f"この内容への署名です。署名のあとで、ページの言い回しだけが変わりました(鍵 {made.key})"
        )
    return SignatureSays(side, f"この文面への署名です(鍵 {made.key})")
