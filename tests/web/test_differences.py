"""What changed between versions of a note or a plan: readable in Japanese, and read as the note or plan itself is."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from planned import AOI, SUPPORT, a_case, a_sheet, drafted
from test_notes import a_note

from builders import a_child
from tsunagu_web.access.terms import Label, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases import differences
from tsunagu_web.cases.differences import ADDED, GONE, SAME, pieces_of
from tsunagu_web.notes.models import Note

PAGE = f"/children/{AOI}/notes/"
TEXT = st.text(alphabet="例川田母父朝夜がはをに。、\n1２aカナ", max_size=60)
Browser, People = Callable[..., Client], Callable[..., Staff]


def drawn(before: str, after: str) -> str:
    """As a line: what is gone in [-…-], what was added in {+…+}."""
    marks = {SAME: "%s", GONE: "[-%s-]", ADDED: "{+%s+}"}
    return "".join(marks[piece.kind] % piece.text for piece in pieces_of(before, after))


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("母と電話で話した。", "母と電話で話した。", "母と電話で話した。"),
        ("", "父が来た。", "{+父が来た。+}"),
        ("父が来た。", "", "[-父が来た。-]"),
        ("母と電話で話した。", "母と学校で話した。", "母と[-電話-]{+学校+}で話した。"),
        ("来週、家を訪ねる。", "来週の火曜日、家を訪ねる。", "来週{+の火曜日+}、家を訪ねる。"),
        ("3日休んだ。", "5日休んだ。", "[-3-]{+5+}日休んだ。"),
        ("一つ目。二つ目。", "一つ目。間の文。二つ目。", "一つ目。{+間の文。+}二つ目。"),
        ("朝は元気だった。", "夜は不安そうだった。", "[-朝は元気だった-]{+夜は不安そうだった+}。"),
    ],
    ids=["nothing", "all new", "all gone", "a word", "a part", "a number", "a sentence", "no confetti"],
)
def test_a_reader_sees_words_and_no_confetti(before: str, after: str, line: str) -> None:
    assert drawn(before, after) == line


def test_control_sign_by_sign_it_is_confetti(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differences, "_ISLAND", 0)
    assert drawn("朝は元気だった。", "夜は不安そうだった。") == "[-朝-]{+夜+}は[-元気だった-]{+不安そうだった+}。"


@given(TEXT, TEXT)
@settings(max_examples=200, deadline=None)
def test_the_pieces_give_both_versions(before: str, after: str) -> None:
    pieces = pieces_of(before, after)
    assert "".join(p.text for p in pieces if p.kind != ADDED) == before
    assert "".join(p.text for p in pieces if p.kind != GONE) == after


def test_the_longest_notes_are_compared_in_a_moment() -> None:
    began = time.perf_counter()
    pieces_of("あ1" * 4_000, "1あ" * 3_999 + "。")
    pieces_of("\n".join("あ1" for _ in range(2_600)), "\n".join("1あ" for _ in range(2_600)))
    assert time.perf_counter() - began < 5, "seconds, on a busy machine"


@pytest.fixture
def note(intake: Browser, as_role: Browser) -> Note:
    intake(a_child())
    client = as_role()
    client.post(f"{PAGE}write/", a_note("母と電話で話した。"))
    note = Note.objects.get()
    client.post(f"{PAGE}{note.pk}/edit/", a_note("母と学校で話した。", seen=1))
    return note


def test_who_may_not_read_the_note_compares_nothing(note: Note, as_role: Browser) -> None:
    assert as_role(Role.VICE_PRINCIPAL).get(f"{PAGE}{note.pk}/?changes=2").status_code == 403


def test_a_note_s_version_is_compared_and_the_look_is_recorded(note: Note, as_role: Browser) -> None:
    client = as_role()
    assert f"{PAGE}{note.pk}/?changes=2#changes" in client.get(f"{PAGE}{note.pk}/").content.decode()
    text = client.get(f"{PAGE}{note.pk}/?changes=2").content.decode()
    assert (
        '<del><span class="hidden">削除ここから： </span>電話<span class="hidden"> 削除ここまで。</span></del>' in text
    )
    assert (
        '<ins><span class="hidden">追加ここから： </span>学校<span class="hidden"> 追加ここまで。</span></ins>' in text
    )
    entry = json.loads(Event.objects.latest("number").body)
    assert (entry["action"], entry["detail"]) == ("view", {"number": note.pk, "version": 2})
    assert "学校" not in json.dumps(entry, ensure_ascii=False)


@pytest.mark.parametrize("asked", ["1", "3", "x", "-1", "２"])
def test_a_version_that_is_not_there_is_not_found(asked: str, note: Note, as_role: Browser) -> None:
    assert as_role().get(f"{PAGE}{note.pk}/?changes={asked}").status_code == 404


def test_a_version_above_the_label_is_told_as_hidden(intake: Browser, as_role: Browser) -> None:
    intake(a_child())
    as_role().post(f"{PAGE}write/", a_note("性的な被害の訴えがあった。", Label.SENSITIVE))
    note = Note.objects.get()
    boss = as_role(Role.SUPERVISOR)
    boss.post(f"{PAGE}{note.pk}/edit/", a_note("学校と話した。", Label.INTERNAL, seen=1))
    text = as_role(Role.PUBLIC_HEALTH_NURSE).get(f"{PAGE}{note.pk}/?changes=2").content.decode()
    assert "前の版：権限により非表示" in text
    assert "性的" not in text
    assert "性的" in boss.get(f"{PAGE}{note.pk}/?changes=2").content.decode(), "the control: it is there"


def test_a_plan_s_version_is_compared_field_by_field(intake: Browser, as_role: Browser, staff: People) -> None:
    intake(a_child())
    a_case(staff())
    client = as_role(**SUPPORT)
    page = drafted(client)
    changed = a_sheet(seen=1, child_words="学校に行きたいけど、夜がつらい", may_be_shown_to_guardian="on")
    assert client.post(f"{page}edit/", changed).status_code == 302
    assert f"{page}versions/2/?changes#changes" in client.get(page).content.decode()
    answer = client.get(f"{page}versions/2/?changes")
    fields = {str(one.name): one.is_changed for one in answer.context["changes"]}
    changed_ones = [name for name, is_changed in fields.items() if is_changed]
    assert len(fields) == 8
    assert changed_ones == ["こどもの言葉（話したとおり）", "保護者用の写しに言葉を載せてよいと、こどもが言っている"]
    text = answer.content.decode()
    assert "朝<span" in text
    assert "夜<span" in text
    assert "変わっていません。" in text
    assert json.loads(Event.objects.latest("number").body)["detail"]["version"] == 2
    assert client.get(f"{page}versions/1/?changes").context["changes"] is None, "nothing stood before it"
    assert as_role(Role.VICE_PRINCIPAL).get(f"{page}versions/2/?changes").status_code == 403
