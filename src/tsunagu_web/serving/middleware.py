"""Headers on every answer, and errors in plain words."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils import translation

from tsunagu_web.serving import errors
from tsunagu_web.steps.once import is_used_mark

# Nothing from elsewhere, no inline script or style: a page can show only what the desk itself wrote.
_CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
# A page with a passkey, with charts or with a field for words needs the desk's own scripts; no other page runs any.
# None may make code of text: the charts' formulas are interpreted (decision 0025).
_WITH_SCRIPT = f"{_CONTENT_SECURITY_POLICY}; script-src 'self'"
# The editor of criteria asks the desk for new counts while a number is typed; a notification is kept as it is typed.
_THAT_ASKS = f"{_WITH_SCRIPT}; connect-src 'self'"


class SafeHeaders:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        needs_script = getattr(response, "desk_script", False) or getattr(request, "desk_script", False)
        # A file may do nothing at all, should a browser show it in place of saving it.
        is_file = response.headers.get("Content-Disposition", "").startswith("attachment")
        with_script = _THAT_ASKS if getattr(response, "desk_asks", False) else _WITH_SCRIPT
        policy = with_script if needs_script else _CONTENT_SECURITY_POLICY
        response.headers["Content-Security-Policy"] = f"{policy}; sandbox" if is_file else policy
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if not request.path.startswith("/static/"):
            # A page with a person must not stay in the browser's store or in a proxy.
            response.headers["Cache-Control"] = "no-store"
        return response


class LanguageOfChoice:
    """The language somebody chose at the desk, else the desk's own; what a browser prefers does not matter."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(code):
            response = self.get_response(request)
        response.headers["Content-Language"] = code
        return response


class ErrorsInPlainWords:
    """Turns what went wrong into a page; the program's log gets the kind and place of the error, never its values."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            return errors.not_this_way(request, response)
        if isinstance(response, HttpResponseRedirect) and errors.is_asked_by_a_program(request):
            return errors.not_yet(request)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if isinstance(error, errors.CANNOT_RECORD):
            return errors.not_recorded(request, error)
        if is_used_mark(error) and not errors.is_asked_by_a_program(request):
            return errors.used_form(request)
        return None
