"""`grants`: what the desk's role may do in PostgreSQL."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tsunagu_web.audit.grants import apply_to, statements_for


class Command(BaseCommand):
    help = (
        "Prints what the role that serves the desk may do, or grants it: python -m tsunagu_web grants --role desk_app"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", required=True, help="the role in TSUNAGU_DATABASE_URL of the serving desk")
        parser.add_argument("--apply", action="store_true", help="grant it; without this, the statements are printed")

    def handle(self, *args: Any, role: str, apply: bool, **options: Any) -> None:
        if apply:
            self.stdout.write(f"{apply_to(role):,} statements were run for the role.")
        else:
            self.stdout.write("\n".join(f"{statement};" for statement in statements_for(role)))
