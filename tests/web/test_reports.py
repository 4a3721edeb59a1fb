"""How the work stands: who counts whom, how far each child counts, what is not told, and what waits where."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Callable

import pytest
from counted import counted
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from planned import SUPPORT, a_case, a_step, drafted
from test_outreach import a_contact, a_sight

from builders import ON, ATestFact, ATestPerson, a_child, an_id
from tsunagu.casework.rules import load_rules
from tsunagu.evaluation.small_counts import LEAST
from tsunagu_web.access.models import Conflict, Team
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Child, Fact, Run
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.outreach.models import SightConfirmation
from tsunagu_web.reports import freshness, funnel, no_mark, views
from tsunagu_web.reports.funnel import Furthest
from tsunagu_web.steps.models import Step
from tsunagu_web.tasks.models import Task

PAGE = "/standing/"
AOI = an_id("例川 あおい")
Intake, Browser = Callable[..., object], Callable[..., Client]
COUNTS_THE_CITY = [Role.OVERALL_MANAGER, Role.ANALYST, Role.PRIVACY_OFFICER]
COUNTS_A_TEAM = [Role.LEAD_WORKER, Role.SUPERVISOR]
LATER = timezone.localdate() + dt.timedelta(days=100)


def children(n: int, *, school: str = "102", name: str = "例川") -> list[ATestPerson]:
    return [a_child(f"{name} {i}", "レイカワ", household=f"{name}{i}", school=school) for i in range(n)]


def long_known() -> None:
    """The notices were shown two months ago, so that the city's numbers hold them already."""
    Child.objects.update(known_from=ON)


@pytest.fixture
def lists_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The city's choice of lists that count: the council's register and reports."""
    chosen = dataclasses.replace(load_rules(None), no_mark_lists=("council_register", "report"))
    monkeypatch.setattr(views, "rules", lambda: chosen)


def files(*missing: str) -> dict[str, object]:
    """What a manifest says of the files of both lists: read, or of these holders missing."""
    holders = ("youtaikyo", "kosoudan")
    states = {holder: "missing" if holder in missing else "read" for holder in holders}
    return {f"{holder}/x.csv": {"holder": holder, "status": state} for holder, state in states.items()}


def on_list(since: dt.date | None = dt.date(2026, 4, 1), until: dt.date | None = None) -> ATestFact:
    return ATestFact("council_register", since, value="support", holder="youtaikyo", valid_to=until)


@pytest.mark.parametrize("role", sorted({*Role} - {*COUNTS_THE_CITY, *COUNTS_A_TEAM}))
def test_who_may_not(role: str, intake: Intake, as_role: Browser) -> None:
    intake(*children(6))
    client = as_role(role)
    assert client.get(PAGE).status_code == 403
    assert PAGE not in client.get("/account/").content.decode()


@pytest.mark.parametrize("role", COUNTS_THE_CITY)
def test_the_city_is_counted_without_a_child(role: str, intake: Intake, as_role: Browser) -> None:
    Team.objects.create(key="east", name="東", schools=["201"])
    intake(*children(7), *children(6, school="201", name="例田"))
    long_known()
    page = as_role(role).get(PAGE)
    assert [(m.first_day, m.total) for m in page.context["months"]] == [(ON.replace(day=1), 13)]
    text = page.content.decode()
    assert "令和8年9月" in text
    for private in ("例川", "例田", "レイカワ", an_id("例川 0"), "職員A"):
        assert private not in text.split("<main", 1)[1], private
    assert (page.context["lists"], page.context["leads"]) == ([], [])
    entry = json.loads(Event.objects.order_by("number").last().body)  # type: ignore[union-attr]
    assert (entry["action"], entry["object"], entry["persons"]) == ("view", "report", [])


@pytest.mark.parametrize("role", COUNTS_A_TEAM)
@pytest.mark.parametrize("purpose", [Purpose.EARLY_SUPPORT, Purpose.CASE_SUPPORT])
def test_a_team_counts_its_own_children_and_the_same_under_each_purpose(
    role: str, purpose: str, intake: Intake, as_role: Browser
) -> None:
    Team.objects.create(key="east", name="東", schools=["201"])
    intake(*children(7), *children(6, school="201", name="例田"))
    Child.objects.filter(pk=an_id("例川 0")).update(case_state="closed")
    assert [m.total for m in as_role(role, purpose=purpose).get(PAGE).context["months"]] == [7]


def test_whom_a_block_keeps_away_is_not_counted(intake: Intake, as_role: Browser, staff: Callable[..., Staff]) -> None:
    intake(*children(7))
    me = staff(Role.SUPERVISOR)
    Conflict.objects.create(staff=me, person_id=an_id("例川 0"), kind="own_family", entered_at=timezone.now())
    assert [m.total for m in as_role(Role.SUPERVISOR).get(PAGE).context["months"]] == [6]


def test_fewer_than_five_are_not_told_to_anybody(intake: Intake, as_role: Browser) -> None:
    intake(*children(LEAST - 1))
    long_known()
    for role in (*COUNTS_THE_CITY, *COUNTS_A_TEAM):
        (month,) = as_role(role).get(PAGE).context["months"]
        assert (month.total, set(month.counts)) == (None, {None}), role


def test_the_city_reads_the_month_before_and_a_team_today(intake: Intake, as_role: Browser) -> None:
    """What the desk took in this month is not yet in the city's numbers: from day to day one child would show."""
    intake(*children(7))
    assert as_role(Role.OVERALL_MANAGER).get(PAGE).context["months"] == []
    assert [m.total for m in as_role(Role.SUPERVISOR).get(PAGE).context["months"]] == [7]
    viewer = viewer_of(Staff.objects.get(role=Role.OVERALL_MANAGER), Purpose.OVERSIGHT)
    assert funnel.last_day_told(viewer, dt.date(2026, 3, 1)) == dt.date(2026, 2, 28)
    assert funnel.last_day_told(viewer, dt.date(2026, 3, 31)) == dt.date(2026, 2, 28)


