"""Exact passes: keys that two holders share only for one person, strongest first.

In each pass all clusters that share a key are united, unless the key leaves a choice: a cluster that could belong to
two others which cannot be one person (two register rows, two pupils of one year) is left to stronger evidence.
"""

# ruff: noqa: S608 - every text is built from this package's own constants, never from data

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from tsunagu.engines.duck import Workbench
from tsunagu.linkage.clusters import Clusters
from tsunagu.linkage.compare import CLEAR, Comparing


@dataclass(frozen=True)
class Pass:
    """One pass.

    key    columns of `passing` that must be equal and filled
    guard  contradiction, as SQL over pairs of one key (l, r), that forbids uniting; {birth_far} is what the way of
           comparing says (compare.Comparing); empty: none
    """

    name: str
    key: tuple[str, ...]
    guard: str = ""


_BIRTH_FAR = "{birth_far}"
_SEX = "l.sex <> r.sex"
_KANJI = "l.given <> r.given"
_BIRTH_OR_SEX = f"({_BIRTH_FAR}) OR {_SEX}"

# A key that more clusters share does not tell people apart.
_GROUP_LIMIT = 20

PASSES: tuple[Pass, ...] = (
    Pass("name_kana_birth", ("name_key", "kana_key", "birth")),
    Pass("name_birth_address", ("name_key", "birth", "address_key")),
    Pass("name_birth_guardian", ("name_key", "birth", "guardian")),
    Pass("name_birth", ("name_key", "birth", "sex")),
    Pass("name_birth", ("name_key", "birth")),
    Pass("kana_birth_address", ("kana_key", "birth", "address_key")),
    Pass("kana_birth_guardian", ("kana_key", "birth", "guardian")),
    Pass("kana_birth", ("kana_key", "birth"), _KANJI),
    Pass("surname_given_birth", ("surname", "given_kana", "birth"), _KANJI),
    Pass("given_birth_address", ("given", "birth", "address_key")),
    Pass("given_birth_address", ("given_kana", "birth", "address_key"), _KANJI),
    Pass("given_birth_home", ("given", "birth", "home")),
    Pass("given_birth_home", ("given_kana", "birth", "home"), _KANJI),
    Pass("given_birth_guardian", ("given", "birth", "guardian")),
    Pass("given_birth_guardian", ("given_kana", "birth", "guardian"), _KANJI),
    Pass("given_birth_school", ("given", "birth", "school", "fiscal_year", "grade"), _SEX),
    Pass("given_birth_school", ("given_kana", "birth", "school", "fiscal_year", "grade"), f"{_SEX} OR {_KANJI}"),
    # Offices write one child's name in different characters: with reading, day and class year equal it is one child.
    Pass("kana_birth_school", ("kana_key", "birth", "school", "fiscal_year", "grade"), _SEX),
    Pass("name_school", ("name_key", "school", "fiscal_year", "grade"), _BIRTH_OR_SEX),
    Pass("name_address", ("name_key", "address_key"), _BIRTH_OR_SEX),
    Pass("kana_address", ("kana_key", "address_key"), f"{_BIRTH_OR_SEX} OR {_KANJI}"),
    Pass("name_home", ("name_key", "home"), _BIRTH_OR_SEX),
    Pass("name_guardian", ("name_key", "guardian"), _BIRTH_OR_SEX),
    Pass("kana_guardian", ("kana_key", "guardian"), f"{_BIRTH_OR_SEX} OR {_KANJI}"),
)


def put_clusters(bench: Workbench, clusters: Clusters) -> None:
    """Makes `clustered` (n, c, is_anchored): the cluster every node belongs to now."""
    roots = clusters.all_roots()
    bench.put(
        "clustered",
        pa.table(
            {
                "n": pa.array(range(len(roots)), pa.int32()),
                "c": pa.array(roots, pa.int32()),
                "is_anchored": pa.array([clusters.is_anchored(r) for r in roots], pa.bool_()),
            }
        ),
    )


def run_passes(bench: Workbench, clusters: Clusters, comparing: Comparing = CLEAR) -> None:
    """Unites clusters pass by pass."""
    age = "".join(f", s.{c}" for c in comparing.said_of_age)
    bench.run(
        f"""
        CREATE TABLE passing AS
        SELECT n.n, s.school, s.fiscal_year, s.grade, h.home{age}, f.* EXCLUDE (sig)
        FROM forms f JOIN signatures s USING (sig) JOIN nodes n USING (node) LEFT JOIN homes h USING (sig)
        """
    )
    for step in PASSES:
        put_clusters(bench, clusters)
        _run(bench, clusters, step, comparing)


def _run(bench: Workbench, clusters: Clusters, step: Pass, comparing: Comparing) -> None:
    key = ", ".join(step.key)
    guarded = ", ".join((*comparing.guarded, "sex", "given", *comparing.said_of_age))
    filled = " AND ".join(f"{c} IS NOT NULL" for c in step.key)
    # Two register rows are never one person, so a key matters only where a cluster without a register row has it.
    bench.run(
        f"""
        CREATE OR REPLACE TABLE open_keys AS
        SELECT DISTINCT {key} FROM passing JOIN clustered USING (n) WHERE NOT is_anchored AND {filled};
        CREATE OR REPLACE TABLE keyed AS
        SELECT DISTINCT {key}, c, {guarded} FROM passing
        SEMI JOIN open_keys USING ({key}) JOIN clustered USING (n);
        CREATE OR REPLACE TABLE groups AS
        SELECT (row_number() OVER (ORDER BY {key}))::INTEGER AS g, {key} FROM keyed
        GROUP BY {key} HAVING count(DISTINCT c) BETWEEN 2 AND {_GROUP_LIMIT}
        """
    )
    contradicting = bench.rows(_contradictions(step, comparing)) if step.guard else []
    forbidden = {(int(str(a)), int(str(b))) for a, b in contradicting}
    for (members,) in bench.rows(
        f"SELECT list_sort(list(DISTINCT c)) FROM groups JOIN keyed USING ({key}) GROUP BY g ORDER BY g"
    ):
        assert isinstance(members, list)
        clusters.unite_group(members, step.name, forbidden)


def _contradictions(step: Pass, comparing: Comparing) -> str:
    """Pairs of clusters of one key of which every pair of rows contradicts."""
    key = ", ".join(step.key)
    rows = f"(SELECT g, k.* FROM groups JOIN keyed k USING ({key}))"
    age, guard = comparing.age_far, step.guard.format(birth_far=comparing.birth_far)
    ages = f"coalesce({age.format(a='l', b='r')}, false) OR coalesce({age.format(a='r', b='l')}, false)"
    return (
        f"SELECT l.c, r.c FROM {rows} l JOIN {rows} r ON l.g = r.g AND l.c < r.c"
        f" GROUP BY l.c, r.c HAVING bool_and(coalesce({guard}, false) OR {ages})"
    )
