"""What the auditor asks for, and what is accepted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tsunagu_web.audit.names import ACTIONS


class LogFilter(forms.Form):
    action = forms.ChoiceField(
        required=False,
        label=_("What was done"),
        choices=[("", _("All")), *ACTIONS.items()],
        widget=forms.Select(attrs={"class": "field"}),
    )
    actor = forms.ChoiceField(required=False, label=_("Who"), widget=forms.Select(attrs={"class": "field"}))
    day = forms.DateField(
        required=False, label=_("Day"), widget=forms.DateInput(attrs={"type": "date", "class": "field"})
    )
    person = forms.RegexField(
        r"^[A-Za-z0-9_-]{1,40}$",
        required=False,
        label=_("Person id"),
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
    )

    below = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    above = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def asked(self) -> dict[str, Any]:
        """What was asked for; everything where the question makes no sense."""
        if self.is_valid():
            return self.cleaned_data
        return {"action": "", "actor": "", "day": None, "person": ""}

    def narrow(self, staff: list[tuple[str, str]]) -> LogFilter:
        field = self.fields["actor"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Everybody")), ("system", _("The program")), ("unknown", _("Unknown")), *staff]
        return self
