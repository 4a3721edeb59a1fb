"""What the database refuses, whoever writes: a step that no table names, and a state that changes without its step.

The tables are those of casework/machines.py; `migrate` copies them and lays the triggers anew each time, on SQLite and
on PostgreSQL.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import ProgrammingError, connection, models, transaction

from tsunagu.casework.machines import MACHINES, Machine
from tsunagu.errors import StateError

_STEP, _ALLOWED = "steps_step", "steps_allowedstep"


@dataclass(frozen=True)
class Guarded:
    """A table whose rows move as a machine says. column: where the state stands; person: who the work is for, or
    empty where it is for several."""

    model: type[models.Model]
    machine: Machine
    column: str
    person: str


@dataclass(frozen=True)
class _Trigger:
    """mark: by which one that is laid is known to be of today."""

    name: str
    mark: str
    statements: tuple[str, ...]


_GUARDED: dict[str, Guarded] = {}


def guarded(model: type[models.Model], machine: Machine, *, column: str = "state", person: str = "child_id") -> None:
    """Ties a table to its machine; one line below the model. The table has a `revision` that counts its changes."""
    _GUARDED[model._meta.label_lower] = Guarded(model, machine, column, person)


def guard_of(row: models.Model) -> Guarded:
    """The machine of a row's table."""
    return _GUARDED[row._meta.label_lower]


def all_guarded() -> tuple[Guarded, ...]:
    return tuple(_GUARDED.values())


def lay() -> None:
    """Copies the tables and lays the triggers, where they are not as today; a role that only serves the desk may then
    run it too. Leaves out what is not migrated yet. StateError for a role that may not change them.
    """
    present = set(connection.introspection.table_names())
    if not {_STEP, _ALLOWED} <= present:
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            _copy_tables(cursor)
            wanted = [
                _on_steps(),
                *(t for one in all_guarded() if _is_there(cursor, present, one) for t in _on_table(one)),
            ]
            laid = _laid(cursor)
            for trigger in wanted:
                if laid.get(trigger.name) != trigger.mark:
                    for statement in trigger.statements:
                        cursor.execute(statement)
    except ProgrammingError as error:
        raise StateError(
            f"the tables of steps cannot be laid ({type(error).__name__})",
            where="TSUNAGU_DATABASE_URL",
            to_do="Run `migrate` as the role that owns the tables (docs/how-to/run-on-postgresql.md).",
        ) from error


def lift() -> None:
    """Takes the triggers off, so that a migration can alter the tables; `lay` puts them on again."""
    present = set(connection.introspection.table_names())
    with transaction.atomic(), connection.cursor() as cursor:
        for table in (_STEP, *(one.model._meta.db_table for one in all_guarded())):
            for trigger in (f"{table}_begins", f"{table}_by_steps") if table in present else ():
                on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}{on}")


def _is_there(cursor: Any, present: set[str], one: Guarded) -> bool:
    """Whether the table has its columns of today; one brought back to an older shape has not."""
    table = one.model._meta.db_table
    if table not in present:
        return False
    columns = {column.name for column in connection.introspection.get_table_description(cursor, table)}
    return {one.column, "revision"} <= columns


def _copy_tables(cursor: Any) -> None:
    columns = "machine, move, source, target, needs_reason, by_another, by_program"
    rows = {
        (machine.name, m.name, m.source, m.target, m.needs_reason, m.by_another, m.by_program)
        for machine in MACHINES.values()
        for m in machine.moves
    }
    cursor.execute(f"SELECT {columns} FROM {_ALLOWED}")  # noqa: S608  # names of this module
    if {(*row[:4], *(bool(mark) for mark in row[4:])) for row in cursor.fetchall()} == rows:
        return
    cursor.execute(f"DELETE FROM {_ALLOWED}")  # noqa: S608
    cursor.executemany(f"INSERT INTO {_ALLOWED} ({columns}) VALUES (%s, %s, %s, %s, %s, %s, %s)", sorted(rows))  # noqa: S608


def _laid(cursor: Any) -> dict[str, str]:
    """The triggers that are there, by name, each with its mark: its text on SQLite, its comment on PostgreSQL."""
    if connection.vendor == "sqlite":
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    else:
        cursor.execute(
            "SELECT t.tgname, obj_description(t.oid, 'pg_trigger') FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = current_schema()::regnamespace"
        )
    return {name: text or "" for name, text in cursor.fetchall()}


# A step stands in the tables, says why where it must, and is taken by a person, and by another one where it must be.
_IS_NO_STEP = f"""NOT EXISTS (
  SELECT 1 FROM {_ALLOWED} AS a
  WHERE a.machine = NEW.machine AND a.move = NEW.move AND a.source = NEW.source AND a.target = NEW.target
    AND (NOT a.needs_reason OR trim(NEW.reason) <> '')
    AND (a.by_program OR NEW.by_id IS NOT NULL)
    AND (NOT a.by_another OR NEW.by_id <> (
      SELECT s.by_id FROM {_STEP} AS s WHERE s.machine = NEW.machine AND s.subject = NEW.subject
      ORDER BY s.number DESC LIMIT 1)))"""  # noqa: S608  # names of this module


def _on_steps() -> _Trigger:
    return _trigger(_STEP, "begins", "INSERT", _IS_NO_STEP, "no such step")


def _on_table(one: Guarded) -> list[_Trigger]:
    table, column, name = one.model._meta.db_table, one.column, one.machine.name
    has_no_step = (
        f'NEW."{column}" <> OLD."{column}" AND NOT EXISTS (SELECT 1 FROM {_STEP} AS s '  # noqa: S608  # of the model
        f"WHERE s.machine = '{name}' AND s.subject = NEW.id AND s.number = NEW.revision "
        f'AND s.source = OLD."{column}" AND s.target = NEW."{column}")'
    )
    begins_elsewhere = f"NEW.\"{column}\" <> '{one.machine.initial}'"
    return [
        _trigger(table, "begins", "INSERT", begins_elsewhere, f"a {name} begins as {one.machine.initial}"),
        _trigger(table, "by_steps", "UPDATE", has_no_step, f"a {name} changes by steps"),
    ]


def _trigger(table: str, name: str, act: str, wrong: str, message: str) -> _Trigger:
    """Refuses an act where `wrong` holds; made anew when its text is another one, since that follows the tables."""
    trigger = f"{table}_{name}"
    if connection.vendor == "sqlite":
        made = (
            f'CREATE TRIGGER {trigger} BEFORE {act} ON "{table}" WHEN {wrong} '
            f"BEGIN SELECT RAISE(ABORT, '{table}: {message}'); END"
        )
        return _Trigger(trigger, made, (f"DROP TRIGGER IF EXISTS {trigger}", made))
    function = (
        f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {wrong} THEN RAISE EXCEPTION '{table}: {message}' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NEW; END $$"
    )
    made = f'CREATE OR REPLACE TRIGGER {trigger} BEFORE {act} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {trigger}()'
    mark = hashlib.sha256(f"{function}\n{made}".encode()).hexdigest()
    return _Trigger(trigger, mark, (function, made, f"COMMENT ON TRIGGER {trigger} ON \"{table}\" IS '{mark}'"))
