"""Tells Django of this room."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "tsunagu_web.assessment"
    label = "assessment"
