"""Tells Django of this room, and the room of cases what of it ends with a case."""

from django.apps import AppConfig


class TransfersConfig(AppConfig):
    name = "tsunagu_web.transfers"
    label = "transfers"

    def ready(self) -> None:
        from tsunagu_web.transfers import closing  # noqa: F401  # ties itself
