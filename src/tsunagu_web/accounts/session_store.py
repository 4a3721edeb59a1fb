"""Sessions in the database, as Django keeps them; whoever is signed in comes along with theirs, in one journey."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import InterfaceError, OperationalError, connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from tsunagu_web.access.written import ask
from tsunagu_web.accounts.models import SignIn


class SessionStore(db.SessionStore):
    """sign_in: the sign-in that was begun under this session's key, with its person; None where none is known."""

    sign_in: SignIn | None = None

    def load(self) -> dict[str, Any]:
        found = _on_a_living_connection(self.session_key) if self.session_key else []
        if not found or found[0].session_data is None:  # before both factors, over, or of nobody
            return super().load()
        self.sign_in = found[0]
        decoded: dict[str, Any] = self.decode(found[0].session_data)
        return decoded


def _on_a_living_connection(key: str) -> list[Any]:
    """With the first question of a request it shows whether the connection kept from the last one still lives.

    To ask that beforehand, as Django does, would be one journey more on every page.
    """
    kept = connection.connection is not None and connection.health_check_enabled and not connection.in_atomic_block
    if not kept or connection.health_check_done:
        return ask(_with_its_session, key=key, now=timezone.now())
    connection.health_check_done = True
    try:
        return ask(_with_its_session, key=key, now=timezone.now())
    except (InterfaceError, OperationalError):
        connection.close()
        return ask(_with_its_session, key=key, now=timezone.now())


def _with_its_session(key: str, now: dt.datetime) -> QuerySet[Any]:
    session = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now)
    rows = SignIn.objects.select_related("staff").annotate(session_data=Subquery(session.values("session_data")))
    return rows.filter(session_key=key)
