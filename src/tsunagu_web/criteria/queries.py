"""Reads: the trial of the current run, drafts, and where each of them stands."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow.parquet as pq
from django.http import HttpRequest

from tsunagu.evaluation.whatif import Trial
from tsunagu.runs.approval import APPROVALS
from tsunagu.screening.carried import restored
from tsunagu.screening.criteria import Criteria
from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Run
from tsunagu_web.cases.queries import current_run
from tsunagu_web.criteria.models import Draft, NamelessTable, Verdict
from tsunagu_web.criteria.taking_in import opened


@dataclass(frozen=True)
class Opened:
    """The run's criteria, what it carries of them, and the table to count on."""

    carrying: dict[str, Any]
    criteria: Criteria
    trial: Trial


@dataclass(frozen=True)
class Standing:
    """A draft with what was said of it. state: waiting, approved, refused, or past where another version came first."""

    draft: Draft
    verdicts: tuple[Verdict, ...]
    state: str

    @property
    def agreed(self) -> tuple[Verdict, ...]:
        return tuple(one for one in self.verdicts if one.agrees)


def opened_trial(request: HttpRequest) -> tuple[Run, Opened] | None:
    """The run the desk shows and its trial; None where it carries no criteria, or there is no run."""
    run = current_run(request)
    if run is None or not NamelessTable.objects.filter(pk=run.seal).exists():
        return None
    return run, _opened(run.seal)


@lru_cache(maxsize=1)
def _opened(seal: str) -> Opened:
    """Opened once in a process: the seal is a digest of the run, so another content has another seal."""
    row = NamelessTable.objects.get(pk=seal)
    carrying = json.loads(row.carried)
    criteria, _mistakes = restored(carrying)
    return Opened(carrying, criteria, Trial(pq.read_table(io.BytesIO(opened(row))), criteria))


def standings(criteria: Criteria | None = None) -> list[Standing]:
    """Every draft, the newest first. criteria: those in force by the run, after which earlier drafts are past."""
    drafts = Draft.objects.select_related("by").prefetch_related("verdicts__by").order_by("-pk")
    return [standing_of(draft, criteria) for draft in drafts]


def standing_of(draft: Draft, criteria: Criteria | None) -> Standing:
    said = tuple(sorted(draft.verdicts.all(), key=lambda one: one.at))
    return Standing(draft, said, _state(draft, said, criteria))


def may_say(viewer: Viewer, standing: Standing) -> bool:
    """Whether this person may approve or refuse it now: not its author, not twice, and of a duty that did not agree."""
    return (
        standing.state == "waiting"
        and may(viewer, Thing.CRITERIA, Action.APPROVE)
        and standing.draft.by_id != viewer.staff_id
        and viewer.staff_id not in {one.by_id for one in standing.verdicts}
        and viewer.role not in {one.by_as for one in standing.agreed}
    )


def _state(draft: Draft, said: Sequence[Verdict], criteria: Criteria | None) -> str:
    if any(not one.agrees for one in said):
        return "refused"
    if sum(one.agrees for one in said) >= APPROVALS:
        return "approved"
    is_next = criteria is None or (draft.name, draft.base) == (criteria.id, criteria.version)
    return "waiting" if is_next else "past"
