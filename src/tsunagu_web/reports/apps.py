"""Tells Django of this room."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "tsunagu_web.reports"
    label = "reports"
