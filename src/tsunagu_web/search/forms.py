"""What a search asks for, and what is accepted."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tsunagu.text.search import Asked, asked
from tsunagu_web.free_text import FreeText


class SearchForm(forms.Form):
    """A name, a reading or words of a note; sent in the body, so that it never stands in an address."""

    words = FreeText(
        label=_("Name or reading"),
        most=60,
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
    )
    page = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def question(self) -> Asked:
        """What is asked; nothing when it was too long or not there."""
        return asked(self.cleaned_data["words"] if self.is_valid() else "")
