"""Who is here: only a browser in which both factors were proved counts as somebody."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from tsunagu_web.accounts.sessions import whoever_is_here

_OVER = {
    "idle": _("You were signed out because nothing was done for a while."),
    "absolute": _("You were signed out because you had been signed in for a whole working day."),
    "changed": _("You were signed out because your password or your duty has changed."),
    "revoked": _("This browser was signed out from another one."),
    "closed": _("This login is closed."),
}


class BothFactorsOrNobody:
    """Sets `request.user`: Django's own session alone, without the row of a proved sign-in, opens nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.user, why = whoever_is_here(request)
        if why:
            messages.info(request, _OVER[why])
        return self.get_response(request)
