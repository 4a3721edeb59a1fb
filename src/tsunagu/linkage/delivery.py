"""One delivery: which records of which holders are one person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from tsunagu.engines.duck import Workbench, workbench
from tsunagu.linkage.clusters import Clusters
from tsunagu.linkage.compare import CLEAR, Comparing
from tsunagu.linkage.decided import Decided, Placed, place, put_shared_numbers
from tsunagu.linkage.marks import Marks
from tsunagu.linkage.numbers import make_links, start_clusters
from tsunagu.linkage.passes import put_clusters, run_passes
from tsunagu.linkage.persons import make_person_facts, make_persons, name_persons
from tsunagu.linkage.residue import drop_comparisons, link_partial_names, link_residue
from tsunagu.linkage.review import make_review, put_unfollowed
from tsunagu.linkage.rules import Rules
from tsunagu.linkage.signatures import make_signatures
from tsunagu.linkage.weights import Model
from tsunagu.records.decided_pairs import DecidedPair, MarkedPair
from tsunagu.records.stage_tables import LINKS, PERSON_FACTS, PERSONS


@dataclass(frozen=True)
class LinkResult:
    """What linkage gives; shapes in records.stage_tables.

    pairs    the pairs of `review` with their marks; empty without a key for marks
    decided  what became of the decisions
    """

    links: pa.Table
    review: pa.Table
    persons: pa.Table
    person_facts: pa.Table
    pairs: tuple[MarkedPair, ...] = ()
    decided: Decided = field(default_factory=Decided)


def link_records(
    records: pa.Table,
    facts: pa.Table,
    model: Model,
    *,
    rules: Rules,
    on: date,
    previous: pa.Table | None = None,
    marks: Marks | None = None,
    decisions: Sequence[DecidedPair] = (),
    threads: int | None = None,
) -> LinkResult:
    """Joins the records of one delivery to persons.

    records   SOURCE_RECORDS
    facts     SOURCE_FACTS
    model     weights and cuts for pairs that no exact key settles
    previous  an earlier run's records (holder, record_key, person_id): its person ids are kept
    marks     marks the doubtful pairs, so that a decision finds its records again
    decisions what people decided about pairs of earlier runs; needs marks under the same key
    on        day of the run: household and school are those of that day
    gives     every record in exactly one person; doubtful pairs in review, never joined
    """
    with workbench(threads=threads) as bench:
        make_signatures(bench, records, rules)
        make_links(bench, rules)
        put_shared_numbers(bench)
        decided = place(bench, marks, decisions) if marks else Decided()
        clusters, refused = gather(bench, model, rules=rules, on=on, decided=decided)
        put_unfollowed(bench, decided, refused, clusters)
        drop_comparisons(bench)
        put_clusters(bench, clusters)
        _put_reasons(bench, clusters.reasons)
        name_persons(bench, previous)
        links = bench.table(
            """
            SELECT rs.record_id, p.person_id, r.weight AS match_weight,
                coalesce(r.reason, CASE WHEN s.is_register THEN 'register'
                    WHEN s.node LIKE 'res:%' THEN 'resident_no' WHEN s.node LIKE 'pupil:%' THEN 'pupil_no'
                    WHEN s.node LIKE 'login:%' THEN 'login_id' WHEN s.node LIKE 'seat:%' THEN 'seat'
                    WHEN s.node LIKE 'own:%' THEN 'own_number' ELSE 'alone' END) AS decided_by
            FROM record_sigs rs JOIN signatures s USING (sig) JOIN nodes USING (node) JOIN clustered USING (n)
            JOIN person_ids p USING (c) LEFT JOIN reasons r USING (n)
            """
        )
        links = LINKS.sorted(links)
        review, pairs = make_review(bench, decided, marks)
        bench.put("facts", facts)
        bench.put("links_table", links)
        persons = PERSONS.sorted(make_persons(bench, rules, on))
        facts_of = PERSON_FACTS.sorted(make_person_facts(bench))
        return LinkResult(links, review, persons, facts_of, tuple(pairs), decided)


def gather(
    bench: Workbench,
    model: Model,
    *,
    rules: Rules,
    on: date,
    decided: Decided,
    comparing: Comparing = CLEAR,
) -> tuple[Clusters, list[Placed]]:
    """The evidence in the order of its strength, over the tables of make_signatures and make_links.

    Makes `doubtful`; gives the clusters, and the decisions that could not be followed.
    """
    clusters = start_clusters(bench, rules, decided.apart)
    run_passes(bench, clusters, comparing)
    link_partial_names(bench, clusters, on, comparing)
    return clusters, link_residue(bench, clusters, model, decided, comparing)


def _put_reasons(bench: Workbench, reasons: dict[int, tuple[str, float | None]]) -> None:
    ordered: Iterable[tuple[int, tuple[str, float | None]]] = sorted(reasons.items())
    rows = list(ordered)
    bench.put(
        "reasons",
        pa.table(
            {
                "n": pa.array([n for n, _ in rows], pa.int32()),
                "reason": pa.array([r for _, (r, _) in rows], pa.string()),
                "weight": pa.array([w for _, (_, w) in rows], pa.float64()),
            }
        ),
    )
