"""The statute's clocks as tasks of whoever protects; before a last day has passed, a supervisor gets one as well."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu.casework.protection import appeal_by
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.protection.models import Protection
from tsunagu_web.steps.services import take
from tsunagu_web.tasks.models import Task
from tsunagu_web.tasks.services import Asked, set_by_the_program

WARRANT, LIMIT, HEARING, HEARING_OF_END, REFUSAL = "warrant", "limit", "hearing", "hearing_of_end", "refusal"
WHAT = {
    WARRANT: gettext_lazy("Temporary protection: ask for the court's warrant by %(day)s, the last of the seven days"),
    LIMIT: gettext_lazy("Temporary protection: end it, or prolong it as the law asks, by %(day)s"),
    HEARING: gettext_lazy("Temporary protection: hear the child's own view, or record why it cannot be had"),
    HEARING_OF_END: gettext_lazy(
        "The end of the protection: hear the child's own view, or record why it cannot be had"
    ),
    REFUSAL: gettext_lazy("The warrant was refused: end the protection at once, or appeal by %(day)s"),
}
#: So many days before the last one a supervisor is given the task as well.
TOLD_AHEAD = {WARRANT: 2, LIMIT: 14, HEARING: 0, REFUSAL: 3}
_ABOVE = " above"  # the supervisor's task of a clock
_HEARD_WITHIN = dt.timedelta(days=1)


def start(one: Protection, kind: str, owner_id: int, due_on: dt.date) -> bool:
    """Sets the task of a clock, once for its day; False where it stands there already."""
    return set_by_the_program(
        one.child_id, Asked(_words(kind, due_on), owner_id, due_on, _mark(one, kind)), Task.Origin.OF_PROTECTION, one.pk
    )


def end(one: Protection, kind: str, viewer: Viewer) -> None:
    """Finishes the open task of a clock, and the supervisor's."""
    marks = [_mark(one, kind), _mark(one, f"{kind}{_ABOVE}")]
    for task in Task.objects.filter(form__in=marks, state=Task.State.OPEN):
        take(task, viewer, "finish", seen=task.revision)


def end_all(one: Protection, viewer: Viewer, *, but: str = "") -> None:
    """Every clock of a protection that has ended."""
    for kind in WHAT:
        if kind != but:
            end(one, kind, viewer)


def due(one: Protection) -> Iterator[tuple[str, dt.date]]:
    """(clock, its last day) of everything that is open of a protection now, the nearest first."""
    yield from sorted(_due(one), key=lambda found: found[1])


def keep_time(now: dt.datetime, supervisors: Callable[[str], Iterable[int]]) -> int:
    """Gives a supervisor of the child's team each clock whose last day is near. supervisors: of a team, by its key.

    gives  how many tasks were set
    """
    today, made = timezone.localdate(now), 0
    open_ones = Protection.objects.filter(state=Protection.State.UNDER_PROTECTION).select_related("child")
    for one in open_ones:
        owner = next(iter(sorted(supervisors(one.child.team))), None)
        for kind, last in due(one) if owner is not None else ():
            if today >= last - dt.timedelta(days=TOLD_AHEAD[kind]):
                asked = Asked(_words(kind, last), owner, last, _mark(one, f"{kind}{_ABOVE}"))
                made += set_by_the_program(one.child_id, asked, Task.Origin.OF_PROTECTION, one.pk)
    return made


def hearing_by(began_on: dt.date) -> dt.date:
    """The law says promptly; the desk asks for it by the next day."""
    return began_on + _HEARD_WITHIN


def _due(one: Protection) -> Iterator[tuple[str, dt.date]]:
    if one.state != Protection.State.UNDER_PROTECTION:
        return
    yield LIMIT, one.limit_on
    if one.needs_warrant:
        yield WARRANT, one.warrant_by
    if one.warrant == "refused" and one.warrant_on is not None:
        yield REFUSAL, appeal_by(one.warrant_on)
    if one.hearing_id is None and not one.hearings.filter(about="beginning").exists():
        yield HEARING, hearing_by(timezone.localdate(one.began_at))


def _words(kind: str, day: dt.date) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        said = _(str(WHAT[kind]))
        return said % {"day": f"{day:%Y-%m-%d}"} if "%(day)s" in said else said


def _mark(one: Protection, kind: str) -> uuid.UUID:
    """The mark of a clock's task, so that it is set once; a prolonged protection has another last day."""
    days = {LIMIT: one.limit_on, WARRANT: one.consent_on, REFUSAL: one.warrant_on}
    of = days.get(kind.removesuffix(_ABOVE), "")
    return uuid.UUID(bytes=sha256(f"{one.form} {kind} {of}".encode()).digest()[:16])
