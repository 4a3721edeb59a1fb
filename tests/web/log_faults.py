"""A program of the tests: a desk of its own whose log cannot be written, for a real cause; prints what it answers.

Run as `python log_faults.py CAUSE FOLDER` with the desk's environment.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402 (Django first)
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402
from signed_in import signed_in  # noqa: E402

from builders import a_child, a_run, an_id  # noqa: E402
from tsunagu.runs.crypt import read_key  # noqa: E402
from tsunagu.runs.folder import open_run  # noqa: E402
from tsunagu_web.access.models import INTAKE_TEAM  # noqa: E402
from tsunagu_web.access.reach import the_program  # noqa: E402
from tsunagu_web.access.table import PURPOSES, Role, Scope  # noqa: E402
from tsunagu_web.accounts.models import Staff  # noqa: E402
from tsunagu_web.audit import services  # noqa: E402
from tsunagu_web.audit.models import Event  # noqa: E402
from tsunagu_web.cases.models import Decision  # noqa: E402
from tsunagu_web.duties.middleware import SESSION_KEY  # noqa: E402
from tsunagu_web.intake.services import take_in  # noqa: E402

CHILD = an_id("例川 あおい")
SQLITE_BREAKS = "CREATE TRIGGER broken BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'broken'); END"
POSTGRESQL_BREAKS = """
    CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {what}; RETURN NEW; END $$;
    CREATE TRIGGER broken BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION broken()
"""


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def full_disk() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        yield
        cursor.execute("PRAGMA max_page_count = 1000000")


@contextmanager
def locked_file() -> Iterator[None]:
    run("PRAGMA busy_timeout = 200")
    other = sqlite3.connect(settings.DATABASES["default"]["NAME"], isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.execute("ROLLBACK")


@contextmanager
def read_only() -> Iterator[None]:
    is_sqlite = connection.vendor == "sqlite"
    run("PRAGMA query_only = ON" if is_sqlite else "SET default_transaction_read_only = on")
    yield
    run("PRAGMA query_only = OFF" if is_sqlite else "SET default_transaction_read_only = off")


@contextmanager
def broken_trigger() -> Iterator[None]:
    is_sqlite = connection.vendor == "sqlite"
    run(SQLITE_BREAKS if is_sqlite else POSTGRESQL_BREAKS.format(what="RAISE EXCEPTION 'broken'"))
    yield
    run("DROP TRIGGER broken" if is_sqlite else "DROP TRIGGER broken ON audit_event")


@contextmanager
def slow_statement() -> Iterator[None]:
    run(POSTGRESQL_BREAKS.format(what="PERFORM pg_sleep(60)"), "SET statement_timeout = '200ms'")
    yield
    run("SET statement_timeout = 0", "DROP TRIGGER broken ON audit_event")


@contextmanager
def held_by_another(statement: str) -> Iterator[None]:
    services.MOST_WAIT_SECONDS = 0.2  # type: ignore[assignment]  # the page's own limit, made short
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute(statement)
        yield
    other.rollback()
    other.close()


CAUSES = {
    "full_disk": full_disk,
    "locked_file": locked_file,
    "read_only": read_only,
    "broken_trigger": broken_trigger,
    "slow_statement": slow_statement,
    "locked_chain": lambda: held_by_another("SELECT pg_advisory_lock(7464841)"),
    "locked_table": lambda: held_by_another("LOCK TABLE audit_event IN ACCESS EXCLUSIVE MODE"),
}


def a_desk(folder: Path) -> None:
    call_command("migrate", verbosity=0)
    run_folder = a_run(folder / "run", a_child(), key=folder / "run.key")
    with the_program():
        take_in(open_run(run_folder), read_key(folder / "run.key"))


def a_client(role: Role) -> Client:
    staff = Staff.objects.create(login=role.value, password="x", name="職員A", role=role)
    if role is Role.LEAD_WORKER:
        staff.duties.create(kind=Scope.TEAM, key=INTAKE_TEAM, starts_on=timezone.localdate())
    client = signed_in(staff, raise_request_exception=False)
    session = client.session
    session[SESSION_KEY] = PURPOSES[role][0]
    session.save()
    return client


def answers() -> dict[str, Callable[[], object]]:
    worker, holder = a_client(Role.LEAD_WORKER), a_client(Role.DATA_HOLDER)
    form = {"outcome": "candidate", "seen": 0, "note": "", "form": "2a0b1c52-58ab-4c4e-9d6b-1f0e8b8f0a01"}
    return {
        "child": lambda: worker.get(f"/children/{CHILD}/"),
        "list": lambda: worker.get("/children/"),
        "search": lambda: worker.post("/children/search/", {"words": "れいかわ"}),
        "refused": lambda: holder.get("/children/"),
        "decide": lambda: worker.post(f"/children/{CHILD}/decide/", form),
    }


def main(cause: str, folder: Path) -> None:
    setup_test_environment()
    a_desk(folder)
    ask = answers()
    told: dict[str, object] = {"before": ask["child"]().status_code}  # type: ignore[attr-defined]
    with CAUSES[cause]():
        if cause == "full_disk":  # the last page still has room for some rows
            for _ in range(200):
                if ask["child"]().status_code != 200:  # type: ignore[attr-defined]
                    break
        for name, question in ask.items():
            answer = question()
            text = answer.content.decode()  # type: ignore[attr-defined]
            told[name] = [answer.status_code, "例川" in text, "閲覧記録に書けない" in text]  # type: ignore[attr-defined]
    with the_program():
        told["decisions"] = Decision.objects.count()
    told["after"] = [ask["child"]().status_code, ask["decide"]().status_code]  # type: ignore[attr-defined]
    told["rows"] = Event.objects.count()
    call_command("audit_verify")
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
