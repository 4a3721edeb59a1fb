"""The second lock from outside: the roles of the how-to page, refusals of `serve`, and commands that forget."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from postgresql import ADMINISTRATOR, DESK, ask_as

from builders import a_child, a_household, a_run
from fixed import ROOT
from tsunagu_web.access.second_lock import LOCKED

on_postgresql = pytest.mark.of_postgresql_alone
# Runs a command of the desk; `serve` ends where it would begin to listen.
PROGRAM = """
import sys, django
django.setup()
from tsunagu_web.serving.management.commands import serve
serve._serve = lambda *_: None
from tsunagu_web.__main__ import main
sys.exit(main(["tsunagu_web", *sys.argv[1:]]))
"""
COUNT = "from tsunagu_web.cases.models import Child; print('counted', Child.objects.count())"
COUNT_FOR_THE_PROGRAM = f"""
from tsunagu_web.access.reach import the_program
with the_program():
    {COUNT}
"""
Told = tuple[int, str]


ADDRESS = os.environ.get("TSUNAGU_DATABASE_URL", "")


def _run(desk: Path, *arguments: str, role: str, **more: str) -> Told:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TSUNAGU_")}
    kept |= {"TSUNAGU_DESK": str(desk), "DJANGO_SETTINGS_MODULE": "tsunagu_web.settings"}
    if ADDRESS:
        kept["TSUNAGU_DATABASE_URL"] = ADDRESS.replace(DESK, role)
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, env={**kept, **more}, check=False, capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def _as_a_city_has_it(tmp_path_factory: pytest.TempPathFactory, _databases: None) -> Iterator[Path]:
    """A desk's folder; on PostgreSQL its database with the roles of the how-to page."""
    desk = tmp_path_factory.mktemp("city") / "desk"
    # The page names one database: another worker that runs tests of this file waits until it is given back.
    turn = (Path(tempfile.gettempdir()) / f"tsunagu-roles-{os.getppid()}.lock").open("w")
    fcntl.flock(turn, fcntl.LOCK_EX)
    if ADDRESS:
        _as_the_page_says()
    try:
        assert _run(desk, "migrate", "-v", "0", role="tsunagu_owner") == (0, "")
        if ADDRESS:
            granted = _run(desk, "grants", "--role", "tsunagu_desk", "--apply", role="tsunagu_owner")
            assert granted[0] == 0, granted
        yield desk
    finally:
        if ADDRESS:
            _sql("DROP DATABASE tsunagu", "postgres")
            _sql("DROP ROLE tsunagu_desk", "postgres")
            _sql("DROP ROLE tsunagu_owner", "postgres")
            _sql(f"CREATE DATABASE tsunagu OWNER {DESK}", "postgres")
        turn.close()


@pytest.fixture
def command(_as_a_city_has_it: Path) -> Callable[..., Told]:
    """Runs a command at that desk; on PostgreSQL as the role that is named."""

    def run(*arguments: str, role: str = "tsunagu_desk", **more: str) -> Told:
        return _run(_as_a_city_has_it, *arguments, role=role, **more)

    return run


def _as_the_page_says() -> None:
    """Runs the statements of the how-to page, in place of the empty database the server came with."""
    page = (ROOT / "docs" / "how-to" / "run-on-postgresql.md").read_text(encoding="utf-8")
    _sql("DROP DATABASE IF EXISTS tsunagu", "postgres")
    for block in re.findall(r"```sql\n(.*?)```", page, re.DOTALL):
        for statement in block.strip().split("\n"):
            _sql(statement, "postgres")


def _sql(statement: str, database: str, role: str = ADMINISTRATOR) -> list[tuple[object, ...]]:
    return ask_as(role, database, statement)


@pytest.fixture
def run_folder(tmp_path: Path) -> list[str]:
    folder = a_run(tmp_path / "run", *a_household(a_child()), key=tmp_path / "run.key")
    return [str(folder), "--key", str(tmp_path / "run.key")]


def test_the_commands_see_everybody_and_one_that_forgets_is_told(
    command: Callable[..., Told], run_folder: list[str]
) -> None:
    code, told = command("intake", *run_folder)
    assert (code, "1 children noticed" in told) == (0, True), told
    assert "nothing was changed" in command("intake", *run_folder)[1]
    assert command("demo-accounts")[0] == 0
    assert command("audit-verify")[0] == 0
    code, told = command("shell", "-c", COUNT)
    assert code == 6
    assert "without saying for whom" in told
    assert "the_program()" in told
    assert "counted" not in told
    assert "counted 1" in command("shell", "-c", COUNT_FOR_THE_PROGRAM)[1]
    assert command("serve", "--port", "0")[0] == 0


@on_postgresql
def test_the_role_of_the_desk_can_work_and_cannot_take_the_lock_off(
    command: Callable[..., Told], run_folder: list[str]
) -> None:
    command("intake", *run_folder)
    assert _sql("SELECT count(*) FROM cases_child", "tsunagu") == [(1,)]
    for role in ("tsunagu_desk", "tsunagu_owner"):
        for locked in LOCKED:
            assert _sql(f"SELECT count(*) FROM {locked.table}", "tsunagu", role) == [(0,)], "the owner as well"
    import psycopg

    for statement in (
        "ALTER TABLE cases_child DISABLE ROW LEVEL SECURITY",
        "DROP POLICY second_lock ON cases_child",
        "SET row_security = off; SELECT * FROM cases_child",
        "DELETE FROM audit_event",
        "TRUNCATE cases_child CASCADE",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            _sql(statement, "tsunagu", "tsunagu_desk")


@on_postgresql
def test_serving_is_refused_to_a_role_for_which_the_lock_does_not_hold(command: Callable[..., Told]) -> None:
    code, told = command("serve", "--port", "0", role=ADMINISTRATOR)
    assert code == 6
    assert "is a superuser" in told
    assert "TSUNAGU_SECOND_LOCK=off" in told
    assert command("serve", "--port", "0", role=ADMINISTRATOR, TSUNAGU_SECOND_LOCK="off")[0] == 0
    _sql("ALTER ROLE tsunagu_desk BYPASSRLS", "postgres")
    code, told = command("serve", "--port", "0")
    assert (code, "BYPASSRLS" in told) == (6, True)
    _sql("ALTER ROLE tsunagu_desk NOBYPASSRLS", "postgres")
    assert command("serve", "--port", "0")[0] == 0


@on_postgresql
def test_a_lock_taken_off_is_laid_by_the_owner_and_asked_for_of_others(command: Callable[..., Told]) -> None:
    _sql("DROP POLICY second_lock ON cases_fact", "tsunagu", "tsunagu_owner")
    code, told = command("serve", "--port", "0")
    assert code == 6
    assert "as the role that owns the tables" in told
    assert command("migrate", "-v", "0", role="tsunagu_owner")[0] == 0
    assert command("serve", "--port", "0")[0] == 0


@on_postgresql
def test_back_to_an_older_shape_and_forward_again(command: Callable[..., Told]) -> None:
    assert command("migrate", "-v", "0", "cases", "0004", role="tsunagu_owner")[0] == 0
    assert _sql("SELECT count(*) FROM pg_policy", "tsunagu") != [(len(LOCKED),)]
    assert command("migrate", "-v", "0", role="tsunagu_owner")[0] == 0
    assert _sql("SELECT count(*) FROM pg_policy", "tsunagu") == [(len(LOCKED),)]
