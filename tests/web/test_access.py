"""Who may see what: the one table holds for every route, list, detail, count and search."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.views import View

from builders import a_child, a_household, an_id, many_absences, on_the_register, public_assistance, tax_unknown
from tsunagu_web.access.policy import PUBLIC, Policy, may_see_fact, may_see_reason
from tsunagu_web.access.table import PURPOSES, Role, permits_of
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Child

PEOPLE = [
    *a_household(
        a_child("例川 あおい", "レイカワ アオイ", level="重点支援", reasons=(many_absences(), tax_unknown())),
        a_child("例川 はる", "レイカワ ハル", school=None, school_name=None, grade=-1, reasons=(on_the_register(),)),
    ),
    a_child("例田 ソラ", "レイタ ソラ", school="201", household="6", level="見守り"),
    a_child("例本 みお", "レイモト ミオ", household="7", reasons=(public_assistance(),), first_reason="P1"),
]
# What no vice-principal may read anywhere: a word of every reason, item and department outside the school's own.
FORBIDDEN_AT_SCHOOL = (
    "生活保護",
    "課税",
    "要対協",
    "要保護",
    "健診",
    "予防接種",
    "福祉事務所",
    "税務",
    "児童扶養",
    "例川 さくら",
)


def _routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, path)
        else:
            yield path, pattern


ROUTES = list(_routes(get_resolver().url_patterns))


@pytest.mark.parametrize(("path", "route"), ROUTES, ids=[path for path, _ in ROUTES])
def test_no_route_without_a_policy(path: str, route: URLPattern) -> None:
    policy = getattr(route.callback, "policy", None)
    assert policy == PUBLIC or isinstance(policy, Policy), f"/{path} has no access policy"
    assert not isinstance(route.callback, View)


def test_only_signing_in_and_the_language_are_public() -> None:
    assert {path for path, route in ROUTES if route.callback.policy == PUBLIC} == {
        "login/",
        "login/second-factor/",
        "login/new-password/",
        "login/set-up/",
        "login/recovery-codes/",
        "language/",
    }


def test_a_view_without_a_policy_is_not_served(
    desk: None, as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    view = next(route.callback for path, route in ROUTES if path == "children/")
    monkeypatch.delattr(view, "policy")
    client = as_role()
    client.raise_request_exception = False
    assert client.get("/children/").status_code == 500


def test_nobody_sees_anything_without_logging_in(intake: Callable[..., object]) -> None:
    intake(*PEOPLE)
    for path, route in ROUTES:
        if route.callback.policy != PUBLIC:
            url = "/" + path.replace("<person:person_id>", PEOPLE[0].person_id).replace("<int:number>", "1")
            for answer in (Client().get(url), Client().post(url)):
                assert answer.status_code in (302, 405), url
                assert answer.status_code == 405 or answer["Location"].startswith("/login/"), url


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize(("path", "route"), ROUTES, ids=[path for path, _ in ROUTES])
def test_every_route_asks_the_table(
    path: str, route: URLPattern, role: str, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    policy = route.callback.policy
    if policy == PUBLIC:
        return
    intake(*PEOPLE)
    url = "/" + path.replace("<person:person_id>", PEOPLE[0].person_id).replace("<int:number>", "1")
    client = as_role(role)
    answers = [client.get(url), client.post(url, {})]
    allowed = bool(permits_of(role, PURPOSES[Role(role)][0], policy.thing, policy.action))
    for answer in answers:
        if answer.status_code != 405:
            # A child out of reach (404) is refused by the row, not by the role.
            assert (answer.status_code != 403) == allowed, (url, answer.status_code)
    if not allowed:
        assert "担当の範囲外" in answers[0].content.decode()
        refusals = [json.loads(e.body) for e in Event.objects.filter(action="refused")]
        assert {r["object"] for r in refusals} == {policy.thing.value}
        assert {r["role"] for r in refusals} == {role}


@pytest.mark.parametrize("role", [Role.LEAD_WORKER, Role.SUPERVISOR, Role.VICE_PRINCIPAL])
def test_list_detail_counts_and_search_show_the_same_children(
    role: str, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*PEOPLE)
    client = as_role(role)
    answer = client.get("/children/")
    listed = {row.child.pk for row in answer.context["rows"]}
    openable = {
        pk for pk in Child.objects.values_list("pk", flat=True) if client.get(f"/children/{pk}/").status_code == 200
    }
    found = {row.child.pk for row in client.post("/children/search/", {"words": "レイ"}).context["rows"]}
    assert listed == openable == found
    assert answer.context["listed"].total == sum(level.count for level in answer.context["levels"]) == len(listed)
    assert listed, "the test has somebody to see"
    if role == Role.VICE_PRINCIPAL:
        assert listed == {an_id("例川 あおい"), an_id("例本 みお")}


def test_a_child_out_of_reach_and_one_that_does_not_exist_are_refused_and_recorded_alike(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*PEOPLE)
    client = as_role(Role.VICE_PRINCIPAL)
    answers = [client.get(f"/children/{an_id(name)}/") for name in ("例田 ソラ", "nobody")]
    assert [a.status_code for a in answers] == [404, 404]
    assert _without_marks(answers[0]) == _without_marks(answers[1])
    assert "担当の範囲" in answers[0].content.decode()
    events = list(Event.objects.order_by("-number")[:2])
    assert [json.loads(e.body)["persons"] for e in events] == [[an_id("nobody")], [an_id("例田 ソラ")]]
    assert [e.action for e in events] == ["refused", "refused"]


def _without_marks(answer: HttpResponse) -> bytes:
    """The bytes without the form marks, which differ at every answer to the same question."""
    without_marks = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", answer.content)
    return re.sub(rb"/children/P[0-9a-f]{16}/", b"/children/ID/", without_marks)


def test_a_vice_principal_reads_the_level_and_what_to_watch_only(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*PEOPLE)
    client = as_role(Role.VICE_PRINCIPAL)
    pages = [client.get("/children/"), client.post("/children/search/", {"words": "例"})]
    pages += [client.get(f"/children/{an_id(name)}/") for name in ("例川 あおい", "例本 みお")]
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert [word for word in FORBIDDEN_AT_SCHOOL if word in text] == []
        assert "11日欠席" not in text
        assert "権限により非表示" in text
    assert "登校の様子" in pages[2].content.decode()
    assert "重点支援" in pages[2].content.decode()


def test_whether_a_child_has_hidden_reasons_stays_hidden_too(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    """Two children of one school, one with a welfare reason and one without: the pages differ in the name alone."""
    intake(
        a_child("例一 はる", "レイ", person_id=an_id("same"), household="1", reasons=(many_absences(),)),
        a_child(
            "例二 はる",
            "レイ",
            person_id=an_id("else"),
            household="2",
            reasons=(many_absences(), public_assistance(), tax_unknown()),
        ),
    )
    client = as_role(Role.VICE_PRINCIPAL)

    def page(name: str, id: str) -> str:
        text = client.get(f"/children/{id}/").content.decode()
        text = text[text.index("<main") : text.index("</main>")]
        return text.replace(name, "NAME").replace(id, "ID")

    assert page("例一 はる", an_id("same")) == page("例二 はる", an_id("else"))


def test_the_address_is_nowhere(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(*PEOPLE)
    client = as_role(Role.SUPERVISOR)
    text = client.get(f"/children/{PEOPLE[0].person_id}/").content.decode()
    assert "若葉" not in text
    assert "住所：権限により非表示" in text
    from django.db import connection

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert "若葉" not in repr(cursor.fetchall()), table


def test_a_domain_the_table_does_not_know_is_seen_by_nobody() -> None:
    for role in Role:
        viewer = Viewer(1, "staff:1", role, PURPOSES[role][0])
        assert not may_see_fact(viewer, "police")
        assert not may_see_reason(viewer, [])
        assert not may_see_reason(viewer, ["education", "police"])
