"""Tells Django of this room."""

from django.apps import AppConfig


class GuidanceCentreConfig(AppConfig):
    name = "tsunagu_web.guidance_centre"
    label = "guidance_centre"
