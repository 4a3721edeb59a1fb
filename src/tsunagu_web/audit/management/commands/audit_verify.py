"""`audit-verify`: is the access log what was written?"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from tsunagu.audit.proof import head_text, read_head
from tsunagu.audit.verify import verify
from tsunagu.errors import StateError
from tsunagu_web.audit.queries import sealed_rows


class Command(BaseCommand):
    help = (
        "Proves the access log: python -m tsunagu_web audit-verify [--head FILE] [--save-head FILE]. "
        f"Exit code 0: whole; {StateError.exit_code}: changed, and the first bad row is named."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head", type=Path, help="a head saved before: shows a log cut short or written anew")
        parser.add_argument("--save-head", type=Path, help="write the head here; keep it outside this machine")

    def handle(self, *args: Any, head: Path | None, save_head: Path | None, **options: Any) -> None:
        verdict = verify(sealed_rows(), read_head(head) if head else None)
        if verdict.fault is not None:
            raise StateError(
                f"the access log is not as it was written: row {verdict.fault.row:,} was {verdict.fault.kind}; "
                f"the {verdict.rows:,} rows before it are good",
                where="access log",
                to_do="Change nothing, save a copy of the database, and tell the audit office.",
            )
        if save_head is not None:
            save_head.write_text(head_text(verdict.head), encoding="utf-8")
        self.stdout.write(f"The access log is whole: {verdict.rows:,} rows, head {verdict.head.hash}.")
