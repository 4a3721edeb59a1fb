"""Reads a sheet file: TOML in, a typed sheet out, or every mistake at once with its line.

The language of its rules is that of criteria, narrowed: `all`, `any` and `at_least`. What could make a graver answer
count for less cannot be written.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from tsunagu.errors import SourceError
from tsunagu.guidance.expect import check_cases
from tsunagu.guidance.sheet import (
    GRAVEST,
    HEADINGS,
    MOST_FIRST,
    Question,
    Rule,
    Sheet,
    UrgencyClass,
    compared,
    worst_of,
)
from tsunagu.indicators.language import Words
from tsunagu.indicators.load import document_of, each_part, read_document
from tsunagu.indicators.mistakes import Lines, Mistake, Part, nearest
from tsunagu.screening.criteria import AllOf, AnyOf, Condition, comparisons
from tsunagu.screening.load import read_condition, refused

FOLDER = "sheets"
STANDARD = Path(__file__).parent / "standard" / "urgency.toml"
_TABLES = ("sheet", "heading", "question", "class", "rule", "expect")
_ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_NONE = Words(ja="", en="")


@lru_cache(maxsize=1)
def standard_sheet() -> Sheet:
    """The sheet that comes with tsunagu."""
    return load_sheet(STANDARD)


def load_sheet(path: Path) -> Sheet:
    """The sheet of a file; CriterionError that names every mistake if there is one."""
    sheet, mistakes = check_sheet(path)
    if sheet is None or mistakes:
        raise refused(path, mistakes, "the sheet")
    return sheet


@lru_cache(maxsize=8)
def sheet_of(text: str) -> Sheet:
    """The sheet that a kept text says, years after its file changed; CriterionError where it says none any more."""
    mistakes: list[Mistake] = []
    sheet = _sheet(document_of(text), text, Lines(text), mistakes)
    if mistakes:
        raise refused(Path(FOLDER), mistakes, "the sheet that was kept")
    return sheet


def load_sheets(city: Path | None) -> tuple[Sheet, ...]:
    """The sheets of a city folder; the standard one where it has no `sheets/` of its own."""
    folder = city / FOLDER if city else None
    if folder is None or not folder.is_dir():
        return (standard_sheet(),)
    sheets = tuple(load_sheet(path) for path in sorted(folder.glob("*.toml")))
    if not sheets:
        raise SourceError("the folder holds no sheet", where=FOLDER, to_do="Put a sheet there, or remove the folder.")
    seen: set[str] = set()
    for sheet in sheets:
        if sheet.name in seen:
            raise SourceError(
                f"two files say that they are '{sheet.id}' version '{sheet.version}'",
                where=FOLDER,
                to_do="Give the newer one its own version and its own first day.",
            )
        seen.add(sheet.name)
    return sheets


def sheets_in_force(sheets: Iterable[Sheet], on: dt.date) -> tuple[Sheet, ...]:
    """Of each sheet the latest version that has begun on that day, in the order of their ids."""
    begun = sorted((one for one in sheets if one.valid_from <= on), key=lambda one: (one.id, one.valid_from))
    return tuple({one.id: one for one in begun}.values())


def check_sheet(path: Path) -> tuple[Sheet | None, list[Mistake]]:
    """The sheet of a file, if it can be read at all, and every mistake in it, by line."""
    document, text, broken = read_document(path)
    if broken is not None:
        return None, [broken]
    lines, mistakes = Lines(text), list[Mistake]()
    sheet = _sheet(document, text, lines, mistakes)
    _once(sheet, lines, mistakes)
    if not mistakes:
        _cross_check(sheet, lines, mistakes)
    cases = each_part(document, "expect", lines, mistakes, "case")
    if not mistakes:
        check_cases(sheet, cases)
    return sheet, sorted(mistakes, key=lambda one: (one.line, one.label, one.what))


def _sheet(document: dict[str, object], text: str, lines: Lines, mistakes: list[Mistake]) -> Sheet:
    for name in document:
        if name not in _TABLES:
            mistakes.append(Mistake(lines.of(name), "", f"'[{name}]' has no meaning here", nearest(name, _TABLES)))
    head = Part(document.get("sheet"), lines=lines, mistakes=mistakes, name="sheet")
    questions = _questions(each_part(document, "question", lines, mistakes, "id"))
    readings = [reading for question in questions for reading in question.readings]
    classes = tuple(
        _class(part, rank) for rank, part in enumerate(each_part(document, "class", lines, mistakes, "id"), start=1)
    )
    ids = [urgency.id for urgency in classes]
    sheet = Sheet(
        id=head.text("id"),
        version=head.text("version"),
        valid_from=head.day("valid_from"),
        title=head.words("title"),
        source=head.words("source"),
        approved_by=head.text("approved_by"),
        headings=tuple(_heading(part) for part in each_part(document, "heading", lines, mistakes)),
        questions=questions,
        classes=classes,
        rules=tuple(_rule(part, ids, readings) for part in each_part(document, "rule", lines, mistakes, "code")),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
    )
    if sheet.id and not _ID.fullmatch(sheet.id):
        head.wrong(f"'{sheet.id}' is not a name here", "small letters, digits, - and _", "id")
    head.done()
    return sheet


def _heading(part: Part) -> Words:
    words = Words(ja=part.text("ja"), en=part.text("en"))
    part.done()
    return words


def _questions(parts: list[Part]) -> tuple[Question, ...]:
    """Two passes: what opens a question may stand below it."""
    plain = [_question(part) for part in parts]
    always = [
        reading
        for question, part in zip(plain, parts, strict=True)
        if not part.has("opened_by")
        for reading in question.readings
    ]
    found = []
    for question, part in zip(plain, parts, strict=True):
        opened_by = _condition(part, "opened_by", always) if part.has("opened_by") else None
        if opened_by is not None and question.is_first:
            part.wrong("a question of the first minutes is asked always", "take 'opened_by' or 'first' away", "first")
        part.done()
        found.append(
            Question(
                question.id,
                question.heading,
                question.is_first,
                question.words,
                question.help,
                question.grades,
                question.extents,
                question.has_sites,
                opened_by,
            )
        )
    return tuple(found)


def _question(part: Part) -> Question:
    id = part.text("id")
    if id and not _ID.fullmatch(id):
        part.wrong(f"'{id}' is not a name here", "small letters, digits, - and _, 40 at most", "id")
    grades = _three(part, "grades")
    return Question(
        id=id,
        heading=part.whole("heading", low=1, high=HEADINGS) or 1,
        is_first=part.yes_no("first") if part.has("first") else False,
        words=part.words("label"),
        help=part.words("help") if part.has("help") else _NONE,
        grades=(grades[0], grades[1], grades[2]),
        extents=_three(part, "extents") if part.has("extents") else (),
        has_sites=part.yes_no("sites") if part.has("sites") else False,
        opened_by=None,
    )


def _three(part: Part, key: str) -> tuple[Words, ...]:
    written = part.list(key)
    if len(written) != GRAVEST:
        part.wrong(f"'{key}' words {len(written)} steps", f"{GRAVEST} are due, from the mildest to the gravest", key)
    found = []
    for place, value in enumerate(written):
        inner = part.inside(value, key, place)
        found.append(Words(ja=inner.text("ja"), en=inner.text("en")))
        inner.done(key)
    return tuple([*found, *([_NONE] * GRAVEST)][:GRAVEST])


def _class(part: Part, rank: int) -> UrgencyClass:
    urgency = UrgencyClass(
        id=part.text("id"),
        rank=rank,
        name=part.words("name"),
        to_do=part.words("to_do"),
        asks_protection=part.yes_no("asks_protection") if part.has("asks_protection") else False,
    )
    part.done()
    return urgency


def _rule(part: Part, classes: list[str], readings: list[str]) -> Rule:
    rule = Rule(
        code=part.text("code"),
        urgency=part.choice("class", classes),
        when=_condition(part, "when", readings),
        sentence=part.words("sentence"),
        source=part.text("source"),
    )
    part.done()
    return rule


def _condition(part: Part, key: str, readings: list[str]) -> Condition:
    condition = read_condition(part.inside(part.raw(key), key), readings)
    for one in comparisons(condition):
        for operator, value in one.tests:
            if operator != "at_least":
                part.wrong(
                    f"'{operator}' could make a graver sign count for less",
                    "at_least alone may stand here",
                    key,
                    operator,
                )
            elif one.indicator in readings and value not in range(1, worst_of(one.indicator) + 1):
                part.wrong(f"'{one.indicator}' is compared with {value}", f"1 to {worst_of(one.indicator)} is due", key)
    if _holds_on_nothing(condition):
        part.wrong(f"'{key}' holds of everybody", "compare at least one sign", key)
    return condition


def _holds_on_nothing(condition: Condition) -> bool:
    return isinstance(condition, AllOf | AnyOf) and not condition.parts


def _cross_check(sheet: Sheet, lines: Lines, mistakes: list[Mistake]) -> None:
    """What one part alone cannot show."""
    if len(sheet.headings) != HEADINGS:
        mistakes.append(
            Mistake(lines.of("heading"), "", f"{len(sheet.headings)} headings", f"the official sheet has {HEADINGS}")
        )
    if len(sheet.first()) > MOST_FIRST:
        mistakes.append(
            Mistake(
                lines.of("question"),
                "",
                f"{len(sheet.first())} questions are asked in the first minutes",
                f"{MOST_FIRST} at most: nobody answers more while on the telephone",
            )
        )
    _check_classes(sheet, lines, mistakes)
    _check_rules(sheet, lines, mistakes)


def _once(sheet: Sheet, lines: Lines, mistakes: list[Mistake]) -> None:
    named: tuple[tuple[str, Iterable[str]], ...] = (
        ("question", (one.id for one in sheet.questions)),
        ("class", (one.id for one in sheet.classes)),
        ("rule", (one.code for one in sheet.rules)),
    )
    for table, ids in named:
        seen: set[str] = set()
        for place, id in enumerate(ids):
            if id in seen:
                mistakes.append(
                    Mistake(lines.of(table, place), id, f"'{id}' stands there twice", "one name, one thing")
                )
            seen.add(id)


def _check_classes(sheet: Sheet, lines: Lines, mistakes: list[Mistake]) -> None:
    if len(sheet.classes) < 2:
        mistakes.append(
            Mistake(lines.of("class"), "", "fewer than two classes", "the most urgent first, the least last")
        )
        return
    asks = [urgency.asks_protection for urgency in sheet.classes]
    if not asks[0] or asks[-1] or asks != sorted(asks, reverse=True):
        mistakes.append(
            Mistake(
                lines.of("class"),
                sheet.classes[0].id,
                "'asks_protection' does not stand with the most urgent classes",
                "the first class has it, the last one never, and none below one without it",
            )
        )
    ruled = {rule.urgency for rule in sheet.rules}
    for place, urgency in enumerate(sheet.classes):
        if urgency is sheet.least and urgency.id in ruled:
            mistakes.append(
                Mistake(lines.of("class", place), urgency.id, "a rule demands the last class", "it stands without any")
            )
        if urgency is not sheet.least and urgency.id not in ruled:
            mistakes.append(
                Mistake(
                    lines.of("class", place), urgency.id, "no rule demands this class", "write one, or take it away"
                )
            )


def _check_rules(sheet: Sheet, lines: Lines, mistakes: list[Mistake]) -> None:
    """Protection is never made to wait for a question that the first minutes do not lead to."""
    first = {question.id for question in sheet.first()}
    for place, rule in enumerate(sheet.rules):
        if not sheet.by_class[rule.urgency].asks_protection:
            continue
        for reading in rule.readings():
            question = sheet.of_reading[reading]
            opens = (
                {sheet.of_reading[one].id for one, _ in compared(question.opened_by)} if question.opened_by else set()
            )
            if question.id not in first and not (opens and opens <= first):
                mistakes.append(
                    Mistake(
                        lines.of("rule", place),
                        rule.code,
                        f"'{question.id}' decides on protection and is not asked in the first minutes",
                        "first = true, or opened_by a question that is",
                    )
                )
