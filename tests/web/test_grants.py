"""The role that serves the desk may add to the log and read it, and can neither change it nor switch its guards off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from postgresql import ADMINISTRATOR, DESK, ask_as

from tsunagu.errors import EngineError, StateError
from tsunagu_web.audit.grants import apply_to
from tsunagu_web.audit.models import Event
from tsunagu_web.audit.services import NotRecorded, append

ROLE = "desk_served"
GUARDED = ("audit_event", "audit_eventperson", "audit_issuedhead", "cases_decision")
FORBIDDEN = [
    *(
        statement.format(table)
        for table in GUARDED
        for statement in (
            "DELETE FROM {}",
            "TRUNCATE {} CASCADE",
            "ALTER TABLE {} DISABLE TRIGGER ALL",
            "DROP TABLE {} CASCADE",
        )
    ),
    "UPDATE audit_event SET actor = 'staff:9'",
    "UPDATE audit_eventperson SET person_id = 'P9'",
    "UPDATE audit_issuedhead SET rows = 0",
    "UPDATE cases_decision SET note = 'x'",
    "DROP TRIGGER audit_event_no_change ON audit_event",
    "CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "SET session_replication_role = replica",
    "CREATE TABLE another (n int)",
    "UPDATE audit_contentsalt SET salt = '00'",
]


@contextmanager
def served_by(role: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")


@pytest.fixture
def role(desk: None) -> str:
    """A role beside the one that owns the tables; it stays with the tests' server, what it is granted does not."""
    if connection.vendor == "postgresql":
        asked = f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'"
        if not ask_as(ADMINISTRATOR, "postgres", asked):
            ask_as(ADMINISTRATOR, "postgres", f"CREATE ROLE {ROLE} LOGIN ROLE {DESK}")
    return ROLE


def test_the_role_appends_and_reads_and_nothing_else(role: str) -> None:
    append(action="view", object="child", persons=["P1"])
    if connection.vendor == "sqlite":
        with pytest.raises(EngineError, match="SQLite knows no roles"):
            apply_to(role)
        return
    with served_by(role), pytest.raises(NotRecorded) as refused_before, transaction.atomic():
        append(action="view", object="child")
    assert "permission denied" in str(refused_before.value.__cause__)
    apply_to(role)
    with served_by(role):
        append(action="view", object="child", persons=["P2", "P3"])
        assert Event.objects.count() == 2
    for statement in FORBIDDEN:
        with served_by_in_a_savepoint(role) as cursor, pytest.raises(DatabaseError) as refused, transaction.atomic():
            cursor.execute(statement)
        assert "append-only" not in str(refused.value), f"refused by the trigger alone: {statement}"
    assert Event.objects.count() == 2


@contextmanager
def served_by_in_a_savepoint(role: str) -> Iterator[object]:
    with served_by(role), connection.cursor() as cursor:
        yield cursor


def test_every_guarded_table_is_granted_so_and_the_statements_can_be_read(
    role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if connection.vendor == "sqlite":
        with pytest.raises(EngineError):
            call_command("grants", role=role)
        return
    call_command("grants", role=role)
    printed = capsys.readouterr().out
    for table in GUARDED:
        assert f'GRANT SELECT, INSERT ON "public"."{table}" TO "{role}";' in printed
    assert f'GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."cases_child" TO "{role}";' in printed
    assert "has_table_privilege" not in printed
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'audit_event', 'INSERT')", [role])
        assert cursor.fetchone() == (False,), "printing grants nothing"


def test_a_role_above_the_grants_is_refused(role: str) -> None:
    if connection.vendor == "sqlite":
        with pytest.raises(EngineError):
            apply_to("desk")
        return
    for name in (DESK, ADMINISTRATOR, "nobody_of_that_name"):
        with pytest.raises(StateError):
            apply_to(name)
