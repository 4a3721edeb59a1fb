"""Tells Django of this room."""

from django.apps import AppConfig


class ServingConfig(AppConfig):
    name = "tsunagu_web.serving"
    label = "serving"
