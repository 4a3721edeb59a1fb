"""Laws of decisions about pairs: the order of rows and of decisions changes nothing, and strangers are left alone."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from test_linkage_delivery import MODEL, RULES, deliveries

from fixed import ON
from tsunagu.linkage.delivery import LinkResult, link_records
from tsunagu.linkage.marks import SAID, Marks
from tsunagu.records.decided_pairs import VERDICTS, DecidedPair
from tsunagu.records.stage_tables import SOURCE_FACTS, SOURCE_RECORDS

MARKS = Marks(bytes(64))
Key = tuple[str, str]


@st.composite
def decided_deliveries(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[tuple[Key, Key, str]]]:
    """A delivery, and decisions about any of its pairs, right or wrong."""
    rows = draw(deliveries())
    keys = [(r["holder"], r["record_key"]) for r in rows]
    pairs = [(a, b) for i, a in enumerate(keys) for b in keys[:i]]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=4, unique=True)) if pairs else []
    return rows, [(a, b, draw(st.sampled_from(VERDICTS))) for a, b in chosen]


def decide(rows: list[dict[str, Any]], one: Key, other: Key, verdict: str) -> DecidedPair:
    by_key = {(r["holder"], r["record_key"]): r for r in rows}
    left, right = (MARKS.record(*key, [by_key[key].get(name) for name in SAID]) for key in (one, other))
    return DecidedPair(MARKS.pair(left, right), left, right, verdict)  # type: ignore[arg-type]


def link(rows: list[dict[str, Any]], decisions: list[DecidedPair]) -> LinkResult:
    columns = {n: [r.get(n) for r in rows] for n in SOURCE_RECORDS.names}
    columns |= {"record_id": list(range(len(rows))), "row": list(range(2, len(rows) + 2))}
    records = pa.table(columns, schema=SOURCE_RECORDS.schema)
    facts = SOURCE_FACTS.empty()
    return link_records(records, facts, MODEL, rules=RULES, on=ON, marks=MARKS, decisions=decisions)


def people(rows: list[dict[str, Any]], result: LinkResult) -> dict[Key, str]:
    found = result.links["person_id"].to_pylist()
    return {(r["holder"], r["record_key"]): p for r, p in zip(rows, found, strict=True)}


@settings(max_examples=8, deadline=None)
@given(decided_deliveries(), st.randoms(use_true_random=False))
def test_order_changes_nothing_and_different_is_never_joined(
    asked: tuple[list[dict[str, Any]], list[tuple[Key, Key, str]]], random: Any
) -> None:
    rows, chosen = asked
    decisions = [decide(rows, *one) for one in chosen]
    result = link(rows, decisions)
    found = people(rows, result)
    assert len(found) == len(rows), "no record is lost"
    shuffled = rows[:]
    random.shuffle(shuffled)
    again = link(shuffled, decisions[::-1])
    assert people(shuffled, again) == found
    assert {(p.pair, p.question) for p in again.pairs} == {(p.pair, p.question) for p in result.pairs}
    for one, other, verdict in chosen:
        if verdict == "different":
            assert found[one] != found[other]
        if verdict == "same" and found[one] != found[other]:
            assert (decide(rows, one, other, verdict).pair, "decisions_disagree") in {
                (p.pair, p.question) for p in result.pairs
            }, "what is not followed is asked again"
    registered = [person for (holder, _), person in found.items() if holder == RULES.register]
    assert len(set(registered)) == len(registered)


@settings(max_examples=5, deadline=None)
@given(decided_deliveries())
def test_only_who_is_decided_about_moves(asked: tuple[list[dict[str, Any]], list[tuple[Key, Key, str]]]) -> None:
    rows, chosen = asked
    plain, decided = link(rows, []), link(rows, [decide(rows, *one) for one in chosen])
    before, after = people(rows, plain), people(rows, decided)
    # Whoever was one person with somebody a decision names may be parted or joined with them.
    named = {before[key] for one, other, _ in chosen for key in (one, other)}
    assert {key for key in before if before[key] not in named and after[key] != before[key]} == set()
    gone = [{**r, "record_key": f"9{r['record_key']}", "local_no": None, "resident_no": None} for r in rows]
    elsewhere = [decide(gone, (a[0], f"9{a[1]}"), (b[0], f"9{b[1]}"), verdict) for a, b, verdict in chosen]
    assert people(rows, link(rows, elsewhere)) == before, "decisions about records that are gone"
