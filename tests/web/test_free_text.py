"""Words that somebody types are never cut: what is too long is told by how much, and stands on the page whole."""

from __future__ import annotations

import importlib
import re
import uuid
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
from django import forms
from django.test import Client
from django.utils import timezone

import tsunagu_web
from builders import a_child, an_id
from tsunagu_web.access.models import Grant
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.assessment.models import Assessment, Draft
from tsunagu_web.cases.models import Case, Decision
from tsunagu_web.conferences.forms import MinuteForm
from tsunagu_web.conferences.models import Conference
from tsunagu_web.free_text import FreeText
from tsunagu_web.outreach.models import Contact, SightConfirmation
from tsunagu_web.plans.models import SupportPlan
from tsunagu_web.tasks.models import Task

ROOT = Path(tsunagu_web.__file__).parent
AOI = an_id("例川 あおい")
CHILD = f"/children/{AOI}"
# Nobody's words: what names or proves somebody, an address of mail, and where to go on.
NO_WORDS = {"login", "password", "again", "code", "staff", "address", "next"}
SUPPORT = {"purpose": Purpose.CASE_SUPPORT}
Browser = Callable[..., Client]


def fields() -> Iterator[tuple[str, str, forms.Field]]:
    """Each field of each form that a page shows."""
    for path in sorted(ROOT.rglob("*.py")):
        if "migrations" not in path.parts and "forms.Form" in path.read_text(encoding="utf-8"):
            module = importlib.import_module(".".join(path.relative_to(ROOT.parent).with_suffix("").parts))
            for name, form in vars(module).items():
                if isinstance(form, type) and issubclass(form, forms.BaseForm) and form.__module__ == module.__name__:
                    yield from ((name, field, made) for field, made in form.base_fields.items())
    yield from (("MinuteForm", field, made) for field, made in MinuteForm().fields.items())


def test_no_field_for_words_lets_a_browser_cut_them() -> None:
    shown = [(form, name, made) for form, name, made in fields() if not made.widget.is_hidden]
    assert len(shown) > 80
    cutting = [(form, name) for form, name, made in shown if "maxlength" in made.widget.attrs]
    assert {name for _form, name in cutting} <= NO_WORDS
    unlimited = [
        (form, name)
        for form, name, made in shown
        if type(made) is forms.CharField and name not in NO_WORDS and not isinstance(made, FreeText)
    ]
    assert unlimited == [("AgendaForm", "person")], "a list of numbers, which the page brings along"


def test_no_template_lets_a_browser_cut_words() -> None:
    assert [p.name for p in ROOT.rglob("*.html") if "maxlength" in p.read_text(encoding="utf-8")] == []


def test_a_line_counts_as_in_a_browser_and_a_rare_kanji_as_one() -> None:
    field = FreeText(most=4)
    assert field.clean(" 𠮷\r\n𠮷田 ") == "𠮷\n𠮷田"
    with pytest.raises(forms.ValidationError, match="1文字多すぎます（いま5文字、ここに入るのは4文字まで）"):
        field.clean("12345")


@pytest.fixture
def opened(intake: Browser, as_role: Browser) -> Case:
    """A child with an open case that a lead worker leads."""
    intake(a_child())
    form = {"outcome": "candidate", "seen": 0, "form": str(uuid.uuid4())}
    as_role().post(f"{CHILD}/decide/", form)
    return Case.objects.get()


def shown_whole(page: str, typed: str) -> bool:
    return typed in unescape(page)


