"""Writing notes and attachments: one transaction, one entry in the log, nothing over what others wrote unseen."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import Action, Label, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Child
from tsunagu_web.notes import store
from tsunagu_web.notes.kinds import kind_of
from tsunagu_web.notes.models import Attachment, Note, NoteVersion
from tsunagu_web.notes.scan import require_clean
from tsunagu_web.search.models import Kind
from tsunagu_web.search.services import index_document
from tsunagu_web.steps.once import UsedMark, is_of_today, is_same, require_same
from tsunagu_web.steps.services import ChangedMeanwhile


@dataclass(frozen=True)
class Written:
    """What somebody wrote. form: the form's own mark; the same form sent again gives the note it made first."""

    text: str
    label: Label
    about_on: dt.date | None
    form: uuid.UUID

    def columns(self) -> dict[str, object]:
        """What the first version holds of it."""
        return {"text": self.text, "label": self.label, "about_on": self.about_on}


def said_already(child: Child, viewer: Viewer, written: Written) -> NoteVersion | None:
    """The newest note this person wrote of the child, where it was written today in these very words."""
    mine = NoteVersion.objects.filter(note__child=child, number=1, by_id=viewer.staff_id)
    newest = mine.order_by("-at", "-pk").first()
    return newest if newest and is_of_today(newest.at) and is_same(newest, written.columns()) else None


def write_note(child: Child, viewer: Viewer, written: Written) -> Note:
    """A new note. raises PermissionDenied for a label above what the viewer may write; UsedMark"""
    _require(viewer, child, Thing.NOTE, Action.EDIT, written.label)
    with transaction.atomic():
        note, is_new = Note.objects.get_or_create(
            form=written.form,
            defaults={"child": child, "label": written.label, "number": 1, "changed_at": timezone.now()},
        )
        if is_new:
            _add_version(note, viewer, written, action="write_note")
        elif note.child_id != child.pk:
            raise UsedMark
        else:
            require_same(note.versions.get(number=1), {**written.columns(), "by_id": viewer.staff_id})
    return note


def edit_note(note: Note, viewer: Viewer, written: Written, *, seen: int) -> None:
    """Adds a version; the ones before stay. The label is lowered only by who may approve it.

    raises  ChangedMeanwhile when the version seen is not the newest
    """
    _require(viewer, note.child, Thing.NOTE, Action.EDIT, max(note.label, written.label))
    if written.label < note.label:
        _require(viewer, note.child, Thing.NOTE, Action.APPROVE, note.label)
    with transaction.atomic():
        moved = Note.objects.filter(pk=note.pk, number=seen, label=note.label).update(
            number=seen + 1, label=written.label, changed_at=timezone.now()
        )
        if not moved:
            raise ChangedMeanwhile
        note.refresh_from_db()
        _add_version(note, viewer, written, action="edit_note")


def attach(child: Child, viewer: Viewer, *, name: str, content: bytes, label: Label, form: uuid.UUID) -> Attachment:
    """Stores a file whose kind is read from its bytes; where anything fails, neither row nor file is left.

    raises  Refused for a file of no known kind, a bomb, macros, and what the city's scanner found or could not read
    """
    _require(viewer, child, Thing.ATTACHMENT, Action.EDIT, label)
    before = Attachment.objects.filter(form=form, child=child).first()
    if before is not None:
        require_same(before, {"sha256": hashlib.sha256(content).hexdigest(), "by_id": viewer.staff_id})
        return before
    kind = kind_of(content)
    require_clean(content)
    stored, digest = store.put(content)
    try:
        with transaction.atomic():
            attached = Attachment.objects.create(
                child=child,
                name=name,
                kind=kind.name,
                size=len(content),
                sha256=digest,
                label=label,
                stored=stored,
                form=form,
                by_id=viewer.staff_id,
                at=timezone.now(),
            )
            _log(viewer, child, "attach", Thing.ATTACHMENT, number=attached.pk, label=int(label))
    except BaseException:
        store.remove(stored)
        raise
    return attached


def relabel(attached: Attachment, viewer: Viewer, label: Label, *, seen: int) -> None:
    """Gives an attachment another label; lowering needs who may approve it. raises ChangedMeanwhile"""
    _require(viewer, attached.child, Thing.ATTACHMENT, Action.EDIT, max(attached.label, label))
    if label < attached.label:
        _require(viewer, attached.child, Thing.ATTACHMENT, Action.APPROVE, attached.label)
    with transaction.atomic():
        rows = Attachment.objects.filter(pk=attached.pk, revision=seen, label=attached.label)
        if not rows.update(label=label, revision=seen + 1):
            raise ChangedMeanwhile
        _log(viewer, attached.child, "relabel", Thing.ATTACHMENT, number=attached.pk, label=int(label))


def _require(viewer: Viewer, child: Child, thing: Thing, action: Action, label: int) -> None:
    if not may(viewer, thing, action, child.subject(Label(label))):
        raise PermissionDenied


def _add_version(note: Note, viewer: Viewer, written: Written, *, action: str) -> None:
    version = NoteVersion.objects.create(
        note=note,
        number=note.number,
        text=written.text,
        label=written.label,
        about_on=written.about_on,
        by_id=viewer.staff_id,
        at=timezone.now(),
    )
    index_document(Kind.NOTE, note.pk, written.text)
    append(
        action=action,
        object=Thing.NOTE.value,
        staff=viewer,
        purpose=viewer.purpose,
        persons=[note.child_id],
        detail={"number": note.pk, "label": int(written.label)},
        content=version,
    )


def _log(viewer: Viewer, child: Child, action: str, thing: Thing, **detail: int) -> None:
    append(action=action, object=thing.value, staff=viewer, purpose=viewer.purpose, persons=[child.pk], detail=detail)
