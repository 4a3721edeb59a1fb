"""Assessments: the own judgment before the machine's level, unknown as an answer, nothing lost and nothing changed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from counted import counted
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from builders import CITY, a_child, an_id
from tsunagu.casework.answers import of_text
from tsunagu.casework.forms import load_form, standard_form
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.assessment import queries
from tsunagu_web.assessment.models import Assessment, Conclusion, Draft, FormVersion
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Case

AOI = an_id("例川 あおい")
PAGE = f"/children/{AOI}/assessments/"
LEVEL = "予防的支援"
# What would tell the level: its word, and what the run gave as its reason.
TELLING = (LEVEL, "欠席")

Intake = Callable[..., object]
AsRole = Callable[..., Client]


def all_unknown() -> dict[str, str]:
    return {f"a-{item.id}": "unknown" for item in standard_form().items()}


def begun(client: Client) -> dict[str, Any]:
    """What the page of a new draft would send."""
    assert client.post(f"{PAGE}begin/", {"form": "common-assessment"}).status_code == 302
    return marks(client)


def marks(client: Client) -> dict[str, Any]:
    return dict(client.get(f"{PAGE}draft/").context["own"].initial)


def filled(client: Client, **more: object) -> dict[str, Any]:
    own = {"own_judgment": "support", "own_grounds": "本人が、朝ごはんがないと話した"}
    return {**begun(client), **all_unknown(), **own, **more}


def recorded(client: Client, **more: object) -> Assessment:
    assert client.post(f"{PAGE}draft/record/", filled(client, **more)).status_code == 302
    return Assessment.objects.latest("pk")


def concluding(client: Client, number: int = 1, **more: object) -> dict[str, Any]:
    page = client.get(f"{PAGE}{number}/conclusion/").context["form"].initial
    return {"level": "support", "override_reason": "", "voice": "followed", **page, **more}


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.AUDITOR, Role.PARTNER, Role.ANALYST, Role.DATA_HOLDER])
def test_who_may_not(role: str, intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    recorded(as_role())
    client = as_role(role)
    for page in ("", "draft/", "1/", "1/conclusion/"):
        assert client.get(PAGE + page).status_code == 403, page
    for act in ("begin/", "draft/save/", "draft/record/", "draft/discard/", "1/conclude/"):
        assert client.post(PAGE + act, {}).status_code == 403, act
    assert client.get("/assessments/overrides/").status_code == 403


@pytest.mark.parametrize("role", [Role.SCHOOL_SOCIAL_WORKER, Role.PUBLIC_HEALTH_NURSE])
def test_who_reads_only(role: str, intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    recorded(as_role())
    client = as_role(role)
    assert "朝ごはん" in client.get(f"{PAGE}1/").content.decode()
    assert client.get(PAGE).context["writes"] is False
    for act in ("begin/", "draft/save/", "draft/record/", "1/conclude/"):
        assert client.post(PAGE + act, {}).status_code == 403, act


def test_unknown_is_an_answer_and_no_answer_is_not(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client = as_role()
    sent = filled(client)
    del sent["a-injury"]
    answer = client.post(f"{PAGE}draft/record/", sent)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert [q.id for part in answer.context["parts"] for q in part.questions if q.problem] == ["injury"]
    assert "朝ごはんがないと話した" in text, "what was typed stands there"
    assert Assessment.objects.count() == 0
    assert client.post(f"{PAGE}draft/record/", {**sent, "a-injury": "unknown"}).status_code == 302
    answers = of_text(Assessment.objects.get().answers)
    assert {answer.value for answer in answers.values()} == {"unknown"}


def test_what_is_recorded_is_read_whole(intake: Intake, as_role: AsRole, staff: Callable[..., Staff]) -> None:
    intake(a_child())
    said = {"a-wish": "said", "t-wish": "朝、起こしてほしい"}
    seen = {"a-injury": "doubtful", "t-injury": "左のほほに青いあざ", "s-injury": "担任から電話"}
    recorded(as_role(), **said, **seen)
    client = as_role()
    page = client.get(f"{PAGE}1/")
    text = page.content.decode()
    step = next(i for i in standard_form().items() if i.id == "injury").steps[2].words.ja
    for words in ("朝、起こしてほしい", "左のほほに青いあざ", "担任から電話", step, "職員A", "けがやあざ"):
        assert words in text, words
    questions = [q for part in page.context["parts"] for q in part.questions]
    assert len(questions) == len(standard_form().items())
    entry = json.loads(Event.objects.get(action="record_assessment").body)
    assert (entry["persons"], entry["detail"]["outcome"]) == ([AOI], "support")
    assert "あざ" not in json.dumps(entry, ensure_ascii=False)
    assert entry["detail"]["row"] == f"assessment.assessment:{Assessment.objects.get().pk}"
    last = json.loads(Event.objects.order_by("number").last().body)  # type: ignore[union-attr]
    assert (last["action"], last["object"], last["persons"]) == ("view", "assessment", [AOI])


def telling(client: Client, *pages: str) -> list[str]:
    """Where a page of this room holds the machine's level or its reason."""
    texts = {page: client.get(PAGE + page).content.decode() for page in pages}
    return [page for page, text in texts.items() for word in TELLING if word in text]


