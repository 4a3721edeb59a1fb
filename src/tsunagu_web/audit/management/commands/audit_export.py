"""`audit-export`: the access log as a file that can be proved elsewhere."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from tsunagu.audit.proof import write_lines
from tsunagu.errors import StateError
from tsunagu_web.audit.checking import sealed_rows


class Command(BaseCommand):
    help = "Writes the access log as JSON lines that can be proved without the database: audit-export FILE"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            with file.open("x", encoding="utf-8") as out:
                count = write_lines(sealed_rows(), out)
        except OSError as error:
            raise StateError(
                f"the log cannot be written there ({type(error).__name__})",
                where=str(file),
                to_do="Name a new file in a folder you may write to.",
            ) from error
        self.stdout.write(f"{count:,} rows written.")
