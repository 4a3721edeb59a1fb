"""Policies of views, and what a viewer may do; all read from the one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from tsunagu_web.access.decision import Subject, decide
from tsunagu_web.access.table import Action, Thing, permits_of
from tsunagu_web.access.viewer import Viewer

View = TypeVar("View", bound=Callable[..., object])


@dataclass(frozen=True)
class Policy:
    """What a view does to what. shows_people: it may answer only after the persons it shows were recorded."""

    thing: Thing
    action: Action
    shows_people: bool = False


PUBLIC = "public"


def needs(thing: Thing, action: Action, *, shows_people: bool = False) -> Callable[[View], View]:
    """Marks a view with the cell of the table that it needs; the middleware refuses everybody else, and records it."""

    def mark(view: View) -> View:
        view.policy = Policy(thing, action, shows_people)  # type: ignore[attr-defined]  # read by the middleware
        return view

    return mark


def public(view: View) -> View:
    """Marks a view that shows nothing of anybody and may be asked without a login."""
    view.policy = PUBLIC  # type: ignore[attr-defined]  # read by the middleware
    return view


def may(viewer: Viewer, thing: Thing, action: Action = Action.VIEW, about: Subject | None = None) -> bool:
    """Whether the viewer may do this at all; with `about`, whether with this child's."""
    if about is None:
        return bool(permits_of(viewer.role, viewer.purpose, thing, action))
    return decide(viewer, thing, action, about).allowed


def may_see_reason(viewer: Viewer, domains: Iterable[str], about: Subject | None = None) -> bool:
    """Whether a reason resting on these domains may be shown: each of them must be allowed, and one must be known."""
    return _may_see_all(viewer, "reason", domains, about)


def may_see_fact(viewer: Viewer, domain: str, about: Subject | None = None) -> bool:
    return _may_see_all(viewer, "fact", [domain], about)


def _may_see_all(viewer: Viewer, kind: str, domains: Iterable[str], about: Subject | None) -> bool:
    things = [_thing(f"{kind}.{domain}") for domain in domains]
    return bool(things) and all(thing is not None and may(viewer, thing, about=about) for thing in things)


def _thing(name: str) -> Thing | None:
    """The object of that name; None for a domain the table does not know, which nobody may then see."""
    return Thing(name) if name in set(Thing) else None
