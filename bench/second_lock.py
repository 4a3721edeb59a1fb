"""What the second lock costs: list, search and child page at 60,000 children, with and without it, and their plans.

Run:  python bench/second_lock.py [CHILDREN] [CASES]. Needs PostgreSQL; it starts a server of its own and fills it with
invented rows.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS / "web"), str(TESTS)]

ROUNDS = 15
TEAMS, SCHOOLS = 8, 40
FILL = """
INSERT INTO cases_run (seal, "on", taken_in_at, is_current, words, manifest, as_of)
VALUES ('seal', '2026-09-30', now(), true, '{{}}', '{{}}', '{{}}');
INSERT INTO people_person (person_id, source, name, kana, alias, birth_date, sex, school_name, grade, class_name,
  known_from, changed, revision)
SELECT 'P' || lpad(n::text, 16, '0') || who, 'register', 'NAME' || n, 'KANA' || n, '', '2016-05-12', '1', 'SCHOOL', 5,
  '1', '2026-09-30', '[]', 1 FROM generate_series(1, {children}) AS n, (VALUES (''), ('A')) AS w(who);
INSERT INTO cases_child (person_id, is_listed, kana, team, school, classroom, case_state, level, level_at_most,
  level_rank, strength, first_reason, is_known_before, first_noticed_on, known_from, state, decisions_made)
SELECT 'P' || lpad(n::text, 16, '0'), true, 'KANA' || n, 't' || n % {teams}, 's' || n % {schools},
  's' || n % {schools} || ':5:' || n % 3, CASE WHEN n % 100 < {percent} THEN 'open' ELSE 'noticed' END, 'L', 'L',
  1 + n % 3, n % 7, 'N1a', false, '2026-09-30', '2026-09-30', 'new', 0 FROM generate_series(1, {children}) AS n;
