"""Reads what a criteria file says of indicators: whom they are asked of, what they measure, which months count.

The language is closed: a key or measure that is not known is a mistake, never ignored.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from tsunagu.errors import CriterionError
from tsunagu.indicators.language import Difference, Enrolled, Indicator, Population, items_read
from tsunagu.indicators.load_measure import read_measure, read_unknown
from tsunagu.indicators.mistakes import Lines, Mistake, Part, read_text
from tsunagu.records.catalogue import CatalogueItem

_QUOTES = "「」『』“”‘’＂"


@dataclass(frozen=True)
class Definitions:
    """What a criteria file defines, without what it judges by: a holder that computes for others reads no more.

    grade_from, grade_to  whom the file looks at; None: no bound
    """

    version: str
    grade_from: int | None
    grade_to: int | None
    holiday_months: tuple[int, ...]
    populations: tuple[Population, ...]
    indicators: tuple[Indicator, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """Every catalogue item that the definitions read, sorted."""
        return items_read(self.indicators, self.populations)

    def of(self, ids: set[str]) -> Definitions:
        """Those of these indicators, and of the ones they read; the populations they are asked of."""
        wanted = set(ids)
        for one in reversed(self.indicators):
            if one.id in wanted and isinstance(one.measure, Difference):
                wanted |= {one.measure.of, one.measure.minus}
        kept = tuple(one for one in self.indicators if one.id in wanted)
        asked = {one.population for one in kept}
        populations = tuple(one for one in self.populations if one.id in asked)
        return Definitions(self.version, self.grade_from, self.grade_to, self.holiday_months, populations, kept)


def load_definitions(path: Path, items: Mapping[str, CatalogueItem]) -> Definitions:
    """The definitions of a criteria file; CriterionError names every mistake in them. What it judges by is not read."""
    document, text, broken = read_document(path)
    mistakes = [] if broken is None else [broken]
    made = None if broken else read_definitions(document, Lines(text), mistakes, items)
    if made is not None:
        head = Part(document.get("criteria"), lines=Lines(text), mistakes=mistakes, name="criteria")
        made = replace(made, version=head.text("version"))
    if made is None or mistakes:
        listed = "\n  ".join(one.text(path.name) for one in mistakes)
        raise CriterionError(f"the definitions cannot be read\n  {listed}", where=path.name, to_do="Correct the file.")
    return made


def read_definitions(
    document: Mapping[str, object], lines: Lines, mistakes: list[Mistake], items: Mapping[str, CatalogueItem]
) -> Definitions:
    """[scope], [school_months], [[population]] and [[indicator]] of a file; without its version, which its head has."""
    root = Part(document, lines=lines, mistakes=mistakes, name="")

    def one(name: str) -> Part:
        return Part(root.raw(name), lines=lines, mistakes=mistakes, name=name)

    scope = one("scope")
    grade_from, grade_to = read_grades(scope.inside(scope.raw("grade"), "grade"))
    scope.done()
    holiday_months = read_holidays(one("school_months"))
    populations = tuple(read_population(p, items) for p in each_part(document, "population", lines, mistakes))
    ids = [p.id for p in populations]
    indicators: list[Indicator] = []
    for part in each_part(document, "indicator", lines, mistakes):
        indicators.append(read_indicator(part, items, ids, [i.id for i in indicators]))
    return Definitions("", grade_from, grade_to, holiday_months, populations, tuple(indicators))


def read_document(path: Path) -> tuple[dict[str, object], str, Mistake | None]:
    """A file as TOML says it, its text, and what makes it no TOML at all; CriterionError if it cannot be opened."""
    try:
        text = read_text(path)
    except OSError as error:
        raise CriterionError(
            f"the file cannot be opened ({type(error).__name__})",
            where=str(path),
            to_do="Check that it exists and may be read.",
        ) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return {}, "", Mistake(line, "", "a character here is not UTF-8", "save the file as UTF-8")
    try:
        document = document_of(text)
        nothing = Mistake(0, "", "nothing is written in this file", "write what it is to say, or remove it")
        return document, text, None if document else nothing
    except RecursionError:
        return {}, text, Mistake(0, "", "brackets stand inside each other without end", "write fewer")
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        line = _line_of(message, text)
        what = f"this is not TOML: {message.partition(' (at')[0]}"
        return {}, text, Mistake(line, "", what, _mend_of(message, text, line))


def _line_of(message: str, text: str) -> int:
    marker = "(at line "
    if marker in message:
        return int(message.partition(marker)[2].partition(",")[0])
    return text.count("\n") + 1


def _mend_of(message: str, text: str, line: int) -> str:
    """What is most likely meant, where what is written is no TOML: slips of a Japanese keyboard, quotes, brackets."""
    if "Cannot declare" in message or "Cannot overwrite" in message:
        return "what stands several times has two brackets on each side: [[sign]]"
    lines = text.splitlines()
    said = lines[line - 1] if 0 < line <= len(lines) else ""
    bare = re.sub(r'"[^"]*"', "", said).partition("#")[0]
    wide = next((sign for sign in bare if sign in _QUOTES or unicodedata.normalize("NFKC", sign) != sign), "")
    if wide in _QUOTES and wide:
        return f'texts stand between "…", and here is {wide}'
    if wide:
        return f"'{wide}' is full-width; write it half-width: {unicodedata.normalize('NFKC', wide)}"
    if said.count('"') % 2:
        return 'a quotation mark (") is missing on this line'
    return "see https://toml.io"


def document_of(text: str) -> dict[str, object]:
    """A text as TOML says it, its numbers exact."""
    return tomllib.loads(text.removeprefix("\ufeff"), parse_float=Decimal)


def each_part(
    document: Mapping[str, object], name: str, lines: Lines, mistakes: list[Mistake], label_key: str = "label"
) -> list[Part]:
    """The tables of an array, each with its Japanese label or its code for the mistakes in it."""
    parts = []
    root = Part(document, lines=lines, mistakes=mistakes, name="")
    for index, values in enumerate(root.list(name, required=name != "expect")):
        label = ""
        if isinstance(values, dict):
            words = values.get(label_key)
            label = str(words.get("ja", "")) if isinstance(words, dict) else words if isinstance(words, str) else ""
            label = label or str(values.get("id", values.get("code", "")))
        parts.append(Part(values, lines=lines, mistakes=mistakes, name=name, index=index, label=label))
    return parts


def read_grades(part: Part) -> tuple[int | None, int | None]:
    """The lowest and the highest grade of a `grade`; None: no bound."""
    low = part.whole("from", low=-6, high=12, required=False)
    high = part.whole("to", low=-6, high=12, required=False)
    if low is not None and high is not None and low > high:
        part.wrong(f"grades from {low} to {high} hold nobody", "put the lower one first", "grade")
    part.done("grade")
    return low, high


def read_holidays(part: Part) -> tuple[int, ...]:
    """The months of [school_months] that no window counts, sorted."""
    months: list[int] = []
    for value in part.list("except"):
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 12:
            part.wrong("'except' holds something that is not a month", "months 1 to 12 are due", "except")
        else:
            months.append(value)
    if len(set(months)) == 12:
        part.wrong("'except' leaves no month", "leave at least one school month", "except")
        months = []
    part.done()
    return tuple(sorted(set(months)))


def read_population(part: Part, items: Mapping[str, CatalogueItem]) -> Population:
    """One [[population]]."""
    grade_from: int | None = None
    grade_to: int | None = None
    enrolled: Enrolled | None = None
    if part.has("grade"):
        grade_from, grade_to = read_grades(part.inside(part.raw("grade"), "grade"))
    if part.has("enrolled"):
        inner = part.inside(part.raw("enrolled"), "enrolled")
        yearly = [i for i in items if items[i].kind == "yearly"]
        item = inner.choice("item", yearly)
        values = list(items[item].values) if item in items else None
        enrolled = Enrolled(item, inner.texts("texts", values), inner.choice("else_item", yearly))
        inner.done("enrolled")
    population = Population(part.text("id"), part.words("label"), grade_from, grade_to, enrolled)
    part.done()
    return population


def read_indicator(
    part: Part, items: Mapping[str, CatalogueItem], populations: list[str], earlier: list[str]
) -> Indicator:
    """One [[indicator]]. earlier: indicators that stand above it."""
    id, label = part.text("id"), part.words("label")
    population = part.choice("population", populations)
    measure = read_measure(part.inside(part.raw("measure"), "measure"), items, earlier)
    forget_after = part.whole("forget_after", low=1, high=360) or 1
    unknown_as = read_unknown(part, measure, items) if part.has("unknown_as") else None
    part.done()
    return Indicator(id, label, population, measure, unknown_as, forget_after)
