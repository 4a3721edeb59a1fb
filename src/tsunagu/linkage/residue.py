"""What no exact key settles: partial names within the guardian's household, then the model, then a person.

A pair is joined by the model only when its sum is above the cut, leads every rival that could not be the same person,
and neither given name nor birth date contradicts. All else of weight goes to review.
"""

# ruff: noqa: S608 - every text is built from this package's own constants, never from data

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date

import pyarrow as pa

from tsunagu.engines.duck import Workbench
from tsunagu.linkage.clusters import Clusters
from tsunagu.linkage.compare import (
    CLEAR,
    Comparing,
    difference_columns,
    level_columns,
    named_fields,
    weight_columns,
)
from tsunagu.linkage.decided import Decided, Placed, join_same
from tsunagu.linkage.passes import put_clusters
from tsunagu.linkage.weights import Model

_BLOCKS = (
    ("name_key",), ("kana_key",), ("sound", "sex"), ("birth", "given_sound"), ("birth", "surname_sound"),
    ("birth", "given"), ("birth", "surname"), ("birth", "address_key"), ("birth", "guardian"), ("birth", "home"),
    ("given", "address_key"), ("given_sound", "address_key"), ("given", "guardian"), ("given_sound", "guardian"),
    ("address_key", "guardian"), ("home", "sex"), ("given_sound", "school", "fiscal_year", "grade"),
)  # fmt: skip
_BLOCK_LIMIT = 300
_REVIEWED_PER_CLUSTER = 3
_ADULT_FROM_YEARS = 20


def link_partial_names(bench: Workbench, clusters: Clusters, on: date, comparing: Comparing = CLEAR) -> None:
    """Unites records with a pet name, 「佐藤（長男）」 or a given name alone with the one child of the guardian's
    household whom all that is written fits."""
    put_clusters(bench, clusters)
    born = comparing.child_born.format(after=date(on.year - _ADULT_FROM_YEARS, 4, 1).isoformat())
    age = "".join(f", s.{c}" for c in comparing.said_of_age)
    rows = bench.rows(
        f"""
        WITH children AS (
            SELECT DISTINCT h.home, c.c, {born} AS born, f.*
            FROM signatures s JOIN forms f USING (sig) JOIN homes h USING (sig)
            JOIN nodes n USING (node) JOIN clustered c USING (n)
            WHERE s.is_register AND {born} IS NOT NULL
        ), ordered AS (
            SELECT home, c, row_number() OVER (PARTITION BY home, sex ORDER BY born, c) AS place,
                count(*) OVER (PARTITION BY home, sex, born) AS same_day
            FROM (SELECT DISTINCT home, c, sex, born FROM children)
        ), called AS (
            SELECT c.c AS asked, f.*, h.home{age}
            FROM forms f JOIN signatures s USING (sig) JOIN homes h USING (sig) JOIN nodes n USING (node)
            JOIN clustered c USING (n) WHERE f.is_partial
        )
        SELECT DISTINCT a.asked, k.c FROM called a JOIN children k USING (home) JOIN ordered o USING (home, c)
        WHERE (a.sex IS NULL OR k.sex IS NULL OR a.sex = k.sex)
            AND (a.order_sex IS NULL OR a.order_sex = k.sex)
            AND (a.birth_order = 0 OR (a.birth_order = o.place AND o.same_day = 1))
            AND (a.birth IS NULL OR a.birth = k.birth)
            AND NOT coalesce({comparing.age_far.format(a="a", b="k")}, false)
            AND {comparing.part_fits}
        ORDER BY a.asked, k.c
        """
    )
    fitting: dict[int, list[int]] = defaultdict(list)
    for asked, child in rows:
        fitting[int(str(asked))].append(int(str(child)))
    for asked_root, children in fitting.items():
        if not clusters.is_anchored(clusters.root(asked_root)) and len(children) == 1:
            clusters.unite(children[0], asked_root, "guardian_home")


def link_residue(
    bench: Workbench, clusters: Clusters, model: Model, decided: Decided, comparing: Comparing = CLEAR
) -> list[Placed]:
    """Unites what was decided `same`, and clusters without a register row with the one the model finds.

    Makes `doubtful` for the rest; gives the decisions that could not be followed. All pairs are weighed before a
    decision is followed, so that no decision moves the weights of others.
    """
    put_clusters(bench, clusters)
    anchored = sorted({r for r in clusters.all_roots() if clusters.is_anchored(r)})
    bench.put("anchored", pa.table({"c": pa.array(anchored, pa.int32())}))
    _score(bench, model, comparing, prior_bits=-math.log2(max(len(anchored), 2)))
    scored = [
        (
            float(str(weight)),
            int(str(a)),
            int(str(b)),
            bool(fits),
            bool(twin),
            str(agrees),
            str(differs),
            float(str(place)),
        )
        for a, b, weight, fits, twin, agrees, differs, place in bench.rows(
            "SELECT a, b, weight, fits, is_twin, agrees, differs, place_weight FROM scored ORDER BY weight DESC, a, b"
        )
    ]
    refused = join_same(clusters, decided)
    bench.put("doubtful", pa.table(_settle(clusters, model, scored), schema=_DOUBTFUL))
    return refused


def drop_comparisons(bench: Workbench) -> None:
    """The largest tables of the linking have done their work; a big city needs the room for its facts."""
    bench.run("DROP TABLE all_rows; DROP TABLE open_rows; DROP TABLE candidates; DROP TABLE pair_weights")
    bench.run("DROP TABLE scored; DROP TABLE passing; DROP TABLE forms; DROP TABLE written")