INSERT INTO people_membership (person_id, household, relation, is_head, lives_there, known_from, source)
SELECT person_id, (substr(person_id, 2, 16)::int / 2)::text, '', false, true, '2026-09-30', 'register'
FROM people_person;
INSERT INTO people_kinship (person_id, relative_id, kind, has_custody, may_be_contacted, known_from, source, entered_at)
SELECT person_id, person_id || 'A', 'parent', 'unknown', 'unknown', '2026-09-30', 'register', now() FROM cases_child;
INSERT INTO cases_judgment (child_id, judgment, level, at_least, at_most)
SELECT person_id, 'j' || j, '1', '1', '1' FROM cases_child, generate_series(1, 4) AS j;
INSERT INTO cases_reason (child_id, place, kind, code, judgment, indicator, text, series, source, row_keys)
SELECT person_id, j, 'sign', 'N1a', 'j1', 'i', '', '[]', 's', '[]' FROM cases_child, generate_series(1, 3) AS j;
INSERT INTO cases_fact (person_id, item, label, value, state, holder, as_of, known_from)
SELECT m.person_id, 'item' || j, '', '', 'known', 'h', '2026-09-30', '2026-09-30'
FROM people_person AS m, generate_series(1, 6) AS j;
"""


def main(children: int, cases: int) -> None:
    from postgresql import a_cluster

    os.environ["TSUNAGU_DESK"] = tempfile.mkdtemp(prefix="tsunagu-bench-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tsunagu_web.settings"
    with a_cluster() as address:
        os.environ["TSUNAGU_DATABASE_URL"] = address
        import django

        django.setup()
        _measure(children, cases)


def _measure(children: int, cases: int) -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from tsunagu_web.access import second_lock
    from tsunagu_web.access.reach import the_program

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    fill = FILL.format(teams=TEAMS, schools=SCHOOLS, children=children, percent=round(100 * cases / children))
    with the_program(), connection.cursor() as cursor:
        started = time.perf_counter()
        cursor.execute(fill)
        print(f"filled under the lock in {time.perf_counter() - started:.1f} s")
    call_command("search_index", verbosity=0)
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    pages = _pages()
    found: dict[str, dict[str, Any]] = {}
    for name, is_on in (("with", True), ("without", False), ("with again", True)):
        second_lock.lay() if is_on else second_lock.lift()
        found[name] = {page: _page(browser, path, form) for page, (browser, path, form) in pages.items()}
    print(f"{'page':34}{'queries':>8}{'database ms':>26}{'page ms':>26}")
    for page in pages:
        row = [found[name][page] for name in ("without", "with", "with again")]
        database = " / ".join(f"{r['database']:.1f}" for r in row)
        whole = " / ".join(f"{r['page']:.1f}" for r in row)
        print(f"{page:34}{row[0]['queries']:>4} {row[1]['queries']:>3}{database:>26}{whole:>26}")
    for page in pages:
        print(f"\n{page}: scans without | with")
        for plain, locked in zip(found["without"][page]["scans"], found["with"][page]["scans"], strict=True):
            print(f"  {plain}\n    | {locked}")


def _pages() -> dict[str, tuple[Any, str, dict[str, str]]]:
    from django.utils import timezone
    from signed_in import signed_in

    from tsunagu_web.access.table import PURPOSES
    from tsunagu_web.access.terms import Role
    from tsunagu_web.accounts.models import Staff
    from tsunagu_web.duties.middleware import SESSION_KEY

    browsers = {}
    for role, kind, keys in (
        (Role.LEAD_WORKER, "team", ["t1"]),
        (Role.VICE_PRINCIPAL, "school", ["s1"]),
        (Role.SUPERVISOR, "team", [f"t{n}" for n in range(TEAMS)]),
    ):
        staff = Staff.objects.create(login=role.value, password="x" * 20, name="A", role=role, department="D")
        for key in keys:
            staff.duties.create(kind=kind, key=key, starts_on=timezone.localdate())
        client = signed_in(staff)
        session = client.session
        session[SESSION_KEY] = PURPOSES[role][0]
        session.save()
        browsers[role] = client
    child = "/children/P0000000000000041/"
    return {
        "list, lead worker": (browsers[Role.LEAD_WORKER], "/children/", {}),
        "list, vice-principal": (browsers[Role.VICE_PRINCIPAL], "/children/", {}),
        "list, all teams": (browsers[Role.SUPERVISOR], "/children/", {}),
        "search, lead worker": (browsers[Role.LEAD_WORKER], "/children/search/", {"words": "KANA41"}),
        "child, lead worker": (browsers[Role.LEAD_WORKER], child, {}),
        "child, vice-principal": (browsers[Role.VICE_PRINCIPAL], child, {}),
    }


def _page(browser: Any, path: str, form: dict[str, str]) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tsunagu_web.access import reach

    pages, databases = [], []
    for _ in range(ROUNDS):
        with _timed(pages):
            answer = browser.post(path, form) if form else browser.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
    opened: list[reach.Reach] = []

    def hear(execute: Any, *said: Any) -> Any:
        opened.append(reach.held())
        return execute(*said)

    with CaptureQueriesContext(connection) as asked, connection.execute_wrapper(hear):
        browser.post(path, form) if form else browser.get(path)
    about = [q["sql"] for q in asked if re.search(r'FROM "(cases_(?!run)|people_|search_|notes_)', q["sql"])]
    with connection.cursor() as cursor:
        reach._set(next(held for held in reversed(opened) if held))
        for _ in range(ROUNDS):
            with _timed(databases):
                for sql in about:
                    cursor.execute(sql)
                    cursor.fetchall()
        scans = [_scans(cursor, sql) for sql in about]
        reach.take_away()
    return {
        "queries": len(asked),
        "database": statistics.median(databases),
        "page": statistics.median(pages),
        "scans": scans,
    }


@contextmanager
def _timed(into: list[float]) -> Iterator[None]:
    started = time.perf_counter()
    yield
    into.append((time.perf_counter() - started) * 1000)


def _scans(cursor: Any, sql: str) -> str:
    """The nodes that read a table, in order, with the rows they gave, and what the whole took."""
    cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}")
    stored = cursor.fetchone()[0]
    plan = (json.loads(stored) if isinstance(stored, str) else stored)[0]
    nodes: list[str] = []

    def walk(node: dict[str, Any]) -> None:
        if "Relation Name" in node:
            index = f" by {node['Index Name']}" if "Index Name" in node else ""
            nodes.append(f"{node['Node Type']} {node['Relation Name']}{index} x{node['Actual Loops']}")
        elif node["Node Type"] == "Bitmap Index Scan":
            nodes.append(f"({node['Index Name']})")
        for below in node.get("Plans", []):
            walk(below)

    walk(plan["Plan"])
    buffers = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    times = f"plan {plan['Planning Time']:.1f} + run {plan['Execution Time']:.1f} ms, {buffers} pages"
    return f"{times}: {'; '.join(nodes)}"


if __name__ == "__main__":
    main(*[int(a) for a in sys.argv[1:]] or (60_000, 8_000))
