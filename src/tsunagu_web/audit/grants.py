"""What the desk's role may do in PostgreSQL: read and add to the log, and nothing else with it.

The role that owns the tables runs `migrate` and `grants`; the desk itself is served by another role, which owns nothing
and so can neither change a row nor switch the triggers off.
"""

from __future__ import annotations

from django.db import connection, transaction

from tsunagu.errors import EngineError, StateError

# Each table that `forbid_changes` guards has a trigger of this name: a table that is guarded later is found too.
_GUARDED = """
    SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname = c.relname || '_no_change' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
_ROLE = """
    SELECT r.rolsuper OR r.rolbypassrls OR EXISTS (
      SELECT 1 FROM pg_tables t WHERE t.schemaname = current_schema() AND pg_has_role(r.oid, t.tableowner, 'MEMBER')
    ) FROM pg_roles r WHERE r.rolname = %s
"""
# Salts go with the row they belong to, and are never changed. Which steps exist is told by `migrate` alone.
_FEWER = {
    "audit_contentsalt": "SELECT, INSERT, DELETE",
    "django_migrations": "SELECT",
    "steps_allowedstep": "SELECT",
}


def statements_for(role: str) -> list[str]:
    """The statements that give the role its rights, and take every other away; to be run by the owner of the tables."""
    _require_postgresql()
    quoted = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        cursor.execute(_GUARDED)
        guarded = {name for (name,) in cursor.fetchall()}
        cursor.execute(_TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT current_schema()")
        schema = connection.ops.quote_name(cursor.fetchone()[0])
    made = [
        f"REVOKE ALL ON SCHEMA {schema} FROM {quoted}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {quoted}",
        f"GRANT USAGE ON SCHEMA {schema} TO {quoted}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {quoted}",
    ]
    for table in tables:
        rights = "SELECT, INSERT" if table in guarded else _FEWER.get(table, "SELECT, INSERT, UPDATE, DELETE")
        made.append(f"GRANT {rights} ON {schema}.{connection.ops.quote_name(table)} TO {quoted}")
    return made


def apply_to(role: str) -> int:
    """Runs the statements in one transaction; gives how many. StateError for a role that could undo them."""
    _require_postgresql()
    with connection.cursor() as cursor:
        cursor.execute(_ROLE, [role])
        found = cursor.fetchone()
    if found is None:
        raise StateError(
            "there is no such role in the database",
            where=role,
            to_do="Make it first, as its administrator: CREATE ROLE name LOGIN PASSWORD '...'.",
        )
    if found[0]:
        raise StateError(
            "this role owns the tables or stands above all rights, so no grant limits it",
            where=role,
            to_do="Name another role, which only serves the desk.",
        )
    made = statements_for(role)
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in made:
            cursor.execute(statement)
    return len(made)


def _require_postgresql() -> None:
    if connection.vendor != "postgresql":
        raise EngineError(
            "SQLite knows no roles: whoever may write to its file may change all of it",
            where="database",
            to_do="Use PostgreSQL (TSUNAGU_DATABASE_URL), or rely on the heads that are stored off this machine.",
        )
