"""Pairwise precision, recall and F1 of the links, counted over children's records."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tsunagu.evaluation.truth_files import compared_key

Record = tuple[str, str]  # holder, compared key


@dataclass(frozen=True)
class LinkageFigures:
    """Pairs of records of one child: found together (true), wrongly together, wrongly apart.

    missing  children's records of the truth that the run does not have at all; their pairs count as apart
    """

    true_pairs: int
    found_pairs: int
    right_pairs: int
    records: int
    missing: int

    @property
    def precision(self) -> float | None:
        return self.right_pairs / self.found_pairs if self.found_pairs else None

    @property
    def recall(self) -> float | None:
        return self.right_pairs / self.true_pairs if self.true_pairs else None

    @property
    def f1(self) -> float | None:
        total = self.found_pairs + self.true_pairs
        return 2 * self.right_pairs / total if total else None


def linkage_figures(truth: Iterable[Mapping[str, str]], found: Iterable[tuple[str, str | None, str]]) -> LinkageFigures:
    """Figures over unordered pairs of records of which at least one is a child's.

    truth  rows of records.csv (department, record_key, person_id, is_child)
    found  holder, record_key, person_id of every record read; a key may stand in many rows (months, files)
    """
    person_of = persons_of_keys(found)
    clusters: dict[str, Counter[str]] = defaultdict(Counter)
    children: set[str] = set()
    size: Counter[str] = Counter()
    records = missing = 0
    for row in truth:
        true_person = row["person_id"]
        is_child = row["is_child"] == "1"
        if is_child:
            children.add(true_person)
            size[true_person] += 1
            records += 1
        given = person_of.get((row["department"], compared_key(row["record_key"])))
        if given is None:
            missing += is_child
            continue
        clusters[given][true_person] += 1
    found_pairs = right_pairs = 0
    for members in clusters.values():
        whole = sum(members.values())
        adults = sum(n for person, n in members.items() if person not in children)
        found_pairs += _pairs(whole) - _pairs(adults)
        right_pairs += sum(_pairs(n) for person, n in members.items() if person in children)
    return LinkageFigures(
        true_pairs=sum(_pairs(n) for n in size.values()),
        found_pairs=found_pairs,
        right_pairs=right_pairs,
        records=records,
        missing=missing,
    )


def persons_of_keys(found: Iterable[tuple[str, str | None, str]]) -> dict[Record, str]:
    """The person of each key: the one most of its rows belong to, the smallest where rows are even."""
    counts: dict[Record, Counter[str]] = defaultdict(Counter)
    for holder, key, person in found:
        if key is not None:
            counts[(holder, compared_key(key))][person] += 1
    return {record: min(c.items(), key=lambda item: (-item[1], item[0]))[0] for record, c in counts.items()}


def _pairs(n: int) -> int:
    return n * (n - 1) // 2
