"""What the page of the past asks for: a day to look back to, and a correction of one field."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu.text.kana import is_kana
from tsunagu_web.access.policy import may
from tsunagu_web.access.table import Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.past import IDENTIFYING, NAMES
from tsunagu_web.people.models import Person
from tsunagu_web.people.services import Correction


class KnownOnForm(forms.Form):
    as_known_on = forms.DateField(
        label=gettext_lazy("As known on"), widget=forms.DateInput(attrs={"type": "date", "class": "field"})
    )


class CorrectionForm(forms.Form):
    """One field, its right value, and why; the old value is kept beside it."""

    field = forms.ChoiceField(widget=forms.Select(attrs={"class": "field"}))
    value = forms.CharField(
        required=False, max_length=120, widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"})
    )
    reason = forms.CharField(
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2, "class": "field"}),
        error_messages={"required": gettext_lazy("Say how you know that it is so.")},
    )
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    @classmethod
    def new(cls, viewer: Viewer, child: Child) -> CorrectionForm:
        return cls(initial={"seen": child.person.revision}).within(viewer, child)

    def within(self, viewer: Viewer, child: Child) -> CorrectionForm:
        """Offers the fields that the viewer may know."""
        hidden = frozenset() if may(viewer, Thing.NAME, about=child.subject()) else IDENTIFYING
        field = self.fields["field"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, label) for name, label in NAMES.items() if name not in hidden]
        return self

    def on_top_of_the_latest(self, viewer: Viewer, child: Child) -> CorrectionForm:
        """The same answers in a new form that has seen the latest state."""
        child.person.refresh_from_db()
        return CorrectionForm(initial={**self.cleaned_data, "seen": child.person.revision}).within(viewer, child)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if "field" in given and "value" in given:
            try:
                given["right"] = _read(given["field"], " ".join(given["value"].split()))
            except ValueError as error:
                self.add_error("value", str(error))
        return given

    def wish(self) -> Correction:
        given = self.cleaned_data
        return Correction(given["field"], given["right"], given["reason"].strip(), given["seen"])


def _read(field: str, text: str) -> Any:
    """The value as the person's row has it; ValueError in words for the page."""
    if field == "birth_date":
        return _day(text)
    if field == "sex" and text not in ("", "1", "2"):
        raise ValueError(_("Write 1 for male, 2 for female, or nothing."))
    if field == "grade":
        return _grade(text)
    if field == "name" and not text:
        raise ValueError(_("A name cannot be empty."))
    if field == "kana" and text and not is_kana(text):
        raise ValueError(_("Write the reading in kana."))
    if len(text) > (Person._meta.get_field(field).max_length or 0):
        raise ValueError(_("This is too long for the field."))
    return text


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(_("Write the day as 2016-05-12.")) from None
    if day is not None and not dt.date(1900, 1, 1) <= day <= timezone.localdate():
        raise ValueError(_("The day must lie between 1900 and today."))
    return day


def _grade(text: str) -> int | None:
    if not text:
        return None
    if not text.lstrip("-").isdecimal() or not -6 <= int(text) <= 12:
        raise ValueError(_("Write the grade as a whole number from -6 to 12; 1 to 9 are pupils."))
    return int(text)
