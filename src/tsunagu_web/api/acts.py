"""What every write has in common: the page's rules, a mark that acts once, and what stands for who is late."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db.models import Model
from django.forms import BaseForm
from django.utils.translation import gettext as _

from tsunagu_web.api.desk_api import Refused
from tsunagu_web.api.problems import errors_of, problem
from tsunagu_web.steps.guards import guard_of
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow

Form = TypeVar("Form", bound=BaseForm)


def accepted(form: Form) -> Form:
    """The page's form with what was given. raises Refused with the page's sentences where it is not accepted"""
    if not form.is_valid():
        raise Refused(problem("not_accepted", errors=errors_of(form)))
    return form


@contextmanager
def as_it_stands(row: Model) -> Iterator[None]:
    """Whoever is late or asks for a step that is not there is told where the work stands now."""
    try:
        yield
    except ChangedMeanwhile as late:
        raise Refused(problem("changed_meanwhile", now=_now(row))) from late
    except NotNow as refused:
        if refused.why == "no_reason":
            said = {"field": "reason", "code": "required", "sentence": _("Say why, in a sentence.")}
            raise Refused(problem("not_accepted", errors=[said])) from refused
        detail = _("The day for the answer has passed, so nothing was recorded.") if refused.why == "late" else ""
        raise Refused(problem("not_now", detail=detail, now=_now(row))) from refused


def receipt(number: int, step: Step) -> dict[str, Any]:
    """What the step made, then and now: a repeated request gives the first one's."""
    return {"number": number, "state": step.target, "revision": step.number}


def _now(row: Model) -> dict[str, Any]:
    row.refresh_from_db(fields=[guard_of(row).column, "revision"])
    return {"state": getattr(row, guard_of(row).column), "revision": row.revision}  # type: ignore[attr-defined]  # every guarded row has one
