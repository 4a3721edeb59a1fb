"""Simulated people who read simulated cases: a panel of veterans, and the readers of a study with and without the tool.

A reader sees the danger through noise of their own; a novice through more, and too low. What is shown draws a view to
it; where it was made wrong on purpose most readers stay with their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from tsunagu.guidance.many import ManySheets
from tsunagu.simulated_cases.case import SimulatedCase
from tsunagu.simulated_cases.causes import CLASSES, urgency_of

PANEL = ("veteran-1", "veteran-2", "veteran-3")
AGREED = "agreed"
READERS = 12
CASES_EACH = 60
#: Of outputs shown in the study, how often one is made wrong on purpose.
SEEDED_WRONG = 0.1
_NOISE = {"novice": 0.75, "veteran": 0.3}
_FOLLOWS = {"novice": 0.55, "veteran": 0.2}
_FOLLOWS_WRONG = {"novice": 0.12, "veteran": 0.05}
_MINUTES = {"novice": 16.0, "veteran": 11.0}
_LEAST = len(CLASSES) + 1


def panel_of(case: SimulatedCase, chance: Random) -> Iterator[tuple[str, int]]:
    """Every member with their class, then what they agree on: the truth."""
    for rater in PANEL:
        yield rater, urgency_of(case.danger + chance.gauss(0.0, 0.25))
    yield AGREED, case.urgency


def reading_study(cases: Sequence[tuple[str, SimulatedCase]], many: ManySheets, seed: int) -> list[dict[str, object]]:
    """Rows of `views`: every reader reads the same cases without the tool and, later, with it."""
    chance = Random(seed)
    rows: list[dict[str, object]] = []
    for experience in ("novice", "veteran"):
        for reader in range(1, READERS + 1):
            for id, case in chance.sample(cases, min(CASES_EACH, len(cases))):
                shown = many.ranks(case.answers)[0]
                for with_tool in (False, True):
                    rows.append(_view(id, case, f"{experience}-{reader}", with_tool, shown, chance))
    return rows


def _view(id: str, case: SimulatedCase, reader: str, with_tool: bool, shown: int, chance: Random) -> dict[str, object]:
    experience = reader.partition("-")[0]
    before = urgency_of(case.danger + chance.gauss(-0.3 if experience == "novice" else 0.0, _NOISE[experience]))
    is_wrong = with_tool and chance.random() < SEEDED_WRONG
    told = (1 if shown > 2 else _LEAST) if is_wrong else shown
    follows = _FOLLOWS_WRONG[experience] if is_wrong else _FOLLOWS[experience]
    after = told if with_tool and told != before and chance.random() < follows else before
    return {
        "case_id": id,
        "reader": reader,
        "experience": experience,
        "with_tool": with_tool,
        "urgency_before": before,
        "urgency_after": after,
        "shown": told if with_tool else None,
        "is_seeded_wrong": is_wrong,
        "minutes": round(_MINUTES[experience] * chance.lognormvariate(0.0, 0.35) * (1.04 if with_tool else 1.0), 1),
    }
