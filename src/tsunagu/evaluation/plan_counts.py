"""The counts of a plan that share their sums: groups, pairs of levels within them, whole lists, levels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tsunagu.evaluation.beside_sums import Sum, told_beside
from tsunagu.screening.criteria import Criteria

#: Children who are listed by the new version alone, by the old one alone, by both at another level, by both alike.
GROUPS = ("enters", "leaves", "moves", "stays")
#: Of each group: (listed by the old version, by the new one, at the same level) of the pairs of levels it may have.
_CAN_BE: Mapping[str, Collection[tuple[bool, bool, bool]]] = {
    "enters": {(False, True, False), (False, True, True)},
    "leaves": {(True, False, False), (True, False, True)},
    "moves": {(True, True, False)},
    "stays": {(True, True, True)},
}
#: The groups that each version lists.
_LISTS = {"old": ("leaves", "moves", "stays"), "new": ("enters", "moves", "stays")}
#: What is hidden first for another's sake: a level, which every run tells; a whole group at the very end.
_LEVEL, _PART, _LISTED, _GROUP = range(4)


@dataclass(frozen=True)
class Said:
    """What one version says. levels: the overall level of each child in scope; listed: of whom it gives notice."""

    criteria: Criteria
    levels: Mapping[str, str]
    listed: frozenset[str]


def every_pair(name: str, old: Said, new: Said, moved: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """How many of a group have which level by the one and by the other, with those that nobody has."""
    before, after = ({level.name: level.notice for level in said.criteria.overall.levels} for said in (old, new))
    can_be = [(a, b) for a in before for b in after if (before[a], after[b], a == b) in _CAN_BE[name]]
    return {pair: moved.get(pair, 0) for pair in dict.fromkeys([*can_be, *sorted(moved)])}


class GroupCounts:
    """Groups, pairs of levels, whole lists and levels, which share their sums, told together.

    A version lists three of the groups, and a level is the sum of parts of every group.
    """

    def __init__(self, said: Mapping[str, Said], pairs: Mapping[str, Mapping[tuple[str, str], int]]) -> None:
        self._pairs = pairs
        cells = {name: sum(own.values()) for name, own in pairs.items()}
        rank = dict.fromkeys(cells, _GROUP)
        sums = [Sum(name, tuple(_cell(name, pair) for pair in own)) for name, own in pairs.items()]
        none_is_told = {*cells, *(_cell(name, pair) for name, own in pairs.items() if not cells[name] for pair in own)}
        rank |= dict.fromkeys(none_is_told, _GROUP)  # a part of nobody goes with its group
        parts = {_cell(name, pair): n for name, own in pairs.items() for pair, n in own.items()}
        rank, cells = dict.fromkeys(parts, _PART) | rank, cells | parts
        unseen = set()
        for place, (side, one) in enumerate(said.items()):
            sums.append(Sum(f"listed {side}", _LISTS[side]))
            rank[f"listed {side}"], cells[f"listed {side}"] = _LISTED, len(one.listed)
            counted = Counter(one.levels.values())
            for level in one.criteria.capacity:
                at_it = tuple(_cell(name, pair) for name, own in pairs.items() for pair in own if pair[place] == level)
                whole, others = f"{side} {level}", f"{side} {level} on neither list"
                rank[whole], cells[whole] = _LEVEL, counted[level]
                if rest := counted[level] - sum(cells[part] for part in at_it):
                    unseen.add(others)
                    cells[others] = rest
                sums.append(Sum(whole, (*at_it, others) if rest else at_it))
                none_is_told.add(whole)
            none_is_told.add(f"listed {side}")
        self._told = told_beside(cells, sums, unseen=unseen, rank=rank, none_is_told=none_is_told)

    def of(self, name: str) -> int | None:
        """A group, or `listed` or a level after the side."""
        return self._told[name]

    def levels(self, name: str) -> tuple[tuple[str, str, int | None], ...]:
        """The pairs of levels of a group; none of a group that is told as nobody."""
        if self._told[name] == 0:
            return ()
        return tuple((*pair, self._told[_cell(name, pair)]) for pair in self._pairs[name])


def _cell(name: str, pair: tuple[str, str]) -> str:
    return f"{name} {pair[0]} to {pair[1]}"
