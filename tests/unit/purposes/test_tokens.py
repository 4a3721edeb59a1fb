"""A token stands for a person within one agreement, purpose and period, and tells nothing without the key."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import itertools
import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsunagu.errors import PurposeError
from tsunagu.purposes.tokens import LinkKey, Tokens, bridge, join_key, period_of

LINK = LinkKey(bytes(range(32)))
KEY = join_key(LINK, "J-2026-03", "early-support")
PERIOD = "2026-10"
IDS = ["P0000000000000001", "P0000000000000002", "児童3"]


def by_hand(key: bytes, join_set: str, purpose: str, period: str, id: str) -> bytes:
    """The same by the standard library alone: HKDF of RFC 5869 with an empty salt, twice, then HMAC."""
    for names in (["tsunagu-token-1", "join", join_set, purpose], ["tsunagu-token-1", "period", period]):
        extracted = hmac.digest(bytes(32), key, "sha256")
        key = hmac.digest(extracted, json.dumps(names).encode() + b"\x01", "sha256")
    return hmac.digest(key, id.encode(), "sha256")


TEXTS = st.text(st.characters(codec="utf-8"))


@given(key=st.binary(min_size=32, max_size=32), names=st.tuples(TEXTS, TEXTS, TEXTS), id=TEXTS)
def test_a_token_is_what_the_standards_say(key: bytes, names: tuple[str, str, str], id: str) -> None:
    join_set, purpose, period = names
    made = Tokens(join_key(LinkKey(key), join_set, purpose), period).of([id])
    assert list(made) == [by_hand(key, *names, id)]


def test_no_two_scopes_share_a_token_wherever_a_name_ends() -> None:
    parts = ["", "a", "b", "ab", 'a"', '","', "2026-10"]
    tokens = [
        next(Tokens(join_key(LINK, join_set, purpose), period).of(IDS))
        for join_set, purpose, period in itertools.product(parts, repeat=3)
    ]
    assert len(set(tokens)) == len(parts) ** 3


def test_another_key_gives_another_token_and_the_same_key_the_same() -> None:
    once, again = (list(Tokens(KEY, PERIOD).of(IDS)) for _ in range(2))
    assert once == again
    assert len(set(once)) == len(IDS)
    assert set(once).isdisjoint(Tokens(join_key(LinkKey.new(), "J-2026-03", "early-support"), PERIOD).of(IDS))
    plain = {hashlib.sha256(id.encode()).digest() for id in IDS}
    assert plain.isdisjoint(once)


def test_a_column_keeps_its_order_and_its_gaps() -> None:
    ids = pa.chunked_array([pa.array([IDS[1], None]), pa.array([IDS[0], IDS[1]])])
    first, second = Tokens(KEY, PERIOD).of(IDS[:2])
    made = Tokens(KEY, PERIOD).column(ids)
    assert made.type == pa.binary(32)
    assert made.to_pylist() == [second, None, first, second]
    assert Tokens(KEY, PERIOD).column(pa.array([], type=pa.string())).to_pylist() == []


def test_two_periods_are_bridged_for_those_named() -> None:
    old, new = next(Tokens(KEY, PERIOD).of(IDS)), next(Tokens(KEY, "2026-11").of(IDS))
    assert bridge(KEY, PERIOD, "2026-11", IDS[:1]) == [(old, new)]


def test_who_has_the_keys_of_its_own_sets_makes_no_token_of_another() -> None:
    """Everything that can be derived from a stolen key: its own period keys, and nothing that another set uses."""
    other = join_key(LINK, "J-2026-04", "early-support")
    theirs = {token for period in ("2026-10", "2026-11") for token in Tokens(other, period).of(IDS)}
    names = ("J-2026-03", "J-2026-04", "early-support", "statistics", "2026-10", "2026-11")
    tried = {token for name in names for token in Tokens(KEY, name).of(IDS)}
    for join_set, purpose in itertools.product(names, repeat=2):
        again = join_key(LinkKey(KEY.value), join_set, purpose)
        tried |= {token for name in names for token in Tokens(again, name).of(IDS)}
    assert not tried & theirs
    assert {token for period in ("2026-10", "2026-11") for token in Tokens(KEY, period).of(IDS)} <= tried  # control


@pytest.mark.parametrize(
    ("cadence", "period"),
    [
        ("once", "2026-12-31"),
        ("daily", "2026-12-31"),
        ("weekly", "2026-W53"),
        ("monthly", "2026-12"),
        ("yearly", "2026"),
    ],
)
def test_the_period_of_a_day_follows_the_cadence(cadence: str, period: str) -> None:
    assert period_of(dt.date(2026, 12, 31), cadence) == period


def test_a_week_over_new_year_is_one_period() -> None:
    assert period_of(dt.date(2027, 1, 3), "weekly") == "2026-W53"


def test_a_key_of_another_size_is_refused_and_none_is_ever_printed() -> None:
    with pytest.raises(PurposeError, match="32 bytes"):
        LinkKey(b"short")
    assert repr(LINK) == "LinkKey()"
    assert KEY.value.hex() not in repr(KEY)
