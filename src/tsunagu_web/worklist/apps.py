"""Tells Django of this room."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    name = "tsunagu_web.worklist"
    label = "worklist"
