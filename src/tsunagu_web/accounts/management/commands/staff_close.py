"""`staff-close`: closes the login of somebody who left."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tsunagu_web.accounts.register import close


class Command(BaseCommand):
    help = "Closes a login; its sessions end at their next request: staff-close LOGIN"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login")

    def handle(self, *args: Any, login: str, **options: Any) -> None:
        close(login)
        self.stdout.write("The login is closed.")
