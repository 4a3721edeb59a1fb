"""Who a child is, as far as this viewer may know; where the name is hidden the id stands in its place."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Child


@dataclass(frozen=True)
class Who:
    """is_hidden: name, reading and birth date are kept from the viewer, and are not in here."""

    person_id: str
    name: str
    kana: str
    birth_date: dt.date | None
    is_hidden: bool


def who(viewer: Viewer, child: Child) -> Who:
    if not may(viewer, Thing.NAME, about=child.subject()):
        return Who(child.pk, "", "", None, True)
    person = child.person
    return Who(child.pk, person.name, person.kana, person.birth_date, False)
