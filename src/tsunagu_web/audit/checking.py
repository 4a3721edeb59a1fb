"""The whole check of the stored log: chain, copies, the persons beside it, contents, and the stored heads."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db.models import Max

from tsunagu.audit.chain import Head, SealedRow
from tsunagu.audit.heads import SignedHead, is_signed_by, is_whole, sound_heads
from tsunagu.audit.shelf import PUBLIC_KEY, Unreadable, stored_heads
from tsunagu.audit.verify import Fault, Verdict, verdict_with, verify
from tsunagu.keys import HEADS, read_public_key, read_signing_key
from tsunagu_web.access.reach import the_program
from tsunagu_web.audit import content
from tsunagu_web.audit.models import ContentSalt, Event, EventPerson, IssuedHead

_CHUNK = 2_000


@dataclass(frozen=True)
class Proof:
    """The heads to check against.

    saved   one head kept elsewhere
    folder  of heads; the desk's own when none is named
    key     public key; the desk's own when none is named
    """

    saved: Head | SignedHead | None = None
    folder: Path | None = None
    key: Path | None = None


@dataclass(frozen=True)
class Checked:
    """What was checked, and what was found.

    heads      sound heads that were compared
    contents   rows of other tables that are what their entry says
    unsealed   rows of digested tables that were written before the log kept digests
    """

    verdict: Verdict
    heads: int
    contents: int
    unsealed: int


@dataclass
class _Beside:
    """What is collected while the chain is read once."""

    faults: list[Fault] = field(default_factory=list)
    spoken: dict[str, set[str]] = field(default_factory=dict)
    waiting: list[content.Spoken] = field(default_factory=list)
    contents: int = 0


def check_log(proof: Proof) -> Checked:
    """Reads the whole log once.

    raises  SourceError when a folder or key that was named cannot be read
    """
    heads, faults = _heads(proof)
    beside = _Beside()
    saved = Head(proof.saved.rows, proof.saved.hash) if proof.saved else None
    verdict = verify(_rows(beside), saved, heads)
    _check_contents(beside)
    with the_program():
        unsealed = _unspoken(beside)
    return Checked(verdict_with(verdict, [*faults, *beside.faults]), len(heads), beside.contents, unsealed)


def sealed_rows() -> Iterator[SealedRow]:
    """The stored chain in order; a row whose columns differ from its body comes with a hash that cannot fit."""
    return _rows(_Beside())


def _rows(beside: _Beside) -> Iterator[SealedRow]:
    last = -1
    while events := list(Event.objects.filter(number__gt=last).order_by("number")[:_CHUNK]):
        named: dict[int, set[str]] = {}
        beside_them = EventPerson.objects.filter(event_id__gte=events[0].number, event_id__lte=events[-1].number)
        for number, person in beside_them.values_list("event_id", "person_id"):
            named.setdefault(number, set()).add(person)
        for event in events:
            body = _body(event)
            is_copy = body is None or _columns_agree(event, body)
            if body is not None:
                _compare(event.number, body, named.get(event.number, set()), beside)
            yield SealedRow(event.number, event.body, event.hash if is_copy else f"{event.hash}-columns")
        last = events[-1].number


def _body(event: Event) -> dict[str, Any] | None:
    try:
        body = json.loads(event.body)
    except ValueError:
        return None  # found by its hash
    return body if isinstance(body, dict) else None


def _columns_agree(event: Event, body: dict[str, Any]) -> bool:
    try:
        return (
            body["actor"] == event.actor
            and body["action"] == event.action
            and body["object"] == event.object
            and dt.datetime.fromisoformat(body["at"]) == event.at
        )
    except (ValueError, KeyError, TypeError):
        return False


def _compare(number: int, body: dict[str, Any], named: set[str], beside: _Beside) -> None:
    persons, detail = body.get("persons"), body.get("detail")
    if not isinstance(persons, list) or set(map(str, persons)) != named:
        beside.faults.append(Fault(number, "edited", of="index"))
    spoken = content.spoken_in(number, detail) if isinstance(detail, dict) else None
    if spoken is not None:
        beside.spoken.setdefault(spoken.table, set()).add(spoken.key)
        beside.waiting.append(spoken)
        if len(beside.waiting) >= 500:
            _check_contents(beside)


def _check_contents(beside: _Beside) -> None:
    waiting, beside.waiting = beside.waiting, []
    salts = dict(ContentSalt.objects.filter(number__in=[s.number for s in waiting]).values_list("number", "salt"))
    with the_program():  # a row out of the auditor's reach is there all the same
        wrong = content.differing(waiting, salts)
    beside.contents += len(waiting) - len(wrong)
    beside.faults += [Fault(spoken.number, kind, of="content") for spoken, kind in wrong]  # type: ignore[arg-type]


def _unspoken(beside: _Beside) -> int:
    """Rows of digested tables that no entry speaks of: older than the first digest, or put in behind the log's back."""
    older = 0
    last = Event.objects.aggregate(last=Max("number"))["last"] or 0
    for table, model in content.tables().items():
        spoken = beside.spoken.get(table, set())
        first = min((int(key) for key in spoken if key.isdigit()), default=None)
        for key in model._default_manager.order_by("pk").values_list("pk", flat=True).iterator():
            if str(key) in spoken:
                continue
            if first is None or (isinstance(key, int) and key < first):
                older += 1
            else:
                beside.faults.append(Fault(last + 1, "inserted", of="content"))
    return older


