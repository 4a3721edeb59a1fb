"""Papers from the one entry: nothing is typed again, nobody sealed and no third party leaves, each is on record."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from planned import text_of
from test_guidance_centre_notification import (  # noqa: F401  # fixtures
    AOI,
    NOTIFIER,
    SORA,
    centre,
    met,
    recorded,
    seen_today,
    stepped,
    supervisor,
    worker,
)
from test_guidance_centre_urgency import own_view, sheet_recorded
from test_protection import begun, heard

from builders import a_child, a_household, a_run
from tsunagu.guidance.load_sheet import standard_sheet
from tsunagu.runs.crypt import create_key, read_key
from tsunagu.runs.folder import open_run
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.addresses.queries import Hidden, Shown
from tsunagu_web.audit.models import Event
from tsunagu_web.guidance_centre import papers
from tsunagu_web.intake.services import take_in
from two_worlds import HIDDEN, a_list, two_worlds, undone

ONE = f"/children/{AOI}/notifications/1/"
KINDS = ("receipt", "investigation", "handover")
PAPERS = {kind: f"{ONE}papers/{kind}/" for kind in KINDS} | {"warrant": f"/children/{AOI}/protection/1/warrant/"}
LEAVING = ("handover", "warrant")
THIRD, PLACE = "例沢さん", "瑞野市若葉五丁目"
Browser = Callable[..., Client]


@pytest.fixture
def told(worker: Client, supervisor: Client, staff: Callable[..., Staff]) -> Client:  # noqa: F811
    """A desk where everything happened: a sheet, a view, a meeting, a sight, the child's view, a protection."""
    everything(worker, supervisor, staff())
    return worker


def everything(worker: Client, supervisor: Client, by: Staff, **changes: str) -> None:  # noqa: F811
    said = {"place": PLACE, "child_name": "あおい", "child_age": "10歳くらい"}
    one = recorded(worker, **{**said, **changes})
    sheet_recorded(worker, "unknown")
    own_view(worker)
    stepped(worker, one, "decide_urgency", "begin_check")
    seen_today(AOI, by)
    heard(worker, words=f"夜がこわい。{THIRD}の家に行った")
    met(worker, supervisor, one, "send", known=f"{THIRD}も毎晩聞いた")
    begun(worker, reason=f"{THIRD}の前でも続く")


def said(client: Client, kind: str) -> str:
    answer = client.get(PAPERS[kind])
    assert answer.status_code == 200, answer.content.decode()
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    return without_blanks(text_of(answer.content))


def without_blanks(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.LEAD_WORKER, Role.SUPERVISOR)])
def test_who_may_not(role: str, told: Client, as_role: Browser) -> None:
    client = as_role(role)
    assert {client.get(path).status_code for path in PAPERS.values()} == {403}


def test_under_another_purpose_or_for_another_teams_child_there_is_none(told: Client, as_role: Browser) -> None:
    assert {as_role(purpose="case_support").get(path).status_code for path in PAPERS.values()} == {403}
    client = as_role(purpose="protection")
    assert {client.get(path.replace(AOI, SORA)).status_code for path in PAPERS.values()} == {404}
    unknown = (f"{ONE}papers/estimate/", f"{ONE.replace('/1/', '/9/')}papers/receipt/")
    assert {client.get(path).status_code for path in (*unknown, f"/children/{AOI}/protection/9/warrant/")} == {404}
    assert not Event.objects.filter(action="export").exists()


def test_what_was_entered_once_stands_in_every_paper(told: Client) -> None:
    title = {"receipt": "虐待相談・通告受付票", "investigation": "調査事項の一覧", "handover": "送致書"}
    for kind in PAPERS:
        text = said(told, kind)
        assert title.get(kind, "一時保護状請求書") in text
        for written in ("例川あおい", "毎晩聞いた", "元気に話した", "家庭の様子がまだわからない", "ほかの機関へ送る"):
            assert written in text or (kind == "receipt" and written == "例川あおい"), (kind, written)
    for kind in ("receipt", *LEAVING):
        assert "夜に泣き声が続いている" in said(told, kind)
    for kind in LEAVING:
        assert "夜がこわい" in said(told, kind), "the child's own view"
    warrant = said(told, "warrant")
    for written in ("の前でも続く", "一時保護所", "親権者等の意に反する", "緊急度の見立て第1版", "受理会議の記録第1回"):
        assert written in warrant
    assert "職員A" in said(told, "receipt")


