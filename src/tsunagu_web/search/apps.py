"""Tells Django of this room."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "tsunagu_web.search"
    label = "search"
