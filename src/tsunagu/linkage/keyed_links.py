"""Linkage over tokens, at the register's holder: which records of the others are which person of the register.

The same numbers, passes and model as in clear text (delivery.gather); only what equality does not settle is compared by
neighbours (keyed_compare.KEYED). Each holder is told, for its own numbers, the person's link id and nothing of others.
"""

# ruff: noqa: S608 - every text is built from this package's own constants, never from data

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.engines.duck import Workbench, workbench
from tsunagu.errors import SourceError
from tsunagu.linkage.clusters import Clusters
from tsunagu.linkage.decided import Decided
from tsunagu.linkage.delivery import gather
from tsunagu.linkage.keyed import Kept, KeyedRecords
from tsunagu.linkage.keyed_compare import KEYED
from tsunagu.linkage.keyed_values import LinkageTokens, LinkIdKey
from tsunagu.linkage.neighbours import KINDS
from tsunagu.linkage.numbers import make_links
from tsunagu.linkage.rules import Rules
from tsunagu.linkage.signatures import make_homes, node_of
from tsunagu.linkage.weights import Model
from tsunagu.records.answer_tables import TOKEN
from tsunagu.records.keyed_tables import KEYED_ANSWERS, KEYED_FORMS, KEYED_NEIGHBOURS, KEYED_SIGNATURES

# Kinds whose values list the values near them; the others list tokens of what they are made of.
_LISTING_VALUES = ("surname_kana", "given_kana", "latin", "surname_slip", "given_slip", "surname_unread",
                   "given_unread")  # fmt: skip
# More siblings of one sex than this are told by no word.
_BIRTH_ORDERS = 9


@dataclass(frozen=True)
class Resolver:
    """What the register's holder has beside what is sent to it.

    kept     what its own keyed_records left with it
    persons  number of its own KeyedRecords -> person id; every number of a row with 宛名番号 has one
    """

    tokens: LinkageTokens = field(repr=False)
    link_ids: LinkIdKey
    kept: Kept
    persons: Mapping[int, str] = field(repr=False)


@dataclass(frozen=True)
class KeyedLinks:
    """answers: KEYED_ANSWERS of each holder, for that holder alone.

    clusters  holder, number, cluster: stays at the register's holder; records that are one person, known or not
    """

    answers: Mapping[str, pa.Table]
    clusters: pa.Table = field(repr=False)


def link_keyed(
    resolver: Resolver,
    parts: Sequence[KeyedRecords],
    model: Model,
    *,
    rules: Rules,
    on: date,
    threads: int | None = None,
) -> KeyedLinks:
    """Links what the holders of a link group have sent, the register's own part among it.

    parts   one of each holder, made under one key; under another they link nobody
    model   weights and cuts, as in clear text
    on      day of the linkage: who is a child is told by it
    raises  SourceError where the register's part is missing, a holder sent two, or numbers are not a part's own
    """
    counts = Counter(part.holder for part in parts)
    if rules.register not in counts or max(counts.values()) > 1:
        raise SourceError(
            "the parts are not one of each holder, with the register's among them",
            where=", ".join(sorted(counts)),
            to_do="Give one part of each holder, and the register's own.",
        )
    ordered = sorted(parts, key=lambda p: p.holder)
    with workbench(threads=threads) as bench:
        starts = _put_parts(bench, ordered, resolver, rules)
        make_homes(bench)
        make_links(bench, rules, KEYED)
        clusters, _ = gather(bench, model, rules=rules, on=on, decided=Decided(), comparing=KEYED)
        roots = _roots(bench, clusters)
        doubted = _doubted(bench, clusters)
    persons: dict[int, str] = {}
    for number, person_id in sorted(resolver.persons.items()):
        root = roots[starts[rules.register] + number]
        persons[root] = min(person_id, persons.get(root, person_id))
    answers, found = {}, []
    for part in ordered:
        numbers = part.signatures["number"].to_pylist()
        mine = [roots[starts[part.holder] + number] for number in numbers]
        found.append(pa.table({"holder": [part.holder] * len(mine), "number": numbers, "cluster": mine}))
        answers[part.holder] = _answers(numbers, mine, persons, doubted, resolver.link_ids)
    return KeyedLinks(answers, pa.concat_tables(found, promote_options="permissive"))


