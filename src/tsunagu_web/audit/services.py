"""Appending to the log: one chain, whoever writes, and committed before anything is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from tsunagu.audit.chain import EMPTY, Head, SealedRow, seal
from tsunagu.audit.entry import Entry
from tsunagu_web.audit import content as contents
from tsunagu_web.audit.models import ContentSalt


class Actor(Protocol):
    """Whoever acts: how the log names them, and their role at this moment."""

    actor: str
    role: str


class NotRecorded(Exception):
    """The log could not be written, so nothing may be shown, and nothing was changed."""


NO_PURPOSE = "none"  # signing in and out, and what the program does by itself
SYSTEM = "system"
UNKNOWN = "unknown"
# Any number will do as long as nothing else in the database uses it.
_CHAIN_LOCK = 7_464_841
# A page waits so long for its turn and no longer; then nothing is shown, and the person is told.
MOST_WAIT_SECONDS = 10
_LAST = "SELECT number, hash FROM audit_event ORDER BY number DESC LIMIT 1"
_EVENT = "INSERT INTO audit_event (number, body, hash, at, actor, action, object) VALUES (%s, %s, %s, %s, %s, %s, %s)"


def append(
    *,
    action: str,
    object: str,
    staff: Actor | None = None,
    actor: str = UNKNOWN,
    persons: Iterable[str] = (),
    detail: Mapping[str, str | int] | None = None,
    purpose: str = NO_PURPOSE,
    content: Model | None = None,
) -> SealedRow:
    """Appends one entry inside the caller's transaction, or in one of its own.

    Inside a transaction that changes something, entry and change stand or fall together; NotRecorded when the log
    cannot be written.

    content  the row that the change wrote, of a digested table: the entry then carries its digest
    """
    sealed_content = contents.seal(content) if content is not None else None
    entry = Entry(
        at=_moment(timezone.now()),
        actor=staff.actor if staff else actor,
        role=staff.role if staff else "none",
        action=action,
        object=object,
        purpose=purpose,
        persons=tuple(persons),
        detail={**(detail or {}), **(sealed_content.detail if sealed_content else {})},
    )
    try:
        with transaction.atomic(savepoint=False):
            row = seal(entry, _locked_head())
            _insert(row, entry)
            if sealed_content is not None:
                ContentSalt.objects.create(number=row.number, salt=sealed_content.salt)
    except DatabaseError as error:
        raise NotRecorded(type(error).__name__) from error
    return row


def append_now(*, beside: Callable[[SealedRow], object] | None = None, **fields: object) -> SealedRow:
    """Appends one entry and commits it before returning; refuses to be part of a larger transaction.

    beside  writes what belongs to the entry but not into it; both stand or fall together
    """
    try:
        with transaction.atomic(durable=True):
            row = append(**fields)  # type: ignore[arg-type]  # the same keywords as append
            if beside is not None:
                beside(row)
            return row
    except DatabaseError as error:  # when the transaction begins (a lock) or ends (a full disk)
        raise NotRecorded(type(error).__name__) from error


def _locked_head() -> Head:
    """The end of the chain; nobody else can append until this transaction ends."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Statements in one journey: the last sees what was committed while the one before waited for the lock.
            wait = f"SET LOCAL lock_timeout = '{MOST_WAIT_SECONDS * 1000:.0f}ms'"
            cursor.execute(f"{wait}; SELECT pg_advisory_xact_lock({_CHAIN_LOCK}); {_LAST}")
            cursor.nextset()
            cursor.nextset()
        else:
            # SQLite: the transaction took the write lock when it began (transaction_mode IMMEDIATE).
            cursor.execute(_LAST)
        last = cursor.fetchone()
    return Head(*last) if last else EMPTY


def _insert(row: SealedRow, entry: Entry) -> None:
    """The row, as a plain statement since every page waits for it; the database lists its persons (migration 0005)."""
    at = connection.ops.adapt_datetimefield_value(dt.datetime.fromisoformat(entry.at))
    with connection.cursor() as cursor:
        cursor.execute(_EVENT, (row.number, row.body, row.hash, at, entry.actor, entry.action, entry.object))


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
