"""What the register's relation (続柄) tells of kinship for certain. Everything else is left to people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from tsunagu_web.people.models import Kind

HEAD = "世帯主"
# A relation says what the member is to the head. An adopted child is 子 as well, and the parent is one in law.
_CHILD = frozenset({"子", "長男", "長女", "二男", "次男", "二女", "次女", "三男", "三女", "養子", "養女"})
_PARENT = frozenset({"父", "母", "養父", "養母"})
_SIBLING = frozenset({"兄", "弟", "姉", "妹"})


@dataclass(frozen=True)
class Member:
    person_id: str
    household: str
    relation: str


@dataclass(frozen=True, order=True)
class Kin:
    person_id: str
    relative_id: str
    kind: str


def kin_for_certain(members: Iterable[Member]) -> frozenset[Kin]:
    """Parents and siblings within each household of exactly one head.

    The head's spouse need not be a child's parent, and 妻の子 and 子 need not share one: neither is derived.
    """
    households: dict[str, list[Member]] = {}
    for member in members:
        if member.household:
            households.setdefault(member.household, []).append(member)
    return frozenset(kin for of_one in households.values() for kin in _within(of_one))


def _within(members: list[Member]) -> Iterable[Kin]:
    heads = [m for m in members if m.relation == HEAD]
    if len(heads) != 1:
        return
    head = heads[0].person_id
    by_relation: Mapping[str, list[str]] = {
        name: [m.person_id for m in members if m.relation in relations]
        for name, relations in (("child", _CHILD), ("parent", _PARENT), ("sibling", _SIBLING))
    }
    for child in by_relation["child"]:
        yield from _parent(child, head)
    for parent in by_relation["parent"]:
        yield from _parent(head, parent)
    pairs = [*combinations(by_relation["child"], 2), *((head, sibling) for sibling in by_relation["sibling"])]
    for one, other in pairs:
        yield Kin(one, other, Kind.SIBLING.value)
        yield Kin(other, one, Kind.SIBLING.value)


def _parent(child: str, parent: str) -> Iterable[Kin]:
    yield Kin(child, parent, Kind.PARENT.value)
    yield Kin(parent, child, Kind.CHILD.value)
