"""Keeping a narrowed list, for oneself or for a team, and finding it again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.worklist.models import SavedFilter

MOST = 20


class TooMany(Exception):
    """Somebody has kept as many lists as there is room for; nothing was written."""


def saved_for(viewer: Viewer) -> list[SavedFilter]:
    """The viewer's own lists and those of the viewer's teams, by name."""
    rows = SavedFilter.objects.filter(Q(owner_id=viewer.staff_id) | Q(team__in=sorted(viewer.teams) or ["-"]))
    return list(rows.select_related("owner").order_by("name", "pk"))


def keep(viewer: Viewer, name: str, query: str, *, team: str) -> SavedFilter:
    """Keeps the list under this name; the same name again replaces what it stood for. raises TooMany"""
    with transaction.atomic():
        own = SavedFilter.objects.filter(owner_id=viewer.staff_id)
        if own.exclude(name=name).count() >= MOST:
            raise TooMany
        kept, _made = own.update_or_create(
            owner_id=viewer.staff_id, name=name, defaults={"query": query, "team": team if team in viewer.teams else ""}
        )
        _log(viewer, "keep_list", kept.pk)
    return kept


def forget(viewer: Viewer, number: int) -> None:
    """Removes one of the viewer's own lists; removing it twice changes nothing."""
    with transaction.atomic():
        gone, _by_table = SavedFilter.objects.filter(owner_id=viewer.staff_id, pk=number).delete()
        if gone:
            _log(viewer, "forget_list", number)


def _log(viewer: Viewer, action: str, number: int) -> None:
    append(
        action=action, object="worklist", staff=viewer, purpose=viewer.purpose, persons=[], detail={"number": number}
    )
