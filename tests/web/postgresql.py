"""A PostgreSQL server of the tests' own: a private cluster in a temporary folder, on a socket, asked as a city does."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

ADMINISTRATOR, DESK = "administrator", "desk_app"
HOW_TO_GET_IT = "PostgreSQL is not installed; on Debian: apt-get install postgresql"


@contextmanager
def a_cluster(*, durable: bool = False) -> Iterator[str]:
    """Starts a server and gives the address of an empty database; stops it and removes everything afterwards.

    durable  every commit waits for the disk, as in production; tests do without
    """
    programs = _programs()
    home = Path(tempfile.mkdtemp(prefix="tsunagu-pg-", dir="/tmp"))  # a short path: a socket's name may not be long
    data = home / "data"
    # PostgreSQL refuses to be run by root, so root lends the folder to somebody else.
    user = _somebody_else() if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(home, user.pw_uid, user.pw_gid)

    def run(*command: str) -> None:
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        subprocess.run(command, check=True, cwd=home, stdout=subprocess.DEVNULL, **as_user)  # type: ignore[call-overload]

    options = f"-c listen_addresses='' -c unix_socket_directories={home} -c max_connections=40"
    if not durable:
        options += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    try:
        run(f"{programs}/initdb", "-D", str(data), "-U", ADMINISTRATOR, "-A", "trust", "-E", "UTF8", "--no-sync")
        run(f"{programs}/pg_ctl", "-D", str(data), "-l", str(home / "log"), "-w", "-o", options, "start")
        try:
            # The desk's own role, as a city has it: whatever row-level security says holds for it.
            run(f"{programs}/createuser", "-h", str(home), "-U", ADMINISTRATOR, "--createdb", DESK)
            run(f"{programs}/createdb", "-h", str(home), "-U", ADMINISTRATOR, "-O", DESK, "tsunagu")
            yield f"postgresql://{DESK}@{quote(str(home), safe='')}/tsunagu"
        finally:
            run(f"{programs}/pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def ask_as(role: str, database: str, statement: str) -> list[tuple[object, ...]]:
    """Runs one statement on a connection of its own, as another role of the server under test."""
    import psycopg
    from django.db import connection

    host = connection.settings_dict["HOST"]
    with psycopg.connect(host=host, user=role, dbname=database, autocommit=True) as own:
        cursor = own.execute(statement)
        return cursor.fetchall() if cursor.description else []


def asks_the_database(item: pytest.Item) -> bool:
    """Whether one of its fixtures makes the database; without one it cannot ask it (conftest.py), and runs once."""
    return "_migrated" in item.fixturenames or item.get_closest_marker("of_postgresql_alone") is not None  # type: ignore[attr-defined]


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs, for a test that needs more than a server."""
    return str(_programs() / name)


def _programs() -> Path:
    """The folder of initdb, newest version first; without one the test is left out, and with CI=true fails."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name))
    on_path = shutil.which("initdb")
    found = [f for f in [*folders, *([Path(on_path).resolve().parent] if on_path else [])] if (f / "createdb").exists()]
    if found:
        return found[0]
    if os.environ.get("CI") == "true":
        pytest.fail(HOW_TO_GET_IT)
    # Only on a developer's machine without it: with CI=true the line above has failed.
    pytest.skip(HOW_TO_GET_IT)


def _somebody_else() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.fail("no user but root is known here, and PostgreSQL does not run as root")
