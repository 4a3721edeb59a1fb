"""Whether a child can be found again in an answer by somebody with the public roster and five true facts of it.

The distributions are invented: most children have nothing, some have much, and what they have goes together.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

import pyarrow as pa

from agreements import ON, an_agreement, signed
from answered import KEY, OnlyIndicators, a_request
from tsunagu.purposes.agreement import Cohort
from tsunagu.purposes.answering import answer
from tsunagu.purposes.gate import History, Released
from tsunagu.purposes.grant import Grant, grant
from tsunagu.purposes.tokens import Tokens
from tsunagu.records.run_tables import INDICATORS
from tsunagu.records.stage_tables import PERSON_FACTS

CHILDREN, SCHOOLS, LARGEST_SHARE = 40_000, 45, 0.001
FACTS = {
    "absent_total": (4.0, ["0-9", "10-29", "30+"]),
    "late_total": (2.0, ["0-4", "5-14", "15+"]),
    "infirmary_visits": (1.0, ["0-2", "3-9", "10+"]),
    "unpaid_months": (0.3, ["0", "1-2", "3+"]),
    "mood_low": (1.5, ["0-4", "5-9", "10+"]),
}


class Town(OnlyIndicators):
    """Holdings of a town: each child's five counts, and the school that nobody is told."""

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)
        self.ids = [f"C{n:05}" for n in range(CHILDREN)]
        self.school = [draw.randrange(SCHOOLS) for _ in self.ids]
        burden = [draw.gammavariate(0.6, 1 / 0.6) for _ in self.ids]
        self.counts = {
            id: [min(int(draw.gammavariate(1.2, mean * weight / 1.2 + 0.01)), 60) for weight in burden]
            for id, (mean, _bands) in FACTS.items()
        }

    def definitions(self) -> Mapping[tuple[str, str], str]:
        return {(id, "1"): "a" * 64 for id in FACTS}

    def children(self, cohort: Cohort, on: dt.date) -> Collection[str]:
        return self.ids

    def protected(self, on: dt.date) -> Collection[str]:
        return ()

    def facts(self, items: Collection[str], on: dt.date) -> pa.Table:
        return PERSON_FACTS.empty()

    def indicators(self, ids: Collection[str], on: dt.date) -> pa.Table:
        parts = []
        for id in ids:
            columns = {name: pa.nulls(CHILDREN, INDICATORS.schema.field(name).type) for name in INDICATORS.names}
            columns |= {
                "person_id": pa.array(self.ids),
                "indicator": pa.array([id] * CHILDREN),
                "number": pa.array([Decimal(n) for n in self.counts[id]], INDICATORS.schema.field("number").type),
                "state": pa.array(["known"] * CHILDREN),
                "as_of": pa.array([on] * CHILDREN, pa.date32()),
            }
            parts.append(pa.table(columns, schema=INDICATORS.schema))
        return pa.concat_tables(parts)


def bands_by_child(town: Town) -> list[tuple[str, ...]]:
    """The five bands of each child, as they leave by one agreement; in the order of the town."""
    wanted = [{"id": id, "version": "1", "sha256": "a" * 64, "values": values} for id, (_mean, values) in FACTS.items()]
    agreement = signed(an_agreement(wanted=wanted, rows_at_most=5 * CHILDREN))
    given = grant(
        a_request(agreement),
        agreement,
        sent_by=agreement.requester,
        today=ON,
        is_relied_on=True,
        definitions=town.definitions(),
        answered={},
    )
    assert isinstance(given, Grant)
    released = answer(given, town, KEY, History())
    assert isinstance(released, Released)
    found: dict[bytes, list[str]] = {}
    for row in pa.ipc.open_stream(released.payload).read_all().to_pylist():
        found.setdefault(row["token"], []).append(row["band"])
    return [tuple(found[token]) for token in Tokens(KEY, given.period).of(town.ids)]


def share_found(described: Sequence[tuple[object, ...]]) -> float:
    """The share of children whom what is known of them fits alone; who fits it with others is not found."""
    alike = Counter(described)
    return sum(count for count in alike.values() if count == 1) / len(described)


def test_fewer_than_one_in_a_thousand_is_found_by_five_true_facts() -> None:
    town = Town(1)
    described = bands_by_child(town)
    assert len(set(described)) > 100  # the bands do tell children apart
    assert share_found(described) < LARGEST_SHARE


def test_control_with_the_school_or_the_exact_counts_many_are_found() -> None:
    town = Town(1)
    described = bands_by_child(town)
    with_school = [(*bands, school) for bands, school in zip(described, town.school, strict=True)]
    assert share_found(with_school) > LARGEST_SHARE
    exact = list(zip(*(town.counts[id] for id in FACTS), strict=True))
    assert share_found(exact) > LARGEST_SHARE
