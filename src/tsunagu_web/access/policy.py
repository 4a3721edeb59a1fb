"""Policies of views, and what a member of staff may do; all read from the one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from tsunagu_web.access.table import Action, Scope, Thing, scope_of


class Viewer(Protocol):
    """Whoever asks: a role of the table, and a school code (empty for everybody but school staff)."""

    role: str
    school: str


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


def may(viewer: Viewer, thing: Thing, action: Action = Action.VIEW) -> bool:
    return scope_of(viewer.role, thing, action) is not Scope.NONE


def may_see_reason(viewer: Viewer, domains: Iterable[str]) -> bool:
    """Whether a reason resting on these domains may be shown: each of them must be allowed, and one must be known."""
    return _may_see_all(viewer, "reason", domains)


def may_see_fact(viewer: Viewer, domain: str) -> bool:
    return _may_see_all(viewer, "fact", [domain])


def _may_see_all(viewer: Viewer, kind: str, domains: Iterable[str]) -> bool:
    things = [_thing(f"{kind}.{domain}") for domain in domains]
    return bool(things) and all(thing is not None and may(viewer, thing) for thing in things)


def _thing(name: str) -> Thing | None:
    """The object of that name; None for a domain the table does not know, which nobody may then see."""
    return Thing(name) if name in set(Thing) else None