def test_the_level_is_nowhere_before_the_own_judgment(intake: Intake, as_role: AsRole) -> None:
    """An earlier assessment was concluded; whoever judges anew reads it, and not what the machine said."""
    intake(a_child())
    client = as_role()
    recorded(client)
    assert (
        client.post(f"{PAGE}1/conclude/", concluding(client, level="watch", override_reason="known_more")).status_code
        == 302
    )
    pages = ("", "draft/", "1/", "1/conclusion/")
    assert telling(client, *pages), "without a draft the level stands there"
    sent = filled(client)
    assert telling(client, *pages) == []
    late = client.post(f"{PAGE}1/conclude/", {"level": "watch", "voice": "followed"})
    saved = client.post(f"{PAGE}draft/save/", {**sent, "draft": 7})
    for answer in (late, saved, client.post(f"{PAGE}draft/record/", {**sent, "own_judgment": ""})):
        assert answer.status_code in (409, 422)
        assert not [word for word in TELLING if word in answer.content.decode()]
    assert "自分の見立てを記録するまで" in client.get(f"{PAGE}1/").content.decode()
    assert telling(as_role(Role.SUPERVISOR), "1/"), "a colleague who is not judging now reads on"
    assert client.post(f"{PAGE}draft/record/", sent).status_code == 302
    assert set(telling(client, "2/conclusion/")) == {"2/conclusion/"}


def test_control_with_the_guard_out_the_level_is_there(
    intake: Intake, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(a_child())
    client = as_role()
    recorded(client)
    client.post(f"{PAGE}1/conclude/", concluding(client))
    begun(client)
    monkeypatch.setattr(queries, "judges_first", lambda viewer, child: False)
    assert set(telling(client, "", "1/", "1/conclusion/")) == {"", "1/", "1/conclusion/"}


def test_a_city_may_choose_to_show_the_level_beside_the_questions(
    intake: Intake, as_role: AsRole, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    intake(a_child())
    client = as_role()
    begun(client)
    assert LEVEL not in client.get(f"{PAGE}draft/").content.decode()
    (tmp_path / "casework.toml").write_text("[assessment]\nown_judgment_first = false\n")
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, city=tmp_path))
    assert LEVEL in client.get(f"{PAGE}draft/").content.decode()


