"""Reads of duties: emergencies, grants, conflicts, and what somebody can see and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Case, QuerySet, When
from django.utils import timezone

from tsunagu_web.access.decision import Subject, decide
from tsunagu_web.access.models import Conflict, Duty, Grant
from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.table import TABLE, Permit
from tsunagu_web.access.terms import Action, Form, Label, Purpose, Role, Scope, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Child
from tsunagu_web.duties.viewers import purposes_of, viewer_of
from tsunagu_web.people.models import Kinship
from tsunagu_web.people.queries import with_households

PAGE_SIZE = 25


def emergencies(page: str) -> Page[Grant]:
    """Access taken in an emergency: what nobody has reviewed yet first, then the newest."""
    taken = Grant.objects.filter(basis=Grant.Basis.EMERGENCY).select_related("staff", "reviewed_by")
    waiting_first = Case(When(review=Grant.Review.OPEN, then=0), default=1)
    return Paginator(taken.order_by(waiting_first, "-starts_at", "-pk"), PAGE_SIZE).get_page(page)


def emergency(number: int) -> Grant | None:
    return Grant.objects.filter(pk=number, basis=Grant.Basis.EMERGENCY).select_related("staff").first()


def grants_of(child: Child) -> list[Grant]:
    """Who has or had access to this child by a grant, newest first."""
    return list(Grant.objects.filter(person_id=child.pk).select_related("staff", "granted_by").order_by("-starts_at"))


def grant_of(child: Child, number: int) -> Grant | None:
    return Grant.objects.filter(person_id=child.pk, pk=number).first()


def conflicts(viewer: Viewer, page: str) -> Page[Conflict]:
    """The list in force, without the viewer's own entries: nobody is told by it whom they may not see."""
    return Paginator(_conflicts(viewer).order_by("staff__login", "pk"), PAGE_SIZE).get_page(page)


def conflict(viewer: Viewer, number: int) -> Conflict | None:
    return _conflicts(viewer).filter(pk=number).first()


def knows_of(viewer: Viewer, person_id: str) -> bool:
    """Whether somebody has this number, as far as the viewer may know of a child it belongs to or is kin of.

    A number kept from the viewer is answered like nobody's: also who enters blocks may be blocked.
    """
    with the_program():
        kin = Kinship.objects.filter(relative=person_id).values_list("person_id", flat=True)
        beside = Child.objects.filter(pk__in=with_households([person_id]) | frozenset(kin))
        return any(visible_to(viewer, beside, form=form).exists() for form in (Form.FULL, Form.PSEUDONYM))


def _conflicts(viewer: Viewer) -> QuerySet[Conflict]:
    in_force = Conflict.objects.filter(ended_at__isnull=True).exclude(staff_id=viewer.staff_id)
    return in_force.select_related("staff", "entered_by")


@dataclass(frozen=True)
class Answer:
    """Things a role may do something with, for the same rows, up to the same label and for the same why.

    why  of the number asked about; empty when none was
    """

    scope: Scope
    label: Label
    why: str
    things: tuple[tuple[Thing, tuple[Action, ...]], ...]


@dataclass(frozen=True)
class UnderPurpose:
    """What a colleague can see under one purpose. children: how many children stand in reach."""

    purpose: Purpose
    children: int
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class AccessCheck:
    staff: Staff
    duties: tuple[Duty, ...]
    grants: tuple[Grant, ...]
    purposes: tuple[UnderPurpose, ...]


def access_check(asker: Viewer, staff: Staff, person_id: str) -> AccessCheck:
    """What this colleague can see, and why: the same functions as every page, with nothing opened.

    Blocks are left out of a check of oneself: it would tell from whom an address is protected.
    """
    today = timezone.localdate()
    # What it counts and decides about stands in the colleague's reach, and mostly not in the asker's.
    with the_program():
        child = Child.objects.filter(pk=person_id).first() if person_id else None
        # Nobody's number, and that of a child the asker may not know of, is answered like one in nobody's reach.
        is_told = child is not None and _may_know_of(asker, child)
        subject = child.subject() if child and is_told else Subject(person_id) if person_id else None
        under = tuple(_under(asker, staff, purpose, subject) for purpose in purposes_of(staff))
    return AccessCheck(
        staff=staff,
        duties=tuple(d for d in staff.duties.order_by("kind", "key") if d.ends_on is None or d.ends_on >= today),
        grants=tuple(staff.grants.filter(ends_at__gt=timezone.now()).order_by("person_id")),
        purposes=under,
    )


def _may_know_of(asker: Viewer, child: Child) -> bool:
    return any(may(asker, Thing.CHILD, about=child.subject(), form=form) for form in (Form.FULL, Form.PSEUDONYM))


def _under(asker: Viewer, staff: Staff, purpose: Purpose, subject: Subject | None) -> UnderPurpose:
    viewer = viewer_of(staff, purpose)
    permits = [p for p in TABLE[Role(staff.role)] if purpose in p.purposes and p.thing is not Thing.ACCOUNT]
    return UnderPurpose(
        purpose=purpose,
        children=visible_to(viewer, Child.objects.filter(is_listed=True)).count(),
        answers=_answers([(p, _why(asker, viewer, p, subject)) for p in permits]),
    )


def _answers(permits: Sequence[tuple[Permit, str]]) -> tuple[Answer, ...]:
    groups: dict[tuple[Scope, Label, str], dict[Thing, list[Action]]] = {}
    for permit, why in permits:
        things = groups.setdefault((permit.scope, permit.label, why), {})
        things.setdefault(permit.thing, []).append(permit.action)
    return tuple(
        Answer(scope, label, why, tuple((thing, tuple(actions)) for thing, actions in things.items()))
        for (scope, label, why), things in groups.items()
    )


def _why(asker: Viewer, viewer: Viewer, permit: Permit, subject: Subject | None) -> str:
    if subject is None:
        return ""
    found = decide(viewer, permit.thing, permit.action, subject, permit.form).why
    is_block_of_oneself = found == "own_family_or_close_colleague" and asker.staff_id == viewer.staff_id
    return "out_of_scope" if is_block_of_oneself else found
