"""The sheet of urgency: the one in force at this desk, the one that was answered, and its questions as a page shows
them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tsunagu.guidance.answers import Answer, Answers, Problem, State, bounds_of
from tsunagu.guidance.floor import is_asked
from tsunagu.guidance.load_sheet import load_sheets, sheet_of, sheets_in_force
from tsunagu.guidance.sheet import GRAVEST, SITES, Question, Sheet, UrgencyClass, Words
from tsunagu_web.cases.words import language
from tsunagu_web.guidance_centre.models import SheetVersion

PLACES: Mapping[str, str | Promise] = {
    "head": _("Head"), "face": _("Face"), "ear": _("Ear"), "mouth": _("Mouth"), "neck": _("Neck"),
    "chest": _("Chest"), "belly": _("Belly"), "back": _("Back"), "genitals": _("Genitals"),
    "buttocks": _("Buttocks"), "upper_arm": _("Upper arm"), "forearm": _("Forearm"), "hand": _("Hand"),
    "thigh": _("Thigh"), "shin": _("Shin"), "foot": _("Foot"),
}  # fmt: skip
PROBLEMS: Mapping[str, str | Promise] = {
    "source_missing": _("Write from whom or what it is known."),
    "too_long": _("This is too long. Nothing was cut; please shorten it."),
}
_STATES = ((State.ABSENT, _("Is not there")), (State.UNKNOWN, _("It is not known")), (State.PRESENT, _("Is there")))


@dataclass(frozen=True)
class Asked:
    """One question with what is answered. is_open: whether it is asked now; a branch that nothing opens is not."""

    id: str
    title: str
    help: str
    states: tuple[tuple[str, str], ...]
    grades: tuple[tuple[int, str], ...]
    extents: tuple[tuple[int, str], ...]
    places: tuple[tuple[str, str], ...]
    answer: Answer | None
    problem: str
    is_open: bool
    is_branch: bool

    @property
    def state(self) -> str:
        return self.answer.state.value if self.answer else ""

    @property
    def sites(self) -> frozenset[str]:
        return (self.answer.sites if self.answer else None) or frozenset()

    @property
    def said(self) -> str:
        """The answer in words, for a page that shows it."""
        words = dict(self.states).get(self.state, str(_("Not asked yet")))
        if self.answer is None or self.answer.state is not State.PRESENT:
            return words
        told = [dict(self.grades).get(self.answer.grade or 0, ""), dict(self.extents).get(self.answer.extent or 0, "")]
        told += [dict(self.places)[site] for site in SITES if site in self.sites]
        return "、".join([words, *(one for one in told if one)])


def sheet_now() -> Sheet:
    """The sheet in force today; CriterionError or SourceError when a file of the city cannot be read."""
    return sheets_in_force(load_sheets(settings.ENVIRONMENT.city), timezone.localdate())[0]


def kept_sheet(version: SheetVersion) -> Sheet:
    """The sheet as it was when it was answered."""
    return sheet_of(version.content)


def said(words: Words) -> str:
    return words.en if language() == "en" else words.ja


def classes_of(sheet: Sheet) -> list[tuple[str, str]]:
    """The classes of urgency, the most urgent first, each with what it asks of people."""
    return [(one.id, worded(one)) for one in sheet.classes]


def worded(one: UrgencyClass) -> str:
    return f"{said(one.name)}  {said(one.to_do)}"


def asked_of(sheet: Sheet, answers: Answers, problems: Iterable[Problem] = ()) -> list[tuple[str, list[Asked]]]:
    """(heading, questions): those of the first minutes with the branches they open, then the others by heading."""
    lacks = {problem.question: str(PROBLEMS.get(problem.code, PROBLEMS["too_long"])) for problem in problems}
    bounds = bounds_of(sheet, answers)

    def one(question: Question) -> Asked:
        is_open = question.id in answers or is_asked(question, bounds)
        return _asked(question, answers.get(question.id), lacks.get(question.id, ""), is_open=is_open)

    first = [one(q) for q in sheet.questions if q.is_first or q.opened_by is not None]
    found = [(str(_("The first minutes")), first)]
    for number, heading in enumerate(sheet.headings, start=1):
        later = [q for q in sheet.questions if q.heading == number and not q.is_first and q.opened_by is None]
        if later:
            found.append((said(heading), [one(q) for q in later]))
    return found


def said_answer(question: Question, answer: Answer | None) -> str:
    """One answer in words."""
    return _asked(question, answer, "", is_open=True).said


def read_answers(sheet: Sheet, sent: QueryDict) -> dict[str, Answer]:
    """The answers as a page sent them; what only a sign that is there has is left where it is not there."""
    found = {}
    for question in sheet.questions:
        state = sent.get(f"s-{question.id}", "")
        if state not in {one.value for one in State}:
            continue
        told = {name: _clean(sent.get(f"{name[0]}-{question.id}", "")) for name in ("when", "from", "note")}
        answer = Answer(State(state), since=told["when"], source=told["from"], note=told["note"])
        if answer.state is State.PRESENT:
            places = frozenset(site for site in sent.getlist(f"p-{question.id}") if site in SITES)
            answer = Answer(
                answer.state,
                grade=_step(sent.get(f"g-{question.id}", "")),
                extent=_step(sent.get(f"e-{question.id}", "")) if question.extents else None,
                sites=(places or None) if question.has_sites else None,
                since=told["when"],
                source=told["from"],
                note=told["note"],
            )
        found[question.id] = answer
    return found


def _asked(question: Question, answer: Answer | None, problem: str, *, is_open: bool) -> Asked:
    return Asked(
        question.id,
        said(question.words),
        said(question.help),
        tuple((state.value, str(words)) for state, words in _STATES),
        tuple(enumerate(map(said, question.grades), start=1)),
        tuple(enumerate(map(said, question.extents), start=1)),
        tuple((site, str(PLACES[site])) for site in SITES) if question.has_sites else (),
        answer,
        problem,
        is_open,
        question.opened_by is not None,
    )


def _step(written: str) -> int | None:
    return int(written) if written in {str(step) for step in range(1, GRAVEST + 1)} else None


def _clean(text: str) -> str:
    return text.replace("\x00", "").replace("\r\n", "\n").strip()
