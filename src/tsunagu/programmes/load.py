"""Reads a programme file: TOML in, a typed programme out, or every mistake at once with its line.

Populations, indicators, conditions and missing items are those of the criteria, read by the same functions; a limit may
name a parameter, `"$id"`, and each change of a parameter is checked as if it were a file of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from tsunagu.errors import CriterionError
from tsunagu.indicators.history import as_value
from tsunagu.indicators.language import Indicator, Words, is_lower_bound
from tsunagu.indicators.load import each_part, read_document, read_holidays, read_indicator, read_population
from tsunagu.indicators.mistakes import Lines, Mistake, Part, nearest
from tsunagu.programmes.expect import read_cases, report
from tsunagu.programmes.parameters import ID, Limits, Places, names_of, read_parameters
from tsunagu.programmes.programme import (
    ELIGIBLE,
    EXCLUDED,
    NOT_GRANTED,
    RECEIPT,
    RECEIVED,
    REFUSAL,
    Parameter,
    Programme,
    ToAsk,
)
from tsunagu.programmes.promises import promises
from tsunagu.records.catalogue import CatalogueItem
from tsunagu.screening.check import check_names, cross_check
from tsunagu.screening.criteria import (
    Condition,
    Criteria,
    Judgment,
    JudgmentsAt,
    Level,
    MissingItem,
    Overall,
    OverallLevel,
    Sign,
    comparisons,
)
from tsunagu.screening.load import read_condition, refused
from tsunagu.screening.reference import holds

Items = Mapping[str, CatalogueItem]
Document = dict[str, object]
_TABLES = (
    "programme",
    "parameter",
    "school_months",
    "population",
    "indicator",
    "eligible",
    "received",
    "not_granted",
    "excluded",
    "missing",
    "to_ask",
    "expect",
)
_CODE = re.compile(r"[A-Z][A-Za-z0-9]{0,7}")
MAY_BE = OverallLevel("may_be_eligible", "May be eligible", "watch", False, 1, ((JudgmentsAt(1, 1),),))
CANNOT_TELL = OverallLevel("cannot_tell", "Cannot tell", "undecided", False, 2, ())
NONE = OverallLevel("none", "None", "none", False, 3, ())


def load_programmes(paths: Sequence[Path], items: Items) -> tuple[Programme, ...]:
    """The programmes of these files; CriterionError for a mistake in one, or for files that contradict each other."""
    programmes = tuple(load_programme(path, items) for path in paths)
    for place, (path, programme) in enumerate(zip(paths, programmes, strict=True)):
        for other_path, other in zip(paths[:place], programmes[:place], strict=True):
            what = ""
            if programme.holiday_months != other.holiday_months:
                what = f"'school_months' differ from those of {other_path.name}"
            elif programme.id == other.id and programme.version == other.version:
                what = f"the programme {programme.name} stands in {other_path.name} too"
            elif programme.id == other.id and programme.effective == other.effective:
                what = f"{other.name} in {other_path.name} takes effect on the same day"
            if what:
                raise CriterionError(what, where=path.name, to_do="Correct one of the two; nothing was computed.")
    return programmes


def load_programme(path: Path, items: Items) -> Programme:
    """The programme of a file; CriterionError that names every mistake if there is one."""
    programme, mistakes = check_programme(path, items)
    if programme is None or mistakes:
        raise refused(path, mistakes, "the programme")
    return programme


def check_programme(path: Path, items: Items) -> tuple[Programme | None, list[Mistake]]:
    """The programme of a file, if it can be read at all, and every mistake in it, by line."""
    document, text, broken = read_document(path)
    if broken is not None:
        return None, [broken]
    return _Reader(document, text, items).programme()


@dataclass(frozen=True)
class _Head:
    offered_to: str
    programme: Programme


class _Lines(Lines):
    """Where the parts stand, asked for by the names that they have in criteria."""

    def __init__(self, text: str, rules: int, excluded: int) -> None:
        super().__init__(text)
        self._rules, self._excluded = rules, excluded
        self.limits: Places = {}
        #: The parts that stand once and give a sign each, behind all others.
        self.last: list[str] = []

    def of(self, name: str, index: int = 0, *words: str | int) -> int:
        limits = [self.limits[index, w] for w in words if isinstance(w, str) and (index, w) in self.limits]
        if name == "sign" and limits:
            return super().of("parameter", limits[0], "value")
        after = index - self._rules - self._excluded
        if name == "sign" and after >= 0:
            return super().of(self.last[after] if after < len(self.last) else RECEIVED, 0, *words)
        if name == "sign" and index >= self._rules:
            return super().of("excluded", index - self._rules, *words)
        named = {"sign": "eligible", "judgment": "programme", "overall": "programme", "overall.row": "programme"}
        return super().of(named.get(name, name), index if name not in ("judgment", "overall.row") else 0, *words)


class _Reader:
    def __init__(self, document: Document, text: str, items: Items) -> None:
        self.document, self.items = document, items
        rules, excluded = (len(v) if isinstance(v := document.get(n), list) else 0 for n in ("eligible", "excluded"))
        self.lines = _Lines(text, rules, excluded)
        self.mistakes: list[Mistake] = []
        self.parameters = self._each("parameter")

    def programme(self) -> tuple[Programme, list[Mistake]]:
        for name in self.document:
            if name not in _TABLES:
                hint = nearest(name, _TABLES)
                self.mistakes.append(Mistake(self.lines.of(name), "", f"'[{name}]' has no meaning here", hint))
        self.mistakes += promises(self.document, self.lines)
        head = self._head()
        parameters = head.programme.parameters
        days = sorted({head.programme.effective, *(p.since for p in parameters if p.since > head.programme.effective)})
        editions = tuple((day, self._edition(head, parameters, day)) for day in days)
        used = {
            name for part in (ELIGIBLE, EXCLUDED, RECEIVED, NOT_GRANTED) for name in names_of(self.document.get(part))
        }
        for place, parameter in enumerate(parameters):
            if parameter.id not in used and parameter.id not in {p.id for p in parameters[:place]}:
                what = f"'{parameter.id}' is used by nothing"
                at = self.lines.of("parameter", place, "id", parameter.id)
                self.mistakes.append(Mistake(at, parameter.id, what, f'a limit "${parameter.id}", or remove it'))
        programme = replace(head.programme, editions=editions)
        cases = read_cases(self._each("expect", "case"), self.items, programme)
        if not self.mistakes:
            report(programme, cases)
        # Every edition reads the same parts, so a mistake in one of them is found once for each.
        found = sorted(dict.fromkeys(self.mistakes), key=lambda m: (m.line, m.label, m.what))
        return replace(programme, cases=len(cases)), found

    def _each(self, name: str, label_key: str = "label") -> list[Part]:
        due = ("population", "indicator", "eligible", "expect")
        if name not in self.document and name not in due:
            return []
        return each_part(self.document, name, self.lines, self.mistakes, label_key)

    def _one(self, name: str) -> Part:
        if name not in self.document:
            self.mistakes.append(Mistake(0, "", f"'[{name}]' is missing", "write it"))
            return Part({}, lines=self.lines, mistakes=[], name=name)
        return Part(self.document[name], lines=self.lines, mistakes=self.mistakes, name=name)

    # -------------------------------------------------------------- what holds for every edition

    def _head(self) -> _Head:
        part = self._one("programme")
        id = part.text("id")
        if id and not ID.fullmatch(id):
            part.wrong(f"'{id}' is not a name here", "small letters, digits and single _", "id")
        populations = [str(p.get("id", "")) for p in _tables(self.document.get("population"))]
        effective = part.day("effective")
        programme = Programme(
            id=id,
            version=part.text("version"),
            supersedes=part.text("supersedes", empty=True),
            effective=effective,
            approved_by=part.text("approved_by"),
            label=part.words("label"),
            law=part.texts("law"),
            run_by=part.words("run_by"),
            apply=part.words("apply"),
            parameters=read_parameters(self.parameters, effective),
            to_ask=self._to_ask(),
            editions=(),
        )
        if part.has("law") and not programme.law:
            part.wrong("'law' is empty", "name one law, ordinance or outline", "law")
        offered_to = part.choice("offered_to", populations)
        part.done()
        return _Head(offered_to, programme)

    def _to_ask(self) -> tuple[ToAsk, ...]:
        found: list[ToAsk] = []
        for part in self._each("to_ask"):
            code, label = part.text("code"), part.words("label")
            if code and not _CODE.fullmatch(code):
                part.wrong(f"'{code}' is not a name here", "a capital letter, then letters and digits", "code")
            if code == RECEIPT or code in {a.code for a in found}:
                why = f"another code; {RECEIPT} is that of asking whether it is received already"
                part.wrong(f"'{code}' is there twice", why, "code")
            found.append(ToAsk(code, label))
            part.done()
        received = self._one("received")
        if received.has("to_ask"):
            found.append(ToAsk(RECEIPT, received.words("to_ask")))
        return tuple(found)

    # -------------------------------------------------------------- the rules with the parameters of a day

    def _edition(self, head: _Head, parameters: Sequence[Parameter], on: date) -> Criteria:
        holidays = read_holidays(self._one("school_months"))
        populations = tuple(read_population(p, self.items) for p in self._each("population"))
        ids = [p.id for p in populations]
        indicators: list[Indicator] = []
        for part in self._each("indicator"):
            indicators.append(read_indicator(part, self.items, ids, [i.id for i in indicators]))
        known = Limits([i.id for i in indicators], parameters, self.parameters, on)
        self.lines.limits = known.places
        signs: list[Sign] = []
        for asked_for in (ELIGIBLE, EXCLUDED):
            for part in self._each(asked_for):
                signs.append(_sign(part, asked_for, known, len(signs)))
        signs += self._recorded(known, len(signs))
        asked = [q for q in (ELIGIBLE, EXCLUDED, RECEIVED, NOT_GRANTED) if any(s.judgment == q for s in signs)]
        offered = next((p for p in populations if p.id == head.offered_to), None)
        if offered is not None and offered.grade_to is None:
            part = self._one("programme")
            part.wrong(f"'{offered.id}' has no oldest grade", "grade = { to = … } in that population", "offered_to")
        programme = head.programme
        criteria = Criteria(
            id=programme.id,
            version=programme.version,
            supersedes=programme.supersedes,
            effective=programme.effective,
            approved_by=programme.approved_by,
            legal_basis=programme.law,
            label=programme.label,
            grade_from=None,
            grade_to=None if offered is None else offered.grade_to,
            holiday_months=holidays,
            populations=populations,
            indicators=tuple(indicators),
            signs=tuple(signs),
            missing=tuple(_missing(p, known.indicators) for p in self._each("missing")),
            judgments=tuple(question(q, programme.label, head.offered_to) for q in asked),
            overall=overall(programme.label, [s.code for s in signs]),
            holders=tuple((id, item.holder) for id, item in sorted(self.items.items())),
            codes=tuple((id, tuple(item.values)) for id, item in sorted(self.items.items())),
        )
        check_names(criteria, self.lines, self.mistakes)
        if not self.mistakes:
            cross_check(criteria, self.lines, self.mistakes, self.items)
        if not self.mistakes:
            self._unknown(criteria)
        return criteria

    def _unknown(self, criteria: Criteria) -> None:
        """Every indicator must say what an unknown value may be, so that it is read neither as a no nor as a yes."""
        by_id = {i.id: (place, i) for place, i in enumerate(criteria.indicators)}
        every = [leaf for sign in criteria.signs for leaf in comparisons(sign.when)]
        for id in dict.fromkeys(leaf.indicator for leaf in every):
            place, indicator = by_id.get(id, (0, None))
            if indicator is None:
                continue
            if indicator.unknown_as is None:
                self._at(place, indicator, "has no 'unknown_as', so an unknown one would be read as a no")
            operators = {operator for leaf in every if leaf.indicator == id for operator, _ in leaf.tests}
            if is_lower_bound(indicator.measure) and not operators <= {"at_least", "more_than"}:
                what = "counts what is known so far, and is compared with an upper limit"
                self._at(place, indicator, what, "at_least here, and an [[excluded]] from the next number on")
        for asked in (ELIGIBLE, RECEIVED, NOT_GRANTED, EXCLUDED):
            leaves = [leaf for s in criteria.signs if s.judgment == asked for leaf in comparisons(s.when)]
            for id in dict.fromkeys(leaf.indicator for leaf in leaves):
                place, indicator = by_id.get(id, (0, None))
                # A count of what is known grows with the unknown; its worst value is one more, not the limit.
                if indicator is None or indicator.unknown_as is None or is_lower_bound(indicator.measure):
                    continue
                worst = {id: as_value(indicator.unknown_as)}
                if not any(holds(leaf, worst) for leaf in leaves if leaf.indicator == id):
                    self._at(place, indicator, f"is unknown as {indicator.unknown_as}, which never says '{asked}'")

    def _at(self, place: int, indicator: Indicator, what: str, hint: str = "") -> None:
        line = self.lines.of("indicator", place, *(() if hint else ("unknown_as",)))
        mend = hint or "the value that the unknown may be; another indicator where two questions need two"
        self.mistakes.append(Mistake(line, indicator.label.ja, f"'{indicator.id}' {what}", mend))

    def _recorded(self, known: Limits, place: int) -> list[Sign]:
        """What the city's records say of an application: that it is received, that it was turned down."""
        part = self._one(RECEIVED)
        signs: list[Sign] = []
        self.lines.last = []
        if part.has("to_ask") and part.has("when"):
            part.wrong("'to_ask' stands beside 'when'", "either the records say it, or somebody is asked", "to_ask")
        if part.has("to_ask"):
            part.words("to_ask")
            part.done()
        elif not part.has("when"):
            part.wrong("neither 'when' nor 'to_ask' says who receives it", "write one of the two")
        else:
            signs.append(self._record(part, known, place, RECEIPT))
        if NOT_GRANTED in self.document:
            signs.append(self._record(self._one(NOT_GRANTED), known, place + len(signs), REFUSAL))
        return signs

    def _record(self, part: Part, known: Limits, place: int, code: str) -> Sign:
        self.lines.last.append(part.name)
        when = read_condition(part.inside(known.resolved(part, place), "when"), known.indicators)
        label = part.words("label")
        part.done()
        return _rule(code, part.name, when, label, label, label, "–")


