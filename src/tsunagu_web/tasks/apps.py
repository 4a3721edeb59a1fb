"""Tells Django of this room."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "tsunagu_web.tasks"
    label = "tasks"