# Where words are typed, which of them, how many fit, and who types.
PLACES = [
    ("decide/", "note", 2_000, Role.LEAD_WORKER),
    ("decide/", "voice_words", 2_000, Role.LEAD_WORKER),
    ("notes/write/", "text", 8_000, Role.LEAD_WORKER),
    ("tasks/add/", "what", 400, Role.LEAD_WORKER),
    ("outreach/contact/", "met", 120, Role.LEAD_WORKER),
    ("outreach/contact/", "note", 4_000, Role.LEAD_WORKER),
    ("outreach/rule/", "letter_words", 200, Role.LEAD_WORKER),
    ("outreach/rule/", "note", 2_000, Role.LEAD_WORKER),
    ("sight/confirm/", "condition", 2_000, Role.LEAD_WORKER),
    ("sight/confirm/", "injury_words", 2_000, Role.LEAD_WORKER),
    ("reassessments/start/", "reason", 400, Role.LEAD_WORKER),
    ("plans/new/", "child_words", 2_000, Role.LEAD_WORKER),
    ("plans/new/", "goals-0-text", 300, Role.LEAD_WORKER),
    ("plans/new/", "services-0-responsible", 120, Role.LEAD_WORKER),
    ("referrals/new/", "asked", 2_000, Role.LEAD_WORKER),
    ("referrals/new/", "wish", 1_000, Role.LEAD_WORKER),
    ("referrals/new/", "purpose", 400, Role.LEAD_WORKER),
    ("referrals/new/", "basis_note", 400, Role.LEAD_WORKER),
    ("case/step/", "reason", 400, Role.LEAD_WORKER),
    ("kin/add/", "name", 120, Role.LEAD_WORKER),
    ("history/correct/", "reason", 400, Role.LEAD_WORKER),
    ("address/", "need", 400, Role.LEAD_WORKER),
    ("emergency/", "reason", 400, Role.LEAD_WORKER),
    ("/conferences/call/", "place", 80, Role.SUPERVISOR),
    ("/children/watch/", "why", 400, Role.LEAD_WORKER),
    ("/children/assign/", "why", 400, Role.SUPERVISOR),
    ("/children/lists/", "name", 40, Role.LEAD_WORKER),
    ("/children/search/", "words", 60, Role.LEAD_WORKER),
    ("/notes/search/", "words", 60, Role.LEAD_WORKER),
]


@pytest.mark.parametrize(("place", "name", "most", "role"), PLACES)
def test_what_is_too_long_is_told_and_stands_there_whole(
    place: str, name: str, most: int, role: str, opened: Case, as_role: Browser
) -> None:
    typed = "あ" * most + "最後"
    rows = {f"{rows}-{kind}": "1" for rows in ("goals", "services") for kind in ("TOTAL_FORMS", "INITIAL_FORMS")}
    path = place if place.startswith("/") else f"{CHILD}/{place}"
    purpose = SUPPORT if place in ("plans/new/", "case/step/") else {}
    answer = as_role(role, **purpose).post(path, {name: typed, "which": "mine", "person": AOI, **rows})
    page = answer.content.decode()
    assert answer.status_code in (200, 422), path
    assert f"2文字多すぎます（いま{most + 2:d}文字、ここに入るのは{most:d}文字まで）" in page
    assert shown_whole(page, typed)


def too_long(most: int = 400) -> str:
    return "い" * most + "最後"


def told_whole(answer: object, most: int = 400) -> bool:
    page = unescape(answer.content.decode())  # type: ignore[attr-defined]  # an answer of the client
    return "2文字多すぎます" in page and too_long(most) in page


def test_a_reason_to_take_an_entry_back_stays(opened: Case, as_role: Browser) -> None:
    client, now = as_role(), timezone.localtime()
    contact = {"mode": "visit", "on": now.date().isoformat(), "time": f"{now:%H:%M}", "result": "absent"}
    client.post(f"{CHILD}/outreach/contact/", {**contact, "form": str(uuid.uuid4())})
    made = Contact.objects.get()
    assert told_whole(client.post(f"{CHILD}/outreach/contact/{made.pk}/take-back/", {"reason": too_long()}))
    sight = {"seen_on": now.date().isoformat(), "seen_by": "own", "place": "home", "injuries": "none"}
    client.post(f"{CHILD}/sight/confirm/", {**sight, "condition": "元気", "form": str(uuid.uuid4())})
    assert told_whole(
        client.post(f"{CHILD}/sight/{SightConfirmation.objects.get().pk}/take-back/", {"reason": too_long()})
    )


def test_a_reason_of_a_task_stays(opened: Case, as_role: Browser) -> None:
    client = as_role()
    wish = {"what": "電話する", "owner": opened.lead_id, "due_on": timezone.localdate().isoformat()}
    client.post(f"{CHILD}/tasks/add/", {**wish, "form": str(uuid.uuid4())})
    task = Task.objects.get(what="電話する")
    step = {"step": "drop", "seen": task.revision, "form": str(uuid.uuid4())}
    for way in ("step", "hand-on"):
        assert told_whole(client.post(f"{CHILD}/tasks/{task.pk}/{way}/", {**step, "reason": too_long()}))
    kept = client.post(f"{CHILD}/tasks/{task.pk}/step/", {**step, "step": "x", "reason": "まだ短い"})
    assert "まだ短い" in kept.content.decode()