def test_beside_the_level_stand_the_gravest_answers_and_what_is_not_known(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client = as_role()
    grave = {"a-injury": "grave", "s-injury": "病院", "a-daily_care": "often", "s-daily_care": "学校", "a-home": "safe"}
    recorded(client, **grave)
    page = client.get(f"{PAGE}1/conclusion/")
    assert [q.id for q in page.context["gravest"]] == ["injury"]
    unknown = {q.id for q in page.context["not_known"]}
    assert unknown == {item.id for item in standard_form().items()} - {"injury", "daily_care", "home"}
    assert "骨折、やけど" in page.content.decode()


def test_what_differs_needs_a_coded_reason(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client = as_role()
    recorded(client)
    page = f"{PAGE}1/conclude/"
    answer = client.post(page, concluding(client, level="none"))
    assert answer.status_code == 422
    assert "override_reason" in answer.context["form"].errors
    assert client.post(page, concluding(client, level="none", override_reason="because")).status_code == 422
    assert client.post(page, concluding(client, level="none", override_reason="support_holds")).status_code == 302
    made = Conclusion.objects.get()
    assert (made.level, made.agrees, made.override_reason, made.machine_level) == (
        "none",
        False,
        "support_holds",
        LEVEL,
    )
    assert "今の支援で足りている" in client.get(f"{PAGE}1/").content.decode()


def test_going_along_with_both_needs_none_and_keeps_none(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client = as_role()
    recorded(client)
    assert client.post(f"{PAGE}1/conclude/", concluding(client, override_reason="together")).status_code == 302
    made = Conclusion.objects.get()
    assert (made.agrees, made.override_reason) == (True, "")


def test_a_changed_own_judgment_needs_a_reason_too(intake: Intake, as_role: AsRole) -> None:
    """The machine led the worker to its own level: that is counted as well."""
    intake(a_child())
    client = as_role()
    recorded(client, own_judgment="watch")
    assert client.post(f"{PAGE}1/conclude/", concluding(client, level="support")).status_code == 422
    sent = concluding(client, level="support", override_reason="reconsidered")
    assert client.post(f"{PAGE}1/conclude/", sent).status_code == 302
    assert Conclusion.objects.get().agrees is True


def test_the_childs_voice_is_part_of_each_conclusion(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client = as_role()
    recorded(client)
    page = f"{PAGE}1/conclude/"
    assert client.post(page, concluding(client, voice="")).status_code == 422
    assert client.post(page, concluding(client, voice="not_heard")).status_code == 422
    heard = concluding(client, voice="not_heard", voice_note="まだ会えていない")
    assert client.post(page, heard).status_code == 302
    assert "まだ会えていない" in client.get(f"{PAGE}1/").content.decode()


def test_the_guidance_centre_reads_the_conclusion_without_the_machine(
    intake: Intake, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A role that may not know levels is not told by agreement or reason either."""
    intake(a_child())
    client = as_role()
    recorded(client)
    client.post(f"{PAGE}1/conclude/", concluding(client, level="none", override_reason="support_holds"))
    shown = client.get(f"{PAGE}1/").context["concluded"]
    assert (shown.machine, shown.reason) == (LEVEL, "今の支援で足りている")
    monkeypatch.setattr(queries, "may", lambda *_, **__: False)
    hidden = client.get(f"{PAGE}1/")
    assert (hidden.context["concluded"].machine, hidden.context["concluded"].reason) == ("", "")
    assert "今の支援で足りている" not in hidden.content.decode()
    assert "権限により非表示" in hidden.content.decode()


def test_old_answers_stay_readable_when_the_form_is_gone(
    intake: Intake, as_role: AsRole, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    intake(a_child())
    forms = tmp_path / "forms"
    forms.mkdir()
    text = (CITY / "forms" / "first-visit.toml").read_text(encoding="utf-8")
    (forms / "first-visit.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, city=tmp_path))
    client = as_role()
    assert client.post(f"{PAGE}begin/", {"form": "first-visit"}).status_code == 302
    form = load_form(forms / "first-visit.toml")
    sent = {f"a-{item.id}": "unknown" for item in form.items()} | {"a-meals": "harm", "s-meals": "学校"}
    own = {"own_judgment": "unclear", "own_grounds": "まだ会えていない"}
    assert client.post(f"{PAGE}draft/record/", {**marks(client), **sent, **own}).status_code == 302
    before = client.get(f"{PAGE}1/").context["parts"]
    changed = (
        text.replace('ja = "食事"', 'ja = "朝の食事"')
        .replace('"2026.1"', '"2026.2"')
        .replace("足りず、体に", "毎日足りず、体に")
    )
    (forms / "first-visit.toml").write_text(changed, encoding="utf-8")
    assert client.get(f"{PAGE}1/").context["parts"] == before
    (forms / "first-visit.toml").unlink()
    page = client.get(f"{PAGE}1/")
    assert page.context["parts"] == before
    assert "足りず、体に表れている" in page.content.decode()
    refused = client.post(f"{PAGE}begin/", {"form": "first-visit"})
    assert refused.status_code == 422, "an empty folder offers no form, and says so"
    assert Draft.objects.count() == 0


def test_a_draft_is_kept_for_its_writer_only_and_goes_when_recorded(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client = as_role()
    sent = begun(client) | {"a-injury": "minor", "t-injury": "ひざのすり傷", "own_grounds": "途中まで"}
    assert client.post(f"{PAGE}draft/save/", sent).status_code == 302
    again = client.get(f"{PAGE}draft/")
    assert "ひざのすり傷" in again.content.decode()
    assert "途中まで" in again.content.decode()
    supervisor = as_role(Role.SUPERVISOR)
    assert supervisor.get(f"{PAGE}draft/").status_code == 302
    assert "ひざ" not in supervisor.get(PAGE).content.decode()
    assert client.post(f"{PAGE}draft/record/", {**marks(client), **all_unknown(), **sent_own()}).status_code == 302
    assert Draft.objects.count() == 0


def sent_own() -> dict[str, str]:
    return {"own_judgment": "watch", "own_grounds": "見守る"}


def test_a_draft_saved_in_another_window_is_not_overwritten(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client = as_role()
    first, second = begun(client), marks(client)
    assert client.post(f"{PAGE}draft/save/", {**first, "a-injury": "minor", "t-injury": "先の窓"}).status_code == 302
    for act in ("save", "record", "discard"):
        sent = {**second, **all_unknown(), **sent_own(), "t-injury": "後の窓", "sure": "yes"}
        late = client.post(f"{PAGE}draft/{act}/", sent)
        text = late.content.decode()
        assert late.status_code == 409, act
        assert "先の窓" in text, act
        assert "後の窓" in text, act
    assert Assessment.objects.count() == 0
    sent = {**late.context["own"].initial, **all_unknown(), "t-injury": "両方の窓"}
    assert client.post(f"{PAGE}draft/record/", sent).status_code == 302
    assert of_text(Assessment.objects.get().answers)["injury"].text == "両方の窓"


def test_discarding_is_asked_about_and_loses_nothing_typed(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client = as_role()
    begun(client)
    page = client.get(f"{PAGE}draft/").content.decode()
    assert "保存していない内容は、このページを離れると失われます" in page
    sent = {**marks(client), "t-injury": "ひざの\nすり傷", "own_grounds": "途中まで"}
    asked = client.post(f"{PAGE}draft/discard/", sent)
    assert asked.status_code == 200
    assert "取りやめますか" in asked.content.decode()
    assert Draft.objects.count() == 1
    carried = {name: str(value) for name, value in asked.context["typed"]}
    assert carried.items() >= {"t-injury": "ひざの\nすり傷", "own_grounds": "途中まで"}.items()
    assert client.post(f"{PAGE}draft/save/", carried).status_code == 302
    assert "途中まで" in client.get(f"{PAGE}draft/").content.decode()
    told = client.post(f"{PAGE}draft/discard/", {**marks(client), "sure": "yes"}, follow=True)
    assert "下書きを" in told.content.decode()
    assert Draft.objects.count() == 0


def test_somebody_who_was_slower_reads_both(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client, supervisor = as_role(), as_role(Role.SUPERVISOR)
    sent = filled(client, own_grounds="後の見立て")
    recorded(supervisor, own_grounds="先の見立て")
    late = client.post(f"{PAGE}draft/record/", sent)
    text = late.content.decode()
    assert late.status_code == 409
    assert "先の見立て" in text
    assert "後の見立て" in text
    assert LEVEL not in text
    again = {**late.context["own"].initial, **all_unknown()}
    assert client.post(f"{PAGE}draft/record/", again).status_code == 302
    assert list(Assessment.objects.order_by("number").values_list("number", "own_grounds")) == [
        (1, "先の見立て"),
        (2, "後の見立て"),
    ]


def test_a_second_click_is_harmless(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client = as_role()
    sent = filled(client)
    assert [client.post(f"{PAGE}draft/record/", sent).status_code for _ in range(2)] == [302, 302]
    assert Assessment.objects.count() == 1
    conclusion = concluding(client)
    assert [client.post(f"{PAGE}1/conclude/", conclusion).status_code for _ in range(2)] == [302, 302]
    assert Conclusion.objects.count() == 1
    assert Event.objects.filter(action__in=["record_assessment", "conclude_assessment"]).count() == 2


def test_who_concludes_second_reads_both(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client, supervisor = as_role(), as_role(Role.SUPERVISOR)
    recorded(client)
    slower = concluding(supervisor, note="後の結論")
    assert client.post(f"{PAGE}1/conclude/", concluding(client, note="先の結論")).status_code == 302
    late = supervisor.post(f"{PAGE}1/conclude/", slower)
    assert late.status_code == 409
    assert "先の結論" in late.content.decode()
    assert "後の結論" in late.content.decode()
    assert Conclusion.objects.count() == 1


def test_a_conclusion_sent_while_judging_anew_is_not_lost(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client = as_role()
    recorded(client)
    sent = concluding(client, note="先に開いた頁の結論")
    begun(client)
    late = client.post(f"{PAGE}1/conclude/", sent)
    assert late.status_code == 409
    assert "先に開いた頁の結論" in late.content.decode()
    assert LEVEL not in late.content.decode()
    assert Conclusion.objects.count() == 0


def test_a_new_run_is_shown_before_it_is_concluded(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client = as_role()
    recorded(client)
    sent = concluding(client, note="前の区分を見て")
    intake(a_child(level="見守り"), name="next")
    late = client.post(f"{PAGE}1/conclude/", sent)
    assert late.status_code == 422, "the level is another one now, and support no longer goes along with it"
    late = client.post(f"{PAGE}1/conclude/", {**sent, "override_reason": "known_more"})
    assert late.status_code == 409
    assert "見守り" in late.content.decode()
    assert "前の区分を見て" in late.content.decode()
    assert Conclusion.objects.count() == 0


def test_a_child_no_longer_noticed_is_concluded_beside_that(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client = as_role()
    recorded(client)
    intake(a_child("例田 ソラ", "レイタ ソラ", household="6"), name="next")
    assert client.post(f"{PAGE}1/conclude/", concluding(client)).status_code == 422
    assert client.post(f"{PAGE}1/conclude/", concluding(client, override_reason="graver")).status_code == 302
    made = Conclusion.objects.get()
    assert (made.machine_level, made.agrees) == ("", False)


def test_overrides_are_counted_and_small_counts_are_not_told(
    intake: Intake, as_role: AsRole, staff: Callable[..., Staff]
) -> None:
    people = [a_child(f"例川 {n}", "レイカワ", household=str(n)) for n in range(9)]
    intake(*people)
    client = as_role()
    version = recorded_for(client, people[0].person_id).form_version
    first = Assessment.objects.get()
    made = [first] + [
        Assessment.objects.create(
            child_id=person.person_id,
            number=1,
            form_version=version,
            answers="{}",
            own_judgment="none",
            own_grounds="x",
            form=uuid.uuid4(),
            by=staff(),
            at=first.at,
        )
        for person in people[1:]
    ]
    run = first.child.decisions.model._meta.get_field("run").related_model.objects.get(is_current=True)
    for place, one in enumerate(made):
        Conclusion.objects.create(
            assessment=one,
            level="none",
            machine_level=LEVEL,
            run=run,
            agrees=False,
            override_reason="known_more" if place < 5 else "graver",
            voice="followed",
            form=uuid.uuid4(),
            by=staff(),
            at=first.at,
        )
    page = as_role(Role.SUPERVISOR).get("/assessments/overrides/")
    told = dict(page.context["rows"])
    assert told["データにないことを知っている"] == 5
    assert [n for n in told.values() if n is not None] == [5], "four, and none at all, are told alike"
    assert page.content.decode().count("5件未満") == 7
    assert as_role().get("/assessments/overrides/").status_code == 403


def recorded_for(client: Client, person_id: str) -> Assessment:
    page = f"/children/{person_id}/assessments/"
    client.post(f"{page}begin/", {"form": "common-assessment"})
    own = dict(client.get(f"{page}draft/").context["own"].initial)
    assert client.post(f"{page}draft/record/", {**own, **all_unknown(), **sent_own()}).status_code == 302
    return Assessment.objects.latest("pk")


def test_the_database_changes_and_deletes_nothing_recorded(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client = as_role()
    recorded(client)
    client.post(f"{PAGE}1/conclude/", concluding(client))
    changes = ((Assessment, {"own_grounds": "x"}), (Conclusion, {"note": "x"}), (FormVersion, {"content": "{}"}))
    for model, change in changes:
        for act in (lambda rows, change=change: rows.update(**change), lambda rows, **_: rows.delete()):
            with pytest.raises((DatabaseError, Exception)) as caught, transaction.atomic():
                act(model.objects.all())
            assert "append-only" in str(caught.value) or "protected" in str(caught.value)


def test_a_conclusion_that_differs_without_a_reason_is_no_row(
    intake: Intake, as_role: AsRole, staff: Callable[..., Staff]
) -> None:
    intake(a_child())
    client = as_role()
    one = recorded(client)
    client.post(f"{PAGE}1/conclude/", concluding(client))
    made = Conclusion.objects.get()
    said = {f.attname: getattr(made, f.attname) for f in Conclusion._meta.fields if f.name != "id"}
    other = recorded(client, own_grounds="二度目")
    for wrong in ({"agrees": False}, {"voice": "weighed"}, {"level": "high"}, {"override_reason": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Conclusion.objects.create(**{**said, "assessment_id": other.pk, "form": uuid.uuid4(), **wrong})
    assert one.number + 1 == other.number


def test_the_case_goes_on_with_its_first_assessment(intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client = as_role()
    decided = {"outcome": "candidate", "seen": 0, "form": str(uuid.uuid4())}
    assert client.post(f"/children/{AOI}/decide/", decided).status_code == 302
    working = as_role(purpose=Purpose.CASE_SUPPORT)
    assessment = recorded(working)
    case = Case.objects.get()
    assert (assessment.case_id, case.stage) == (case.pk, "assessing")
    assert working.post(f"{PAGE}1/conclude/", concluding(working)).status_code == 302
    case.refresh_from_db()
    assert case.stage == "planning"
    recorded(working, own_grounds="二度目")
    case.refresh_from_db()
    assert case.stage == "planning", "a later assessment moves nothing"
    moves = [event.action for event in Event.objects.filter(object="case").order_by("number")]
    assert [move for move in moves if move in ("assess", "plan")] == ["assess", "plan"]


@pytest.mark.parametrize("page", ["", "draft/", "1/", "1/conclusion/"])
def test_no_page_needs_more_than_twelve_queries(page: str, intake: Intake, as_role: AsRole) -> None:
    intake(a_child())
    client = as_role()
    for _ in range(3):
        recorded(client)
    begun(client)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(PAGE + page).status_code == 200
    assert len(counted(asked)) <= 12
