"""How the database finds the rows of a page at size: by indexes, never by reading a table of more than some rows whole.

The same check on both databases: PostgreSQL's plan as JSON, SQLite's as lines. `make deep` asks the desk of a city.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import large_desk
import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from postgresql import a_cluster
from signed_in import signed_in

from tsunagu_web.access import reach
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.table import PURPOSES
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.queries import children_of
from tsunagu_web.duties.middleware import SESSION_KEY
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.search import services
from tsunagu_web.worklist import queries
from two_worlds import undone

City = dict[tuple[Role, int], tuple[Client, str]]
HERE = Path(__file__).parent
SIZE = "LARGE_DESK_CHILDREN"
MOST_QUERIES = 12
MOST_ROWS = 500  # of a table that may be read whole: teams, staff, runs
WHO = (
    (Role.LEAD_WORKER, 0),
    (Role.LEAD_WORKER, 1),
    (Role.SUPERVISOR, 0),
    (Role.SUPERVISOR, 1),
    (Role.VICE_PRINCIPAL, 0),
)
_ORDERS = ("child_team", "child_school", "child_classroom")  # without the first, an order may be read off another
PAGES = {
    "list": "/children/",
    "page 2": "/children/?page=2",
    "by level": "/children/?level=%E8%A6%8B%E5%AE%88%E3%82%8A",
    "by state": "/children/?state=new",
    "by school": "/children/?school=101",
    "search": "/children/search/",
    "child": "/children/{child}/",
}


@pytest.fixture(scope="module")
def city(_databases: None) -> Iterator[City]:
    """A full desk and a browser of each, with a child within reach; taken away again after this file."""
    with undone(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(services, "_KEPT_S", 10**9)  # no quarter of an hour ends between two pages
        large_desk.fill(large_desk.Size().scaled(int(os.environ.get(SIZE, "6000"))))
        with the_program():
            browsers = {(role, purpose): _browser(role, purpose) for role, purpose in WHO}
            _large_tables()
        for client, _child in browsers.values():  # what a session's first page asks is not a page's cost
            client.get("/account/")
        services.common_grams()  # read whole once in a quarter of an hour, and not by a page of the others
        yield browsers
    _large_tables.cache_clear()
    connection.close()


def _browser(role: Role, purpose: int) -> tuple[Client, str]:
    staff = Staff.objects.filter(role=role).order_by("pk")[0]
    picked = PURPOSES[role][purpose]
    client = signed_in(staff)
    session = client.session
    session[SESSION_KEY] = picked
    session.save()
    return client, str(children_of(viewer_of(staff, picked)).filter(is_listed=True).order_by("-case_state", "pk")[0].pk)


def read_whole(client: Client, child: str, page: str) -> set[str]:
    """The larger tables that some statement of this page reads whole."""
    statements = asked_by(client, child, page)
    reads = [said for said in statements if said[0].lstrip("( ").startswith("SELECT") and ";" not in said[0]]
    assert len(reads) >= 3, "the page asked something"
    with the_program():  # so that what the page opened for its viewer is put back at the end
        return {table for said in reads for table in _scanned(*said)} & _large_tables()


def asked_by(client: Client, child: str, page: str) -> list[tuple[str, Any, reach.Reach]]:
    """What this page asks of the database, and what was open then; a transaction's begin and end are no question."""
    with _heard() as statements:
        path = PAGES[page].format(child=child)
        answer = client.post(path, {"words": "れいかわ"}) if page == "search" else client.get(path)
    assert answer.status_code == 200, answer.status_code
    return [said for said in statements if not said[0].startswith(("BEGIN", "SAVEPOINT", "RELEASE"))]


