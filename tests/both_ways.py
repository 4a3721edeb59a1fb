"""The same delivery judged both ways, with all extracts in one place and by nodes, and compared child by child.

A child is told apart in both runs by what only the keeper of the link key can work out. Nobody else could compare them.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tsunagu.cli.distributed import Town
from tsunagu.cli.nodes_run import Asking, run_nodes
from tsunagu.example_city.sharing import JOIN_SET, LINK_GROUP, PURPOSE, REQUESTER
from tsunagu.from_holders import HolderCounts
from tsunagu.linkage.keyed_values import link_id_key
from tsunagu.municipality import City
from tsunagu.pipeline import Order, run_city
from tsunagu.purposes.tokens import Tokens, join_key, period_of
from tsunagu.runs.folder import RunFolder, open_run
from tsunagu_node.group_keys import read_link_key

KEY = bytes(64)


@dataclass(frozen=True)
class Compared:
    """children: judged by either way; equal: with the same level, at least and at most; rest: cause -> how many."""

    children: int
    equal: int
    rest: dict[str, int]
    counts: HolderCounts

    @property
    def share(self) -> float:
        """Of all children, those with equal levels."""
        return self.equal / self.children

    def lines(self) -> list[str]:
        """For a person."""
        found = [f"levels equal for {self.equal:,} of {self.children:,} children ({self.share:.2%})"]
        return [*found, *(f"  {cause}: {count:,}" for cause, count in sorted(self.rest.items())), *self.counts.lines()]


def both_ways(city: City, extracts: Path, folder: Path, on: dt.date, children: int) -> Compared:
    """Runs both, the nodes as processes over TLS, and compares child by child."""
    run_city(city, Order(extracts, on, folder / "whole", KEY), lambda *_: None)
    town = Town(folder / "nodes", city, on, children)
    town.make(extracts)
    with town.running():
        town.link()
        counts = run_nodes(city, town.holder_file(REQUESTER), folder / "from-nodes", Asking(on, on), KEY, None)
    return compare(open_run(folder / "whole"), open_run(folder / "from-nodes"), town, counts)


def compare(whole: RunFolder, from_nodes: RunFolder, town: Town, counts: HolderCounts) -> Compared:
    """Levels child by child. Whoever has the link key can say which token is whose; here that is the test itself."""
    key = read_link_key(town.folder / "link.key")
    ids, tokens = link_id_key(key, LINK_GROUP), Tokens(join_key(key, JOIN_SET, PURPOSE), period_of(town.on, "monthly"))
    persons = whole.table("persons").to_pylist()
    states = {one["person_id"]: one["register_state"] for one in persons}
    linked = {person: ids.link_id(person) for person in states}
    token_of = dict(zip(linked, (token.hex() for token in tokens.of(linked.values())), strict=True))
    # A noticed child stands under the id that the register's holder released.
    released = {linked[person]: f"P{ids.link_id(f'told person {linked[person]}')[1:17]}" for person in linked}
    one, other = _levels(whole), _levels(from_nodes)
    rest: Counter[str] = Counter()
    equal, seen = 0, set()
    for person, level in one.items():
        names = (token_of[person], released[linked[person]])
        name = next((name for name in names if name in other), None)
        if name is None:
            rest[f"not among the residents that holders were told of (register row {states[person]})"] += 1
            continue
        seen.add(name)
        if other[name] == level:
            equal += 1
        elif other[name][1] != other[name][2] and level[1] == level[2]:
            rest["the agreed bands, or a holder who does not know the child, leave the level open"] += 1
        else:
            rest["linked otherwise than with all records in one place"] += 1
    rest["judged by nodes alone (linked otherwise)"] += len(set(other) - seen)
    return Compared(len(one) + len(set(other) - seen), equal, {k: v for k, v in rest.items() if v}, counts)


def _levels(run: RunFolder) -> dict[str, tuple[str, str, str]]:
    rows = run.table("judgments").to_pylist()
    return {
        row["person_id"]: (row["level"], row["at_least"], row["at_most"])
        for row in rows
        if row["judgment"] == "overall"
    }
