"""The second lock: PostgreSQL gives no row out of reach, whatever a page forgot, and nothing of one to another."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from django.apps import apps
from django.core.signals import request_finished
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from builders import a_child, a_household, an_id, many_absences, on_the_register, public_assistance
from tsunagu.errors import StateError
from tsunagu_web.access import reach, second_lock
from tsunagu_web.access.models import Conflict, Team
from tsunagu_web.access.querysets import offered_visible_to, pupils_visible_to, visible_to
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.second_lock import CHILD, EXEMPT, LOCKED, NAME, OFFERED, PUPIL
from tsunagu_web.access.table import PURPOSES
from tsunagu_web.access.terms import Action, CaseState, Purpose, Role, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.boards.models import Pupil
from tsunagu_web.cases import queries, services, views
from tsunagu_web.cases.models import Case, Child, Decision, Fact, Judgment, Reason, Run
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.offers.models import OfferedChild
from tsunagu_web.people.models import Kinship, Membership, Person
from tsunagu_web.search.models import Kind, SearchText

on_postgresql = pytest.mark.of_postgresql_alone
AOI, SORA, MIO = an_id("例川 あおい"), an_id("例田 ソラ"), an_id("例本 みお")
PEOPLE = [
    *a_household(a_child("例川 あおい", "レイカワ アオイ", reasons=(many_absences(),))),
    a_child("例田 ソラ", "レイタ ソラ", school="201", household="6", reasons=(on_the_register(),)),
    a_child("例本 みお", "レイモト ミオ", household="7", reasons=(public_assistance(),)),
]
Browser = Callable[..., Client]


def test_every_table_is_locked_or_says_why_not() -> None:
    """A new model fails here until it has its line in the list, or its reason."""
    tables = {m._meta.db_table for m in apps.get_models() if m.__module__.startswith("tsunagu_web.")}
    assert tables == {locked.table for locked in LOCKED} | set(EXEMPT)
    assert not {locked.table for locked in LOCKED} & set(EXEMPT)
    assert all(len(reason) > 20 for reason in EXEMPT.values())
    assert len(LOCKED) == len({locked.table for locked in LOCKED})


def test_what_names_a_child_is_exempt_only_where_it_is_known() -> None:
    """Exempt is what holds no record; who adds a table with a child's number to them changes this line too."""
    by_child = {
        m._meta.db_table
        for m in apps.get_models()
        for f in m._meta.concrete_fields
        if f.column in ("person_id", "child_id", "household") or (f.is_relation and _is_locked(f.related_model))
    }
    assert by_child & set(EXEMPT) == {"access_grant", "access_conflict", "audit_eventperson", "people_membership"}


def _is_locked(model: type) -> bool:
    return model._meta.db_table in {locked.table for locked in LOCKED}  # type: ignore[attr-defined]


def test_every_way_ends_at_a_table_before_it() -> None:
    columns = {m._meta.db_table: {f.column for f in m._meta.concrete_fields} for m in apps.get_models()}
    before: set[str] = set()
    for locked in LOCKED:
        assert locked.ways or locked.table in (CHILD, PUPIL, OFFERED), locked.table
        for way in locked.ways:
            assert way.column in columns[locked.table]
            assert way.steps[-1].table in before, f"{locked.table} would be asked for itself"
            for step in way.steps:
                assert {step.by, step.leave} <= columns[step.table] | {""}
        before.add(locked.table)


# What is given


