"""Tells Django of this room."""

from django.apps import AppConfig


class ProtectionConfig(AppConfig):
    name = "tsunagu_web.protection"
    label = "protection"
