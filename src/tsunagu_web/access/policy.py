"""Policies of views, and what a viewer may do; all read from the one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from django.conf import settings

from tsunagu_web.access.decision import Subject, decide
from tsunagu_web.access.table import OF_A_ROOM, PURPOSES, permits_of
from tsunagu_web.access.terms import Action, Form, Purpose, Role, Thing
from tsunagu_web.access.viewer import Viewer

View = TypeVar("View", bound=Callable[..., object])


@dataclass(frozen=True)
class Policy:
    """What a view does to what.

    shows_people  it may answer only after the persons it shows were recorded
    forms         in which it can show the thing; a role that has one of them may ask for it
    """

    thing: Thing
    action: Action
    shows_people: bool = False
    forms: tuple[Form, ...] = (Form.FULL,)


PUBLIC = "public"


def needs(
    thing: Thing, action: Action, *, shows_people: bool = False, forms: tuple[Form, ...] = (Form.FULL,)
) -> Callable[[View], View]:
    """Marks a view with the cell of the table that it needs; the middleware refuses everybody else, and records it."""

    def mark(view: View) -> View:
        view.policy = Policy(thing, action, shows_people, forms)  # type: ignore[attr-defined]  # read by the middleware
        return view

    return mark


def public(view: View) -> View:
    """Marks a view that shows nothing of anybody and may be asked without a login."""
    view.policy = PUBLIC  # type: ignore[attr-defined]  # read by the middleware
    return view


def may(
    viewer: Viewer,
    thing: Thing,
    action: Action = Action.VIEW,
    about: Subject | None = None,
    *,
    form: Form = Form.FULL,
) -> bool:
    """Whether the viewer may do this at all; with `about`, whether with this child's."""
    if about is None:
        return bool(permits_of(viewer.role, viewer.purpose, thing, action, form))
    return decide(viewer, thing, action, about, form).allowed


def may_see_reason(
    viewer: Viewer, domains: Iterable[str], about: Subject | None = None, *, form: Form = Form.FULL
) -> bool:
    """Whether a reason resting on these domains may be shown: each of them must be allowed, and one must be known.

    form  FULL: with its values. WORDS: that it holds, in words without a value, which FULL allows as well.
    """
    forms = (Form.FULL, form)
    things = [_thing(f"reason.{domain}") for domain in domains]
    return bool(things) and all(
        t is not None and any(may(viewer, t, about=about, form=f) for f in forms) for t in things
    )


def may_see_fact(viewer: Viewer, domain: str, about: Subject | None = None) -> bool:
    thing = _thing(f"fact.{domain}")
    return thing is not None and may(viewer, thing, about=about)


def other_purpose(viewer: Viewer, thing: Thing, about: Subject) -> Purpose | None:
    """The purpose under which this person may see it by their duty, where the picked one alone keeps it from them.

    An access that was given holds for one purpose, so what is granted now counts under no other.
    """
    if may(viewer, thing, about=about):
        return None
    others = (purpose for purpose in pickable(viewer.role) if purpose != viewer.purpose)
    by_duty = replace(viewer, granted=frozenset())
    return next((one for one in others if may(replace(by_duty, purpose=one), thing, about=about)), None)


def pickable(role: str) -> tuple[Purpose, ...]:
    """The purposes that somebody of this role can pick at this desk; empty for an unknown role."""
    if role not in Role.values:
        return ()
    of = Role(role)
    rooms = ((purpose, OF_A_ROOM.get((of, purpose))) for purpose in PURPOSES[of])
    return tuple(purpose for purpose, room in rooms if room is None or getattr(settings.ENVIRONMENT, room))


def _thing(name: str) -> Thing | None:
    """The object of that name; None for a domain the table does not know, which nobody may then see."""
    return _THINGS.get(name)


_THINGS = {thing.value: thing for thing in Thing}
