"""What the pages of the sheet of urgency ask for beside its questions, and what is accepted."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from tsunagu.guidance.sheet import Sheet
from tsunagu_web.free_text import FreeText
from tsunagu_web.guidance_centre.choices import Difference
from tsunagu_web.guidance_centre.models import SheetDraft, UrgencyView
from tsunagu_web.guidance_centre.sheets import classes_of, said
from tsunagu_web.guidance_centre.urgency import Marks, View

_CHOOSE = gettext_lazy("Choose one.")
_AREA = {"rows": 4, "class": "field"}


class SheetMarks(forms.Form):
    """What a page of a sheet says of itself; without it no page of the desk sent the form."""

    form = forms.UUIDField(widget=forms.HiddenInput)
    window = forms.UUIDField(widget=forms.HiddenInput)
    turn = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    @classmethod
    def of(cls, draft: SheetDraft) -> SheetMarks:
        return cls(initial={"form": uuid.uuid4(), "window": uuid.uuid4(), "turn": 0, "seen": draft.revision})

    def marks(self) -> Marks:
        given = self.cleaned_data
        return Marks(given["window"], given["turn"], given["seen"])


class OwnForm(forms.Form):
    """The own view: a class, and what it rests on."""

    urgency = forms.ChoiceField(widget=forms.RadioSelect, error_messages={"required": _CHOOSE})
    grounds = FreeText(
        most=2_000,
        widget=forms.Textarea(attrs=_AREA),
        error_messages={"required": gettext_lazy("Write what you base it on.")},
    )
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def new(cls) -> OwnForm:
        return cls(initial={"form": uuid.uuid4()})

    def of(self, sheet: Sheet) -> OwnForm:
        _offer(self, "urgency", classes_of(sheet))
        return self

    def view(self) -> View:
        return View(self.cleaned_data["urgency"], self.cleaned_data["grounds"], self.cleaned_data["form"])


class AfterForm(forms.Form):
    """The view beside the floor; what differs, or is below it, says why."""

    urgency = forms.ChoiceField(widget=forms.RadioSelect, error_messages={"required": _CHOOSE})
    difference = forms.ChoiceField(
        required=False,
        choices=[("", gettext_lazy("Choose a reason")), *Difference.choices],
        widget=forms.Select(attrs={"class": "field"}),
    )
    settled = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    grounds = FreeText(most=2_000, required=False, widget=forms.Textarea(attrs=_AREA))
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, before: UrgencyView) -> AfterForm:
        return cls(initial={"urgency": before.urgency, "form": uuid.uuid4()})

    def offering(self, sheet: Sheet, questions: Iterable[str]) -> AfterForm:
        _offer(self, "urgency", classes_of(sheet))
        _offer(self, "settled", [(id, said(sheet.by_id[id].words)) for id in questions])
        return self

    def view(self) -> View:
        given = self.cleaned_data
        return View(given["urgency"], given["grounds"], given["form"], given["difference"], given["settled"])


def _offer(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field: Any = form.fields[name]
    field.choices = choices
