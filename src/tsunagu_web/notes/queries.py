"""Reads of notes and attachments, limited to what the viewer may see, the label included."""

from __future__ import annotations

from django.core.paginator import Page, Paginator
from django.db.models import F, Prefetch
from django.http import Http404, HttpRequest

from tsunagu.text.search import Asked
from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import widen
from tsunagu_web.access.terms import Action, Label, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.looks import record_look, record_refusal
from tsunagu_web.cases.models import Child
from tsunagu_web.notes.models import Attachment, Note, NoteVersion
from tsunagu_web.search.models import Kind
from tsunagu_web.search.queries import found as found_in

PAGE_SIZE = 25


def notes_of(viewer: Viewer, child: Child) -> list[NoteVersion]:
    """The newest version of each note, newest first; what is above the viewer's label is not counted either."""
    rows = visible_to(viewer, Note.objects.filter(child=child), thing=Thing.NOTE, child="child__", label="label")
    newest = NoteVersion.objects.filter(note__in=rows, number=F("note__number")).select_related("note", "by")
    return list(newest.order_by("-at", "-pk"))


def attachments_of(viewer: Viewer, child: Child) -> list[Attachment]:
    rows = Attachment.objects.filter(child=child).select_related("by").order_by("-at", "-pk")
    return list(visible_to(viewer, rows, thing=Thing.ATTACHMENT, child="child__", label="label"))


def found(viewer: Viewer, question: Asked, page: str) -> Page[NoteVersion]:
    """The notes whose newest text holds what was asked, newest first, as far as their labels may be read."""
    widen(viewer, Thing.NOTE, Action.VIEW)
    mine = visible_to(viewer, Note.objects.all(), thing=Thing.NOTE, child="child__", label="label")
    newest = NoteVersion.objects.filter(note__in=found_in(mine, question, Kind.NOTE), number=F("note__number"))
    rows = newest.select_related("note__child__person", "by").order_by("-at", "-pk")
    return Paginator(rows, PAGE_SIZE).get_page(page)


def require_note(request: HttpRequest, child: Child, number: int, action: Action = Action.VIEW) -> Note:
    """The note with all its versions; one that does not exist and one above the viewer's label are answered alike."""
    rows = Note.objects.filter(child=child).select_related("child__person")
    rows = rows.prefetch_related(Prefetch("versions", NoteVersion.objects.select_related("by").order_by("-number")))
    found = visible_to(request.viewer, rows, thing=Thing.NOTE, action=action, child="child__", label="label")
    note = found.filter(pk=number).first()
    if note is None:
        _record_that_none_is_shown(request, child, Thing.NOTE, action, is_there=rows.filter(pk=number).exists())
        raise Http404
    return note


def require_attachment(request: HttpRequest, child: Child, number: int, action: Action = Action.VIEW) -> Attachment:
    rows = Attachment.objects.filter(child=child).select_related("child")
    found = visible_to(request.viewer, rows, thing=Thing.ATTACHMENT, action=action, child="child__", label="label")
    attached = found.filter(pk=number).first()
    if attached is None:
        _record_that_none_is_shown(request, child, Thing.ATTACHMENT, action, is_there=rows.filter(pk=number).exists())
        raise Http404
    return attached


def _record_that_none_is_shown(
    request: HttpRequest, child: Child, thing: Thing, action: Action, *, is_there: bool
) -> None:
    """One entry either way, so that the time taken does not tell them apart; only the log knows which it was."""
    if is_there:
        record_refusal(request, thing, action, [child.pk])
    else:
        record_look(request, thing, [child.pk], action=action, found=0)


def labels_for(viewer: Viewer, child: Child, thing: Thing, *, at_present: int | None = None) -> list[Label]:
    """The labels the viewer may give; below the present one only where the viewer may approve that."""
    lowers = at_present is None or may(viewer, thing, Action.APPROVE, child.subject(Label(at_present)))
    return [
        label
        for label in Label
        if may(viewer, thing, Action.EDIT, child.subject(label)) and (lowers or label >= (at_present or 0))
    ]


def is_limited(viewer: Viewer, child: Child, thing: Thing) -> bool:
    """Whether some label is above the viewer's; said on every page alike, whether there is anything above it."""
    return not may(viewer, thing, about=child.subject(Label.SEALED))


def versions_of(viewer: Viewer, child: Child, note: Note) -> list[NoteVersion]:
    """The note's versions, newest first; a version that stood above the viewer's label stays hidden, though the label
    was lowered since."""
    return [v for v in note.versions.all() if may(viewer, Thing.NOTE, about=child.subject(Label(v.label)))]
