"""Bands: which number belongs where."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsunagu.purposes.bands import read_bands

LISTS = [
    ("0-9", "10-29", "30+"),
    ("under 0", "0-4.9", "5+"),
    ("0", "1", "2-3"),
    ("0-0.000001", "0.000002-1"),
    ("0-10", "10-20"),
    ("under 5",),
    ("7+",),
]
NUMBERS = [Decimal(text) for text in ("-1", "0", "0.000001", "0.000002", "1", "3", "3.5", "5", "9.999999", "10", "20")]
A_NUMBER = st.sampled_from(NUMBERS) | st.decimals(-50, 999_999_999, places=6)


@pytest.mark.parametrize(
    ("values", "number", "band"),
    [
        (("0-9", "10-29", "30+"), "0", "0-9"),
        (("0-9", "10-29", "30+"), "9", "0-9"),
        (("0-9", "10-29", "30+"), "9.5", "0-9"),
        (("0-9", "10-29", "30+"), "10", "10-29"),
        (("0-9", "10-29", "30+"), "1000000", "30+"),
        (("0-9", "10-29", "30+"), "-0.000001", None),
        (("under 0", "0-4.9", "5+"), "-3", "under 0"),
        (("under 0", "0-4.9", "5+"), "0", "0-4.9"),
        (("under 0", "0-4.9", "5+"), "4.95", "0-4.9"),
        (("under 0", "0-4.9", "5+"), "5", "5+"),
        (("0", "1", "2-3"), "1", "1"),
        (("0", "1", "2-3"), "3", "2-3"),
        (("0", "1", "2-3"), "3.5", None),
        (("0", "1", "2-3"), "4", None),
        (("0-0.09", "0.1-1"), "0.1", "0.1-1"),
    ],
)
def test_a_number_is_in_the_last_band_whose_least_it_reaches(
    values: tuple[str, ...], number: str, band: str | None
) -> None:
    bands = read_bands(values)
    assert bands is not None
    assert bands.of(Decimal(number)) == band


def test_codes_are_no_bands() -> None:
    assert read_bands(("full", "partial")) is None
    assert read_bands(()) is None


@given(st.sampled_from(LISTS), st.lists(st.none() | A_NUMBER))
def test_a_whole_column_is_banded_as_each_number_by_itself(
    values: tuple[str, ...], numbers: list[Decimal | None]
) -> None:
    bands = read_bands(values)
    assert bands is not None
    cut = len(numbers) // 2
    column = pa.chunked_array([numbers[:cut], numbers[cut:]], type=pa.decimal128(18, 6))
    assert bands.column(column).to_pylist() == [None if one is None else bands.of(one) for one in numbers]
