"""A connection that sends a SELECT in front of its next statement, in the same journey.

Every page opens the second lock before it asks (`reach.py`): said by itself, that is one journey of the twelve.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from django.db.backends.postgresql import base

# A page's statement takes milliseconds. Its plans look dearer than they are, since the ways of the second lock are
# counted in whole: compiling one would take ten times as long as running it, and a worker of its own would take the
# core from another page. The tables of children fit into memory, where a row by an index costs no more than the next.
# What is left away in the lock must never be read row by row for want of memory, so a sort or a set has room enough.
_PLANS_FOR_PAGES = (
    "SELECT set_config('jit', 'off', false), set_config('max_parallel_workers_per_gather', '0', false), "
    "set_config('random_page_cost', '1.1', false), set_config('work_mem', '32MB', false)"
)


class _Cursor(base.Cursor):
    """ahead_of: the connection whose `ahead` is sent with what this cursor executes; none for one made beside it."""

    ahead_of: DatabaseWrapper | None = None

    def execute(self, query: Any, params: Any = None, **how: Any) -> Self:
        if self.ahead_of is None or self.ahead_of.ahead is None or _is_of_the_transaction(query):
            return super().execute(query, params, **how)  # type: ignore[no-any-return]
        first, values = self.ahead_of.ahead
        # Several statements with values are one text; without values, a per cent sign stands for itself.
        if isinstance(query, str) and query.startswith(("SELECT ", "(SELECT ")) and isinstance(params, list | tuple):
            super().execute(f"{first}; {query}", [*values, *params], **how)
            self.nextset()
        else:
            super().execute(first, values)
            super().execute(query, params, **how)
        self.ahead_of.was_sent()
        return self

    def executemany(self, query: Any, params_seq: Any, **how: Any) -> None:
        if self.ahead_of is not None:
            self.ahead_of.send_ahead()
        super().executemany(query, params_seq, **how)


def _is_of_the_transaction(query: Any) -> bool:
    """Nothing goes ahead of these: after an error, the database takes nothing else."""
    return isinstance(query, str) and query.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))


class DatabaseWrapper(base.DatabaseWrapper):
    """ahead: a SELECT and its values, to be sent before anything else is asked; None when there is nothing to say.

    inside  what was said in the transaction that is running: rolled back, it goes with it and is said again
    """

    ahead: tuple[str, Sequence[str]] | None = None
    inside: tuple[str, Sequence[str]] | None = None

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "cursor_factory": _Cursor}

    def init_connection_state(self) -> None:
        """Also how this connection's statements are planned: for pages, in one process among others."""
        super().init_connection_state()
        # Said here and not as options of the connection, which poolers refuse; in one journey for all its pages.
        self.connection.execute(_PLANS_FOR_PAGES)

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = super().create_cursor(name)
        if name:  # rows fetched in portions: their statement is no SELECT any more when it is sent
            self.send_ahead()
        else:
            cursor.ahead_of = self
        return cursor

    def send_ahead(self) -> None:
        if self.ahead is not None:
            self.connection.cursor().execute(*self.ahead)
            self.was_sent()

    def was_sent(self) -> None:
        self.inside = None if self.connection.autocommit else self.ahead
        self.ahead = None

    def _commit(self) -> Any:
        done = super()._commit()
        self.inside = None
        return done

    def _rollback(self) -> Any:
        done = super()._rollback()
        self.ahead, self.inside = self.inside or self.ahead, None
        return done

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)
        self.ahead = self.inside or self.ahead
