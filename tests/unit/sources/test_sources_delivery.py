"""Whole small deliveries: every row ends somewhere, a damaged file stops nothing else."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

import deliveries as d
from tsunagu.errors import SourceError
from tsunagu.records.stage_tables import QUARANTINE, SOURCE_FACTS, SOURCE_RECORDS


def attendance(*rows: list[str], header: list[str] = d.ATTENDANCE_HEADER) -> str:
    return d.as_csv(header, rows)


def test_a_row_becomes_a_record_with_its_facts(tmp_path: Path) -> None:
    got = d.delivered(tmp_path, {d.ATTENDANCE: attendance(d.attendance_row(7, absent=3))})
    assert d.records_of(
        got, "holder", "file", "row", "record_key", "state", "pupil_no", "name", "grade", "class_name"
    ) == [("shukketsu", d.ATTENDANCE, 2, "10007", "read", "10007", "森　あおい", 3, "1")]
    (fact,) = d.facts_of(got, "absent_days")
    assert (fact["at"], fact["number"], fact["state"]) == (date(2026, 4, 1), Decimal(3), "known")
    assert fact["recorded_at"] == datetime(2026, 5, 2, 16, 16)  # noqa: DTZ001 - local civil time as written
    SOURCE_RECORDS.check(got.records)
    SOURCE_FACTS.check(got.facts)
    QUARANTINE.check(got.quarantine)


@pytest.mark.parametrize(
    ("month", "day"), [("12", date(2026, 12, 1)), ("1", date(2027, 1, 1)), ("３月", date(2027, 3, 1))]
)
def test_january_to_march_belong_to_the_next_calendar_year(tmp_path: Path, month: str, day: date) -> None:
    got = d.delivered(tmp_path, {d.ATTENDANCE: attendance(d.attendance_row(month=month))})
    assert d.facts_of(got, "absent_days")[0]["at"] == day


def test_one_unreadable_cell_leaves_the_others_valid(tmp_path: Path) -> None:
    got = d.delivered(tmp_path, {d.ATTENDANCE: attendance(d.attendance_row(absent="??"))})
    assert [f["state"] for f in d.facts_of(got, "absent_days")] == ["unknown"]
    assert [f["number"] for f in d.facts_of(got, "school_days")] == [Decimal(20)]
    assert d.set_aside(got) == [(2, "欠席日数", "value", "bad_number")]


@pytest.mark.parametrize("absent", ["45", "21", "-1", "1E+01", "3\x00"])
def test_an_impossible_count_is_unknown(tmp_path: Path, absent: str) -> None:
    got = d.delivered(tmp_path, {d.ATTENDANCE: attendance(d.attendance_row(absent=absent))})
    (fact,) = d.facts_of(got, "absent_days")
    assert (fact["number"], fact["state"]) == (None, "unknown")
    assert len(d.set_aside(got)) == 1


def test_a_cut_row_is_set_aside_and_still_says_whom_and_when(tmp_path: Path) -> None:
    cut = d.attendance_row(2)[:8]
    got = d.delivered(tmp_path, {d.ATTENDANCE: attendance(d.attendance_row(1), cut, d.attendance_row(3))})
    assert d.records_of(got, "row", "state", "record_key", "name")[1] == (3, "set_aside", "10002", None)
    lost = d.facts_of(got, "absent_days")[1]
    assert (lost["at"], lost["number"], lost["state"]) == (date(2026, 4, 1), None, "set_aside")
    assert d.set_aside(got) == [(3, "", "row", "short_row")]


def test_the_stump_of_a_key_is_not_a_key(tmp_path: Path) -> None:
    stump = [*d.attendance_row(2)[:6], "000100"]
    got = d.delivered(tmp_path, {d.ATTENDANCE: attendance(d.attendance_row(1), stump, d.attendance_row(3))})
    assert d.records_of(got, "record_key", "pupil_no")[1] == (None, None)


def test_the_tail_of_a_broken_row_tells_nothing(tmp_path: Path) -> None:
    whole = ",".join(d.attendance_row(2))
    broken = whole.replace("あおい", "あ\r\nおい")
    text = attendance(d.attendance_row(1)) + broken + "\r\n" + ",".join(d.attendance_row(3)) + "\r\n"
    got = d.delivered(tmp_path, {d.ATTENDANCE: text})
    assert d.records_of(got, "row", "state", "record_key") == [
        (2, "read", "10001"),
        (3, "set_aside", "10002"),
        (4, "set_aside", None),
        (5, "read", "10003"),
    ]
    assert d.records_of(got, "school", "grade", "class_number", "name")[2] == (None, None, None, None)


def test_extra_empty_cells_do_no_harm_and_extra_written_ones_set_the_row_aside(tmp_path: Path) -> None:
    rows = [[*d.attendance_row(1), "", ""], [*d.attendance_row(2), "x"]]
    got = d.delivered(tmp_path, {d.ATTENDANCE: attendance(*rows)})
    assert d.records_of(got, "state") == [("read",), ("set_aside",)]
    assert d.set_aside(got) == [(3, "", "row", "long_row")]


def test_an_identical_row_is_named_and_gives_no_facts(tmp_path: Path) -> None:
    got = d.delivered(tmp_path, {d.ATTENDANCE: attendance(d.attendance_row(1), d.attendance_row(1))})
    assert d.records_of(got, "row", "state", "record_key") == [(2, "read", "10001"), (3, "repeated", "10001")]
    assert len(d.facts_of(got, "absent_days")) == 1
    assert d.account_of(got, d.ATTENDANCE).rows_of["repeated"] == "3"


def test_titles_headings_totals_and_blank_lines_are_named(tmp_path: Path) -> None:
    head = ",".join(d.ATTENDANCE_HEADER)
    one, two = (",".join(d.attendance_row(n)) for n in (1, 2))
    lines = [
        "出欠月集計（令和8年度）",
        "",
        head,
        one,
        "," * 13,
        head,
        two,
        "*** 計 ***,,,,,,,,,,,,,2",
        "東小学校計,,,,,,,,40",
    ]
    got = d.delivered(tmp_path, {d.ATTENDANCE: "\r\n".join([*lines, "出欠月集計（令和8年度）", ""])})
    account = d.account_of(got, d.ATTENDANCE)
    assert account.rows_of == {"heading": "3,6", "title": "1,10", "total": "8-9", "empty": "2,5"}
    assert (account.records, account.read, account.data_rows) == (10, 2, 2)
    assert d.set_aside(got) == []


def test_below_a_heading_in_another_order_cells_are_found_by_their_words(tmp_path: Path) -> None:
    order = [13, *range(13)]
    header = [d.ATTENDANCE_HEADER[i] for i in order]
    row = d.attendance_row(2, absent=4)
    lines = [d.ATTENDANCE_HEADER, d.attendance_row(1), header, [row[i] for i in order]]
    got = d.delivered(tmp_path, {d.ATTENDANCE: "\n".join(",".join(line) for line in lines)})
    assert [(f["key"], f["number"]) for f in d.facts_of(got, "absent_days")] == [("10001", 0), ("10002", 4)]


def test_a_key_in_scientific_notation_is_unknown_and_the_row_is_read(tmp_path: Path) -> None:
    row = d.register_row(1)
    row[0] = "5.00E+07"
    got = d.delivered(tmp_path, {d.REGISTER: d.as_csv(d.REGISTER_HEADER, [row])})
    assert d.records_of(got, "record_key", "resident_no", "name", "state") == [(None, None, "森　葵", "read")]
    assert d.set_aside(got) == [(2, "宛名番号", "value", "sci_number")]


def test_a_column_of_individual_numbers_is_dropped_wherever_it_stands(tmp_path: Path) -> None:
    rows = []
    for n in range(1, 12):
        row = d.register_row(n, name="123456789018")
        row[17] = "1234 5678 9018"
        rows.append(row)
    got = d.delivered(tmp_path, {d.REGISTER: d.as_csv(d.REGISTER_HEADER, rows)})
    assert d.account_of(got, d.REGISTER).dropped == ("氏名", "備考")
    assert set(d.records_of(got, "name")) == {(None,)}
    assert d.set_aside(got) == [(0, "備考", "column", "individual_number"), (0, "氏名", "column", "individual_number")]
    assert [r[0] for r in d.records_of(got, "resident_no")] == [str(50_000_000 + n) for n in range(1, 12)]


def test_formula_cells_stay_text_and_are_never_worked_out(tmp_path: Path) -> None:
    row = d.register_row(1, name='=HYPERLINK("http://example.invalid","詳細")')
    got = d.delivered(tmp_path, {d.REGISTER: d.as_csv(d.REGISTER_HEADER, [row])})
    assert d.records_of(got, "name") == [('=HYPERLINK("http://example.invalid","詳細")',)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty_file"),
        (b"PK\x03\x04 not a container", "broken_container"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not a workbook", "broken_container"),
        (b"\x1f\x8b broken", "broken_container"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "no_header"),
        ("こんにちは\n".encode(), "no_header"),
        (d.as_csv([w for w in d.ATTENDANCE_HEADER if w != "欠席日数"], []).encode(), "missing_column"),
        (d.as_zip({"a.csv": "x", "b.csv": "y"}), "unexpected_container"),
    ],
)
def test_a_damaged_file_is_set_aside_with_one_reason_and_stops_nothing_else(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    files = {d.ATTENDANCE: content, d.REGISTER: d.as_csv(d.REGISTER_HEADER, [d.register_row(1)])}
    got = d.delivered(tmp_path, files)
    account = d.account_of(got, d.ATTENDANCE)
    assert (account.status, account.reason) == ("set_aside", reason)
    assert d.set_aside(got) == [(0, "", "file", reason)]
    assert d.records_of(got, "holder") == [("jumin",)]


def test_a_file_without_permission_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *, read: Callable[[Path], bytes] = Path.read_bytes) -> bytes:
        if path.name == Path(d.ATTENDANCE).name:
            raise PermissionError(13, "Permission denied")
        return read(path)

    d.city()
    monkeypatch.setattr(Path, "read_bytes", refuse)
    files = {d.ATTENDANCE: "x", d.REGISTER: d.as_csv(d.REGISTER_HEADER, [d.register_row(1)])}
    got = d.delivered(tmp_path, files)
    assert d.account_of(got, d.ATTENDANCE).reason == "no_permission"
    assert d.records_of(got, "holder") == [("jumin",)]


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tsunagu.sources.containers._SMALL_ENOUGH", 1000)
    got = d.delivered(tmp_path, {d.ATTENDANCE: d.as_zip({"a.csv": b"0" * 1_000_000})})
    assert d.account_of(got, d.ATTENDANCE).reason == "container_too_large"
    got = d.delivered(tmp_path, {d.ATTENDANCE: gzip.compress(b"0" * 1_000_000, mtime=0)})
    assert d.account_of(got, d.ATTENDANCE).reason == "container_too_large"


def test_a_single_packed_file_is_read(tmp_path: Path) -> None:
    packed = d.as_zip({"出欠月集計.csv": attendance(d.attendance_row(1))})
    got = d.delivered(tmp_path, {"shukketsu/出欠月集計_R08.zip": packed})
    assert d.records_of(got, "record_key") == [("10001",)]


def test_a_file_that_nothing_names_is_named(tmp_path: Path) -> None:
    files = {"jumin/メモ.docx": "x", "readme": "x", d.REGISTER: d.as_csv(d.REGISTER_HEADER, [d.register_row(1)])}
    got = d.delivered(tmp_path, files)
    assert [(a.file, a.status) for a in got.accounts if a.status == "not_understood"] == [
        ("jumin/メモ.docx", "not_understood"),
        ("readme", "not_understood"),
    ]


def test_the_same_file_under_a_second_name_counts_once(tmp_path: Path) -> None:
    text = attendance(d.attendance_row(1))
    got = d.delivered(tmp_path, {d.ATTENDANCE: text, "shukketsu/出欠月集計_R08 (1).csv": text})
    assert sorted(a.reason for a in got.accounts if a.spec == "attendance_months") == ["", "repeated_file"]
    assert len(d.facts_of(got, "absent_days")) == 1


def test_what_is_expected_or_promised_and_did_not_come_is_named(tmp_path: Path) -> None:
    slip = d.as_slip({d.ATTENDANCE: ("cp932", 1), "boshi/予防接種.csv": ("cp932", 12)})
    got = d.delivered(tmp_path, {d.ATTENDANCE: attendance(d.attendance_row(1))}, slip=slip)
    missing = {(a.file, a.reason) for a in got.accounts if a.status == "missing"}
    assert ("boshi/予防接種.csv", "promised_by_the_slip") in missing
    assert ("jumin/", "expected") in missing


def test_the_slip_gives_the_day_and_the_promised_rows(tmp_path: Path) -> None:
    slip = d.as_slip({d.ATTENDANCE: ("utf-8", 9)}, as_of="令和8年9月30日")
    got = d.delivered(tmp_path, {d.ATTENDANCE: attendance(d.attendance_row(1)).encode("cp932")}, slip=slip, on=None)
    account = d.account_of(got, d.ATTENDANCE)
    assert (got.as_of, got.notes) == (date(2026, 9, 30), ())
    assert (account.promised, account.data_rows, account.encoding_stated, account.encoding) == (9, 1, "utf-8", "cp932")


def test_without_a_slip_the_delivery_is_read_and_it_is_said(tmp_path: Path) -> None:
    got = d.delivered(tmp_path, {d.ATTENDANCE: attendance(d.attendance_row(1))}, on=None)
    assert (got.as_of, got.notes, len(got.records)) == (None, ("no_slip",), 1)


def test_a_damaged_slip_is_said_too(tmp_path: Path) -> None:
    got = d.delivered(tmp_path, {d.ATTENDANCE: attendance(d.attendance_row(1))}, slip="nothing\nof use\n")
    assert (got.notes, len(got.records)) == (("slip_no_header",), 1)


def test_a_missing_or_empty_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="missing"):
        d.delivered(tmp_path / "none", {})
    with pytest.raises(SourceError, match="empty"):
        d.delivered(tmp_path, {})
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceError, match="not a folder"):
        d.delivered(tmp_path / "file", {})


def test_every_input_has_its_hash(tmp_path: Path) -> None:
    text = attendance(d.attendance_row(1))
    got = d.delivered(tmp_path, {d.ATTENDANCE: text}, slip=d.as_slip({}))
    assert [i.path for i in got.inputs] == [d.ATTENDANCE, "送付票.csv"]
    assert got.inputs[0].sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_progress_is_told_for_every_file(tmp_path: Path) -> None:
    d.delivered(tmp_path, {d.ATTENDANCE: attendance(d.attendance_row(1)), "x/y.csv": "z"})
    told: list[tuple[str, int, int]] = []
    sources, catalogue = d.city()
    d.read_delivery(tmp_path, sources, catalogue, None, lambda file, n, of: told.append((file, n, of)))
    assert told == [(d.ATTENDANCE, 1, 2), ("x/y.csv", 2, 2)]


def test_the_other_party_is_read_into_columns_of_its_own_and_free_text_not_at_all(tmp_path: Path) -> None:
    header = [
        "管理番号",
        "宛名番号",
        "氏名",
        "区分",
        "開始日",
        "終了日",
        "状態",
        "相手方氏名",
        "相手方住所",
        "前住所",
        "備考",
    ]
    row = [
        "00101",
        "0056738521",
        "森　葵",
        "本人",
        "R7.2.16",
        "R9.2.16",
        "継続",
        "谷　猛",
        "谷町一丁目",
        "谷町二丁目",
        "谷川",
    ]
    got = d.delivered(tmp_path, {"shien_sochi/支援措置対象者一覧.csv": d.as_csv(header, [row])})
    (record,) = got.records.to_pylist()
    own = {name: record.pop(name) for name in ("other_party_name", "other_party_address", "previous_address")}
    assert own == {
        "other_party_name": "谷　猛",
        "other_party_address": "谷町一丁目",
        "previous_address": "谷町二丁目",
    }
    assert "谷" not in str(record) + str(got.facts.to_pylist()) + str(got.quarantine.to_pylist())
    (fact,) = d.facts_of(got, "address_suppression")
    assert (fact["at"], fact["until"], fact["state"]) == (date(2025, 2, 16), date(2027, 2, 16), "known")


def test_a_spreadsheets_cells_read_as_its_csv_would(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "結果"
    header = [
        "学校コード",
        "学年",
        "組",
        "番号",
        "氏名",
        "フリガナ",
        "生年月日",
        "国語偏差値",
        "算数・数学偏差値",
        "備考",
    ]
    for row in (
        ["学力調査"],
        [],
        header,
        [1101, 3, 1, 7, "森葵", "モリ　アオイ", date(2017, 5, 1), 45.8, "４９.２", None],
        [1101, 3, 1, 8, "森樹", None, "42856", "欠", 999, None],
        ["平均", None, None, None, None, None, None, 50, 50, None],
    ):
        sheet.append(row)
    book.create_sheet("控え").append(["x"])
    book.create_sheet("空")
    book.save(tmp_path / "x.xlsx")
    content = (tmp_path / "x.xlsx").read_bytes()
    (tmp_path / "x.xlsx").unlink()
    got = d.delivered(tmp_path, {"gakuryoku/学力調査_R08.xlsx": content})
    assert d.records_of(got, "row", "record_key", "birth_date") == [
        (4, "1101|2026|3-1-7", date(2017, 5, 1)),
        (5, "1101|2026|3-1-8", date(2017, 5, 1)),
    ]
    assert [f["number"] for f in d.facts_of(got, "test_japanese")] == [Decimal("45.8"), None]
    assert [f["number"] for f in d.facts_of(got, "test_math")] == [Decimal("49.2"), None]
    assert d.set_aside(got) == [(5, "算数・数学偏差値", "value", "impossible_number")]
    account = d.account_of(got, "gakuryoku/学力調査_R08.xlsx")
    assert account.rows_of == {"title": "1", "empty": "2", "heading": "3", "total": "6"}
    assert account.sheets_not_read == ("控え",)


def test_a_dose_without_a_readable_vaccine_is_unknown_and_one_without_a_date_was_given(tmp_path: Path) -> None:
    header = ["母子番号", "氏名", "生年月日", "ワクチン", "接種日", "医療機関"]
    rows = [
        ["0200005", "森葵", "20240509", "ＢＣＧ", "20240726", ""],
        ["0200005", "森葵", "20240509", "", "20240826", ""],
        ["0200005", "森葵", "20240509", "水痘1", "2024??26", ""],
        ["0200005", "森葵", "20240509"],
    ]
    got = d.delivered(tmp_path, {"boshi/予防接種.csv": d.as_csv(header, rows)})
    doses = {f["row"]: (f["label"], f["at"], f["state"]) for f in d.facts_of(got, "vaccination")}
    assert doses == {
        2: ("BCG", date(2024, 7, 26), "known"),
        3: (None, date(2024, 8, 26), "unknown"),
        4: ("水痘1", None, "known"),
        5: (None, None, "set_aside"),
    }


@pytest.mark.parametrize(
    ("start", "end", "fact"),
    [
        ("5080701", "9999999", (date(2026, 7, 1), None, "known")),
        ("5080701", "", (date(2026, 7, 1), None, "known")),
        ("5080701", "5080931", (date(2026, 7, 1), None, "unknown")),
        ("50807??", "9999999", (None, None, "unknown")),
        ("", "5080831", (None, date(2026, 8, 31), "known")),
    ],
)
def test_a_period_with_an_unreadable_end_is_unknown_and_a_blank_one_is_open(
    tmp_path: Path, start: str, end: str, fact: tuple[date | None, date | None, str]
) -> None:
    header = ["ケース番号", "員番", "宛名番号", "氏名", "カナ", "生年月日", "性別", "続柄", "保護開始日", "保護廃止日"]
    row = ["01004", "01", "0040769055", "森葵", "ﾓﾘ ｱｵｲ", "4300401", "2", "子", start, end]
    got = d.delivered(tmp_path, {"seiho/生活保護受給者台帳.csv": d.as_csv(header, [row])})
    assert [(f["at"], f["until"], f["state"]) for f in d.facts_of(got, "assistance")] == [fact]
    assert d.records_of(got, "record_key") == [("1004-01",)]


def test_a_report_keeps_an_age_written_in_place_of_a_birth_date(tmp_path: Path) -> None:
    header = [
        "受付番号",
        "受付日",
        "区分",
        "経路",
        "児童氏名",
        "フリガナ",
        "生年月日又は年齢",
        "性別",
        "保護者氏名",
        "住所",
        "主訴",
        "内容",
    ]
    rows = [
        [
            "R08-0001",
            "R8.4.1",
            "通告",
            "学校",
            "ミオちゃん",
            "",
            "10歳くらい",
            "女",
            "",
            "",
            "",
            "一行目\n「二行目」, 続き",
        ],
        ["R08-0002", "R8.4.2", "相談", "家族", "佐藤（長男）", "", "不明", "男", "佐藤 樹", "", "", ""],
    ]
    got = d.delivered(tmp_path, {"kosoudan/相談通告受付簿.csv": d.as_csv(header, rows)})
    assert d.records_of(got, "row", "name", "birth_date", "age_years", "age_on") == [
        (2, "ミオちゃん", None, 10, date(2026, 4, 1)),
        (4, "佐藤（長男）", None, None, None),
    ]
    assert [(f["at"], f["text"]) for f in d.facts_of(got, "report")] == [
        (date(2026, 4, 1), "notification"),
        (date(2026, 4, 2), "consultation"),
    ]
    assert d.set_aside(got) == []


def test_a_file_without_its_key_column_is_read_without_keys(tmp_path: Path) -> None:
    header = ["謎の番号" if word == "宛名番号" else word for word in d.REGISTER_HEADER]
    got = d.delivered(tmp_path, {d.REGISTER: d.as_csv(header, [d.register_row(1)])})
    assert d.records_of(got, "record_key", "name") == [(None, "森　葵")]
    assert d.set_aside(got) == [(0, "resident_no", "column", "missing_column")]
    account = d.account_of(got, d.REGISTER)
    assert "謎の番号" in account.not_read
    assert "resident_no" in account.not_found


@pytest.mark.parametrize(("sheets", "reason"), [(["その他"], ""), (["その他", "控え"], "sheet_missing")])
def test_a_workbook_of_one_sheet_is_that_sheet_and_of_several_must_name_it(
    tmp_path: Path, sheets: list[str], reason: str
) -> None:
    book = openpyxl.Workbook()
    book.active.title = sheets[0]
    book.active.append(["学校コード", "学年", "組", "番号", "氏名", "国語偏差値", "算数・数学偏差値"])
    for name in sheets[1:]:
        book.create_sheet(name)
    book.save(tmp_path / "x.xlsx")
    got = d.delivered(tmp_path / "in", {"gakuryoku/学力調査_R08.xlsx": (tmp_path / "x.xlsx").read_bytes()})
    assert d.account_of(got, "gakuryoku/学力調査_R08.xlsx").reason == reason


@pytest.mark.parametrize(
    ("word", "cell", "facts"),
    [
        ("平日の学習時間", "3.5", [(date(2026, 4, 1), Decimal("3.5"), "known")]),
        ("家庭学習時間", "2時間", [(date(2026, 4, 1), Decimal(2), "known")]),
        ("平日の学習時間", "90", [(date(2026, 4, 1), None, "unknown")]),  # minutes, perhaps; never read as hours
        ("自由記述", "3", [(date(2026, 4, 1), None, "unknown")]),
    ],
)
def test_hours_of_study_are_known_where_a_questionnaire_asks_for_them(
    word: str, cell: str, facts: list[tuple[date, Decimal | None, str]], tmp_path: Path
) -> None:
    scales = ["自己肯定感", "家族とのつながり", "やり抜く力", "生活習慣", "友人関係"]
    header = ["ログインID", "学校名", "学年", "組", "名前", *scales, word]
    text = d.as_csv(
        header, [["u00010007", "瑞野市立東小学校", "3", "1", "森　あおい", *["3.0"] * 5, cell]], delimiter="\t"
    )
    got = d.delivered(tmp_path, {"shitsumonshi/質問紙_R08.tsv": text})
    assert [(f["at"], f["number"], f["state"]) for f in d.facts_of(got, "study_hours")] == facts
    assert len(d.facts_of(got, "q_habits")) == 1
    told = [(2, word, "value", "impossible_number")] if cell == "90" else []
    assert [row for row in d.set_aside(got) if row[3] != "unknown_school"] == told
