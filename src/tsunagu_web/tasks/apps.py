"""Tells Django of this room, and the room of cases what of it ends with a case."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "tsunagu_web.tasks"
    label = "tasks"

    def ready(self) -> None:
        from tsunagu_web.tasks import closing  # noqa: F401  # ties itself