def furthest(until: dt.date = LATER) -> str:
    """The step at which the one child counts, before anything is hidden."""
    return str(funnel._with_furthest(Child.objects.filter(pk=AOI), until).values_list("furthest", flat=True).get())


def moved(machine: str, move: str, source: str, target: str, *, by: Staff | None, days: int = 0) -> None:
    """A step of the child's work so many days from now."""
    form = uuid.uuid4() if by else None
    Step.objects.create(
        machine=machine, subject=1, person_id=AOI, number=Step.objects.count() + 900, move=move, source=source,
        target=target, by=by, at=timezone.now() + dt.timedelta(days=days), reason="x", form=form,
    )  # fmt: skip


def connected(one: Staff, another: Staff) -> None:
    moved("referral", "send", "draft", "sent", by=one)
    moved("referral", "accept", "sent", "accepted", by=another)


def test_each_child_counts_at_the_furthest_step(intake: Intake, as_role: Browser, staff: Callable[..., Staff]) -> None:
    intake(a_child())
    me = staff()
    assert furthest() == Furthest.NOTHING
    decide = {"outcome": "supported", "seen": 0, "form": str(uuid.uuid4())}
    as_role().post(f"/children/{AOI}/decide/", decide)
    assert furthest() == Furthest.ELSEWHERE, "helped before and elsewhere: how far is not known, and is not nothing"
    as_role().post(f"/children/{AOI}/decide/", {"outcome": "candidate", "seen": 1, "form": str(uuid.uuid4())})
    assert furthest() == Furthest.DECIDED
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    assert furthest(yesterday) == Furthest.NOTHING, "as it stood that day"
    moved("plan", "submit", "draft", "submitted", by=me)
    assert furthest() == Furthest.DECIDED, "handed in is not approved"
    moved("plan", "approve", "submitted", "approved", by=staff(Role.SUPERVISOR))
    assert furthest() == Furthest.PLANNED
    as_role().post(f"/children/{AOI}/outreach/contact/", a_contact("reached", met="母"))
    assert furthest() == Furthest.PLANNED, "reached before there was help: nothing to follow up"
    connected(me, staff(Role.PARTNER))
    assert furthest() == Furthest.CONNECTED, "a contact on the day of the connection is the way to it"


