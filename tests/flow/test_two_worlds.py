"""Two deliveries that differ in one hidden address make one run folder, apart from the sealed table of addresses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from canary import hits
from fixed import KEY, ON
from tsunagu import pipeline
from tsunagu.municipality import City
from tsunagu.pipeline import Order, run_city
from tsunagu.records.run_tables import PLAIN_TABLES
from tsunagu.runs import folder
from tsunagu.runs.folder import RunFolder, open_run
from tsunagu.suppression.spread import Suppressed
from two_worlds import ADDRESS_KEY, HIDDEN, a_delivery, two_worlds


def _run(city: City, out: Path, hidden: str) -> RunFolder:
    extracts = a_delivery(out / "extracts", hidden)
    order = Order(extracts, ON, out / "run", KEY, address_key=ADDRESS_KEY)
    run_city(city, order, lambda stage, done, total: None)
    return open_run(out / "run")


def _worlds(city: City, out: Path) -> tuple[RunFolder, RunFolder]:
    return two_worlds(lambda hidden: _run(city, out / str(HIDDEN.index(hidden)), hidden))


def _manifest(run: RunFolder) -> dict[str, Any]:
    """The manifest without what names the input itself: the hash of the file with the address, and so the seal."""
    manifest: dict[str, Any] = json.loads((run.path / "manifest.json").read_bytes())
    manifest.pop("seal")
    for path in ("jumin/JUKI_KIHON.csv", "jumin/JUKI_IDO.csv"):
        manifest["inputs"][path].pop("sha256")
    return manifest


def test_one_run_folder_for_both_worlds(city: City, tmp_path: Path) -> None:
    first, second = _worlds(city, tmp_path)
    assert first.table("notices").num_rows == 2, "there is somebody to hide"
    for shape in PLAIN_TABLES:
        name = f"{shape.name}.parquet"
        assert (first.path / name).read_bytes() == (second.path / name).read_bytes(), name
    assert (first.path / "vocabulary.json").read_bytes() == (second.path / "vocabulary.json").read_bytes()
    assert _manifest(first) == _manifest(second)
    assert first.identities(KEY).equals(second.identities(KEY))
    assert sorted(p.name for p in first.path.iterdir()) == sorted(p.name for p in second.path.iterdir())
    for path in first.path.iterdir():
        assert path.stat().st_size == (second.path / path.name).stat().st_size, path.name
    for run, hidden in ((first, HIDDEN[0]), (second, HIDDEN[1])):
        current = [r["address"] for r in run.sealed("addresses", ADDRESS_KEY).to_pylist() if r["kind"] == "current"]
        assert current.count(hidden) == 2, "the mother's and the child's, in the sealed table only"


def test_without_the_guard_the_two_worlds_would_differ(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "in_force", lambda *_, **__: Suppressed(frozenset(), everyone=False))
    first, second = _worlds(city, tmp_path)
    assert not first.identities(KEY).equals(second.identities(KEY))


def test_the_address_is_nowhere_in_the_run_folder(city: City, tmp_path: Path) -> None:
    assert hits(HIDDEN[0], _run(city, tmp_path, HIDDEN[0]).path) == []


def test_without_encryption_it_would_be_found(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "encrypt", lambda key, plain, bound_to: plain)
    # A table behind its length is not seen as Parquet: the scanner is given what it would be given on a disk.
    monkeypatch.setattr(folder, "padded", lambda data: data)
    found = hits(HIDDEN[0], _run(city, tmp_path, HIDDEN[0]).path)
    assert any("addresses.parquet.enc!cells" in place for place in found)
