"""Recording what is done for a family, for the chosen lines together; a second click records nothing more."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from tsunagu.casework.machines import OFFER
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.offers.models import Finding, Offer
from tsunagu_web.offers.queries import Line
from tsunagu_web.offers.ways import Ways
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.once import UsedMark
from tsunagu_web.steps.services import ChangedMeanwhile, begin, take, taken_again, taken_with

#: What somebody may choose, in the order of the page; `take_up` is the first step of each and asks nobody.
ACTS = ("confirm", "plan_way", "tell", "miss", "put_back", "apply", "receive", "turn_down", "offer_again")
NEED_A_REASON = ("put_back", "turn_down", "offer_again")


class NotConfirmed(Exception):
    """No record says whether the family receives it, and nobody has asked; nothing was written."""


@dataclass(frozen=True)
class Act:
    """What somebody records for the lines they chose. seen: the revision of each line on the page, 0 before it began;
    way, on: of a plan; form: the form's own mark."""

    name: str
    seen: Sequence[int]
    form: uuid.UUID
    way: str = ""
    on: dt.date | None = None
    reason: str = ""


def was_recorded(viewer: Viewer, act: str, reason: str, mark: uuid.UUID, keys: Sequence[str]) -> bool:
    """Whether this very form did this already, for each of these lines. raises UsedMark where it did something else"""
    marks = [uuid.uuid5(mark, key) for key in keys]
    taken = list(Step.objects.filter(form__in=marks, by_id=viewer.staff_id).values_list("move", "reason"))
    if taken and set(taken) != {(act, reason.strip())}:
        raise UsedMark
    return bool(marks) and len(taken) == len(marks)


def record(viewer: Viewer, lines: Sequence[Line], act: Act, ways: Ways) -> bool:
    """Takes the step for each line, all or none. False when this very form had done so before.

    raises  WayClosed, NotConfirmed, NotNow, ChangedMeanwhile, UsedMark
    """
    if act.name == "plan_way":
        ways.require(act.way)
    with transaction.atomic():
        return any([_one(viewer, line, act, seen) for line, seen in zip(lines, act.seen, strict=True)])


def _one(viewer: Viewer, line: Line, act: Act, seen: int) -> bool:
    mark = uuid.uuid5(act.form, line.key)
    row, is_new = Offer.objects.get_or_create(
        person_id=line.person_id,
        programme=line.programme,
        defaults={"must_ask": line.found == Finding.Found.CANNOT_TELL},
    )
    if taken_with(mark, viewer):
        taken_again(mark, viewer, row, act.name, act.reason)
        return False
    if is_new:
        if seen:
            raise ChangedMeanwhile
        begin(row, viewer)
        seen = row.revision
    elif seen == 0:
        raise ChangedMeanwhile
    asks = line.found == Finding.Found.CANNOT_TELL
    if act.name == "plan_way" and asks and not row.is_confirmed:
        raise NotConfirmed
    also: dict[str, Any] = {"must_ask": asks}
    if act.name == "plan_way":
        also |= {"way": act.way, "planned_on": act.on}
    elif act.name == "confirm":
        also |= {"is_confirmed": True}
    elif act.name in ("miss", "put_back"):
        also |= {"way": "", "planned_on": None}
    take(row, viewer, act.name, seen=seen, form=mark, reason=act.reason, also=also)
    return True


def acts_for(lines: Sequence[Line]) -> tuple[str, ...]:
    """What could be recorded for at least one of the lines, in the order of the page."""
    found = set()
    for line in lines:
        names = {move.name for move in OFFER.moves_from(line.state or OFFER.initial)}
        found |= names if line.must_ask else names - {"confirm"}
    return tuple(name for name in ACTS if name in found)
