"""Outreach: discreet, counted, never overwritten; and sight confirmations with who, when and how."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from counted import counted
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from builders import ATestFact, a_child, an_id
from tsunagu.casework.clock import Cause
from tsunagu.casework.rules import KINDS
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Case
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.outreach.models import Contact, ContactRule, Reassessment, SightConfirmation, TakenBack
from tsunagu_web.steps.services import take

AOI, SORA, MIO = an_id("例川 あおい"), an_id("例田 ソラ"), an_id("例本 みお")
PAGE, SIGHT = f"/children/{AOI}/outreach/", f"/children/{AOI}/sight/"
Intake, Browser = Callable[..., object], Callable[..., Client]


def a_contact(result: str = "absent", mode: str = "visit", **more: object) -> dict[str, Any]:
    at = timezone.localtime()
    said = {"mode": mode, "on": at.date().isoformat(), "time": "00:00", "result": result, "note": "門灯がついていた"}
    return {**said, "met": "母" if result == "reached" else "", "form": str(uuid.uuid4()), **more}


def a_rule(letter: str = "yes", *, seen: int = 0, **more: object) -> dict[str, Any]:
    asked = {"letter": letter, "phone": "yes", "message": "unknown", "names_school": "no", "interpreter": "unknown"}
    return {**asked, "must_not_know": "同居の祖父", "seen": seen, "form": str(uuid.uuid4()), **more}


def a_sight(**more: object) -> dict[str, Any]:
    said = {"seen_on": timezone.localdate().isoformat(), "seen_by": "own", "place": "home", "injuries": "none"}
    return {**said, "condition": "笑って話した", "form": str(uuid.uuid4()), **more}


def opened(as_role: Browser, person: str = AOI) -> Case:
    """A case of this child, opened by the lead worker."""
    form = {"outcome": "candidate", "seen": 0, "form": str(uuid.uuid4())}
    assert as_role().post(f"/children/{person}/decide/", form).status_code == 302
    return Case.objects.get(child=person)


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.CLASS_TEACHER, Role.AUDITOR, Role.PARTNER, Role.ANALYST])
def test_who_may_not(role: str, intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    client = as_role(role)
    for path in (PAGE, "/sight/", "/reassessments/"):
        assert client.get(path).status_code == 403, path
    for path, form in ((f"{PAGE}contact/", a_contact()), (f"{PAGE}rule/", a_rule())):
        assert client.post(path, form).status_code == 403, path
    assert not Contact.objects.exists()


def test_a_contact_is_recorded_and_the_log_commits_to_it(intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    assert as_role().post(f"{PAGE}contact/", a_contact("reached", met="母", note="話を聞いた")).status_code == 302
    contact = Contact.objects.get()
    assert (contact.mode, contact.result, contact.met, contact.case) == ("visit", "reached", "母", None)
    body = Event.objects.get(action="record_contact").body
    assert "話" not in body
    assert json.loads(body)["detail"]["row"] == f"outreach.contact:{contact.pk}"
    assert "話を聞いた" in as_role().get(PAGE).content.decode()
    entry = json.loads(Event.objects.order_by("number").last().body)  # type: ignore[union-attr]
    assert (entry["object"], entry["persons"]) == ("outreach", [AOI])


def test_a_second_click_is_harmless(intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    client = as_role()
    for path, form in ((f"{PAGE}contact/", a_contact()), (f"{PAGE}rule/", a_rule()), (f"{SIGHT}confirm/", a_sight())):
        assert [client.post(path, form).status_code for _ in range(2)] == [302, 302], path
    assert [m.objects.count() for m in (Contact, ContactRule, SightConfirmation)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("rule", "mode", "told"),
    [
        (None, "letter", "手紙を出してよいと"),
        ({"letter": "unknown"}, "letter", "手紙を出してよいと"),
        ({"letter": "no"}, "letter", "手紙を出せません"),
        ({"phone": "no"}, "phone", "電話"),
        ({"message": "no"}, "message", "メッセージ"),
        # What is left at the door is read by whoever lives there, as a letter is.
        ({"letter": "no"}, "visit", "手紙を出せません"),
    ],
)
def test_a_way_that_is_closed_is_refused_with_words(
    rule: dict[str, str] | None, mode: str, told: str, intake: Intake, as_role: Browser
) -> None:
    intake(a_child())
    client = as_role()
    if rule is not None:
        assert client.post(f"{PAGE}rule/", a_rule(**rule)).status_code == 302  # type: ignore[arg-type]
    answer = client.post(f"{PAGE}contact/", a_contact("left_note", mode))
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Contact.objects.exists()


def test_control_a_letter_goes_where_it_may(intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    as_role().post(f"{PAGE}rule/", a_rule("yes", letter_words="職場あて、無地の封筒"))
    assert "職場あて、無地の封筒" in as_role().get(PAGE).content.decode().partition('id="write"')[2]
    assert as_role().post(f"{PAGE}contact/", a_contact("left_note", "letter")).status_code == 302


def test_a_letter_that_was_sent_is_an_attempt(intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    opened(as_role)
    client = as_role()
    client.post(f"{PAGE}rule/", a_rule("yes"))
    assert client.post(f"{PAGE}contact/", a_contact("sent", "letter")).status_code == 302
    assert "送った（返事はまだない）" in client.get(PAGE).content.decode()
    assert not Reassessment.objects.exists()
    assert client.post(f"{PAGE}contact/", a_contact("absent", "phone")).status_code == 302
    assert Reassessment.objects.get().cause == "no_contact", "two attempts in a row reached nobody"
    visited = client.post(f"{PAGE}contact/", a_contact("sent", "visit"))
    assert visited.status_code == 422
    assert "手紙とメッセージのときだけ" in visited.content.decode()
    contact = Contact.objects.get(mode="letter")
    with pytest.raises(DatabaseError), transaction.atomic():
        Contact.objects.create(
            child_id=AOI, at=contact.at, mode="visit", result="sent", form=uuid.uuid4(), by=contact.by,
            entered_at=contact.at,
        )  # fmt: skip


def test_a_letter_that_went_while_it_was_allowed_is_recorded_afterwards(intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    client, now = as_role(), timezone.localtime()
    for number, (letter, days) in enumerate((("no", 9), ("yes", 6), ("no", 2))):
        ContactRule.objects.create(
            child_id=AOI, number=number + 1, letter=letter, phone="yes", message="yes", names_school="no",
            form=uuid.uuid4(), by=Staff.objects.get(), at=now - dt.timedelta(days=days),
        )  # fmt: skip
    for days, status in ((0, 422), (1, 422), (4, 302), (7, 422), (12, 422)):
        on = (now - dt.timedelta(days=days)).date().isoformat()
        answer = client.post(f"{PAGE}contact/", a_contact("sent", "letter", on=on))
        assert answer.status_code == status, days
    assert Contact.objects.count() == 1


def test_two_attempts_in_a_row_that_reach_nobody_start_the_clock(intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    case = opened(as_role)
    client = as_role()
    for result in ("absent", "reached", "absent"):
        client.post(f"{PAGE}contact/", a_contact(result))
        assert not Reassessment.objects.exists(), result
    client.post(f"{PAGE}contact/", a_contact("refused"))
    due = Reassessment.objects.get()
    assert (due.cause, due.state, due.case) == ("no_contact", "due", case)
    client.post(f"{PAGE}contact/", a_contact("absent"))
    assert Reassessment.objects.count() == 1


def test_a_school_says_that_it_saw_the_child_and_reads_only_that(intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    as_role().post(f"{SIGHT}confirm/", a_sight(condition="家では元気"))
    teacher = as_role(Role.CLASS_TEACHER)
    assert teacher.post(f"{SIGHT}confirm/", a_sight(place="school", condition="給食を残さず食べた")).status_code == 302
    text = teacher.get(SIGHT).content.decode()
    assert "給食を残さず食べた" in text
    assert "家では元気" not in text
    assert "権限により非表示" in text
    assert SightConfirmation.objects.count() == 2


def test_a_part_of_a_page_has_no_tab_beside_it(intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    for client, expected in (
        (as_role(), ["outreach:record"]),
        (as_role(Role.CLASS_TEACHER), ["outreach:sight"]),
    ):
        tabs = [tab.view_name for tab in client.get(f"/children/{AOI}/").context["tabs"]]
        assert [view for view in tabs if view.startswith("outreach:")] == expected


def test_the_words_of_the_core_are_those_of_the_desk() -> None:
    assert tuple(Case.Kind.values) == KINDS
    assert tuple(Reassessment.Cause.values) == tuple(Cause)


def test_a_rule_is_a_new_version_and_who_was_slower_is_told(intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    assert as_role().post(f"{PAGE}rule/", a_rule("yes")).status_code == 302
    late = as_role(Role.SUPERVISOR).post(f"{PAGE}rule/", a_rule("no", note="父に知られたくない"))
    assert late.status_code == 409
    assert "父に知られたくない" in late.content.decode(), "what was typed is not lost"
    assert ContactRule.objects.get().letter == "yes"
    again = a_rule("no", seen=late.context["rule_form"].initial["seen"])
    assert as_role(Role.SUPERVISOR).post(f"{PAGE}rule/", again).status_code == 302
    assert [(r.number, r.letter) for r in ContactRule.objects.order_by("number")] == [(1, "yes"), (2, "no")]
    text = as_role().get(PAGE).content.decode()
    assert "同居の祖父" in text
    assert "差出人や件名に、学校や部署の名を出しません" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"result": "reached", "met": ""},
        {"on": "2999-01-01"},
        {"on": "1999-12-31"},
        {"next_on": "2001-01-01"},
        {"mode": "pigeon"},
        {"time": ""},
    ],
)
def test_a_contact_that_cannot_be_is_told_and_what_was_typed_stays(
    wrong: dict[str, str], intake: Intake, as_role: Browser
) -> None:
    intake(a_child())
    answer = as_role().post(f"{PAGE}contact/", a_contact() | wrong)
    assert answer.status_code == 422
    assert "門灯がついていた" in answer.content.decode()
    assert not Contact.objects.exists()


def test_a_mistaken_contact_is_taken_back_stays_readable_and_counts_no_more(intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    opened(as_role)
    client = as_role()
    client.post(f"{PAGE}contact/", a_contact())
    mistaken = Contact.objects.get()
    path = f"{PAGE}contact/{mistaken.pk}/take-back/"
    assert client.post(path, {"reason": " "}).status_code == 422
    assert [client.post(path, {"reason": "別の家庭の記録だった"}).status_code for _ in range(2)] == [302, 302]
    assert TakenBack.objects.count() == 1
    assert "別の家庭の記録だった" not in Event.objects.get(action="take_entry_back").body
    client.post(f"{PAGE}contact/", a_contact())
    assert not Reassessment.objects.exists(), "one attempt, not two"
    page = client.get(PAGE)
    assert [number for _contact, number in page.context["contacts"]] == [1, None]
    assert "門灯がついていた" in page.content.decode()
    assert "別の家庭の記録だった" in page.content.decode()


def test_an_attempt_entered_late_is_counted_in_its_place(intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    opened(as_role)
    days = [timezone.localdate() - dt.timedelta(days=n) for n in (9, 5, 1)]
    for day, result in ((days[0], "absent"), (days[2], "absent")):
        as_role().post(f"{PAGE}contact/", a_contact(result, on=day.isoformat()))
    assert Reassessment.objects.count() == 1
    as_role().post(f"{PAGE}contact/", a_contact("reached", on=days[1].isoformat()))
    assert [number for _contact, number in as_role().get(PAGE).context["contacts"]] == [1, 2, 1]


def test_the_database_refuses_to_change_what_was_recorded(intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    for path, form in ((f"{PAGE}contact/", a_contact()), (f"{PAGE}rule/", a_rule()), (f"{SIGHT}confirm/", a_sight())):
        as_role().post(path, form)
    as_role().post(f"{PAGE}contact/{Contact.objects.get().pk}/take-back/", {"reason": "間違い"})
    for model, field in (
        (Contact, "note"),
        (ContactRule, "note"),
        (SightConfirmation, "condition"),
        (TakenBack, "reason"),
    ):
        assert model.objects.count() == 1
        for change in (lambda m=model, f=field: m.objects.update(**{f: "x"}), lambda m=model: m.objects.all().delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


@pytest.mark.parametrize(
    "wrong",
    [
        {"seen_by": "school", "seen_by_name": ""},
        {"injuries": "seen", "injury_words": ""},
        {"condition": ""},
        {"place": "moon"},
        {"injuries": "unknown"},
    ],
)
def test_the_database_refuses_a_sight_without_who_or_how(
    wrong: dict[str, str], intake: Intake, as_role: Browser
) -> None:
    intake(a_child())
    as_role().post(f"{SIGHT}confirm/", a_sight())
    row = SightConfirmation.objects.get()
    row.pk, row.form = None, uuid.uuid4()
    for name, value in wrong.items():
        setattr(row, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
    assert as_role().post(f"{SIGHT}confirm/", a_sight() | wrong).status_code == 422


@pytest.mark.parametrize("wrong", [{"seen_on": "2999-01-01"}, {"seen_on": ""}, {"injuries": ""}])
def test_a_sight_that_cannot_be_is_told(wrong: dict[str, str], intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    answer = as_role().post(f"{SIGHT}confirm/", a_sight() | wrong)
    assert answer.status_code == 422
    assert "笑って話した" in answer.content.decode()


def test_no_injury_and_its_description_are_asked_about(intake: Intake, as_role: Browser) -> None:
    """Which of the two holds, nobody could tell later; what was typed stays in the form."""
    intake(a_child())
    words = {"injuries": "none", "injury_words": "左ひじに三センチのあざ"}
    answer = as_role().post(f"{SIGHT}confirm/", a_sight(**words))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "けがの様子が書かれていますが" in page
    assert "左ひじに三センチのあざ" in page
    assert "笑って話した" in page
    assert SightConfirmation.objects.count() == 0
    for said in ("seen", "unseen"):
        assert as_role().post(f"{SIGHT}confirm/", a_sight(**words | {"injuries": said})).status_code == 302, said


def test_nobody_in_school_takes_back_what_another_recorded(intake: Intake, as_role: Browser) -> None:
    intake(a_child())
    as_role(Role.SCHOOL_NURSE).post(f"{SIGHT}confirm/", a_sight(place="school"))
    path = f"{SIGHT}{SightConfirmation.objects.get().pk}/take-back/"
    assert as_role(Role.CLASS_TEACHER).post(path, {"reason": "間違い"}).status_code == 404
    assert as_role(Role.SCHOOL_NURSE).post(path, {"reason": "間違い"}).status_code == 302


# The overdue list


def ago(days: int) -> str:
    return (timezone.localdate() - dt.timedelta(days=days)).isoformat()


@pytest.fixture
def three_cases(intake: Intake, as_role: Browser) -> None:
    """Aoi seen 8 days ago, Sora 31 days ago, Mio never by staff, and yesterday in a register."""
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    seen = ATestFact("last_seen", yesterday, holder="youtaikyo")
    intake(
        a_child(),
        a_child("例田 ソラ", "レイタ ソラ", household="6"),
        a_child("例本 みお", "レイモト ミオ", household="7", facts=(seen,)),
    )
    for person, days in ((AOI, 8), (SORA, 31), (MIO, None)):
        opened(as_role, person)
        if days is not None:
            as_role().post(f"/children/{person}/sight/confirm/", a_sight(seen_on=ago(days)))


def overdue(client: Client, path: str = "/sight/") -> list[str]:
    return [row.child.pk for row, _who in client.get(path).context["rows"]]


def test_never_recorded_stands_first_and_each_kind_of_case_has_its_interval(
    three_cases: None, as_role: Browser
) -> None:
    assert overdue(as_role()) == [MIO], "within 60 days for a case of another kind"
    Case.objects.update(kind="support")
    assert overdue(as_role()) == [MIO, SORA]
    Case.objects.update(kind="protection")
    assert overdue(as_role()) == [MIO, SORA, AOI]
    text = as_role().get("/sight/").content.decode()
    assert "24日" in text
    assert "記録なし" in text
    entry = json.loads(Event.objects.order_by("number").last().body)  # type: ignore[union-attr]
    assert (entry["object"], sorted(entry["persons"])) == ("sight", sorted([AOI, SORA, MIO]))


def test_who_was_just_seen_leaves_the_list_and_comes_back_when_that_was_a_mistake(
    three_cases: None, as_role: Browser
) -> None:
    client = as_role()
    client.post(f"/children/{MIO}/sight/confirm/", a_sight())
    assert overdue(client) == []
    sight = SightConfirmation.objects.get(child=MIO)
    client.post(f"/children/{MIO}/sight/{sight.pk}/take-back/", {"reason": "別のこどもだった"})
    assert overdue(client) == [MIO]


def test_the_last_day_of_the_interval_is_in_time(three_cases: None, as_role: Browser) -> None:
    Case.objects.update(kind="protection")
    as_role().post(f"{SIGHT}confirm/", a_sight(seen_on=ago(7)))
    assert AOI not in overdue(as_role())


def test_mine_is_what_one_leads_and_the_rest_stays_within_the_duty(three_cases: None, as_role: Browser) -> None:
    supervisor = as_role(Role.SUPERVISOR)
    assert overdue(supervisor) == []
    assert overdue(supervisor, "/sight/?whose=team") == [MIO]
    nurse_elsewhere = as_role(Role.SCHOOL_SOCIAL_WORKER, school="201")
    assert overdue(nurse_elsewhere, "/sight/?whose=team") == []


def test_a_closed_case_is_not_overdue(three_cases: None, as_role: Browser, staff: Callable[..., Staff]) -> None:
    case = Case.objects.get(child=MIO)
    lead, second = viewer_of(staff(), "case_support"), viewer_of(staff(Role.SUPERVISOR), "case_support")
    take(case, lead, "propose_closing", seen=1, reason="落ち着いた")
    over = {"state": "closed", "closed_on": case.opened_on}
    take(case, second, "close", seen=2, reason="落ち着いた", also=over)
    assert overdue(as_role()) == []


def test_records_of_other_offices_are_told_apart_from_what_staff_saw(three_cases: None, as_role: Browser) -> None:
    page = as_role().get(f"/children/{MIO}/outreach/").content.decode()
    assert "職員の目視確認（ここの記録）" in page or "職員の目視確認(ここの記録)" in page
    assert "記録なし" in page
    assert "ほかの部署の記録にある最終目視確認" in page


def test_no_page_needs_more_than_twelve_queries(three_cases: None, as_role: Browser) -> None:
    """With everything there is to read."""
    for path, form in ((f"{PAGE}rule/", a_rule()), *((f"{PAGE}contact/", a_contact(note=f"{n}回目")) for n in (1, 2))):
        as_role().post(path, form)
    assert Reassessment.objects.count() == 1
    for role in (Role.LEAD_WORKER, Role.SUPERVISOR):
        client = as_role(role, purpose=Purpose.CASE_SUPPORT)
        client.get("/purpose/")
        for path in (PAGE, SIGHT, "/sight/?whose=team", "/reassessments/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            count = len(counted(queries))
            assert count <= 12, (path, count, [q["sql"][:150] for q in queries])


def test_control_without_the_rules_a_letter_goes_out(
    intake: Intake, as_role: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("attempts", "forms"):
        monkeypatch.setattr(f"tsunagu_web.outreach.{module}.require_way_then_or_now", lambda *_rule: None)
    intake(a_child())
    assert as_role().post(f"{PAGE}contact/", a_contact("left_note", "letter")).status_code == 302
    assert Contact.objects.get().mode == "letter"


def test_the_service_refuses_what_the_form_let_through(
    intake: Intake, as_role: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule may change between page and click: the last word is inside the transaction."""
    monkeypatch.setattr("tsunagu_web.outreach.forms.require_way_then_or_now", lambda *_rule: None)
    intake(a_child())
    answer = as_role().post(f"{PAGE}contact/", a_contact("left_note", "letter"))
    assert answer.status_code == 422
    assert "手紙を出してよいと" in answer.content.decode()
    assert not Contact.objects.exists()


def test_whom_nobody_saw_stands_on_the_first_page_and_not_on_a_narrowed_one(
    three_cases: None, as_role: Browser
) -> None:
    Case.objects.update(kind="support")
    seen = as_role(Role.SUPERVISOR).get("/children/")
    assert [row.child.pk for row, _who in seen.context["unseen"]] == [MIO, SORA]
    entry = json.loads(Event.objects.order_by("number").last().body)  # type: ignore[union-attr]
    assert entry["detail"] == {"shown": 3, "unseen": 2}
    assert set(entry["persons"]) >= {SORA, MIO}
    text = seen.content.decode()
    assert "最後に会ったのは" in text
    assert "2人すべて" in text
    assert as_role(Role.SUPERVISOR).get("/children/?level=見守り").context["unseen"] == []
    # Whoever is responsible elsewhere, or may not see confirmations of sight, is shown none of it.
    assert as_role(Role.SCHOOL_SOCIAL_WORKER, school="201").get("/children/").context["unseen"] == []
    assert as_role(Role.VICE_PRINCIPAL).get("/children/").context["unseen"] == []