def test_a_reason_of_a_conference_and_of_a_plan_stay(opened: Case, as_role: Browser) -> None:
    client = as_role(Role.SUPERVISOR)
    day = timezone.localdate().isoformat()
    call = {"layer": "individual", "team": opened.team, "day": day, "begins": "14:00", "ends": "16:00"}
    client.post("/conferences/call/", {**call, "form": str(uuid.uuid4())})
    meeting = Conference.objects.get()
    step = {"step": "cancel", "seen": meeting.revision, "form": str(uuid.uuid4()), "reason": too_long()}
    assert told_whole(client.post(f"/conferences/{meeting.pk}/step/", step))
    writer = as_role(**SUPPORT)
    rows = {f"{rows}-{kind}": "0" for rows in ("goals", "services") for kind in ("TOTAL_FORMS", "INITIAL_FORMS")}
    days = {name: day for name in ("starts_on", "ends_on", "review_on")}
    said = {"agreement": "not_asked", "seen": 0, "form": str(uuid.uuid4())}
    assert writer.post(f"{CHILD}/plans/new/", {**rows, **days, **said}).status_code == 302
    plan = SupportPlan.objects.get()
    step = {"seen": plan.revision, "form": str(uuid.uuid4()), "reason": too_long()}
    assert told_whole(writer.post(f"{CHILD}/plans/{plan.pk}/withdraw/", step))


def test_the_note_of_a_review_stays(opened: Case, as_role: Browser) -> None:
    as_role(Role.SCHOOL_SOCIAL_WORKER, school="101").post(f"{CHILD}/emergency/", {"reason": "いま会いに行く必要がある"})
    taken = Grant.objects.get(basis="emergency")
    client = as_role(Role.SUPERVISOR)
    answer = client.post(f"/emergencies/{taken.pk}/", {"review": "justified", "note": too_long()})
    assert told_whole(answer)


def test_marked_children_stay_marked_with_the_words(opened: Case, as_role: Browser) -> None:
    answer = as_role().post("/children/watch/", {"why": too_long(), "person": AOI})
    assert told_whole(answer)
    assert re.search(rf'value="{AOI}" checked', answer.content.decode())
    assert Decision.objects.filter(outcome="watch").count() == 0


def test_a_draft_takes_any_length_and_the_judgment_counts(opened: Case, as_role: Browser) -> None:
    client = as_role()
    client.post(f"{CHILD}/assessments/begin/", {"form": "common-assessment"})
    form = client.get(f"{CHILD}/assessments/draft/").context["own"]
    item = next(q.id for part in client.get(f"{CHILD}/assessments/draft/").context["parts"] for q in part.questions)
    sent = {name: form[name].value() for name in ("seen", "draft", "version", "form")}
    sent |= {
        "own_grounds": too_long(2_000),
        "own_judgment": "watch",
        f"t-{item}": too_long(2_000),
        f"a-{item}": "unknown",
    }
    assert client.post(f"{CHILD}/assessments/draft/save/", sent).status_code == 302
    assert Draft.objects.get().own_grounds == too_long(2_000)
    again = client.get(f"{CHILD}/assessments/draft/").context["own"]
    sent |= {name: again[name].value() for name in ("seen", "draft", "version", "form")}
    answer = client.post(f"{CHILD}/assessments/draft/record/", sent)
    assert answer.status_code == 422
    assert answer.content.decode().count("2文字多すぎます") == 2
    assert told_whole(answer, 2_000)
    assert not Assessment.objects.exists()


def test_the_script_comes_only_where_words_are_typed(opened: Case, as_role: Browser) -> None:
    client = as_role()
    with_words, without = client.get(f"{CHILD}/notes/"), client.get("/purpose/")
    assert "desk/free-text.js" in with_words.content.decode()
    assert with_words["Content-Security-Policy"].endswith("script-src 'self'")
    assert "<script" not in without.content.decode()
    assert "script-src" not in without["Content-Security-Policy"]
