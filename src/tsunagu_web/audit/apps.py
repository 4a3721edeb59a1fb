"""Tells Django of this room."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "tsunagu_web.audit"
    label = "audit"
