"""The sheet of urgency: unknown is an answer, people say first, and nobody goes below the floor without saying why."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from test_guidance_centre_notification import AOI, a_step, centre, recorded, worker  # noqa: F401  # fixtures

from tsunagu.guidance.answers import State, of_text
from tsunagu.guidance.load_sheet import sheet_of, standard_sheet
from tsunagu_web.access.terms import Role
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Child
from tsunagu_web.guidance_centre.models import AnsweredSheet, Notification, SheetDraft, SheetVersion, UrgencyView

ONE = f"/children/{AOI}/notifications/1/"
PAGE, SHEET = f"{ONE}urgency/", f"{ONE}sheet/"
GROUNDS = "近所の人が毎晩の声を聞いている"
Browser = Callable[..., Client]


@pytest.fixture
def told(worker: Client) -> Client:  # noqa: F811  # the fixture
    """A desk with a notification, and the browser of who took it."""
    recorded(worker)
    return worker


def begun(client: Client) -> dict[str, str]:
    """Begins a draft of the sheet, and gives the marks its page sends."""
    client.post(f"{SHEET}begin/")
    return {field.name: str(field.value()) for field in client.get(SHEET).context["marks"]}


def answers(state: str = "absent", **signs: str) -> dict[str, str]:
    """Every question answered so; signs: of those that are there, how grave."""
    found = {f"s-{question.id}": state for question in standard_sheet().questions}
    for id, grade in signs.items():
        found |= {f"s-{id}": "present", f"g-{id}": grade, f"f-{id}": "近隣の人"}
    return found


def sheet_recorded(client: Client, state: str = "absent", **signs: str) -> HttpResponse:
    marks = begun(client)
    return client.post(f"{SHEET}record/", {**answers(state, **signs), **marks, "turn": "1"})


def own_view(client: Client, urgency: str = "C", **more: object) -> HttpResponse:
    return client.post(f"{PAGE}own/", {"urgency": urgency, "grounds": GROUNDS, "form": uuid.uuid4(), **more})


def view_after(client: Client, urgency: str = "C", **more: object) -> HttpResponse:
    return client.post(f"{PAGE}after/", {"urgency": urgency, "form": uuid.uuid4(), **more})


# Who may.


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.LEAD_WORKER, Role.SUPERVISOR)])
def test_who_may_not(role: str, told: Client, as_role: Browser) -> None:
    client = as_role(role)
    assert [client.get(url).status_code for url in (PAGE, SHEET)] == [403, 403]
    assert [client.post(f"{SHEET}begin/").status_code, own_view(client).status_code] == [403, 403]


# Answering.


def test_every_answer_is_kept_and_recorded_with_the_whole_sheet(told: Client) -> None:
    marks = begun(told)
    sent = {"s-injury": "present", "g-injury": "2", "e-injury": "1", "p-injury": ["face", "ear"], "f-injury": "保育士"}
    kept = told.post(f"{SHEET}save/", {**sent, **marks, "turn": "1", "quietly": "yes"})
    assert (kept.status_code, kept["Tsunagu-Revision"]) == (204, "2")
    injury = of_text(SheetDraft.objects.get().answers)["injury"]
    assert (injury.grade, injury.extent, injury.sites, injury.source) == (2, 1, {"face", "ear"}, "保育士")
    page = told.get(SHEET).content.decode()
    assert page.count(" checked>") == 5, "state, grade, extent and two places"
    assert AnsweredSheet.objects.count() == 0
    assert told.post(f"{SHEET}record/", {**sent, **marks, "turn": "2"})["Location"] == PAGE
    made = AnsweredSheet.objects.get()
    assert (made.number, of_text(made.answers)["injury"]) == (1, injury)
    version = SheetVersion.objects.get()
    assert sheet_of(version.content) == standard_sheet()
    assert SheetDraft.objects.count() == 0
    with pytest.raises(DatabaseError), transaction.atomic():
        AnsweredSheet.objects.update(answers="{}")


def test_unknown_is_an_answer_and_no_answer_is_not_absent(told: Client) -> None:
    marks = begun(told)
    told.post(f"{SHEET}record/", {"s-injury": "unknown", "s-young": "absent", **marks, "turn": "1"})
    kept = of_text(AnsweredSheet.objects.get().answers)
    assert {id: answer.state for id, answer in kept.items()} == {"injury": State.UNKNOWN, "young": State.ABSENT}
    page = told.get(PAGE).content.decode()
    assert "わからない" in page or "わかっていない" in page


def test_what_is_present_without_its_source_is_not_recorded_and_not_lost(told: Client) -> None:
    marks = begun(told)
    answer = told.post(f"{SHEET}record/", {"s-fear": "present", "n-fear": "声が小さい", **marks, "turn": "1"})
    assert answer.status_code == 422
    assert "声が小さい" in answer.content.decode()
    assert of_text(SheetDraft.objects.get().answers)["fear"].note == "声が小さい"
    assert AnsweredSheet.objects.count() == 0


def test_a_branch_is_there_once_what_opens_it_cannot_be_excluded(told: Client) -> None:
    def is_open(sent: dict[str, str]) -> bool:
        page = told.post(f"{SHEET}branches/", {**sent, **marks})
        return next(q.is_open for _title, asked in page.context["parts"] for q in asked if q.id == "infant_moves")

    marks = begun(told)
    young = {"s-young": "present", "g-young": "2", "f-young": "住民票"}
    assert is_open(young), "nobody has looked for an injury yet"
    assert not is_open({**young, "s-injury": "absent"})
    assert is_open({**young, "s-injury": "present", "f-injury": "保育士"})
    assert SheetDraft.objects.get().revision == 1, "asking writes nothing"


def test_two_windows_never_write_over_each_other(told: Client) -> None:
    first, second = begun(told), begun(told)
    told.post(f"{SHEET}save/", {"s-fear": "absent", **first, "turn": "1"})
    for act in ("save", "record"):
        assert told.post(f"{SHEET}{act}/", {"s-fear": "unknown", **second, "turn": "1"}).status_code == 409
    assert of_text(SheetDraft.objects.get().answers)["fear"].state is State.ABSENT


def test_a_new_sheet_begins_with_what_was_known_and_the_old_one_stays(told: Client) -> None:
    sheet_recorded(told, fear="2")
    marks = begun(told)
    assert of_text(SheetDraft.objects.get().answers)["fear"].grade == 2
    told.post(f"{SHEET}record/", {**answers(fear="3"), **marks, "turn": "1"})
    grades = [of_text(one.answers)["fear"].grade for one in AnsweredSheet.objects.order_by("number")]
    assert grades == [2, 3]


# People say first.


def test_nothing_of_the_rules_is_shown_before_the_own_view(told: Client, as_role: Browser) -> None:
    sheet_recorded(told, injury="3")
    supervisor = as_role(Role.SUPERVISOR, purpose="protection")
    for client in (told, supervisor):
        page = client.get(PAGE)
        hidden = ("demanded", "floor", "because", "open", "next", "views")
        assert not [name for name in hidden if name in page.context]
        assert "求められる" not in page.content.decode()
    early = view_after(told, "AA")
    assert (early.status_code, "floor" in early.context) == (409, False), "nor by asking for the second step first"
    assert UrgencyView.objects.count() == 0
    own_view(told)
    shown = told.get(PAGE)
    assert shown.context["demanded"].startswith("AA")
    assert shown.context["because"]
    assert GROUNDS in shown.content.decode()
    theirs = supervisor.get(PAGE)
    assert "floor" not in theirs.context, "each for oneself"
    assert GROUNDS not in theirs.content.decode(), "nor what a colleague holds"


def test_the_own_view_needs_its_grounds_and_is_recorded_once(told: Client) -> None:
    sheet_recorded(told)
    assert own_view(told, grounds=" ").status_code == 422
    assert own_view(told, urgency="Z").status_code == 422
    mark = uuid.uuid4()
    assert [own_view(told, form=mark).status_code for _ in range(2)] == [302, 302]
    assert own_view(told, urgency="A").status_code == 409, "a view is not replaced once the floor was seen"
    assert UrgencyView.objects.count() == 1


def test_new_answers_ask_for_the_own_view_anew(told: Client) -> None:
    sheet_recorded(told)
    own_view(told)
    assert "floor" in told.get(PAGE).context
    sheet_recorded(told, injury="2")
    assert "floor" not in told.get(PAGE).context


def test_no_figure_stands_on_the_page(told: Client) -> None:
    sheet_recorded(told, "unknown", injury="2")
    own_view(told, "A")
    page = told.get(PAGE).content.decode()
    assert not [word for word in ("%", "％", "点数", "スコア", "確率") if word in page]
    assert len(told.get(PAGE).context["next"]) == 5


# Nobody goes below the floor.


def test_below_the_floor_something_is_named_or_why(told: Client) -> None:
    sheet_recorded(told, "unknown")
    own_view(told, "C")
    assert told.get(PAGE).context["asks_protection"]
    for lacking in ({}, {"difference": "settled"}, {"grounds": GROUNDS}):
        assert view_after(told, "C", **lacking).status_code == 422, lacking
    assert view_after(told, "C", difference="settled", settled=["injury"]).status_code == 302
    view = UrgencyView.objects.get(stage="after")
    assert (view.is_below_floor, view.settled, view.floor, view.demanded) == (True, "injury", "AA", "C")
    entry = json.loads(Event.objects.get(action="record_view_after").body)["detail"]
    assert (entry["outcome"], entry["reason"]) == ("below_floor", "settled")


def test_the_database_refuses_a_view_below_the_floor_without_a_word(told: Client) -> None:
    sheet_recorded(told, "unknown")
    own_view(told)
    before = UrgencyView.objects.get()
    fields = {"stage": "after", "urgency": "C", "demanded": "C", "floor": "AA", "is_below_floor": True}
    for said in ({}, {"difference": "settled"}, {"grounds": GROUNDS}):
        with pytest.raises(IntegrityError), transaction.atomic():
            UrgencyView.objects.create(
                answered=before.answered, role="lead_worker", form=uuid.uuid4(), by=before.by, at=before.at,
                **{**fields, **said},
            )  # fmt: skip


def test_a_view_that_differs_from_the_own_one_says_why(told: Client) -> None:
    sheet_recorded(told)
    own_view(told, "B")
    assert view_after(told, "A").status_code == 422
    assert view_after(told, "A", difference="reconsidered").status_code == 302
    assert UrgencyView.objects.get(stage="after").is_below_floor is False


def test_how_often_somebody_went_below_is_counted_from_five_on(told: Client) -> None:
    assert told.get("/notifications/").context["below"] is None
    for number in range(5):
        sheet_recorded(told, "unknown")
        own_view(told)
        view_after(told, difference="known_more", grounds=GROUNDS)
        assert told.get("/notifications/").context["below"] == (5 if number == 4 else None)


# Deciding.


def test_the_urgency_is_decided_as_somebody_holds_it_after_the_sheet(told: Client) -> None:
    one, url = Notification.objects.get(), f"{ONE}step/"
    assert told.post(url, a_step(one, "decide_urgency", urgency="C")).status_code == 422
    sheet_recorded(told)
    own_view(told)
    assert told.post(url, a_step(one, "decide_urgency", urgency="C")).status_code == 422, (
        "not before the view afterwards"
    )
    view_after(told)
    assert told.post(url, a_step(one, "decide_urgency", urgency="B")).status_code == 422, "not another one"
    assert told.post(url, a_step(one, "decide_urgency", urgency="C")).status_code == 302
    one.refresh_from_db()
    assert one.urgency == "C"


def test_the_most_urgent_class_waits_for_nobody(told: Client) -> None:
    one = Notification.objects.get()
    assert told.post(f"{ONE}step/", a_step(one, "decide_urgency", urgency="AA")).status_code == 302


def test_a_supervisor_holds_it_separately(told: Client, as_role: Browser) -> None:
    sheet_recorded(told)
    own_view(told)
    view_after(told)
    supervisor = as_role(Role.SUPERVISOR, purpose="protection")
    assert "floor" not in supervisor.get(PAGE).context
    own_view(supervisor, "B")
    view_after(supervisor, "B")
    assert {(v.role, v.stage, v.urgency) for v in UrgencyView.objects.all()} == {
        ("lead_worker", "before", "C"), ("lead_worker", "after", "C"),
        ("supervisor", "before", "B"), ("supervisor", "after", "B"),
    }  # fmt: skip
    assert len(told.get(PAGE).context["views"]) == 4


def test_the_decided_class_waits_for_the_own_view_too(told: Client, as_role: Browser) -> None:
    """It is a colleague's view of these answers; so is the reason they gave for it."""
    one, why = Notification.objects.get(), "夜ごとに続いている"
    sheet_recorded(told)
    own_view(told)
    view_after(told)
    told.post(f"{ONE}step/", a_step(one, "decide_urgency", why, urgency="C"))
    name = standard_sheet().by_class["C"].name.ja
    supervisor = as_role(Role.SUPERVISOR, purpose="protection")
    for client, is_told in ((told, True), (supervisor, False)):
        page = client.get(ONE)
        assert (f"<strong>{name}</strong>" in page.content.decode(), page.context["urgency"]) == (
            is_told, name if is_told else "",
        )  # fmt: skip
        assert (why in page.content.decode()) is is_told
    own_view(supervisor, "B")
    assert why in supervisor.get(ONE).content.decode()
    assert supervisor.get(ONE).context["urgency"] == name
    sheet_recorded(told, fear="1")
    assert supervisor.get(ONE).context["urgency"] == "", "new answers ask anew"


