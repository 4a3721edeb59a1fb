"""Tells Django of this room."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "tsunagu_web.access"
    label = "access"
