"""`audit-signals`: unusual access of the last days, as facts."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tsunagu_web.audit.services import SYSTEM, append_now
from tsunagu_web.audit.signals import signals_since


class Command(BaseCommand):
    help = "Prints unusual access as facts, each with a possible step: python -m tsunagu_web audit-signals --days 7"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=None, help="days up to now; default as in signals.toml")

    def handle(self, *args: Any, days: int | None = None, **options: Any) -> None:
        found = signals_since(days)
        append_now(action="view", object="access_log", actor=SYSTEM, detail={"signals": len(found)})
        for signal in found:
            self.stdout.write(f"{signal.day} {signal.actor} {signal.code}: {signal.fact} {signal.step}")
        self.stdout.write(f"{len(found):,} facts.")
