"""Writing: what a school wants to be shown. One transaction, one entry in the log, nothing twice."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.boards.models import SchoolThresholds
from tsunagu_web.people.services import ChangedMeanwhile
from tsunagu_web.steps.once import require_same


@dataclass(frozen=True)
class Chosen:
    """What somebody chose. values: by the names of models.CHOSEN; seen: the number of the set the page showed."""

    values: Mapping[str, int | None]
    seen: int
    form: uuid.UUID


def set_thresholds(school: str, viewer: Viewer, chosen: Chosen) -> SchoolThresholds:
    """A new set for the school; the same form again gives the set it made first.

    raises  ChangedMeanwhile when somebody else has set another one after the page was made
    """
    try:
        with transaction.atomic():
            again = SchoolThresholds.objects.filter(form=chosen.form, school=school, by=viewer.staff_id).first()
            if again is not None:
                require_same(again, chosen.values)
                return again
            if SchoolThresholds.objects.filter(school=school).count() != chosen.seen:
                raise ChangedMeanwhile
            made = SchoolThresholds.objects.create(
                school=school,
                number=chosen.seen + 1,
                form=chosen.form,
                by_id=viewer.staff_id,
                at=timezone.now(),
                **chosen.values,
            )
            append(
                action="edit",
                object="threshold",
                staff=viewer,
                purpose=viewer.purpose,
                detail={"number": made.number},
                content=made,
            )
    except IntegrityError as error:  # somebody else at the same moment
        raise ChangedMeanwhile from error
    return made
