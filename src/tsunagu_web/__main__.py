"""`python -m tsunagu_web COMMAND`: serve, intake, staff-add, audit-verify, audit-head; `help` lists them all."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line
from django.db import DatabaseError, connection

from tsunagu.errors import EngineError, TsunaguError


def main(arguments: list[str]) -> int:
    """Runs one command; an error a person can act on is printed in its three parts, and gives its exit code."""
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
