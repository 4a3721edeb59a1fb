"""Tells Django of this room, and the room of cases what of it keeps a case open."""

from django.apps import AppConfig


class ProtectionConfig(AppConfig):
    name = "tsunagu_web.protection"
    label = "protection"

    def ready(self) -> None:
        from tsunagu_web.protection import closing  # noqa: F401  # ties itself
