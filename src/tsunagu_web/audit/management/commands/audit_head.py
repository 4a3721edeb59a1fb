"""`audit-head`: signs a head of the access log and stores it, for a timer or after an outage."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tsunagu_web.audit.heads import heads_state, issue_heads


class Command(BaseCommand):
    help = "Signs a head of the access log and stores it in the folder of heads: python -m tsunagu_web audit-head"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-due", action="store_true", help="only after 1,000 rows or 10 minutes, for a timer")
        parser.add_argument("--begin", action="store_true", help="begin a new series in a new, empty folder")

    def handle(self, *args: Any, if_due: bool, begin: bool, **options: Any) -> None:
        made = issue_heads(is_due_only=if_due, may_begin=begin)
        newest = heads_state().newest
        covered = f"; they cover {newest.rows:,} rows" if newest else ""
        self.stdout.write(f"{made:,} heads were stored{covered}.")
