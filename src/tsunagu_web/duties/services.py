"""Picking a purpose: recorded before the first page is opened for it."""

from __future__ import annotations

from django.http import HttpRequest

from tsunagu_web.audit.services import append_now
from tsunagu_web.duties.middleware import SESSION_KEY


def pick_purpose(request: HttpRequest, purpose: str) -> None:
    append_now(action="pick_purpose", object="account", staff=request.user, purpose=purpose)
    request.session[SESSION_KEY] = purpose
