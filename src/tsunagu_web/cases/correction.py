"""What the page of the past asks for: a day to look back to, and a correction of one field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu.text.kana import is_kana
from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.days import HIGHEST_GRADE, LOWEST_GRADE, exact_grade_words
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.past import IDENTIFYING, NAMES, words_for
from tsunagu_web.cases.queries import school_names
from tsunagu_web.free_text import FreeText, too_long
from tsunagu_web.people.models import Person
from tsunagu_web.people.services import Correction
from tsunagu_web.people.versions import from_text

# Fields that have only certain values; a school is one that the run names.
OF_A_LIST = ("sex", "school_name", "grade")


class KnownOnForm(forms.Form):
    as_known_on = forms.DateField(
        label=gettext_lazy("As known on"), widget=forms.DateInput(attrs={"type": "date", "class": "field"})
    )

    def clean_as_known_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["as_known_on"]
        # What will be known is nowhere written; the record of today under a later day would say it is.
        if day > timezone.localdate():
            raise forms.ValidationError(_("The day must lie between 1900 and today."))
        return day


class CorrectionForm(forms.Form):
    """One field, its right value, and why; the old value is kept beside it.

    value   what is written, for fields of free text and the birth date
    chosen  `field:value`, for fields that have only certain values: one list with a group for each
    """

    field = forms.ChoiceField(widget=forms.Select(attrs={"class": "field"}))
    value = FreeText(required=False, most=120, widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}))
    chosen = forms.ChoiceField(required=False, widget=forms.Select(attrs={"class": "field"}))
    reason = FreeText(
        most=400,
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
        chosen = self.fields["chosen"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [("", _("Choose a value")), *_values_by_field(school_names(viewer))]
        return self

    def on_top_of_the_latest(self, viewer: Viewer, child: Child) -> CorrectionForm:
        """The same answers in a new form that has seen the latest state."""
        child.person.refresh_from_db()
        return CorrectionForm(initial={**self.cleaned_data, "seen": child.person.revision}).within(viewer, child)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if "field" in given and "value" in given and "chosen" in given:
            is_of_a_list = given["field"] in OF_A_LIST
            try:
                given["right"] = _picked(given) if is_of_a_list else _read(given)
            except ValueError as error:
                self.add_error("chosen" if is_of_a_list else "value", str(error))
        return given

    def wish(self) -> Correction:
        given = self.cleaned_data
        return Correction(given["field"], given["right"], given["reason"].strip(), given["seen"])


def _values_by_field(schools: Iterable[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The values to choose from, each as `field:value`, in a group with the field's name."""
    values: Mapping[str, Iterable[tuple[str, str]]] = {
        "sex": [(code, words_for("sex", code)) for code in ("1", "2")],
        "school_name": [(name, name) for name in schools],
        "grade": [(str(grade), exact_grade_words(grade)) for grade in range(LOWEST_GRADE, HIGHEST_GRADE + 1)],
    }
    return [
        (
            str(NAMES[field]),
            [(f"{field}:{value}", label) for value, label in [*values[field], ("", _("none, or not known"))]],
        )
        for field in OF_A_LIST
    ]


def _picked(given: Mapping[str, Any]) -> Any:
    """What was chosen from the list, as the person's row has it; ValueError in words for the page."""
    field, _colon, value = given["chosen"].partition(":")
    if field != given["field"]:
        raise ValueError(_("Choose a value of this field from the list."))
    if given["value"].strip():
        raise ValueError(_("This field is chosen here; leave the written value empty."))
    return from_text(field, value)


def _read(given: Mapping[str, Any]) -> Any:
    """What was written, as the person's row has it; ValueError in words for the page."""
    field, text = given["field"], " ".join(given["value"].split())
    if given["chosen"]:
        raise ValueError(_("This field is written here, not chosen from the list."))
    if field == "birth_date":
        return _day(text)
    if field == "name" and not text:
        raise ValueError(_("A name cannot be empty."))
    if field == "kana" and text and not is_kana(text):
        raise ValueError(_("Write the reading in kana."))
    most = Person._meta.get_field(field).max_length or 0
    if len(text) > most:
        raise ValueError(too_long(len(text), most))
    return text


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(_("Write the day as 2016-05-12.")) from None
    if day is not None and not dt.date(1900, 1, 1) <= day <= timezone.localdate():
        raise ValueError(_("The day must lie between 1900 and today."))
    return day
