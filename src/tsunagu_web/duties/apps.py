"""Tells Django of this room."""

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "tsunagu_web.duties"
    label = "duties"
