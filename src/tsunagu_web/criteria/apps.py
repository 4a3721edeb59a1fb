"""Tells Django of this room."""

from django.apps import AppConfig


class CriteriaConfig(AppConfig):
    name = "tsunagu_web.criteria"
    label = "criteria"
