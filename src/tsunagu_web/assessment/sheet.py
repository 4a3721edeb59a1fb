"""A form with its answers as a page shows it: to be filled in, or to be read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tsunagu.casework.answers import MOST_SOURCE, MOST_TEXT, NOT_ANSWERED, Answer, Answers, Problem
from tsunagu.casework.choices import Choices, load_choices
from tsunagu.casework.forms import UNKNOWN, WRITTEN, Form, Item, Said, in_force, load_forms, of_json
from tsunagu_web.assessment.models import FormVersion
from tsunagu_web.cases.words import language
from tsunagu_web.free_text import too_long

_OFFERED: Mapping[str, Mapping[str, str | Promise]] = {
    "strength": {"yes": _("Yes"), "partly": _("Partly"), "no": _("No")},
    "voice": {
        "said": _("The child said"),
        "asked": _("Asked, and the child did not say"),
        "not_asked": _("Not asked yet"),
    },
    "text": {WRITTEN: _("As written below")},
}
_TEXT_ASKED: Mapping[str, str | Promise] = {
    "risk": _("What was seen or heard"),
    "strength": _("In what way"),
    "voice": _("In the child's own words, or why it was not asked"),
    "choice": _("Add where needed"),
    "text": _("Write here"),
}
PROBLEMS: Mapping[str, str | Promise] = {
    "not_answered": _("Please answer. What is not known can be answered so."),
    "not_a_step": _("Please choose one of these."),
    "source_missing": _("Write where it is known from."),
    "words_missing": _("Write what the child said, in the child's own words."),
    "reason_missing": _("Write why the child was not asked."),
    "text_missing": _("Write the answer, or say that it is not known."),
}


@dataclass(frozen=True)
class Question:
    """One question with what is answered. words, source: empty where nothing was written."""

    id: str
    kind: str
    title: str
    help: str
    options: tuple[tuple[str, str], ...]
    value: str
    words: str
    source: str
    problem: str
    is_optional: bool

    @property
    def asked_for(self) -> str:
        return str(_TEXT_ASKED[self.kind])

    @property
    def answered(self) -> str:
        """The answer as it is worded in the form."""
        return dict(self.options).get(self.value, "")

    @property
    def is_unknown(self) -> bool:
        return self.value == UNKNOWN


@dataclass(frozen=True)
class Part:
    """A section of the form."""

    id: str
    title: str
    questions: tuple[Question, ...]


def city_choices() -> Choices:
    return load_choices(settings.ENVIRONMENT.city)


def forms_now() -> tuple[Form, ...]:
    """The forms in force today; SourceError when a file of the city cannot be read."""
    return in_force(load_forms(settings.ENVIRONMENT.city), timezone.localdate())


def form_of(version: FormVersion) -> Form:
    return of_json(json.loads(version.content))


def said(words: Said) -> str:
    return words.en if language() == "en" else words.ja


def parts_of(form: Form, answers: Answers, problems: Iterable[Problem] = ()) -> tuple[Part, ...]:
    """The form with these answers, and beside a question what its answer lacks."""
    lacks = {problem.item: _said_of(problem, answers) for problem in problems}
    return tuple(
        Part(
            section.id,
            said(section.title),
            tuple(
                _question(item, answers.get(item.id, NOT_ANSWERED), lacks.get(item.id, "")) for item in section.items
            ),
        )
        for section in form.sections
    )


def gravest(parts: Iterable[Part]) -> tuple[Question, ...]:
    """The risks answered with their last step: one of them can outweigh everything else, so each is named."""
    asked = (question for part in parts for question in part.questions)
    # The very last option is `unknown`.
    return tuple(q for q in asked if q.kind == "risk" and q.value == q.options[-2][0])


def not_known(parts: Iterable[Part]) -> tuple[Question, ...]:
    """What was answered with `unknown`: what to find out next."""
    return tuple(question for part in parts for question in part.questions if question.is_unknown)


def changed_parts(form: Form, kept: Answers, typed: Answers) -> tuple[Part, ...]:
    """What was kept elsewhere, where it is not what is typed here."""
    differing = {item.id for item in form.items() if kept.get(item.id) != typed.get(item.id)}
    parts = (
        Part(part.id, part.title, tuple(question for question in part.questions if question.id in differing))
        for part in parts_of(form, kept)
    )
    return tuple(part for part in parts if part.questions)


def read_answers(form: Form, sent: Mapping[str, str]) -> dict[str, Answer]:
    """The answers as they were sent; a text that was written needs no further click to say so."""
    found = {}
    for item in form.items():
        words, source = _clean(sent.get(f"t-{item.id}", "")), _clean(sent.get(f"s-{item.id}", ""))
        value = _clean(sent.get(f"a-{item.id}", ""))[:40]
        if item.kind == "text" and not value and words:
            value = WRITTEN
        answer = Answer(value, words, source)
        if answer != NOT_ANSWERED:
            found[item.id] = answer
    return found


def longest() -> dict[str, int]:
    return {"text": MOST_TEXT, "source": MOST_SOURCE}


def _question(item: Item, answer: Answer, problem: str) -> Question:
    offered = {step.id: said(step.words) for step in item.steps}
    offered |= {value: str(words) for value, words in _OFFERED.get(item.kind, {}).items()}
    options = (*offered.items(), (UNKNOWN, str(_("It is not known"))))
    return Question(
        item.id,
        item.kind,
        said(item.words),
        said(item.help),
        options,
        answer.value,
        answer.text,
        answer.source,
        problem,
        item.is_optional,
    )


def _said_of(problem: Problem, answers: Answers) -> str:
    if problem.code != "too_long":
        return str(PROBLEMS.get(problem.code, ""))
    answer = answers[problem.item]
    lengths = ((len(answer.text), MOST_TEXT), (len(answer.source), MOST_SOURCE))
    return " ".join(too_long(now, most) for now, most in lengths if now > most)


def _clean(text: str) -> str:
    return text.replace("\x00", "").replace("\r\n", "\n").strip()
