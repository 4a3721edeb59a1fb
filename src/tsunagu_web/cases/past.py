"""What was known of a child when: field by field, and the whole as it stood at the end of a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases import queries
from tsunagu_web.cases.days import grade_words, short_day
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.timeline import Timeline, timeline
from tsunagu_web.people.models import Membership, Person, Version
from tsunagu_web.people.versions import FIELDS, as_known, from_text

NAMES: Mapping[str, str | Promise] = {
    "name": _("Name"),
    "kana": _("Reading"),
    "alias": _("Other name"),
    "birth_date": _("Birth date"),
    "sex": _("Sex"),
    "school_name": _("School"),
    "grade": _("Grade"),
    "class_name": _("Class"),
}
# What identifies somebody; hidden with the name.
IDENTIFYING = frozenset({"name", "kana", "alias", "birth_date"})


@dataclass(frozen=True)
class Line:
    """One value of a field with its two times; `source` says who told it."""

    value: str
    version: Version
    source: str


@dataclass(frozen=True)
class FieldPast:
    """A field now and before; is_hidden: the viewer may not know it, nor whether it changed."""

    field: str
    name: str
    value: str
    lines: tuple[Line, ...]
    is_hidden: bool


@dataclass(frozen=True)
class MemberThen:
    person_id: str
    name: str
    kana: str
    relation: str


@dataclass(frozen=True)
class Then:
    """The record as known at the end of a day. is_unknown: nobody knew of the child yet."""

    day: dt.date
    on: dt.date | None
    fields: tuple[tuple[str, str, bool], ...]
    household: tuple[MemberThen, ...]
    timeline: Timeline | None
    is_unknown: bool


@dataclass(frozen=True)
class PastPage:
    child: Child
    fields: tuple[FieldPast, ...]
    then: Then | None
    is_named: bool
    may_see_household: bool

    @property
    def persons(self) -> list[str]:
        return [self.child.pk, *(member.person_id for member in (self.then.household if self.then else ()))]


def past_page(viewer: Viewer, child: Child, *, as_known_on: dt.date | None) -> PastPage:
    """The child's fields with their past; with a day, the record as known then as well."""
    is_named = may(viewer, Thing.NAME, about=child.subject())
    sees_household = may(viewer, Thing.HOUSEHOLD, about=child.subject())
    versions = queries.versions_of([child.pk])
    fields = tuple(_past(child.person, field, versions, is_named=is_named) for field in FIELDS)
    then = _then(viewer, child, as_known_on, is_named=is_named) if as_known_on else None
    return PastPage(child, fields, then, is_named, sees_household)


def words_for(field: str, value: Any) -> str:
    """A field's value as the page writes it."""
    if field == "birth_date":
        return short_day(value)
    if field == "grade":
        return grade_words(value)
    if field == "sex":
        return str({"1": _("male"), "2": _("female")}.get(value, ""))
    return str(value or "")


def _past(
    person: Person, field: str, versions: Mapping[tuple[str, str], Sequence[Version]], *, is_named: bool
) -> FieldPast:
    if field in IDENTIFYING and not is_named:
        return FieldPast(field, str(NAMES[field]), "", (), True)
    rows = sorted(versions.get((person.pk, field), ()), key=lambda row: (row.known_from, row.pk), reverse=True)
    lines = tuple(Line(words_for(field, from_text(field, r.value)), r, r.get_source_display()) for r in rows)
    return FieldPast(field, str(NAMES[field]), words_for(field, getattr(person, field)), lines, False)


def _then(viewer: Viewer, child: Child, day: dt.date, *, is_named: bool) -> Then:
    run = queries.run_on(day)
    household = (
        queries.household_then(child, run.on, day)
        if run and may(viewer, Thing.HOUSEHOLD, about=child.subject())
        else []
    )
    versions = queries.versions_of([child.pk, *(member.person_id for member in household)])
    known = as_known(child.person, versions, day)
    if known is None or run is None:
        return Then(day, None, (), (), None, True)
    fields = tuple(
        (str(NAMES[field]), words_for(field, known[field]), field in IDENTIFYING and not is_named) for field in FIELDS
    )
    members = tuple(_member(member, versions, day, is_named=is_named) for member in household)
    facts = queries.facts_then(child, household, day)
    line = timeline(viewer, run, facts, child.subject(), today=day)
    return Then(day, run.on, fields, members, line, False)


def _member(
    member: Membership, versions: Mapping[tuple[str, str], list[Version]], day: dt.date, *, is_named: bool
) -> MemberThen:
    known = as_known(member.person, versions, day) if is_named else None
    name, kana = (known["name"], known["kana"]) if known else ("", "")
    return MemberThen(member.person_id, name, kana, member.relation)
