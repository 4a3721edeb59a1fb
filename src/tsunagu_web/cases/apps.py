"""Tells Django of this room."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "tsunagu_web.cases"
    label = "cases"
