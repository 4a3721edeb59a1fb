"""What may be shown of an address at this moment, who is kept from whom, and who may be told."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import BinaryField, Q, QuerySet, Subquery
from django.db.models.functions import Substr
from django.http import HttpRequest
from django.utils import timezone

from tsunagu.errors import TsunaguError
from tsunagu.suppression.other_party import Sameness, Someone, Telling, may_be_told, sameness
from tsunagu.suppression.spread import is_household, touched
from tsunagu_web.access.decision import Subject
from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import OutOfReach, visible_to
from tsunagu_web.access.reach import widen
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.access.written import ask
from tsunagu_web.addresses.in_force_now import REGISTER, InForceNow, in_force_now
from tsunagu_web.addresses.models import AddressRow, RegisterRow, ReleaseRequest, ReleaseState, SealedTable
from tsunagu_web.addresses.vault import NONCE, Vault, open_vault
from tsunagu_web.audit.looks import record_refusal

log = logging.getLogger("tsunagu.desk")
PERSON, OTHER_PARTIES = "person", "other_parties"
#: A request that nobody answered, and an agreement that nobody used, end by themselves.
WAITS_FOR = dt.timedelta(hours=24)
OPEN_FOR = dt.timedelta(minutes=15)
_SHOWN_AT_ONCE = 100


@dataclass(frozen=True)
class FormerAddress:
    address: str
    since: dt.date | None
    until: dt.date | None


@dataclass(frozen=True)
class Shown:
    """An address that may be shown now; "" where the register has none."""

    address: str
    former: tuple[FormerAddress, ...]
    is_shown: bool = True


@dataclass(frozen=True)
class Hidden:
    """Nothing. The same for a role that may not, for a protected person, and for what is not known."""

    is_shown: bool = False


@dataclass(frozen=True)
class Asked:
    """A request as its pages show it. name: the child's, or the id where the viewer may not see names."""

    request: ReleaseRequest
    name: str
    is_over: bool
    until: dt.datetime | None


@dataclass(frozen=True)
class Conflicts:
    """Persons whom a member of staff must not see.

    certain   the other party of their protection is this member of staff, by number or by name
    doubtful  the names may be one person's: kept from them as well, until somebody has looked
    is_whole  False when key or list could not be used: nobody can say then whom else they must not see
    """

    certain: frozenset[str]
    doubtful: frozenset[str]
    is_whole: bool = True

    @property
    def persons(self) -> frozenset[str]:
        return self.certain | self.doubtful


def address_of(viewer: Viewer, about: Subject) -> Shown | Hidden:
    """The address of a child, or (with the child's subject under their id) of a member of the household.

    Shown only when the table says so for this child, and the list read at this very moment does not speak against it.
    """
    return address_now(about.person_id) if may(viewer, Thing.ADDRESS, about=about) else Hidden()


def address_now(person_id: str) -> Shown | Hidden:
    """The address, where the list read at this very moment does not speak against it; whether somebody may know it is
    asked by whoever calls this."""
    try:
        vault = open_vault()
        person, intake = _person_and_intake(vault, person_id)
        is_hidden = person is None or in_force_now(vault, intake).hides(person)
    except TsunaguError as error:
        log.warning("every address is hidden: %s (%s). %s", error.what, error.where, error.to_do)
        return Hidden()
    shown = Shown("", ()) if is_hidden or person is None else _shown(person)
    return shown if shown.address else Hidden()


def released_address(person_id: str) -> Shown:
    """The address whatever protects it: only for what two persons have agreed on. Raises errors of the key."""
    person = _person(open_vault(), person_id)
    return _shown(person) if person else Shown("", ())


