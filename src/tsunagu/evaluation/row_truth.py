"""Whether every damaged row ended where it must: set aside, read, read with one value unknown, or named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

NAMED = ("title", "heading", "total", "empty")


@dataclass(frozen=True)
class RowFigures:
    """right and wrong damaged rows by `kind/disposition`; the wrong ones by file and line, never by value."""

    right: Counter[str]
    wrong: Counter[str]
    places: tuple[str, ...]
    rows: int
    accounted: int


def row_figures(
    bad_rows: Iterable[Mapping[str, str]],
    *,
    read: Iterable[tuple[str, int]],
    quarantined: Iterable[Mapping[str, object]],
    named: Mapping[str, Mapping[str, str]],
    rows: int,
    accounted: int,
) -> RowFigures:
    """Compares bad_rows.csv with the run.

    read         file and row of every record in records.parquet
    quarantined  rows of quarantine.parquet
    named        per file: kind (title, heading, total, empty …) -> its lines in ranges (`3-5,9`), from the manifest
    rows         rows of all files by the manifest; accounted: those with a disposition
    """
    is_read = set(read)
    row_aside: set[tuple[str, int]] = set()
    value_aside: set[tuple[str, int]] = set()
    for entry in quarantined:
        place = (str(entry["file"]), int(str(entry["row"])))
        (row_aside if entry["scope"] == "row" else value_aside).add(place)
    is_named = {
        (file, line)
        for file, kinds in named.items()
        for kind, ranges in kinds.items()
        if kind in NAMED
        for line in lines_of(ranges)
    }
    # A repeated row stands twice; the sender's mark may sit on either of the two, and both are read.
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    places: list[str] = []
    for bad in bad_rows:
        place = (bad["file"], int(bad["physical_line"]))
        ok = {
            "quarantine": place in row_aside and place not in is_read,
            "read": place in is_read and place not in row_aside,
            "read_value_unknown": place in is_read and place in value_aside,
            "either": (place in row_aside) != (place in is_read),
            "ignore": place in is_named and place not in is_read and place not in row_aside,
        }[bad["disposition"]]
        kind = f"{bad['kind']}/{bad['disposition']}"
        (right if ok else wrong)[kind] += 1
        if not ok:
            places.append(f"{bad['file']}:{bad['physical_line']} {kind}")
    return RowFigures(right=right, wrong=wrong, places=tuple(places), rows=rows, accounted=accounted)


def lines_of(ranges: str) -> Iterator[int]:
    """The lines of `3-5,9`: 3, 4, 5 and 9."""
    for piece in filter(None, (p.strip() for p in ranges.split(","))):
        first, _, last = piece.partition("-")
        yield from range(int(first), int(last or first) + 1)
