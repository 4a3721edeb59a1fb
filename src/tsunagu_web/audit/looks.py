"""Recording looks, searches and refusals, each committed before anything leaves the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import DatabaseError
from django.http import HttpRequest

from tsunagu.audit.chain import SealedRow
from tsunagu.errors import TsunaguError
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.services import NO_PURPOSE, NotRecorded, append_now


def record_look(
    request: HttpRequest,
    thing: Thing,
    persons: Iterable[str] = (),
    *,
    action: Action = Action.VIEW,
    beside: Callable[[SealedRow], object] | None = None,
    **counts: str | int,
) -> None:
    """Writes who is about to see whom, and commits it; NotRecorded when that fails.

    beside  writes what belongs to the entry but not into it, in the same transaction
    """
    _write(request, beside=beside, action=action.value, object=thing.value, persons=list(persons), detail=counts)
    request.desk_look_recorded = True  # type: ignore[attr-defined]  # the gate asks for it


def record_refusal(request: HttpRequest, thing: Thing, action: Action, persons: Iterable[str] = ()) -> None:
    """Writes that somebody asked for what the table does not give them."""
    _write(request, action="refused", object=thing.value, persons=list(persons), detail={"asked": action.value})


def record_step(**fields: object) -> None:
    """Writes a step of signing in, or the end of a session, and commits it; NotRecorded when that fails."""
    try:
        append_now(**fields)
    except (DatabaseError, TsunaguError) as error:
        raise NotRecorded(type(error).__name__) from error


def was_recorded(request: HttpRequest) -> bool:
    return getattr(request, "desk_look_recorded", False)


def _write(request: HttpRequest, **fields: object) -> None:
    viewer = request.viewer
    record_step(staff=viewer, purpose=viewer.purpose or NO_PURPOSE, **fields)
