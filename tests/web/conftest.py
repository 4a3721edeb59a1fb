"""The desk under test: its own database per session, every test rolled back, invented people only."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

# ruff: noqa: E402
# Django reads its settings once, when it is set up: a folder of its own, and a database only where the caller names
# one. Afterwards the environment is as it was, for the tests that start programs.
_before = dict(os.environ)
for _name in [n for n in os.environ if n.startswith("TSUNAGU_") and n != "TSUNAGU_DATABASE_URL"]:
    del os.environ[_name]
os.environ["TSUNAGU_DESK"] = tempfile.mkdtemp(prefix="tsunagu-desk-test-")
os.environ["TSUNAGU_GUIDANCE_CENTRE"] = "yes"  # every room's addresses are asked; one test switches it off
os.environ["DJANGO_SETTINGS_MODULE"] = "tsunagu_web.settings"

import django

django.setup()
os.environ.clear()
os.environ.update(_before)

from django.conf import settings
from django.core.signals import request_finished
from django.db import connection, transaction
from django.test import Client
from django.test.utils import setup_databases, setup_test_environment, teardown_databases, teardown_test_environment
from postgresql import asks_the_database
from signed_in import a_member_of_staff, signed_in

from builders import ATestPerson, a_run
from migrated import by_one_worker, migrate
from tsunagu.runs.crypt import read_key
from tsunagu.runs.folder import open_run
from tsunagu_web.access import reach, written
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.table import PURPOSES
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.intake.services import TakenIn, take_in


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What PostgreSQL alone has is asked where the tests run again on it (on_postgresql.py), not left out here; and
    what asks no database is not asked there once more."""
    here = Path(__file__).parent
    if connection.vendor == "postgresql":
        elsewhere = {item for item in items if here in item.path.parents and not asks_the_database(item)}
    else:
        elsewhere = {item for item in items if item.get_closest_marker("of_postgresql_alone")}
    config.hook.pytest_deselected(items=[item for item in items if item in elsewhere])
    items[:] = [item for item in items if item not in elsewhere]


