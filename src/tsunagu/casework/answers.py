"""Answers to a form, and what they still lack. An answer is kept as it was given; nothing is filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tsunagu.casework.forms import UNKNOWN, WRITTEN, Form, Item

MOST_TEXT = 2_000
MOST_SOURCE = 300

# What an answer can lack; pages have a sentence for each.
PROBLEMS = (
    "not_answered",  # neither an answer nor `unknown`
    "not_in_the_form",  # no item of that id
    "not_a_step",  # an answer that the item does not offer
    "source_missing",  # a risk above the first step without where it is known from
    "words_missing",  # the child said something, and nothing is written
    "reason_missing",  # the child was not asked, and nobody says why
    "text_missing",  # `written`, and nothing is
    "too_long",
)


@dataclass(frozen=True)
class Answer:
    """value   one of the item's values; empty: not answered, which is not `unknown`
    text    the child's words, why it was not asked, or what is written
    source  where it is known from
    """

    value: str = ""
    text: str = ""
    source: str = ""


@dataclass(frozen=True)
class Problem:
    """item: its id in the form, or as it was sent. code: one of PROBLEMS."""

    item: str
    code: str


Answers = Mapping[str, Answer]
NOT_ANSWERED = Answer()


def check_answers(form: Form, answers: Answers) -> tuple[Problem, ...]:
    """What stands against recording these answers, in the order of the form; empty when nothing does."""
    items = {item.id: item for item in form.items()}
    found = [Problem(name, code) for name, item in items.items() if (code := _lacks(item, answers.get(name)))]
    return (*found, *(Problem(name, "not_in_the_form") for name in answers if name not in items))


def as_text(answers: Answers) -> str:
    """The answers as they are kept: one line of JSON, the same for the same answers; what is empty is left out."""
    given = {
        name: {key: value for key, value in vars(answer).items() if value}
        for name, answer in answers.items()
        if answer != NOT_ANSWERED
    }
    return json.dumps(given, ensure_ascii=False, sort_keys=True)


def of_text(kept: str) -> dict[str, Answer]:
    """The answers that `as_text` kept."""
    return {name: Answer(**given) for name, given in json.loads(kept).items()}


def _lacks(item: Item, answer: Answer | None) -> str:
    if answer is None or not answer.value:
        return "" if item.is_optional else "not_answered"
    if answer.value not in item.values:
        return "not_a_step"
    if len(answer.text) > MOST_TEXT or len(answer.source) > MOST_SOURCE:
        return "too_long"
    if answer.value == UNKNOWN:
        return ""
    return _lacks_words(item, answer)


def _lacks_words(item: Item, answer: Answer) -> str:
    written = bool(answer.text.strip())
    match item.kind:
        case "risk" if answer.value != item.steps[0].id and not answer.source.strip():
            return "source_missing"
        case "voice" if answer.value == "said" and not written:
            return "words_missing"
        case "voice" if answer.value == "not_asked" and not written:
            return "reason_missing"
        case "text" if answer.value == WRITTEN and not written:
            return "text_missing"
        case _:
            return ""
