"""Reads of hand-overs, limited to what the viewer may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest

from tsunagu.errors import SourceError, StateError
from tsunagu.handover.store import Handover
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import widen
from tsunagu_web.access.terms import Action, CaseState, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.who import Who, who
from tsunagu_web.transfers.models import Received, Transfer, TransferContent
from tsunagu_web.transfers.offices import Office
from tsunagu_web.transfers.services import UNDER_WAY, left_there, taken_though_discarded, there_of
from tsunagu_web.transfers.words import Standing, standing


@dataclass(frozen=True)
class Outgoing:
    """A hand-over of this desk, and how it stands there; there: None for a draft, and where nothing is set up.

    left   of a draft: how what an earlier try of sending left there stands, None where nothing was left
    taken  of a discarded draft: how that stands, where it was accepted there all the same
    """

    transfer: Transfer
    there: Handover | None
    standing: Standing | None
    who: Who | None = None
    left: Standing | None = None
    taken: Standing | None = None


def transfers_of(viewer: Viewer, found: Office | None, child: Child) -> list[Outgoing]:
    """The child's hand-overs, the newest first."""
    return [as_outgoing(found, one) for one in _rows(viewer, Action.VIEW).filter(child=child).order_by("-number")]


def under_way(viewer: Viewer, found: Office | None) -> list[Outgoing]:
    """Hand-overs of children in reach that are written or under way, or were accepted there though their draft was
    discarded: the longest waiting first."""
    widen(viewer, Thing.TRANSFER, Action.VIEW)
    states = Transfer.State
    rows = _rows(viewer, Action.VIEW).filter(
        Q(state__in=(states.DRAFT, *UNDER_WAY)) | Q(state=states.DISCARDED, case__state=CaseState.OPEN)
    )
    listed = [as_outgoing(found, one, who(viewer, one.child)) for one in rows.order_by("pk")]
    return [one for one in listed if one.transfer.state != states.DISCARDED or one.taken]


def as_outgoing(found: Office | None, transfer: Transfer, of_whom: Who | None = None) -> Outgoing:
    try:
        there = there_of(found, transfer)
    except StateError:  # the file was put back to an older state
        there = None
    stands = standing(there, transfer.to_name) if there else None
    left = left_there(found, transfer) if found and transfer.state == Transfer.State.DRAFT else []
    taken = taken_though_discarded(found, transfer) if found else None
    return Outgoing(
        transfer,
        there,
        stands,
        of_whom,
        standing(left[0], transfer.to_name) if left else None,
        standing(taken, transfer.to_name) if taken else None,
    )


def require_transfer(request: HttpRequest, child: Child, number: int, action: Action = Action.VIEW) -> Transfer:
    """The child's hand-over of that number; 404 where there is none for this viewer."""
    found = _rows(request.viewer, action).filter(child=child, number=number).first()
    if found is None:
        record_look(request, Thing.TRANSFER, [child.pk], action=action, found=0)
        raise Http404
    return found


def content_of(transfer: Transfer) -> TransferContent:
    """What is to travel, or travelled."""
    return transfer.contents.select_related("by").latest("number")


def received_of(viewer: Viewer, child: Child) -> list[Received]:
    """What came from other municipalities with this child, the newest first."""
    rows = Received.objects.filter(child=child).select_related("by", "case")
    return list(visible_to(viewer, rows, thing=Thing.TRANSFER, child="child__").order_by("-at", "-pk"))


def received_with(viewer: Viewer, ids: Iterable[str]) -> dict[str, Received]:
    """By the id of a hand-over: the record that came with it, where the viewer may read it."""
    rows = Received.objects.filter(handover__in=list(ids)).select_related("child")
    return {one.handover: one for one in visible_to(viewer, rows, thing=Thing.TRANSFER, child="child__")}


def require_received(request: HttpRequest, child: Child, number: int) -> Received:
    found = next((one for one in received_of(request.viewer, child) if one.pk == number), None)
    if found is None:
        record_look(request, Thing.TRANSFER, [child.pk], found=0)
        raise Http404
    return found


def cannot_be_read(error: SourceError) -> str:
    """Where in the record something stands that cannot travel, without saying what it is."""
    return error.what.partition("\n")[2].strip() or error.what


def _rows(viewer: Viewer, action: Action) -> QuerySet[Transfer]:
    rows = Transfer.objects.select_related("child__person", "case__lead")
    return visible_to(viewer, rows, thing=Thing.TRANSFER, action=action, child="child__")
