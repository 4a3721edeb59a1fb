"""`audit-verify`: is the access log what was written?"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from tsunagu.audit.proof import head_text, read_head
from tsunagu.audit.report import require_whole, whole_line
from tsunagu.errors import StateError
from tsunagu_web.audit.checking import Proof, check_log


class Command(BaseCommand):
    help = (
        "Proves the access log: python -m tsunagu_web audit-verify [--heads FOLDER] [--head FILE] [--save-head FILE]. "
        f"Exit code 0: whole; {StateError.exit_code}: changed, and every bad row is named."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head", type=Path, help="a head kept elsewhere: shows a log cut short or written anew")
        parser.add_argument("--heads", type=Path, help="a folder of signed heads; default: the desk's own")
        parser.add_argument("--public-key", type=Path, help="the heads' public key; default: the desk's own")
        parser.add_argument("--save-head", type=Path, help="write the head here; keep it outside this machine")

    def handle(
        self,
        *args: Any,
        head: Path | None = None,
        heads: Path | None = None,
        public_key: Path | None = None,
        save_head: Path | None = None,
        **options: Any,
    ) -> None:
        checked = check_log(Proof(read_head(head) if head else None, heads, public_key))
        require_whole(checked.verdict, where="access log")
        if save_head is not None:
            save_head.write_text(head_text(checked.verdict.head), encoding="utf-8")
        self.stdout.write(whole_line(checked.verdict, heads=checked.heads))
        if checked.contents:
            self.stdout.write(f"{checked.contents:,} rows that the log speaks of are what they were.")
        if checked.unsealed:
            self.stdout.write(f"{checked.unsealed:,} older rows were written before the log kept digests of them.")
