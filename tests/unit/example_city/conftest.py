"""Small cities, made once for all tests of this folder."""

from pathlib import Path

import pytest

from tsunagu.example_city import write_example_city


@pytest.fixture(scope="session")
def heavy_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A badly damaged delivery of 400 children."""
    out = tmp_path_factory.mktemp("heavy")
    write_example_city(out, children=400, seed=11, faults="heavy")
    return out


@pytest.fixture(scope="session")
def clean_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A delivery of 200 children without damage."""
    out = tmp_path_factory.mktemp("clean")
    write_example_city(out, children=200, seed=12, faults="none")
    return out
