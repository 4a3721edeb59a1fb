"""Signed heads of the stored log: when one is due, signing and storing it, and what holds while it cannot be stored.

A head is signed by the program that serves (a thread of its own, see `heads_timer.py`) or by `audit-head`, never by an
append: no page may wait for another machine's disk, and nothing slow may happen while the chain is locked.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils import timezone

from tsunagu.audit.heads import SignedHead, is_signed_by, sign_head
from tsunagu.audit.shelf import PUBLIC_KEY, AlreadyThere, newest_head, store_head
from tsunagu.errors import EngineError, StateError
from tsunagu.keys import HEADS, own_signing_key, public_text
from tsunagu_web.audit.models import Event, IssuedHead

EVERY_ROWS = 1_000
EVERY = dt.timedelta(minutes=10)
LATE = dt.timedelta(minutes=30)
# An outage of the other machine harms nobody's work; only what leaves the desk in bulk waits for it to end.
STOP_EXPORTS = dt.timedelta(days=7)


@dataclass(frozen=True)
class HeadsState:
    """How far heads cover the log, told from the desk's own database alone.

    newest        the newest head this desk stored
    unproved      moment of the first row that no head covers
    is_late       longer than a head should take
    is_stopped    so long that exports wait
    is_elsewhere  the folder of heads was named; whether it truly lies on another machine only the operator knows
    """

    newest: IssuedHead | None
    unproved: dt.datetime | None
    is_late: bool
    is_stopped: bool
    is_elsewhere: bool


def heads_state(now: dt.datetime | None = None) -> HeadsState:
    """Two reads by key, and no look at the other machine: it may be what hangs."""
    newest = _newest_issued()
    first = Event.objects.filter(number=(newest.rows if newest else 0) + 1).values_list("at", flat=True).first()
    waits = (now or timezone.now()) - first if first else dt.timedelta()
    environment = settings.ENVIRONMENT
    return HeadsState(newest, first, waits > LATE, waits > STOP_EXPORTS, environment.is_heads_named)


def exports_may_run(now: dt.datetime | None = None) -> bool:
    """Whether data may leave the desk in bulk: not while rows of the log have been unproved for seven days."""
    return not heads_state(now).is_stopped


def issue_heads(*, is_due_only: bool = True, may_begin: bool = False, now: dt.datetime | None = None) -> int:
    """Signs and stores a head for every EVERY_ROWS new rows and one for the rest; gives how many.

    is_due_only  nothing happens before EVERY_ROWS rows or EVERY have passed
    may_begin    a new series may begin although this desk has stored heads before
    raises       EngineError, SourceError: key or folder cannot be used; StateError: the log is not the one of the heads
    """
    now = now or timezone.now()
    issued = _newest_issued()
    last = Event.objects.order_by("-number").values_list("number", flat=True).first() or 0
    if is_due_only and not _is_due(issued, last, now):
        return 0
    folder, key = _folder(), own_signing_key(settings.ENVIRONMENT.head_key, HEADS)
    head, number = newest_head(folder)
    if head is None and issued is not None and not may_begin:
        raise StateError(
            "the folder of heads is empty, although heads were stored before",
            where="TSUNAGU_HEADS",
            to_do="Check that the other machine's folder is mounted. For a new folder: audit-head --begin.",
        )
    if head is not None:
        _require_our_log(head, key)
        _note(head)
    export_public_key(key, folder)
    series = head.series if head else secrets.token_hex(8)
    made = 0
    for start in range(head.rows if head else 0, last, EVERY_ROWS):
        hashes = _hashes(start, min(start + EVERY_ROWS, last))
        head = sign_head(key, hashes, head, series=series, at=now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        number += 1
        try:
            store_head(folder, head, number)
        except AlreadyThere:
            break  # another program of this desk is at it
        _note(head)
        made += 1
    return made


def export_public_key(key: Ed25519PrivateKey, folder: Path) -> None:
    """Puts the public key into the folder of heads and beside the private one, once."""
    for path in (folder / PUBLIC_KEY, settings.ENVIRONMENT.head_key.with_suffix(".public.pem")):
        try:
            with path.open("x", encoding="ascii") as file:
                file.write(public_text(key.public_key()))
        except FileExistsError:
            pass
        except OSError as error:
            raise EngineError(
                f"the public key cannot be written ({type(error).__name__})",
                where=str(path.name),
                to_do="Check that the folder is mounted and may be written to: TSUNAGU_HEADS, TSUNAGU_HEAD_KEY.",
            ) from error


def is_on_this_disk() -> bool:
    """Whether the folder of heads lies on the same disk as the desk, as far as can be told."""
    try:
        return os.stat(settings.ENVIRONMENT.heads).st_dev == os.stat(settings.ENVIRONMENT.folder).st_dev
    except OSError:
        return False


def _is_due(issued: IssuedHead | None, last: int, now: dt.datetime) -> bool:
    covered = issued.rows if issued else 0
    if last - covered >= EVERY_ROWS:
        return True
    first = Event.objects.filter(number=covered + 1).values_list("at", flat=True).first()
    return first is not None and now - first >= EVERY


def _newest_issued() -> IssuedHead | None:
    return IssuedHead.objects.order_by("-at", "-rows").first()


def _folder() -> Path:
    folder: Path = settings.ENVIRONMENT.heads
    if not settings.ENVIRONMENT.is_heads_named:
        folder.mkdir(mode=0o700, exist_ok=True)
    # A folder that was named is not made: where the other machine is not mounted, it would be made on this one.
    return folder


def _require_our_log(head: SignedHead, key: Ed25519PrivateKey) -> None:
    if not is_signed_by(head, key.public_key()):
        raise StateError(
            "the newest head in the folder was signed by another key",
            where="TSUNAGU_HEADS",
            to_do="Put the key back that signed it (TSUNAGU_HEAD_KEY), or name another folder.",
        )
    stored = Event.objects.filter(number=head.rows).values_list("hash", flat=True).first()
    if stored != head.hash:
        raise StateError(
            f"the access log is not the one of the newest head, which says {head.rows:,} rows",
            where="access log",
            to_do="Run audit-verify and tell the audit office. No further head is signed over a log that was changed.",
        )


def _hashes(start: int, end: int) -> list[str]:
    rows = Event.objects.filter(number__gt=start, number__lte=end).order_by("number").values_list("hash", flat=True)
    hashes = list(rows)
    if len(hashes) != end - start:
        raise StateError(
            f"rows are missing from the access log after row {start:,}",
            where="access log",
            to_do="Run audit-verify and tell the audit office. No head is signed over a log with gaps.",
        )
    return hashes


def _note(head: SignedHead) -> None:
    IssuedHead.objects.get_or_create(
        digest=head.digest,
        defaults={
            "series": head.series,
            "number": head.number,
            "rows": head.rows,
            "at": dt.datetime.fromisoformat(head.at),
        },
    )
