"""The two classes of many sheets at once: the meaning of `stand`, by whole numbers whose bits are comparisons.

Every comparison of the sheet's rules is one bit. An answer sets the bits that hold on it at its mildest and at its
gravest, a rule holds where one of its sets of bits is whole. Tests hold this against `stand`.
"""

from __future__ import annotations

from functools import cached_property

from tsunagu.guidance.answers import UNKNOWN, Answer, Answers, State, answer_bounds
from tsunagu.guidance.sheet import Question, Sheet, compared
from tsunagu.screening.criteria import AllOf, AnyOf, Comparison, Condition

_Ways = tuple[int, ...]
_Said = tuple[State, int | None, int | None, frozenset[str] | None]


class ManySheets:
    """A sheet made ready for many answers."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        conditions = [rule.when for rule in sheet.rules]
        conditions += [one.opened_by for one in sheet.questions if one.opened_by is not None]
        atoms = dict.fromkeys((reading, int(value)) for when in conditions for reading, value in compared(when))
        self._bit = {atom: 1 << place for place, atom in enumerate(atoms)}
        self._always = [one for one in sheet.questions if one.opened_by is None]
        self._opened = [(one, self._ways(one.opened_by)) for one in sheet.questions if one.opened_by is not None]
        self._known: dict[str, dict[_Said, tuple[int, int]]] = {one.id: {} for one in sheet.questions}

    @cached_property
    def _rules(self) -> list[tuple[int, _Ways]]:
        ranked = [(self.sheet.by_class[rule.urgency].rank, self._ways(rule.when)) for rule in self.sheet.rules]
        return sorted(ranked)

    def ranks(self, answers: Answers) -> tuple[int, int]:
        """The ranks of the demanded class and of the floor; 1 is the most urgent."""
        least = most = 0
        for question in self._always:
            low, high = self._bits(question, answers.get(question.id, UNKNOWN))
            least |= low
            most |= high
        base = most
        for question, ways in self._opened:
            answer = answers.get(question.id)
            if answer is not None or _any_whole(ways, base):
                low, high = self._bits(question, answer or UNKNOWN)
                least |= low
                most |= high
        return self._rank(least), self._rank(most)

    def _rank(self, bits: int) -> int:
        return next((rank for rank, ways in self._rules if _any_whole(ways, bits)), self.sheet.least.rank)

    def _bits(self, question: Question, answer: Answer) -> tuple[int, int]:
        known = self._known[question.id]
        # Without its words: who said it, and since when, change no class.
        said = (answer.state, answer.grade, answer.extent, answer.sites)
        found = known.get(said)
        if found is None:
            least = most = 0
            for (reading, value), bit in self._bit.items():
                if reading in question.readings:
                    low, high = answer_bounds(question, reading, answer)
                    least |= bit * (low >= value)
                    most |= bit * (high >= value)
            found = known[said] = (least, most)
        return found

    def _ways(self, condition: Condition | None) -> _Ways:
        """Every set of comparisons that makes the condition hold."""
        match condition:
            case AnyOf():
                return tuple(dict.fromkeys(way for part in condition.parts for way in self._ways(part)))
            case AllOf():
                ways: _Ways = (0,)
                for part in condition.parts:
                    ways = tuple(dict.fromkeys(one | other for one in ways for other in self._ways(part)))
                return ways
            case Comparison():
                return (sum({self._bit[(reading, int(value))] for reading, value in compared(condition)}),)
        raise AssertionError(condition)


def _any_whole(ways: _Ways, bits: int) -> bool:
    return any(way & bits == way for way in ways)
