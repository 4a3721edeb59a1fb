"""Tells Django of this room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "tsunagu_web.accounts"
    label = "accounts"
