"""What the pages of duties ask for, and what is accepted."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from tsunagu_web.access.table import Purpose


class PurposeForm(forms.Form):
    """One of the purposes the role has; nothing is chosen beforehand, so that picking is an act."""

    purpose = forms.ChoiceField(
        widget=forms.RadioSelect, error_messages={"required": _("Choose what you are here for.")}
    )
    next = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    def offering(self, purposes: Iterable[Purpose]) -> PurposeForm:
        field = self.fields["purpose"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(purpose.value, purpose.label) for purpose in purposes]
        return self