def test_the_notifier_is_in_none_and_third_parties_leave_with_none(told: Client) -> None:
    for kind in PAPERS:
        text = said(told, kind)
        for never in (NOTIFIER, NOTIFIER.replace(" ", ""), "090-0000-0000"):
            assert never not in text
        if kind in LEAVING:
            assert THIRD not in text
            assert "例沢" not in text
            assert "（第三者）" in text
            assert "近隣・知人" not in text, "from whom it came can tell who it was"
        else:
            assert f"【{THIRD}】" in text
            assert "外に渡さないでください" in text


def test_no_paper_carries_an_estimate_similar_cases_or_what_the_rules_come_to(told: Client) -> None:
    for kind in PAPERS:
        text = said(told, kind)
        for never in ("見立ての参考", "似た過去", "下限", "答えから出ること", "点数", "%", "％", "確率"):
            assert never not in text, (kind, never)


def test_where_an_address_is_hidden_the_place_is_left_out(told: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "address_now", lambda _child: Shown("瑞野市若葉五丁目12番地の4", ()))
    assert {kind for kind in PAPERS if PLACE in said(told, kind)} == {"receipt", "handover", "warrant"}
    assert "12番地" not in said(told, "warrant"), "no address of the register stands in a paper"
    monkeypatch.setattr(papers, "address_now", lambda _child: Hidden())
    assert {kind for kind in PAPERS if PLACE in said(told, kind)} == set()


def test_the_list_names_what_the_sheet_leaves_open(told: Client) -> None:
    text = said(told, "investigation")
    titles = {q.id: without_blanks(q.words.ja) for q in standard_sheet().questions}
    assert all(title in text for title in titles.values()), "everything was answered as not known"
    sheet_recorded(told, "absent", injury="1")
    own_view(told)
    assert titles["injury"] not in said(told, "investigation")


def test_what_is_open_and_the_class_wait_for_the_own_view(told: Client, supervisor: Client) -> None:  # noqa: F811
    answer = supervisor.get(PAPERS["investigation"])
    assert answer.status_code == 409
    assert "見立てへの自分の見方を記録してから" in answer.content.decode()
    titles = [q.words.ja for q in standard_sheet().questions]
    assert [title for title in titles if title in answer.content.decode()] == []
    assert not Event.objects.filter(action="export").exists()
    decided = standard_sheet().by_class["AA"].name.ja
    assert without_blanks(f"緊急度{decided}") in said(told, "receipt")
    assert without_blanks(f"緊急度{decided}") not in said(supervisor, "receipt")


def test_what_nobody_wrote_yet_is_an_empty_field(worker: Client) -> None:  # noqa: F811
    recorded(worker)
    for kind in KINDS:
        text = said(worker, kind)
        for never in ("なし", "ありません", "None", "言わなかった", "まだ開いていません"):
            assert never not in text, (kind, never)
        assert "受理会議" in text
    assert "送ると決めた受理会議が、まだ確認されていません" in said(worker, "handover")


def test_a_hand_over_that_a_confirmed_meeting_decided_is_no_draft(told: Client) -> None:
    assert "下書き" not in said(told, "handover")


def test_without_a_notification_the_request_says_so(worker: Client) -> None:  # noqa: F811
    heard(worker)
    begun(worker)
    answer = worker.get(PAPERS["warrant"])
    assert answer.status_code == 409
    assert "先に通告を記録してください" in answer.content.decode()


