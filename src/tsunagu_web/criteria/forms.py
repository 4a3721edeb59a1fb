"""What the pages of drafts ask for, and what is accepted."""

from __future__ import annotations

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from tsunagu_web.free_text import FreeText

_WORDS = {"required": _("Say why, in a sentence.")}


def _reason(*, required: bool) -> forms.CharField:
    widget = forms.Textarea(attrs={"class": "field", "rows": 4})
    return FreeText(most=1000, required=required, widget=widget, error_messages=_WORDS)


class DraftForm(forms.Form):
    """A next version: its number, the day from which it is to hold, and why."""

    version = FreeText(most=40, widget=forms.TextInput(attrs={"class": "field"}))
    effective = forms.DateField(widget=forms.DateInput(attrs={"class": "field", "type": "date"}))
    reason = _reason(required=True)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def offering(cls, version: str) -> DraftForm:
        return cls(initial={"version": version, "form": uuid.uuid4()})


class SayForm(forms.Form):
    """Approve or refuse, each a button; a refusal says why. report: the hash of the report that was read."""

    says = forms.ChoiceField(choices=[("approve", ""), ("refuse", "")])
    reason = _reason(required=False)
    report = forms.CharField(max_length=64, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def about(cls, report: str) -> SayForm:
        return cls(initial={"report": report, "form": uuid.uuid4()})

    def clean(self) -> None:
        if self.cleaned_data.get("says") == "refuse" and not self.cleaned_data.get("reason"):
            self.add_error("reason", _WORDS["required"])
