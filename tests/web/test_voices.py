"""The child's own voice beside each decision: asked each time, unknown is an answer, sensitive, and never changed."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from planned import AOI, SUPPORT, a_case, drafted, text_of
from test_conferences import a_call, hold, minutes
from test_reassessment import a_decision

from builders import a_child
from tsunagu_web.access.terms import Purpose, Role, Thing
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases import voices
from tsunagu_web.cases.models import Case, Child, Decision, Voice
from tsunagu_web.conferences.models import Conference, Minute
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.outreach.clock import start_by_person
from tsunagu_web.steps.models import Step

CHILD = f"/children/{AOI}/"
SAID = "朝ごはんがないと、学校に行きたくない"
HIDDEN = "権限により非表示"
HEARD = {"voice": "heard", "voice_words": SAID}
Browser, People = Callable[..., Client], Callable[..., Staff]


@pytest.fixture(autouse=True)
def city(intake: Browser) -> None:
    intake(a_child())


def a_form(outcome: str = "supported", **more: object) -> dict[str, object]:
    return {"outcome": outcome, "seen": 0, "form": str(uuid.uuid4()), **more}


def a_step(step: str, seen: int, **more: object) -> dict[str, object]:
    return {"step": step, "seen": seen, "reason": "落ち着いた", "form": str(uuid.uuid4()), **more}


def stand() -> list[tuple[str, int, str, str]]:
    return list(Voice.objects.order_by("pk").values_list("of", "row", "said", "words"))


def test_who_may_not(as_role: Browser) -> None:
    assert as_role(Role.VICE_PRINCIPAL).post(f"{CHILD}decide/", a_form(**HEARD)).status_code == 403
    assert stand() == []


@pytest.mark.parametrize(
    ("said", "words", "kept"),
    [
        ("heard", SAID, True),
        ("not_asked", "母の同席のないときに聞く", True),
        ("could_not", "入院中で会えない", True),
        ("unknown", "", True),
        ("unknown", "担任も知らない", True),
        ("heard", "", False),
        ("not_asked", " ", False),
        ("could_not", "", False),
        ("", SAID, False),
        ("guessed", SAID, False),
    ],
)
def test_what_a_decision_takes(said: str, words: str, kept: bool, as_role: Browser) -> None:
    answer = as_role().post(f"{CHILD}decide/", a_form(voice=said, voice_words=words))
    assert answer.status_code == (302 if kept else 422)
    row = Decision.objects.first()
    assert stand() == ([("decision", row.pk, said, words.strip())] if kept and row else [])
    if not kept:
        assert Decision.objects.count() == 0
        assert words.strip() in answer.content.decode(), "what was typed is still there"


def test_not_known_stands_in_the_form_and_nothing_is_asserted_for_nobody(as_role: Browser) -> None:
    page = as_role().get(CHILD)
    assert page.context["page"].form["voice"].value() == "unknown"
    assert "「わからない」も答えです。" in page.content.decode()
    as_role().post(f"{CHILD}decide/", a_form())
    assert stand() == []
    assert "記録なし" in as_role().get(CHILD).content.decode()


def test_it_stands_with_the_decision_and_the_log_names_no_word(as_role: Browser) -> None:
    as_role().post(f"{CHILD}decide/", a_form(**HEARD))
    text = as_role().get(CHILD).content.decode()
    assert SAID in text
    assert "聞けた" in text
    entry = Event.objects.get(action="record_voice")
    assert "朝ごはん" not in entry.body
    assert f'"cases.voice:{Voice.objects.get().pk}"' in entry.body


@pytest.mark.parametrize("role", [Role.PUBLIC_HEALTH_NURSE, Role.SCHOOL_SOCIAL_WORKER])
def test_who_reads_the_decision_but_nothing_sensitive_is_told_that_it_is_hidden(role: str, as_role: Browser) -> None:
    as_role().post(f"{CHILD}decide/", a_form(note="学校と話した", **HEARD))
    client = as_role(role)
    text = client.get(CHILD).content.decode()
    assert "学校と話した" in text
    assert SAID not in text
    assert "聞けた" not in text
    assert f'こどもの声</strong><span class="concealed">{HIDDEN}' in text
    answer = client.get(f"/api/v1{CHILD}").json()
    assert "voice" not in answer["decisions"][0]
    assert "decisions.voice" in [one["field"] for one in answer["hidden"]]


def test_control_without_the_label_it_would_be_read(as_role: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    as_role().post(f"{CHILD}decide/", a_form(**HEARD))
    monkeypatch.setattr(voices, "may", lambda *_asked, **_about: True)
    assert SAID in as_role(Role.PUBLIC_HEALTH_NURSE).get(CHILD).content.decode()


def test_minutes_a_reassessment_and_the_steps_of_a_case_ask_the_same(as_role: Browser, staff: People) -> None:
    as_role().post(f"{CHILD}decide/", a_form("candidate"))
    client = as_role(**SUPPORT)

    client.post("/conferences/call/", a_call(staff(Role.SUPERVISOR)))
    meeting = Conference.objects.get()
    item = hold(meeting, client)
    path = f"/conferences/{meeting.pk}/items/{item.pk}/"
    assert client.post(f"{path}write/", minutes(voice="heard", voice_words="")).status_code == 422
    assert client.post(f"{path}write/", minutes(**HEARD)).status_code == 302
    for shown in (path, f"{CHILD}conferences/"):
        assert SAID in client.get(shown).content.decode(), shown
    form = client.get(path).context["form"]
    assert (form["voice"].value(), form["voice_words"].value()) == ("heard", SAID), "a correction begins from it"

    child, viewer = Child.objects.get(pk=AOI), viewer_of(staff(), Purpose.CASE_SUPPORT)
    row = start_by_person(child, Case.objects.get(), viewer, reason="母が入院した", form=uuid.uuid4())
    path = f"{CHILD}reassessments/{row.pk}/"
    assert client.post(f"{path}decide/", a_decision(row, voice="not_asked")).status_code == 422
    why = {"voice": "not_asked", "voice_words": "来週、学校で会って聞く"}
    assert client.post(f"{path}decide/", a_decision(row, **why)).status_code == 302
    assert "来週、学校で会って聞く" in client.get(path).content.decode()

    seen = Case.objects.get().revision
    lost = {"voice": "could_not", "voice_words": "転出して連絡がつかない"}
    assert client.post(f"{CHILD}case/step/", a_step("propose_closing", seen, **lost)).status_code == 302
    boss = as_role(Role.SUPERVISOR, **SUPPORT)
    assert "転出して連絡がつかない" in boss.get(f"{CHILD}case/").content.decode()
    assert boss.post(f"{CHILD}case/step/", a_step("close", seen + 1, voice="unknown")).status_code == 302

    last = [Step.objects.get(move=move).pk for move in ("decide", "propose_closing", "close")]
    assert stand() == [
        ("conference", Minute.objects.get().pk, "heard", SAID),
        ("reassessment", last[0], "not_asked", "来週、学校で会って聞く"),
        ("case", last[1], "could_not", "転出して連絡がつかない"),
        ("case", last[2], "unknown", ""),
    ]


def test_a_program_gives_and_reads_it_as_the_page_does(as_role: Browser) -> None:
    as_role().post(f"{CHILD}decide/", a_form("candidate"))
    client, path = as_role(**SUPPORT), f"/api/v1{CHILD}case/"

    def step(**voice: str) -> tuple[int, dict[str, object]]:
        answer = client.post(f"{path}step/", a_step("propose_closing", 1, **voice), "application/json")
        return answer.status_code, answer.json()

    status, problem = step(voice="heard")
    assert (status, problem["code"]) == (422, "not_accepted")
    assert step(**HEARD)[0] == 200
    newest, first = client.get(path).json()["steps"]
    assert newest["voice"] == {"said": "heard", "words": SAID}
    assert "voice" not in first, "opening a case is no step of its page"
    nurse = as_role(Role.PUBLIC_HEALTH_NURSE, **SUPPORT).get(path).json()
    assert "voice" not in nurse["steps"][0]
    assert [one["field"] for one in nurse["hidden"]] == ["steps.voice"]


def test_a_form_sent_again_with_another_voice_is_told(as_role: Browser) -> None:
    form = a_form(**HEARD)
    assert [as_role().post(f"{CHILD}decide/", form).status_code for _ in range(2)] == [302, 302]
    late = as_role().post(f"{CHILD}decide/", {**form, "voice_words": "給食が楽しみ"})
    assert (late.status_code, "給食が楽しみ" in late.content.decode()) == (409, True)
    assert [words for *_of, words in stand()] == [SAID]
    # With a new mark, which the browser's back button brings, another voice is another decision.
    as_role().post(f"{CHILD}decide/", a_form(**{**HEARD, "voice_words": "給食が楽しみ", "seen": 1}))
    assert [words for *_of, words in stand()] == [SAID, "給食が楽しみ"]


@pytest.mark.parametrize("reader", ["child", "guardian"])
def test_no_copy_of_a_plan_repeats_it(reader: str, as_role: Browser, staff: People) -> None:
    """The guardian reads the child's words only where the child agreed, in the plan; never those of decisions."""
    as_role().post(f"{CHILD}decide/", a_form("candidate", **HEARD))
    a_case(staff())
    lead = as_role(**SUPPORT)
    page = drafted(lead, may_be_shown_to_guardian="on")
    text = text_of(lead.get(f"{page}pdf/{reader}/").content)
    assert "朝がつらい" in text, "the control: the child's words of the plan are there"
    assert "朝ごはん" not in text


@pytest.mark.parametrize("statement", ["UPDATE cases_voice SET words = 'x'", "DELETE FROM cases_voice"])
def test_nobody_changes_what_a_child_said(statement: str, as_role: Browser) -> None:
    as_role().post(f"{CHILD}decide/", a_form(**HEARD))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert [words for *_of, words in stand()] == [SAID]


@pytest.mark.parametrize(
    "wrong", [{"words": ""}, {"said": "guessed"}, {"of": "note"}], ids=["no words", "no such answer", "no decision"]
)
def test_the_database_keeps_it_whole(wrong: dict[str, str], as_role: Browser, staff: People) -> None:
    row = {"of": Thing.DECISION.value, "row": 1, "said": "heard", "words": SAID, **wrong}
    with pytest.raises(IntegrityError), transaction.atomic():
        Voice.objects.create(child_id=AOI, by=staff(), at=timezone.now(), **row)
