"""`python -m tsunagu_web COMMAND`: serve, intake, staff-add, audit-verify, audit-head; `--help` lists them."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line
from django.db import DatabaseError, connection

from tsunagu.errors import EngineError, TsunaguError


def main(arguments: list[str]) -> int:
    """Runs one command; an error a person can act on is printed in its three parts, and gives its exit code."""
    if not arguments[1:] or arguments[1] in ("-h", "--help"):
        sys.stdout.write(commands_in_words())
        return 0
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tsunagu_web.settings")
    named = [*arguments[:1], *[a if a[:1] == "-" else a.replace("-", "_") for a in arguments[1:2]], *arguments[2:]]
    try:
        from tsunagu_web.access.reach import refuse_unopened
        from tsunagu_web.access.second_lock import LOCKED

        with connection.execute_wrapper(refuse_unopened([locked.table for locked in LOCKED])):
            execute_from_command_line(named)
    except DatabaseError as error:
        return _told(_database_refuses(error))
    except TsunaguError as error:
        return _told(error)
    return 0


def commands_in_words() -> str:
    """The desk's own commands with what each does, read from their first lines: no setting is needed to ask."""
    found = {}
    for path in Path(__file__).parent.glob("*/management/commands/[!_]*.py"):
        said = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
        found[path.stem.replace("_", "-")] = said.partition(": ")[2] or said
    lines = [f"  {name:<14} {said}" for name, said in sorted(found.items())]
    return "\n".join(
        [
            "TSUNAGU_DESK=FOLDER python -m tsunagu_web COMMAND ...",
            "",
            "The desk's commands (with TSUNAGU_DESK set, `COMMAND --help` says more, and `help` lists Django's too):",
            *lines,
            "",
        ]
    )


def _database_refuses(error: DatabaseError) -> EngineError:
    # What the database says may hold an address with a password, or a row: only its kind is told.
    return EngineError(
        f"the desk's database does not answer, or holds no desk yet ({type(error).__name__})",
        where="database",
        to_do="Check TSUNAGU_DESK and TSUNAGU_DATABASE_URL; a new desk is prepared by `intake` or `serve`.",
    )


def _told(error: TsunaguError) -> int:
    sys.stderr.write(error.message() + "\n")
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv))
