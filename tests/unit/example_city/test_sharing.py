"""The example city's agreements: limits that fit the city, and nothing that a check would stop."""

from __future__ import annotations

import pytest

from fixed import ON, ROOT
from tsunagu.example_city.sharing import drafts
from tsunagu.municipality import City, load_city
from tsunagu.purposes.agreement import as_mapping, read_agreement
from tsunagu.purposes.canonical import canonical
from tsunagu.purposes.signatures import findings


@pytest.fixture(scope="module")
def city() -> City:
    return load_city(ROOT / "examples" / "hinode-city")


@pytest.mark.parametrize("children", [50, 3_000, 60_000])
def test_rows_are_limited_by_the_size_of_the_city(city: City, children: int) -> None:
    for agreement in drafts(city, ON, children):
        assert agreement.rows_at_most < 20 * (children + children // 10 + 10) * len(agreement.wanted), agreement.id
        assert read_agreement(canonical(as_mapping(agreement)), agreement.id) == agreement


def test_only_what_is_said_of_the_share_is_left_to_be_said(city: City) -> None:
    """Signatures apart: so many are noticed in no city, and a check says so."""
    said = {
        (agreement.id, one.what.partition(",")[0], one.stops)
        for agreement in drafts(city, ON, 3_000)
        for one in findings(agreement, {}, ON)
        if "has not signed" not in one.what
    }
    told = "500 of 1"
    assert said == {("names-residents", told, False), ("names-school-board", told, False)}
