"""All programmes of a day as one set of questions, so that each source is looked through once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tsunagu.indicators.language import Difference, Indicator, Words
from tsunagu.programmes.load import overall
from tsunagu.programmes.programme import Programme
from tsunagu.screening.criteria import AllOf, Comparison, Condition, Criteria

# Programme ids hold no double underscore, so two names never meet.
_BETWEEN = "__"
_LABEL = Words("未申請の支援", "Support that may be unclaimed")


def name_in_all(programme: Programme, name: str) -> str:
    """The name of an indicator, rule or question of one programme among those of all."""
    return f"{programme.id}{_BETWEEN}{name}"


def merged(programmes: Sequence[Programme], on: date) -> Criteria:
    """The questions of these programmes, at least one, with the parameters of a day, each name with its programme's."""
    each = [_prefixed(programme, programme.criteria(on)) for programme in programmes]
    first, signs = each[0], [sign for criteria in each for sign in criteria.signs]
    oldest = [criteria.grade_to for criteria in each]
    return replace(
        first,
        id="programmes",
        version=on.isoformat(),
        label=_LABEL,
        grade_to=None if None in oldest else max(grade for grade in oldest if grade is not None),
        populations=tuple(p for criteria in each for p in criteria.populations),
        indicators=tuple(i for criteria in each for i in criteria.indicators),
        signs=tuple(signs),
        missing=tuple(m for criteria in each for m in criteria.missing),
        judgments=tuple(j for criteria in each for j in criteria.judgments),
        overall=overall(_LABEL, [sign.code for sign in signs]),
    )


def _prefixed(programme: Programme, criteria: Criteria) -> Criteria:
    def name(written: str) -> str:
        return name_in_all(programme, written)

    def condition(when: Condition) -> Condition:
        if isinstance(when, Comparison):
            return replace(when, indicator=name(when.indicator))
        parts = tuple(condition(part) for part in when.parts)
        return AllOf(parts) if isinstance(when, AllOf) else replace(when, parts=parts)

    def indicator(one: Indicator) -> Indicator:
        measure = one.measure
        if isinstance(measure, Difference):
            measure = Difference(name(measure.of), name(measure.minus))
        return replace(one, id=name(one.id), population=name(one.population), measure=measure)

    return replace(
        criteria,
        populations=tuple(replace(p, id=name(p.id)) for p in criteria.populations),
        indicators=tuple(indicator(i) for i in criteria.indicators),
        signs=tuple(
            replace(s, code=name(s.code), judgment=name(s.judgment), when=condition(s.when)) for s in criteria.signs
        ),
        missing=tuple(
            replace(m, code=name(m.code), judgment=name(m.judgment), indicators=tuple(name(i) for i in m.indicators))
            for m in criteria.missing
        ),
        judgments=tuple(replace(j, id=name(j.id), population=name(j.population)) for j in criteria.judgments),
    )
