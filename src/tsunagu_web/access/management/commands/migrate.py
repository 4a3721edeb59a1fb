"""`migrate`: Django's own, for the program: a migration reads and writes everybody's rows."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from tsunagu_web.access.reach import the_program


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with the_program():
            super().handle(*args, **options)
