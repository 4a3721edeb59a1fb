"""Reads a file of distances: TOML in, typed distances out, or every mistake at once with its line.

Every question of the sheet has its distance in the file: one that was forgotten would count for nothing in silence.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from tsunagu.errors import SourceError
from tsunagu.guidance.load_sheet import load_sheets
from tsunagu.guidance.sheet import GRAVEST, Question, Sheet
from tsunagu.indicators.load import each_part, read_document
from tsunagu.indicators.mistakes import Lines, Mistake, Part, nearest
from tsunagu.screening.load import refused
from tsunagu.similar_cases.distances import AgeDistance, Calibration, Distances, ItemDistance, TypeDistance
from tsunagu.similar_cases.past_cases import MOST_CODES, MOST_POINTS

FOLDER = "distances"
STANDARD = Path(__file__).parent / "standard" / "urgency.toml"
#: Fewer similar cases than this are never told, whatever a file says.
LEAST = 15
_MOST_OF_ONE = MOST_CODES
_TABLES = ("distances", "calibration", "age", "type", "item")


def load_distances(path: Path, sheets: Sequence[Sheet]) -> Distances:
    """The distances of a file, for the newest of these sheets that it names; CriterionError names every mistake."""
    found, mistakes = check_distances(path, sheets)
    if found is None or mistakes:
        raise refused(path, mistakes, "the distances")
    return found


def check_all_distances(city: Path) -> tuple[Distances, ...]:
    """Every file of distances of a city folder; () where it has none of its own."""
    folder = city / FOLDER
    if not folder.is_dir():
        return ()
    sheets = load_sheets(city)
    found = tuple(load_distances(path, sheets) for path in sorted(folder.glob("*.toml")))
    seen: set[str] = set()
    for one in found:
        if one.name in seen:
            raise SourceError(
                f"two files say that they are '{one.id}' version '{one.version}'",
                where=FOLDER,
                to_do="Give the newer one its own version and its own first day.",
            )
        seen.add(one.name)
    return found


def distances_for(city: Path | None, sheet: Sheet, on: dt.date) -> Distances:
    """The newest distances for this sheet that have begun on that day: the city's, or the standard ones.

    raises  CriterionError where a file cannot be read or does not fit the sheet; SourceError where none has begun
    """
    folder = city / FOLDER if city else None
    paths = sorted(folder.glob("*.toml")) if folder is not None and folder.is_dir() else [STANDARD]
    ours = [path for path in paths if _sheet_named(path) in (sheet.id, "")]
    begun = [one for one in (load_distances(path, [sheet]) for path in ours) if one.valid_from <= on]
    if not begun:
        raise SourceError(
            f"there are no distances for the sheet '{sheet.id}' that have begun",
            where=FOLDER,
            to_do="Put a file there that names the sheet and a first day that is past.",
        )
    return max(begun, key=lambda one: (one.valid_from, one.version))


def _sheet_named(path: Path) -> str:
    """The sheet that a file names; empty where it names none, which reading it whole will say better."""
    document, _, _ = read_document(path)
    head = document.get("distances")
    named = head.get("sheet") if isinstance(head, dict) else None
    return named if isinstance(named, str) else ""


def check_distances(path: Path, sheets: Sequence[Sheet]) -> tuple[Distances | None, list[Mistake]]:
    """The distances of a file, if it can be read at all, and every mistake in it, by line."""
    document, text, broken = read_document(path)
    if broken is not None:
        return None, [broken]
    lines, mistakes = Lines(text), list[Mistake]()
    for name in document:
        if name not in _TABLES:
            mistakes.append(Mistake(lines.of(name), "", f"'[{name}]' has no meaning here", nearest(name, _TABLES)))

    def table(name: str) -> Part:
        return Part(document.get(name), lines=lines, mistakes=mistakes, name=name)

    head = table("distances")
    named = head.choice("sheet", sorted({sheet.id for sheet in sheets}))
    sheet = max((one for one in sheets if one.id == named), key=lambda one: one.valid_from, default=None)
    if sheet is None:
        return None, mistakes
    found = Distances(
        id=head.text("id"),
        version=head.text("version"),
        valid_from=head.day("valid_from"),
        title=head.words("title"),
        source=head.words("source"),
        approved_by=head.text("approved_by"),
        sheet=sheet,
        calibration=_calibration(table("calibration")),
        age=_age(table("age")),
        type=_type(table("type")),
        items=_items(each_part(document, "item", lines, mistakes, "question"), sheet),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    head.done()
    mistakes += _lacking(found, sheet, lines)
    if not mistakes and sum(measure.most for _, measure in found.measures) > MOST_POINTS:
        mistakes.append(Mistake(0, "", f"two cases could be more than {MOST_POINTS:,} points apart", "smaller points"))
    return found, sorted(mistakes, key=lambda one: (one.line, one.label, one.what))


def _calibration(part: Part) -> Calibration:
    found = Calibration(
        least=part.whole("least", low=LEAST, high=1_000) or LEAST,
        most=part.whole("most", low=LEAST, high=10_000) or LEAST,
        reached_by=part.whole("reached_by", low=1, high=100) or 1,
        farthest=part.whole("farthest", low=1, high=MOST_POINTS) or 1,
        tried=part.whole("tried", low=50, high=100_000) or 50,
    )
    if found.most < found.least:
        part.wrong(f"'most' is {found.most}", f"'least' ({found.least}) or more is due", "most")
    part.done()
    return found


def _age(part: Part) -> AgeDistance:
    bands = _rising(part, "bands", first=0)
    at = _rising(part, "at", first=0)
    if len(bands) != len(at):
        part.wrong(f"'at' has {len(at)} numbers", f"one for each of the {len(bands)} bands is due", "at")
    unknown, both = _open(part, max(at, default=_MOST_OF_ONE))
    part.done()
    return AgeDistance(bands or (0,), at or (0,), unknown, both)


def _type(part: Part) -> TypeDistance:
    second = part.whole("second", low=1, high=_MOST_OF_ONE) or 1
    other = part.whole("other", low=1, high=_MOST_OF_ONE) or 1
    if other < second:
        part.wrong(f"'other' is {other}", f"'second' ({second}) or more is due", "other")
    unknown, both = _open(part, other)
    part.done()
    return TypeDistance(second, other, unknown, both)


def _items(parts: list[Part], sheet: Sheet) -> tuple[ItemDistance, ...]:
    found: dict[str, ItemDistance] = {}
    for part in parts:
        name = part.choice("question", sheet.by_id)
        question = sheet.by_id.get(name)
        if question is None:
            continue
        if name in found:
            part.wrong(f"'{name}' stands there twice", "one question, one distance", "question")
        found[name] = _item(part, question)
    # In the order of the sheet, so that the order of a file changes nothing.
    return tuple(found[one.id] for one in sheet.questions if one.id in found)


def _item(part: Part, question: Question) -> ItemDistance:
    grade = _steps(part, "grade")
    extent = _steps(part, "extent") if _fits(part, "extent", asked=bool(question.extents)) else ()
    site = part.whole("site", low=1, high=_MOST_OF_ONE) if _fits(part, "site", asked=question.has_sites) else 0
    unknown, both = _open(part, grade[-1])
    part.done()
    return ItemDistance(question.id, (grade[0], grade[1], grade[2]), extent, site or 0, unknown, both)


def _fits(part: Part, key: str, *, asked: bool) -> bool:
    """Whether a key is to be read: it is due where the sheet asks for it, and has no meaning elsewhere."""
    if not asked and part.has(key):
        part.wrong(f"the sheet does not ask for '{key}' here", "take it away", key)
        part.raw(key)
    return asked


def _steps(part: Part, key: str) -> tuple[int, ...]:
    """From absent to 1, 2 and 3: each farther than the one before, so that a graver answer is never nearer."""
    found = _rising(part, key, first=1)
    if len(found) != GRAVEST:
        part.wrong(f"'{key}' has {len(found)} numbers", f"{GRAVEST} are due, from the mildest to the gravest", key)
    return tuple((*found, 1, 1, 1)[:GRAVEST])


def _rising(part: Part, key: str, *, first: int) -> tuple[int, ...]:
    """Whole numbers that rise; the first one is 0, or not, as `first` says."""
    written = part.list(key)
    found = [one for one in written if isinstance(one, int) and not isinstance(one, bool) and 0 <= one <= _MOST_OF_ONE]
    is_right = (
        bool(found)
        and len(found) == len(written)
        and all(low < high for low, high in pairwise(found))
        and (found[0] == 0 if first == 0 else found[0] >= first)
    )
    if written and not is_right:
        begin = "from 0" if first == 0 else f"from {first} or more"
        part.wrong(
            f"'{key}' does not rise from step to step", f"whole numbers {begin} to {_MOST_OF_ONE}, each larger", key
        )
        return ()
    return tuple(found)


def _open(part: Part, most: int) -> tuple[int, int]:
    """What is not known is never as near as what is alike, and never farther than the gravest difference."""
    unknown = part.whole("unknown", low=1, high=max(1, most)) or 1
    both = part.whole("both_unknown", low=1, high=max(1, most)) or 1
    if both > unknown:
        part.wrong(f"'both_unknown' is {both}", f"'unknown' ({unknown}) or less is due", "both_unknown")
    return unknown, both


def _lacking(found: Distances, sheet: Sheet, lines: Lines) -> list[Mistake]:
    has = {item.question for item in found.items}
    return [
        Mistake(lines.of("item"), one.words.ja, f"the question '{one.id}' has no distance", "write an [[item]] for it")
        for one in sheet.questions
        if one.id not in has
    ]
