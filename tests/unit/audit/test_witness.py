"""A log that is rewritten, cut, forked or put back is found by a peer that its administrator does not control."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import fields, replace
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit_logs import KEY, a_log, heads_of, rechained
from tsunagu.audit.chain import SealedRow
from tsunagu.audit.heads import SignedHead
from tsunagu.audit.verify import verify
from tsunagu.audit.witness import (
    Countersignature,
    Witness,
    WitnessFault,
    contradictions,
    is_countersigned_by,
    standing,
)

PEER = Ed25519PrivateKey.from_private_bytes(b"p" * 32)
WITNESS = Witness("school-board", "child-centre", PEER)
AT = "2026-10-01T09:00:00.000000Z"


def signed(heads: Sequence[SignedHead], known: SignedHead | None) -> tuple[SignedHead, Countersignature] | WitnessFault:
    return WITNESS.countersign(heads, known, KEY.public_key(), AT)


def known_after(log: Sequence[SealedRow], *ends: int) -> SignedHead:
    """What the peer knows after these heads, each shown when it was made."""
    known: SignedHead | None = None
    for head in heads_of(log, *ends):
        found = signed([head], known)
        assert not isinstance(found, WitnessFault)
        known, made = found
        assert is_countersigned_by(made, PEER.public_key())
        assert (made.head, made.rows) == (head.digest, head.rows)
    assert known is not None
    return known


def test_heads_that_follow_are_signed_one_by_one_and_together() -> None:
    log = a_log(40)
    heads = heads_of(log, 10, 20, 40)
    assert known_after(log, 10, 20, 40) == heads[-1]
    found = signed(heads, None)
    assert not isinstance(found, WitnessFault)
    assert found[0] == heads[-1]


def test_the_same_head_again_is_signed_again() -> None:
    log = a_log(20)
    known = known_after(log, 10, 20)
    assert not isinstance(signed([known], known), WitnessFault)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_an_administrator_does_to_what_was_signed_is_refused(seed: int) -> None:
    """With the key of the log: rows rewritten and every head made anew, rows cut, two logs, yesterday's copy."""
    dice = Random(seed)
    log = a_log(60)
    known = known_after(log, 20, 40)
    row = dice.randint(1, 40)
    rewritten = rechained(log, row, purpose="curiosity")
    assert verify(rewritten).is_whole  # a chain alone says nothing
    assert kind(signed(heads_of(rewritten, 20, 40, 60)[2:], known)) == "forked"
    assert kind(signed(heads_of(rewritten, 40, 60)[1:], known)) in ("forked", "gap")
    shorter = a_log(dice.randint(1, 39))
    assert kind(signed(heads_of(shorter, len(shorter)), known)) == "rolled_back"
    other = a_log(60, after=log[: row - 1], role="manager")
    assert kind(signed(heads_of(other, 20, 40, 60)[2:], known)) == "forked"


def test_a_head_left_out_is_asked_for_and_a_key_of_its_own_is_refused() -> None:
    log = a_log(60)
    known = known_after(log, 20)
    last = heads_of(log, 20, 40, 60)[-1]
    assert signed([last], known) == WitnessFault("gap", 21, 1)
    stranger = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
    assert kind(signed(heads_of(log, 20, 40, key=stranger)[1:], known)) == "edited"
    assert kind(signed([replace(last, rows=59)], known)) == "edited"
    assert signed([], None) == WitnessFault("gap", 1, 0)


def test_a_fork_shown_to_two_peers_stands_where_they_compare() -> None:
    log = a_log(40)
    other = a_log(40, after=log[:25], role="manager")
    ours, theirs = heads_of(log, 20, 40), heads_of(other, 20, 40)
    assert not isinstance(signed(theirs, None), WitnessFault)  # one peer alone cannot know
    held = [("child-centre", ours[1]), ("city", theirs[1]), ("city", theirs[0]), ("child-centre", ours[0])]
    assert contradictions(held) == [(2, "child-centre", "city")]
    assert contradictions([("a", ours[0]), ("b", ours[0]), ("c", ours[1])]) == []


def test_no_part_of_a_countersignature_can_be_changed() -> None:
    log = a_log(20)
    found = signed(heads_of(log, 20), None)
    assert not isinstance(found, WitnessFault)
    made = found[1]
    for field in fields(made):
        value = getattr(made, field.name)
        other = value + 1 if isinstance(value, int) else "x" + value[1:]
        assert not is_countersigned_by(replace(made, **{field.name: other}), PEER.public_key()), field.name
    assert not is_countersigned_by(made, KEY.public_key())


@pytest.mark.parametrize(
    ("hours", "expected"),
    [((1, 2), "sound"), ((24, 3), "sound"), ((25, 3), "told"), ((168, 3), "told"), ((169, 3), "stopped"),
     ((1,), "stopped"), ((), "stopped"), ((1, 2, 500), "sound")],
)  # fmt: skip
def test_answers_to_others_stop_when_too_few_peers_have_signed_for_too_long(
    hours: tuple[int, ...], expected: str
) -> None:
    now = dt.datetime(2026, 10, 10, tzinfo=dt.UTC)
    assert standing({f"peer-{n}": now - dt.timedelta(hours=h) for n, h in enumerate(hours)}, now) == expected


def kind(found: object) -> str:
    return found.kind if isinstance(found, WitnessFault) else "signed"