def conflicts_for_staff(name: str, kana: str = "", resident_no: str = "") -> Conflicts:
    """Whom this member of staff must not see: those protected from them, with everybody they live or lived with.

    Without the list the last run's other parties count; without the key nothing is known. Addresses are hidden then.
    """
    try:
        vault = open_vault()
        now = in_force_now(vault, None)
        me = Someone(name, kana, _person_of_number(vault, resident_no))
        found: dict[Sameness, set[str]] = {Sameness.SAME: set(), Sameness.DOUBTFUL: set()}
        for other, ties in _other_parties(vault, now):
            answer = sameness(me, other)
            if answer in found:
                found[answer] |= ties
        certain, doubtful = (_persons_with(vault, found[a]) for a in (Sameness.SAME, Sameness.DOUBTFUL))
    except TsunaguError as error:
        log.warning("conflicts are not known: %s (%s). %s", error.what, error.where, error.to_do)
        return Conflicts(frozenset(), frozenset(), is_whole=False)
    return Conflicts(certain, doubtful - certain, is_whole=not now.hides_everyone)


def telling(recipient: Someone, *, about: str) -> Telling:
    """Whether a guardian, relative or payer may be sent something about a person; without key or list: ask."""
    try:
        vault = open_vault()
        now = in_force_now(vault, None)
        child = _person(vault, about)
        if child is None:
            return Telling.ASK
        others = [other for other, ties in _other_parties(vault, now) if touched(child["ties"], ties)]
        there = _person(vault, recipient.person_id) if recipient.person_id else None
    except TsunaguError:
        return Telling.ASK
    is_protected = None if now.hides_everyone else now.hides(child)
    return may_be_told(recipient, others, is_protected=is_protected, lives_there=_live_together(child, there))


def require_child(request: HttpRequest, person_id: str, action: Action) -> str:
    """The name of a child with whom the viewer may do this with a hidden address; else a refusal, recorded."""
    child = _children(request.viewer, action).filter(pk=person_id).first()
    if child is None:
        record_refusal(request, Thing.SUPPRESSED_ADDRESS, action, [person_id])
        raise OutOfReach
    return _name(request.viewer, child)


def requests_of(viewer: Viewer) -> list[Asked]:
    """One's own requests, newest first."""
    mine = ReleaseRequest.objects.filter(requested_by=viewer.staff_id).select_related("decided_by", "requested_by")
    return _asked(viewer, Action.REQUEST, mine.order_by("-requested_at", "pk"))


def waiting_for(viewer: Viewer) -> list[Asked]:
    """Requests that this person may decide: of others, of another duty, about children they may do this for."""
    waiting = ReleaseRequest.objects.filter(
        state=ReleaseState.WAITING, requested_at__gt=timezone.now() - WAITS_FOR
    ).exclude(Q(requested_by=viewer.staff_id) | Q(requested_as=viewer.role))
    return _asked(viewer, Action.APPROVE, waiting.select_related("requested_by").order_by("requested_at", "pk"))


def own_request(viewer: Viewer, key: uuid.UUID) -> ReleaseRequest | None:
    """A request of one's own about a child one may still do this for."""
    return _reachable(viewer, Action.REQUEST, ReleaseRequest.objects.filter(pk=key, requested_by=viewer.staff_id))


def waiting_request(viewer: Viewer, key: uuid.UUID) -> ReleaseRequest | None:
    """A request about a child for whom this person may decide."""
    return _reachable(viewer, Action.APPROVE, ReleaseRequest.objects.filter(pk=key))


def _reachable(
    viewer: Viewer, action: Action, found: QuerySet[ReleaseRequest, ReleaseRequest]
) -> ReleaseRequest | None:
    widen(viewer, Thing.SUPPRESSED_ADDRESS, action)
    request = found.first()
    is_reachable = request is not None and _children(viewer, action).filter(pk=request.person_id).exists()
    return request if is_reachable else None


def _asked(viewer: Viewer, action: Action, found: QuerySet[ReleaseRequest, ReleaseRequest]) -> list[Asked]:
    widen(viewer, Thing.SUPPRESSED_ADDRESS, action)
    rows, now = list(found[:_SHOWN_AT_ONCE]), timezone.now()
    children = {c.pk: c for c in _children(viewer, action).filter(pk__in={r.person_id for r in rows})}
    return [
        Asked(
            request=row,
            name=_name(viewer, children[row.person_id]),
            is_over=_is_over(row, now),
            until=row.decided_at + OPEN_FOR if row.state == ReleaseState.APPROVED and row.decided_at else None,
        )
        for row in rows
        if row.person_id in children
    ]


