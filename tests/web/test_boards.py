"""School boards: who may see which pupils, what a class and a pupil show, and the school's own thresholds."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from counted import counted
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from builders import a_child, an_id
from pupils import D, a_pupil, school_tables
from tsunagu_web.access import reach
from tsunagu_web.access.models import Conflict, Grant
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.boards import queries
from tsunagu_web.boards.models import Pupil, SchoolDay, SchoolThresholds
from tsunagu_web.boards.taking_in import open_vault

AOI = a_pupil(moods="晴晴晴く晴く晴雨雨雷", marks="......遅病欠病", visits=(D(2026, 9, 25),),
              absent=((D(2026, 8, 1), None), (D(2026, 9, 1), 3)), late=((D(2026, 9, 1), 1),),
              tests=((D(2025, 4, 1), 51, 49), (D(2026, 4, 1), 48, None)))  # fmt: skip
SORA = a_pupil("例田 ソラ", kana="レイタ ソラ", number=2, moods="晴晴晴晴晴晴晴晴晴雷")
MIO = a_pupil("例本 みお", kana="レイモト ミオ", number=3, moods="晴晴晴晴晴晴晴晴晴.")
NEXT_DOOR = a_pupil("例山 ゆい", kana="レイヤマ ユイ", class_name="2")
ELSEWHERE = a_pupil("例森 けん", kana="レイモリ ケン", school="201", grade=7)
PUPILS = (SORA, AOI, MIO, NEXT_DOOR, ELSEWHERE)
CLASS = "/boards/class/?school=102&class=102:5:1"
Browser = Callable[..., Client]


@pytest.fixture
def school(intake: Callable[..., object]) -> None:
    """One child noticed, and nobody else of the pupils."""
    intake(a_child(), schools=school_tables(PUPILS))


def board_of(pupil: Any) -> str:
    return f"/pupils/{pupil.id}/board/"


def names_in(client: Client, path: str) -> set[str]:
    text = client.get(path).content.decode()
    return {p.name for p in PUPILS if p.name in text or p.id in text}


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.VICE_PRINCIPAL, Role.SCHOOL_NURSE, Role.CLASS_TEACHER}))
def test_nobody_outside_the_school_opens_a_board(role: str, school: None, as_role: Browser) -> None:
    client = as_role(role)
    for path in ("/boards/", CLASS, board_of(AOI), "/boards/thresholds/"):
        answer = client.get(path)
        assert answer.status_code == 403, path
        assert not [p.name for p in PUPILS if p.name in answer.content.decode()]
    assert client.post("/boards/thresholds/set/", {"school": "102"}).status_code == 403


@pytest.mark.parametrize(
    ("role", "classes", "reached"),
    [
        (Role.VICE_PRINCIPAL, 2, {AOI.name, SORA.name, MIO.name, NEXT_DOOR.name}),
        (Role.SCHOOL_NURSE, 2, {AOI.name, SORA.name, MIO.name, NEXT_DOOR.name}),
        (Role.CLASS_TEACHER, 1, {AOI.name, SORA.name, MIO.name}),
    ],
)
def test_each_sees_the_pupils_of_the_own_duty(
    role: str, classes: int, reached: set[str], school: None, as_role: Browser
) -> None:
    client = as_role(role)
    assert len(client.get("/boards/").context["rows"]) == classes
    assert names_in(client, CLASS) == {AOI.name, SORA.name, MIO.name}
    opened = {p.name for p in PUPILS if client.get(board_of(p)).status_code == 200}
    assert opened == reached
    assert client.get("/boards/class/?school=201&class=201:7:1").status_code == 404
    assert client.get("/boards/class/?school=102&class=5").status_code == 404


def test_a_pupil_out_of_reach_is_refused_as_one_who_does_not_exist(school: None, as_role: Browser) -> None:
    client = as_role(Role.CLASS_TEACHER)
    answers = [client.get(board_of(p)) for p in (ELSEWHERE, a_pupil("だれでもない"))]
    assert [a.status_code for a in answers] == [404, 404]
    refused = Event.objects.filter(action="refused", object="board")
    assert [json.loads(e.body)["persons"] for e in refused] == [[ELSEWHERE.id], [an_id("だれでもない")]]


def test_a_blocked_pupil_is_on_no_board_and_no_number_tells_of_it(
    school: None, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    client = as_role(Role.VICE_PRINCIPAL)
    assert client.get("/boards/").context["rows"][0][0].pupils == 3
    me = staff(Role.VICE_PRINCIPAL)
    Conflict.objects.create(staff=me, person_id=SORA.id, kind="other_party", entered_at=timezone.now())
    assert client.get("/boards/").context["rows"][0][0].pupils == 2
    assert names_in(client, CLASS) == {AOI.name, MIO.name}
    assert client.get(board_of(SORA)).status_code == 404


def test_what_was_granted_opens_that_pupil_and_the_end_closes_it(
    school: None, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    client, teacher, giver = as_role(Role.CLASS_TEACHER), staff(Role.CLASS_TEACHER), staff(Role.SUPERVISOR)
    day = timezone.timedelta(days=1)
    told = {"purpose": "school_watch", "basis": "conference", "granted_by": giver, "starts_at": timezone.now() - day}
    grant = Grant.objects.create(staff=teacher, person_id=ELSEWHERE.id, ends_at=timezone.now() + day, **told)
    assert client.get(board_of(ELSEWHERE)).status_code == 200
    Grant.objects.filter(pk=grant.pk).update(ends_at=timezone.now())
    assert client.get(board_of(ELSEWHERE)).status_code == 404


@pytest.mark.of_postgresql_alone
def test_a_forgotten_filter_gives_no_pupil_more(
    school: None, as_role: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_role(Role.CLASS_TEACHER)
    monkeypatch.setattr(queries, "pupils_visible_to", lambda _viewer, rows: rows)
    assert names_in(client, CLASS) == {AOI.name, SORA.name, MIO.name}
    assert client.get(board_of(NEXT_DOOR)).status_code == 404
    reach.take_away()
    assert not Pupil.objects.exists()
    reach._set(reach.EVERYTHING)


def test_every_pupil_shown_is_in_the_log(school: None, as_role: Browser) -> None:
    client = as_role(Role.SCHOOL_NURSE)
    client.get(CLASS)
    client.get(board_of(SORA))
    looks = [json.loads(e.body) for e in Event.objects.filter(action="view", object="board").order_by("number")]
    assert [sorted(look["persons"]) for look in looks] == [sorted(p.id for p in (AOI, SORA, MIO)), [SORA.id]]


def test_the_class_stands_in_the_order_of_its_numbers_whatever_is_marked(school: None, as_role: Browser) -> None:
    board = as_role(Role.CLASS_TEACHER).get(CLASS).context["board"]
    assert [row.opened.number for row in board.rows] == [1, 2, 3]
    assert board.answered == 2
    assert [one.name for one in board.unanswered] == [MIO.name]


@pytest.mark.parametrize(
    ("moods", "marks", "absent", "mood"),
    [
        (
            "晴晴晴晴雨雨雷晴晴晴",
            "....病欠病...",
            "3日続けて欠席した（9月24日から9月26日まで）",
            "雨・雷が3日続いた（9月24日から9月26日まで）",
        ),
        ("晴晴晴晴晴晴雨雨雷.", "......病欠病停", "3日続けて欠席（9月26日〜9月29日）", "雨・雷が3日続いています"),
        ("晴晴晴晴雨雨雷...", "病.........", "", "雨・雷が3日続いた（9月24日から9月26日まで）"),
    ],
)
def test_a_streak_that_is_over_is_told_with_its_last_day(
    moods: str, marks: str, absent: str, mood: str, intake: Callable[..., object], as_role: Browser
) -> None:
    intake(a_child(), schools=school_tables([a_pupil(moods=moods, marks=marks)]))
    board = as_role(Role.CLASS_TEACHER).get(CLASS).context["board"]
    told = [mark.text for mark in board.rows[0].marks if "続" in mark.text]
    assert ["欠席" in text for text in told] == ([True, False] if absent else [False])
    assert all(text.startswith(said) for text, said in zip(told, filter(None, (absent, mood)), strict=True))


def test_marks_say_in_words_and_days_what_they_rest_on(school: None, as_role: Browser) -> None:
    board = as_role(Role.CLASS_TEACHER).get(CLASS).context["board"]
    aoi, sora, mio = ([mark.text for mark in row.marks] for row in board.rows)
    assert aoi == ["3日続けて欠席（9月28日〜9月30日）", "雨・雷が3日続いています（9月28日〜9月30日）"]
    assert sora == ["変化：晴れ（9月29日）から雷（9月30日）へ"]
    assert mio == []
    assert [row.month for row in board.rows] == ["9月：欠席3日", "記録なし", "記録なし"]


def test_days_not_known_make_a_mark_uncertain_and_are_told(intake: Callable[..., object], as_role: Browser) -> None:
    intake(a_child(), schools=school_tables([a_pupil(marks=".....病？病..")]))
    (row,) = as_role(Role.CLASS_TEACHER).get(CLASS).context["board"].rows
    (mark,) = row.marks
    assert mark.is_perhaps
    assert mark.text == "2日続けて欠席した（9月25日から9月28日まで）"
    assert mark.aside == ("あいだの1日は、わかっていません。",)


def test_a_school_without_attendance_by_the_day_shows_months_and_claims_no_presence(
    intake: Callable[..., object], as_role: Browser
) -> None:
    intake(a_child(), schools=school_tables([AOI], by_day=False))
    client = as_role(Role.CLASS_TEACHER)
    answer = client.get(CLASS)
    (row,) = answer.context["board"].rows
    assert {cell.one.attendance for cell in row.cells} == {"not_told"}
    assert [mark.kind for mark in row.marks] == ["mood"]
    assert row.month == "9月：欠席3日"
    assert "どの日に休んだかはわかりません" in answer.content.decode()


def test_the_pupils_board_says_the_axis_in_tables_too(school: None, as_role: Browser) -> None:
    answer = as_role(Role.SCHOOL_NURSE).get(board_of(AOI))
    months = [(row.month, row.values) for row in answer.context["months"]]
    assert months == [
        ("令和8年9月", ["記録なし", "3", "1", "記録なし"]),
        ("令和8年8月", ["記録なし", "不明", "記録なし", "記録なし"]),
    ]
    assert [(row.month, row.values) for row in answer.context["tests"]] == [
        ("令和8年4月", ["48", "不明"]),
        ("令和7年4月", ["51", "49"]),
    ]
    lanes = {str(lane.name): [s.kind for s in lane.shapes] for lane in answer.context["wide"].lanes}
    days = [(row.month, [str(value) for value in row.values]) for row in answer.context["days"]]
    assert days[0] == ("令和8年9月30日", ["雷", "病欠"])
    assert sum(mood in ("晴れ", "くもり", "雨", "雷") for _day, (mood, _mark) in days) == lanes["心の天気"].count(
        "mood"
    )
    assert lanes["心の天気"].count("mood") == 10
    assert "streak" in lanes["心の天気"]
    assert "unknown" in lanes["月ごとの欠席日数"]


def test_a_record_whose_day_cannot_be_read_is_told(intake: Callable[..., object], as_role: Browser) -> None:
    lost = {"item": "attendance_mark", "at": None, "value": "sick"}
    intake(a_child(), schools=school_tables([a_pupil(more=(lost,))]))
    answer = as_role(Role.SCHOOL_NURSE).get(board_of(a_pupil()))
    assert answer.context["undated"] == ["出欠：日付の読めない記録が1件あります。ここのどの日にも入っていません。"]


@pytest.mark.parametrize("path", ["/boards/", CLASS, board_of(AOI), "/boards/thresholds/"])
def test_a_page_asks_at_most_twelve_times(path: str, school: None, as_role: Browser) -> None:
    client = as_role(Role.VICE_PRINCIPAL)
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    found = counted(asked)
    assert len(found) <= 12, found


def test_no_other_page_knows_a_pupil_who_was_not_noticed(school: None, as_role: Browser) -> None:
    client = as_role(Role.VICE_PRINCIPAL)
    assert names_in(client, "/children/") <= {AOI.name}
    assert client.get(f"/children/{SORA.id}/").status_code == 404
    assert SORA.name not in client.get("/children/search/?q=ソラ").content.decode()


# What is kept


def test_names_and_records_are_sealed_and_all_are_of_one_length(school: None) -> None:
    rows = list(Pupil.objects.all())
    assert len({len(row.sealed) for row in rows}) == 1
    everything = b"".join(bytes(row.sealed) for row in rows)
    assert not [word for word in ("例川", "thunder", "sick") if word.encode() in everything]
    content = open_vault().open(AOI.id, Pupil.objects.get(pk=AOI.id).sealed)
    assert set(content) == {"name", "kana", "number", "records"}


def test_the_next_run_takes_the_place_of_this_one(intake: Callable[..., object], school: None) -> None:
    intake(a_child(level="見守り"), schools=school_tables([MIO]), name="next")
    assert list(Pupil.objects.values_list("pk", flat=True)) == [MIO.id]
    assert SchoolDay.objects.values("school").distinct().count() == 1
    intake(a_child(level="重点支援"), name="without")
    assert not Pupil.objects.exists()
    assert not SchoolDay.objects.exists()


# Thresholds


def a_wish(seen: int = 0, **changes: Any) -> dict[str, Any]:
    kept = {
        f"{kind}_{what}": "" for kind in ("absence", "lateness", "infirmary", "mood") for what in ("in_row", "often")
    }
    return {**kept, "window_days": 30, "seldom": "", "steps": "", "seen": seen, "school": "102",
            "form": str(uuid.uuid4()), **changes}  # fmt: skip


@pytest.mark.parametrize("role", [Role.CLASS_TEACHER, Role.SCHOOL_NURSE])
def test_teacher_and_nurse_read_the_thresholds_and_do_not_set_them(role: str, school: None, as_role: Browser) -> None:
    client = as_role(role)
    answer = client.get("/boards/thresholds/")
    assert answer.status_code == 200
    assert answer.context["form"] is None
    assert client.post("/boards/thresholds/set/", a_wish()).status_code == 403
    assert SchoolThresholds.objects.count() == 0


def test_a_vice_principal_sets_those_of_the_own_school_alone(school: None, as_role: Browser) -> None:
    client = as_role(Role.VICE_PRINCIPAL)
    assert client.post("/boards/thresholds/set/", a_wish(school="201")).status_code == 404
    assert client.get("/boards/thresholds/?school=201").status_code == 404
    assert SchoolThresholds.objects.count() == 0


def test_a_set_holds_on_the_boards_at_once_once_and_in_the_log(school: None, as_role: Browser) -> None:
    client = as_role(Role.VICE_PRINCIPAL)
    wish = a_wish(absence_in_row=4, mood_often=20)
    assert [client.post("/boards/thresholds/set/", wish).status_code for _ in range(2)] == [302, 302]
    made = SchoolThresholds.objects.get()
    assert (made.number, made.absence_in_row, made.mood_in_row) == (1, 4, None)
    (entry,) = (json.loads(e.body) for e in Event.objects.filter(action="edit", object="threshold"))
    assert entry["detail"]["number"] == 1
    aoi = client.get(CLASS).context["board"].rows[0].marks
    assert [mark.text for mark in aoi] == ["9月1日からの授業日10日のうち、雨・雷が3日"]


def test_somebody_elses_set_in_the_meantime_is_told_and_nothing_is_written(school: None, as_role: Browser) -> None:
    client = as_role(Role.VICE_PRINCIPAL)
    client.post("/boards/thresholds/set/", a_wish(absence_in_row=4))
    answer = client.post("/boards/thresholds/set/", a_wish(absence_in_row=9))
    assert answer.status_code == 409
    assert "ほかの人が目安を変えました" in answer.content.decode()
    assert [row.absence_in_row for row in SchoolThresholds.objects.all()] == [4]


@pytest.mark.parametrize(
    "wrong", [{"absence_in_row": 1}, {"absence_in_row": "x"}, {"mood_often": 101}, {"window_days": ""}, {"steps": 4}]
)
def test_what_makes_no_sense_is_not_set(wrong: dict[str, Any], school: None, as_role: Browser) -> None:
    answer = as_role(Role.VICE_PRINCIPAL).post("/boards/thresholds/set/", a_wish(**wrong))
    assert answer.status_code == 422
    assert SchoolThresholds.objects.count() == 0


def test_the_database_keeps_every_set(school: None, as_role: Browser) -> None:
    as_role(Role.VICE_PRINCIPAL).post("/boards/thresholds/set/", a_wish(absence_in_row=4))
    for change in (lambda rows: rows.update(absence_in_row=9), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(SchoolThresholds.objects.all())
    assert SchoolThresholds.objects.get().absence_in_row == 4


def test_the_table_of_days_has_each_value_under_its_head(school: None, as_role: Browser) -> None:
    context = as_role(Role.CLASS_TEACHER).get(board_of(AOI)).context
    newest = dict(zip(map(str, context["day_heads"]), context["days"][0].values, strict=True))
    assert newest == {"心の天気": "雷", "出欠": "病欠"}
