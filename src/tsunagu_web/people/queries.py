"""Reads of persons; callers ask `access` first, which knows children and not everybody beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from tsunagu_web.access.reach import read_for_the_program, the_program
from tsunagu_web.access.written import ask
from tsunagu_web.people.models import Kinship, Membership, Person


def known_on(day: dt.date | None) -> Q:
    """Rows as they were known at the end of a day; None: as they are known now."""
    if day is None:
        return Q(known_to__isnull=True)
    return Q(known_from__lte=day) & (Q(known_to__isnull=True) | Q(known_to__gt=day))


def true_on(day: dt.date) -> Q:
    """Rows that speak of a time which holds this day."""
    return (Q(valid_from__isnull=True) | Q(valid_from__lte=day)) & (Q(valid_to__isnull=True) | Q(valid_to__gt=day))


def with_households(person_ids: Iterable[str]) -> frozenset[str]:
    """These persons and everybody who is or was in one of their households, at whatever time."""
    asked = sorted(person_ids)
    # Asked to learn who the viewer is: nothing is in reach yet, and only numbers are read.
    members = memberships_beside(asked).values_list("person_id", flat=True)
    return frozenset(asked) | frozenset(read_for_the_program(members))


def memberships_beside(person_ids: Iterable[str] | QuerySet[Any, Any]) -> QuerySet[Membership]:
    """Every membership, present or former, in a household where one of these persons is or was."""
    of_them = Membership.objects.filter(known_on(None), person__in=person_ids).values("household")
    return Membership.objects.filter(known_on(None), household__in=of_them)


def household_of(person_id: str, day: dt.date, *, as_known_on: dt.date | None = None) -> list[Membership]:
    """The other members of the person's households on a day, oldest first; each membership with its person."""
    if as_known_on is None:
        return ask(_household, person_id=person_id, day=day)
    return list(_household(person_id, day, as_known_on))


def _household(person_id: str, day: dt.date, as_known_on: dt.date | None = None) -> QuerySet[Membership]:
    rows = Membership.objects.filter(known_on(as_known_on), true_on(day))
    own = rows.filter(person=person_id).values("household")
    others = rows.filter(household__in=own).exclude(person=person_id)
    return others.select_related("person", "person__child").order_by("household", "person__birth_date", "person")


def kin_of(person_id: str, *, as_known_on: dt.date | None = None) -> list[Kinship]:
    """Everybody entered or derived as kin, present and former, nearest kinds first."""
    rows = Kinship.objects.filter(known_on(as_known_on), person=person_id).select_related("relative", "entered_by")
    return sorted(rows, key=lambda row: (_ORDER.index(row.kind), row.relative.birth_date or dt.date.max, row.pk))


def households_of(person_id: str) -> list[list[Membership]]:
    """Everybody of each household the person is or was in, household by household, the person's own row first."""
    rows = memberships_beside([person_id]).select_related("person")
    found: dict[str, list[Membership]] = {}
    for row in rows.order_by("household", "person__birth_date", "person"):
        found.setdefault(row.household, []).append(row)
    return [sorted(of_one, key=lambda row: row.person_id != person_id) for of_one in found.values()]


_ORDER = ("guardian", "parent", "step_parent", "foster_parent", "sibling", "grandparent", "child", "other_kin")


def names_of(persons: Iterable[str]) -> dict[str, str]:
    """Names by person id, for the audit room to compare with those of staff; they are never shown there."""
    wanted = sorted(set(persons))
    names: dict[str, str] = {}
    with the_program():
        for start in range(0, len(wanted), 900):
            names |= dict(Person.objects.filter(pk__in=wanted[start : start + 900]).values_list("pk", "name"))
    return names
