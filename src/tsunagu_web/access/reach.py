"""For whom the second lock is open: one viewer for one request, or the program; nothing set, and no row is given.

PostgreSQL reads the reach from a setting of the connection (`second_lock.py`). What is set is kept here as well, so
that a connection made anew gets it again, and so that a command which forgets to say is told so on SQLite too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from tsunagu.errors import StateError
from tsunagu_web.access.table import permits_of
from tsunagu_web.access.terms import Action, Form, Scope, Thing
from tsunagu_web.access.viewer import Viewer

Reach = Mapping[str, Sequence[str]]
Found = TypeVar("Found")
SETTING = "tsunagu.reach"
NOTHING: Reach = {}
EVERYTHING: Reach = {"all": ["yes"]}
# What is mostly about children who were not noticed: no child of the desk opens it, but keys of its own.
_OF_THE_UNNOTICED: Mapping[Thing, str] = {Thing.BOARD: "pupil", Thing.OFFER: "offer"}
CHILD_VIEW = (Thing.CHILD, Action.VIEW, Form.FULL)

_SET = "SELECT set_config(%s, %s, false)"  # for the session: pages read outside of transactions


def reach_of(viewer: Viewer, *cells: tuple[Thing, Action] | tuple[Thing, Action, Form]) -> Reach:
    """The children of these cells of the table, by what opens them; the same rows as `visible_to` gives for each.

    city                                states in which every child is in reach
    team, school, classroom, person     key and state, with a blank between
    addressed                           the viewer's own number: what was sent to this person is in reach, the child not
    pupil_school, pupil_classroom, pupil_person  key alone: a pupil of the school boards has no case
    offer_team, offer_person            the same for children whose families may be offered support
    blocked                             who is not in reach, whatever else says so
    """
    reach: dict[str, set[str]] = {}
    for cell in cells or (CHILD_VIEW,):
        for permit in permits_of(viewer.role, viewer.purpose, *cell):
            if permit.thing in _OF_THE_UNNOTICED:
                for section, keys in _keys(viewer, permit.scope):
                    reach.setdefault(f"{_OF_THE_UNNOTICED[permit.thing]}_{section}", set()).update(keys)
                continue
            if permit.scope is Scope.CITY:
                reach.setdefault("city", set()).update(permit.states)
            if permit.scope is Scope.ADDRESSED:
                reach["addressed"] = {str(viewer.staff_id)}
            for section, keys in _keys(viewer, permit.scope):
                reach.setdefault(section, set()).update(f"{key} {state}" for key in keys for state in permit.states)
    found = {section: sorted(keys) for section, keys in reach.items() if keys}
    return {**found, "blocked": sorted(viewer.blocked)} if found else NOTHING


def open_for(viewer: Viewer) -> None:
    """Opens what the viewer may see of children, until the request ends; it is told with the next statement."""
    _set_ahead(reach_of(viewer))


def widen(viewer: Viewer, thing: Thing, action: Action, form: Form = Form.FULL) -> None:
    """Opens for the rest of the request what this act needs beyond seeing the child; not inside a transaction."""
    wide, asked = held(), reach_of(viewer, (thing, action, form))
    if wide != EVERYTHING and not _holds(wide, asked):
        _set_ahead(
            {section: sorted({*wide.get(section, ()), *asked.get(section, ())}) for section in {**wide, **asked}}
        )


def take_away(**_signal: object) -> None:
    """Nothing is open from now on; a connection on which that cannot be said is closed."""
    if not held():
        return
    # The request that ends here has just used this connection: to ask whether it lives would be a journey more.
    connection.health_check_done = True
    try:
        _set(NOTHING)
    except DatabaseError:
        _remember(NOTHING)
        connection.close()


@contextmanager
def the_program() -> Iterator[None]:
    """Opens everything, for what the desk does by itself: intake, migrations, what a check of access counts."""
    before = held()
    _set(EVERYTHING)
    try:
        yield
    finally:
        try:
            _set(before)
        except DatabaseError:
            _remember(before)
            # Inside a transaction that failed: what was set in it goes with it.
            if not connection.in_atomic_block:
                connection.close()


def read_for_the_program(rows: QuerySet[Any, Found]) -> list[Found]:
    """The values of a query of one column, whoever asks: opened, read and closed again in one journey."""
    if connection.vendor != "postgresql":
        return list(rows)
    query, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"{_SET}; {query}; {_SET}", [*_values(EVERYTHING), *values, *_values(held())])
        cursor.nextset()
        return [value for (value,) in cursor.fetchall()]


def held() -> Reach:
    """What is open on this thread's connection."""
    reach: Reach = getattr(connection, "desk_reach", NOTHING)
    return reach


