"""What the editor shows: one line a sign with its limits as fields, counts as they may be told, ways near a line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu import wording
from tsunagu.evaluation.nearby import Nearby, nearby
from tsunagu.evaluation.small_counts import told
from tsunagu.evaluation.whatif import DECIMALS, Counts
from tsunagu.screening.criteria import Criteria, Sign, comparisons
from tsunagu.screening.limits import Limit, Path, movable, step_of, with_limits
from tsunagu.wording.vocabulary import TwoWords
from tsunagu_web.cases import words as w
from tsunagu_web.criteria.queries import Opened

Words = Mapping[str, Any]
Moved = dict[tuple[str, Path], Decimal]
_NUMBER = re.compile(rf"-?\d{{1,4}}(\.\d{{1,{DECIMALS}}})?")
_COMPARED: Mapping[str, Promise] = {
    "at_least": gettext_lazy("%(what)s: at least"),
    "more_than": gettext_lazy("%(what)s: more than"),
    "below": gettext_lazy("%(what)s: below"),
    "at_most": gettext_lazy("%(what)s: at most"),
    "equals": gettext_lazy("%(what)s: exactly"),
}
#: Sides of a line: (the comparison holds, which).
SIDES = {True: gettext_lazy("The sign's comparison holds"), False: gettext_lazy("It does not hold")}


@dataclass(frozen=True)
class Asked:
    """What somebody typed. moved: limits that differ from those in force; typed: every field; wrong: no numbers."""

    moved: Moved
    typed: Mapping[str, str]
    wrong: frozenset[str]


@dataclass(frozen=True)
class Field:
    """One limit as a field. label: what is compared and how; now: the number in force."""

    name: str
    label: str
    now: str
    value: str
    step: str
    is_moved: bool
    is_wrong: bool


@dataclass(frozen=True)
class Line:
    """One sign. holds, would: for how many children, now and with the limits typed; None: not told."""

    code: str
    label: str
    sentence: str
    basis: str
    source: str
    fields: tuple[Field, ...]
    holds: int | None
    would: int | None


@dataclass(frozen=True)
class Judgment:
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Level:
    name: str
    tone: str
    now: int | None
    would: int | None


@dataclass(frozen=True)
class Way:
    """A way to stand near the line, in words."""

    value: str
    side: str
    signs: tuple[str, ...] | None


@dataclass(frozen=True)
class Near:
    """The ways near one limit."""

    name: str
    label: str
    limit: str
    ways: tuple[Way, ...]


def asked_of(criteria: Criteria, given: Mapping[str, str]) -> Asked:
    """The limits that a form names; what is left empty is the limit in force."""
    moved: Moved = {}
    typed, wrong = {}, set()
    for sign in criteria.signs:
        for limit in movable(criteria, sign):
            name = field_name(sign.code, limit.path)
            written = unicodedata.normalize("NFKC", given.get(name, "")).strip()
            if not written:
                continue
            typed[name] = written
            if not _NUMBER.fullmatch(written):
                wrong.add(name)
            elif Decimal(written) != limit.value:
                moved[sign.code, limit.path] = Decimal(written)
    return Asked(moved, typed, frozenset(wrong))


def judgments(opened: Opened, words: Words, now: Counts, would: Counts, asked: Asked) -> list[Judgment]:
    """The signs judgment by judgment, in the order of the file."""
    return [
        Judgment(
            w.judgment_name(words, judgment.id),
            tuple(
                _line(opened.criteria, sign, words, now, would, asked)
                for sign in opened.criteria.signs
                if sign.judgment == judgment.id
            ),
        )
        for judgment in opened.criteria.judgments
    ]


def levels(opened: Opened, words: Words, now: Counts, would: Counts) -> list[Level]:
    """How many children stand at each overall level; small numbers, and what would give them away, are not told."""
    names = [level.name for level in opened.criteria.overall.levels]
    told_now, told_then = (told([counts.levels[name] for name in names]).parts[0] for counts in (now, would))
    return [
        Level(w.level_name(words, name), w.level_tone(words, name), a, b)
        for name, a, b in zip(names, told_now, told_then, strict=True)
    ]


def near(opened: Opened, words: Words, asked: Asked, names: frozenset[str]) -> list[Near]:
    """The ways to stand near the lines of these fields, with the limits typed."""
    found = []
    for sign in opened.criteria.signs:
        for limit in movable(opened.criteria, sign):
            name = field_name(sign.code, limit.path)
            if name in names:
                value = asked.moved.get((sign.code, limit.path), limit.value)
                line = Limit(limit.indicator, limit.operator, value, limit.path)
                ways = tuple(_way(one, words) for one in nearby(opened.trial, sign.code, line, asked.moved))
                found.append(Near(name, _label(words, limit.indicator, limit.operator), wording.number(value), ways))
    return found


def field_name(code: str, path: Path) -> str:
    """The name of a limit's field: the sign, and the limit's place in it."""
    return ".".join([code, *map(str, path)])


def _line(criteria: Criteria, sign: Sign, words: Words, now: Counts, would: Counts, asked: Asked) -> Line:
    said = words["signs"].get(sign.code, {})
    limits = movable(criteria, sign)
    tried = with_limits(criteria, {at: n for at, n in asked.moved.items() if at[0] == sign.code})
    return Line(
        code=sign.code,
        label=w.named(said.get("label"), sign.code),
        sentence=_pattern(tried, sign.code, sign.sentence),
        basis=_pattern(tried, sign.code, sign.basis),
        source=sign.source,
        fields=tuple(_field(criteria, sign, limit, words, asked) for limit in limits),
        holds=_told(now, sign.code),
        would=_told(would, sign.code),
    )


def _pattern(tried: Criteria, code: str, said: TwoWords) -> str:
    """The words of a sign before anybody stands in them, with the limits that are tried."""
    first = next(comparisons(tried.sign(code).when))
    compared = [limit for _how, limit in first.tests if isinstance(limit, Decimal)]
    named = wording.with_limits(getattr(said, w.language()), tried.named_limits(code))
    return wording.pattern(named, compared[-1] if compared else None)


def _field(criteria: Criteria, sign: Sign, limit: Limit, words: Words, asked: Asked) -> Field:
    name, now = field_name(sign.code, limit.path), wording.number(limit.value)
    step = step_of(criteria.indicator(limit.indicator).measure, limit.value)
    return Field(
        name=name,
        label=_label(words, limit.indicator, limit.operator),
        now=now,
        value=asked.typed.get(name, now),
        step=wording.number(step),
        is_moved=(sign.code, limit.path) in asked.moved,
        is_wrong=name in asked.wrong,
    )


def _label(words: Words, indicator: str, operator: str) -> str:
    what = w.named(words.get("indicators", {}).get(indicator), indicator)
    return str(_COMPARED[operator]) % {"what": what}


def _told(counts: Counts, code: str) -> int | None:
    """The number of children, unless it or that of all others is small."""
    held = counts.holds[code]
    return told([held, counts.in_scope - held]).parts[0][0]


def _way(one: Nearby, words: Words) -> Way:
    low, high = (wording.number(Decimal(v.numerator) / v.denominator) for v in (one.low, one.high))
    value = low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}
    signs = None
    if one.signs is not None:
        signs = tuple(w.named(words["signs"].get(code, {}).get("label"), code) for code in one.signs)
    return Way(value, str(SIDES[one.is_held]), signs)


def limits_in_words(limits: Sequence[Mapping[str, str]], words: Words) -> list[tuple[str, str, str, str]]:
    """Each limit of a report: the sign, what is compared and how, the number it was, the number it became."""
    return [
        (
            w.named(words.get("signs", {}).get(one["sign"], {}).get("label"), one["sign"]),
            _label(words, one["indicator"], one["operator"]),
            one["was"],
            one["became"],
        )
        for one in limits
    ]
