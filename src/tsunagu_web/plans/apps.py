"""Tells Django of this room."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "tsunagu_web.plans"
    label = "plans"
