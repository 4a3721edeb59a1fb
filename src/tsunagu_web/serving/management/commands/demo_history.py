"""`demo-history`: invented work of the last months, for a demonstration."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from tsunagu.errors import StateError
from tsunagu_web.access.reach import the_program
from tsunagu_web.accounts.management.commands.demo_accounts import ACCOUNTS
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Child, Run
from tsunagu_web.serving import invented_history

_SHARE_WITH_CASE = 0.13


class Command(BaseCommand):
    help = (
        "Writes invented decisions, cases, notes and grants of the last months on a demonstration's desk: "
        "demo-history --everybody-is-invented [--cases N]. A second start adds nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--everybody-is-invented", action="store_true", help="says that nobody on the desk is real")
        parser.add_argument("--cases", type=int, help="open cases; left away, 13 of a hundred children on the list")

    def handle(self, *args: Any, everybody_is_invented: bool, cases: int | None, **options: Any) -> None:
        if not everybody_is_invented:
            raise StateError(
                "this command writes invented decisions about every child on the desk",
                where="--everybody-is-invented",
                to_do="Add --everybody-is-invented where that is so. On a city's own desk, never run it.",
            )
        call_command("migrate", verbosity=0, interactive=False)
        with the_program():
            self._write(cases)

    def _write(self, cases: int | None) -> None:
        run = Run.objects.filter(is_current=True).first()
        if run is None:
            raise StateError("no run has been taken in", where="desk", to_do="Take in a run first: intake RUN.")
        if invented_history.is_there(run):
            self.stdout.write("The invented history is there already.")
            return
        _require_a_demonstration()
        wanted = round(Child.objects.filter(is_listed=True).count() * _SHARE_WITH_CASE) if cases is None else cases
        crews = invented_history.make_teams()
        acts = invented_history.write(run, crews, wanted, self._progress)
        self.stdout.write(f"{acts:,} invented acts in {len(crews)} teams are written.")

    def _progress(self, done: int, of: int) -> None:
        if done % 2_000 == 0 or done == of:
            self.stdout.write(f"  {done:,} of {of:,} invented acts")
            self.stdout.flush()


def _require_a_demonstration() -> None:
    """StateError where anybody else is registered: such a desk may hold true records."""
    of_the_demo = [login for login, _role, _name, _department in ACCOUNTS]
    others = Staff.objects.exclude(login__startswith=invented_history.LOGIN).exclude(login__in=of_the_demo)
    if others.exists():
        raise StateError(
            "other staff than a demonstration's are registered on this desk",
            where="desk",
            to_do="Run this on the desk of `tsunagu demo` only.",
        )
