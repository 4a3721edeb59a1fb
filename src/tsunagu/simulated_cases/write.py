"""Writes simulated cases as a folder in the layout that a centre's own cases can have too (records/guidance_tables)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from tsunagu.errors import SourceError
from tsunagu.guidance.answers import Answer
from tsunagu.guidance.load_sheet import standard_sheet
from tsunagu.guidance.many import ManySheets
from tsunagu.records.guidance_tables import (
    CASE_ANSWERS,
    CASES,
    DECISIONS,
    OUTCOMES,
    PANEL,
    SIMULATED_TRUTH,
    VIEWS,
)
from tsunagu.records.shapes import TableShape
from tsunagu.simulated_cases.case import SimulatedCase, draw_cases
from tsunagu.simulated_cases.readers import panel_of, reading_study
from tsunagu.simulated_cases.signs import enter_again

_FIRST_DAY = dt.date(2023, 4, 1)
_DAYS = 1096
#: How many cases a second person enters too, and how many the reading study draws from.
ENTERED_TWICE = 400
STUDIED = 600


def write_simulated_cases(folder: Path, cases: int, seed: int) -> None:
    """So many cases in the order of their days, equal arguments equal bytes; SourceError where a folder stands."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise SourceError(
            "the folder is already there", where=str(folder), to_do="Name a folder that is not there yet."
        ) from error
    drawn = [(f"c{place:06d}", case) for place, case in enumerate(draw_cases(cases, seed), start=1)]
    # What people do with the cases is drawn apart, so that more readers change no case.
    chance = Random(f"readers {seed}")
    many = ManySheets(standard_sheet())
    _write(folder, CASES, (_case(id, case, place / cases, chance) for place, (id, case) in enumerate(drawn)))
    _write(folder, CASE_ANSWERS, _answers(drawn, chance))
    _write(
        folder,
        PANEL,
        (
            {"case_id": id, "rater": rater, "urgency": urgency}
            for id, case in drawn
            for rater, urgency in panel_of(case, chance)
        ),
    )
    _write(folder, DECISIONS, (_decision(id, case) for id, case in drawn))
    _write(folder, OUTCOMES, ({"case_id": id, **vars(case.outcome)} for id, case in drawn if case.outcome))
    _write(folder, VIEWS, reading_study(drawn[-STUDIED:], many, seed))
    _write(folder, SIMULATED_TRUTH, (_truth(id, case) for id, case in drawn))


def _write(folder: Path, shape: TableShape, rows: Iterator[dict[str, object]] | list[dict[str, object]]) -> None:
    table = shape.sorted(pa.Table.from_pylist(list(rows), schema=shape.schema))
    pq.write_table(table, folder / f"{shape.name}.parquet", compression="zstd")


def _case(id: str, case: SimulatedCase, part: float, chance: Random) -> dict[str, object]:
    causes = case.causes
    return {
        "case_id": id,
        "centre": causes.centre.id,
        "received_on": _FIRST_DAY + dt.timedelta(days=int(part * _DAYS)),
        "abuse": causes.abuse,
        "also": causes.also,
        "age_years": causes.months // 12,
        "complexity": causes.complexity,
        "notifier": causes.notifier,
        "sex": causes.sex,
        "nationality": causes.nationality,
        "disability": causes.disability,
        "welfare": causes.welfare,
        "entry_minutes": round(3.6 * chance.lognormvariate(0.0, 0.4), 1),
    }


def _answers(drawn: list[tuple[str, SimulatedCase]], chance: Random) -> Iterator[dict[str, object]]:
    step = max(1, len(drawn) // ENTERED_TWICE)
    for place, (id, case) in enumerate(drawn):
        yield from _entered(id, 1, case.answers)
        if place % step == 0:
            yield from _entered(id, 2, enter_again(case.answers, chance))


def _entered(id: str, by: int, answers: Mapping[str, Answer]) -> Iterator[dict[str, object]]:
    for question, answer in answers.items():
        yield {
            "case_id": id,
            "entered_by": by,
            "question": question,
            "state": answer.state.value,
            "grade": answer.grade,
            "extent": answer.extent,
            "sites": None if answer.sites is None else sorted(answer.sites),
        }


def _decision(id: str, case: SimulatedCase) -> dict[str, object]:
    decision = case.decision
    decided = "protected" if decision.is_protected else "home"
    return {"case_id": id, "decided": decided, "support": decision.support, "experience": decision.experience}


def _truth(id: str, case: SimulatedCase) -> dict[str, object]:
    severity = case.causes.gravest
    return {"case_id": id, "severity": severity, "danger": case.danger, "harm_at_home": case.harm_at_home}
