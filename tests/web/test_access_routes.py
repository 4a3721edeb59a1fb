"""The access matrix: every role, purpose, address and method, with a child of every tie and state.

Made from the one table and the resolver. Whether a page may be opened is asked of the table; whether it was, is read
from the answer and from the log.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone
from routes import Route, ask, plain, routes_with_a_policy
from signed_in import goes_on

from builders import a_child, an_id
from offered import an_offered
from pupils import a_pupil, school_tables
from tsunagu_web.access.decision import Subject, decide
from tsunagu_web.access.models import Conflict, Grant, Team
from tsunagu_web.access.policy import Policy
from tsunagu_web.access.table import PURPOSES, permits_of
from tsunagu_web.access.terms import Action, CaseState, Purpose, Role, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Child
from tsunagu_web.duties.viewers import viewer_of

TIES = ("in scope", "out of scope", "own family", "granted", "grant ended", "granted for another purpose")
# Emergency access is written for any number that is asked for, so that asking tells nothing (decision 0006, point 6).
FOR_ANY_NUMBER = {Thing.EMERGENCY}
_AN_ID = re.compile(rb"P[0-9a-f]{16}")


@dataclass(frozen=True)
class Kin:
    tie: str
    state: str

    @property
    def name(self) -> str:
        return f"例川 {TIES.index(self.tie)}の{CaseState.values.index(self.state)}番"

    @property
    def person_id(self) -> str:
        return an_id(self.name)

    @property
    def school(self) -> str:
        return "102" if self.tie in ("in scope", "own family") else "201"


# Every tie while the work goes on; afterwards those that could still open the child.
KIN = [
    Kin(tie, state)
    for tie in TIES
    for state in CaseState.values
    if state in ("noticed", "open") or tie in ("in scope", "granted")
]


@pytest.fixture
def children(intake: Callable[..., object]) -> None:
    Team.objects.create(key="east", name="東", schools=["201"])
    intake(
        *(
            a_child(kin.name, "レイカワ", person_id=kin.person_id, school=kin.school, household=str(n))
            for n, kin in enumerate(KIN)
        ),
        # Their school's boards have all of them, whatever became of the case.
        schools=school_tables([a_pupil(kin.name, person_id=kin.person_id, school=kin.school) for kin in KIN]),
        offers=[
            an_offered(kin.name, person_id=kin.person_id, school=kin.school, household=str(n))
            for n, kin in enumerate(KIN)
        ],
    )
    for state in CaseState.values:
        Child.objects.filter(pk__in=[k.person_id for k in KIN if k.state == state]).update(case_state=state)


@dataclass
class Desk:
    """One person at the desk under one purpose, and what the table says to them."""

    staff: Staff
    purpose: str
    open_browser: Callable[[], Client]
    viewer: Viewer
    subjects: dict[str, Subject]
    counts: dict[str, int] = field(default_factory=lambda: {"opened": 0, "refused": 0})

    def __post_init__(self) -> None:
        self.browser = self.open_browser()

    def may(self, policy: Policy, person_id: str) -> bool:
        if policy.thing in FOR_ANY_NUMBER:
            return bool(_cell(self.viewer.role, self.viewer.purpose, policy))
        subject = self.subjects[person_id]
        return any(decide(self.viewer, policy.thing, policy.action, subject, form).allowed for form in policy.forms)

    def ask(self, method: str, url: str, data: dict[str, str] | None = None) -> tuple[HttpResponseBase, list[Event]]:
        """The answer, and what the log holds of it."""
        before = _last_number()
        answer = ask(self.browser, method, url, data)
        written = list(Event.objects.filter(number__gt=before))
        if not goes_on(self.browser, answer, self.purpose):
            self.browser = self.open_browser()
        self.counts["refused" if _refusals(written) else "opened"] += 1
        return answer, written


def _cell(role: str, purpose: str, policy: Policy) -> bool:
    """Whether the table has the view's cell for them, in one of the forms in which the view shows it."""
    return any(permits_of(role, purpose, policy.thing, policy.action, form) for form in policy.forms)