_DOUBTFUL = pa.schema(
    [
        ("a", pa.int32()),
        ("b", pa.int32()),
        ("weight", pa.float64()),
        ("agrees", pa.string()),
        ("differs", pa.string()),
        ("question", pa.string()),
        ("place_weight", pa.float64()),
    ]
)
_Scored = tuple[float, int, int, bool, bool, str, str, float]


def _settle(clusters: Clusters, model: Model, scored: list[_Scored]) -> list[pa.Array]:
    """Strongest first; each pair meets the clusters as the stronger pairs left them."""
    link, review = (math.log2(p / (1 - p)) for p in (model.cuts.link, model.cuts.review))
    by_cluster: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for weight, a, b, fits, *_ in scored:
        if fits:
            by_cluster[a].append((weight, b))
            by_cluster[b].append((weight, a))
    asked: dict[int, int] = defaultdict(int)
    doubtful: list[tuple[int, int, float, str, str, str, float]] = []
    for weight, a, b, fits, twin, agrees, differs, place in scored:
        if clusters.root(a) == clusters.root(b) or not clusters.fit(a, b):
            continue
        has_rival = _has_rival(clusters, by_cluster, a, b, weight - model.cuts.margin)
        if fits and weight >= link and not has_rival and clusters.unite(a, b, "model", round(weight, 3)):
            continue
        if weight >= review and asked[a] < _REVIEWED_PER_CLUSTER:
            asked[a] += 1
            question = "twins" if twin else "namesakes" if has_rival and weight >= link else "weak"
            doubtful.append((a, b, round(weight, 3), agrees, differs, question, round(place, 3)))
    columns = list(zip(*doubtful, strict=True)) if doubtful else [()] * 7
    return [pa.array(c, f.type) for c, f in zip(columns, _DOUBTFUL, strict=True)]


def _has_rival(
    clusters: Clusters, by_cluster: dict[int, list[tuple[float, int]]], a: int, b: int, above: float
) -> bool:
    """Whether another cluster claims a (or b) nearly as strongly and cannot be the same person as b (or a)."""
    for one, other in ((a, b), (b, a)):
        for weight, rival in by_cluster[one]:
            if weight <= above:
                break
            if clusters.root(rival) in (clusters.root(one), clusters.root(other)):
                continue
            if clusters.fit(rival, one) and not clusters.fit(rival, other):
                return True
    return False


def _score(bench: Workbench, model: Model, comparing: Comparing, *, prior_bits: float) -> None:
    """Makes `scored` (a, b, weight, fits, is_twin, agrees, differs): a has no register row; by the best of all rows."""
    bench.run(
        "CREATE TABLE open_rows AS SELECT p.*, c.c FROM passing p JOIN clustered c USING (n)"
        " WHERE c.c NOT IN (SELECT c FROM anchored);"
        " CREATE TABLE all_rows AS SELECT p.*, c.c, c.c IN (SELECT c FROM anchored) AS is_anchored"
        " FROM passing p JOIN clustered c USING (n);"
        " CREATE TABLE candidates (a INTEGER, b INTEGER)"
    )
    for key in _BLOCKS:
        columns = ", ".join(key)
        bench.run(
            f"""
            CREATE OR REPLACE TABLE block AS SELECT DISTINCT {columns}, c, is_anchored FROM all_rows
                SEMI JOIN open_rows o USING ({columns}) ;
            INSERT INTO candidates SELECT DISTINCT o.c, r.c FROM (SELECT DISTINCT {columns}, c FROM open_rows) o
                JOIN block r USING ({columns})
                SEMI JOIN (SELECT {columns} FROM block GROUP BY {columns} HAVING count(*) <= {_BLOCK_LIMIT}) s
                USING ({columns})
                WHERE o.c <> r.c AND (r.is_anchored OR o.c < r.c)
            """
        )
    for part in ("surname", "given"):
        bench.run(
            f"CREATE TABLE {part}_shares AS SELECT {part}, count(*) / sum(count(*)) OVER () AS {part}_share"
            f" FROM (SELECT DISTINCT c, {part} FROM all_rows WHERE {part} IS NOT NULL) GROUP BY {part}"
        )
    person = comparing.person
    weights = ", ".join(f"max({c.name}_weight) AS {c.name}_weight" for c in person)
    agrees = named_fields(person, "= false")
    differs = named_fields(person, "= true")
    flags = difference_columns(person)
    total = " + ".join(f"coalesce({c.name}_weight, 0)" for c in person)
    bench.run(
        f"""
        CREATE TABLE pair_weights AS
        SELECT a, b, {weights}, {flags}, coalesce(bool_or(birth_level = 'equal'), false) AS same_day
        FROM (SELECT *, {weight_columns(model, person)} FROM (
            SELECT d.a, d.b, ss.surname_share, gs.given_share, {level_columns(person)}
            FROM (SELECT DISTINCT a, b FROM candidates) d
            JOIN all_rows l ON l.c = d.a JOIN all_rows r ON r.c = d.b
            LEFT JOIN surname_shares ss ON ss.surname = l.surname
            LEFT JOIN given_shares gs ON gs.given = l.given))
        GROUP BY a, b;
        CREATE TABLE scored AS
        SELECT a, b, {total} + {prior_bits!r} AS weight,
            NOT coalesce(given_differs, false) AND NOT coalesce(birth_differs, false)
                AND (given_differs IS NOT NULL OR birth_differs IS NOT NULL) AS fits,
            coalesce(given_differs, false) AND same_day AS is_twin,
            {agrees} AS agrees, {differs} AS differs, coalesce(address_weight, 0) AS place_weight
        FROM pair_weights WHERE {total} + {prior_bits!r} >= {math.log2(model.cuts.review / (1 - model.cuts.review))!r}
        """
    )