def _is_over(row: ReleaseRequest, now: dt.datetime) -> bool:
    if row.state == ReleaseState.WAITING:
        return row.requested_at + WAITS_FOR <= now
    return row.state == ReleaseState.APPROVED and row.decided_at is not None and row.decided_at + OPEN_FOR <= now


def _children(viewer: Viewer, action: Action) -> QuerySet[Any, Any]:
    widen(viewer, Thing.SUPPRESSED_ADDRESS, action)
    # By name: a room below may not import the children's own.
    children = apps.get_model("cases", "Child").objects.select_related("person")
    return visible_to(viewer, children, thing=Thing.SUPPRESSED_ADDRESS, action=action)


def _name(viewer: Viewer, child: Any) -> str:
    return str(child.person.name) if may(viewer, Thing.NAME, about=child.subject()) else str(child.pk)


def _shown(person: dict[str, Any]) -> Shown:
    rows = person["addresses"]
    current = next((address for kind, address, _, _ in rows if kind == "current"), "")
    former = [FormerAddress(a, _day(since), _day(until)) for kind, a, since, until in rows if kind != "current"]
    return Shown(current, tuple(former))


def _day(written: str | None) -> dt.date | None:
    return dt.date.fromisoformat(written) if written else None


def _person(vault: Vault, person_id: str) -> dict[str, Any] | None:
    place = vault.place(PERSON, person_id)
    sealed = AddressRow.objects.filter(pk=place).values_list("sealed", flat=True).first()
    return vault.open(place, sealed) if sealed is not None else None


def _person_and_intake(vault: Vault, person_id: str) -> tuple[dict[str, Any] | None, bytes | None]:
    """A person's row, and what the intake that sealed it has and no other; None for what is not there."""
    place = vault.place(PERSON, person_id)
    for sealed, intake in ask(_rows_with_intake, place=place, table=vault.place(OTHER_PARTIES, "")):
        return vault.open(place, sealed), bytes(intake) if intake is not None else None
    return None, None


def _rows_with_intake(place: str, table: str) -> QuerySet[AddressRow, tuple[bytes, bytes | None]]:
    start = Substr("sealed", 1, NONCE, output_field=BinaryField())
    intake = SealedTable.objects.filter(pk=table).annotate(start=start).values("start")
    return AddressRow.objects.filter(pk=place).annotate(intake=Subquery(intake)).values_list("sealed", "intake")


def _person_of_number(vault: Vault, resident_no: str) -> str:
    place = vault.place(REGISTER, resident_no.lstrip("0"))
    sealed = RegisterRow.objects.filter(pk=place).values_list("sealed", flat=True).first() if resident_no else None
    persons = vault.open(place, sealed)["persons"] if sealed is not None else []
    return str(persons[0]) if len(persons) == 1 else ""


def _other_parties(vault: Vault, now: InForceNow) -> Iterable[tuple[Someone, frozenset[str]]]:
    """Other parties, as the last run found them and as the list names them now, with the ties of the protected."""
    place = vault.place(OTHER_PARTIES, "")
    sealed = SealedTable.objects.filter(pk=place).values_list("sealed", flat=True).first()
    for row in vault.open(place, sealed)["rows"] if sealed is not None else ():
        yield Someone(row["name"], row["kana"] or "", row["other_id"] or ""), frozenset(row["ties"])
    for listed, ties in now.listed():
        if listed.other_party:
            yield Someone(listed.other_party), ties


def _persons_with(vault: Vault, ties: set[str]) -> frozenset[str]:
    """Everybody at the desk who shares one of the ties. Opens every row, so it is asked only after a name was found."""
    if not ties:
        return frozenset()
    rows = (vault.open(place, sealed) for place, sealed in AddressRow.objects.values_list("place", "sealed").iterator())
    return frozenset(person["person_id"] for person in rows if touched(person["ties"], ties))


def _live_together(one: Mapping[str, Any], two: Mapping[str, Any] | None) -> bool:
    now = {tie for tie, is_current in one["ties"].items() if is_current and is_household(tie)}
    return two is not None and any(is_current and tie in now for tie, is_current in two["ties"].items())
