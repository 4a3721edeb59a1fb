"""`staff-renew`: a new start password for somebody who lost the password or every second factor."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tsunagu_web.accounts.register import renew


class Command(BaseCommand):
    help = "Removes password and second factors, ends every session, prints a new start password: staff-renew LOGIN"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login")

    def handle(self, *args: Any, login: str, **options: Any) -> None:
        self.stdout.write(f"start password: {renew(login)}")
        self.stdout.write("It is good for 72 hours, and only until another is chosen. Make sure who is asking.")
