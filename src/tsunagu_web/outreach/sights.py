"""Writing that somebody saw the child, and starting the clock where injuries were seen: one transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from tsunagu.casework.clock import Cause, Change
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.outreach import clock
from tsunagu_web.outreach.models import Injuries, SightConfirmation
from tsunagu_web.steps.once import is_of_today, is_same, require_same


@dataclass(frozen=True)
class Seen:
    """What somebody recorded of having seen the child. form: the form's own mark."""

    seen_on: dt.date
    seen_by: str
    seen_by_name: str
    place: str
    place_words: str
    condition: str
    injuries: str
    injury_words: str
    form: uuid.UUID


def said_already(child: Child, viewer: Viewer, seen: Seen) -> SightConfirmation | None:
    """The sight this person recorded last of the child, where it was today in these very words and stands."""
    newest = SightConfirmation.objects.filter(child=child, by_id=viewer.staff_id).order_by("-pk").first()
    said = {name: value for name, value in vars(seen).items() if name != "form"}
    stands = newest and is_of_today(newest.at) and not hasattr(newest, "taken_back")
    return newest if stands and is_same(newest, said) else None


def confirm(child: Child, viewer: Viewer, seen: Seen) -> SightConfirmation:
    """Records it; the same form again gives what it made first."""
    with transaction.atomic():
        case = Case.objects.select_for_update().filter(child=child, state="open").first()
        made_before = SightConfirmation.objects.filter(form=seen.form, child=child, by_id=viewer.staff_id).first()
        if made_before is not None:
            require_same(made_before, asdict(seen))
            return made_before
        sight = SightConfirmation.objects.create(
            child=child, case=case, by_id=viewer.staff_id, at=timezone.now(), **asdict(seen)
        )
        append(
            action="confirm_sight",
            object="sight",
            staff=viewer,
            purpose=viewer.purpose,
            persons=[child.pk],
            detail={"number": sight.pk},
            content=sight,
        )
        if case is not None and seen.injuries == Injuries.SEEN:
            clock.start(case, Cause.INJURY, [Change(Cause.INJURY, f"sight:{sight.pk}", seen.seen_on)])
    return sight
