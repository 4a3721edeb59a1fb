"""Beside the floor: similar cases in two tables and the estimate; after the own view, counted, and never a share."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from test_guidance_centre_notification import AOI, centre, recorded, worker  # noqa: F401  # fixtures
from test_guidance_centre_urgency import PAGE, own_view, sheet_recorded

from learnt import SHEET, an_estimate
from tsunagu.errors import SourceError, StateError
from tsunagu.estimates.card import save_estimate
from tsunagu.estimates.estimate import CAUSES as SILENCES
from tsunagu.estimates.estimate import Statement, as_text
from tsunagu.estimates.steps import Steps
from tsunagu.records.guidance_tables import CASE_ANSWERS, CASES, DECISIONS, OUTCOMES
from tsunagu.similar_cases.similar import CAUSES
from tsunagu.simulated_cases import write_simulated_cases
from tsunagu_web.access.terms import Role
from tsunagu_web.audit.models import Event
from tsunagu_web.environment import read_environment
from tsunagu_web.guidance_centre import beside_floor, own_past
from tsunagu_web.guidance_centre.beside_views import blocks_of
from tsunagu_web.guidance_centre.beside_words import NOT_SIMILAR, SILENT, estimate_words, step_words
from tsunagu_web.serving.management.commands import serve

Browser = Callable[..., Client]
CARD = "/notifications/estimate/"
SHARES = re.compile(r"[0-9０-９][ \u00a0]*[%％]|パーセント|percent|割合が[0-9]|[0-9]割|確率|スコア|点数")


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An estimate as it is kept, switched on, and a folder of 800 cases of several centres."""
    home = tmp_path_factory.mktemp("learnt")
    save_estimate(an_estimate(), home / "estimate")
    (home / "estimate" / "switch").write_text("on\n", encoding="utf-8")
    write_simulated_cases(home / "cases", 1_500, 4)
    return home


@pytest.fixture
def told(worker: Client) -> Client:  # noqa: F811  # the fixture
    """A desk with a notification, and the browser of who took it."""
    recorded(worker)
    return worker


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Gives the desk a folder of past cases, an estimate, or another centre."""

    def give(**told_of: object) -> None:
        own_past._cases.clear()
        own_past._speaks.clear()
        with_these = replace(
            settings.ENVIRONMENT, **{"centre": "north", "past_cases": None, "estimate": None, **told_of}
        )
        monkeypatch.setattr(settings, "ENVIRONMENT", with_these)

    yield give
    own_past._cases.clear()
    own_past._speaks.clear()


@pytest.fixture
def both(given: Callable[..., None], learnt: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A desk with both, as if so many sheets had been answered that no shift is seen."""
    monkeypatch.setattr(beside_floor, "drift_of", lambda _estimate, _points: 0.0)
    given(past_cases=learnt / "cases", estimate=learnt / "estimate")
    return given


def seen(client: Client, state: str = "absent", **signs: str) -> HttpResponse:
    """The page once sheet and own view are recorded."""
    sheet_recorded(client, state, **signs)
    own_view(client)
    return client.get(PAGE)


def of(page: HttpResponse, id: str) -> str:
    """One card of the page."""
    found = re.search(
        rf'<section class="card beside-floor" aria-labelledby="{id}">.*?</section>', page.content.decode(), re.DOTALL
    )
    return found.group(0) if found else ""


