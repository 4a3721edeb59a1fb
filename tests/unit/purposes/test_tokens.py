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
from tsunagu.purposes.tokens import LinkKey, Scope, Tokens, bridge, period_of

KEY = LinkKey(bytes(range(32)))
SCOPE = Scope("A-2026-014", "early-support", "2026-10")
IDS = ["P0000000000000001", "P0000000000000002", "児童3"]


def by_hand(key: bytes, scope: Scope, id: str) -> bytes:
    """The same by the standard library alone: HKDF of RFC 5869 with an empty salt, then HMAC."""
    info = json.dumps(["tsunagu-token-1", scope.agreement, scope.purpose, scope.period]).encode()
    extracted = hmac.digest(bytes(32), key, "sha256")
    derived = hmac.digest(extracted, info + b"\x01", "sha256")
    return hmac.digest(derived, id.encode(), "sha256")


TEXTS = st.text(st.characters(codec="utf-8"))


@given(key=st.binary(min_size=32, max_size=32), names=st.tuples(TEXTS, TEXTS, TEXTS), id=TEXTS)
def test_a_token_is_what_the_standards_say(key: bytes, names: tuple[str, str, str], id: str) -> None:
    scope = Scope(*names)
    assert list(Tokens(LinkKey(key), scope).of([id])) == [by_hand(key, scope, id)]


def test_no_two_scopes_share_a_token_wherever_a_name_ends() -> None:
    parts = ["", "a", "b", "ab", 'a"', '","', "2026-10"]
    tokens = [next(Tokens(KEY, Scope(*names)).of(IDS)) for names in itertools.product(parts, repeat=3)]
    assert len(set(tokens)) == len(parts) ** 3


def test_another_key_gives_another_token_and_the_same_key_the_same() -> None:
    once, again = (list(Tokens(KEY, SCOPE).of(IDS)) for _ in range(2))
    assert once == again
    assert len(set(once)) == len(IDS)
    assert set(once).isdisjoint(Tokens(LinkKey.new(), SCOPE).of(IDS))
    plain = {hashlib.sha256(id.encode()).digest() for id in IDS}
    assert plain.isdisjoint(once)


def test_a_column_keeps_its_order_and_its_gaps() -> None:
    ids = pa.chunked_array([pa.array([IDS[1], None]), pa.array([IDS[0], IDS[1]])])
    first, second = Tokens(KEY, SCOPE).of(IDS[:2])
    made = Tokens(KEY, SCOPE).column(ids)
    assert made.type == pa.binary(32)
    assert made.to_pylist() == [second, None, first, second]
    assert Tokens(KEY, SCOPE).column(pa.array([], type=pa.string())).to_pylist() == []


def test_two_periods_are_bridged_for_those_named_and_two_agreements_never() -> None:
    later = Scope(SCOPE.agreement, SCOPE.purpose, "2026-11")
    assert bridge(KEY, SCOPE, later, IDS[:1]) == [(next(Tokens(KEY, SCOPE).of(IDS)), next(Tokens(KEY, later).of(IDS)))]
    for other in (Scope("A-2026-015", SCOPE.purpose, "2026-11"), Scope(SCOPE.agreement, "statistics", "2026-11")):
        with pytest.raises(PurposeError, match="not to be joined"):
            bridge(KEY, SCOPE, other, IDS)


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
    assert repr(KEY) == "LinkKey()"
