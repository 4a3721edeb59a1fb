"""`intake`: takes in a run folder."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from tsunagu.runs.crypt import read_key
from tsunagu.runs.folder import RunFolder, open_run
from tsunagu_web.access.reach import the_program
from tsunagu_web.intake.services import TakenIn, take_in


class Command(BaseCommand):
    help = "Takes in a finished run folder: python -m tsunagu_web intake RUN --key FILE"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=Path, help="the run folder")
        parser.add_argument("--key", type=Path, required=True, help="the key file the run was made with")

    def handle(self, *args: Any, run: Path, key: Path, **options: Any) -> None:
        folder = open_run(run)
        opened = read_key(key)
        address_file = settings.ENVIRONMENT.address_key
        address_key = read_key(address_file) if address_file else None
        call_command("migrate", verbosity=0, interactive=False)
        with the_program():
            taken = take_in(
                folder, opened, lambda what, count: self.stderr.write(f"  {count:,} {what}"), address_key=address_key
            )
        if not taken.is_new:
            self.stdout.write(f"This run of {taken.on} was taken in before: nothing was changed.")
            return
        self.stdout.write(
            f"Run of {taken.on}: {taken.children:,} children noticed, {taken.newly_noticed:,} of them new; "
            f"{taken.no_longer_noticed:,} no longer noticed; {_facts(folder, taken)}."
        )
        if _is_from_nodes(folder):
            self.stdout.write(
                "Support that may be unclaimed was not looked for: over nodes no programme is computed. "
                "That no offer is there says nothing."
            )


def _is_from_nodes(folder: RunFolder) -> bool:
    return bool(folder.manifest.get("agreements"))


def _facts(folder: RunFolder, taken: TakenIn) -> str:
    # Nought would read as if nothing were known of anybody.
    return (
        "bands in place of facts, which stay with their holders" if _is_from_nodes(folder) else f"{taken.facts:,} facts"
    )