def _some_children(chance: random.Random) -> list[str]:
    """Children of two to a household, each with a parent there, and some with kin elsewhere."""
    numbers, at_random = [an_id(n) for n in range(40)], random.Random(0)
    for n, number in enumerate(numbers):
        school, team = chance.choice(["", "102", "201"]), chance.choice(["intake", "east", "west"])
        parent, kin = f"{number}-parent", f"{number}-kin"
        for person in (number, parent, kin):
            Person.objects.create(person_id=person, known_from="2026-09-30")
            told = {"item": "tax_class", "state": "known", "holder": "tax", "as_of": "2026-09-30"}
            Fact.objects.create(person_id=person, known_from="2026-09-30", **told)
            SearchText.objects.create(kind=Kind.PERSON, own_id=person, text="")
        Child.objects.create(
            person_id=number,
            is_listed=chance.random() < 0.8,
            school=school,
            team=team,
            classroom=f"{school}:5:1" if school and chance.random() < 0.5 else "",
            case_state=chance.choice(CaseState.values),
            level="L",
            level_at_most="L",
            level_rank=1,
            strength=0,
            is_known_before=False,
            first_noticed_on="2026-09-30",
            known_from="2026-09-30",
        )
        # Pupils stand to their school by columns of their own, whatever became of the child.
        if at_school := at_random.choice(["102", "201", ""]):
            classroom = f"{at_school}:5:1" if at_random.random() < 0.5 else ""
            Pupil.objects.create(person_id=number, school=at_school, classroom=classroom, sealed=b"")
        # Nor does it matter here whether the family was noticed.
        OfferedChild.objects.create(
            person_id=number, family=number, team=at_random.choice(["east", "west"]), sealed=b""
        )
        Judgment.objects.create(child_id=number, judgment="overall", level="1", at_least="1", at_most="1")
        if chance.random() < 0.8:
            for person in (number, parent):
                Membership.objects.create(person_id=person, household=str(n // 2), known_from="2026-09-30")
        if chance.random() < 0.5:
            Kinship.objects.create(
                person_id=number, relative_id=kin, kind="parent", known_from="2026-09-30", entered_at=timezone.now()
            )
    return numbers


def _some_viewers(chance: random.Random, numbers: list[str]) -> Iterator[Viewer]:
    for role in Role:
        for purpose in [*PURPOSES[role], Purpose.AUDIT, ""]:
            for _ in range(4):
                yield Viewer(
                    staff_id=1,
                    actor="staff:1",
                    role=role,
                    purpose=purpose,
                    teams=frozenset(chance.sample(["intake", "east", "west", "102"], chance.randint(0, 2))),
                    schools=frozenset(chance.sample(["102", "201", "intake"], chance.randint(0, 2))),
                    classrooms=frozenset(chance.sample(["102:5:1", "201:5:1"], chance.randint(0, 1))),
                    granted=frozenset(chance.sample(numbers, chance.choice([0, 0, 3, 10]))),
                    blocked=frozenset(chance.sample(numbers, chance.choice([0, 0, 2, 10]))),
                    supports=frozenset(chance.sample(numbers, chance.choice([0, 5]))),
                    own=frozenset(chance.sample(numbers, chance.choice([0, 1]))),
                )


def _differences(seed: int) -> Iterator[tuple[Viewer, str]]:
    """Where what PostgreSQL gives without a filter is not what the filter gives without PostgreSQL."""
    chance = random.Random(seed)
    numbers = _some_children(chance)
    homes: dict[str, set[str]] = {}
    for person, household in Membership.objects.values_list("person_id", "household"):
        homes.setdefault(household, set()).add(person)
    kin = list(Kinship.objects.values_list("person_id", "relative_id"))
    seen = set()
    for viewer in _some_viewers(chance, numbers):
        with the_program():
            allowed = set(visible_to(viewer, Child.objects.all()).values_list("pk", flat=True))
            grants = visible_to(viewer, Child.objects.all(), thing=Thing.GRANT)
            beyond = set(grants.values_list("pk", flat=True))
            offered = set(
                offered_visible_to(viewer, OfferedChild.objects.all(), Action.VIEW).values_list("pk", flat=True)
            )
            pupils = set(pupils_visible_to(viewer, Pupil.objects.all()).values_list("pk", flat=True))
        around = allowed.union(*(people for people in homes.values() if people & allowed))
        seen |= {len(allowed), len(beyond)}
        reach._set(reach.NOTHING)
        reach.open_for(viewer)
        given = {
            CHILD: (set(Child.objects.values_list("pk", flat=True)), allowed),
            "cases_judgment": (set(Judgment.objects.values_list("child_id", flat=True)), allowed),
            "people_kinship": (
                set(Kinship.objects.values_list("person_id", "relative_id")),
                {pair for pair in kin if pair[0] in allowed},
            ),
            "people_person": (
                set(Person.objects.values_list("pk", flat=True)),
                around | {relative for person, relative in kin if person in allowed},
            ),
            "cases_fact": (set(Fact.objects.values_list("person_id", flat=True)), around),
            "search_searchtext": (set(SearchText.objects.values_list("own_id", flat=True)), allowed),
        }
        given["no pupil yet"] = (set(Pupil.objects.values_list("pk", flat=True)), set())
        reach.widen(viewer, Thing.BOARD, Action.VIEW)
        given["boards_pupil"] = (set(Pupil.objects.values_list("pk", flat=True)), pupils)
        given["children with a board"] = (set(Child.objects.values_list("pk", flat=True)), allowed)
        given["nobody to offer yet"] = (set(OfferedChild.objects.values_list("pk", flat=True)), set())
        reach.widen(viewer, Thing.OFFER, Action.VIEW)
        given["offers_offeredchild"] = (set(OfferedChild.objects.values_list("pk", flat=True)), offered)
        reach.widen(viewer, Thing.GRANT, Action.VIEW)
        given["widened"] = (set(Child.objects.values_list("pk", flat=True)), allowed | beyond)
        given["widened texts"] = (set(SearchText.objects.values_list("own_id", flat=True)), allowed | beyond)
        reach._set(reach.EVERYTHING)
        yield from ((viewer, table) for table, (is_given, expected) in given.items() if is_given != expected)
    assert {0, len(numbers)} < seen, "somebody sees nobody, somebody everybody, and others some"


@on_postgresql
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.deep) for seed in (1, 2))])
def test_without_a_filter_every_viewer_is_given_what_the_filter_gives(desk: None, seed: int) -> None:
    """Four viewers of each role under each purpose; `make deep` draws other children and viewers twice more."""
    assert list(_differences(seed)) == []


