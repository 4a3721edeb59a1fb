"""Whether a sign's words can be filled, and name its limits by gaps: a number typed a second time stays behind when the
limit moves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from tsunagu.indicators.mistakes import nearest
from tsunagu.screening.criteria import Criteria, Sign, comparisons
from tsunagu.screening.span import fillable
from tsunagu.wording import GAPS, LIMIT_FORMS, limit_names

_GAP = re.compile(r"\{[^{}]*\}")
_TO_TWELVE = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WRITTEN = {word: str(number) for number, word in enumerate(_TO_TWELVE)}
_NUMBER = rf"(?P<number>\d+(?:\.\d+)?|{'|'.join(_WRITTEN)})"
# A number is a limit where somebody compares with it; other numbers, of months looked at, may stand in a sentence.
_COMPARED = {
    "ja": (
        re.compile(rf"{_NUMBER}[^\d\s、。{{}}]{{0,4}}?(?:以上|以下|未満|を超え|より)"),
        re.compile(rf"{_NUMBER}日以内"),
    ),
    "en": (
        re.compile(rf"\b{_NUMBER}\b(?:\s*%)?(?:\s+[a-z]+){{0,2}}?\s+or\s+(?:more|less|fewer)\b", re.IGNORECASE),
        re.compile(rf"\b(?:below|above|under|over|at least|at most|more than|less than)\s+{_NUMBER}\b", re.IGNORECASE),
        re.compile(rf"\bwithin\s+{_NUMBER}\s+days\b", re.IGNORECASE),
    ),
}


@dataclass(frozen=True)
class Wording:
    """what: what is wrong; mend: what to write; near: text of the file to be found at its line."""

    what: str
    mend: str
    near: str


def wordings(criteria: Criteria, sign: Sign) -> Iterator[Wording]:
    """What is wrong with a sign's words: gaps that nothing fills, numbers typed, a limit its basis leaves out."""
    limits = criteria.named_limits(sign.code)
    for lang, text in (("ja", sign.label.ja), ("en", sign.label.en)):
        for one in _typed(limits, "label", lang, text):
            yield replace(one, mend="a name without the number")
    for key, words in (("sentence", sign.sentence), ("basis", sign.basis)):
        if words is sign.label:
            continue  # a rule whose words nobody reads under a child's name, and which has none of its own
        for lang, text in (("ja", words.ja), ("en", words.en)):
            yield from _gaps(criteria, sign, text)
            typed = list(_typed(limits, key, lang, text))
            yield from typed
            if key == "basis" and not typed:
                yield from _left_out(criteria, sign, lang, text)


def _gaps(criteria: Criteria, sign: Sign, text: str) -> Iterator[Wording]:
    first = next(comparisons(sign.when))
    known = fillable(criteria.indicator(first.indicator).measure, has_limit=any(how != "is" for how, _ in first.tests))
    limits = criteria.named_limits(sign.code)
    for gap in re.findall(r"\{([^{}]*)\}", text):
        if "." in gap:
            if not limits.keys() & limit_names(f"{{{gap}}}"):
                yield Wording(f"'{{{gap}}}' is no limit of this sign", nearest(gap, [*limits]), f"{{{gap}}}")
        elif gap not in GAPS:
            yield Wording(f"the gap '{{{gap}}}' cannot be filled", nearest(gap, GAPS), f"{{{gap}}}")
        elif gap not in known:
            what = f"the gap '{{{gap}}}' has nothing to be filled with by this indicator"
            yield Wording(what, f"one of {', '.join(known)}", f"{{{gap}}}")
    if re.search(r"[{}]", _GAP.sub("", text)):
        yield Wording("a gap is opened and not closed", "both braces, as in {value}", text[:20])


def _typed(limits: Mapping[str, Decimal], key: str, lang: str, text: str) -> Iterator[Wording]:
    plain = _GAP.sub("{}", text)
    for pattern in _COMPARED[lang]:
        for found in pattern.finditer(plain):
            said = found["number"]
            number = Decimal(_WRITTEN.get(said.lower(), said))
            gap = next((gap for gap, limit in _written(limits) if limit == number), None)
            if gap is not None:
                yield Wording(f"'{key}' ({lang}) holds {said}, which stays when the limit moves", f"write {gap}", key)


def _written(limits: Mapping[str, Decimal]) -> Iterator[tuple[str, Decimal]]:
    """Each gap that may name a limit, and the number it becomes."""
    for name, limit in limits.items():
        yield f"{{{name}}}", limit
        for form, factor in LIMIT_FORMS.items():
            yield f"{{{name}.{form}}}", limit * factor


def _left_out(criteria: Criteria, sign: Sign, lang: str, text: str) -> Iterator[Wording]:
    first = next(comparisons(sign.when))
    # {threshold} is the last number of what the sign compares first, as a run's table of reasons holds it.
    own = [f"{first.indicator}.{how}" for how, limit in first.tests if isinstance(limit, Decimal)][-1:]
    named = {*limit_names(text), *(own if "{threshold}" in text else ())}
    for name, limit in criteria.named_limits(sign.code).items():
        if name not in named and ".month." not in name:
            what = f"'basis' ({lang}) does not name the limit {limit.normalize():f} of '{name.partition('.')[0]}'"
            yield Wording(what, f"{{{name}}} where the number stands", "basis")