def _answers(
    numbers: Sequence[int], roots: Sequence[int], persons: Mapping[int, str], doubted: set[int], link_ids: LinkIdKey
) -> pa.Table:
    made = {root: link_ids.link_id(person_id) for root, person_id in persons.items()}
    states = ["linked" if r in made else "doubtful" if r in doubted else "not_found" for r in roots]
    table = {"number": pa.array(numbers, pa.int32()), "state": states, "link_id": [made.get(r) for r in roots]}
    return KEYED_ANSWERS.sorted(pa.table({**table, "link_id": pa.array(table["link_id"], pa.string())}))


def _roots(bench: Workbench, clusters: Clusters) -> dict[int, int]:
    """The cluster of each signature."""
    rows = bench.rows("SELECT sig, n FROM signatures JOIN nodes USING (node)")
    return {int(str(sig)): clusters.root(int(str(n))) for sig, n in rows}


def _doubted(bench: Workbench, clusters: Clusters) -> set[int]:
    """Clusters of which the register's holder cannot say whether they are a person of the register."""
    pairs = [
        (clusters.root(int(str(a))), clusters.root(int(str(b)))) for a, b in bench.rows("SELECT a, b FROM doubtful")
    ]
    in_doubt = {a for a, b in pairs if clusters.is_anchored(b)} | {b for a, b in pairs if clusters.is_anchored(a)}
    contradicted = bench.rows(
        "SELECT DISTINCT n.n, o.n FROM links l JOIN signatures s USING (sig) JOIN nodes n ON n.node = s.node"
        " JOIN nodes o ON o.node = l.owner WHERE l.is_contradicted"
    )
    return in_doubt | {
        clusters.root(int(str(n))) for n, owner in contradicted if clusters.is_anchored(clusters.root(int(str(owner))))
    }


def _put_parts(bench: Workbench, parts: Sequence[KeyedRecords], resolver: Resolver, rules: Rules) -> dict[str, int]:
    """Makes `signatures` and `forms` as linkage reads them; gives the first signature of each holder.

    Every token becomes a short number: no token stands in a text that is executed, and joins cost less.
    """
    starts: dict[str, int] = {}
    signatures, forms = [], []
    next_sig = 0
    for part in parts:
        own = KEYED_SIGNATURES.sorted(part.signatures)
        _require_numbers(part, own)
        starts[part.holder] = next_sig
        holder = pa.array([part.holder] * own.num_rows, pa.string())
        signatures.append(own.append_column("holder", holder).append_column("sig", _moved(own["number"], next_sig)))
        of_forms = KEYED_FORMS.check(part.forms)
        forms.append(of_forms.append_column("sig", _moved(of_forms["number"], next_sig)))
        next_sig += own.num_rows
    tables = {"keyed_signatures": pa.concat_tables(signatures), "keyed_forms": pa.concat_tables(forms)}
    tables["neighbours"] = _distinct([KEYED_NEIGHBOURS.check(p.neighbours) for p in parts])
    tables["born"], tables["begun"] = resolver.kept.born, resolver.kept.heads
    orders = [resolver.tokens.of("birth order", str(i)) for i in range(1, _BIRTH_ORDERS + 1)]
    tables["orders"] = pa.table({"token": pa.array(orders, TOKEN), "place": range(1, _BIRTH_ORDERS + 1)})
    known = _known(tables.values())
    for name, table in tables.items():
        bench.put(name, _in_numbers(table, known))
    _make_near(bench)
    bench.run(
        f"""
        CREATE TABLE signatures AS
        SELECT *, {node_of(rules)} AS node,
            coalesce(holder = '{rules.register}' AND resident_no IS NOT NULL AND name IS NOT NULL, false)
                AS is_register
        FROM (SELECT s.* EXCLUDE (number, age, is_named, place), sig AS first_record, -place AS records,
                CASE WHEN is_named THEN '' END AS name, m.own AS age_months
            FROM keyed_signatures s LEFT JOIN neighbours m ON m.kind = 'age' AND m.value = s.age);
        CREATE TABLE forms AS
        SELECT f.* EXCLUDE (number, birth_order), coalesce(o.place, 0) AS birth_order, {_NEAR_COLUMNS},
            bs.own AS birth_slip, bp.own AS birth_parts, bp.moved AS birth_swapped, b.born,
            gh.heads AS given_heads, kh.heads AS given_kana_heads
        FROM keyed_forms f LEFT JOIN orders o ON o.token = f.birth_order LEFT JOIN born b ON b.birth = f.birth
        {_NEAR_JOINS}
        LEFT JOIN neighbours bs ON bs.kind = 'birth_slip' AND bs.value = f.birth
        LEFT JOIN neighbours bp ON bp.kind = 'birth_parts' AND bp.value = f.birth
        LEFT JOIN begun gh ON gh.kind = 'given' AND gh.value = f.given
        LEFT JOIN begun kh ON kh.kind = 'given_kana' AND kh.value = f.given_kana;
        DROP TABLE keyed_signatures; DROP TABLE keyed_forms; DROP TABLE neighbours; DROP TABLE near; DROP TABLE begun
        """
    )
    return starts


