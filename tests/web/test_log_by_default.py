"""Log by default: whoever forgets to record is stopped, without having to know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, path

from builders import a_child, an_id
from tsunagu_web.access.policy import PUBLIC, needs
from tsunagu_web.access.table import PURPOSES, Action, Role, Thing, permits_of
from tsunagu_web.audit.log_by_default import HOLDS_NOBODY, people_tables, people_tables_read_by
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Child

AOI = an_id("例川 あおい")
GUARD = "tsunagu_web.audit.log_by_default.LogByDefault"


@needs(Thing.WORKLIST, Action.VIEW)
def forgetful(request: HttpRequest) -> HttpResponse:
    return HttpResponse(" ".join(Child.objects.values_list("name", flat=True)))


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
    ours = {name for name in tables if name.split("_")[0] in {"cases", "access", "audit", "accounts"}}
    assert set(HOLDS_NOBODY) <= tables, "a name that no table has guards nothing"
    assert ours - people_tables() == set(HOLDS_NOBODY)
    assert {"cases_child", "cases_fact", "cases_decision", "access_conflict", "audit_eventperson"} <= people_tables()


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


def _routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        written = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, written)
        else:
            yield written, pattern


ROUTES = [(p, r) for p, r in _routes(get_resolver("tsunagu_web.urls").url_patterns) if r.callback.policy != PUBLIC]


@pytest.mark.parametrize(("route", "pattern"), ROUTES, ids=[route for route, _ in ROUTES])
def test_every_route_that_answers_with_a_child_has_written_it_down(
    route: str, pattern: URLPattern, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    url = "/" + route.replace("<slug:person_id>", AOI)
    assert "<" not in url, f"tell this test what to put in the place of the part in {route}"
    policy = pattern.callback.policy
    roles = [role for role in Role if permits_of(role, PURPOSES[role][0], policy.thing, policy.action)]
    assert roles, f"nobody may ask for {route}"
    for role in roles:
        client = as_role(role)
        for ask in (client.get, client.post):
            before = Event.objects.count()
            answer = ask(url)
            text = answer.content.decode() if answer.status_code in (200, 409, 422) else ""
            if "例川" in text or AOI in text:
                written = Event.objects.order_by("-number")[: Event.objects.count() - before]
                assert any(AOI in event.body or event.object == "access_log" for event in written), (url, role)
