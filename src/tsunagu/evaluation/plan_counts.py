"""The counts of a plan that share their sums: groups, pairs of levels within them, whole lists, levels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from tsunagu.evaluation.beside_sums import Sum, is_open
from tsunagu.evaluation.small_counts import LEAST
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
#: The groups of the old list, the one first that is hidden first beside a small one.
_BESIDE = ("stays", "leaves", "moves")


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

    What the first version lists, at each level, is told whatever it is: its run says so. Nought is small. What is
    hidden beside a small number does not hang on the numbers: whoever knows this rule learns that one of the hidden
    ones is small, and no more. Of the groups that divide the first list one alone, the first that is told of leaves,
    moves and stays, is told by level. Why: decision 0035.
    """

    def __init__(self, said: Mapping[str, Said], pairs: Mapping[str, Mapping[tuple[str, str], int]]) -> None:
        """said: the two versions, the one in force first."""
        self._pairs = pairs
        (run, before), (other, after) = said.items()
        groups = {name: sum(own.values()) for name, own in pairs.items()}
        divide = [name for name in _BESIDE if pairs[name]]
        hidden = _hidden([(name, groups[name]) for name in divide])
        hidden |= {"enters"} if pairs["enters"] and groups["enters"] < LEAST else set()
        self._of_run = _of_run(before)
        self._cells = groups | {_cell(name, pair): n for name, own in pairs.items() for pair, n in own.items()}
        self._sums = [Sum(name, tuple(_cell(name, pair) for pair in own)) for name, own in pairs.items()]
        self._sums += [Sum(n, self._at(0, level, _LISTS["old"])) for level, n in self._of_run.items()]
        self._sums.append(Sum(len(before.listed), _LISTS["old"]))
        self._hidden = hidden | self._hidden_parts(hidden)
        self._told: dict[str, int | None] = {n: None if n in self._hidden else c for n, c in self._cells.items()}
        self._told |= {f"{run} {level}": n for level, n in self._of_run.items()} | {f"listed {run}": len(before.listed)}
        # The new list is the old one with who enters and without who leaves: told where both are.
        self._told[f"listed {other}"] = None if hidden & {"enters", "leaves"} else len(after.listed)
        for place, (side, one) in enumerate(said.items()):
            counted = Counter(one.levels.values())
            for level in one.criteria.capacity:
                if side == other or level not in self._of_run:  # a level is the sum of parts of every group
                    told = not hidden and self._may_tell(place, level, counted[level])
                    self._told[f"{side} {level}"] = counted[level] if told else None

    def _hidden_parts(self, hidden: Collection[str]) -> set[str]:
        """The pairs of levels that are not told."""
        by_level = next((name for name in ("leaves", "moves", "stays") if self._pairs[name] and name not in hidden), "")
        found = {_cell(g, pair) for g in self._pairs for pair in self._pairs[g] if g not in ("enters", by_level)}
        new = {_cell("enters", pair): n for pair, n in self._pairs["enters"].items()}
        found |= set(new) if "enters" in hidden else _hidden(list(new.items()))
        if not by_level:
            return found
        own = self._pairs[by_level]
        rests = {level: n - sum(c for pair, c in own.items() if pair[0] == level) for level, n in self._of_run.items()}
        small = {_cell(by_level, pair) for pair in own if rests.get(pair[0], 0) < LEAST}
        in_turn = [(_cell(by_level, pair), n) for pair, n in own.items()]
        return found | _hidden(in_turn, small, lambda more: is_open(self._cells, self._sums, {*hidden, *found, *more}))

    def _may_tell(self, place: int, level: str, n: int) -> bool:
        """Whether a level may be told as a whole; where it may, it counts as told for the next one."""
        at_it, others = self._at(place, level), f"{place} {level} on neither list"
        rest = n - sum(self._cells[part] for part in at_it)
        cells = {**self._cells, others: rest} if rest else self._cells
        hidden = {*self._hidden, others} if rest else self._hidden
        sums = [*self._sums, Sum(n, (*at_it, others) if rest else at_it)]
        if n < LEAST or not is_open(cells, sums, hidden):
            return False
        self._cells, self._hidden, self._sums = cells, hidden, sums
        return True

    def _at(self, place: int, level: str, groups: Collection[str] = GROUPS) -> tuple[str, ...]:
        """The parts of these groups that are at a level by the first or the second version."""
        return tuple(_cell(name, pair) for name in groups for pair in self._pairs[name] if pair[place] == level)

    def of(self, name: str) -> int | None:
        """A group, or `listed` or a level after the side."""
        return self._told[name]

    def levels(self, name: str) -> tuple[tuple[str, str, int | None], ...]:
        """The pairs of levels of a group."""
        return tuple((*pair, self._told[_cell(name, pair)]) for pair in self._pairs[name])


def _hidden(
    in_turn: Sequence[tuple[str, int]],
    small: Collection[str] = (),
    is_enough: Callable[[Collection[str]], bool] = lambda _hidden: True,
) -> set[str]:
    """The parts of a told total that are not told, all of them if it must be.

    in_turn    names with their numbers. Beside a small one the first is hidden, whatever its number, and the next ones
               until two or more are hidden and come to LEAST or more
    small      names that count as small besides
    is_enough  what else must hold of what is hidden
    """
    numbers = dict(in_turn)
    hidden = {name for name, n in in_turn if n < LEAST or name in small}
    for name, _n in in_turn:
        together = sum(numbers[one] for one in hidden)
        is_beside = in_turn[0][0] in hidden and len(hidden) > 1 and together >= LEAST
        if (is_beside or not hidden) and is_enough(hidden):
            break
        hidden.add(name)
    return hidden


def _of_run(said: Said) -> dict[str, int]:
    """How many of the listed stand at each level that is noticed, as `tsunagu run` says."""
    counted = Counter(said.levels[id] for id in said.listed)
    return {level.name: counted[level.name] for level in said.criteria.overall.levels if level.notice}


def _cell(name: str, pair: tuple[str, str]) -> str:
    return f"{name} {pair[0]} to {pair[1]}"
