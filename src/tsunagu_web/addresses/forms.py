"""What a request for an address asks, and what the second person answers."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from tsunagu_web.addresses.models import ReleaseReason
from tsunagu_web.addresses.services import Wish
from tsunagu_web.free_text import FreeText


class AskForm(forms.Form):
    reason = forms.ChoiceField(
        choices=[("", gettext_lazy("Choose a reason")), *ReleaseReason.choices],
        widget=forms.Select(attrs={"class": "field"}),
        error_messages={"required": gettext_lazy("Choose the reason.")},
    )
    need = FreeText(
        most=400,
        widget=forms.Textarea(attrs={"rows": 3, "class": "field"}),
        error_messages={"required": gettext_lazy("Say what you need the address for.")},
    )
    form = forms.UUIDField(widget=forms.HiddenInput)

    def wish(self) -> Wish:
        given = self.cleaned_data
        return Wish(reason=given["reason"], need=given["need"].strip(), form=given["form"])


class KeyForm(forms.Form):
    """Names one request; in the body, so that no address of a page carries it."""

    key = forms.UUIDField()


class AnswerForm(KeyForm):
    agrees = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
