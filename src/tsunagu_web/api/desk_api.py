"""The API itself: its title, and how what went wrong is answered."""

from __future__ import annotations

from typing import ClassVar

from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation
from ninja.renderers import JSONRenderer

from tsunagu_web.api.problems import problem
from tsunagu_web.duties.services import NotPossible
from tsunagu_web.duties.words import refusal
from tsunagu_web.referrals.services import OtherContent
from tsunagu_web.steps.once import UsedMark, is_used_mark

VERSION = "1"


class Plain(JSONRenderer):
    """Japanese as it is written: whoever looks for a name in an answer finds it."""

    json_dumps_params: ClassVar = {"ensure_ascii": False}


class DeskAPI(NinjaAPI):
    """Operations go by the name of their function, which no move of a file changes."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


# Its own page of documents would fetch scripts from elsewhere; the description is one file (operations/own.py).
api = DeskAPI(
    title="tsunagu desk",
    version=VERSION,
    description="Cases, tasks and referrals of the desk, for programs that act for a person who is signed in.",
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
    renderer=Plain(),
)


class Refused(Exception):
    """An answer that is no answer: raised where a page would show the form again."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


@api.exception_handler(Refused)
def _refused(_request: HttpRequest, error: Refused) -> HttpResponse:
    return error.answer


@api.exception_handler(ValidationError)
def _not_this_shape(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem("not_this_shape", errors=[_said(one) for one in error.errors])


@api.exception_handler(HttpError)
def _unreadable(_request: HttpRequest, _error: HttpError) -> HttpResponse:
    """A body that is no JSON."""
    return problem("not_this_shape")


@api.exception_handler(OtherContent)
def _other_content(_request: HttpRequest, _error: OtherContent) -> HttpResponse:
    return problem("other_content")


@api.exception_handler(NotPossible)
def _not_possible(_request: HttpRequest, error: NotPossible) -> HttpResponse:
    return problem("not_possible", detail=refusal(error))


@api.exception_handler(UsedMark)
@api.exception_handler(IntegrityError)
def _form_used(_request: HttpRequest, error: Exception) -> HttpResponse:
    if is_used_mark(error):
        return problem("form_used")
    raise error


@api.exception_handler(Http404)
def _not_found(_request: HttpRequest, error: Http404) -> HttpResponse:
    raise error  # as for pages


def _said(error: dict[str, object]) -> dict[str, str]:
    """Where and which rule, never what was given: the name of a part that is not in the description is the caller's
    own word, and stays out."""
    place, rule = error.get("loc", ()), str(error.get("type", ""))
    assert isinstance(place, tuple)
    parts = [str(part) for part in place if part not in ("body", "query", "path", "given")]
    named = parts[:-1] if rule == "extra_forbidden" else parts
    return {"field": ".".join(named), "code": rule, "sentence": _("This part does not have the described shape.")}
