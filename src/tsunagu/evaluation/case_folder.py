"""Reads a folder of cases (records/guidance_tables): simulated ones, or a centre's own without names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tsunagu.errors import EngineError, SourceError
from tsunagu.guidance.answers import Answer, State
from tsunagu.guidance.many import ManySheets
from tsunagu.guidance.sheet import GRAVEST, SITES, Sheet
from tsunagu.records.guidance_tables import (
    CASE_ANSWERS,
    CASES,
    DECISIONS,
    GUIDANCE_TABLES,
    NEEDED,
    OUTCOMES,
    PANEL,
    SIMULATED_TRUTH,
    VIEWS,
)
from tsunagu.records.shapes import TableShape

AGREED = "agreed"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """One case with what the floor says of it.

    about      its row of `cases`; answers: of the first person, again: of the second one, if any
    demanded   rank of the class that known signs demand; floor: of the one that cannot be excluded; 1 is the gravest
    members    class of each member of the panel; agreed: what they came to, or the truth; None: not judged
    """

    id: str
    about: Row
    answers: dict[str, Answer]
    again: dict[str, Answer] | None
    demanded: int
    floor: int
    members: dict[str, int] = field(default_factory=dict)
    agreed: int | None = None
    decision: Row | None = None
    outcome: Row | None = None
    truth: Row | None = None

    @property
    def calls_now(self) -> bool:
        """Whether the floor says: talk about protection now."""
        return self.floor == 1


@dataclass(frozen=True)
class CaseFolder:
    """Every case in the order of its day; views of the reading study; which tables are not there."""

    sheet: Sheet
    cases: tuple[Case, ...]
    views: tuple[Row, ...]
    lacking: tuple[str, ...]


def read_case_folder(folder: Path, sheet: Sheet, *, needed: Sequence[TableShape] = NEEDED) -> CaseFolder:
    """The cases of a folder; SourceError where a needed table is missing or one does not fit the layout.

    needed  the tables without which there is nothing to read; any other one may be missing
    """
    tables = {shape.name: _read(folder, shape) for shape in GUIDANCE_TABLES}
    lacking = tuple(name for name, rows in tables.items() if rows is None)
    for shape in needed:
        if tables[shape.name] is None:
            raise SourceError(
                f"there is no {shape.name}.parquet",
                where=str(folder),
                to_do="The tables a folder of cases needs stand in docs/reference/case-folder.md.",
            )
    answers = _answers(tables[CASE_ANSWERS.name] or [], sheet)
    members: dict[str, dict[str, int]] = defaultdict(dict)
    for row in tables[PANEL.name] or []:
        members[row["case_id"]][row["rater"]] = row["urgency"]
    by_case = {
        name: {row["case_id"]: row for row in tables[name] or []}
        for name in (DECISIONS.name, OUTCOMES.name, SIMULATED_TRUTH.name)
    }
    many = ManySheets(sheet)
    cases = []
    for row in sorted(tables[CASES.name] or [], key=lambda row: (row["received_on"], row["case_id"])):
        id = row["case_id"]
        given = answers.get((id, 1), {})
        demanded, floor = many.ranks(given)
        cases.append(
            Case(
                id,
                row,
                given,
                answers.get((id, 2)),
                demanded,
                floor,
                {name: urgency for name, urgency in members[id].items() if name != AGREED},
                members[id].get(AGREED),
                by_case[DECISIONS.name].get(id),
                by_case[OUTCOMES.name].get(id),
                by_case[SIMULATED_TRUTH.name].get(id),
            )
        )
    return CaseFolder(sheet, tuple(cases), tuple(tables[VIEWS.name] or ()), lacking)


def _read(folder: Path, shape: TableShape) -> list[Row] | None:
    path = folder / f"{shape.name}.parquet"
    if not path.is_file():
        return None
    try:
        rows: list[Row] = shape.check(pq.read_table(path)).to_pylist()
    except EngineError as error:
        raise SourceError(
            error.what, where=str(path), to_do="The columns stand in docs/reference/case-folder.md."
        ) from error
    except (OSError, pa.ArrowException) as error:
        raise SourceError(f"the table cannot be read ({type(error).__name__})", where=str(path)) from error
    return rows


def _answers(rows: list[Row], sheet: Sheet) -> dict[tuple[str, int], dict[str, Answer]]:
    found: dict[tuple[str, int], dict[str, Answer]] = defaultdict(dict)
    known: dict[tuple[Any, ...], Answer] = {}
    for place, row in enumerate(rows):
        sites = row["sites"]
        key = (row["question"], row["state"], row["grade"], row["extent"], None if sites is None else tuple(sites))
        answer = known.get(key)
        if answer is None:
            answer = known[key] = _answer(row, sheet, place)
        found[(row["case_id"], row["entered_by"])][row["question"]] = answer
    return found


def _answer(row: Row, sheet: Sheet, place: int) -> Answer:
    """One answer; what has no meaning in the sheet is refused by its row, never read as absent."""
    question = sheet.by_id.get(row["question"])
    sites = row["sites"]
    numbers = [value for value in (row["grade"], row["extent"]) if value is not None]
    if (
        question is None
        or row["state"] not in set(State)
        or not all(1 <= value <= GRAVEST for value in numbers)
        or (row["state"] != State.PRESENT and (numbers or sites is not None))
        or not set(sites or ()) <= set(SITES)
    ):
        raise SourceError(
            f"an answer has no meaning in the sheet {sheet.name}",
            where=f"{CASE_ANSWERS.name}.parquet, row {place}",
            to_do="Give the folder's own version of the sheet, or repair the row.",
        )
    return Answer(State(row["state"]), row["grade"], row["extent"], None if sites is None else frozenset(sites))
