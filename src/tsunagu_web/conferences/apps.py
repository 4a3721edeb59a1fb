"""Tells Django of this room."""

from django.apps import AppConfig


class ConferencesConfig(AppConfig):
    name = "tsunagu_web.conferences"
    label = "conferences"