def test_a_review_that_the_desk_began_by_itself_is_nobodys_look(intake: Intake, staff: Callable[..., Staff]) -> None:
    intake(a_child())
    connected(staff(), staff(Role.PARTNER))
    moved("case", "begin_review", "active", "review", by=None, days=30)
    assert furthest() == Furthest.CONNECTED
    moved("case", "go_on", "review", "active", by=staff(), days=30)
    assert furthest() == Furthest.FOLLOWED_UP
    assert furthest(timezone.localdate()) == Furthest.CONNECTED


@pytest.mark.parametrize("seen_after", [True, False])
def test_a_sight_after_the_connection_is_a_follow_up(
    seen_after: bool, intake: Intake, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    as_role().post(f"/children/{AOI}/sight/confirm/", a_sight())
    assert SightConfirmation.objects.count() == 1
    send, accept = (-9, -8) if seen_after else (0, 0)
    moved("referral", "send", "draft", "sent", by=staff(), days=send)
    moved("referral", "accept", "sent", "accepted", by=staff(Role.PARTNER), days=accept)
    assert furthest() == (Furthest.FOLLOWED_UP if seen_after else Furthest.CONNECTED)


def test_a_service_of_an_approved_plan_connects_from_its_first_day(
    intake: Intake, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    a_case(staff())
    lead = as_role(**SUPPORT)
    today = timezone.localdate()
    service = {"kind": "household_help", "what": "x", "responsible": "y", "starts_on": today.isoformat()}
    page = drafted(
        lead, services=[service], starts_on=today.isoformat(), ends_on=LATER.isoformat(), review_on=LATER.isoformat()
    )
    assert lead.post(f"{page}submit/", a_step(1)).status_code == 302
    assert furthest() == Furthest.NOTHING, "a plan that waits for approval helps nobody yet"
    assert as_role(Role.SUPERVISOR, **SUPPORT).post(f"{page}approve/", a_step(2)).status_code == 302
    assert furthest() == Furthest.CONNECTED
    assert furthest(today - dt.timedelta(days=1)) == Furthest.NOTHING


def test_what_waits_is_counted_as_its_list_counts_it(
    intake: Intake, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    a_case(staff(), stage="opened")
    client = as_role(Role.SUPERVISOR, purpose=Purpose.CASE_SUPPORT)
    page = client.get(PAGE)
    assert len(page.context["lists"]) == 4
    for one in page.context["lists"]:
        shown = client.get(one.url).context
        rows = shown["page"] if "page" in shown else shown["listed"].page
        assert rows.paginator.count == one.shown, one.words
    assert [(load.name, load.cases, load.reassessments) for load in page.context["leads"]] == [("職員A", 1, 0)]
    mine = as_role(Role.LEAD_WORKER, purpose=Purpose.CASE_SUPPORT).get(PAGE)
    assert not mine.context["names_leads"], "nobody compares colleagues but whoever assigns cases"
    assert mine.context["lists"]


@pytest.mark.parametrize("role", [*COUNTS_THE_CITY, *COUNTS_A_TEAM])
def test_the_page_needs_no_more_than_twelve_queries(
    role: str, lists_chosen: None, intake: Intake, as_role: Browser
) -> None:
    intake(*children(6))
    client = as_role(role)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(PAGE).status_code == 200
    asked = counted(queries)
    assert len(asked) <= 12, asked


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.OVERALL_MANAGER])
def test_whom_no_list_knew_is_told_beside_the_same_children(
    role: str, lists_chosen: None, intake: Intake, as_role: Browser
) -> None:
    known = [dataclasses.replace(child, facts=(on_list(),)) for child in children(6)]
    intake(*known, *children(8, name="例田"), inputs=files())
    long_known()
    Fact.objects.update(known_from=ON)
    (month,) = as_role(role).get(PAGE).context["months"]
    assert (month.total, month.marks) == (14, {no_mark.NONE: 8, no_mark.KNOWN: 6})


def test_a_few_whom_no_list_knew_are_not_told_nor_to_be_worked_out(
    lists_chosen: None, intake: Intake, as_role: Browser
) -> None:
    known = [dataclasses.replace(child, facts=(on_list(),)) for child in children(9)]
    intake(*known, *children(LEAST - 1, name="例田"), inputs=files())
    (month,) = as_role(Role.SUPERVISOR).get(PAGE).context["months"]
    assert (month.total, month.marks) == (13, {no_mark.NONE: None, no_mark.KNOWN: None})


def test_whom_a_list_that_did_not_come_might_have_known_is_not_known(
    lists_chosen: None, intake: Intake, as_role: Browser
) -> None:
    reported = ATestFact("report", dt.date(2026, 8, 1), value="consultation", holder="kosoudan")
    known = [dataclasses.replace(child, facts=(reported,)) for child in children(6)]
    intake(*known, *children(8, name="例田"), inputs=files("youtaikyo"))
    page = as_role(Role.SUPERVISOR).get(PAGE)
    assert page.context["months"][0].marks == {no_mark.KNOWN: 6, no_mark.CANNOT_TELL: 8}
    (absent, known_part, cannot_tell) = page.context["months"][0].known_to_lists
    assert (absent[1], known_part[1:], cannot_tell[1:]) == (False, (True, 6), (True, 8))


def test_without_a_choice_of_the_city_nobody_is_counted_so(intake: Intake, as_role: Browser) -> None:
    intake(*children(6), inputs=files())
    page = as_role(Role.SUPERVISOR).get(PAGE)
    assert page.context["months"][0].marks == {}
    assert "どれを見守り名簿とするかを市が決めていない" in page.content.decode()


@pytest.mark.parametrize(
    ("fact", "is_known"),
    [
        (on_list(), True),
        (on_list(until=ON), True),
        (on_list(until=ON - dt.timedelta(days=1)), False),
        (on_list(since=ON + dt.timedelta(days=1)), False),
        (on_list(since=None), True),
        (ATestFact("report", dt.date(2025, 1, 1), value="consultation", holder="kosoudan"), True),
        (ATestFact("report", ON + dt.timedelta(days=1), value="consultation", holder="kosoudan"), False),
        (ATestFact("assistance", dt.date(2026, 4, 1), holder="seiho"), False),
    ],
    ids=["on it", "until that day", "ended before", "begun after", "since when is not known", "told once",
         "told after", "no list that counts"],
)  # fmt: skip
def test_a_list_knew_the_child_on_the_day_of_the_notice(fact: ATestFact, is_known: bool, intake: Intake) -> None:
    intake(a_child(facts=(fact,)), inputs=files())
    assert known_to_a_list() == is_known


def known_to_a_list(items: tuple[str, ...] = ("council_register", "report")) -> bool:
    run = Run.objects.get(is_current=True)
    found = Child.objects.annotate(known=no_mark.is_known(run, no_mark.lists_of(run, items)))
    return bool(found.values_list("known", flat=True).get(pk=AOI))


def test_a_yearly_list_knows_for_its_year(intake: Intake) -> None:
    aided = [ATestFact("school_aid", dt.date(year, 4, 1), value="protected", holder="shugaku_enjo") for year in (2024,)]
    intake(a_child(facts=tuple(aided)), inputs=files())
    assert not known_to_a_list(("school_aid",))
    Fact.objects.update(valid_from=dt.date(2026, 4, 1))
    assert known_to_a_list(("school_aid",))


def test_what_is_delivered_later_does_not_change_what_was_known_that_day(intake: Intake) -> None:
    intake(a_child(facts=(on_list(),)), inputs=files())
    Fact.objects.update(known_from=timezone.localdate() + dt.timedelta(days=40))
    assert not known_to_a_list()
    Fact.objects.update(known_from=ON, known_to=ON)
    assert not known_to_a_list()


def test_which_parts_there_are_follows_from_the_deliveries_alone() -> None:
    """A part that stands there only where a child is in it would tell of that child."""
    early, late = dt.date(2026, 9, 10), ON
    lists = no_mark.Lists(("report",), ("報告",), {early: frozenset({"report"}), late: frozenset()})
    parts = {no_mark.NONE: 7, no_mark.KNOWN: 0, no_mark.CANNOT_TELL: 0}
    assert no_mark.division(dt.date(2026, 9, 1), [(late, False, 7)], lists) == parts
    whole = no_mark.Lists(("report",), ("報告",), {late: frozenset()})
    assert no_mark.division(dt.date(2026, 9, 1), [(late, False, 7)], whole) == {no_mark.NONE: 7, no_mark.KNOWN: 0}
    assert no_mark.division(dt.date(2026, 9, 1), [(early, False, 7)], whole)[no_mark.CANNOT_TELL] == 7, "no such run"


@pytest.mark.parametrize("purpose", [Purpose.EARLY_SUPPORT, Purpose.CASE_SUPPORT])
def test_what_waits_and_who_has_it_in_hand_are_the_same_children(
    purpose: Purpose, intake: Intake, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    """A watched child is opened under another purpose than a case; the numbers do not change with the one picked."""
    names = [f"例田 {n}" for n in "一二三"]
    intake(a_child(), *(a_child(name, household=str(n)) for n, name in enumerate(names)))
    case = a_case(staff(), stage="opened")
    today = timezone.localdate()
    for name in names:
        watch = {"outcome": "watch", "until": LATER.isoformat(), "seen": 0, "form": str(uuid.uuid4())}
        assert as_role().post(f"/children/{an_id(name)}/decide/", watch).status_code == 302
    Child.objects.filter(pk=an_id(names[0])).update(due_on=today - dt.timedelta(days=1))
    for child in (case.child, Child.objects.get(pk=an_id(names[0]))):
        Task.objects.create(child=child, what="電話する", owner=staff(), due_on=today, form=uuid.uuid4())
    client = as_role(Role.SUPERVISOR, purpose=purpose)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(PAGE)
    assert len(counted(asked)) <= 12
    lists, loads = {one.words: one for one in page.context["lists"]}, page.context["leads"]
    watched, tasks = lists["日を決めて見守るこども"], lists["未完了のタスク"]
    assert (watched.in_time, watched.over) == (2, 1)
    assert sum(load.watches for load in loads) == watched.in_time + watched.over
    assert sum(load.tasks for load in loads) == tasks.in_time + tasks.over == 2
    under_a_case = purpose == Purpose.CASE_SUPPORT
    assert (watched.elsewhere, tasks.elsewhere) == ((3, 1) if under_a_case else (0, 0))
    assert ("ほかの利用目的" in page.content.decode()) is under_a_case
    for one in (watched, tasks):
        shown = client.get(one.url).context
        rows = shown["page"] if "page" in shown else shown["listed"].page
        assert rows.paginator.count == one.shown, one.words


def test_who_has_how_much_in_hand(intake: Intake, as_role: Browser, staff: Callable[..., Staff]) -> None:
    intake(a_child(), a_child("例田 そら", "レイタ ソラ", household="2"))
    me, other = staff(), staff(Role.SCHOOL_SOCIAL_WORKER)
    case = a_case(me, stage="opened")
    today = timezone.localdate()
    for days in (-2, 0, 3):
        Task.objects.create(
            child=case.child, what="電話する", owner=other, due_on=today + dt.timedelta(days=days), form=uuid.uuid4()
        )
    watch = {"outcome": "watch", "until": (today + dt.timedelta(days=9)).isoformat(), "seen": 0}
    path = f"/children/{an_id('例田 そら')}/decide/"
    assert as_role().post(path, {**watch, "form": str(uuid.uuid4())}).status_code == 302
    Child.objects.filter(pk=an_id("例田 そら")).update(due_on=today - dt.timedelta(days=1))
    loads = {load.cases: load for load in as_role(Role.SUPERVISOR).get(PAGE).context["leads"]}
    assert (loads[1].tasks, loads[1].watches, loads[1].watches_over) == (0, 1, 1)
    assert (loads[0].tasks, loads[0].tasks_over, loads[0].watches) == (3, 1, 0)


def test_it_is_said_whose_numbers_leave_transferred_children_out(
    intake: Intake, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    intake(*children(7))
    Child.objects.filter(pk=an_id("例川 0")).update(case_state="transferred")
    said = "移管したこどもは入りません"
    counted = {role: as_role(role).get(PAGE) for role in COUNTS_A_TEAM}
    assert [page.context["months"][0].total for page in counted.values()] == [6, 7]
    assert [said in page.content.decode() for page in counted.values()] == [True, False]


def test_the_age_of_the_data_and_files_that_did_not_come_are_told(intake: Intake, as_role: Browser) -> None:
    intake(*children(6))
    run = Run.objects.get(is_current=True)
    ends = {"read": 40, "repeated": 2, "set_aside": 3}
    run.manifest["inputs"] = {
        "jumin/JUKI_KIHON.csv": {"holder": "jumin", "status": "read", "dispositions": ends},
        "送付票.csv": {"holder": "", "status": "slip", "dispositions": ends},
        "shukketsu/出欠月集計_R08.csv": {"holder": "shukketsu", "status": "missing", "dispositions": {}},
    }
    run.as_of = {"jumin": "2026-07-31"}
    found = freshness.delivered(run, dt.date(2026, 9, 30))
    assert [(one.as_of, one.read, one.set_aside, one.amiss) for one in found] == [
        (None, 0, 0, ("shukketsu/出欠月集計_R08.csv",)),
        (dt.date(2026, 7, 31), 42, 3, ()),
    ]
    assert found[1].age == "1か月前"
    assert (found[1].days, found[1].within, found[1].days_late) == (61, 7, 54)
    assert (found[0].days, found[0].within, found[0].days_late) == (None, 62, 0), "nobody can say"


@pytest.mark.parametrize(("day", "late"), [(dt.date(2026, 8, 7), 0), (dt.date(2026, 8, 8), 1)])
def test_a_department_is_late_from_the_day_after_its_time(day: dt.date, late: int, intake: Intake) -> None:
    intake(*children(1))
    run = Run.objects.get(is_current=True)
    run.manifest["inputs"] = {"jumin/JUKI_KIHON.csv": {"holder": "jumin", "status": "read"}}
    run.as_of = {"jumin": "2026-07-31"}
    assert [one.days_late for one in freshness.delivered(run, day)] == [late]
    for item in run.words["items"].values():
        del item["freshness_days"]
    assert freshness.delivered(run, day)[0].days_late == 0, "a run made before it was said"


def test_the_page_tells_how_old_the_data_is(intake: Intake, as_role: Browser) -> None:
    intake(*children(6))
    page = as_role(Role.SUPERVISOR).get(PAGE)
    assert [one.as_of for one in page.context["delivered"] if one.as_of] == sorted(
        one.as_of for one in page.context["delivered"] if one.as_of
    )
    assert ("データの新しさ" in page.content.decode()) == bool(page.context["delivered"])


def test_the_decisions_of_the_city_are_told_where_they_are_many(intake: Intake, as_role: Browser) -> None:
    intake(*children(15))
    Child.objects.filter(pk__in=[an_id(f"例川 {i}") for i in range(6)]).update(state="candidate", decisions_made=1)
    told = dict(as_role(Role.OVERALL_MANAGER).get("/decisions/").context["overview"].states)
    assert told["未確認"] == 9
    assert told["支援候補"] is None, "beside the empty ones it is the next larger"
    assert dict(as_role(Role.SUPERVISOR).get("/decisions/").context["overview"].states)["支援候補"] == 6
