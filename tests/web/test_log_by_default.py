"""Log by default: whoever forgets to record is stopped, without having to know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import get_resolver, path
from routes import Route, plain, routes_with_a_policy
from signed_in import a_member_of_staff, signed_in

from builders import a_child, a_run, an_id
from tsunagu.runs.crypt import read_key
from tsunagu.runs.folder import open_run
from tsunagu_web.access.policy import Policy, needs
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.table import PURPOSES, permits_of
from tsunagu_web.access.terms import Action, Role, Thing
from tsunagu_web.audit.log_by_default import HOLDS_NOBODY, people_tables, people_tables_read_by
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Child
from tsunagu_web.intake.services import take_in
from two_worlds import undone

AOI = an_id("例川 あおい")
GUARD = "tsunagu_web.audit.log_by_default.LogByDefault"


@needs(Thing.WORKLIST, Action.VIEW)
def forgetful(request: HttpRequest) -> HttpResponse:
    return HttpResponse(" ".join(Child.objects.values_list("person__name", flat=True)))


urlpatterns = [path("forgetful/", forgetful), *get_resolver("tsunagu_web.urls").url_patterns]
handler500 = "tsunagu_web.serving.errors.failed"


def asked(client: Client) -> HttpResponse:
    client.raise_request_exception = False
    return client.get("/forgetful/")  # type: ignore[return-value]  # the client's own kind of answer


@override_settings(ROOT_URLCONF=__name__)
def test_a_view_that_never_heard_of_the_log_is_not_served(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    answer = asked(as_role())
    assert answer.status_code == 500
    assert "例川" not in answer.content.decode()


def test_without_the_guard_it_would_have_been_served(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    without = [name for name in settings.MIDDLEWARE if name != GUARD]
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=without):
        answer = asked(as_role())
    assert "例川" in answer.content.decode(), "the control: what the guard prevents"
    assert settings.MIDDLEWARE[-1] == GUARD, "nothing stands between the guard and the views"


def test_every_table_is_one_with_people_unless_it_is_named() -> None:
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    ours = {
        name for name in tables if name.split("_")[0] in {"cases", "access", "audit", "accounts", "reminders", "boards"}
    }
    assert set(HOLDS_NOBODY) <= tables, "a name that no table has guards nothing"
    assert ours - people_tables() == set(HOLDS_NOBODY)
    assert {
        "cases_child",
        "cases_fact",
        "cases_decision",
        "access_conflict",
        "audit_eventperson",
        "boards_pupil",
    } <= people_tables()


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ('SELECT "cases_child"."name" FROM "cases_child"', {"cases_child"}),
        ("select * from cases_fact f join cases_child c on true", {"cases_fact", "cases_child"}),
        ("SELECT 1 FROM cases_run, cases_child", {"cases_child"}),
        ('INSERT INTO "cases_decision" ("note") VALUES (%s)', set()),
        ('UPDATE "cases_child" SET "state" = %s WHERE "person_id" = %s', set()),
        ("SELECT number, hash FROM audit_event ORDER BY number DESC LIMIT 1", set()),
    ],
)
def test_what_a_statement_reads(sql: str, found: set[str]) -> None:
    assert people_tables_read_by(sql) == found


@pytest.fixture(scope="module")
def everybody(_databases: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[Role, str], Client]]:
    """A desk with one child for all routes, and who is signed in there with each role and purpose."""
    home = tmp_path_factory.mktemp("everybody")
    run = a_run(home / "run", a_child(), key=home / "run.key")
    with undone():
        with the_program():
            take_in(open_run(run), read_key(home / "run.key"))
            browsers = {(role, p): signed_in(a_member_of_staff(role), p) for role in Role for p in PURPOSES[role]}
        yield browsers
    connection.close()


@pytest.mark.parametrize("route", routes_with_a_policy("tsunagu_web.urls"), ids=lambda route: route.path)
def test_every_route_that_answers_with_a_child_has_written_it_down(
    route: Route, everybody: dict[tuple[Role, str], Client]
) -> None:
    policy = route.policy
    assert isinstance(policy, Policy)
    asking = [
        (r, p)
        for r in Role
        for p in PURPOSES[r]
        if any(permits_of(r, p, policy.thing, policy.action, f) for f in policy.forms)
    ]
    assert asking, f"nobody may ask for {route.path}"
    for who in asking:
        client = everybody[who]
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        for ask in (client.get, client.post):
            with undone():
                before = Event.objects.count()
                answer = ask(route.url(AOI))
                text = plain(answer).decode() if answer.status_code in (200, 409, 422) else ""
                if "例川" in text or (
                    AOI in text and not route.is_about_a_person
                ):  # an id that was asked for is echoed
                    written = Event.objects.order_by("-number")[: Event.objects.count() - before]
                    assert any(AOI in event.body or event.object == "access_log" for event in written), who
        client.cookies[settings.SESSION_COOKIE_NAME] = session  # a route may have signed them out
