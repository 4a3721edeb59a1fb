"""Tells Django of this room."""

from django.apps import AppConfig


class NotesConfig(AppConfig):
    name = "tsunagu_web.notes"
    label = "notes"
