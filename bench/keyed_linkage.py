"""Linkage over tokens beside linkage in clear text, on the same deliveries, each against its own truth.

    python bench/keyed_linkage.py                     3,000 and 20,000 children, result to results-keyed-linkage.txt
    python bench/keyed_linkage.py --children 3000     leaves the large ones out, and writes nothing
    python bench/keyed_linkage.py --sample folder     one delivery with extracts/ and truth/, as of 2026-09-30

Each delivery is measured as delivered, and once more with nothing that another holder shares with the register: no
resident number, no household number, no guardian's number. Two lists (two_sources.py) have a name and an address only.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from deliveries import Asked
from tsunagu.evaluation.linkage_truth import LinkageFigures, linkage_figures
from tsunagu.evaluation.truth_files import read_truth
from tsunagu.example_city import write_example_city
from tsunagu.linkage.delivery import link_records
from tsunagu.linkage.keyed import Kept, KeyedRecords, keyed_records, surnames_of
from tsunagu.linkage.keyed_links import Resolver, link_keyed
from tsunagu.linkage.keyed_values import LinkageTokens, link_id_key, linkage_key
from tsunagu.linkage.rules import Rules
from tsunagu.linkage.weights import Model
from tsunagu.municipality import City, load_city
from tsunagu.normalise.addresses import own_municipality
from tsunagu.normalise.dictionaries import NONE_ELSEWHERE
from tsunagu.purposes.tokens import LinkKey
from tsunagu.records.stage_tables import SOURCE_FACTS, SOURCE_RECORDS
from tsunagu.sources.delivery import read_delivery
from tsunagu.text.dates import read_moment
from two_sources import make_two_sources

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results-keyed-linkage.txt"
SHARED = ("resident_no", "household_no", "previous_household_no", "guardian_resident_no")
DELIVERIES = (
    Asked(3_000, 11, dt.date(2026, 9, 30), 12, "heavy"),
    Asked(3_000, 12, dt.date(2026, 4, 10), 6, "heavy"),
    Asked(3_000, 14, dt.date(2026, 8, 15), 12, "usual"),
    Asked(20_000, 17, dt.date(2026, 9, 30), 6, "usual"),
    Asked(20_000, 18, dt.date(2027, 1, 5), 6, "heavy"),
)
LISTS = ((3_000, 11, False), (3_000, 12, True), (20_000, 13, False), (20_000, 14, True))
_SEXES = {"男": "1", "男性": "1", "1": "1", "女": "2", "女性": "2", "2": "2"}
Linker = Callable[[pa.Table], list[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--children", type=int, default=20_000, help="the largest delivery to make")
    parser.add_argument("--sample", type=Path, help="one delivery with extracts/ and truth/")
    arguments = parser.parse_args()
    city = load_city(ROOT / "examples" / "hinode-city")
    lines = [
        f"linkage over tokens beside clear text, {dt.datetime.now(dt.UTC):%Y-%m-%d}, {os.cpu_count()} cores,"
        f" Python {platform.python_version()}",
        f"{'records':<50} | {'clear F1':>8} {'precision':>9} {'recall':>8} | {'keyed F1':>8} {'precision':>9}"
        f" {'recall':>8} | {'F1 lost':>8} | tokens s, link s",
    ]
    print("\n".join(lines), flush=True)
    for line in _sample(city, arguments.sample) if arguments.sample else _all(city, arguments.children):
        lines.append(line)
        print(line, flush=True)
    if not arguments.sample and arguments.children >= max(a.children for a in DELIVERIES):
        RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _all(city: City, largest: int) -> Iterator[str]:
    for asked in (a for a in DELIVERIES if a.children <= largest):
        with tempfile.TemporaryDirectory(prefix="tsunagu-keyed-") as folder:
            made = Path(folder) / "delivery"
            write_example_city(
                made, children=asked.children, seed=asked.seed, on=asked.on, months=asked.months, faults=asked.faults
            )
            name = f"{asked.children:,} children, seed {asked.seed}, {asked.faults}"
            yield from _delivery(city, made, asked.on, name)
    for rows, seed, hard in (x for x in LISTS if x[0] <= largest):
        with tempfile.TemporaryDirectory(prefix="tsunagu-keyed-") as folder:
            make_two_sources(Path(folder), rows=rows, seed=seed, hard=hard)
            yield _lists(city, Path(folder), f"two lists of {rows:,}, seed {seed}, {'hard' if hard else 'usual'}")


def _sample(city: City, folder: Path) -> Iterator[str]:
    return _delivery(city, folder, dt.date(2026, 9, 30), "sample")


def _delivery(city: City, folder: Path, on: dt.date, name: str) -> Iterator[str]:
    read = city.read_on(on)
    records = read_delivery(
        folder / "extracts", city.sources.of(read.items), read, on, lambda _file, _number, _of: None
    ).records
    truth = list(read_truth(folder / "truth", "records.csv"))
    for words, given in ((name, records), (f"{name}, no shared number", _unshared(records, city.link_rules))):

        def figures(link: Linker, of: pa.Table = given) -> LinkageFigures:
            keys = zip(of["holder"].to_pylist(), of["record_key"].to_pylist(), link(of), strict=True)
            return linkage_figures(truth, keys)

        yield _line(words, figures, city.link_rules, city.link_model, on)


def _lists(city: City, folder: Path, name: str) -> str:
    """The two lists as a register and as another holder's, with each holder's own numbers."""
    rules = Rules("left", "none")
    sides = {side: pq.read_table(folder / f"{side}.parquet") for side in ("left", "right")}
    records, people, first = [], [], 0
    for side, table in sides.items():
        numbers = [str(i) for i in range(table.num_rows)]
        columns = {c: table[c] for c in ("name", "kana", "address")}
        columns |= {"birth_date": [read_moment(v).day if v else None for v in table["birth_date"].to_pylist()]}
        columns |= {"sex": [_SEXES.get(v) for v in table["sex"].to_pylist()]}
        columns |= {"record_id": range(first, first + table.num_rows), "row": range(table.num_rows)}
        columns |= {"holder": [side] * table.num_rows, "file": [side] * table.num_rows}
        columns |= {"state": ["read"] * table.num_rows, "record_key": numbers}
        columns |= {"resident_no": numbers} if side == "left" else {"local_no": numbers}
        people += [f"{p}" for p in table["person"].to_pylist()]
        records.append(_shaped(columns, table.num_rows))
        first += table.num_rows
    given = pa.concat_tables(records)
    truth = [
        {"department": h, "record_key": k, "person_id": p, "is_child": "1"}
        for h, k, p in zip(given["holder"].to_pylist(), given["record_key"].to_pylist(), people, strict=True)
    ]

    def figures(link: Linker) -> LinkageFigures:
        return linkage_figures(
            truth, zip(given["holder"].to_pylist(), given["record_key"].to_pylist(), link(given), strict=True)
        )

    return _line(name, figures, rules, city.link_model, dt.date(2026, 9, 30))


def _shaped(columns: dict[str, object], rows: int) -> pa.Table:
    def column(field: pa.Field) -> pa.Array | pa.ChunkedArray:
        given = columns.get(field.name)
        if given is None:
            return pa.nulls(rows, field.type)
        return given.cast(field.type) if isinstance(given, pa.ChunkedArray) else pa.array(given, field.type)

    return pa.table([column(f) for f in SOURCE_RECORDS.schema], schema=SOURCE_RECORDS.schema)


def _unshared(records: pa.Table, rules: Rules) -> pa.Table:
    is_register = pc.equal(records["holder"], rules.register)
    for name in SHARED:
        column = pc.if_else(is_register, records[name], pa.scalar(None, pa.string()))
        records = records.set_column(records.column_names.index(name), SOURCE_RECORDS.schema.field(name), column)
    return records


def _line(name: str, figures: Callable[[Linker], LinkageFigures], rules: Rules, model: Model, on: dt.date) -> str:
    spent: list[float] = []

    def clear(records: pa.Table) -> list[str]:
        links = link_records(records, SOURCE_FACTS.empty(), model, rules=rules, on=on).links
        return list(links.sort_by("record_id")["person_id"].to_pylist())

    def keyed(records: pa.Table) -> list[str]:
        return _keyed(records, rules, model, on, spent)

    one, other = figures(clear), figures(keyed)
    told = " | ".join(f"{f.f1:8.5f} {f.precision:9.6f} {f.recall:8.5f}" for f in (one, other))
    return f"{name:<50} | {told} | {(one.f1 or 0) - (other.f1 or 0):8.5f} | {spent[0]:.1f}, {spent[1]:.1f}"


def _keyed(records: pa.Table, rules: Rules, model: Model, on: dt.date, spent: list[float]) -> list[str]:
    key = LinkKey.new()
    tokens = LinkageTokens(linkage_key(key, "bench", "2026-10"))
    begin = time.perf_counter()
    register = records.filter(pc.equal(records["holder"], rules.register))
    municipality = own_municipality(sorted(pc.unique(register["address"].drop_null()).to_pylist()))
    own, kept = keyed_records(register, tokens, rules=rules, municipality=municipality)
    surnames = surnames_of(own, tokens) if register.num_rows else NONE_ELSEWHERE
    made: dict[str, tuple[KeyedRecords, Kept]] = {rules.register: (own, kept)}
    for holder in sorted(pc.unique(records["holder"]).to_pylist()):
        if holder != rules.register:
            of_holder = records.filter(pc.equal(records["holder"], holder))
            made[holder] = keyed_records(of_holder, tokens, rules=rules, municipality=municipality, surnames=surnames)
    spent.append(time.perf_counter() - begin)
    begin = time.perf_counter()
    links = link_keyed(
        Resolver(tokens, link_id_key(key, "bench"), kept, {}),
        [part for part, _ in made.values()],
        model,
        rules=rules,
        on=on,
    )
    spent.append(time.perf_counter() - begin)
    clusters = {
        (holder, number): f"{cluster}"
        for holder, number, cluster in zip(
            *(links.clusters[c].to_pylist() for c in links.clusters.column_names), strict=True
        )
    }
    found = {
        record: clusters[holder, number]
        for holder, (_, of) in made.items()
        for record, number in zip(of.numbers["record_id"].to_pylist(), of.numbers["number"].to_pylist(), strict=True)
    }
    return [found[record] for record in records["record_id"].to_pylist()]


if __name__ == "__main__":
    main()
