"""Tells Django of this room."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "tsunagu_web.cases"
    label = "cases"

    def ready(self) -> None:
        from tsunagu_web.audit.signals import names_from
        from tsunagu_web.cases.search import names_of

        names_from(names_of)
