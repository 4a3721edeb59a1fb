"""Log by default: an answer made with people's rows needs its recorded look, whatever the view says of itself.

Every table counts as one with people unless HOLDS_NOBODY names it, so a new model is guarded before anybody thinks of
it. A view that forgets `shows_people=True`, or never heard of it, is stopped here: the page is not served.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.http import HttpRequest, HttpResponseBase

from tsunagu_web.audit.looks import was_recorded

# Tables without anybody's record, each with what it holds. To add one is a decision that a reviewer sees here.
HOLDS_NOBODY = {
    "accounts_staff": "staff",
    "accounts_failedlogin": "wrong passwords of staff",
    "accounts_signin": "sessions and devices of staff",
    "accounts_mailchoice": "where staff want mail",
    "reminders_reminder": "kinds and days for one member of staff, and no child",
    "reminders_mail": "mails to staff that wait, and no child",
    "access_team": "teams of staff",
    "access_duty": "duties of staff",
    "audit_event": "the log's end, which every append reads; the pages of the log record their looks themselves",
    "audit_issuedhead": "which heads were signed",
    "cases_run": "the run's words and counts",
    "boards_schoolday": "on which days a school has records at all",
    "boards_schoolthresholds": "figures that a school has chosen",
    "cases_taking": "when a run was taken in",
}
# Libraries' own tables, by the beginning of their names: sessions, content types, permissions, sign-in factors.
OF_LIBRARIES = ("django_", "auth_", "account_", "mfa_", "usersessions_", "socialaccount_")
_SHOWS_THE_PAGE = (200, 206, 409, 422)


class LogByDefault:
    """Notes which tables are read while a page is made, and refuses to serve it unrecorded."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        read: set[str] = set()

        def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            if getattr(request, "desk_in_view", False):
                read.update(people_tables_read_by(sql))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            response = self.get_response(request)
        if read and response.status_code in _SHOWS_THE_PAGE and not was_recorded(request):
            raise ImproperlyConfigured(f"a page was made from {', '.join(sorted(read))} without recording the look")
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """From here on it is the view that reads; what the gates before it read decides, and shows nothing."""
        request.desk_in_view = True  # type: ignore[attr-defined]  # read above


@lru_cache(maxsize=512)
def people_tables_read_by(sql: str) -> set[str]:
    """The tables with people that a statement reads; empty for one that only writes."""
    found = {str(name).lower() for name in _READS.findall(sql)}
    return found & people_tables() if found else found


@lru_cache(maxsize=1)
def people_tables() -> frozenset[str]:
    """Every table of every model, without those of HOLDS_NOBODY and of libraries."""
    names = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return frozenset(name for name in names if name not in HOLDS_NOBODY and not name.startswith(OF_LIBRARIES))


_READS = re.compile(r"\b(?:FROM|JOIN|,)\s*\"?([A-Za-z_][A-Za-z0-9_]*)\"?", re.IGNORECASE)
