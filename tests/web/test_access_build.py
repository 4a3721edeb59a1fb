"""What the house promises of every new page: without a policy it does not build, without a record it shows nobody."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.views import View
from routes import all_routes, without_a_policy

from tsunagu_web import urls
from tsunagu_web.access.decision import FORBIDS
from tsunagu_web.access.policy import PUBLIC, Policy, needs, public
from tsunagu_web.access.terms import Action, Label, Role, Scope, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.audit.models import Event
from tsunagu_web.duties import words

SECRET = "例川 あおい"


def unmarked(request: HttpRequest) -> HttpResponse:
    return HttpResponse(SECRET)


@needs(Thing.CHILD, Action.VIEW, shows_people=True)
def unrecorded(request: HttpRequest) -> HttpResponse:
    return HttpResponse(SECRET)


@needs(Thing.CHILD, Action.VIEW, shows_people=True)
def refilled(request: HttpRequest) -> HttpResponse:
    """The page again with a form that was not taken: it shows people as well."""
    return HttpResponse(SECRET, status=422)


@needs(Thing.CHILD, Action.VIEW, shows_people=True)
def recorded(request: HttpRequest) -> HttpResponse:
    record_look(request, Thing.CHILD, ["P1"])
    return HttpResponse(SECRET)


@public
def for_everybody(request: HttpRequest) -> HttpResponse:
    return HttpResponse("nothing of anybody")


class AsAClass(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(SECRET)


@pytest.fixture
def added() -> Iterator[Callable[..., None]]:
    """Adds views to the desk's addresses while the test runs."""
    name = "urls_of_one_test"
    module, settings_of_one_test = ModuleType(name), override_settings(ROOT_URLCONF=name)

    def add(**views: Callable[..., HttpResponse]) -> None:
        module.urlpatterns = [*urls.urlpatterns, *(path(f"new/{n}/", v) for n, v in views.items())]  # type: ignore[attr-defined]
        for handler in ("handler400", "handler403", "handler404", "handler500"):
            setattr(module, handler, getattr(urls, handler))
        sys.modules[name] = module
        settings_of_one_test.enable()

    yield add
    if name in sys.modules:
        settings_of_one_test.disable()
        del sys.modules[name]


def test_no_route_without_a_policy() -> None:
    assert without_a_policy() == []
    assert len(all_routes()) > 10
    assert not [r.path for r in all_routes() if hasattr(r.view, "view_class")], "a class hides what each method needs"


def test_control_a_new_view_without_a_policy_fails_the_build(added: Callable[..., None]) -> None:
    added(unmarked=unmarked, recorded=recorded, open=for_everybody, as_class=AsAClass.as_view())
    assert without_a_policy() == ["new/unmarked/", "new/as_class/"]
    with pytest.raises(AssertionError):
        test_no_route_without_a_policy()


def test_a_view_without_a_policy_is_not_served_to_anybody(
    desk: None, added: Callable[..., None], as_role: Callable[..., Client]
) -> None:
    added(unmarked=unmarked, as_class=AsAClass.as_view())
    for client in (Client(), as_role(Role.SUPERVISOR), as_role(Role.AUDITOR)):
        client.raise_request_exception = False
        for name in ("unmarked", "as_class"):
            answer = client.get(f"/new/{name}/")
            assert answer.status_code == 500
            assert SECRET not in answer.content.decode()


def test_a_page_that_shows_people_without_recording_shows_nobody(
    desk: None, added: Callable[..., None], as_role: Callable[..., Client]
) -> None:
    added(unrecorded=unrecorded, refilled=refilled, recorded=recorded)
    client = as_role()
    for name in ("unrecorded", "refilled"):
        with pytest.raises(ImproperlyConfigured, match="without recording"):
            client.get(f"/new/{name}/")
        client.raise_request_exception = False
        answer = client.get(f"/new/{name}/")
        client.raise_request_exception = True
        assert answer.status_code == 500
        assert SECRET not in answer.content.decode()
    assert not Event.objects.filter(action="view").exists()
    # The same page, recorded, is shown: the guard looks at the record and at nothing else.
    assert SECRET in client.get("/new/recorded/").content.decode()
    assert Event.objects.filter(action="view").count() == 1


def test_a_public_page_asks_nobody(desk: None, added: Callable[..., None]) -> None:
    added(open=for_everybody)
    assert Client().get("/new/open/").status_code == 200
    assert {r.path for r in all_routes("urls_of_one_test") if r.policy == PUBLIC} >= {"new/open/"}
    assert all(r.policy == PUBLIC or isinstance(r.policy, Policy) for r in all_routes())


def test_every_word_of_the_table_has_its_word_on_the_page_that_checks_access() -> None:
    assert set(words.THINGS) == set(Thing)
    assert set(words.ACTIONS) == set(Action)
    assert set(words.LABELS) == set(Label)
    assert set(words.SCOPES) == set(Scope) - {Scope.NONE}
    assert set(words.WHY) == set(words.SCOPES) | set(FORBIDS) | {"not_in_the_table", "out_of_scope"}
