"""What people decided about pairs of earlier runs, brought to this delivery's nodes.

`different` holds against every key, name and model from the first step on; `same` joins what the exact passes have
left apart, before the model is asked. A decision whose records are not in the delivery changes nothing.
"""

# ruff: noqa: S608 - every text is built from this package's own constants, never from data

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import pyarrow as pa

from tsunagu.engines.duck import Workbench
from tsunagu.linkage.clusters import Clusters
from tsunagu.linkage.marks import SAID, Marks
from tsunagu.records.decided_pairs import DecidedPair, MarkedPair, RecordMark

REASON = "clerk"


@dataclass(frozen=True)
class Placed:
    """A decision whose two records were found: their nodes, and a record of each."""

    decision: DecidedPair
    left: int
    right: int
    left_record: int
    right_record: int


@dataclass(frozen=True)
class Decided:
    """The decisions a run is given. placed: those whose records are here, by pair; absent: how many are not."""

    placed: tuple[Placed, ...] = ()
    absent: int = 0

    def of(self, verdict: str) -> list[Placed]:
        return [p for p in self.placed if p.decision.verdict == verdict]

    @property
    def apart(self) -> list[tuple[int, int]]:
        """Nodes that are not one person; records that one number ties together cannot be parted here."""
        return [(p.left, p.right) for p in self.of("different") if p.left != p.right]


def place(bench: Workbench, marks: Marks, decisions: Sequence[DecidedPair]) -> Decided:
    """Finds the records of each decision."""
    nodes = _nodes_of({m.number for d in decisions for m in (d.left, d.right)}, bench, marks) if decisions else {}
    placed = []
    for decision in sorted(decisions, key=lambda d: d.pair):
        left, right = nodes.get(decision.left.number, {}), nodes.get(decision.right.number, {})
        # What several nodes answer to tells none of them apart.
        if len(left) == len(right) == 1:
            (a, a_record), (b, b_record) = *left.items(), *right.items()
            placed.append(Placed(decision, a, b, a_record, b_record))
    return Decided(tuple(placed), len(decisions) - len(placed))


def join_same(clusters: Clusters, decided: Decided) -> list[Placed]:
    """Unites what was decided `same`; gives the decisions that could not be followed.

    Decisions that meet in one person stand or fall together: where one of their pairs was decided `different`, or
    where two would fill one slot, none of them is followed, so that their order makes no difference.
    """
    same = [p for p in decided.of("same") if clusters.root(p.left) != clusters.root(p.right)]
    groups = _groups([(clusters.root(p.left), clusters.root(p.right)) for p in same])
    in_conflict = {
        root for group in groups for root in group if any(not clusters.fit(a, b) for a, b in combinations(group, 2))
    }
    refused = [p for p in same if clusters.root(p.left) in in_conflict]
    for p in same:
        if p not in refused:
            clusters.unite(p.left, p.right, REASON)
    return refused


def mark_pairs(bench: Workbench, marks: Marks, found: pa.Table) -> list[MarkedPair]:
    """The pairs of a table (left_record, right_record, question, agrees, differs, place_weight) with their marks."""
    pairs = found.select(["left_record", "right_record", "question", "agrees", "differs", "place_weight"]).to_pylist()
    wanted = sorted({record for pair in pairs for record in (pair["left_record"], pair["right_record"])})
    bench.put("wanted_records", pa.table({"record_id": pa.array(wanted, pa.int32())}))
    rows = bench.rows(
        f"SELECT w.record_id, {_MARKED} FROM wanted_records w JOIN record_sigs USING (record_id)"
        " JOIN signatures s USING (sig) LEFT JOIN shared_numbers k USING (holder, own_key)"
    )
    of = {int(str(record)): _mark_of(marks, *rest) for record, *rest in rows}
    made = []
    for pair in pairs:
        left, right = of[pair["left_record"]], of[pair["right_record"]]
        made.append(MarkedPair(**pair, pair=marks.pair(left, right), left=left, right=right))
    return made


_MARKED = "s.holder, CASE WHEN k.holder IS NULL THEN s.own_key END, " + ", ".join(f"s.{c}" for c in SAID)


def put_shared_numbers(bench: Workbench) -> None:
    """Makes `shared_numbers` (holder, own_key): numbers that stand with two people, one of them mistyped."""
    bench.run(
        "CREATE TABLE shared_numbers AS SELECT holder, own_key FROM signatures WHERE own_key IS NOT NULL"
        " GROUP BY holder, own_key HAVING count(DISTINCT node) > 1"
    )


def _nodes_of(numbers: set[str], bench: Workbench, marks: Marks) -> dict[str, dict[int, int]]:
    """Number -> node -> its first record, for the numbers asked for."""
    found: dict[str, dict[int, int]] = defaultdict(dict)
    rows = bench.rows(
        f"SELECT n.n, s.first_record, {_MARKED} FROM signatures s JOIN nodes n USING (node)"
        " LEFT JOIN shared_numbers k USING (holder, own_key) ORDER BY s.first_record"
    )
    for n, record, holder, own_key, *said in rows:
        number = _number(marks, str(holder), own_key, said)
        if number in numbers:
            found[number].setdefault(int(str(n)), int(str(record)))
    return found


def _number(marks: Marks, holder: str, own_key: object, said: Sequence[object]) -> str:
    # Most records have a number: what they say is not hashed for nothing.
    return marks.number(holder, str(own_key)) if own_key is not None else _mark_of(marks, holder, None, *said).number


def _mark_of(marks: Marks, holder: object, own_key: object, *said: object) -> RecordMark:
    texts = [None if value is None else str(value) for value in said]
    return marks.record(str(holder), None if own_key is None else str(own_key), texts)


def _groups(edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The connected sets of an undirected graph, each sorted."""
    near: dict[int, set[int]] = defaultdict(set)
    for a, b in edges:
        near[a].add(b)
        near[b].add(a)
    seen: set[int] = set()
    groups = []
    for start in sorted(near):
        group, waiting = set(), [start]
        while waiting:
            node = waiting.pop()
            if node not in group:
                group.add(node)
                waiting += near[node] - seen
        if start not in seen:
            groups.append(sorted(group))
        seen |= group
    return groups
