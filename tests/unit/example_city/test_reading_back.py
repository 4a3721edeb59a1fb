"""The city's reader and the generator's truth agree about every damaged row: two independent opinions."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from tsunagu.example_city import write_example_city
from tsunagu.sources import load_catalogue, load_sources, read_delivery

CITY = Path(__file__).parents[3] / "examples" / "hinode-city"


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("seed", "faults", "months"), [(21, "usual", 12), (22, "heavy", 12), (23, "heavy", 24)])
def test_every_damaged_row_is_treated_as_the_truth_says(tmp_path: Path, seed: int, faults: str, months: int) -> None:
    write_example_city(tmp_path, children=250, seed=seed, months=months, faults=faults)  # type: ignore[arg-type]
    delivery = read_delivery(tmp_path / "extracts", load_sources(CITY), load_catalogue(CITY), None)
    for account in delivery.accounts:
        assert account.promised in (None, account.data_rows), account.file
    state = {(row["file"], row["row"]): row["state"] for row in delivery.records.to_pylist()}
    aside: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in delivery.quarantine.to_pylist():
        aside[(row["file"], row["row"])].add(row["scope"])
    wrong = []
    rows = _table(tmp_path / "truth" / "bad_rows.csv")
    for row in rows:
        place = (row["file"], int(row["physical_line"]))
        if not _treated(row["disposition"], state.get(place), aside[place]):
            wrong.append((row["file"], row["physical_line"], row["kind"], row["disposition"], state.get(place)))
    assert not wrong
    assert len(rows) > 30


def _treated(disposition: str, state: str | None, scopes: set[str]) -> bool:
    if disposition == "ignore":
        return state is None and "row" not in scopes
    if disposition == "read":
        return state in ("read", "repeated") and "row" not in scopes
    if disposition == "quarantine":
        return state in (None, "set_aside") and "row" in scopes
    if disposition == "read_value_unknown":
        return state == "read" and "value" in scopes
    return state in ("read", "set_aside") or "row" in scopes


def test_the_column_of_individual_numbers_is_dropped(tmp_path: Path) -> None:
    write_example_city(tmp_path, children=1200, seed=24, months=3, faults="usual")
    delivery = read_delivery(tmp_path / "extracts", load_sources(CITY), load_catalogue(CITY), None)
    dropped = [account.file for account in delivery.accounts if account.dropped]
    assert len(dropped) == 1