def _last_number() -> int:
    return Event.objects.order_by("-number").values_list("number", flat=True).first() or 0


def _refusals(events: list[Event]) -> list[dict[str, object]]:
    return [json.loads(event.body) for event in events if event.action == "refused"]


# In a page's words, and in those of the API.
_SAYS = {403: {"担当の範囲外", "not_within_your_duty"}, 404: {"担当の範囲に", "not_found"}}


def _words(answer: HttpResponseBase) -> set[str]:
    text = plain(answer).decode()
    return {words for both in _SAYS.values() for words in both if words in text}


def _tie(staff: Staff, purpose: str) -> None:
    """Grants and blocks of this person, as the children's ties say."""
    now, hour = timezone.now(), dt.timedelta(hours=1)
    other = next(p.value for p in Purpose if p.value != purpose)
    grants = {
        "granted": (purpose, now - hour, now + hour),
        "grant ended": (purpose, now - 2 * hour, now - hour),
        "granted for another purpose": (other, now - hour, now + hour),
    }
    for kin in KIN:
        if kin.tie in grants:
            what, starts, ends = grants[kin.tie]
            Grant.objects.create(
                staff=staff,
                person_id=kin.person_id,
                purpose=what,
                basis="emergency",
                reason="for the test",
                starts_at=starts,
                ends_at=ends,
                granted_by=staff,
            )
        elif kin.tie == "own family":
            Conflict.objects.get_or_create(
                staff=staff, person_id=kin.person_id, kind="own_family", defaults={"entered_at": now}
            )


@pytest.fixture
def desks(
    children: None, staff: Callable[..., Staff], as_role: Callable[..., Client]
) -> Callable[[Role], Iterator[Desk]]:
    def at(role: Role) -> Iterator[Desk]:
        who = staff(role)
        for purpose in PURPOSES[role]:
            Grant.objects.all().delete()
            _tie(who, purpose.value)
            subjects = {child.pk: child.subject() for child in Child.objects.all()}
            yield Desk(
                who,
                purpose.value,
                lambda picked=purpose.value: as_role(role, purpose=picked),
                viewer_of(who, purpose.value),
                subjects,
            )

    return at


def _check_person(desk: Desk, route: Route, method: str, kin: Kin) -> bool:
    """Whether the route knows the method; on the way, that answer and log are as the table says."""
    policy, url = route.policy, route.url(kin.person_id)
    assert isinstance(policy, Policy)
    answer, written = desk.ask(method, url)
    cell = _cell(desk.viewer.role, desk.viewer.purpose, policy)
    if answer.status_code == 405:
        assert cell, "who may not is not told which methods there are"
        return False
    allowed, refusals = desk.may(policy, kin.person_id), _refusals(written)
    case = (desk.viewer.role, desk.purpose, method, url, kin)
    if allowed and route.has_other_parts and answer.status_code == 404:
        return True  # no such grant or note; whether that is written down as a refusal is the page's own question
    assert bool(refusals) != allowed, (case, answer.status_code)
    if allowed:
        assert answer.status_code != 403, case
        # Another part of the address (a grant's number), or what an act is about (a case), may not be there.
        assert answer.status_code != 404 or route.has_other_parts or method == "post", case
        if policy.shows_people and answer.status_code in (200, 409, 422):
            assert kin.person_id in {p for event in written for p in json.loads(event.body)["persons"]}, case
        return True
    assert answer.status_code == (404 if cell else 403), case
    assert _SAYS[answer.status_code] & _words(answer), (case, "a refusal says what it is")
    assert kin.name.encode() not in plain(answer), case
    [refusal] = refusals
    assert refusal["object"] == policy.thing.value, case
    assert refusal["detail"]["asked"] == policy.action.value, case  # type: ignore[index]
    assert (refusal["role"], refusal["purpose"]) == (desk.viewer.role, desk.purpose), case
    assert refusal["persons"] == ([kin.person_id] if cell else []), case
    return True


