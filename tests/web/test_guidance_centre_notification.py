"""Notifications: kept at every key stroke, recorded once for a child of this desk, moved on by steps, ended by two."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client, override_settings
from django.utils import timezone
from routes import plain

from builders import a_child, a_household, an_id
from tsunagu_web import urls
from tsunagu_web.access.models import INTAKE_TEAM, Team
from tsunagu_web.access.policy import pickable
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.cases.navigation import _opened
from tsunagu_web.duties.services import NotPossible
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.guidance_centre import queries
from tsunagu_web.guidance_centre.clock import keep_time
from tsunagu_web.guidance_centre.drafts import Typed
from tsunagu_web.guidance_centre.models import Draft, Notification, SealedNotifier, Told
from tsunagu_web.guidance_centre.recording import Said, Taken, record
from tsunagu_web.guidance_centre.sealed import Notifier, open_draft
from tsunagu_web.outreach.models import SightConfirmation
from tsunagu_web.steps.models import Step
from tsunagu_web.tasks.models import Task

AOI, SORA = an_id("例川 あおい"), an_id("例田 ソラ")
LIST, DRAFT = "/notifications/", "/notifications/drafts/1/"
SAID = "夜に泣き声が続いている。例沢さんも聞いたと話す。"
NOTIFIER = "例丘 太郎"
Browser = Callable[..., Client]


def begun(client: Client) -> dict[str, str]:
    """Begins a draft, and gives what its page sends unchanged."""
    answer = client.post(f"{LIST}new/", {"form": str(uuid.uuid4())})
    return page_of(client, answer["Location"])


def page_of(client: Client, url: str = DRAFT) -> dict[str, str]:
    context = client.get(url).context
    marks = {field.name: str(field.value()) for field in context["marks"]}
    typed = {field.name: str(field.value() or "") for field in context["form"]}
    return {**typed, **marks}


def filled(page: dict[str, str], **changes: str) -> dict[str, str]:
    """What a page sends once everything that must be there is typed, one turn later."""
    said = {"route": "neighbour", "complaint": "psychological", "account": SAID, "third_parties": "例沢さん"}
    said |= {"child_kana": "れいかわ", "naming": "no", "notifier_name": NOTIFIER, "notifier_contact": "090-0000-0000"}
    return {**page, **said, "child": AOI, "turn": str(int(page["turn"]) + 1), **changes}


def recorded(client: Client, **changes: str) -> Notification:
    answer = client.post(f"{DRAFT}record/", filled(begun(client), **changes))
    assert answer.status_code == 302, answer.content.decode()
    return Notification.objects.latest("pk")


def a_step(one: Notification, step: str, reason: str = "聞き取りから", urgency: str = "") -> dict[str, str]:
    one.refresh_from_db()
    marks = {"seen": str(one.revision), "form": str(uuid.uuid4())}
    return {"step": step, "reason": reason, "urgency": urgency, **marks}


def stepped(client: Client, one: Notification, *steps: str) -> None:
    for step in steps:
        sent = a_step(one, step, urgency="AA" if step == "decide_urgency" else "")
        answer = client.post(f"/children/{one.child_id}/notifications/{one.number}/step/", sent)
        assert answer.status_code == 302, (step, answer.status_code)
    one.refresh_from_db()


def a_meeting(seen: int = 0, course: str = "investigate", **changes: object) -> dict[str, object]:
    """What the page of the intake meeting sends: two without an account here beside whoever is named."""
    said = {"known": "泣き声が毎晩続いている", "course": course, "reason": "家庭の様子がまだわからない"}
    said |= {"others": "例所長\n例沢 係長\n例池 心理", "held_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}"}
    return {**said, "seen": seen, "form": uuid.uuid4(), **changes}


def met(client: Client, supervisor: Client, one: Notification, course: str = "investigate", **more: object) -> None:
    """An intake meeting with this outcome, written down by one and confirmed by a supervisor."""
    url = f"/children/{one.child_id}/notifications/{one.number}/meeting/"
    answer = client.post(f"{url}record/", a_meeting(one.meetings.count(), course, **more))
    assert answer.status_code == 302, answer.content.decode()
    sent = {"number": one.meetings.count(), "seen": 1, "form": uuid.uuid4(), "step": "confirm_meeting"}
    assert supervisor.post(f"{url}answer/", sent).status_code == 302


def seen_today(child_id: str, by: Staff) -> None:
    said = {"seen_by": "own", "place": "home", "condition": "元気に話した", "injuries": "none", "form": uuid.uuid4()}
    SightConfirmation.objects.create(
        child_id=child_id, seen_on=timezone.localdate(), by=by, at=timezone.now(), **said
    )  # fmt: skip


@pytest.fixture
def centre(intake: Browser) -> None:
    Team.objects.create(key="east", name="東", schools=["201"])
    aoi, mother = a_household(a_child())
    intake(aoi, mother, a_child("例田 ソラ", "レイダ ソラ", household="9", school="201"))


@pytest.fixture
def worker(centre: None, as_role: Browser) -> Client:
    return as_role(purpose="protection")


@pytest.fixture
def supervisor(centre: None, as_role: Browser) -> Client:
    return as_role(Role.SUPERVISOR, purpose="protection")


# Who may, and whether the room is there at all.


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.LEAD_WORKER, Role.SUPERVISOR)])
def test_who_may_not(role: str, centre: None, as_role: Browser) -> None:
    client = as_role(role)
    assert [client.get(url).status_code for url in (LIST, DRAFT, f"/children/{AOI}/notifications/")] == [403] * 3
    assert client.post(f"{LIST}new/", {"form": str(uuid.uuid4())}).status_code == 403
    assert Draft.objects.count() == 0


def test_under_another_purpose_nobody_takes_a_notification(centre: None, as_role: Browser) -> None:
    for purpose in ("early_support", "case_support", "offering"):
        assert as_role(purpose=purpose).get(LIST).status_code == 403


def test_switched_off_the_pages_are_unknown_and_nobody_is_offered_the_purpose(
    worker: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = worker.get("/no-such-page/")
    off = ModuleType("urls_without_the_room")
    off.__dict__.update(
        {name: getattr(urls, name) for name in ("handler400", "handler403", "handler404", "handler500")}
    )
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, guidance_centre=False))
    off.urlpatterns = urls.addresses(settings.ENVIRONMENT)  # type: ignore[attr-defined]  # of a URL module
    _opened.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, off.__name__, off)
    with override_settings(ROOT_URLCONF=off.__name__):
        answers = [worker.get(url) for url in (LIST, DRAFT, f"/children/{AOI}/notifications/", "/notifiers/waiting/")]
        assert {answer.status_code for answer in answers} == {404}
        assert plain(answers[0]).replace(LIST.encode(), b"") == plain(unknown).replace(b"/no-such-page/", b"")
        assert "児童相談所" not in worker.get("/purpose/").content.decode()
    assert Purpose.PROTECTION not in pickable(Role.LEAD_WORKER)
    assert pickable(Role.GUIDANCE_CENTRE_SUPERVISOR) == (Purpose.PROTECTION,), "theirs is no room's"
    _opened.cache_clear()


# While somebody types.


def test_every_key_stroke_is_kept_under_a_seal(worker: Client) -> None:
    page = begun(worker)
    for turn, typed in enumerate(("よ", "よる", "よるに"), start=1):
        sent = {**page, "account": typed, "notifier_name": NOTIFIER, "turn": str(turn), "quietly": "yes"}
        answer = worker.post(f"{DRAFT}save/", sent)
        assert (answer.status_code, answer.content) == (204, b"")
        assert open_draft(Draft.objects.get())["account"] == typed
    assert answer["Tsunagu-Revision"] == "4"
    again = page_of(worker)
    assert (again["account"], again["notifier_name"], again["received_at"]) == ("よるに", NOTIFIER, page["received_at"])
    sealed = bytes(Draft.objects.get().sealed)
    assert not [word for word in ("よるに", NOTIFIER) if word.encode() in sealed]


def test_what_comes_late_or_twice_from_a_window_changes_nothing(worker: Client) -> None:
    page = begun(worker)
    for turn, typed in (("2", "よる"), ("1", "よ"), ("2", "よる")):
        sent = {**page, "account": typed, "turn": turn, "quietly": "yes"}
        assert worker.post(f"{DRAFT}save/", sent).status_code == 204
    assert open_draft(Draft.objects.get())["account"] == "よる"
    assert Draft.objects.get().revision == 2


def test_two_windows_never_write_over_each_other(worker: Client) -> None:
    first = begun(worker)
    second = page_of(worker)
    assert worker.post(f"{DRAFT}save/", {**first, "account": "一つ目", "turn": "1"}).status_code == 302
    for act in ("save", "record", "discard"):
        late = filled(second, account="二つ目", sure="yes")
        answer = worker.post(f"{DRAFT}{act}/", late)
        assert answer.status_code == 409, act
        page = answer.content.decode()
        assert "一つ目" in page
        assert "二つ目" in page
    assert open_draft(Draft.objects.get())["account"] == "一つ目"


def test_a_page_left_open_never_writes_into_a_later_draft(worker: Client) -> None:
    old = begun(worker)
    worker.post(f"{DRAFT}discard/", {**old, "sure": "yes"})
    begun(worker)
    assert worker.post(f"{DRAFT}save/", {**old, "account": "前の電話", "turn": "9"}).status_code == 409
    assert "account" not in open_draft(Draft.objects.get())


def test_nobody_else_reads_a_draft(worker: Client, as_role: Browser) -> None:
    worker.post(f"{DRAFT}save/", filled(begun(worker)))
    for other in (as_role(Role.SUPERVISOR, purpose="protection"), as_role(purpose="protection", login="other")):
        assert other.get(DRAFT).status_code == 404
        assert other.get(LIST).context["drafts"].count() == 0


def test_what_is_long_or_wrong_is_kept_all_the_same(worker: Client) -> None:
    page = filled(begun(worker), account="あ" * 9_000, child_born="2026-13-45")
    answer = worker.post(f"{DRAFT}record/", page)
    assert answer.status_code == 422
    assert "1000" in answer.content.decode(), "by how much it is too long"
    assert open_draft(Draft.objects.get())["account"] == "あ" * 9_000
    assert open_draft(Draft.objects.get())["child_born"] == "2026-13-45"


def test_a_draft_is_discarded_only_when_one_is_sure(worker: Client) -> None:
    page = filled(begun(worker))
    assert SAID in worker.post(f"{DRAFT}discard/", page).content.decode()
    assert worker.post(f"{DRAFT}discard/", {**page, "sure": "yes"}).status_code == 302
    assert Draft.objects.count() == 0
    assert [e.action for e in Event.objects.filter(object="notification") if "notification" in e.action] == [
        "begin_notification",
        "discard_notification",
    ]


# Who the child is.


def test_children_are_found_by_the_reading_within_the_own_duty_alone(worker: Client) -> None:
    recorded(worker)
    page = begun(worker)
    found = worker.post(f"{DRAFT}find/", {**page, "child_kana": "れい"}).context["found"]
    assert [one.child.pk for one in found] == [AOI], "the other child is another team's"
    assert found[0].household == ("例川 さくら",)
    assert len(found[0].earlier) == 1
    search = json.loads(Event.objects.filter(action="search").latest("number").body)
    assert (search["object"], search["persons"]) == ("notification", [AOI])
    assert "れい" not in json.dumps(search, ensure_ascii=False)


def test_a_child_out_of_reach_cannot_be_chosen(worker: Client) -> None:
    answer = worker.post(f"{DRAFT}record/", filled(begun(worker), child=SORA, child_kana="れいだ"))
    assert answer.status_code == 422
    assert Notification.objects.count() == 0


def test_no_program_records_it_for_a_child_out_of_reach_either(worker: Client, staff: Callable[..., Staff]) -> None:
    """The page offers no such child; what is written asks again by itself."""
    begun(worker)
    draft, viewer = Draft.objects.get(), viewer_of(staff(), "protection")
    said = Said("school", "neglect", "", "", None, "", "", "", SAID, "", "no")
    typed = Typed({}, draft.key, uuid.uuid4(), 1, draft.revision)
    for child, team in ((SORA, ""), ("", "east"), ("P0000000000000000", "")):
        with pytest.raises(NotPossible):
            record(draft, viewer, typed, Taken(timezone.now(), said, Notifier(), child, team))
    assert (Notification.objects.count(), Draft.objects.count()) == (0, 1)


def test_a_child_who_is_new_gets_an_id_of_the_desks_own_and_no_level(worker: Client) -> None:
    one = recorded(worker, child="new", child_name="例池 つむぎ", child_kana="れいいけ つむぎ", child_born="2020-04-02")
    child = Child.objects.get(pk=one.child_id)
    assert (child.pk[0], child.team, child.level, child.is_listed) == ("H", INTAKE_TEAM, "", False)
    assert (child.person.name, child.kana) == ("例池 つむぎ", "レイイケ ツムギ")
    found = worker.post(f"{DRAFT}find/", {**begun(worker), "child_kana": "つむぎ"}).context["found"]
    assert [one.child.pk for one in found] == [child.pk]


def test_of_a_new_child_something_must_be_known(worker: Client) -> None:
    page = filled(begun(worker), child="new", child_name="", child_kana="", place="")
    assert worker.post(f"{DRAFT}record/", page).status_code == 422
    assert Child.objects.count() == 2


# What is recorded.


def test_it_is_recorded_once_with_its_clock(worker: Client, staff: Callable[..., Staff]) -> None:
    page = filled(begun(worker))
    answers = [worker.post(f"{DRAFT}record/", page) for _ in range(2)]
    assert {answer["Location"] for answer in answers} == {f"/children/{AOI}/notifications/1/"}
    one = Notification.objects.get()
    assert (one.state, one.child_id, one.see_by - one.received_at) == ("taken_in", AOI, dt.timedelta(hours=48))
    assert (one.told.account, one.told.child_kana, one.told.naming) == (SAID, "レイカワ", "no")
    assert Draft.objects.count() == 0
    task = Task.objects.get()
    assert (task.origin, task.number, task.owner) == ("of_notification", one.pk, staff())
    assert task.due_on == timezone.localdate(one.see_by)
    assert Step.objects.filter(machine="notification").count() == 1
    assert worker.get(f"/children/{AOI}/tasks/").status_code == 200


def test_other_words_with_the_same_mark_are_told_and_not_recorded(worker: Client) -> None:
    page = filled(begun(worker))
    worker.post(f"{DRAFT}record/", page)
    answer = worker.post(f"{DRAFT}record/", {**page, "account": "別の話"})
    assert answer.status_code == 410
    assert "別の話" in answer.content.decode()
    assert Told.objects.get().account == SAID


def test_nothing_of_it_stands_in_the_log(worker: Client) -> None:
    one = recorded(worker)
    stepped(worker, one, "decide_urgency")
    written = "\n".join(Event.objects.values_list("body", flat=True))
    assert not [
        word for word in (SAID, "例沢", NOTIFIER, "090-0000", "例川", "れいかわ", "レイカワ") if word in written
    ]
    assert '"take_in"' in written


def test_who_notified_is_on_no_page_and_in_no_column(worker: Client, as_role: Browser) -> None:
    recorded(worker)
    pages = [f"/children/{AOI}/notifications/1/", f"/children/{AOI}/notifications/", LIST, f"/children/{AOI}/tasks/"]
    for client in (worker, as_role(Role.SUPERVISOR, purpose="protection")):
        shown = "".join(client.get(url).content.decode() for url in pages)
        assert "090-0000" not in shown
        assert NOTIFIER not in shown
        assert SAID[:8] in shown
    assert NOTIFIER.encode() not in bytes(SealedNotifier.objects.get().sealed)
    with connection.cursor() as cursor:
        for table in ("guidance_centre_told", "guidance_centre_notification", "search_searchtext", "people_person"):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert "例丘" not in repr(cursor.fetchall()), table


def test_the_seal_is_of_one_length_whoever_notified(worker: Client) -> None:
    recorded(worker)
    recorded(worker, notifier_name="", notifier_contact="")
    recorded(worker, notifier_contact="あ" * 400, notifier_relation='"' * 400)
    assert len({len(row.sealed) for row in SealedNotifier.objects.all()}) == 1


def test_third_parties_are_marked_where_they_are_named(worker: Client) -> None:
    recorded(worker)
    page = worker.get(f"/children/{AOI}/notifications/1/").content.decode()
    assert '<mark title="第三者">例沢さん</mark>' in page


def test_the_database_refuses_to_change_what_was_told(worker: Client) -> None:
    recorded(worker)
    with pytest.raises(DatabaseError), transaction.atomic():
        Told.objects.update(account="別の話")


# What follows.


def test_it_moves_on_by_its_steps_and_becomes_a_case(
    worker: Client, supervisor: Client, staff: Callable[..., Staff]
) -> None:
    one = recorded(worker)
    stepped(worker, one, "decide_urgency", "begin_check")
    assert (one.urgency, one.state) == ("AA", "checking")
    seen_today(AOI, staff())
    met(worker, supervisor, one)
    stepped(worker, one, "make_case")
    assert (one.state, Case.objects.get().child_id) == ("case_opened", AOI)
    assert Task.objects.get().state == "done"
    assert worker.get(LIST).context["page"].object_list == []


def test_the_task_to_see_the_child_stays_open_until_somebody_saw_the_child(worker: Client, supervisor: Client) -> None:
    one = recorded(worker)
    met(worker, supervisor, one)
    stepped(worker, one, "decide_urgency", "begin_check", "make_case")
    assert Task.objects.get().state == "open"


def test_a_supervisor_is_told_before_the_48_hours_are_over(
    worker: Client, supervisor: Client, staff: Callable[..., Staff]
) -> None:
    one, boss = recorded(worker), staff(Role.SUPERVISOR)

    def told(hours: int) -> int:
        with the_program():
            return keep_time(one.received_at + dt.timedelta(hours=hours), lambda _team: [boss.pk])

    assert [told(23), told(24), told(47), told(60)] == [0, 1, 0, 0], "half of it before, and once"
    above = Task.objects.get(owner=boss)
    assert (above.due_on, above.state) == (timezone.localdate(one.see_by), "open")
    assert "目で確かめた記録がまだありません" in above.what
    stepped(worker, one, "decide_urgency", "begin_check")
    seen_today(AOI, staff())
    met(worker, supervisor, one)
    stepped(worker, one, "make_case")
    above.refresh_from_db()
    assert above.state == "done"


def test_once_somebody_saw_the_child_no_supervisor_is_told(worker: Client, staff: Callable[..., Staff]) -> None:
    one = recorded(worker)
    seen_today(AOI, staff())
    with the_program():
        assert keep_time(one.see_by, lambda _team: [staff(Role.SUPERVISOR).pk]) == 0


def test_a_step_needs_its_reason_and_the_urgency_its_class(worker: Client) -> None:
    one = recorded(worker)
    url = f"/children/{AOI}/notifications/1/step/"
    for wrong in (a_step(one, "decide_urgency"), a_step(one, "decide_urgency", " ", "AA"), a_step(one, "fly")):
        assert worker.post(url, wrong).status_code == 422
    one.refresh_from_db()
    assert one.state == "taken_in"


def test_whoever_was_slower_is_told(worker: Client) -> None:
    one = recorded(worker)
    late = a_step(one, "decide_urgency", "先に聞いた", "AA")
    stepped(worker, one, "decide_urgency")
    answer = worker.post(f"/children/{AOI}/notifications/1/step/", late)
    assert answer.status_code == 409
    assert "先に聞いた" in answer.content.decode()


def test_it_ends_by_a_second_person_and_never_before_the_child_was_seen(
    worker: Client, supervisor: Client, staff: Callable[..., Staff]
) -> None:
    one, url = recorded(worker), f"/children/{AOI}/notifications/1/step/"
    stepped(worker, one, "decide_urgency", "begin_check")
    met(worker, supervisor, one, "advise")
    assert supervisor.post(url, a_step(one, "end_notification")).status_code == 422
    seen_today(AOI, staff())
    assert worker.post(url, a_step(one, "end_notification")).status_code == 409, "not by whoever began the check"
    assert supervisor.post(url, a_step(one, "end_notification")).status_code == 302
    one.refresh_from_db()
    assert one.state == "closed"


def test_a_closed_case_does_not_keep_a_notification_away(worker: Client, supervisor: Client) -> None:
    Child.objects.filter(pk=AOI).update(case_state="closed")
    one = recorded(worker)
    met(worker, supervisor, one)
    stepped(worker, one, "decide_urgency", "begin_check", "make_case")
    assert Child.objects.get(pk=AOI).case_state == "open"


def test_the_list_puts_first_whose_child_must_be_seen_soonest(worker: Client) -> None:
    earlier = timezone.localtime() - dt.timedelta(hours=50)
    recorded(worker)
    recorded(worker, received_at=f"{earlier:%Y-%m-%dT%H:%M}")
    lines = worker.get(LIST).context["page"]
    assert [(line.row.number, line.is_late) for line in lines] == [(2, True), (1, False)]


def test_a_list_of_many_has_pages_and_leaves_nobody_out(worker: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    for _ in range(3):
        recorded(worker)
    first, second = worker.get(LIST).content.decode(), worker.get(f"{LIST}?page=2").content.decode()
    assert 'rel="next"' in first
    shown = re.findall(r"/children/\w+/notifications/(\d+)/", first + second)
    assert sorted(set(shown)) == ["1", "2", "3"]
    assert 'rel="next"' not in second
