"""Five hundred mistakes, drawn by seed and put into the shipped criteria one at a time: each is caught before an engine
runs, at its line, and nine of ten come with the right mend.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from screening_cases import CITY, the_catalogue
from tsunagu.indicators.mistakes import Mistake
from tsunagu.screening.load import check_criteria

SETS = sorted((CITY / "criteria").glob("*.toml"))
MISTAKES = 500
_REQUIRED = (
    "label",
    "sentence",
    "basis",
    "watch",
    "source",
    "code",
    "judgment",
    "population",
    "measure",
    "forget_after",
)
_REFERENCES = ("population", "judgment", "indicator", "item", "of", "minus", "per", "concerns", "kind", "no_row", "who")


@dataclass(frozen=True)
class Seeded:
    """One mistake in a file. line: where it was put; mend: what the hint must hold."""

    kind: str
    text: str
    line: int
    mend: str


Maker = Callable[[list[str], random.Random], Iterator[tuple[int, str, str]]]


def _misspelt(word: str, draw: random.Random) -> str:
    """Two letters changed round, one left out, or one twice: what a hand does."""
    at = draw.randrange(len(word) - 1)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    made = [swapped, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]]
    return draw.choice([m for m in made if m != word])


def _places(lines: list[str], form: str) -> Iterator[tuple[int, re.Match[str]]]:
    for number, line in enumerate(lines):
        if not line.lstrip().startswith("#"):
            yield from ((number, found) for found in re.finditer(form, line))


def _changed(lines: list[str], number: int, found: re.Match[str], group: int, by: str) -> str:
    return lines[number][: found.start(group)] + by + lines[number][found.end(group) :]


def _a_misspelt_key(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    for number, found in _places(lines, r"(?:^|[{,] )([a-z_]{4,}) = "):
        yield number, _changed(lines, number, found, 1, _misspelt(found[1], draw)), found[1]


def _a_misspelt_reference(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    for number, found in _places(lines, rf'\b(?:{"|".join(_REFERENCES)}) = "([a-z_]{{4,}})"'):
        yield number, _changed(lines, number, found, 1, _misspelt(found[1], draw)), found[1]


def _an_unknown_sign(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    for number, found in _places(lines, r'^(?:weight|  \{ level|.*any = \[).*?"([A-Z][0-9a-z]+)"'):
        yield number, _changed(lines, number, found, 1, found[1] + "x"), found[1]


def _a_misspelt_code(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    for number, found in _places(lines, r'texts = \["([a-z_]{4,})"'):
        yield number, _changed(lines, number, found, 1, _misspelt(found[1], draw)), found[1]


def _a_misspelt_gap(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    for number, found in _places(lines, r"\{(value|tenths|threshold)\}"):
        yield number, _changed(lines, number, found, 1, _misspelt(found[1], draw)), found[1]


def _a_number_as_text(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    for number, found in _places(
        lines, r"\b(?:at_least|below|at_most|more_than|equals|forget_after|year|level) = (\d+)"
    ):
        yield number, _changed(lines, number, found, 1, f'"{found[1]}"'), "number"


def _a_line_left_out(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    header = 0
    for number, line in enumerate(lines):
        if line.startswith("["):
            header = number
        elif lines[header] == "[[sign]]" and line.partition(" =")[0] in _REQUIRED:
            yield header, f"\0{number}", "write it"


def _a_text_left_empty(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    for number, found in _places(lines, r'^(?:label|sentence|basis|watch) = \{ ja = "([^"]+)"'):
        yield number, _changed(lines, number, found, 1, ""), "a text is due"


def _a_name_twice(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    ids = [(number, found[1]) for number, found in _places(lines, r'^code = "([A-Z][0-9a-z]+)"')]
    for (_, first), (number, second) in pairwise(ids):
        if lines[number - 1] == "[[sign]]" and lines[ids[0][0] - 1] == "[[sign]]":
            yield number, lines[number].replace(second, first), "names differ"


def _a_memory_too_short(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    for number, found in _places(lines, r"^forget_after = (\d+)"):
        if re.search(r"calendar|within|year = |household_first|due_", lines[number - 1] + lines[number - 2]):
            yield number, _changed(lines, number, found, 1, "1"), "at least"


def _a_quote_left_out(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    for number, found in _places(lines, r'^[a-z_]+ = "[^"]*(")$'):
        yield number, _changed(lines, number, found, 1, ""), "a quotation mark"


def _a_part_of_an_unknown_kind(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    for number, found in _places(lines, r"^\[\[(indicator|sign|missing|judgment)\]\]"):
        if lines[number] not in lines[:number]:  # all of a kind are misspelt together: a file written by one hand
            yield number, f"[[{_misspelt(found[1], draw)}]]", found[1]


_ROW = r'^  \[("[012|*]+",\s*)+"([^"]+)"\],$'


def _a_row_left_out_of_a_matrix(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    for number, _ in _places(lines, _ROW):
        rows = max(n for n in range(number) if lines[n] == "rows = [")
        yield rows, f"\0{number}", "a row for them"


def _a_row_that_meets_another(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    for number, row in _places(lines, _ROW):
        for several in re.finditer(r'"(\d\|\d)"', row[0]):
            yield number, row[0].replace(several[0], '"*"', 1), "exactly one row"


def _a_cell_that_is_no_level(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    for number, row in _places(lines, _ROW):
        for level in re.finditer(r'(?<=[|"])[012](?=[|"])', row[0]):
            yield number, row[0][: level.start()] + "3" + row[0][level.end() :], "0, 1, 2"


def _a_misspelt_result(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    for number, found in _places(lines, _ROW):
        yield number, _changed(lines, number, found, 2, _misspelt(found[2], draw)), found[2]


def _a_capacity_of_nobody(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    for number, found in _places(lines, r"^capacity = (\d+)"):
        yield number, _changed(lines, number, found, 1, str(-draw.randrange(3))), "a whole number from 1"


def _points_that_no_sign_gives(lines: list[str], draw: random.Random) -> Iterator[tuple[int, str, str]]:
    if not any(line.startswith("points = ") for line in lines):
        for number, found in _places(lines, r"\{ level = 2, (groups = \d)"):
            yield number, _changed(lines, number, found, 1, f"points = {draw.randrange(2, 9)}"), "points"


MAKERS: tuple[Maker, ...] = (
    _a_misspelt_key,
    _a_misspelt_reference,
    _an_unknown_sign,
    _a_misspelt_code,
    _a_misspelt_gap,
    _a_number_as_text,
    _a_line_left_out,
    _a_text_left_empty,
    _a_name_twice,
    _a_memory_too_short,
    _a_quote_left_out,
    _a_part_of_an_unknown_kind,
    _a_row_left_out_of_a_matrix,
    _a_row_that_meets_another,
    _a_cell_that_is_no_level,
    _a_misspelt_result,
    _a_capacity_of_nobody,
    _points_that_no_sign_gives,
)


def seeded(count: int) -> Iterator[Seeded]:
    """So many different mistakes, every kind in turn."""
    draw, made = random.Random(20261130), set()
    while len(made) < count:
        for maker in MAKERS:
            path = draw.choice(SETS)
            # A case may only be wrong in what it expects; its own mistakes are tried in test_expect.py.
            lines = path.read_text(encoding="utf-8").partition("\n[[expect]]")[0].split("\n")
            found = list(maker(lines, draw))
            if not found:
                continue
            number, changed, mend = draw.choice(found)
            if changed.startswith("\0"):
                gone = int(changed[1:])
                text = "\n".join(lines[:gone] + lines[gone + 1 :])
            else:
                text = "\n".join([*lines[:number], changed, *lines[number + 1 :]])
            if text not in made and len(made) < count:
                made.add(text)
                yield Seeded(maker.__name__.strip("_"), text, number + 1, mend)


def told(mistake: Seeded, folder: Path) -> list[Mistake]:
    path = folder / "criteria.toml"
    path.write_text(mistake.text, encoding="utf-8")
    return check_criteria(path, the_catalogue().items)[1]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Seeded, list[Mistake]]]:
    folder = tmp_path_factory.mktemp("seeded")
    return [(mistake, told(mistake, folder)) for mistake in seeded(MISTAKES)]


def test_every_one_is_caught_at_its_line(outcomes: list[tuple[Seeded, list[Mistake]]]) -> None:
    wrong = [
        (m.kind, m.line, m.text.split("\n")[m.line - 1], [t.text("f") for t in found])
        for m, found in outcomes
        if m.line not in {t.line for t in found}
    ]
    assert len(outcomes) == MISTAKES
    assert wrong == []


def test_nine_of_ten_come_with_the_right_mend(outcomes: list[tuple[Seeded, list[Mistake]]]) -> None:
    without = [m for m, found in outcomes if not _is_mended(m, found)]
    assert len(without) <= MISTAKES // 10, Counter(m.kind for m in without)


def _is_mended(mistake: Seeded, found: list[Mistake]) -> bool:
    """A hint at the line offers what was there, and as the first of its guesses."""
    here = [t.nearest for t in found if t.line == mistake.line]
    offered = [re.findall(r"did you mean '([^']+)'", hint) for hint in here]
    return any(
        [mistake.mend] == guess or (not guess and mistake.mend in hint)
        for guess, hint in zip(offered, here, strict=True)
    )


def test_control_the_files_as_they_are_hold_no_mistake(tmp_path: Path) -> None:
    for path in SETS:
        text = path.read_text(encoding="utf-8").partition("\n[[expect]]")[0]
        assert told(Seeded("none", text, 0, ""), tmp_path) == []
