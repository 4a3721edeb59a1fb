"""Tells Django of this room, and the room of cases what of it ends with a case."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "tsunagu_web.plans"
    label = "plans"

    def ready(self) -> None:
        from tsunagu_web.plans import closing  # noqa: F401  # ties itself
