"""Records of several holders linked over tokens, each holder by itself, as tests ask for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from tsunagu.linkage.keyed import Kept, KeyedRecords, keyed_records, surnames_of
from tsunagu.linkage.keyed_links import KeyedLinks, Resolver, link_keyed
from tsunagu.linkage.keyed_values import LinkageTokens, link_id_key, linkage_key
from tsunagu.linkage.rules import Rules
from tsunagu.linkage.weights import Model
from tsunagu.normalise.dictionaries import NONE_ELSEWHERE
from tsunagu.purposes.tokens import LinkKey
from tsunagu.records.stage_tables import SOURCE_RECORDS
from tsunagu_node.group_keys import make_link_key, read_link_key

KEY = LinkKey(bytes(range(32)))
GROUP, ROUND = "hinode", "2026-10"
ON = date(2026, 9, 30)
CITY = "瑞野市"
Made = dict[str, tuple[KeyedRecords, Kept]]


def source_records(rows: Sequence[dict[str, Any]]) -> pa.Table:
    columns = {n: [r.get(n) for r in rows] for n in SOURCE_RECORDS.names}
    columns |= {"record_id": list(range(len(rows))), "row": list(range(2, len(rows) + 2))}
    return pa.table(columns, schema=SOURCE_RECORDS.schema)


def tokens(key: LinkKey = KEY) -> LinkageTokens:
    return LinkageTokens(linkage_key(key, GROUP, ROUND))


def a_link_key(path: Path) -> LinkKey:
    """The link key of that file, made where there is none yet."""
    if not path.exists():
        make_link_key(path)
    return read_link_key(path)


def keyed_parts(
    rows: Sequence[dict[str, Any]], rules: Rules, keys: dict[str, LinkKey] | None = None, *, told: bool = True
) -> Made:
    """Each holder's tokens, made of its own rows alone.

    keys  holder -> another key than KEY
    told  whether holders know the register's surnames
    """
    of: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        of[row["holder"]].append(row)

    def made(holder: str, surnames: Any) -> tuple[KeyedRecords, Kept]:
        own = tokens((keys or {}).get(holder, KEY))
        return keyed_records(
            source_records(of[holder]), own, rules=rules, municipality=CITY, surnames=surnames, threads=1
        )

    register = made(rules.register, NONE_ELSEWHERE)
    surnames = surnames_of(register[0], tokens()) if told else NONE_ELSEWHERE
    return {h: register if h == rules.register else made(h, surnames) for h in sorted(of)}


def link_parts(made: Made, rows: Sequence[dict[str, Any]], rules: Rules, model: Model) -> KeyedLinks:
    """The link, where the register's numbers are persons under their resident number."""
    residents = [r.get("resident_no") for r in rows if r["holder"] == rules.register]
    kept = made[rules.register][1]
    persons = {
        number: f"person of {residents[record]}"
        for record, number in zip(
            kept.numbers["record_id"].to_pylist(), kept.numbers["number"].to_pylist(), strict=True
        )
        if residents[record]
    }
    parts = [part for part, _ in made.values()]
    return link_keyed(
        Resolver(tokens(), link_id_key(KEY, GROUP), kept, persons), parts, model, rules=rules, on=ON, threads=1
    )


def answers(made: Made, links: KeyedLinks) -> dict[str, list[tuple[str, str | None]]]:
    """Holder -> (state, link id) of each of its rows, in the order they were given."""
    found = {}
    for holder, (_, kept) in made.items():
        table = links.answers[holder]
        told = list(zip(table["state"].to_pylist(), table["link_id"].to_pylist(), strict=True))
        found[holder] = [told[number] for number in kept.numbers.sort_by("record_id")["number"].to_pylist()]
    return found


def people(made: Made, links: KeyedLinks) -> dict[str, list[int]]:
    """Holder -> cluster of each of its rows, in the order they were given."""
    of = {
        (holder, number): cluster
        for holder, number, cluster in zip(*(c.to_pylist() for c in links.clusters.columns), strict=True)
    }
    return {
        holder: [of[holder, n] for n in kept.numbers.sort_by("record_id")["number"].to_pylist()]
        for holder, (_, kept) in made.items()
    }
