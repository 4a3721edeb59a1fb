"""Evaluates guidance on a folder of cases: every item of the acceptance protocol with its bound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec

from tsunagu.errors import SourceError, StateError
from tsunagu.estimates.estimate import Estimate
from tsunagu.evaluation.case_folder import Case, CaseFolder
from tsunagu.evaluation.floor_items import critical_items, dispute_items, entry_items, panel_items
from tsunagu.evaluation.protocol import GuidanceReport, Item, Verdict, lacking
from tsunagu.evaluation.reader_items import bias_items, study_items

ALPHA = 0.015
_SIMULATED_TRUTH = "simulated: it says what the model assumes, not what is so"
_OF_PEOPLE = frozenset(("A1", "A3", "A4", "A7", "A8", "A9"))
_OF_THE_ESTIMATE = (
    ("A5", "cases of which something is said, 60 % or more"),
    ("A6", "calibration slope 0.8 to 1.2 with each centre left out"),
    ("A10", "no gap between groups above 5 points"),
    ("E1", "severe harm at home among those called low"),
    ("E2", "the estimate tells apart better than the floor alone, beyond chance"),
)


def evaluate_guidance(folder: CaseFolder, *, train: int, alpha: float = ALPHA) -> GuidanceReport:
    """The report. The first `train` cases teach the estimate, the later ones are held out for every item.

    raises  SourceError where nothing is left to hold out
    """
    teach, held = folder.cases[:train], folder.cases[train:]
    if not held:
        raise SourceError(
            f"{len(folder.cases):,} cases, and the first {train:,} are to teach", to_do="Name fewer with --train."
        )
    of_the_estimate, estimate = _estimate_items(folder, teach, held, alpha)
    items = [
        *panel_items(held),
        *critical_items(held),
        *dispute_items(held),
        *of_the_estimate,
        *study_items(folder.views, folder.cases),
        *bias_items(folder.views),
        *entry_items(held, folder.sheet),
        lacking(
            "A11", "no rise of new notifications in a silent run and by steps from centre to centre", "months of use"
        ),
        lacking("A12", "switched off within an hour, nothing lost", "a drill by the people who run it"),
    ]
    if _is_simulated(held):
        items = [_of_nobody(item) for item in items]
    order = {code: place for place, code in enumerate((*(f"A{n}" for n in range(1, 13)), "E1", "E2"))}
    items.sort(key=lambda item: order[item.code.rstrip("bcd")])
    return GuidanceReport(_about(folder, teach, held), tuple(items), estimate)


def _is_simulated(cases: Sequence[Case]) -> bool:
    return all(case.truth is not None for case in cases)


def _of_nobody(item: Item) -> Item:
    """Simulated members and readers reach nothing and miss nothing."""
    is_of_people = item.code.rstrip("bcd") in _OF_PEOPLE and item.verdict is not Verdict.NOT_IN_THE_DATA
    return replace(item, verdict=Verdict.SIMULATED) if is_of_people else item


def _estimate_items(
    folder: CaseFolder, teach: Sequence[Case], held: Sequence[Case], alpha: float
) -> tuple[list[Item], Estimate | None]:
    """The items on the estimate with it; None where none could be made, and why in every item."""
    if find_spec("numpy") is None:
        return _without("numpy is not installed (extra [models])"), None
    if "outcomes" in folder.lacking or "decisions" in folder.lacking:
        return _without("no decisions or no outcomes"), None
    from tsunagu.evaluation.estimate_items import (
        calibration_items,
        coverage_items,
        group_items,
        hold_out,
        zone_items,
    )

    try:
        spoken = hold_out(folder.sheet, teach, held, alpha)
    except StateError as error:
        return _without(error.what), None
    items = [
        *coverage_items(spoken),
        *calibration_items(folder.sheet, folder.cases, spoken),
        *group_items(spoken),
        *zone_items(spoken),
    ]
    return items, spoken.estimate


def _without(why: str) -> list[Item]:
    return [lacking(code, asked, why) for code, asked in _OF_THE_ESTIMATE]


def _about(folder: CaseFolder, teach: Sequence[Case], held: Sequence[Case]) -> tuple[str, ...]:
    types = Counter(case.about["abuse"] for case in held)
    return (
        f"cases  {len(folder.cases):,}: {len(teach):,} teach, {len(held):,} are held out "
        f"({', '.join(f'{name} {n:,}' for name, n in sorted(types.items()))})",
        f"sheet  {folder.sheet.name}",
        f"truth  {_SIMULATED_TRUTH if _is_simulated(held) else 'what the panel agreed on'}",
    )