_NO_WORDS = Words("", "")


def _tables(written: object) -> list[dict[str, object]]:
    return [v for v in written if isinstance(v, dict)] if isinstance(written, list) else []


def _sign(part: Part, judgment: str, known: Limits, place: int) -> Sign:
    code = part.text("code")
    when = read_condition(part.inside(known.resolved(part, place), "when"), known.indicators)
    label = part.words("label")
    sentence, basis = (part.words("sentence"), part.words("basis")) if judgment == ELIGIBLE else (label, label)
    sign = _rule(code, judgment, when, label, sentence, basis, part.text("source"))
    part.done()
    return sign


def _rule(code: str, judgment: str, when: Condition, label: Words, sentence: Words, basis: Words, source: str) -> Sign:
    """A sign that stands by itself: neither group nor points, and nothing for a school to watch."""
    return Sign(
        code=code,
        judgment=judgment,
        group=None,
        points=0,
        when=when,
        label=label,
        sentence=sentence,
        basis=basis,
        watch=_NO_WORDS,
        source=source,
    )


def _missing(part: Part, indicators: list[str]) -> MissingItem:
    item = MissingItem(part.text("code"), ELIGIBLE, part.texts("indicators", indicators), part.words("label"))
    part.done()
    return item


def question(id: str, label: Words, population: str) -> Judgment:
    """One question of a programme as a judgment: level 1 when any of its rules holds."""
    return Judgment(id, label, population, "other", (Level(1, (), None, None, any_sign=True),))


def overall(label: Words, codes: Sequence[str]) -> Overall:
    """The table that the language asks for; what a programme finds is said by `finding`, not by it."""
    return Overall(label, (MAY_BE,), CANNOT_TELL, NONE, tuple(codes))
