"""`link-decisions`: writes the decisions about doubtful pairs for the next run."""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from tsunagu.errors import StateError
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.services import SYSTEM, append
from tsunagu_web.cases.models import Run
from tsunagu_web.link_review.queries import decisions_file


class Command(BaseCommand):
    help = "Writes what was decided about doubtful pairs, for tsunagu run --link-decisions: link-decisions --out FILE"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, required=True, help="the file to write; it must not exist")

    def handle(self, *args: Any, out: Path, **options: Any) -> None:
        run = Run.objects.filter(is_current=True).first()
        if run is None:
            raise StateError(
                "the desk shows no run yet, so nothing was decided",
                where="desk",
                to_do="Take in a run first: intake RUN --key FILE.",
            )
        file = decisions_file(run)
        digest = hashlib.sha256(file.content).hexdigest()
        try:
            with transaction.atomic(), out.open("xb") as written:
                detail = {"rows": file.decisions, "content": digest}
                append(action=Action.EXPORT.value, object=Thing.LINK_REVIEW.value, actor=SYSTEM, detail=detail)
                written.write(file.content)
        except OSError as error:
            raise StateError(
                f"the decisions cannot be written there ({type(error).__name__})",
                where=str(out),
                to_do="Name a new file in a folder you may write to.",
            ) from error
        self.stdout.write(f"{file.decisions:,} decisions written, SHA-256 {digest}.")
        if file.other_key:
            self.stdout.write(f"{file.other_key:,} were made under another key; no run can find their records again.")
