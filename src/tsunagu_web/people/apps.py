"""Tells Django of this room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "tsunagu_web.people"
    label = "people"

    def ready(self) -> None:
        from tsunagu_web.audit.signals import names_from
        from tsunagu_web.people.queries import names_of

        names_from(names_of)
