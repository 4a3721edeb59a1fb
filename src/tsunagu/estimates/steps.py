"""The steps that answers climb: what the estimate sees of a sheet. A graver answer climbs more steps, never fewer.

injury at least 1, at least 2, at least 3 · its extent at least 2, at least 3 · a place of the body map
injury not known: a step of its own, so that what nobody knows never counts for less than "absent"
"""

from __future__ import annotations

from tsunagu.guidance.answers import Answer, Answers, State, is_open
from tsunagu.guidance.sheet import EXTENT, GRAVEST, Sheet

UNKNOWN = "unknown"


class Steps:
    """The steps of a sheet, in its order; a case is the places of those that it climbs."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.names = tuple(name for question in sheet.questions for name in _every(question.readings, question.id))
        self.place = {name: place for place, name in enumerate(self.names)}
        self._known: dict[tuple[object, ...], tuple[int, ...]] = {}

    def climbed(self, answers: Answers) -> tuple[int, ...]:
        """The steps of these answers; a question that was not answered climbs none."""
        return tuple(step for id, answer in answers.items() if id in self.sheet.by_id for step in self._of(id, answer))

    def _of(self, id: str, answer: Answer) -> tuple[int, ...]:
        key = (id, answer.state, answer.grade, answer.extent, answer.sites)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = tuple(self.place[name] for name in _climb(id, answer, self.sheet))
        return found


def unknown_of(sheet: Sheet, answers: Answers) -> int:
    """How many questions that are always asked are open, in whole or in part."""
    return sum(one.opened_by is None and is_open(answers.get(one.id), one) for one in sheet.questions)


def _every(readings: tuple[str, ...], id: str) -> list[str]:
    found = []
    for reading in readings:
        if ".at." in reading:
            found.append(reading)
        else:
            first = 2 if reading.endswith(f".{EXTENT}") else 1
            found += [f"{reading}>={value}" for value in range(first, GRAVEST + 1)]
    return [*found, f"{id}.{UNKNOWN}"]


def _climb(id: str, answer: Answer, sheet: Sheet) -> list[str]:
    if answer.state is State.ABSENT:
        return []
    if answer.state is State.UNKNOWN:
        return [f"{id}.{UNKNOWN}"]
    question = sheet.by_id[id]
    found = [f"{id}>={value}" for value in range(1, (answer.grade or 1) + 1)]
    if question.extents:
        found += [f"{id}.{EXTENT}>={value}" for value in range(2, (answer.extent or 1) + 1)]
    found += [question.at(site) for site in sorted(answer.sites or ())]
    return [*found, f"{id}.{UNKNOWN}"] if is_open(answer, question) else found
