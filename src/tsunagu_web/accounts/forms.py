"""What signing in, one's own account and the language ask for, and what is accepted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu_web.accounts.models import Staff


def _password(label: object, autocomplete: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete, "class": "field"})
    return forms.CharField(label=label, max_length=200, strip=False, widget=widget)


class LoginForm(forms.Form):
    login = forms.CharField(
        label=gettext_lazy("Login"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "class": "field"}),
    )
    password = _password(gettext_lazy("Password"), "current-password")


class ConfirmForm(forms.Form):
    password = _password(gettext_lazy("Password"), "current-password")


class CodeForm(forms.Form):
    """Six digits of an authenticator app, or eight of a recovery code; spaces and hyphens do not matter."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "field"}),
    )


class PasskeyForm(forms.Form):
    """What the browser answered to a challenge, as JSON."""

    answer = forms.CharField(max_length=20_000, widget=forms.HiddenInput)


class NewPasswordForm(forms.Form):
    password = _password(gettext_lazy("New password"), "new-password")
    again = _password(gettext_lazy("New password once more"), "new-password")

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = staff

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if self.staff.check_password(password):
            raise ValidationError(_("This is the password you have now. Choose another one."))
        validate_password(password, self.staff)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "password" in cleaned and "again" in cleaned and cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("The two passwords are not the same."))
        return cleaned


class NumberForm(forms.Form):
    number = forms.IntegerField(min_value=1)


class LanguageForm(forms.Form):
    language = forms.ChoiceField(choices=[("ja", "ja"), ("en", "en")])
    next = forms.CharField(required=False, max_length=300)