def test_nothing_that_was_answered_stands_in_the_log(told: Client) -> None:
    marks = begun(told)
    sent = {"s-fear": "present", "f-fear": "例沢さんから", "n-fear": "声が小さい"}
    told.post(f"{SHEET}record/", {**sent, **marks, "turn": "1"})
    own_view(told)
    written = "\n".join(Event.objects.values_list("body", flat=True))
    assert not [word for word in ("例沢", "声が小さい", GROUNDS) if word in written]


def test_a_sheet_of_the_city_that_cannot_be_read_keeps_nobody_from_what_was_told(
    told: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sheets").mkdir()
    (tmp_path / "sheets" / "urgency.toml").write_text("no sheet")
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, city=tmp_path))
    for answer, status in ((told.get(ONE), 200), (told.get(PAGE), 200), (told.post(f"{SHEET}begin/"), 422)):
        assert answer.status_code == status
    assert "読み取れません" in told.get(ONE).content.decode()
    assert "読み取れません" in told.post(f"{SHEET}begin/").content.decode()
    assert SheetDraft.objects.count() == 0


def test_a_closed_case_does_not_keep_the_sheet_away(told: Client) -> None:
    Child.objects.filter(pk=AOI).update(case_state="closed")
    assert sheet_recorded(told)["Location"] == PAGE
