"""Tells Django of this room."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "tsunagu_web.api"
    label = "api"
