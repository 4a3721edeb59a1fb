"""Copies of a plan: the text comes out as it was written, and the guardian's copy tells nothing of what is left out."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from django.conf import settings
from django.test import Client
from planned import AOI, SUPPORT, a_case, a_sheet, a_step, drafted, text_of

from builders import a_child
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.plans import copies, pdf
from tsunagu_web.plans.models import SupportPlan
from tsunagu_web.plans.ruby import fixed, of_name, plain

CHILD_GOAL = "ママに怒られないで朝を過ごす"


@pytest.fixture
def lead(intake: Callable[..., object], staff: Callable[..., Staff], as_role: Callable[..., Client]) -> Client:
    intake(a_child("髙﨑 邉", "タカサキ ホトリ"), a_child())
    a_case(staff())
    return as_role(**SUPPORT)


def said(client: Client, page: str, reader: str) -> str:
    answer = client.get(f"{page}pdf/{reader}/")
    assert answer.status_code == 200, answer
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/pdf"
    return text_of(answer.content)


def without_blanks(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("reader", ["child", "guardian"])
def test_every_sentence_comes_out_as_it_reads(lead: Client, reader: str) -> None:
    page = drafted(lead)
    text = said(lead, page, reader)
    wording = copies.wording()[reader]
    for line in (wording["title"], wording["draft"], *wording["intro"], *wording["closing"], wording["review"]):
        assert plain(fixed(line)) in text
    for written in ("朝、起きられるようになる", "週に一度、家のことを手伝う", "毎週火曜日", "例川 あおい"):
        assert written in text
    assert "2026年11月 1日 から 2027年4月30日 まで" in text
    assert "けいかく" not in text, "a reading stands in no sentence"


@pytest.mark.parametrize("reader", ["child", "guardian"])
def test_the_family_reads_where_to_call(
    reader: str, lead: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = drafted(lead)
    assert "電話" not in said(lead, page, reader), "where the city gives none, no empty line stands"
    (tmp_path / "casework.toml").write_text('[office]\ntelephone = "0000-00-0000"\n', encoding="utf-8")
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, city=tmp_path))
    assert "職員A電話0000-00-0000" in without_blanks(said(lead, page, reader))


def test_control_readings_set_as_text_would_break_the_sentences(lead: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page = drafted(lead)
    monkeypatch.setattr(pdf, "_under", lambda _font, text, reading: f"{text}{reading}")
    text = said(lead, page, "child")
    assert plain(fixed(copies.wording()["child"]["intro"][0])) not in text


def test_the_readings_are_drawn_above_the_words(lead: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page = drafted(lead)
    drawn: list[str] = []
    outlines = pdf.Font.drawn
    monkeypatch.setattr(pdf.Font, "drawn", lambda font, text: drawn.append(text) or outlines(font, text))
    said(lead, page, "child")
    assert {"けいかく", "れいかわ", "ついたち", "はつか", "おうえん"} <= set(drawn)
    assert "あおい" not in drawn, "what is written in kana needs no reading"


def test_free_text_gets_no_reading_by_guess() -> None:
    assert all(not part.reading for part in copies.free("学校に{行|い}きたい"))


def test_a_name_is_read_as_recorded() -> None:
    assert [(p.text, p.reading) for p in of_name("髙﨑 邉", "タカサキ ホトリ")] == [
        ("髙﨑", "たかさき"),
        (" ", ""),
        ("邉", "ほとり"),
    ]
    assert [p.reading for p in of_name("例川あおい", "レイカワ アオイ")] == ["れいかわ あおい"]
    assert [p.reading for p in of_name("例川 あおい", "")] == [""]


def test_the_same_copy_gives_the_same_bytes(lead: Client) -> None:
    page = drafted(lead)
    assert lead.get(f"{page}pdf/child/").content == lead.get(f"{page}pdf/child/").content


def test_a_copy_is_tagged_with_its_language_title_and_font(lead: Client) -> None:
    page = drafted(lead)
    made = pypdf.PdfReader(io.BytesIO(lead.get(f"{page}pdf/child/").content))
    root = made.trailer["/Root"]
    assert root["/Lang"] == "ja"
    assert root["/MarkInfo"]["/Marked"]
    assert made.metadata is not None
    assert made.metadata.title == "あなたの サポートプラン"
    fonts = {str(f.get_object()["/BaseFont"]) for f in made.pages[0]["/Resources"]["/Font"].values()}
    assert fonts
    assert all("copy" in name for name in fonts), "the whole font is in it, and no other one took its place"


def test_the_guardians_copy_leaves_out_what_the_child_said(lead: Client) -> None:
    goals = [{"text": "朝、起きられる", "words_of": "together"}, {"text": CHILD_GOAL, "words_of": "child"}]
    page = drafted(lead, goals=goals)
    guardian, child, file = (said(lead, page, reader) for reader in ("guardian", "child", "file"))
    for words in ("学校に行きたいけど、朝がつらい", CHILD_GOAL):
        assert without_blanks(words) not in without_blanks(guardian)
        assert without_blanks(words) in without_blanks(child)
        assert without_blanks(words) in without_blanks(file)
    assert "夜の仕事を減らしたい" in guardian
    assert "夜の仕事を減らしたい" not in child, "nor does the child read what the guardian said"


def test_the_guardians_copy_holds_it_where_the_child_agrees(lead: Client) -> None:
    goals = [{"text": CHILD_GOAL, "words_of": "child"}]
    page = drafted(lead, goals=goals, may_be_shown_to_guardian="on")
    guardian = said(lead, page, "guardian")
    assert "学校に行きたいけど、朝がつらい" in guardian
    assert CHILD_GOAL in guardian


@pytest.mark.parametrize(
    "agreement", [{}, {"agreement": "partly", "agreed_by": "the_child", "agreed_on": "2026-11-02"}]
)
def test_nothing_in_it_tells_that_something_is_left_out(lead: Client, agreement: dict[str, str]) -> None:
    """Byte by byte the copy of a plan in which the child said nothing, with as many versions and goals in between."""
    goal = {"text": "朝、起きられる", "words_of": "together"}
    page = drafted(lead, goals=[goal], child_words="")
    silent = lead.get(f"{page}pdf/guardian/").content
    more = [{"text": CHILD_GOAL, "words_of": "child"}, goal]
    assert lead.post(f"{page}edit/", a_sheet(seen=1, goals=more, **agreement)).status_code == 302
    assert SupportPlan.objects.get().version == 2
    assert lead.get(f"{page}pdf/guardian/").content == silent
    assert lead.post(f"{page}edit/", a_sheet(seen=2, goals=more, may_be_shown_to_guardian="on")).status_code == 302
    assert lead.get(f"{page}pdf/guardian/").content != silent, "the control: shown, it does differ"


def test_no_copy_holds_address_level_or_reason(lead: Client) -> None:
    page = drafted(lead)
    child = SupportPlan.objects.get().child
    for reader in copies.READERS:
        text = without_blanks(said(lead, page, reader))
        for never in ("瑞野市若葉", "5丁目", child.level, "予防的", "欠席"):
            assert never not in text, (reader, never)


def test_a_copy_is_recorded_as_an_export_before_it_leaves(lead: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page = drafted(lead)
    answer = lead.get(f"{page}pdf/guardian/")
    entry = json.loads(Event.objects.order_by("number").last().body)  # type: ignore[union-attr]
    assert (entry["action"], entry["object"], entry["persons"]) == ("export", "plan", [AOI])
    assert entry["detail"]["copy"] == "guardian"
    number = SupportPlan.objects.get().pk
    assert answer.headers["Content-Disposition"] == f'attachment; filename="support-plan-{number}-guardian.pdf"'

    def broken(*_row: object, **_fields: object) -> None:
        from tsunagu_web.audit.services import NotRecorded

        raise NotRecorded("full")

    monkeypatch.setattr("tsunagu_web.audit.looks.append_now", broken)
    refused = lead.get(f"{page}pdf/guardian/")
    assert refused.status_code == 503
    assert b"%PDF" not in refused.content


def test_a_draft_says_so_until_it_is_approved(lead: Client, as_role: Callable[..., Client]) -> None:
    page = drafted(lead)
    assert "まだ 決まっていません" in said(lead, page, "child")
    lead.post(f"{page}submit/", a_step(1))
    as_role(Role.SUPERVISOR, **SUPPORT).post(f"{page}approve/", a_step(2))
    assert "まだ 決まっていません" not in said(lead, page, "child")


def test_without_pango_the_page_says_what_is_missing(lead: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page = drafted(lead)
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    before = Event.objects.filter(action="export").count()
    answer = lead.get(f"{page}pdf/child/")
    assert answer.status_code == 503
    assert "Pango" in answer.content.decode()
    assert Event.objects.filter(action="export").count() == before, "what did not leave is not called handed out"


def test_without_a_font_no_empty_boxes_are_printed(
    lead: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = drafted(lead)
    monkeypatch.setattr(pdf, "_FOLDERS", (str(tmp_path),))
    answer = lead.get(f"{page}pdf/child/")
    assert answer.status_code == 503
    assert "フォントが見つかりません" in answer.content.decode()


def test_a_sign_without_a_glyph_is_said_and_not_printed(lead: Client) -> None:
    page = drafted(lead, child_words="\U0010fffd と書いた")
    answer = lead.get(f"{page}pdf/child/")
    assert answer.status_code == 503
    assert "字形のない文字" in answer.content.decode()


def test_text_cannot_reach_for_anything(lead: Client) -> None:
    """What people write is text: no tag in it is one, and the copy asks nothing of disk or network."""
    words = '<img src="file:///etc/hostname"> <link rel="attachment" href="file:///etc/hostname"> {計画|x}'
    page = drafted(lead, child_words=words)
    answer = lead.get(f"{page}pdf/child/")
    assert without_blanks(words) in without_blanks(text_of(answer.content))
    assert pypdf.PdfReader(io.BytesIO(answer.content)).attachments == {}


def test_an_unknown_copy_is_not_there(lead: Client) -> None:
    assert lead.get(f"{drafted(lead)}pdf/neighbour/").status_code == 404


@pytest.mark.parametrize("role", [Role.SCHOOL_SOCIAL_WORKER, Role.PUBLIC_HEALTH_NURSE, Role.PARTNER])
def test_who_may_not_take_a_copy(lead: Client, as_role: Callable[..., Client], role: Role) -> None:
    page = drafted(lead)
    assert as_role(role, **SUPPORT).get(f"{page}pdf/child/").status_code == 403


def test_the_wording_has_a_reading_above_every_kanji() -> None:
    kanji = re.compile(r"[一-鿿々]")
    lines = re.findall(r'"([^"]*)"', Path(copies.__file__).with_name("wording.toml").read_text(encoding="utf-8"))
    assert len(lines) > 60
    for line in lines:
        for part in fixed(line):
            assert part.reading or not kanji.search(part.text), line
            assert re.fullmatch(r"[ぁ-んー]*", part.reading), line


def test_where_fonts_are_looked_for_there_is_one() -> None:
    assert pdf._font_file() is not None, "install fonts-ipaexfont-gothic (.ci/system-packages)"
    assert settings.LOGGING["loggers"]["weasyprint"]["propagate"] is False
