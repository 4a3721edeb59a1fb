"""The machine's level and its reasons, as they are put beside somebody's own judgment, and whether the two agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.assessment.models import Need
from tsunagu_web.cases import words as w
from tsunagu_web.cases.models import Child, Run
from tsunagu_web.cases.reasons import Reasons, reasons_for

# Cities name their levels themselves; what a level means for a child is told by its tone.
_SAME: Mapping[str, frozenset[str]] = {
    "priority": frozenset({Need.SUPPORT, Need.PROTECTION}),
    "preventive": frozenset({Need.SUPPORT}),
    "watch": frozenset({Need.WATCH}),
    "undecided": frozenset({Need.UNCLEAR}),
    "none": frozenset({Need.NONE}),
}


@dataclass(frozen=True)
class Machine:
    """level: the city's word; empty when the run did not notice the child. run: its seal."""

    level: str
    name: str
    tone: str
    reasons: Reasons
    run: str


def level_of(child: Child) -> str:
    """The level the current run gives; empty for a child it did not notice."""
    return child.level if child.is_listed else ""


def agree(words: w.Words, level: str, need: str) -> bool:
    """Whether people and machine say the same; a level that the run does not word agrees with nothing."""
    return need in _SAME.get(w.level_tone(words, level) if level else "none", frozenset())


def machine_of(viewer: Viewer, child: Child, run: Run) -> Machine | None:
    """What the machine says of the child now; None for a role that does not know levels."""
    about = child.subject()
    if not may(viewer, Thing.LEVEL, about=about):
        return None
    level = level_of(child)
    reasons = reasons_for(viewer, run.words, list(child.reasons.all()) if level else [], about)
    return Machine(
        level,
        w.level_name(run.words, level) if level else "",
        w.level_tone(run.words, level) if level else "none",
        reasons,
        run.seal,
    )