@on_postgresql
@pytest.mark.parametrize(
    "table",
    [CHILD, PUPIL, "cases_judgment", "people_kinship", "people_person", "cases_fact", "search_searchtext"],
)
def test_control_without_its_policy_a_table_gives_more(desk: None, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER POLICY {NAME} ON {table} USING (true)")
    assert any(named == table for _viewer, named in _differences(0))


@on_postgresql
@pytest.mark.parametrize("key", ["east", 'a "quote"', "back\\slash", "{a,b}", "NULL", "五年 1組", "", "tab\tand\nline"])
def test_a_key_of_any_signs_reaches_the_lock_as_it_is(desk: None, key: str) -> None:
    reach._set({"team": [f"{key} open", "west open"], "blocked": [key]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_reach('team'), access_reach('blocked'), access_reach('school')")
        assert cursor.fetchall() == [([f"{key} open", "west open"], [key], None)]


@on_postgresql
def test_a_page_is_planned_without_compiling_it_and_without_a_second_core(desk: None) -> None:
    def planned() -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('jit'), current_setting('max_parallel_workers_per_gather')")
            return cursor.fetchall()

    assert planned() == [("off", "0")]


@on_postgresql
def test_nothing_set_and_no_row_is_given_or_taken(intake: Callable[..., object]) -> None:
    intake(*PEOPLE)
    filled = (Child, Judgment, Reason, Person, Kinship)
    assert all(model._default_manager.exists() for model in filled)
    fact = {"person_id": AOI, "item": "tax_class", "state": "known", "holder": "tax", "as_of": "2026-09-30"}
    fact["known_from"] = "2026-09-30"
    reach.take_away()
    assert not any(model._default_manager.exists() for model in (*filled, Fact, Decision, Case))
    assert Child.objects.update(state="watch", due_on="2026-12-01") == 0
    assert Judgment.objects.all().delete()[0] == 0
    with pytest.raises(DatabaseError), transaction.atomic():
        Fact.objects.create(**fact)
    with the_program():
        assert Child.objects.count() == 3
        Fact.objects.create(**fact)


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.PARTNER, Role.LEAD_WORKER])
def test_a_forgotten_filter_gives_no_row_more(
    role: str, intake: Callable[..., object], as_role: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    Team.objects.create(key="east", name="東", schools=["201"])
    intake(*PEOPLE)
    client = as_role(role)
    expected = {
        Role.VICE_PRINCIPAL: {AOI, MIO},
        Role.LEAD_WORKER: {AOI, MIO},
        Role.PARTNER: set(),
    }[Role(role)]
    assert _listed(client) == expected
    monkeypatch.setattr(queries, "visible_to", lambda viewer, rows, **_how: rows)
    if connection.vendor == "postgresql":
        assert _listed(client) == expected
        assert client.get(f"/children/{SORA}/").status_code == 404
    else:
        assert _listed(client) == {AOI, SORA, MIO}, "control: without a second lock the forgotten filter shows all"


def _listed(client: Client) -> set[str]:
    return {row.child.pk for row in client.get("/children/").context["rows"]}


def test_an_act_beyond_seeing_the_child_opens_for_itself_only(intake: Callable[..., object], as_role: Browser) -> None:
    """A privacy officer sees to whom access to a child was given, and neither the child nor a list of them."""
    intake(*PEOPLE)
    client = as_role(Role.PRIVACY_OFFICER)
    assert client.get(f"/children/{AOI}/access/").status_code == 200
    assert client.get(f"/children/{AOI}/").status_code in (403, 404)
    assert client.get(f"/children/{an_id('nobody')}/access/").status_code == 404


def test_the_household_of_a_conflict_is_read_before_anything_is_open(
    intake: Callable[..., object], staff: Callable[..., Staff], as_in_production: None
) -> None:
    intake(*PEOPLE)
    other = next(p.person_id for p in PEOPLE if p.level is None)
    worker = staff()
    Conflict.objects.create(staff=worker, person_id=other, kind="own_family", entered_at="2026-09-30T00:00:00Z")
    reach.take_away()
    assert {AOI, other} <= viewer_of(worker, "early_support").blocked
    assert reach.held() == reach.NOTHING
    _is_shut()


def test_a_case_can_be_handed_on_out_of_ones_own_reach(
    intake: Callable[..., object], staff: Callable[..., Staff], as_in_production: None
) -> None:
    intake(*PEOPLE)
    supervisor = staff(Role.SUPERVISOR)
    reach.take_away()
    viewer = viewer_of(supervisor, "early_support")
    reach.open_for(viewer)
    case = services.open_case(Child.objects.get(pk=AOI), viewer)
    services.assign_case(case, viewer, services.Assignment("east", supervisor.pk, case.kind, case.revision))
    reach.take_away()
    with the_program():
        assert Child.objects.get(pk=AOI).team == "east"


def test_whom_an_analyst_has_supported_is_known_before_anything_is_open(
    intake: Callable[..., object], staff: Callable[..., Staff], as_in_production: None
) -> None:
    intake(*PEOPLE)
    analyst = staff(Role.ANALYST)
    wish = services.Wish("candidate", None, "", "", 0, uuid.uuid4())
    viewer = viewer_of(analyst, "analysis")
    services.decide(Child.objects.get(pk=MIO), viewer, Run.objects.get(), wish)
    reach.take_away()
    assert MIO in viewer_of(analyst, "analysis").supports


# Whose it is, and until when


def _is_shut() -> None:
    assert reach.held() == reach.NOTHING
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('tsunagu.reach', true)")
            assert not cursor.fetchone()[0]
        assert not Child.objects.exists()


def test_one_connection_and_two_viewers_with_errors_in_between(
    intake: Callable[..., object], as_role: Browser, as_in_production: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(*PEOPLE)
    here, there = as_role(Role.VICE_PRINCIPAL), as_role(Role.VICE_PRINCIPAL, school="201")
    here.raise_request_exception = there.raise_request_exception = False
    backend = id(connection.connection)
    reach.take_away()
    for client, own in ((here, {AOI, MIO}), (there, {SORA})) * 2:
        assert _listed(client) == own
        _is_shut()
        with monkeypatch.context() as broken:
            broken.setattr(views.queries, "require_child", _fails)
            assert client.get(f"/children/{AOI}/").status_code == 500
        _is_shut()
        assert Client().get("/login/").status_code == 200
        _is_shut()
    assert id(connection.connection) == backend


def _fails(*_args: object) -> None:
    assert reach.held() != reach.NOTHING, "the viewer's reach is open where the page fails"
    raise ValueError


def test_a_request_begins_with_nothing_open_whatever_became_of_the_one_before(
    intake: Callable[..., object], as_role: Browser, as_in_production: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(*PEOPLE)
    client = as_role(Role.VICE_PRINCIPAL)
    seen: list[object] = []

    def login_page(*_args: object) -> HttpResponse:
        seen.append(reach.held())
        return HttpResponse()

    monkeypatch.setattr("tsunagu_web.accounts.views.render", login_page)
    request_finished.disconnect(reach.take_away)
    try:
        client.get("/children/")
        assert reach.held() != reach.NOTHING, "control: the end was not told"
        Client().get("/login/")
    finally:
        request_finished.connect(reach.take_away)
    assert seen == [reach.NOTHING]


def test_a_connection_on_which_it_cannot_be_taken_away_is_closed(
    desk: None, as_in_production: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[bool] = []

    def fails(*_args: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr(reach, "_tell", fails)
        broken.setattr(connection, "close", lambda: closed.append(True))
        reach.take_away()
    assert closed == [True]
    assert reach.held() == reach.NOTHING
    reach._set(reach.EVERYTHING)


@on_postgresql
def test_on_a_connection_of_its_own_errors_rollbacks_and_a_new_connection_leave_what_was_open(desk: None) -> None:
    told: list[object] = []

    def work() -> None:
        try:
            told.append(_setting())
            with pytest.raises(DatabaseError), transaction.atomic(), the_program():
                connection.cursor().execute("SELECT 1 / 0")
            told.append(_setting())
            with the_program():
                with pytest.raises(DatabaseError), transaction.atomic():
                    connection.cursor().execute("SELECT 1 / 0")
                told.append(_setting())
                connection.close()
                told.append(_setting())
            told.append(_setting())
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    everything = reach._values(reach.EVERYTHING)[1]
    assert [t or "" for t in told] == ["", "", everything, everything, ""]


def _setting() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('tsunagu.reach', true)")
        value: str | None = cursor.fetchone()[0]
        return value


@on_postgresql
def test_what_a_page_opens_costs_it_no_statement_and_one_after_it_was_sent_takes_it_away(
    intake: Callable[..., object], as_role: Browser, as_in_production: None
) -> None:
    intake(*PEOPLE)
    other = next(p.person_id for p in PEOPLE if p.level is None)
    client = as_role()
    reach._set(reach.EVERYTHING)
    worker = Staff.objects.get(role=Role.LEAD_WORKER)
    Conflict.objects.create(staff=worker, person_id=SORA, kind="own_family", entered_at="2026-09-30T00:00:00Z")
    reach.take_away()
    assert other
    for path in ("/children/", f"/children/{AOI}/", "/purpose/"):
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        told = [n for n, q in enumerate(asked) if q["sql"].startswith("SELECT set_config") and ";" not in q["sql"]]
        assert told == [len(asked) - 1], path


@on_postgresql
def test_what_is_to_be_told_goes_ahead_of_whatever_is_asked_next_and_outlasts_a_rollback(desk: None) -> None:
    told: list[object] = []
    everything = (reach._SET, reach._values(reach.EVERYTHING))

    def work() -> None:
        try:
            asked: list[tuple[str, object]] = [
                ("SELECT 1, current_setting('tsunagu.reach', true) WHERE %s", [True]),
                ("SELECT '%', current_setting('tsunagu.reach', true)", None),
                ("WITH one AS (SELECT 1) SELECT 1, current_setting('tsunagu.reach', true) FROM one", []),
            ]
            for sql, values in asked:
                reach._set(reach.NOTHING)
                _set_ahead_of_all(everything)
                with connection.cursor() as cursor:
                    cursor.execute(sql, values)
                    told.append(cursor.fetchall()[0][1])
                assert connection.ahead is None, "told once"  # type: ignore[attr-defined]  # of our own connection
            reach._set(reach.NOTHING)
            _set_ahead_of_all(everything)
            with transaction.atomic(), connection.chunked_cursor() as portions:
                portions.execute("SELECT current_setting('tsunagu.reach', true)")
                told.append(portions.fetchone()[0])
            reach._set(reach.NOTHING)
            reach._set_ahead(reach.EVERYTHING)
            with pytest.raises(DatabaseError), transaction.atomic():
                told.append(_and_fails())
            told.append(_setting())
            reach.take_away()
            told.append(_setting())
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    opened = reach._values(reach.EVERYTHING)[1]
    assert [t or "" for t in told] == [opened] * 5 + [""]


def _and_fails() -> str | None:
    """What is open inside a transaction, and again after the_program in it; then an error that ends it."""
    found = _setting()
    with the_program():
        assert _setting() == found
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute("SELECT 1 / 0")
    assert _setting() == found, "a savepoint rolled back"
    connection.cursor().execute("SELECT 1 / 0")
    return found


def _set_ahead_of_all(statement: tuple[str, list[str]]) -> None:
    connection.ahead = statement  # type: ignore[attr-defined]  # of our own connection


# Laid, lifted, refused


@on_postgresql
@pytest.mark.parametrize(
    "harm",
    [
        f"DROP POLICY {NAME} ON cases_reason",
        f"ALTER POLICY {NAME} ON cases_reason USING (true)",
        "CREATE POLICY another ON cases_reason USING (true)",
        "ALTER TABLE cases_reason NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE cases_reason DISABLE ROW LEVEL SECURITY",
    ],
)
def test_serving_is_refused_when_the_lock_is_not_as_it_was_laid(desk: None, harm: str) -> None:
    second_lock.require_held()
    with connection.cursor() as cursor:
        cursor.execute(harm)
    assert second_lock.faults() == ["cases_reason"]
    with pytest.raises(StateError, match="cases_reason"):
        second_lock.require_held()


@on_postgresql
def test_it_is_lifted_for_a_migration_and_laid_again(intake: Callable[..., object]) -> None:
    intake(*PEOPLE)
    connection.check_constraints()
    reach.take_away()
    assert not Child.objects.exists()
    second_lock.lift()
    assert Child.objects.count() == 3, "the owner reads everything, as a migration must"
    assert second_lock.faults() == sorted(locked.table for locked in LOCKED)
    second_lock.lay()
    assert second_lock.faults() == []
    assert not Child.objects.exists()
    reach._set(reach.EVERYTHING)


@on_postgresql
def test_a_table_that_is_no_longer_on_the_list_is_a_fault(desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_lock, "LOCKED", LOCKED[:-1])
    assert second_lock.faults() == [LOCKED[-1].table]
    monkeypatch.setattr(second_lock, "LOCKED", (*LOCKED[:-1], replace(LOCKED[-1], ways=LOCKED[-2].ways[:1])))
    assert second_lock.faults() == [LOCKED[-1].table]


def test_reach_beyond_seeing_is_found() -> None:
    supervisor = Viewer(1, "staff:1", Role.SUPERVISOR, Purpose.CASE_SUPPORT, teams=frozenset({"east"}))
    see = reach.reach_of(supervisor)
    overview = (Thing.DECISION_OVERVIEW, Action.VIEW)
    assert reach._holds(see, reach.reach_of(supervisor, (Thing.GRANT, Action.ASSIGN)))
    assert not reach._holds(see, reach.reach_of(supervisor, overview))
    assert reach._holds(reach.reach_of(supervisor, reach.CHILD_VIEW, overview), reach.reach_of(supervisor, overview))
    assert reach._holds({"city": ["open"], "blocked": []}, {"team": ["east open"], "blocked": []})
    assert not reach._holds({"city": ["open"], "blocked": []}, {"team": ["east closed"], "blocked": []})
    assert not reach._holds(reach.NOTHING, see)
