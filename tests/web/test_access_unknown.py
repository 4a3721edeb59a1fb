"""A child out of reach and one that does not exist are answered alike: status, bytes, statements, entries and time."""

from __future__ import annotations

import json
import re
import statistics
import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from routes import plain, routes_with_a_policy

from builders import a_child, an_id
from tsunagu_web.access.models import Conflict, Team
from tsunagu_web.access.policy import Policy
from tsunagu_web.access.table import PURPOSES, permits_of
from tsunagu_web.access.terms import Action, Role, Thing
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases import queries
from tsunagu_web.cases.models import Child

OURS, THEIRS, FAMILY, CLOSED, NOBODY = (an_id(name) for name in ("ours", "theirs", "family", "closed", "nobody"))
PERSON_ROUTES = [route for route in routes_with_a_policy() if route.is_about_a_person]
_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|\"s\d+_x\d+\"")  # values, and the names of savepoints


@pytest.fixture
def children(intake: Callable[..., object]) -> None:
    Team.objects.create(key="east", name="東", schools=["201"])
    intake(
        a_child("例川 一", "レイカワ", person_id=OURS, household="1"),
        a_child("例川 二", "レイカワ", person_id=THEIRS, school="201", household="2"),
        a_child("例川 三", "レイカワ", person_id=FAMILY, household="3"),
        a_child("例川 四", "レイカワ", person_id=CLOSED, household="4"),
    )
    # A state in which no page of these roles is open under their first purpose.
    Child.objects.filter(pk=CLOSED).update(case_state="transferred")


@pytest.fixture
def browser(children: None, staff: Callable[..., Staff], as_role: Callable[..., Client]) -> Callable[[Role], Client]:
    def opened(role: Role) -> Client:
        Conflict.objects.get_or_create(
            staff=staff(role), person_id=FAMILY, kind="other_party", defaults={"entered_at": timezone.now()}
        )
        client = as_role(role)
        client.get("/purpose/")  # the session's minute is counted before the statements are
        return client

    return opened


def _footprint(client: Client, method: str, url: str, person_id: str) -> tuple[object, ...]:
    """All that somebody outside can tell, and all that the database was asked, with the number itself left out."""
    before = Event.objects.count()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = getattr(client, method)(url)
    headers = sorted((k, v) for k, v in answer.headers.items() if k != "Content-Length")
    entries = [json.loads(e.body) for e in Event.objects.order_by("number")[before:]]
    written = [(e["action"], e["object"], len(e["persons"]), sorted(e["detail"])) for e in entries]
    shapes = [_LITERAL.sub("?", query["sql"].replace(person_id, "ID")) for query in asked]
    return answer.status_code, plain(answer, person_id), headers, shapes, written


def _told_apart(client: Client, role: Role) -> list[tuple[str, str, str]]:
    """Routes and methods at which a hidden child is answered in another way than nobody."""
    found = []
    for route in PERSON_ROUTES:
        policy = route.policy
        assert isinstance(policy, Policy)
        if not any(permits_of(role, PURPOSES[role][0], policy.thing, policy.action, f) for f in policy.forms):
            continue
        for method in ("get", "post"):
            nobody = _footprint(client, method, route.url(NOBODY), NOBODY)
            for hidden in (THEIRS, FAMILY, CLOSED):
                if _footprint(client, method, route.url(hidden), hidden) != nobody:
                    found.append((method, route.path, hidden))
    return found


ROLES = [
    role
    for role in Role
    if permits_of(role, PURPOSES[role][0], Thing.CHILD, Action.VIEW) or role is Role.OVERALL_MANAGER
]


@pytest.mark.parametrize("role", ROLES)
def test_hidden_and_unknown_are_answered_alike(role: Role, browser: Callable[[Role], Client]) -> None:
    client = browser(role)
    assert _told_apart(client, role) == []
    if permits_of(role, PURPOSES[role][0], Thing.LEVEL, Action.VIEW):
        ours = _footprint(client, "get", f"/children/{OURS}/", OURS)
        assert ours[0] == 200
        assert ours != _footprint(client, "get", f"/children/{NOBODY}/", NOBODY), "the footprint can tell"


