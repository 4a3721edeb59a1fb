"""Tells Django of this room."""

from django.apps import AppConfig


class RoundsConfig(AppConfig):
    name = "tsunagu_web.rounds"
    label = "rounds"
