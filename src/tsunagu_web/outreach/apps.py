"""Tells Django of this room."""

from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "tsunagu_web.outreach"
    label = "outreach"
