"""Training: how often true pairs and random pairs show each level, counted on pairs that other fields settle.

A separate, seeded command; a run only reads the file it writes. Each comparison is counted on pairs that are settled
without its own fields: birth dates on pairs with one name and one address, names on pairs with one birth date, one
address and one sex.
"""

# ruff: noqa: S608 - every text is built from this package's own constants, never from data

from __future__ import annotations

import pyarrow as pa

from tsunagu.engines.duck import Workbench, workbench
from tsunagu.linkage.compare import COMPARISONS, Comparison, level_columns
from tsunagu.linkage.numbers import make_links
from tsunagu.linkage.rules import Rules
from tsunagu.linkage.signatures import make_signatures
from tsunagu.linkage.tables import Columns, put_forms
from tsunagu.linkage.weights import Cuts, Model

# Which unique keys settle the pairs a comparison is counted on; never its own fields.
_SETTLED_BY = {
    "surname": ("given", "birth", "address_key"),
    "given": ("surname", "birth", "address_key"),
    "birth": ("name_key", "address_key"),
    "sex": ("name_key", "birth"),
    "address": ("name_key", "birth"),
    "phone": ("name_key", "birth"),
    "guardian": ("name_key", "birth"),
}
_RANDOM_PAIRS = 1_000_000
# Added to every count, so that a level never seen has a small share and not none.
_SMOOTH = 0.5
DEFAULT_CUTS = Cuts(link=0.5, review=0.05, margin=1.0)
# A wrong join puts one child's facts on another: a delivery joins only what is nearly certain.
DELIVERY_CUTS = Cuts(link=0.99, review=0.05, margin=5.0)


def train(left: pa.Table, right: pa.Table, columns: Columns, *, seed: int, on: str) -> Model:
    """The model counted on two tables; the same tables and seed give the same model.

    on  the day of training as text, for the reader of the model file
    """
    with workbench() as bench:
        put_forms(bench, left, right, columns)
        return train_on_bench(bench, seed=seed, on=on)


def train_records(records: pa.Table, rules: Rules, *, seed: int, on: str) -> Model:
    """The model of a delivery, counted on pairs that a resident number settles: no compared field had a say.

    records  SOURCE_RECORDS
    """
    with workbench() as bench:
        make_signatures(bench, records, rules)
        make_links(bench, rules)
        for side, condition in (("l", "s.is_register"), ("r", "NOT s.is_register AND s.resident_no IS NOT NULL")):
            bench.run(
                f"CREATE TABLE {side} AS SELECT row_number() OVER (ORDER BY f.sig, f.name_key, f.guardian) - 1 AS row,"
                " s.sig AS of_sig, f.*"
                f" FROM forms f JOIN signatures s USING (sig) WHERE {condition}"
            )
        bench.run(
            "CREATE TABLE settled_pairs AS SELECT l.row AS left_row, r.row AS right_row FROM links k"
            ' JOIN "references" n ON n.node = k.owner JOIN l ON l.of_sig = n.sig JOIN r ON r.of_sig = k.sig'
            " WHERE k.kind = 'res' AND NOT k.is_contradicted"
        )
        _make_random_pairs(bench, seed)
        levels = {c.name: _m_and_u(bench, c) for c in COMPARISONS}
        settled = int(str(bench.rows("SELECT count(*) FROM settled_pairs")[0][0]))
    trained: dict[str, str | int] = {
        "on": on,
        "how": "pairs settled by resident number",
        "seed": seed,
        "settled_pairs": settled,
    }
    return Model({name: table for name, table in levels.items() if table}, DELIVERY_CUTS, trained)


def _m_and_u(bench: Workbench, comparison: Comparison) -> dict[str, tuple[float, float]]:
    m = _shares(bench, "settled_pairs", comparison)
    u = _shares(bench, "random_pairs", comparison)
    return {level: (m[level], u[level]) for level in m} if m and u else {}


def train_on_bench(bench: Workbench, *, seed: int, on: str) -> Model:
    """The model counted on the bench's tables `l` and `r` (row, compared columns)."""
    levels: dict[str, dict[str, tuple[float, float]]] = {}
    _make_random_pairs(bench, seed)
    settled = 0
    for comparison in COMPARISONS:
        _make_settled_pairs(bench, _SETTLED_BY[comparison.name])
        settled = max(settled, int(str(bench.rows("SELECT count(*) FROM settled_pairs")[0][0])))
        if table := _m_and_u(bench, comparison):
            levels[comparison.name] = table
    return Model(
        levels,
        DEFAULT_CUTS,
        {"on": on, "how": "settled pairs, own fields left out", "seed": seed, "settled_pairs": settled},
    )


def _make_settled_pairs(bench: Workbench, key: tuple[str, ...]) -> None:
    columns = ", ".join(key)
    filled = " AND ".join(f"{c} IS NOT NULL" for c in key)
    one = "SELECT {c}, min(row) AS {s}_row FROM {s} WHERE {f} GROUP BY {c} HAVING count(*) = 1"
    bench.run(
        "CREATE OR REPLACE TABLE settled_pairs AS SELECT l_row AS left_row, r_row AS right_row FROM"
        f" ({one.format(c=columns, s='l', f=filled)}) JOIN ({one.format(c=columns, s='r', f=filled)})"
        f" USING ({columns})"
    )


def _make_random_pairs(bench: Workbench, seed: int) -> None:
    # hash(row, seed, round) chooses the partner: no random generator, so nothing depends on thread order.
    bench.run(
        f"""
        CREATE OR REPLACE TABLE random_pairs AS
        WITH numbered AS (SELECT row, row_number() OVER (ORDER BY row) - 1 AS place FROM r),
        rounds AS (
            SELECT unnest(range(greatest(1, ({_RANDOM_PAIRS} // (SELECT greatest(count(*), 1) FROM l))))) AS turn)
        SELECT p.row AS left_row, n.row AS right_row FROM (
            SELECT l.row, (hash(l.row, turn, {int(seed)}) % (SELECT count(*) FROM r))::BIGINT AS place
            FROM l CROSS JOIN rounds) p
        JOIN numbered n USING (place)
        """
    )


def _shares(bench: Workbench, pairs: str, comparison: Comparison) -> dict[str, float]:
    """Share of each level among the pairs on which the comparison is not silent; empty when there are none."""
    rows = bench.rows(
        f"SELECT {comparison.name}_level AS level, count(*) FROM (SELECT {level_columns([comparison])}"
        f' FROM "{pairs}" p JOIN l ON l.row = p.left_row JOIN r ON r.row = p.right_row)'
        " WHERE level IS NOT NULL GROUP BY level"
    )
    counts = {str(level): int(str(count)) for level, count in rows}
    if not counts:
        return {}
    names = [*(name for name, _ in comparison.levels), "else"]
    total = sum(counts.values()) + _SMOOTH * len(names)
    return {name: round((counts.get(name, 0) + _SMOOTH) / total, 9) for name in names}
