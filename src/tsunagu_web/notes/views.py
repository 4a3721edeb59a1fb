"""Pages of notes and attachments: read or write through queries and services, then answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tsunagu.errors import EngineError, StateError
from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.queries import require_child
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.cases.who import who
from tsunagu_web.notes import queries, services, store
from tsunagu_web.notes.changes import changes_in
from tsunagu_web.notes.forms import AttachForm, LabelForm, NoteForm, attached_as
from tsunagu_web.notes.kinds import KINDS, Refused, as_shown
from tsunagu_web.notes.models import Attachment, Note
from tsunagu_web.search.forms import SearchForm
from tsunagu_web.search.terms import record_search
from tsunagu_web.steps.once import told_again

_DISK_IS_FULL = 507


@needs(Thing.NOTE, Action.VIEW, shows_people=True)
@require_safe
def listed(request: HttpRequest, person_id: str) -> HttpResponse:
    return _show_list(request, require_child(request, person_id, Thing.NOTE))


@needs(Thing.NOTE, Action.VIEW, shows_people=True)
@require_POST
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.POST)
    question = form.question()
    page = queries.found(request.viewer, question, request.POST.get("page", "1"))
    persons = [version.note.child_id for version in page]
    words = request.POST.get("words", "")
    record_search(request, Thing.NOTE, persons, words=words, found=page.paginator.count)
    rows = [(version, who(request.viewer, version.note.child)) for version in page]
    return render(request, "notes/found.html", {"page": page, "rows": rows, "search": form, "question": question})


@needs(Thing.NOTE, Action.EDIT, shows_people=True)
@require_POST
def write(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.NOTE, Action.EDIT)
    form = NoteForm(request.POST).offering(queries.labels_for(request.viewer, child, Thing.NOTE))
    if not form.is_valid():
        return _show_list(request, child, form=form, status=422)
    if again := services.said_already(child, request.viewer, form.written()):
        messages.success(request, told_again(again.at))
    else:
        services.write_note(child, request.viewer, form.written())
        messages.success(request, _("The note is recorded."))
    return redirect("notes:list", person_id=child.pk)


@needs(Thing.NOTE, Action.VIEW, shows_people=True)
@require_safe
def note(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.NOTE)
    return _show_note(request, child, queries.require_note(request, child, number))


@needs(Thing.NOTE, Action.EDIT, shows_people=True)
@require_POST
def edit(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.NOTE, Action.EDIT)
    shown = queries.require_note(request, child, number, Action.EDIT)
    labels = queries.labels_for(request.viewer, child, Thing.NOTE, at_present=shown.label)
    form = NoteForm(request.POST).offering(labels)
    if not form.is_valid():
        return _show_note(request, child, shown, form=form)
    try:
        services.edit_note(shown, request.viewer, form.written(), seen=form.cleaned_data["seen"])
    except services.ChangedMeanwhile:
        return _show_note(request, child, shown, form=form.on_top_of(shown).offering(labels), is_late=True)
    messages.success(request, _("The note is changed, and what it said before is kept."))
    return redirect("notes:note", person_id=child.pk, number=number)


@needs(Thing.ATTACHMENT, Action.EDIT, shows_people=True)
@require_POST
def attach(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.ATTACHMENT, Action.EDIT)
    labels = queries.labels_for(request.viewer, child, Thing.ATTACHMENT)
    form = AttachForm(request.POST, request.FILES).offering(labels)
    if not form.is_valid():
        return _show_list(request, child, attaching=form, status=422)
    given = {"label": form.cleaned_data["label"], "form": form.cleaned_data["form"], "name": form.name}
    try:
        attached = services.attach(child, request.viewer, content=form.cleaned_data["file"].read(), **given)
    except Refused as error:
        return _show_list(request, child, attaching=form.refused(error), status=422)
    except (EngineError, StateError):
        form.add_error("file", _("The file could not be stored. Nothing was kept; please tell who runs this system."))
        return _show_list(request, child, attaching=form, status=_DISK_IS_FULL)
    messages.success(request, attached_as(KINDS[attached.kind], form.name))
    return redirect("notes:list", person_id=child.pk)


@needs(Thing.ATTACHMENT, Action.VIEW, shows_people=True)
@require_safe
def download(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.ATTACHMENT)
    attached = queries.require_attachment(request, child, number)
    record_look(request, Thing.ATTACHMENT, [child.pk], number=attached.pk)
    try:
        content = store.get(attached.stored, attached.sha256)
    except StateError:
        return render(request, "notes/damaged.html", {"child": child}, status=500)
    kind = KINDS[attached.kind]
    response = HttpResponse(as_shown(kind, content), content_type=kind.content_type)
    name = attached.name if attached.name.lower().endswith(kind.suffix) else attached.name + kind.suffix
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


@needs(Thing.ATTACHMENT, Action.EDIT, shows_people=True)
@require_POST
def relabel(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.ATTACHMENT, Action.EDIT)
    attached = queries.require_attachment(request, child, number, Action.EDIT)
    labels = queries.labels_for(request.viewer, child, Thing.ATTACHMENT, at_present=attached.label)
    form = LabelForm(request.POST).offering(labels)
    if not form.is_valid():
        return _show_list(request, child, status=422)
    try:
        services.relabel(attached, request.viewer, form.cleaned_data["label"], seen=form.cleaned_data["seen"])
    except services.ChangedMeanwhile:
        return _show_list(request, child, status=409)
    messages.success(request, _("The label is changed."))
    return redirect("notes:list", person_id=child.pk)


def _show_list(
    request: HttpRequest,
    child: Child,
    *,
    form: NoteForm | None = None,
    attaching: AttachForm | None = None,
    status: int = 200,
) -> HttpResponse:
    viewer, about = request.viewer, child.subject()
    record_look(request, Thing.NOTE, [child.pk])
    sees_files = may(viewer, Thing.ATTACHMENT, about=about)
    note_labels = queries.labels_for(viewer, child, Thing.NOTE)
    file_labels = queries.labels_for(viewer, child, Thing.ATTACHMENT)
    files = queries.attachments_of(viewer, child) if sees_files else []
    context = {
        "child": child,
        "who": who(viewer, child),
        "tabs": tabs_of(viewer, child),
        "notes": queries.notes_of(viewer, child) if may(viewer, Thing.NOTE, about=about) else [],
        "form": (form or NoteForm.new().offering(note_labels)) if note_labels else None,
        "files": [(file, _label_form(request, child, file)) for file in files],
        "attaching": (attaching or AttachForm.new().offering(file_labels)) if file_labels else None,
        "sees_files": sees_files,
        "is_limited": queries.is_limited(viewer, child, Thing.NOTE),
        "is_late": status == 409,
        "is_refused": status == 422 and not form and not attaching,
    }
    return render(request, "notes/list.html", context, status=status)


def _label_form(request: HttpRequest, child: Child, file: Attachment) -> LabelForm | None:
    labels = queries.labels_for(request.viewer, child, Thing.ATTACHMENT, at_present=file.label)
    return LabelForm.of(file).offering(labels) if len(labels) > 1 else None


def _show_note(
    request: HttpRequest, child: Child, shown: Note, *, form: NoteForm | None = None, is_late: bool = False
) -> HttpResponse:
    versions = queries.versions_of(request.viewer, child, shown)
    changes = changes_in(versions, request.GET.get("changes", ""))
    compared = {"version": changes.of} if changes else {}
    record_look(request, Thing.NOTE, [child.pk], number=shown.pk, **compared)
    labels = queries.labels_for(request.viewer, child, Thing.NOTE, at_present=shown.label)
    offered = (form or NoteForm.of(versions[0]).offering(labels)) if labels and versions else None
    context = {"child": child, "who": who(request.viewer, child), "note": shown, "versions": versions}
    context |= {"form": offered, "is_late": is_late, "changes": changes, "tabs": tabs_of(request.viewer, child)}
    return render(request, "notes/note.html", context, status=409 if is_late else 422 if form else 200)