@pytest.fixture(autouse=True)
def _asked_only_with_a_fixture(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that asks the database says so by a fixture: another one would not be asked on PostgreSQL as well."""

    def refuse(*_statement: object) -> None:
        pytest.fail("this test asks the database without the fixture `desk`, and would not run again on PostgreSQL")

    with nullcontext() if asks_the_database(request.node) else connection.execute_wrapper(refuse):
        yield


@pytest.fixture(scope="session")
def _as_migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database while nothing is in it, to be copied: a file of SQLite, or the name of a template of PostgreSQL."""
    if connection.vendor != "postgresql":
        return str(request.getfixturevalue("migrated"))
    address, _, name = os.environ["TSUNAGU_DATABASE_URL"].rpartition("/")
    with by_one_worker(tmp_path_factory, "migrated") as shared:
        if shared:
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {name}_migrated WITH (FORCE)")
                cursor.execute(f"CREATE DATABASE {name}_migrated")
            # Its own connections end with it: PostgreSQL copies no database to which somebody is connected.
            migrate(TSUNAGU_DESK=str(shared / "migrated"), TSUNAGU_DATABASE_URL=f"{address}/{name}_migrated")
    return f"{name}_migrated"


@pytest.fixture(scope="session")
def _migrated(_as_migrated: str) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_USE_FINDERS = False  # each new browser would look for all files anew, and no test asks for one
    setup_test_environment()
    if connection.vendor == "postgresql":
        worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
        connection.settings_dict["TEST"] |= {"NAME": f"test_tsunagu_{worker}", "TEMPLATE": _as_migrated}
        made = setup_databases(verbosity=0, interactive=False)
    else:  # in memory, each worker's own anyway, and there as long as somebody is connected to it
        with closing(sqlite3.connect(connection.creation._get_test_db_name(), uri=True)) as in_memory:
            with closing(sqlite3.connect(_as_migrated)) as copied:
                copied.backup(in_memory)
            made = setup_databases(verbosity=0, interactive=False)
            connection.ensure_connection()
    yield
    teardown_databases(made, verbosity=0)
    teardown_test_environment()


@pytest.fixture(scope="session")
def _databases(_migrated: None) -> None:
    """The database of this worker's tests."""


@pytest.fixture
def desk(_databases: None) -> Iterator[None]:
    """The database, as it was before once the test has ended."""
    written.forget()  # a test that leaves a guard out must not find a query that was written with it
    around = transaction.atomic()
    # As Django's own TestCase does it: a commit of its own inside the test is then not refused.
    around._from_testcase = True  # type: ignore[attr-defined]
    around.__enter__()
    # What a test arranges and checks, it does as the program; a request begins and ends with nothing open.
    with the_program():
        request_finished.connect(_open_again)
        yield
        request_finished.disconnect(_open_again)
    transaction.set_rollback(True)
    around.__exit__(None, None, None)
    # The connection goes on to the next test: a new one of PostgreSQL reads its catalogue anew. What was opened in the
    # test was rolled back with it.
    connection.close_if_unusable_or_obsolete()
    if connection.vendor == "postgresql" and connection.connection is not None:
        [(left_open,)] = connection.connection.execute("SELECT current_setting(%s, true)", [reach.SETTING]).fetchall()
        assert not left_open, "the second lock is closed again"


def _open_again(**_signal: object) -> None:
    """The test goes on as the program after a request of its own, without a query that a test might count."""
    if connection.vendor == "postgresql":
        connection.connection.execute("SELECT set_config(%s, %s, false)", reach._values(reach.EVERYTHING))
    reach._remember(reach.EVERYTHING)


@pytest.fixture
def as_in_production(desk: None) -> Iterator[None]:
    """Nothing is open again after a request, as where no test goes on."""
    request_finished.disconnect(_open_again)
    yield
    request_finished.connect(_open_again)


@pytest.fixture
def without_second_lock(desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """For controls that leave the first filter out: on PostgreSQL the second lock would hold in its place."""
    monkeypatch.setattr("tsunagu_web.duties.middleware.open_for", lambda _viewer: reach._set(reach.EVERYTHING))


@pytest.fixture
def intake(desk: None, tmp_path: Path) -> Callable[..., TakenIn]:
    """Takes in a run with these people."""

    def taken_in(*people: ATestPerson, name: str = "run", **how: object) -> TakenIn:
        path = a_run(tmp_path / name, *people, key=tmp_path / "run.key", **how)  # type: ignore[arg-type]
        return take_in(open_run(path), read_key(tmp_path / "run.key"))

    return taken_in


@pytest.fixture
def staff(desk: None) -> Callable[..., Staff]:
    """Makes a member of staff, or finds the one with that login."""

    return a_member_of_staff


@pytest.fixture
def as_role(staff: Callable[..., Staff]) -> Callable[..., Client]:
    """A browser in which somebody of that role is signed in and has picked a purpose, the role's first one."""

    def logged_in(role: str = Role.LEAD_WORKER, *, purpose: str = "", **who: str) -> Client:
        return signed_in(staff(role, **who), purpose or PURPOSES[Role(role)][0])

    return logged_in


@pytest.fixture
def environment(tmp_path: Path, _databases: None, _as_migrated: str) -> Iterator[dict[str, str]]:
    """A desk with a database of its own beside the tests' one, on the same kind of server: migrated, and empty."""
    yield from _beside(tmp_path, _as_migrated)


@pytest.fixture
def before_migrating(tmp_path: Path, _databases: None) -> Iterator[dict[str, str]]:
    """The same, with no table yet."""
    yield from _beside(tmp_path)


def _beside(folder: Path, copied_from: str = "") -> Iterator[dict[str, str]]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TSUNAGU_")}
    kept |= {"TSUNAGU_DESK": str(folder / "desk"), "DJANGO_SETTINGS_MODULE": "tsunagu_web.settings"}
    if connection.vendor == "postgresql":
        name = f"tsunagu_chain_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {copied_from or 'template1'}")
        kept["TSUNAGU_DATABASE_URL"] = os.environ["TSUNAGU_DATABASE_URL"].replace("/tsunagu", f"/{name}")
    elif copied_from:
        (folder / "desk").mkdir(mode=0o700)
        shutil.copy(copied_from, folder / "desk" / "desk.sqlite3")
    yield kept
    connection.close()