def protected_39_of_100(folder: Path) -> Path:
    """A hundred past cases that are alike, of whom 39 were protected."""
    folder.mkdir()
    ids = [f"p{place:03d}" for place in range(100)]
    about = {
        "centre": "north", "received_on": dt.date(2024, 6, 3), "abuse": "psychological",
        "also": None, "age_years": 8, "complexity": 1, "notifier": "school", "sex": None, "nationality": None,
        "disability": None, "welfare": None, "entry_minutes": None,
    }  # fmt: skip
    answer = {"entered_by": 1, "state": "absent", "grade": None, "extent": None, "sites": None}
    home = ids[39:]
    rows = {
        CASES: [{"case_id": id, **about} for id in ids],
        CASE_ANSWERS: [{"case_id": id, "question": one.id, **answer} for id in ids for one in SHEET.questions],
        DECISIONS: [
            {"case_id": id, "decided": "home" if id in home else "protected", "support": False, "experience": "novice"}
            for id in ids
        ],
        OUTCOMES: [
            {"case_id": id, "followed_months": 12, "re_report_month": None, "severe_harm_month": None} for id in home
        ],
    }
    for shape, given_rows in rows.items():
        pq.write_table(pa.Table.from_pylist(given_rows, schema=shape.schema), folder / f"{shape.name}.parquet")
    return folder


# Never a past decision as a risk.


def test_39_percent_cannot_be_displayed(told: Client, given: Callable[..., None], tmp_path: Path) -> None:
    given(past_cases=protected_39_of_100(tmp_path / "cases"))
    page = seen(told)
    card = of(page, "similar")
    decided = card[card.index("この児童相談所が決めたこと") :]
    assert re.search(r'<th scope="row">一時保護した</th><td data-label="100件のうち">39</td>', decided)
    assert "100件のうち" in decided
    assert "これまでの仕事のしかた" in decided
    for lang in ("ja", "en"):
        told.cookies["django_language"] = lang
        text = told.get(PAGE).content.decode()
        assert not SHARES.search(text)
        assert not re.search(r"39\s*[/／]\s*100|0\.39|39 in 100|39 of 100", text)


def test_no_share_stands_on_the_page_of_a_real_folder(told: Client, both: Callable[..., None]) -> None:
    for signs in ({}, {"fear": "1"}, {"past_reports": "2", "refuses_help": "1"}):
        page = seen(told, **signs)
        assert of(page, "similar")
        assert of(page, "estimate")
        assert not SHARES.search(page.content.decode())


# People say first.


def test_neither_is_in_what_the_page_is_made_of_before_the_own_view(
    told: Client,
    both: Callable[..., None],
    as_role: Browser,
) -> None:
    sheet_recorded(told)
    supervisor = as_role(Role.SUPERVISOR, purpose="protection")
    for client in (told, supervisor):
        page = client.get(PAGE)
        assert "aside" not in page.context
        assert "似た過去の事例" not in page.content.decode()
        assert "見立ての参考" not in page.content.decode()
    own_view(told)
    assert told.get(PAGE).context["aside"].similar.n
    assert "aside" not in supervisor.get(PAGE).context, "each for oneself"
    sheet_recorded(told, fear="1")
    assert "aside" not in told.get(PAGE).context, "new answers ask anew"


def test_each_look_says_in_the_log_what_was_shown(told: Client, both: Callable[..., None]) -> None:
    sheet_recorded(told)
    told.get(PAGE)
    before = json.loads(Event.objects.filter(action="view", object="urgency").latest("number").body)["detail"]
    assert before == {"number": 1}
    own_view(told)
    page = told.get(PAGE)
    entry = json.loads(Event.objects.filter(action="view", object="urgency").latest("number").body)
    assert entry["persons"] == [AOI]
    assert entry["purpose"] == "protection"
    assert entry["detail"] == {"number": 1, "similar": page.context["aside"].similar.n, "estimate": "low"}


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.LEAD_WORKER, Role.SUPERVISOR)])
def test_who_may_not_read_the_card(role: str, told: Client, both: Callable[..., None], as_role: Browser) -> None:
    assert as_role(role).get(CARD).status_code == 403
    assert as_role(Role.LEAD_WORKER, purpose="early_support").get(CARD).status_code == 403


# What is shown of similar cases.


