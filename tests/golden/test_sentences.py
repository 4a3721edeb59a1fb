"""Every sentence that the shipped criteria and programmes can say, for people to read. `make golden` writes it again.

A sign's sentences are said of the children of its file's own cases; a programme's of a child at the rule's limit.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from screening_cases import CITY, the_catalogue
from tsunagu import wording
from tsunagu.programmes.load import load_programme
from tsunagu.programmes.programme import ELIGIBLE, Programme
from tsunagu.screening.criteria import Comparison, Criteria, Sign, comparisons
from tsunagu.screening.expect import judged
from tsunagu.screening.load import cases_of
from tsunagu.screening.reference import Outcome
from tsunagu.wording.sentences import entitlement_sentences, finding_sentence
from tsunagu.wording.values import Language
from tsunagu.wording.vocabulary import programme_words, vocabulary

LANGUAGES: tuple[Language, ...] = ("ja", "en")
MOST_OF_A_SIGN = 3


def sentences(lang: Language) -> str:
    lines: list[str] = []
    for path in sorted((CITY / "criteria").glob("*.toml")):
        lines += [*of_criteria(path, lang), ""]
    for path in sorted((CITY / "programmes").glob("*.toml")):
        lines += [*of_programme(load_programme(path, the_catalogue().items), lang), ""]
    return "\n".join(lines)


def of_criteria(path: Path, lang: Language) -> Iterator[str]:
    criteria, cases = cases_of(path.read_text(encoding="utf-8"), the_catalogue().items)
    words = vocabulary(criteria, the_catalogue(), ())
    outcomes = [(case.on, outcome) for case in cases if (outcome := judged(criteria, case)) is not None]
    yield f"# {getattr(criteria.label, lang)} ({criteria.name})"
    for sign in criteria.signs:
        yield f"{sign.code} {getattr(sign.label, lang)}"
        said = {
            line: None
            for on, outcome in outcomes
            if sign.code in outcome.signs
            for line in [_reason(words, _of_case(sign, outcome, on), lang)]
        }
        assert said, f"no case of {path.name} has {sign.code}"
        yield from (f"  {line}" for line in [*said][:MOST_OF_A_SIGN])
        yield f"  > {getattr(sign.watch, lang)}"
    for item in criteria.missing:
        yield f"?{item.code} {wording.missing_sentence(words, {'code': item.code}, lang)}"
    names = [level.name for level in criteria.overall.levels]
    for level in dict.fromkeys(name for name in names if criteria.overall.rows[0].name != name):
        yield f"{words['levels'][level][lang]}: {wording.may_become(words, level, names[0], lang)}"
    yield wording.may_become(words, names[0], names[0], lang)


def of_programme(programme: Programme, lang: Language) -> Iterator[str]:
    since, rules = programme.editions[-1]
    words = {"programmes": {programme.id: programme_words(programme, rules, the_catalogue())}}
    yield f"# {getattr(programme.label, lang)} ({programme.name})"
    for found in ("may_be_eligible", "cannot_tell"):
        yield finding_sentence(words, {"programme": programme.id, "finding": found}, lang)
    for sign in rules.signs:
        if sign.judgment == ELIGIBLE:
            row = _row(sign, since, **_at_the_limit(rules, next(comparisons(sign.when))))
            yield f"{sign.code} {_reason(words['programmes'][programme.id], row, lang)}"
    missing = [{"kind": "missing", "code": item.code} for item in rules.missing]
    asked = {"programme": programme.id, "reasons": missing, "to_ask": [one.code for one in programme.to_ask]}
    yield from entitlement_sentences(words, asked, lang)


def _reason(words: Mapping[str, Any], row: dict[str, Any], lang: Language) -> str:
    held = wording.basis(words, row, lang)
    return f"{wording.reason_sentence(words, row, lang)} [{held}]"


def _of_case(sign: Sign, outcome: Outcome, on: object) -> dict[str, Any]:
    first = next(comparisons(sign.when))
    value = outcome.readings[first.indicator].value
    if isinstance(value, Fraction):
        return _row(sign, on, number=Decimal(value.numerator) / Decimal(value.denominator))
    return _row(sign, on, text=value)


def _at_the_limit(rules: Criteria, compared: Comparison) -> dict[str, Any]:
    how, limit = compared.tests[-1]
    if isinstance(limit, Decimal):
        return {"number": limit - 1 if how in ("below", "at_most") else limit}
    return {"text": limit}


def _row(sign: Sign, on: object, *, number: Decimal | None = None, text: object = None) -> dict[str, Any]:
    """A reason as a run's table holds it. at: the case's own day, for the month that a sentence names."""
    first = next(comparisons(sign.when))
    limits = [limit for _how, limit in first.tests if isinstance(limit, Decimal)]
    return {
        "kind": "sign",
        "code": sign.code,
        "indicator": first.indicator,
        "number": number,
        "text": text,
        "threshold": limits[-1] if limits else None,
        "at": on,
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_is_one_that_was_read(lang: Language) -> None:
    golden, said = Path(__file__).with_name(f"sentences.{lang}.txt"), sentences(lang)
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(said, encoding="utf-8")
    assert said == golden.read_text(encoding="utf-8"), "a sentence changed: read the difference after `make golden`"
    assert "{" not in said
    assert "不明" not in said.replace("不明な", "") if lang == "ja" else "not known [" not in said