def _check_other(desk: Desk, route: Route, method: str) -> bool:
    policy = route.policy
    assert isinstance(policy, Policy)
    answer, written = desk.ask(method, route.url())
    cell = _cell(desk.viewer.role, desk.viewer.purpose, policy)
    case = (desk.viewer.role, desk.purpose, method, route.path)
    assert (answer.status_code == 403) == bool(_refusals(written)) == (not cell), (case, answer.status_code)
    if answer.status_code == 405:
        return False
    # The log is opened as a whole, by number and not child by child; every other page shows who is in reach, recorded.
    if cell and policy.shows_people and answer.status_code == 200 and policy.thing is not Thing.ACCESS_LOG:
        shown = {found.decode() for found in _AN_ID.findall(plain(answer))} & set(desk.subjects)
        assert all(desk.may(policy, person) for person in shown), case
        assert shown <= {p for event in written for p in json.loads(event.body)["persons"]}, case
    return True


def _share(desk: Desk, route: Route, with_cell: list[Route]) -> list[Kin]:
    """So many children in turn that all addresses together ask for each; and one who may be opened and one who may
    not, wherever there are such. In another order on each database, for each role and purpose, and in the same one each
    time."""
    policy = route.policy
    assert isinstance(policy, Policy)
    order = random.Random(f"{connection.vendor} {desk.viewer.role} {desk.purpose}").sample(KIN, len(KIN))
    places = math.ceil(len(KIN) / len(with_cell))
    first = with_cell.index(route) * places
    share = [order[place % len(order)] for place in range(first, first + places)]
    for is_allowed in (True, False):
        like = [kin for kin in order if desk.may(policy, kin.person_id) == is_allowed]
        share += [] if set(like) & set(share) else like[:1]
    return share


_A_CHILD = Policy(Thing.CHILD, Action.VIEW, True)
ABOUT_A_PERSON = [route for route in routes_with_a_policy() if route.is_about_a_person]
OTHERS = [route for route in routes_with_a_policy() if not route.is_about_a_person]


@pytest.mark.parametrize("role", Role)
def test_the_matrix(role: Role, desks: Callable[[Role], Iterator[Desk]]) -> None:
    """Every address and method, with children of every tie and state among them (`_share`)."""
    _matrix(role, desks, is_whole=False)


@pytest.mark.deep
@pytest.mark.parametrize("role", Role)
def test_the_whole_matrix(role: Role, desks: Callable[[Role], Iterator[Desk]]) -> None:
    _matrix(role, desks, is_whole=True)


def _matrix(role: Role, desks: Callable[[Role], Iterator[Desk]], *, is_whole: bool) -> None:
    for desk in desks(role):
        with_cell = [route for route in ABOUT_A_PERSON if _cell(role, desk.purpose, route.policy)]  # type: ignore[arg-type]
        asked: set[Kin] = set()
        for route in ABOUT_A_PERSON:
            # Without the cell the answer comes before any child is looked for: two of them show it.
            about = KIN[:2]
            if route in with_cell:
                about = KIN if is_whole else _share(desk, route, with_cell)
                asked |= set(about)
            known = set()
            for method in ("get", "post"):
                for kin in about:
                    if not _check_person(desk, route, method, kin):
                        break
                    known.add(method)
            assert known, route.path
        assert asked == (set(KIN) if with_cell else set()), "a share leaves no tie and no state out"
        for route in OTHERS:
            assert [m for m in ("get", "post") if _check_other(desk, route, m)], route.path
        assert desk.counts["refused"] > 20, "the test has something to refuse"
        assert desk.counts["opened"] > 3, "the test has something to open"


