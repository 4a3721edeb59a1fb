"""Tells Django of this room."""

from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "tsunagu_web.boards"
    label = "boards"