def set_again(connection: BaseDatabaseWrapper, **_signal: object) -> None:
    """A connection made anew in the middle of a request or a command gets what was open."""
    if held():
        _tell(connection, held())


def refuse_unopened(tables: Sequence[str]) -> Callable[..., Any]:
    """A wrapper of every statement of a command: one about children while nothing is open is refused, not answered."""
    # Rows are asked for; what names a table only to grant or to alter it is not.
    named = re.compile(rf'\b(?:FROM|JOIN|INTO|UPDATE)\s+"(?:{"|".join(tables)})"')

    def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not held() and named.search(sql):
            raise StateError(
                "this command asks for records of children without saying for whom; it would see none",
                where="the second lock",
                to_do="Run what it does for the program: with tsunagu_web.access.reach.the_program().",
            )
        return run(sql, params, many, context)

    return execute


def _set(reach: Reach) -> None:
    # A connection that is not there yet is told when it is made.
    if reach != held() and connection.connection is not None:
        _tell(connection, reach)
    _remember(reach)


def _set_ahead(reach: Reach) -> None:
    """As `_set`, without a journey of its own."""
    if connection.vendor != "postgresql":
        _set(reach)
    elif reach != held():
        _remember(reach)
        connection.ahead = (_SET, _values(reach))  # type: ignore[attr-defined]  # of our own connection


def _tell(connection: BaseDatabaseWrapper, reach: Reach) -> None:
    if connection.vendor == "postgresql":
        connection.ahead = None  # type: ignore[attr-defined]  # it would be the word before the last
        with connection.cursor() as cursor:
            cursor.execute(_SET, _values(reach))


def _remember(reach: Reach) -> None:
    connection.desk_reach = reach  # type: ignore[attr-defined]  # beside the connection whose setting it is
    if connection.vendor == "postgresql":
        connection.ahead = None  # type: ignore[attr-defined]  # of our own connection
        if connection.inside is not None:  # type: ignore[attr-defined]  # as above
            connection.inside = (_SET, _values(reach))  # type: ignore[attr-defined]  # as above


def _values(reach: Reach) -> list[str]:
    return [SETTING, json.dumps({section: _as_array(keys) for section, keys in reach.items()}) if reach else ""]


def _as_array(keys: Sequence[str]) -> str:
    """The keys as PostgreSQL writes an array of texts: a cast reads it ten times as fast as an array of JSON."""
    return "{" + ",".join('"' + re.sub(r'(["\\])', r"\\\1", key) + '"' for key in keys) + "}"


def _keys(viewer: Viewer, scope: Scope) -> tuple[tuple[str, frozenset[str]], ...]:
    granted = ("person", viewer.granted)
    match scope:
        case Scope.TEAM:
            return ("team", viewer.teams), granted
        case Scope.SCHOOL:
            return ("school", viewer.schools), granted
        case Scope.CLASSROOM:
            return ("classroom", viewer.classrooms), granted
        case Scope.GRANTED:
            return (granted,)
        case Scope.OWN:
            return (("person", viewer.own),)
        case _:
            return ()


def _holds(wide: Reach, narrow: Reach) -> bool:
    """Whether every row of the narrow reach is surely in the wide one; both are the same viewer's."""
    city = set(wide.get("city", ()))
    return all(
        {key for key in keys if key.rpartition(" ")[2] not in city} <= set(wide.get(section, ()))
        for section, keys in narrow.items()
    )
