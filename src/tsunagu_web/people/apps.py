"""Tells Django of this room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "tsunagu_web.people"
    label = "people"