@contextmanager
def _heard() -> Iterator[list[tuple[str, Any, reach.Reach]]]:
    """The statements with their values; in what Django keeps, they are put in already, as text."""
    heard: list[tuple[str, Any, reach.Reach]] = []

    def hear(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        heard.append((sql, params, reach.held()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(hear):
        yield heard


def _scanned(sql: str, params: Any, opened: reach.Reach) -> set[str]:
    reach._set(opened)  # the second lock is part of the plan
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
            return set(_seq_scans(cursor.fetchone()[0][0]["Plan"]))
        # A text of its own each time: SQLite would tell the plan it kept, whatever became of an index since.
        cursor.execute(f"EXPLAIN QUERY PLAN {sql} /* {uuid.uuid4()} */", params)
        lines = [row[3] for row in cursor.fetchall()]
    # A table under another name is named by that one; the name of the table stands in the statement.
    found = [m[1] for line in lines if (m := re.match(r"SCAN (\w+)(?! .*USING (?:COVERING )?INDEX)", line))]
    names = dict(re.findall(r'"(\w+)" (U\d+)', sql))
    aliases = {alias: table for table, alias in names.items()}
    return {aliases.get(name, name) for name in found}


def _seq_scans(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"].endswith("Seq Scan"):
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _seq_scans(below)


@lru_cache(maxsize=1)
def _large_tables() -> frozenset[str]:
    """Counted once, while everything is open: a viewer's reach would count the rows of that viewer."""
    models = apps.get_models()
    return frozenset(m._meta.db_table for m in models if m._default_manager.all()[: MOST_ROWS + 1].count() > MOST_ROWS)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", WHO, ids=[f"{role}-{PURPOSES[role][n]}" for role, n in WHO])
def test_a_page_reads_no_large_table_whole(who: tuple[Role, int], page: str, city: City) -> None:
    assert read_whole(*city[who], page) == set()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", WHO, ids=[f"{role}-{PURPOSES[role][n]}" for role, n in WHO])
def test_a_page_asks_at_most_twelve_times(who: tuple[Role, int], page: str, city: City) -> None:
    assert len(asked_by(*city[who], page)) <= MOST_QUERIES


@pytest.mark.of_postgresql_alone
@pytest.mark.parametrize("page", ["list", "page 2", "search"])
@pytest.mark.parametrize("who", [(Role.LEAD_WORKER, 0), (Role.VICE_PRINCIPAL, 0)], ids=["team", "school"])
def test_a_page_asks_for_no_more_persons_than_it_shows(who: tuple[Role, int], page: str, city: City) -> None:
    """The second lock asks about each of them in three ways: a join before the sort would ask about all in reach."""
    joined = [said for said in asked_by(*city[who], page) if 'JOIN "people_person"' in said[0]]
    assert joined
    for sql, params, opened in joined:
        reach._set(opened)
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
            plan = cursor.fetchone()[0][0]["Plan"]
        assert _rows_of("people_person", plan) <= queries.PAGE_SIZE
    reach._set(reach.EVERYTHING)


def _rows_of(table: str, node: dict[str, Any]) -> int:
    """How many rows of the table were given or taken away again, over all loops."""
    each = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) if node.get("Relation Name") == table else 0
    return int(each * node["Actual Loops"]) + sum(_rows_of(table, below) for below in node.get("Plans", ()))


def test_control_a_question_for_each_child_is_counted(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_ordered", lambda viewer, mine, **_how: mine.order_by("pk"))
    assert len(asked_by(*city[Role.LEAD_WORKER, 0], "list")) > MOST_QUERIES


def test_the_desk_is_large_enough_to_tell(city: object) -> None:
    assert {"cases_child", "cases_fact", "cases_reason", "people_membership", "audit_event"} <= _large_tables()


@pytest.mark.parametrize(
    ("indexes", "page", "table"),
    [
        (("fact_person",), "child", "cases_fact"),
        (_ORDERS, "list", "cases_child"),
        (_ORDERS, "search", "cases_child"),
    ],
    ids=["child", "list", "search"],
)
def test_control_without_the_index_it_is_told(indexes: tuple[str, ...], page: str, table: str, city: City) -> None:
    with undone():
        with connection.cursor() as cursor:
            for index in indexes:
                cursor.execute(f"DROP INDEX {index}")
        assert table in read_whole(*city[Role.LEAD_WORKER, 0], page)


@pytest.mark.deep
@pytest.mark.postgresql
def test_the_same_at_the_size_of_a_city() -> None:
    """60,000 children, 8,000 open cases, 5 million facts, on PostgreSQL."""
    with a_cluster() as address:
        command = [sys.executable, "-m", "pytest", __file__, "-q", "-p", "no:cacheprovider", "-m", "not postgresql"]
        environment = {**os.environ, "TSUNAGU_DATABASE_URL": address, SIZE: "60000"}
        done = subprocess.run(
            command, env=environment, check=False, capture_output=True, text=True, cwd=HERE.parents[1]
        )
    assert done.returncode == 0, done.stdout[-6000:]
    assert " passed" in done.stdout
