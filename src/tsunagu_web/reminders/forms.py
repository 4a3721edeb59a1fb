"""What the page about mail asks for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tsunagu_web.accounts.models import MailChoice
from tsunagu_web.reminders.words import BY_MAIL, WORDS


class MailForm(forms.Form):
    """Where mail goes, in which language, and what is told by mail."""

    address = forms.EmailField(
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "field", "autocomplete": "email"}),
        error_messages={"invalid": _("Write an address such as name@city.example.jp.")},
    )
    language = forms.ChoiceField(
        choices=[("ja", "日本語"), ("en", "English")], widget=forms.Select(attrs={"class": "field"})
    )
    kinds = forms.MultipleChoiceField(
        required=False,
        choices=[(kind.value, WORDS[kind]) for kind in BY_MAIL],
        widget=forms.CheckboxSelectMultiple,
    )

    @classmethod
    def of(cls, choice: MailChoice | None, language: str) -> MailForm:
        """The choice as it is; for somebody who never chose, everything is ticked."""
        off = choice.off if choice else []
        return cls(
            initial={
                "address": choice.address if choice else "",
                "language": choice.language if choice else language,
                "kinds": [kind.value for kind in BY_MAIL if kind not in off],
            }
        )

    def off(self) -> list[str]:
        return [kind.value for kind in BY_MAIL if kind not in self.cleaned_data["kinds"]]
