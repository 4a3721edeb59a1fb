"""What stands beside the floor once somebody's own view is recorded: similar past cases, and the estimate.

Nothing of it raises or lowers the floor, and nothing of it is kept with the child: what was shown stands in the log.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from tsunagu.errors import TsunaguError
from tsunagu.estimates.estimate import Speaker, Statement, drift_of
from tsunagu.guidance.answers import of_text
from tsunagu.guidance.sheet import Sheet
from tsunagu.similar_cases.distances import TYPES, Facts
from tsunagu.similar_cases.load_distances import LEAST
from tsunagu.similar_cases.similar import Similar
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import widen
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.days import age_on
from tsunagu_web.cases.who import who
from tsunagu_web.guidance_centre.beside_words import (
    UNREADABLE,
    EstimateWords,
    SimilarWords,
    estimate_words,
    similar_words,
)
from tsunagu_web.guidance_centre.models import AnsweredSheet, Notification
from tsunagu_web.guidance_centre.own_past import is_switched_on, own_cases, speaker
from tsunagu_web.guidance_centre.urgency import Shown

#: Today's cases, for drift: the newest sheets within reach.
_TODAY = 200


@dataclass(frozen=True)
class Beside:
    """similar, estimate: None where the desk was given no past cases, no estimate. as_logged: what was shown."""

    similar: SimilarWords | None
    estimate: EstimateWords | None
    as_logged: dict[str, str]


def beside(viewer: Viewer, one: Notification, shown: Shown) -> Beside:
    """What may be said of these answers, for somebody whose own view of them is recorded (`urgency.shown_to`)."""
    logged: dict[str, str] = {}
    similar, statement = _similar(viewer, one, shown), _statement(viewer, shown)
    if similar is not None:
        logged["similar"] = similar.cause or str(similar.n)
    if statement is not None:
        logged["estimate"] = statement.cause or statement.zone
    return Beside(
        similar_words(shown.sheet, similar, LEAST) if similar is not None else None,
        estimate_words(shown.sheet, statement) if statement is not None else None,
        logged,
    )


def _similar(viewer: Viewer, one: Notification, shown: Shown) -> Similar | None:
    try:
        own = own_cases()
    except TsunaguError:
        # Checked when the desk was served; a file of the city has changed since.
        return Similar(UNREADABLE)
    return None if own is None else own.similar_to(shown.sheet, _facts(viewer, one, shown))


def _facts(viewer: Viewer, one: Notification, shown: Shown) -> Facts:
    """What is compared of the case of now; no more of the child than this person may know."""
    born = who(viewer, one.child).birth_date or one.told.child_born
    age = age_on(born, timezone.localdate(one.received_at))
    complaint = one.told.complaint
    return Facts(shown.answers, age if age is None or age >= 0 else None, complaint if complaint in TYPES else None)


def _statement(viewer: Viewer, shown: Shown) -> Statement | None:
    try:
        found = speaker()
    except TsunaguError:
        return Statement("none", UNREADABLE, None, ())
    if found is None:
        return None
    if found.sheet.sha256 != shown.sheet.sha256:
        return Statement("none", "sheet", None, ())
    is_on = is_switched_on()
    return found.say_beside(
        shown.answers,
        settings.ENVIRONMENT.centre,
        asks_protection=shown.standing.asks_protection,
        is_on=is_on,
        drift=_drift(viewer, found, shown.sheet) if is_on else None,
    )


def _drift(viewer: Viewer, found: Speaker, sheet: Sheet) -> float | None:
    """How far today's cases lie from those the estimate was made from; of each notification its newest sheet."""
    widen(viewer, Thing.URGENCY, Action.VIEW)
    rows = AnsweredSheet.objects.filter(sheet_version__sha256=sheet.sha256)
    rows = visible_to(viewer, rows, thing=Thing.URGENCY, child="notification__child__")
    newest: dict[int, str] = {}
    for notification, answers in rows.order_by("-at", "-pk").values_list("notification_id", "answers")[: 2 * _TODAY]:
        newest.setdefault(notification, answers)
    centre = settings.ENVIRONMENT.centre
    return drift_of(found.estimate, [found.points(of_text(text), centre) for text in list(newest.values())[:_TODAY]])
