"""What the page of household and kin asks for, and what is accepted."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from tsunagu.text.kana import is_kana
from tsunagu_web.free_text import FreeText
from tsunagu_web.people.models import Answer, Kind, Kinship
from tsunagu_web.people.services import KinChange, NewKin

_DAY = {"type": "date", "class": "field"}


def _answer() -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=Answer.choices, initial=Answer.UNKNOWN, widget=forms.Select(attrs={"class": "field"})
    )


class KinForm(forms.Form):
    """Somebody known, or a name for somebody of no register."""

    relative = forms.ChoiceField(required=False, widget=forms.Select(attrs={"class": "field"}))
    name = FreeText(required=False, most=120, widget=forms.TextInput(attrs={"class": "field"}))
    kana = FreeText(required=False, most=120, widget=forms.TextInput(attrs={"class": "field"}))
    birth_date = forms.DateField(required=False, widget=forms.DateInput(attrs=_DAY))
    kind = forms.ChoiceField(choices=Kind.choices, widget=forms.Select(attrs={"class": "field"}))
    has_custody = _answer()
    may_be_contacted = _answer()
    valid_from = forms.DateField(required=False, widget=forms.DateInput(attrs=_DAY))
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def empty(cls) -> KinForm:
        return cls(initial={"form": uuid.uuid4()})

    def among(self, known: Iterable[tuple[str, str]]) -> KinForm:
        field = self.fields["relative"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Somebody else")), *known]
        return self

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        name, kana = " ".join(given.get("name", "").split()), " ".join(given.get("kana", "").split())
        if not given.get("relative") and not name:
            self.add_error("name", _("Choose somebody, or write a name."))
        if kana and not is_kana(kana):
            self.add_error("kana", _("Write the reading in kana."))
        return {**given, "name": name, "kana": kana}

    def new(self) -> NewKin:
        given = self.cleaned_data
        return NewKin(
            relative_id=given["relative"],
            name=given["name"],
            kana=given["kana"],
            birth_date=given["birth_date"],
            kind=given["kind"],
            has_custody=given["has_custody"],
            may_be_contacted=given["may_be_contacted"],
            valid_from=given["valid_from"],
            form=given["form"],
        )


class KinChangeForm(forms.Form):
    has_custody = _answer()
    may_be_contacted = _answer()
    valid_to = forms.DateField(required=False, widget=forms.DateInput(attrs=_DAY))

    @classmethod
    def of(cls, kin: Kinship) -> KinChangeForm:
        said = {"has_custody": kin.has_custody, "may_be_contacted": kin.may_be_contacted, "valid_to": kin.valid_to}
        return cls(initial=said, prefix=f"kin{kin.pk}")

    def after(self, start: dt.date | None) -> KinChangeForm:
        self._start = start
        return self

    def clean_valid_to(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["valid_to"]
        if day is not None and not (self._start or dt.date(1900, 1, 1)) <= day <= timezone.localdate():
            raise forms.ValidationError(_("The day must lie after the start, and not after today."))
        return day

    def change(self) -> KinChange:
        given = self.cleaned_data
        return KinChange(given["has_custody"], given["may_be_contacted"], given["valid_to"])