@pytest.mark.parametrize("role", Role)
def test_list_detail_counts_search_and_export_show_the_same(
    role: Role, desks: Callable[[Role], Iterator[Desk]]
) -> None:
    everybody, lists, pages = set(), [], [r for r in ABOUT_A_PERSON if r.policy == _A_CHILD]
    assert len(pages) > 1, "the page and the API"
    for desk in desks(role):
        wanted = {p for p, s in desk.subjects.items() if decide(desk.viewer, Thing.CHILD, Action.VIEW, s).allowed}
        everybody |= wanted
        for route in OTHERS:
            policy = route.policy
            assert isinstance(policy, Policy)
            is_list = policy.thing is Thing.WORKLIST and policy.shows_people
            if not is_list or not _cell(role, desk.purpose, policy):
                continue
            lists.append(policy.action)
            method = "get" if policy.action is Action.VIEW else "post"
            answer, _ = desk.ask(method, route.url(), {"words": "例川"} if policy.action is Action.SEARCH else None)
            assert answer.status_code == 200, route.path
            shown = {found.decode() for found in _AN_ID.findall(plain(answer))}
            subjects = desk.subjects.items()
            asked = {p for p, s in subjects if decide(desk.viewer, policy.thing, policy.action, s).allowed}
            assert shown == asked, (role, desk.purpose, route.path)
            # A case that was handed over stays on the list of those who had it, and goes into no file.
            left_out = {p for p in wanted - asked if desk.subjects[p].case_state != CaseState.TRANSFERRED}
            assert asked <= wanted, (role, desk.purpose, route.path)
            assert left_out == set(), (role, desk.purpose, route.path)
            if policy.action is Action.VIEW and answer.context and "listed" in answer.context:  # type: ignore[attr-defined]
                listed = answer.context["listed"]  # type: ignore[attr-defined]
                assert listed.total == len(wanted)
                # Who may not know the level gets no counts by it either.
                by_level = len(wanted) if permits_of(role, desk.purpose, Thing.LEVEL, Action.VIEW) else 0
                assert sum(count for _, count in listed.levels) == by_level
        for route in pages:
            opened = {p for p in desk.subjects if desk.ask("get", route.url(p))[0].status_code == 200}
            assert opened == wanted
    if role is Role.SUPERVISOR:
        assert set(lists) == {Action.VIEW, Action.SEARCH, Action.EXPORT}
    assert bool(everybody) == bool([p for p in PURPOSES[role] if permits_of(role, p, Thing.CHILD, Action.VIEW)]), (
        "the test has somebody to see"
    )


@pytest.mark.parametrize("role", Role)
def test_without_a_purpose_of_the_role_every_page_leads_to_the_choice(
    role: Role, children: None, as_role: Callable[..., Client]
) -> None:
    foreign = next(p.value for p in Purpose if p not in PURPOSES[role])
    for purpose in (foreign, "made_up"):
        browser = as_role(role, purpose=purpose)
        for route in routes_with_a_policy():
            if route.policy.thing is Thing.ACCOUNT:  # type: ignore[attr-defined]
                continue
            for method in ("get", "post"):
                answer = getattr(browser, method)(route.url(KIN[0].person_id))
                if route.path.startswith("api/"):
                    assert (answer.status_code, answer.json()["code"]) == (403, "no_purpose_picked"), route.path
                    continue
                assert answer.status_code == 302, route.path
                assert answer["Location"].startswith("/purpose/?next="), route.path


@pytest.mark.usefixtures("without_second_lock")
def test_control_a_page_that_forgets_the_rows_is_found(
    desks: Callable[[Role], Iterator[Desk]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tsunagu_web.cases import queries

    monkeypatch.setattr(queries, "visible_to", lambda viewer, rows, **_: rows)
    desk = next(desks(Role.LEAD_WORKER))
    page = next(r for r in ABOUT_A_PERSON if r.policy == _A_CHILD)
    with pytest.raises(AssertionError):
        _check_person(desk, page, "get", Kin("out of scope", "open"))
    with pytest.raises(AssertionError):
        test_list_detail_counts_search_and_export_show_the_same(Role.LEAD_WORKER, lambda _: iter([desk]))


def test_control_a_page_that_refuses_in_silence_is_found(
    desks: Callable[[Role], Iterator[Desk]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tsunagu_web.cases import queries

    monkeypatch.setattr(queries, "record_refusal", lambda *_: None)
    page = next(r for r in ABOUT_A_PERSON if r.policy == _A_CHILD)
    with pytest.raises(AssertionError):
        _check_person(next(desks(Role.LEAD_WORKER)), page, "get", Kin("out of scope", "open"))