def test_control_another_sentence_for_nobody_is_found(
    browser: Callable[[Role], Client], without_second_lock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = queries.require_child

    def talkative(request: object, person_id: str, *cell: object) -> Child:
        if not Child.objects.filter(pk=person_id).exists():
            raise Http404
        return honest(request, person_id, *cell)  # type: ignore[arg-type]

    monkeypatch.setattr(queries, "require_child", talkative)
    assert _told_apart(browser(Role.LEAD_WORKER), Role.LEAD_WORKER) != []


def test_control_one_more_question_about_those_who_exist_is_found(
    browser: Callable[[Role], Client], without_second_lock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same page, same status: only the statements differ."""
    honest = queries.require_child

    def curious(request: object, person_id: str, *cell: object) -> Child:
        if Child.objects.filter(pk=person_id).exists():
            Event.objects.filter(number=0).exists()
        return honest(request, person_id, *cell)  # type: ignore[arg-type]

    monkeypatch.setattr(queries, "require_child", curious)
    assert _told_apart(browser(Role.LEAD_WORKER), Role.LEAD_WORKER) != []


def _walk(client: Client, steps: int) -> None:
    """Every number up to so many steps below and above a child who is there, and the child too: all answered alike."""
    start = int(THEIRS[1:], 16)
    seen: dict[tuple[int, bytes], int] = {}
    for number in range(start - steps, start + steps + 1):
        person_id = f"P{number:016x}"
        answer = client.get(f"/children/{person_id}/")
        footprint = (answer.status_code, plain(answer, person_id))
        seen[footprint] = seen.get(footprint, 0) + 1
    assert [(status, times) for (status, _), times in seen.items()] == [(404, 2 * steps + 1)]
    assert Event.objects.filter(action="refused").count() == 2 * steps + 1, "each step is in the log"


def test_walking_through_the_numbers_around_a_hidden_child_finds_nobody(browser: Callable[[Role], Client]) -> None:
    _walk(browser(Role.LEAD_WORKER), 100)


@pytest.mark.deep
def test_walking_a_thousand_numbers_below_and_above_finds_nobody(browser: Callable[[Role], Client]) -> None:
    _walk(browser(Role.VICE_PRINCIPAL), 1000)


def test_an_own_block_and_none_are_answered_alike(
    desk: None, staff: Callable[..., Staff], as_role: Callable[..., Client]
) -> None:
    officer = staff(Role.PRIVACY_OFFICER)
    own = Conflict.objects.create(staff=officer, person_id=OURS, kind="own_family", entered_at=timezone.now())
    client = as_role(Role.PRIVACY_OFFICER)
    client.get("/purpose/")
    footprints = [
        _footprint(client, "post", f"/conflicts/{number}/end/", f"/{number}/") for number in (own.pk, own.pk + 1000)
    ]
    assert footprints[0] == footprints[1]
    assert footprints[0][0] == 404


@pytest.mark.deep
def test_hidden_and_unknown_take_the_same_time(browser: Callable[[Role], Client]) -> None:
    """Interleaved, so that the machine's moods fall on both; a ratio, so that its speed does not matter."""
    client = browser(Role.LEAD_WORKER)
    taken: dict[str, list[float]] = {THEIRS: [], FAMILY: [], NOBODY: []}
    for person_id in (*taken, *taken):
        client.get(f"/children/{person_id}/")
    for _ in range(400):
        for person_id, times in taken.items():
            begun = time.perf_counter()
            client.get(f"/children/{person_id}/")
            times.append(time.perf_counter() - begun)
    medians = {person_id: statistics.median(times) for person_id, times in taken.items()}
    for hidden in (THEIRS, FAMILY):
        assert 0.85 < medians[hidden] / medians[NOBODY] < 1.18, medians
