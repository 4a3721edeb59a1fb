"""Reads: classes, pupils and thresholds a viewer may see. Pupils are opened one by one, for one page."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest

from tsunagu.casework.boards import Thresholds, standard_thresholds
from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import OutOfReach, pupils_visible_to
from tsunagu_web.access.reach import widen
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.looks import record_refusal
from tsunagu_web.boards.days import Records, records_of
from tsunagu_web.boards.models import Pupil, SchoolDay, SchoolThresholds
from tsunagu_web.boards.taking_in import open_vault


@dataclass(frozen=True)
class Opened:
    """A pupil with name, number in class and records, opened for one page."""

    pupil: Pupil
    name: str
    kana: str
    number: int | None
    records: Records


@dataclass(frozen=True)
class ClassOf:
    """A class whose board may be opened. grade, name: None where the roster does not say."""

    school: str
    key: str
    grade: int | None
    name: str
    pupils: int


@dataclass(frozen=True)
class Told:
    """What the school's files say by the day: the last day of attendance and of mood; None: nothing by the day."""

    attendance: dt.date | None
    mood: dt.date | None


def pupils_for(viewer: Viewer) -> QuerySet[Pupil]:
    """Every pupil whose board this person may see; the one source of the room's pages."""
    widen(viewer, Thing.BOARD, Action.VIEW)
    return pupils_visible_to(viewer, Pupil.objects.all())


def classes(viewer: Viewer) -> list[ClassOf]:
    """The classes with a pupil whom the viewer may see, by school, grade and name."""
    found = pupils_for(viewer).values("school", "classroom").annotate(n=Count("pk"))
    made = [class_of(row["school"], row["classroom"], row["n"]) for row in found]
    return sorted(made, key=lambda one: (one.school, one.grade or 99, one.name.zfill(8)))


def class_of(school: str, key: str, pupils: int = 0) -> ClassOf:
    _school, grade, name = key.split(":", 2) if key else ("", "", "")
    return ClassOf(school, key, int(grade) if grade else None, name, pupils)


def class_board(viewer: Viewer, school: str, classroom: str) -> list[Opened]:
    """The pupils of a class by their number in class; Http404 where the viewer may see none of it."""
    found = list(pupils_for(viewer).filter(school=school, classroom=classroom))
    if not found:
        raise Http404
    days = school_days(school)
    opened = _opened(found, {school: days})
    return sorted(opened, key=lambda one: (one.number is None, one.number or 0, one.kana, one.pupil.pk))


def require_pupil(request: HttpRequest, person_id: str) -> Opened:
    """The pupil, or a refusal that is shown and recorded; one who does not exist is answered alike."""
    pupil = pupils_for(request.viewer).filter(pk=person_id).first()
    if pupil is None:
        record_refusal(request, Thing.BOARD, Action.VIEW, [person_id])
        raise OutOfReach
    return _opened([pupil], {pupil.school: school_days(pupil.school)})[0]


def school_days(school: str) -> list[SchoolDay]:
    return list(SchoolDay.objects.filter(school=school).order_by("day"))


def told_by_day(records: Iterable[Records]) -> Told:
    """Until when anybody's records say something by the day."""
    days = [day for one in records for day in one.days]
    return Told(
        attendance=max((d.day for d in days if d.attendance != "not_told"), default=None),
        mood=max((d.day for d in days if d.mood != "not_told"), default=None),
    )


@dataclass(frozen=True)
class InForce:
    """The thresholds of a school. row: as the school set them; None: the standard ones, nobody has chosen yet."""

    school: str
    row: SchoolThresholds | None

    @property
    def rules(self) -> Thresholds:
        return self.row.rules if self.row else standard_thresholds()

    @property
    def number(self) -> int:
        return self.row.number if self.row else 0


def thresholds_of(school: str) -> InForce:
    return InForce(school, _rows(school).first())


def thresholds_before(school: str) -> list[SchoolThresholds]:
    """All that the school has set, the newest first."""
    return list(_rows(school).select_related("by"))


def schools_of(viewer: Viewer) -> list[str]:
    """The schools whose thresholds the viewer may see: by duty for the school, or for a class of it."""
    if not may(viewer, Thing.THRESHOLD):
        return []
    return sorted(viewer.schools | {key.split(":")[0] for key in viewer.classrooms})


def require_school(viewer: Viewer, asked: str, action: Action = Action.VIEW) -> str:
    """The school asked for, or the only one, where it is the viewer's; Http404 otherwise."""
    mine = schools_of(viewer) if action is Action.VIEW else sorted(viewer.schools)
    school = asked or (mine[0] if mine else "")
    if school not in mine:
        raise Http404
    return school


def _rows(school: str) -> QuerySet[SchoolThresholds]:
    return SchoolThresholds.objects.filter(school=school).order_by("-number")


def _opened(pupils: Iterable[Pupil], days: dict[str, list[SchoolDay]]) -> list[Opened]:
    vault = open_vault()
    made = []
    for pupil in pupils:
        content: dict[str, Any] = vault.open(pupil.pk, pupil.sealed)
        records = records_of(defaultdict(list, content["records"]), days[pupil.school])
        made.append(Opened(pupil, content["name"], content["kana"], content["number"], records))
    return made
