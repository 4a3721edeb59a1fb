"""Tells Django of this room."""

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "tsunagu_web.reminders"
    label = "reminders"
