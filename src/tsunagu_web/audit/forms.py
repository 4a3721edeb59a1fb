"""What the auditor asks for, and what is accepted."""

from __future__ import annotations

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

    def narrow(self, staff: list[tuple[str, str]]) -> LogFilter:
        field = self.fields["actor"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Everybody")), ("system", _("The program")), ("unknown", _("Unknown")), *staff]
        return self