def test_each_print_is_on_record_before_it_leaves(told: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    to = {"receipt": "own_office", "investigation": "own_office", "handover": "other_office", "warrant": "court"}
    for kind in PAPERS:
        version = re.findall(r"版([\d-]+)", said(told, kind))
        entry = json.loads(Event.objects.order_by("number").last().body)  # type: ignore[union-attr]
        thing = "protection" if kind == "warrant" else "notification"
        assert (entry["action"], entry["object"], entry["persons"]) == ("export", thing, [AOI])
        detail = entry["detail"]
        assert version[-1].startswith(detail["version"]), "the paper is found again in the log"
        assert (detail["copy"], detail["to"], detail["number"]) == (kind, to[kind], 1)
        assert "例川" not in json.dumps(entry, ensure_ascii=False)

    def broken(*_row: object, **_fields: object) -> None:
        from tsunagu_web.audit.services import NotRecorded

        raise NotRecorded("full")

    monkeypatch.setattr("tsunagu_web.audit.looks.append_now", broken)
    for path in PAPERS.values():
        refused = told.get(path)
        assert refused.status_code == 503
        assert b"%PDF" not in refused.content


def test_the_same_entry_gives_the_same_paper(told: Client) -> None:
    for path in PAPERS.values():
        assert told.get(path).content == told.get(path).content


def test_the_pages_link_to_every_paper(told: Client) -> None:
    page, protection = told.get(ONE).content.decode(), told.get(f"/children/{AOI}/protection/").content.decode()
    assert [path for path in PAPERS.values() if path not in page + protection] == []


def test_where_no_pdf_can_be_made_the_page_says_so(told: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    for path in PAPERS.values():
        answer = told.get(path)
        assert (answer.status_code, "Pango" in answer.content.decode()) == (503, True)
    assert not Event.objects.filter(action="export").exists()


# Two worlds.


@pytest.fixture
def in_a_world(
    desk: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_role: Browser, staff: Callable[..., Staff]
) -> Callable[..., dict[str, str]]:
    """Every paper in a world with this hidden address and this notifier; both stand in what was typed of them."""
    create_key(tmp_path / "address.key")
    told = replace(settings.ENVIRONMENT, address_key=tmp_path / "address.key", suppression_list=tmp_path / "list.csv")
    monkeypatch.setattr(settings, "ENVIRONMENT", told)
    key, numbers = read_key(tmp_path / "address.key"), iter(range(9))

    def of(address: str, notifier: str) -> dict[str, str]:
        with undone():
            aoi, mother = (replace(one, address=address) for one in a_household(a_child()))
            run = a_run(tmp_path / f"run{next(numbers)}", aoi, mother, key=tmp_path / "run.key", address_key=key)
            take_in(open_run(run), read_key(tmp_path / "run.key"), address_key=key)
            a_list(tmp_path / "list.csv", (mother.resident_no, ""))
            client, boss = as_role(purpose="protection"), as_role(Role.SUPERVISOR, purpose="protection")
            everything(client, boss, staff(), place=address, notifier_name=notifier, notifier_contact=address)
            return {kind: _MOMENT.sub("", said(client, kind)) for kind in PAPERS}

    return of


_MOMENT = re.compile(r"\d{1,2}:\d{2}")
PEOPLE = ("例丘太郎", "例谷花")


def test_a_hidden_address_and_the_notifier_make_no_paper_another(in_a_world: Callable[..., dict[str, str]]) -> None:
    people: Iterator[str] = iter(PEOPLE)
    first, second = two_worlds(lambda address: in_a_world(address, next(people)))
    assert first == second
    for text in first.values():
        assert [word for word in (*HIDDEN, *PEOPLE) if without_blanks(word) in text] == []
        assert "元気に話した" in text


def test_control_without_the_guard_the_place_is_seen(
    in_a_world: Callable[..., dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tsunagu_web.addresses.in_force_now.InForceNow.hides", lambda _self, _person: False)
    first, second = two_worlds(lambda address: in_a_world(address, PEOPLE[0]))
    assert first != second
    assert without_blanks(HIDDEN[0]) in first["receipt"]
