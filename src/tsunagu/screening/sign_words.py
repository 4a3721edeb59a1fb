"""Whether a sign's words can be filled, and name its limits by gaps: a number typed a second time stays behind when the
limit moves.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal

from tsunagu.indicators.language import Difference, items_of
from tsunagu.indicators.mistakes import nearest
from tsunagu.screening.criteria import Criteria, Sign, comparisons
from tsunagu.screening.span import fillable
from tsunagu.wording import GAPS, LIMIT_FORMS, limit_names

_GAP = re.compile(r"\{[^{}]*\}")
_TO_TWELVE = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WRITTEN = {word: str(number) for number, word in enumerate(_TO_TWELVE)}
_NUMBER = rf"(?P<number>\d+(?:\.\d+)?|{'|'.join(_WRITTEN)})"
_ANY = {"ja": r"\d+(?:\.\d+)?", "en": rf"\b(?:\d+(?:\.\d+)?|{'|'.join(_TO_TWELVE[2:])})\b"}
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


# Words that a vice-principal would learn a family's affairs from, and words that blame.
_NOT_FOR_SCHOOLS = (
    "生活保護", "保護世帯", "手当", "援助", "税", "未納", "滞納", "所得", "収入", "健診", "接種", "通告", "要対協",
    "虐待", "手帳", "障害", "認定", "介護", "病", "怠け", "だらしな", "問題児", "問題の家",
)  # fmt: skip


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
    for word in _NOT_FOR_SCHOOLS:
        if word in sign.watch.ja:
            what = f"'watch' says 「{word}」, and a school is told nothing of welfare, tax or health, and blames nobody"
            yield Wording(what, "what to look at in school", "watch")
    for key, words in (("sentence", sign.sentence), ("basis", sign.basis)):
        if words is sign.label:
            continue  # a rule whose words nobody reads under a child's name, and which has none of its own
        for lang, text in (("ja", words.ja), ("en", words.en)):
            yield from _gaps(criteria, sign, text)
            typed = [*_typed(limits, key, lang, text), *_bare(limits, key, lang, text)]
            typed += _strange(criteria, sign, key, lang, text) if not typed else []
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
                forms = [name for name, _limit in _written(limits)]
                hint = nearest(f"{{{gap}}}", forms)
                yield Wording(f"'{{{gap}}}' is no limit of this sign", hint, f"{{{gap}}}")
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


def _bare(limits: Mapping[str, Decimal], key: str, lang: str, text: str) -> Iterator[Wording]:
    """A part of one before 割 or ％ without its form: 0.6割 where 6割 is meant."""
    for found in re.finditer(r"\{([a-z0-9_.]+)\}\s*(割|％|%)", text):
        name, form = found.group(1), "tenths" if found.group(2) == "割" else "percent"
        if name in limits and 0 < limits[name] < 1:
            said = f"{limits[name].normalize():f}{found.group(2)}"
            yield Wording(f"'{key}' ({lang}) says {said}", f"write {{{name}.{form}}}", key)


def _strange(criteria: Criteria, sign: Sign, key: str, lang: str, text: str) -> Iterator[Wording]:
    """A number that neither the sign nor its indicators have: a value typed for a gap, or a window that was changed."""
    plain = _GAP.sub("{}", unicodedata.normalize("NFKC", text))
    own = _numbers_of(criteria, sign)
    if "{tenths}" in text:
        own.add(Decimal(10))
    for found in re.finditer(_ANY[lang], plain, re.IGNORECASE):
        number = Decimal(_WRITTEN.get(found.group().lower(), found.group()))
        if number not in own:
            what = f"'{key}' ({lang}) holds {found.group()}, a number that this sign's indicators do not have"
            yield Wording(what, "a gap such as {value}, or the number of the window", key)


def _numbers_of(criteria: Criteria, sign: Sign) -> set[Decimal]:
    """Numbers by which the sign's indicators are made: windows in months and in years, dates, ages, how many items."""
    found: set[int] = set()
    waiting = [compared.indicator for compared in comparisons(sign.when)]
    while waiting:
        measure = criteria.indicator(waiting.pop()).measure
        if isinstance(measure, Difference):
            waiting += [measure.of, measure.minus]
        else:
            found |= {*_whole(measure), len(items_of(measure))}
    years = {number // 12 for number in found if number % 12 == 0}
    return {Decimal(number) for number in found | years if number}


def _whole(value: object) -> Iterator[int]:
    if is_dataclass(value):
        for one in fields(value):
            yield from _whole(getattr(value, one.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from _whole(part)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield abs(value)


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
