"""Triggers for migrations: the database itself refuses changes of the log, and lists the persons of each entry."""

from __future__ import annotations

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from tsunagu.errors import EngineError


def forbid_changes(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    """Makes a table append-only on SQLite and PostgreSQL; any other database is refused."""
    vendor = editor.connection.vendor
    if vendor == "sqlite":
        for act in ("UPDATE", "DELETE"):
            editor.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    elif vendor == "postgresql":
        editor.execute(
            f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
        )
        editor.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
        )
    else:
        raise EngineError(
            f"the desk cannot keep a log safe on {vendor}", to_do="Use SQLite or PostgreSQL: TSUNAGU_DATABASE_URL."
        )


def allow_changes(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    """Takes the triggers away again, to go back before the migration."""
    if editor.connection.vendor == "sqlite":
        for act in ("update", "delete"):
            editor.execute(f"DROP TRIGGER {table}_no_{act}")
    else:
        editor.execute(f"DROP TRIGGER {table}_no_change ON {table}")
        editor.execute(f"DROP FUNCTION {table}_refuse()")


def forbid_edits(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    """Rows may be written and taken away, never changed. The name differs from that of append-only tables on purpose:
    the desk's role keeps its right to delete here (`grants.py`)."""
    if editor.connection.vendor == "sqlite":
        body = f"BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"
        editor.execute(f"CREATE TRIGGER {table}_no_edit BEFORE UPDATE ON {table} {body}")
    else:
        editor.execute(
            f"CREATE FUNCTION {table}_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is never changed'; END $$"
        )
        editor.execute(
            f"CREATE TRIGGER {table}_no_edit BEFORE UPDATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse_edit()"
        )


def allow_edits(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    """Takes that trigger away again."""
    if editor.connection.vendor == "sqlite":
        editor.execute(f"DROP TRIGGER {table}_no_edit")
    else:
        editor.execute(f"DROP TRIGGER {table}_no_edit ON {table}")
        editor.execute(f"DROP FUNCTION {table}_refuse_edit()")


def list_persons(editor: BaseDatabaseSchemaEditor) -> None:
    """Lets the database write the persons of an entry beside it: with the row, or not at all, whoever inserts."""
    into = "INSERT INTO audit_eventperson (event_id, person_id) SELECT DISTINCT NEW.number"
    if editor.connection.vendor == "sqlite":
        editor.execute(
            f"CREATE TRIGGER audit_event_persons AFTER INSERT ON audit_event "
            f"BEGIN {into}, value FROM json_each(NEW.body, '$.persons'); END"
        )
    else:
        editor.execute(
            f"CREATE FUNCTION audit_event_list_persons() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {into}, jsonb_array_elements_text(NEW.body::jsonb -> 'persons'); RETURN NULL; END $$"
        )
        editor.execute(
            "CREATE TRIGGER audit_event_persons AFTER INSERT ON audit_event "
            "FOR EACH ROW EXECUTE FUNCTION audit_event_list_persons()"
        )


def list_no_persons(editor: BaseDatabaseSchemaEditor) -> None:
    """Takes that trigger away again."""
    if editor.connection.vendor == "sqlite":
        editor.execute("DROP TRIGGER audit_event_persons")
    else:
        editor.execute("DROP TRIGGER audit_event_persons ON audit_event")
        editor.execute("DROP FUNCTION audit_event_list_persons()")
