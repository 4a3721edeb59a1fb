"""Bands: which number belongs where."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tsunagu.purposes.bands import read_bands


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
