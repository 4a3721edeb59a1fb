"""Appending to the log: one chain, whoever writes, and committed before anything is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Protocol

from django.db import connection, transaction
from django.utils import timezone

from tsunagu.audit.chain import EMPTY, Head, seal
from tsunagu.audit.entry import Entry
from tsunagu_web.audit.models import Event


class Actor(Protocol):
    """Whoever acts: how the log names them, and their role at this moment."""

    actor: str
    role: str


NO_PURPOSE = "none"  # signing in and out, and what the program does by itself
SYSTEM = "system"
UNKNOWN = "unknown"
# Any number will do as long as nothing else in the database uses it.
_CHAIN_LOCK = 7_464_841
_LAST = "SELECT number, hash FROM audit_event ORDER BY number DESC LIMIT 1"


def append(
    *,
    action: str,
    object: str,
    staff: Actor | None = None,
    actor: str = UNKNOWN,
    persons: Iterable[str] = (),
    detail: Mapping[str, str | int] | None = None,
    purpose: str = NO_PURPOSE,
) -> Event:
    """Appends one entry inside the caller's transaction, or in one of its own.

    Inside a transaction that changes something, entry and change stand or fall together.
    """
    entry = Entry(
        at=_moment(timezone.now()),
        actor=staff.actor if staff else actor,
        role=staff.role if staff else "none",
        action=action,
        object=object,
        purpose=purpose,
        persons=tuple(persons),
        detail=dict(detail or {}),
    )
    with transaction.atomic(savepoint=False):
        row = seal(entry, _locked_head())
        return Event.objects.create(
            number=row.number,
            body=row.body,
            hash=row.hash,
            at=dt.datetime.fromisoformat(entry.at),
            actor=entry.actor,
            action=entry.action,
            object=entry.object,
        )


def append_now(**fields: object) -> Event:
    """Appends one entry and commits it before returning; refuses to be part of a larger transaction."""
    with transaction.atomic(durable=True):
        return append(**fields)  # type: ignore[arg-type]  # the same keywords as append


def _locked_head() -> Head:
    """The end of the chain; nobody else can append until this transaction ends."""
    if connection.vendor == "postgresql":
        # Two statements in one journey: the second sees what was committed while the first waited for the lock.
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock({_CHAIN_LOCK}); {_LAST}")
            cursor.nextset()
            last = cursor.fetchone()
    else:
        # SQLite: the transaction took the write lock when it began (transaction_mode IMMEDIATE).
        last = Event.objects.order_by("-number").values_list("number", "hash").first()
    return Head(*last) if last else EMPTY


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
