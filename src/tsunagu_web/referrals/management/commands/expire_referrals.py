"""`expire-referrals`: lets referrals run out that nobody answered by their day; to be called once a day."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from tsunagu_web.access.reach import the_program
from tsunagu_web.referrals.services import expire_due


class Command(BaseCommand):
    help = "Lets referrals run out that nobody answered by their day: python -m tsunagu_web expire-referrals"

    def handle(self, *args: Any, **options: Any) -> None:
        with the_program():
            ended = expire_due(timezone.localdate())
        self.stdout.write(f"{ended:,} referrals have run out.")
