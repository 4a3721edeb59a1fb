"""Taking over a run's addresses, and releasing one: two persons of two duties, once, within minutes, recorded first."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from tsunagu.errors import PurposeError
from tsunagu.runs.folder import RunFolder
from tsunagu.suppression.spread import spread
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.addresses.in_force_now import REGISTER
from tsunagu_web.addresses.models import AddressRow, RegisterRow, ReleaseRequest, ReleaseState, SealedTable
from tsunagu_web.addresses.queries import (
    OPEN_FOR,
    OTHER_PARTIES,
    PERSON,
    WAITS_FOR,
    Shown,
    conflicts_for_staff,
    released_address,
)
from tsunagu_web.addresses.vault import Vault, room_for, size_of
from tsunagu_web.audit.services import append
from tsunagu_web.steps.once import require_same

_BATCH = 2_000
_TABLE_ROOM = 64 * 1024
_THING = "suppressed_address"


class NotOpen(Exception):
    """The request is not there for this person to act on: decided, used, over, one's own, or never made."""


@dataclass(frozen=True)
class Wish:
    """What somebody asks for. form: the form's own mark, so that the same form makes one request."""

    reason: str
    need: str
    form: uuid.UUID


@dataclass(frozen=True)
class SealedRows:
    """The rows of a run, ready to be written; made before anything is changed."""

    persons: list[AddressRow]
    register: list[RegisterRow]
    tables: list[SealedTable]


