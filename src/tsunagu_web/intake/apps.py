"""Tells Django of this room."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "tsunagu_web.intake"
    label = "intake"
