"""Pages for what went wrong: what, and what to do next, in words staff use."""

from __future__ import annotations

import logging
import re
import sys
import traceback

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.loader import render_to_string

from tsunagu.errors import TsunaguError
from tsunagu_web.access.querysets import OutOfReach
from tsunagu_web.api.problems import problem
from tsunagu_web.audit.looks import NotRecorded
from tsunagu_web.cases.words import language

# Full disk, lock, read-only database, broken trigger: each leaves the desk unable to record anything.
CANNOT_RECORD = (NotRecorded, OperationalError, InternalError)
_NOT_TYPED = ("csrfmiddlewaretoken", "form", "seen")
log = logging.getLogger("tsunagu.desk")


def is_asked_by_a_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    is_too_long = isinstance(exception, RequestDataTooBig)
    if is_asked_by_a_program(request):
        return problem("too_long" if is_too_long else "not_this_shape")
    return _bare_page("errors/413.html", 413) if is_too_long else _bare_page("errors/400.html", 400)


def not_this_way(request: HttpRequest, answer: HttpResponseNotAllowed) -> HttpResponse:
    """An address asked by hand that a button of a page asks: words in place of an empty answer."""
    if is_asked_by_a_program(request):
        page: HttpResponse = problem("method_not_allowed")
    else:
        page = _bare_page("errors/405.html", 405)
    page["Allow"] = answer["Allow"]
    return page


def not_yet(request: HttpRequest) -> HttpResponse:
    """Where a person is led to the page for signing in, or for picking a purpose, a program is told so."""
    if hasattr(request, "viewer"):
        return problem("no_purpose_picked")
    return problem("not_signed_in", headers={"WWW-Authenticate": 'Session realm="desk"'})


def expired_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose protection mark is missing or old: nothing was changed."""
    if is_asked_by_a_program(request):
        return problem("no_protection_mark")
    return render(request, "errors/expired.html", status=403)


def used_form(request: HttpRequest) -> HttpResponse:
    """A form whose mark recorded something else before: nothing was written, and what was typed is not lost.

    It shows what was sent and no record; used up, the form is gone (410).
    """
    typed = [text for name in request.POST if name not in _NOT_TYPED for text in _typed(request, name)]
    return render(request, "errors/used.html", {"typed": typed}, status=410)


def _typed(request: HttpRequest, name: str) -> list[str]:
    """What a person typed, in words; codes, days and numbers are chosen anew in a moment."""
    return [text for text in request.POST.getlist(name) if not re.fullmatch(r"[!-~]*", text.strip())]


def refused(request: HttpRequest, exception: PermissionDenied | None = None) -> HttpResponse:
    if is_asked_by_a_program(request):
        return problem("not_within_your_duty")
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if is_asked_by_a_program(request):
        return problem("not_found")
    template = "errors/out_of_reach.html" if isinstance(exception, OutOfReach) else "errors/404.html"
    return render(request, template, status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """An error of the program. The log gets its kind and place; its message could hold a value, so it is left out.

    The project's own errors show no value, so whoever runs the desk reads what to do.
    """
    kind, error, trace = sys.exc_info()
    if isinstance(error, CANNOT_RECORD):  # raised by a gate, before any view
        return not_recorded(request, error)
    if isinstance(error, TsunaguError):
        log.error("%s", error.message())
    frames = traceback.extract_tb(trace)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown place"
    log.error("a page failed: %s at %s", kind.__name__ if kind else "unknown", place)
    return problem("failed") if is_asked_by_a_program(request) else _bare_page("errors/500.html", 500)


def not_recorded(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The access log or the database cannot be written, so nobody's record is shown, and nothing was changed."""
    log.error("nothing was shown, since it could not be recorded: %s", type(error.__cause__ or error).__name__)
    return problem("not_recorded") if is_asked_by_a_program(request) else _bare_page("errors/503.html", 503)


def _bare_page(template: str, status: int) -> HttpResponse:
    """A page made without asking the database or the session, which may be what failed."""
    return HttpResponse(render_to_string(template, {"language": language()}), status=status)
