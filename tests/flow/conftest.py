"""One run of the whole sample delivery, shared by the tests of the flow."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from fixed import KEY, ON, ROOT
from tsunagu.municipality import City, load_city
from tsunagu.pipeline import Order, run_city
from tsunagu.runs.folder import RunFolder, open_run


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample delivery: extracts/ and truth/."""
    folder = tmp_path_factory.mktemp("sample")
    with zipfile.ZipFile(ROOT / "tests" / "data" / "sample.zip") as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def city() -> City:
    return load_city(ROOT / "examples" / "hinode-city", with_programmes=True)


@pytest.fixture(scope="session")
def run(sample: Path, city: City, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    out = tmp_path_factory.mktemp("flow") / "run"
    run_city(city, Order(sample / "extracts", ON, out, KEY), lambda stage, done, total: None)
    return open_run(out)
