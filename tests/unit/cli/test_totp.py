"""Codes of an authenticator app for a demonstration's secret: the published examples, and slips in plain words."""

from __future__ import annotations

import base64

import pytest

from tsunagu.cli.totp import code_of
from tsunagu.errors import SourceError

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")],
)
def test_the_examples_of_rfc_6238(at: int, code: str) -> None:
    assert code_of(RFC_SECRET, at=at) == code


def test_a_secret_may_be_written_as_people_copy_it() -> None:
    spaced = " ".join(RFC_SECRET[i : i + 4] for i in range(0, 32, 4)).lower()
    assert code_of(spaced, at=59) == "287082"


@pytest.mark.parametrize("secret", ["", "ABC", "0189", "秘密", "MZXW6"])
def test_what_is_no_secret_is_refused_without_its_value(secret: str) -> None:
    with pytest.raises(SourceError) as refused:
        code_of(secret, at=59)
    assert "authenticator" in str(refused.value)
    assert not secret or secret not in str(refused.value)
