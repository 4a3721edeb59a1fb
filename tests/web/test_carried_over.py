"""A desk of before is carried over whole, and back: by the real migrations, on a database of its own on each engine."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

# Run in a process of its own: migrations change tables, which no test's transaction may hold.
PROGRAM = """
import datetime as dt, json, sys, uuid
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

OLD = [("cases", "0003_scope_of_a_child"), ("accounts", "0002_roles_of_need_to_know"), ("audit", "0002_append_only")]

def to(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps

def newest():
    return [key for key in MigrationExecutor(connection).loader.graph.leaf_nodes()]

old = to(OLD)
child, member = old.get_model("cases", "Child"), old.get_model("cases", "HouseholdMember")
staff = old.get_model("accounts", "Staff").objects.create(login="a", name="a", role="lead_worker", password="!")
run = old.get_model("cases", "Run").objects.create(
    seal="s", on=dt.date(2026, 9, 30), taken_in_at=dt.datetime(2026, 9, 30, 20, tzinfo=dt.UTC), is_current=True,
    words={}, manifest={})
how = {"is_listed": True, "level": "x", "level_at_most": "x", "level_rank": 1, "strength": 0,
       "is_known_before": False, "first_noticed_on": dt.date(2026, 9, 30)}
one = child.objects.create(person_id="P1", name="例川 あおい", kana="レイカワ アオイ", alias="アオイ", sex="2",
    birth_date=dt.date(2016, 5, 12), household="41207", relation="子", school="102", school_name="第二小", grade=5,
    class_name="1", state="candidate", decisions_made=1, **how)
child.objects.create(person_id="P2", name="例田 ソラ", **how)
member.objects.create(person_id="P1", child=one, household="41207", relation="子", name="例川 あおい",
    kana="レイカワ アオイ", birth_date=dt.date(2016, 5, 12), school_name="第二小", grade=5)
member.objects.create(person_id="P3", household="41207", relation="世帯主", name="例川 さくら", grade=None)
old.get_model("cases", "Decision").objects.create(child=one, number=1, outcome="candidate", level="x", run=run,
    form=uuid.uuid4(), by=staff, at=dt.datetime(2026, 10, 1, 1, tzinfo=dt.UTC))
old.get_model("cases", "Judgment").objects.create(child=one, judgment="overall", level="x", at_least="x", at_most="x")
old.get_model("cases", "Fact").objects.create(person_id="P1", item="mood", state="known", holder="kokoro",
    as_of=dt.date(2026, 9, 30), value="sunny")

def rows(apps, app, name):
    return [dict(sorted(row.items())) for row in apps.get_model(app, name).objects.order_by("pk").values()]

told = {"before": [rows(old, "cases", name) for name in ("Child", "HouseholdMember", "Judgment", "Decision")]}
new = to(newest())
told["child"] = rows(new, "cases", "Child")
told["person"] = rows(new, "people", "Person")
told["membership"] = rows(new, "people", "Membership")
told["case"] = rows(new, "cases", "Case")
told["fact"] = rows(new, "cases", "Fact")
told["run"] = [row["as_of"] for row in rows(new, "cases", "Run")]
told["judgment"] = rows(new, "cases", "Judgment")
try:
    new.get_model("cases", "Child").objects.create(person_id="nobody", known_from=run.on, **how)
    with connection.cursor() as cursor:
        connection.check_constraints()
    told["is_held"] = False
except Exception as error:
    told["is_held"] = type(error).__name__
    new.get_model("cases", "Child").objects.filter(pk="nobody").delete()
back = to(OLD)
told["after"] = [rows(back, "cases", name) for name in ("Child", "HouseholdMember", "Judgment", "Decision")]
to(newest())
print(json.dumps(told, default=str))
"""


@pytest.fixture
def a_database_of_its_own(tmp_path: Path, _databases: None) -> Iterator[dict[str, str]]:
    """The environment of a desk whose database is empty."""
    environment = {**os.environ, "TSUNAGU_DESK": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tsunagu_web.settings"}
    address = os.environ.get("TSUNAGU_DATABASE_URL", "")
    if not address:
        yield environment
        return
    name = f"carried_{uuid.uuid4().hex[:12]}"
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f"CREATE DATABASE {name}")
    yield {**environment, "TSUNAGU_DATABASE_URL": urlunsplit(urlsplit(address)._replace(path=f"/{name}"))}
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_persons_households_and_cases_are_carried_over_and_back(a_database_of_its_own: dict[str, str]) -> None:
    import json

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=a_database_of_its_own, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["before"][0][0]["name"] == "例川 あおい", "the test has something to carry"
    assert {p["person_id"]: (p["name"], p["known_from"], p["source"]) for p in told["person"]} == {
        "P1": ("例川 あおい", "2026-10-01", "register"),
        "P2": ("例田 ソラ", "2026-10-01", "register"),
        "P3": ("例川 さくら", "2026-10-01", "register"),
    }
    aoi = told["person"][0]
    assert (aoi["alias"], aoi["sex"], aoi["birth_date"], aoi["school_name"], aoi["grade"], aoi["class_name"]) == (
        "アオイ",
        "2",
        "2016-05-12",
        "第二小",
        5,
        "1",
    )
    assert [(m["person_id"], m["household"], m["relation"], m["is_head"]) for m in told["membership"]] == [
        ("P1", "41207", "子", False),
        ("P3", "41207", "世帯主", True),
    ]
    assert [(c["person_id"], c["school"], c["case_state"]) for c in told["child"]] == [
        ("P1", "102", "open"),
        ("P2", "", "noticed"),
    ]
    assert [(c["child_id"], c["number"], c["team"], c["opened_on"]) for c in told["case"]] == [
        ("P1", 1, "intake", "2026-10-01")
    ]
    assert [j["child_id"] for j in told["judgment"]] == ["P1"]
    assert told["is_held"] == "IntegrityError", "a child is a person, and the database sees to it"
    assert [(f["known_from"], f["known_to"]) for f in told["fact"]] == [("2026-10-01", None)]
    assert told["run"] == [{"kokoro": "2026-09-30"}]
    assert told["after"] == told["before"]