def test_nothing_of_a_past_case_finds_it_again(told: Client, both: Callable[..., None], learnt: Path) -> None:
    page = seen(told)
    card = of(page, "similar")
    rows = pq.read_table(learnt / "cases" / "cases.parquet").to_pylist()
    assert not [row["case_id"] for row in rows if row["case_id"] in page.content.decode()]
    days = {form.format(row["received_on"]) for row in rows for form in ("{:%Y-%m-%d}", "{0.month}月{0.day}日")}
    assert not [day for day in days if day in card]
    assert re.search(r"20\d\d年度、", card)
    assert len(page.context["aside"].similar.nearest) == 5
    assert "この件：" in card, "and how they differ"


def test_only_the_centres_own_cases_are_counted(told: Client, both: Callable[..., None], learnt: Path) -> None:
    own = own_past.own_cases()
    assert own is not None
    of_north = [
        row for row in pq.read_table(learnt / "cases" / "cases.parquet").to_pylist() if row["centre"] == "north"
    ]
    assert len(own.past) == len(of_north) < 1_500


def test_each_silence_of_similar_cases_is_said_in_words(
    told: Client,
    both: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert set(NOT_SIMILAR) == {*CAUSES, "unreadable"}
    page = seen(told, "unknown")
    assert "危険が小さいことを意味しません" in of(page, "similar")
    assert "<table" not in of(page, "similar")
    monkeypatch.setattr(own_past, "distances_for", _broken)
    own_past._cases.clear()
    assert "担当者に知らせて" in of(told.get(PAGE), "similar")
    assert json.loads(Event.objects.latest("number").body)["detail"]["similar"] == "unreadable"


def _broken(*_given: object) -> None:
    raise SourceError("broken")


# The estimate.


def test_low_is_said_in_words_with_its_interval_and_reasons(told: Client, both: Callable[..., None]) -> None:
    card = of(seen(told, past_reports="1"), "estimate")
    assert "<strong>低い</strong>" in card
    assert "安全という意味ではありません" in card
    assert re.search(r"1,000人のうち\d+人から\d+人", card)
    assert re.search(r"[\d,]+件</dd>", card)
    assert "これまでの通告、保護、きょうだいの虐待：「以前に相談や通告がある」かそれより重い" in card
    assert CARD in card


def test_an_interval_is_never_told_narrower_than_it_is() -> None:
    band = replace(an_estimate().bands[0], least=0.0019, most=0.0121)
    assert estimate_words(SHEET, Statement("low", "", band, ())).interval.startswith("1,000人のうち1人から13人")


def test_every_step_has_its_words() -> None:
    words = [step_words(SHEET, name) for name in Steps(SHEET).names]
    assert all(words)
    assert len(set(words)) == len(words)


def test_it_is_silent_with_its_cause_and_shows_no_interval(
    told: Client,
    both: Callable[..., None],
    learnt: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert set(SILENT) == {*SILENCES, "unreadable"}
    card = of(seen(told, dangerous_act="3"), "estimate")
    assert "保護について今話し合う場面" in card
    assert "人のうち" not in card


def test_off_it_says_nothing_from_that_moment(told: Client, both: Callable[..., None], learnt: Path) -> None:
    assert "<strong>低い</strong>" in of(seen(told), "estimate")
    switch = learnt / "estimate" / "switch"
    try:
        switch.write_text("off", encoding="utf-8")
        card = of(told.get(PAGE), "estimate")
        assert "スイッチが切ってあります" in card
        assert "人のうち" not in card
        assert of(told.get(PAGE), "similar"), "similar cases are no estimate"
        assert "何も言いません" in told.get(CARD).content.decode()
    finally:
        switch.write_text("on", encoding="utf-8")
    assert "<strong>低い</strong>" in of(told.get(PAGE), "estimate")


def test_with_few_sheets_answered_here_it_waits(told: Client, given: Callable[..., None], learnt: Path) -> None:
    given(estimate=learnt / "estimate")
    card = of(seen(told), "estimate")
    assert "ここで答えた見立てがまだ少なく" in card
    assert of(told.get(PAGE), "similar") == "", "no folder, no card"


def test_the_drift_is_of_each_notifications_newest_sheet(
    told: Client,
    given: Callable[..., None],
    learnt: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given(estimate=learnt / "estimate")
    asked: list[list[int]] = []
    monkeypatch.setattr(beside_floor, "drift_of", lambda _estimate, points: asked.append(points) or 0.0)
    sheet_recorded(told)
    seen(told, fear="1")
    speaker = own_past.speaker()
    assert speaker is not None
    assert len(asked[-1]) == 1
    assert asked[-1][0] > speaker.estimate.intercept


def test_without_either_nothing_stands_there(told: Client) -> None:
    page = seen(told)
    assert (of(page, "similar"), of(page, "estimate")) == ("", "")
    card = told.get(CARD)
    assert card.status_code == 200
    assert "読み取れる見立ての参考がありません" in card.content.decode()


def test_the_card_is_a_page_and_its_look_is_on_record(told: Client, both: Callable[..., None]) -> None:
    page = told.get(CARD)
    text = page.content.decode()
    assert "何を見込むか" in text
    assert text.count("<table") == 3
    assert "|" not in re.sub(r"<[^>]*>", "", text)
    assert json.loads(Event.objects.latest("number").body)["detail"] == {"estimate": "card"}
    kinds = [block.kind for block in blocks_of("# a\n\n- b\n- c\n\n| d | e |\n|---|---|\n| f | g |\n\nh\n")]
    assert kinds == ["title", "list", "table", "text"]


# What is wrong is told when the desk is served.


def test_what_cannot_be_read_stops_the_start(given: Callable[..., None], learnt: Path, tmp_path: Path) -> None:
    def refused(**told_of: object) -> str:
        given(**told_of)
        with pytest.raises((SourceError, StateError)) as error:
            own_past.require_readable()
        assert error.value.to_do
        return error.value.message()

    (tmp_path / "empty").mkdir()
    assert "cases.parquet" in refused(past_cases=tmp_path / "empty")
    assert "estimate.json" in refused(estimate=tmp_path / "empty")
    (tmp_path / "empty" / "estimate.json").write_text("{}", encoding="utf-8")
    assert "this is no estimate" in refused(estimate=tmp_path / "empty")
    assert "no case of the centre 'nowhere'" in refused(past_cases=learnt / "cases", centre="nowhere")
    assert "knows no centre 'nowhere'" in refused(estimate=learnt / "estimate", centre="nowhere")
    other = replace(an_estimate(), sheet="urgency@1999.1")
    (tmp_path / "empty" / "estimate.json").write_text(as_text(other), encoding="utf-8")
    given(estimate=tmp_path / "empty")
    own_past.require_readable()  # another version of the sheet is a cause to say nothing, and no mistake
    given(past_cases=learnt / "cases", estimate=learnt / "estimate")
    own_past.require_readable()


def test_the_desk_is_not_served_with_what_cannot_be_read(
    given: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(past_cases=tmp_path)
    monkeypatch.setattr(serve, "_serve", lambda *_given: pytest.fail("the desk was served"))
    monkeypatch.setattr(serve, "call_command", lambda *_given, **_more: None)
    with pytest.raises(SourceError, match=r"cases\.parquet"):
        serve.Command().handle(port=0, host="127.0.0.1", threads=1, workers=1)


@pytest.mark.parametrize("name", ["TSUNAGU_PAST_CASES", "TSUNAGU_ESTIMATE"])
def test_a_setting_that_names_nothing_is_told(name: str, tmp_path: Path) -> None:
    bare = {"TSUNAGU_DESK": str(tmp_path), "TSUNAGU_CENTRE": "north"}
    with pytest.raises(StateError, match=name):
        read_environment({**bare, name: str(tmp_path / "no-folder")})
    with pytest.raises(StateError, match="TSUNAGU_CENTRE"):
        read_environment({"TSUNAGU_DESK": str(tmp_path), name: str(tmp_path)})
    assert read_environment({**bare, name: str(tmp_path)}).centre == "north"