def _require_numbers(part: KeyedRecords, own: pa.Table) -> None:
    """A number beyond a holder's own would speak of another holder's record."""
    if own["number"].to_pylist() != list(range(own.num_rows)) or not set(part.forms["number"].to_pylist()) <= set(
        range(own.num_rows)
    ):
        raise SourceError(
            "the numbers of the records are not 0, 1, 2 and so on",
            where=part.holder,
            to_do="Let the holder make its tokens again with this version of the program.",
        )


def _column(kind: str) -> str:
    return f"{kind}_near" if kind in ("surname_kana", "given_kana", "latin") else kind


_NEAR_COLUMNS = ", ".join(f"n{i}.others AS {_column(kind)}" for i, kind in enumerate(_LISTING_VALUES))
_NEAR_JOINS = " ".join(
    f"LEFT JOIN near n{i} ON n{i}.kind = '{kind}' AND n{i}.value = f.{KINDS[kind].column}"
    for i, kind in enumerate(_LISTING_VALUES)
)


def _make_near(bench: Workbench) -> None:
    """Makes `near` (kind, value, others): the values near each value, by what their neighbours have in common."""
    kinds = ", ".join(f"'{kind}'" for kind in _LISTING_VALUES)
    bench.run(
        f"""
        CREATE TABLE near AS
        WITH own AS (
            SELECT kind, value, unnest(own) AS met FROM neighbours WHERE kind IN ({kinds})
        ), moved AS (
            SELECT kind, value, unnest(moved) AS met FROM neighbours WHERE kind IN ({kinds})
        ), pairs AS (
            SELECT a.kind, a.value, b.value AS other FROM own a JOIN own b USING (kind, met)
            UNION SELECT a.kind, a.value, b.value FROM own a JOIN moved b USING (kind, met)
            UNION SELECT a.kind, a.value, b.value FROM moved a JOIN own b USING (kind, met)
        )
        SELECT kind, value, list_sort(list(DISTINCT other)) AS others FROM pairs WHERE value <> other
        GROUP BY kind, value
        """
    )


def _moved(numbers: pa.ChunkedArray, by: int) -> pa.ChunkedArray:
    return pc.add(numbers, by).cast(pa.int32())


def _distinct(tables: Sequence[pa.Table]) -> pa.Table:
    """Neighbours that several holders sent: the same value has the same, whoever says so."""
    seen: set[tuple[str, bytes]] = set()
    kept = []
    for table in tables:
        keys = list(zip(table["kind"].to_pylist(), table["value"].to_pylist(), strict=True))
        kept.append(table.filter(pa.array([key not in seen for key in keys], pa.bool_())))
        seen.update(keys)
    return pa.concat_tables(kept)


def _known(tables: Iterable[pa.Table]) -> pa.Array:
    """Every token once, in order: its place does not depend on the order of rows or holders."""
    columns: dict[bool, list[pa.Array]] = defaultdict(list)
    for table in tables:
        for column in table.columns:
            flat = pc.list_flatten(column) if pa.types.is_list(column.type) else column
            if flat.type == TOKEN:
                columns[True].append(pc.unique(flat.drop_null()))
    every = pc.unique(pa.chunked_array(columns[True], TOKEN))
    return every.take(pc.sort_indices(every))


def _in_numbers(table: pa.Table, known: pa.Array) -> pa.Table:
    """The table with each token as the text of its place among all."""
    columns = {}
    for name in table.column_names:
        column = table[name].combine_chunks()
        if pa.types.is_list(column.type) and column.type.value_type == TOKEN:
            places = pc.index_in(column.values, value_set=known).cast(pa.string())
            column = pa.ListArray.from_arrays(column.offsets, places)
        elif column.type == TOKEN:
            column = pc.index_in(column, value_set=known).cast(pa.string())
        columns[name] = column
    return pa.table(columns)
