"""Who signed an agreement, and whether it may be relied on: signatures, version before, day, legal basis."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tsunagu.errors import StateError
from tsunagu.keys import name_of
from tsunagu.purposes.agreement import FOR_ONCE, PROTECTION_ACT, SIDES, SharingAgreement, Signature, content_of
from tsunagu.purposes.canonical import canonical
from tsunagu.purposes.page import page_hash
from tsunagu.purposes.request import MOST_NAMED

_FORM = b"tsunagu-agreement-1"
#: Of a thousand children: names of more are no exception any more, and of more than that no notices.
_MANY_NAMED, _MOST_NAMED = 100, 600
#: Persons with whom a noticed child lives, at the very most on average; and rows of one thing that a city needs.
_HOUSEHOLD, _ROWS_OF_EACH = 10, 4_000_000


@dataclass(frozen=True)
class Finding:
    """Something about an agreement. stops: it must not be relied on."""

    what: str
    stops: bool


def sign(agreement: SharingAgreement, side: str, key: Ed25519PrivateKey, *, again: bool = False) -> SharingAgreement:
    """The agreement with the signature of one side; StateError where that side has signed.

    again  its signature is there, and this takes its place, as when the key that made it was revoked: the content and
           its hash are the same, so that it asks no other question. StateError where it was made by this very key
    """
    if again:
        require_another_key(agreement, side, key.public_key())
        agreement = replace(agreement, signatures=tuple(one for one in agreement.signatures if one.side != side))
    require_unsigned(agreement, side)
    shown = page_hash(agreement)
    value = base64.b64encode(key.sign(_signed(agreement, side, shown))).decode("ascii")
    made = Signature(side, name_of(key.public_key()), shown, value)
    signatures = sorted((*agreement.signatures, made), key=lambda one: SIDES.index(one.side))
    return replace(agreement, signatures=tuple(signatures))


def require_unsigned(agreement: SharingAgreement, side: str) -> None:
    """StateError where that side has signed; for whoever would make a key first."""
    if any(one.side == side for one in agreement.signatures):
        raise StateError(
            f"the {side} has signed this version",
            where=f"{agreement.id} version {agreement.version}",
            to_do="To change it, make the next version: tsunagu agreement new --from FILE. Where the key of that "
            "signature was revoked, sign with the new one: --again.",
        )


def require_another_key(agreement: SharingAgreement, side: str, key: Ed25519PublicKey) -> None:
    """StateError where that side has not signed yet, or signed with this key."""
    made = next((one for one in agreement.signatures if one.side == side), None)
    where = f"{agreement.id} version {agreement.version}"
    if made is None:
        raise StateError(f"the {side} has not signed this version", where=where, to_do="Sign it without --again.")
    if made.key == name_of(key):
        raise StateError(
            f"the {side} signed with this very key, {made.key}",
            where=where,
            to_do="Give the key that takes its place; with a node, the newest keys/signing.NAME.key.",
        )


def findings(
    agreement: SharingAgreement,
    keys: Mapping[str, Ed25519PublicKey],
    on: date,
    *,
    before: SharingAgreement | None = None,
    no_key: Mapping[str, str] | None = None,
) -> list[Finding]:
    """What is to be said of it on a day; without one that stops, it may be relied on.

    keys    side -> the key that the checker already holds for that organisation
    before  the version that this one replaces, where the checker has it
    no_key  side -> why there is no key for it, where the checker knows that
    """
    found: list[Finding | None] = []
    for side in SIDES:
        wrong = _signature(agreement, side, keys.get(side), (no_key or {}).get(side, ""))
        found.append(wrong or _page(agreement, side))
    found += [_validity(agreement, on), _version(agreement, before), _for_once(agreement)]
    found += [_share(agreement), _rows(agreement)]
    return [one for one in found if one is not None]


def is_sound(agreement: SharingAgreement, made: Signature, key: Ed25519PublicKey) -> bool:
    """Whether a signature is by that key over this content."""
    try:
        key.verify(base64.b64decode(made.value), _signed(agreement, made.side, made.page_sha256))
    except InvalidSignature:
        return False
    return True


def _signature(agreement: SharingAgreement, side: str, key: Ed25519PublicKey | None, why: str) -> Finding | None:
    made = next((one for one in agreement.signatures if one.side == side), None)
    if made is None:
        return Finding(f"the {side} has not signed", True)
    if key is None:
        return Finding(f"the signature of the {side} was not checked: {why or 'no key of it was given'}", True)
    if name_of(key) != made.key:
        return Finding(f"the {side} signed with the key {made.key}, and {name_of(key)} was given", True)
    if not is_sound(agreement, made, key):
        return Finding(f"the content is not what the {side} signed", True)
    return None


def _page(agreement: SharingAgreement, side: str) -> Finding | None:
    """Of a side whose signature is sound."""
    if all(one.page_sha256 == page_hash(agreement) for one in agreement.signatures if one.side == side):
        return None
    return Finding(f"the page that the {side} read when signing has other words today; the content is the same", False)


def _validity(agreement: SharingAgreement, on: date) -> Finding | None:
    if agreement.holds_on(on):
        return None
    until = f"{agreement.valid_from.isoformat()} to {agreement.valid_until.isoformat()}"
    return Finding(f"it holds from {until}, not on {on.isoformat()}", True)


def _version(agreement: SharingAgreement, before: SharingAgreement | None) -> Finding | None:
    if before is None:
        return None if agreement.version == 1 else Finding("the version before was not given, so not compared", False)
    follows = (before.id, before.version + 1, before.hash, before.holder, before.requester)
    if follows != (agreement.id, agreement.version, agreement.replaces, agreement.holder, agreement.requester):
        return Finding("it does not follow the version that was given as the one before", True)
    return None


def _for_once(agreement: SharingAgreement) -> Finding | None:
    if agreement.cadence == "once":
        return None
    for basis in agreement.legal_basis:
        if basis.law == PROTECTION_ACT and f"{basis.provision}-".startswith(f"{FOR_ONCE}-"):
            return Finding(
                f"{basis.provision} is for single occasions, and this is {agreement.cadence}: use that goes on is a"
                " change of purpose, which is decided as one (Art. 61(3))",
                False,
            )
    return None


def _share(agreement: SharingAgreement) -> Finding | None:
    share = agreement.named_per_mille
    if share > _MOST_NAMED:
        what = f"{share} of 1,000 children may be named in one period: that is a register, and no notices"
        return Finding(f"{what} (at most {_MOST_NAMED})", True)
    if share > _MANY_NAMED:
        what = f"{share} of 1,000 children may be named in one period, more than one in ten"
        return Finding(f"{what}: be sure that so many are noticed", False)
    return None


def _rows(agreement: SharingAgreement) -> Finding | None:
    """Of a limit that limits nothing."""
    wanted, rows = len(agreement.wanted), agreement.rows_at_most
    if agreement.about == "named":
        living = _HOUSEHOLD if any(one.id == "household" for one in agreement.wanted) else 1
        needed = MOST_NAMED * living * wanted
        if rows > needed:
            return Finding(f"{rows:,} rows are more than any request for names can need ({needed:,})", True)
    elif rows > wanted * _ROWS_OF_EACH:
        return Finding(f"{rows:,} rows are more than any city has for {wanted} things: the limit limits nothing", False)
    return None


def _signed(agreement: SharingAgreement, side: str, page_sha256: str) -> bytes:
    """The bytes under a signature; the side is among them, so that one side's is never taken for the other's."""
    return b"\n".join((_FORM, side.encode(), page_sha256.encode(), canonical(content_of(agreement))))
