"""Who can be told at all: active staff, the supervisors of each team, and never of a child they must not see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q

from tsunagu_web.access.models import Conflict, Duty
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.people.queries import with_households

Numbers = frozenset[int]


class Office:
    """The staff on a day, read once."""

    def __init__(self, on: dt.date) -> None:
        self._roles = dict(Staff.objects.filter(is_active=True).values_list("pk", "role"))
        in_force = Duty.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), kind="team", starts_on__lte=on)
        self._supervisors: dict[str, set[int]] = {}
        for staff, team in in_force.values_list("staff_id", "key"):
            if self._roles.get(staff) == Role.SUPERVISOR:
                self._supervisors.setdefault(team, set()).add(staff)
        own: dict[int, set[str]] = {}
        for staff, person in Conflict.objects.filter(ended_at__isnull=True).values_list("staff_id", "person_id"):
            own.setdefault(staff, set()).add(person)
        self._blocked = {staff: with_households(persons) for staff, persons in own.items()}

    def supervisors(self, team: str, *, but: int | None = None) -> Numbers:
        """Supervisors of the team, without the one whose step they are to check."""
        return frozenset(self._supervisors.get(team, ())) - {but or 0}

    def in_roles(self, *roles: Role, but: int | None = None) -> Numbers:
        return frozenset(staff for staff, role in self._roles.items() if role in roles and staff != but)

    def who_may_be_told(self, staff: Iterable[int | None], person_id: str) -> Numbers:
        """Of these the active ones from whom the child is not kept; a part that nobody fills is None."""
        return frozenset(
            one
            for one in staff
            if one is not None and one in self._roles and person_id not in self._blocked.get(one, ())
        )