def sealed_rows(folder: RunFolder, vault: Vault, address_key: bytes, people: Collection[str]) -> SealedRows:
    """Reads the run's sealed tables and seals them anew, one row for each of `people` whatever is known of them.

    raises  PurposeError when the run was sealed with another key
    """
    residences = folder.sealed("residences", address_key).to_pylist()
    ties: dict[str, dict[str, bool]] = defaultdict(dict)
    numbers: dict[str, set[str]] = defaultdict(set)
    marks: dict[str, str] = {}
    for row in residences:
        if row["tie"] is not None:
            mark = marks[row["tie"]] = marks.get(row["tie"]) or vault.tie(row["tie"])
            ties[row["person_id"]][mark] = row["is_current"]
        if row["register_key"] is not None:
            numbers[row["register_key"]].add(row["person_id"])
    flagged = spread({row["person_id"] for row in residences if row["is_flagged"]}, ties)
    listed = _last_days({row["person_id"]: row["listed_until"] for row in residences if row["listed_until"]}, ties)
    places: dict[str, list[list[Any]]] = defaultdict(list)
    for row in folder.sealed("addresses", address_key).to_pylist():
        places[row["person_id"]].append([row["kind"], row["address"], row["valid_from"], row["valid_to"]])
    registered = set().union(*numbers.values()) if numbers else set()
    persons = {
        person_id: {
            "person_id": person_id,
            "addresses": places.get(person_id, []),
            "ties": ties.get(person_id, {}),
            "is_flagged": person_id in flagged,
            "listed_until": max((listed[tie] for tie in ties.get(person_id, ()) if tie in listed), default=None),
            "is_registered": person_id in registered,
        }
        for person_id in people
    }
    register = {
        number: {"persons": sorted(own), "ties": sorted({tie for p in own for tie in ties.get(p, {})})}
        for number, own in numbers.items()
    }
    others = [
        {**row, "ties": sorted(ties.get(row["person_id"], {}))}
        for row in folder.sealed("other_parties", address_key).to_pylist()
    ]
    table = {"rows": others}
    place, room = vault.place(OTHER_PARTIES, ""), -(-(size_of(table) + 1) // _TABLE_ROOM) * _TABLE_ROOM
    return SealedRows(
        persons=[AddressRow(place=p, sealed=s) for p, s in _sealed(vault, PERSON, persons)],
        register=[RegisterRow(place=p, sealed=s) for p, s in _sealed(vault, REGISTER, register)],
        tables=[SealedTable(place=place, sealed=vault.seal(place, table, room=room))],
    )


def replace_rows(found: SealedRows | None) -> None:
    """Puts the rows in place of the former run's, in the caller's transaction; None leaves nothing of them."""
    for model, rows in (
        (AddressRow, found.persons if found else []),
        (RegisterRow, found.register if found else []),
        (SealedTable, found.tables if found else []),
    ):
        _replace(model, rows)


def opens(vault: Vault) -> bool:
    """Whether the desk holds sealed rows that this key opens."""
    place = vault.place(OTHER_PARTIES, "")
    sealed = SealedTable.objects.filter(pk=place).values_list("sealed", flat=True).first()
    try:
        return sealed is not None and bool(vault.open(place, sealed))
    except PurposeError:
        return False


def request_release(viewer: Viewer, person_id: str, wish: Wish) -> ReleaseRequest:
    """Asks a second person for one address; the same answer for an address that is hidden, shown or not known."""
    with transaction.atomic():
        again = ReleaseRequest.objects.filter(form=wish.form, requested_by=viewer.staff_id, person_id=person_id).first()
        if again is not None:
            require_same(again, {"reason": wish.reason, "need": wish.need})
            return again
        made = ReleaseRequest.objects.create(
            form=wish.form,
            person_id=person_id,
            reason=wish.reason,
            need=wish.need,
            requested_by_id=viewer.staff_id,
            requested_as=viewer.role,
            requested_at=timezone.now(),
        )
        _record("request", viewer, made, reason=made.reason)
        return made


def decide_release(viewer: Viewer, request: ReleaseRequest | None, *, agrees: bool) -> None:
    """The second person's answer. raises NotOpen; nothing is written then."""
    with transaction.atomic():
        asked = _locked(request, ReleaseState.WAITING)
        now = timezone.now()
        if asked is None or asked.requested_at + WAITS_FOR <= now or not _may_decide(viewer, asked):
            raise NotOpen
        asked.state = ReleaseState.APPROVED if agrees else ReleaseState.DECLINED
        asked.decided_by_id, asked.decided_as, asked.decided_at = viewer.staff_id, viewer.role, now
        asked.save()
        _record("approve" if agrees else "decline", viewer, asked, requested_by=asked.requested_by.actor)


def release(viewer: Viewer, request: ReleaseRequest | None) -> tuple[ReleaseRequest, Shown]:
    """The address, once, to who asked for it. The log names both before the address leaves this function.

    raises  NotOpen when it was shown before, was not agreed on, or the minutes are over
    """
    with transaction.atomic(durable=True):
        agreed = _locked(request, ReleaseState.APPROVED)
        now = timezone.now()
        if agreed is None or agreed.requested_by_id != viewer.staff_id or agreed.decided_by is None:
            raise NotOpen
        if agreed.decided_at is None or agreed.decided_at + OPEN_FOR <= now or _is_kept_from(agreed):
            raise NotOpen
        # Opened before it is used up: a key that is missing costs nobody the agreement.
        address = released_address(agreed.person_id)
        agreed.state, agreed.shown_at = ReleaseState.SHOWN, now
        agreed.save()
        _record(
            "release",
            viewer,
            agreed,
            requested_by=agreed.requested_by.actor,
            decided_by=agreed.decided_by.actor,
        )
    return agreed, address


def _locked(request: ReleaseRequest | None, state: ReleaseState) -> ReleaseRequest | None:
    """The request if it still stands there; a second click waits here for the first, and then finds it gone on."""
    if request is None:
        return None
    return ReleaseRequest.objects.select_for_update().filter(pk=request.pk, state=state).first()


def _may_decide(viewer: Viewer, asked: ReleaseRequest) -> bool:
    if asked.requested_by_id == viewer.staff_id or asked.requested_as == viewer.role:
        return False
    decider = Staff.objects.get(pk=viewer.staff_id)
    is_blocked = asked.person_id in viewer.blocked
    return not (is_blocked or asked.person_id in conflicts_for_staff(decider.name).persons or _is_kept_from(asked))


def _is_kept_from(asked: ReleaseRequest) -> bool:
    return asked.person_id in conflicts_for_staff(asked.requested_by.name).persons


def _record(action: str, viewer: Viewer, asked: ReleaseRequest, **detail: str) -> None:
    append(
        action=action,
        object=_THING,
        staff=viewer,
        purpose=viewer.purpose,
        persons=[asked.person_id],
        detail={"request": str(asked.key), **detail},
    )


def _last_days(until: Mapping[str, dt.date], ties: Mapping[str, Collection[str]]) -> dict[str, dt.date]:
    """Each household and address of a listed person, with the last day of the protection as the run read it."""
    last: dict[str, dt.date] = {}
    for person_id, day in until.items():
        for tie in ties.get(person_id, ()):
            last[tie] = max(day, last.get(tie, day))
    return last


def _sealed(vault: Vault, kind: str, contents: Mapping[str, Mapping[str, Any]]) -> Iterable[tuple[str, bytes]]:
    """Each content in its place; in the order of places, which is no order of persons."""
    room = room_for(max(map(size_of, contents.values()), default=0))
    placed = sorted(((vault.place(kind, value), content) for value, content in contents.items()), key=itemgetter(0))
    return ((place, vault.seal(place, content, room=room)) for place, content in placed)


def _replace(model: type[models.Model], rows: list[Any]) -> None:
    model._default_manager.all().delete()
    model._default_manager.bulk_create(rows, batch_size=_BATCH)