def _heads(proof: Proof) -> tuple[list[SignedHead], list[Fault]]:
    """The sound heads of the folder with the saved one, and what is wrong with the others."""
    folder = proof.folder or settings.ENVIRONMENT.heads
    is_expected = proof.folder is not None or IssuedHead.objects.exists()
    stored = list(stored_heads(folder)) if is_expected or folder.is_dir() else []
    whole = [head for head in stored if isinstance(head, SignedHead)]
    sound, wrong = sound_heads(whole, _public_key(proof, folder)) if whole else ([], [])
    faults = [Fault(one.row, one.kind, of="head") for one in wrong]
    faults += _rolled_back(sound)
    if len(whole) < len(stored) and not wrong:
        faults += _damaged(stored)
    if isinstance(proof.saved, SignedHead):
        key = _public_key(proof, folder)
        if is_whole(proof.saved) and is_signed_by(proof.saved, key):
            sound = [*sound, proof.saved]
        else:
            faults.append(Fault(proof.saved.first, "edited", of="head"))
    return sound, faults


def _rolled_back(sound: list[SignedHead]) -> list[Fault]:
    """Heads that this desk stored, and that are not in the folder any more."""
    rows = sound[-1].rows if sound else 0
    series = sound[-1].series if sound else None
    issued = IssuedHead.objects.order_by("-at", "-rows")
    newest = issued.filter(series=series).first() if series else issued.first()
    if newest is None or newest.rows <= rows:
        return []
    return [Fault(rows + 1, "rolled_back", newest.rows - rows, "head")]


def _damaged(stored: list[SignedHead | Unreadable]) -> list[Fault]:
    """A file that holds no head: harmless where the chain of heads goes on around it, else the last one was damaged."""
    if not isinstance(stored[-1], Unreadable):
        return []
    good = [head for head in stored if isinstance(head, SignedHead)]
    return [Fault(good[-1].rows + 1 if good else 1, "edited", of="head")]


def _public_key(proof: Proof, folder: Path) -> Ed25519PublicKey:
    if proof.key is not None:
        return read_public_key(proof.key, HEADS)
    own = settings.ENVIRONMENT.head_key
    if own.exists():
        return read_signing_key(own, HEADS).public_key()
    return read_public_key(folder / PUBLIC_KEY, HEADS)
