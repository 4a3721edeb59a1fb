"""What the pages of notes ask for, and what is accepted."""

from __future__ import annotations

import datetime as dt
import unicodedata
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu_web.access.terms import Label
from tsunagu_web.free_text import FreeText
from tsunagu_web.notes.kinds import Kind, Refused, is_named_so
from tsunagu_web.notes.models import LABELS, Attachment, Note, NoteVersion
from tsunagu_web.notes.services import Written

# What a file is refused for, in words of the page.
REFUSALS = {
    "unknown_kind": gettext_lazy(
        "This kind of file cannot be attached. PDF, PNG, JPEG, plain text, xlsx and docx can."
    ),
    "bomb": gettext_lazy("Unpacked, this file would be far larger than it looks. It was not opened further."),
    "macros": gettext_lazy("This file holds macros. Save it without them, then attach it again."),
    "damaged": gettext_lazy("This file is damaged, or locked with a password. Save it anew, then attach it again."),
    "infected": gettext_lazy(
        "The virus scanner found something in this file. It was not kept. Please tell your IT staff."
    ),
    "not_scanned": gettext_lazy(
        "The virus scanner did not answer, so the file was not kept. Try again later; your note is not affected."
    ),
}


KIND_NAMES = {
    "pdf": "PDF",
    "png": "PNG",
    "jpeg": "JPEG",
    "text": gettext_lazy("plain text"),
    "xlsx": "xlsx",
    "docx": "docx",
}


def attached_as(kind: Kind, name: str) -> str:
    """What is said after a file was attached: the kind too, where its name ends as another."""
    if is_named_so(kind, name):
        return _("The file is attached.")
    said = _("The file is attached. By its content it is %(kind)s, other than its name says, and is kept as that.")
    return said % {"kind": KIND_NAMES[kind.name]}


class _Labelled(forms.Form):
    label = forms.TypedChoiceField(
        coerce=lambda value: Label(int(value)), widget=forms.Select(attrs={"class": "field"})
    )

    def offering(self, labels: Iterable[Label]) -> Any:
        """Only these labels can be chosen."""
        field = self.fields["label"]
        assert isinstance(field, forms.ChoiceField)
        offered = {int(label) for label in labels}
        field.choices = [(value, name) for value, name in LABELS if value in offered]
        return self


class NoteForm(_Labelled):
    """A note, new or changed; `seen` is the version the page showed, 0 for a new note."""

    text = FreeText(
        most=8_000,
        widget=forms.Textarea(attrs={"rows": 6, "class": "field"}),
        error_messages={"required": gettext_lazy("Write the note.")},
    )
    about_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date", "class": "field"}))
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def new(cls) -> NoteForm:
        return cls(initial={"label": int(Label.INTERNAL), "seen": 0, "form": uuid.uuid4()})

    @classmethod
    def of(cls, version: NoteVersion) -> NoteForm:
        said = {"text": version.text, "label": version.label, "about_on": version.about_on}
        return cls(initial={**said, "seen": version.number, "form": uuid.uuid4()})

    def on_top_of(self, note: Note) -> NoteForm:
        """The same text in a new form that has seen the newest version."""
        given = {**self.cleaned_data, "label": int(self.cleaned_data["label"])}
        return NoteForm(initial={**given, "seen": note.number, "form": uuid.uuid4()})

    def clean_about_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["about_on"]
        if day is not None and not dt.date(1900, 1, 1) <= day <= timezone.localdate():
            raise forms.ValidationError(_("The day must lie between 1900 and today."))
        return day

    def written(self) -> Written:
        given = self.cleaned_data
        return Written(given["text"].strip(), given["label"], given["about_on"], given["form"])


class AttachForm(_Labelled):
    """One file with its label. Name and content type as sent are not believed."""

    file = forms.FileField(
        required=False,
        widget=forms.FileInput(attrs={"class": "field"}),
        error_messages={"empty": gettext_lazy("This file is empty.")},
    )
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def new(cls) -> AttachForm:
        return cls(initial={"label": int(Label.INTERNAL), "form": uuid.uuid4()})

    def clean_file(self) -> UploadedFile:
        file: UploadedFile | None = self.cleaned_data["file"]
        # A file far above the limit was dropped while it was read, so that it never stands in the clear on a disk.
        if file is None or (file.size or 0) > settings.ENVIRONMENT.attachment_bytes:
            most = settings.ENVIRONMENT.attachment_bytes // (1024 * 1024)
            raise forms.ValidationError(_("Choose a file of at most %(most)d MB.") % {"most": most})
        return file

    def refused(self, error: Refused) -> AttachForm:
        self.add_error("file", REFUSALS[error.why])
        return self

    @property
    def name(self) -> str:
        """The name as people read it: no path, no control character, not too long."""
        name = (self.cleaned_data["file"].name or "").replace("\\", "/").rpartition("/")[2]
        kept = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C").strip()
        return kept[:120] or "file"


class LabelForm(_Labelled):
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    @classmethod
    def of(cls, attached: Attachment) -> LabelForm:
        return cls(initial={"label": attached.label, "seen": attached.revision})
