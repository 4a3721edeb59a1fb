"""The cases that a sheet file brings: answers, and the classes they must come to; a sheet that fails one is refused."""

from __future__ import annotations

from dataclasses import dataclass

from tsunagu.guidance.answers import ABSENT, UNKNOWN, Answer, State, check_answers
from tsunagu.guidance.floor import stand
from tsunagu.guidance.sheet import GRAVEST, SITES, Question, Sheet
from tsunagu.indicators.mistakes import Part, nearest

_OTHERS = {State.ABSENT.value: ABSENT, State.UNKNOWN.value: UNKNOWN}


@dataclass(frozen=True)
class SheetCase:
    """answers  of every question; what the file does not name is `others`
    demanded  the class that what is known demands
    floor     the class that cannot be excluded
    """

    name: str
    answers: dict[str, Answer]
    demanded: str
    floor: str


def read_case(sheet: Sheet, part: Part) -> SheetCase:
    """What a case says; its mistakes are told where it stands."""
    name = part.text("case")
    others = _OTHERS.get(part.choice("others", _OTHERS), UNKNOWN)
    answers: dict[str, Answer] = {question.id: others for question in sheet.questions}
    written = part.inside(part.raw("signs"), "signs")
    for id in written.names():
        question = sheet.by_id.get(id)
        if question is None:
            written.wrong(f"there is no question '{id}'", nearest(id, sheet.by_id), id)
            continue
        answers[id] = _answer(written, question)
    classes = [urgency.id for urgency in sheet.classes]
    demanded = part.choice("demanded", classes)
    floor = part.choice("floor", classes) if part.has("floor") else demanded
    part.done()
    return SheetCase(name, answers, demanded, floor)


def _answer(signs: Part, question: Question) -> Answer:
    value = signs.raw(question.id)
    if isinstance(value, str):
        said = signs.choice(question.id, _OTHERS)
        return _OTHERS.get(said, UNKNOWN)
    part = signs.inside(value, question.id)
    answer = Answer(
        State.PRESENT,
        grade=part.whole("grade", low=1, high=GRAVEST) if part.has("grade") else None,
        extent=part.whole("extent", low=1, high=GRAVEST) if part.has("extent") else None,
        sites=frozenset(part.texts("sites", SITES)) if part.has("sites") else None,
        source="case",
    )
    part.done(question.id)
    return answer


def check_cases(sheet: Sheet, parts: list[Part]) -> tuple[SheetCase, ...]:
    """Every case, worked out; one that comes to another class is a mistake of the file."""
    found = []
    for part in parts:
        case = read_case(sheet, part)
        found.append(case)
        for problem in check_answers(sheet, case.answers):
            part.wrong(f"'{problem.question}' cannot be answered so ({problem.code})", "see the question", "signs")
        got = stand(sheet, case.answers)
        if (got.demanded.id, got.floor.id) != (case.demanded, case.floor):
            why = ", ".join(rule.code for rule in got.because) or "no rule"
            part.wrong(
                f"demanded {got.demanded.id} by {why}, floor {got.floor.id}",
                f"the case says {case.demanded} and {case.floor}: one of the two is wrong",
                "demanded",
            )
    return tuple(found)
