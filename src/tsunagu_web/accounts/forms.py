"""What logging in and the language asks for, and what is accepted."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class LoginForm(forms.Form):
    login = forms.CharField(
        label=_("Login"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "class": "field"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "field"}),
    )


class LanguageForm(forms.Form):
    language = forms.ChoiceField(choices=[("ja", "ja"), ("en", "en")])
    next = forms.CharField(required=False, max_length=300)
