"""Extracts of the schools: attendance, fees, the infirmary, the survey, the questionnaire, the daily mood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random

from tsunagu.example_city.calendar import label, shifted
from tsunagu.example_city.delivery import Delivery
from tsunagu.example_city.faults import Layout
from tsunagu.example_city.letters import era_dots, full_width, half_width, hiragana
from tsunagu.example_city.people import Child, Person, School, Seat, fiscal_year
from tsunagu.example_city.sheets import Lost
from tsunagu.example_city.spelling import full_kana, name_in, written
from tsunagu.example_city.workbook import Cell, write_workbook

_NAMES = ("氏名", "児童生徒氏名", "児童氏名")
_ATTENDANCE = Layout(
    ("学校コード", "年度", "月", "学年", "組", "番号", "児童生徒番号", "氏名", "授業日数", "出席停止・忌引",
     "欠席日数", "遅刻", "早退",
     "更新日時"),
    zeros=(6,), counts=(10,), stamp=13, cut=8,
)  # fmt: skip
_FEES = Layout(
    ("学校コード", "年度", "請求月", "児童生徒番号", "氏名", "口座名義人カナ", "請求額", "納入額", "未納額",
     "納入状況", "摘要"),
    key=3, zeros=(3,), amounts=(8,), codes=(9,), text=10, cut=5, total=0,
)  # fmt: skip
_INFIRMARY = Layout(("来室日時", "学校名", "年組番", "氏名", "性別", "主訴", "処置", "備考"), sex=4, text=7, kinds=(
    "duplicate", "wrongsex", "header_repeat", "blank", "quote", "newline", "inject", "long_row_empty"))  # fmt: skip
_DAYS = Layout(
    ("日付", "学年", "組", "番号", "児童生徒番号", "氏名", "区分", "理由"),
    zeros=(4,),
    kinds=("duplicate", "leadzero", "blank"),
)


def in_order(children: Sequence[Person], year: int) -> list[tuple[Person, Child, Seat]]:
    """Pupils of a year by school, grade, class and number."""
    found = [
        (person, person.child, person.child.seats[year])
        for person in children
        if person.child and year in person.child.seats
    ]
    return sorted(found, key=lambda row: (row[2].school.index, row[2].grade, row[2].room, row[2].number))


def attendance_and_fees(delivery: Delivery, children: Sequence[Person], rng: Random) -> None:
    """出欠月集計_Ryy and 学校徴収金_Ryy, one row per pupil and month."""
    for year in sorted(delivery.calendar.years):
        pupils = in_order(children, year)
        months = [month for month in delivery.calendar.school_months if fiscal_year(month) == year]
        path = f"shukketsu/出欠月集計_{label(year)}.csv"
        with delivery.sheet(path, _ATTENDANCE, "cp932", year=year, words={7: _NAMES}, swaps=((6, 7),)) as sheet:
            for person, child, seat in pupils:
                name = name_in(person, "school", "　", rng)
                place = [str(seat.shown_grade), str(seat.room), str(seat.number), seat.student_no, name]
                for month in months:
                    facts = child.months.get(month)
                    if facts is None:
                        continue
                    after = shifted(month, 1)
                    stamp = f"{after.year}/{after.month}/2 16:{9 + month.month:02}"
                    sheet.row(
                        [seat.school.code, str(year), str(month.month), *place, str(facts.school_days),
                         str(facts.excused),
                         str(facts.absent), str(facts.late), str(facts.early), stamp],
                        seat.student_no, person, (Lost(person, "absent", f"{month:%Y-%m}"),),
                    )  # fmt: skip
                    delivery.record(sheet, seat.student_no, person, name)
        path = f"kyushoku/学校徴収金_{label(year)}.csv"
        with delivery.sheet(
            path, _FEES, "cp932", year=year, words={4: ("児童氏名", "氏名", "児童生徒氏名")}, swaps=((0, 1),)
        ) as sheet:
            for person, child, seat in pupils:
                name = name_in(person, "school", "", rng)
                payer = half_width(written(child.payer or person, "").kana())
                price = "5100" if seat.school.junior else "4300"
                for month in months:
                    facts = child.months.get(month)
                    if facts is None:
                        continue
                    paid = (price, "0", "納入済", "") if not facts.unpaid else ("0", price, "未納",
                        "督促状送付" if rng.random() < 0.3 else "")  # fmt: skip
                    sheet.row(
                        [seat.school.code, str(year), str(month.month), seat.student_no, name, payer, price, *paid],
                        seat.student_no, person, (Lost(person, "fee", f"{month:%Y-%m}"),),
                    )  # fmt: skip
                    delivery.record(sheet, seat.student_no, person, name)


def infirmary(delivery: Delivery, children: Sequence[Person], rng: Random) -> None:
    """保健室来室記録_Ryy, one row per visit."""
    for year in sorted(delivery.calendar.years):
        path = f"hokenshitsu/保健室来室記録_{label(year)}.csv"
        with delivery.sheet(path, _INFIRMARY, "utf-8-sig", year=year) as sheet:
            for person, child, seat in in_order(children, year):
                place = f"{seat.shown_grade}-{seat.room}-{seat.number}"
                key = f"{seat.school.name}|{year}|{place}"
                name = name_in(person, "school", "", rng)
                for visit in child.visits:
                    if fiscal_year(visit.day) != year:
                        continue
                    when = f"{visit.day.year}/{visit.day.month:02}/{visit.day.day:02} {visit.clock}"
                    sheet.row([when, seat.school.name, place, name, "男" if person.sex == 1 else "女", visit.complaint,
                               visit.care, visit.remark], key, person,
                              (Lost(person, "infirmary", f"{visit.day:%Y-%m}"),))  # fmt: skip
                    delivery.record(sheet, key, person, name)


def daily_attendance(delivery: Delivery, children: Sequence[Person], school: School, rng: Random) -> None:
    """出欠日別_<school>_直近: one school, the last four months; no row means present."""
    year = fiscal_year(delivery.calendar.on)
    path = f"shukketsu/出欠日別_{school.short}_直近.csv"
    day = delivery.date_form(path, "iso")
    days = {month: delivery.calendar.days(month) for month in delivery.calendar.months[-4:]}
    with delivery.sheet(path, _DAYS, "cp932") as sheet:
        for person, child, seat in in_order(children, year):
            if seat.school is not school:
                continue
            name = name_in(person, "school", "　", rng)
            for month, dates in days.items():
                facts = child.months.get(month)
                if facts is None or len(dates) < facts.excused + facts.absent:
                    continue
                drawn = rng.sample(dates, facts.excused + facts.absent)
                marks = ["出停"] * facts.excused + [
                    rng.choice(("病欠", "病欠", "病欠", "事故欠", "事故欠")) for _ in range(facts.absent)
                ]
                rest = [one for one in dates if one not in drawn]
                marks += ["遅刻"] * facts.late + ["早退"] * facts.early
                drawn += rng.sample(rest, min(len(rest), facts.late + facts.early))
                for one, mark in sorted(zip(drawn, marks, strict=False)):
                    sheet.row([day(one), str(seat.shown_grade), str(seat.room), str(seat.number), seat.student_no,
                        name, mark,
                               rng.choice(("家庭の都合", "連絡なし", "", "通院", "発熱", "腹痛"))], seat.student_no,
                                   person)  # fmt: skip
                    delivery.record(sheet, seat.student_no, person, name)


_SURVEY = ("学校コード", "学年", "組", "番号", "氏名", "フリガナ", "生年月日", "国語偏差値", "算数・数学偏差値", "備考")


def survey(delivery: Delivery, children: Sequence[Person], rng: Random) -> None:
    """学力調査_Ryy.xlsx, sheet 結果; the two scores change places with the year."""
    for year in sorted(delivery.calendar.years):
        path = f"gakuryoku/学力調査_{label(year)}.xlsx"
        pupils = [row for row in in_order(children, year) if year in row[1].tests]
        target = delivery.open_binary(path)
        with target:
            write_workbook(target, "結果", _survey_rows(delivery, path, year, pupils, rng))
        delivery.count_workbook(path, len(pupils))


def _survey_rows(
    delivery: Delivery, path: str, year: int, pupils: list[tuple[Person, Child, Seat]], rng: Random
) -> Iterator[list[Cell]]:
    swapped = year % 2 == 1
    header = list(_SURVEY)
    header[4] = ("氏名", "児童氏名", "児童生徒氏名")[(year - 2025) % 3]
    if swapped:
        header[7], header[8] = header[8], header[7]
    damaged = delivery.level != "none"
    if damaged:
        yield [f"瑞野市学力調査結果　令和{year - 2018}年度"]
        yield []
        delivery.note_bad(path, 1, ("title_row", "ignore"), "", None)
        delivery.note_bad(path, 2, ("blank", "ignore"), "", None)
    yield list(header)
    line = 3 if damaged else 1
    chance = {"none": 0.0, "usual": 0.008, "heavy": 0.04}[delivery.level]
    for person, child, seat in pupils:
        line += 1
        key = f"{seat.school.code}|{year}|{seat.shown_grade}-{seat.room}-{seat.number}"
        scores: list[Cell] = [
            float(score) if score else rng.choice((None, "欠", "-", "＊")) for score in child.tests[year]
        ]
        if rng.random() < chance and isinstance(scores[0], float):
            scores[0] = full_width(child.tests[year][0])
            delivery.note_bad(path, line, ("width", "read"), key, person)
        elif rng.random() < chance / 4 and isinstance(scores[1], float):
            scores[1] = rng.choice((0, 999))
            delivery.note_bad(path, line, ("impossible", "read_value_unknown"), key, person)
            delivery.lost.append((person.person_id, "test", str(year), "value_unknown", path))
        name = name_in(person, "school", "", rng)
        delivery.note_record((path, path, "gakuryoku"), key, person, name, person.birth)
        remark = "" if all(child.tests[year]) else "欠席"
        born: Cell = era_dots(person.birth) if rng.random() < 0.025 and damaged else person.birth
        first, second = (scores[1], scores[0]) if swapped else (scores[0], scores[1])
        yield [int(seat.school.code), seat.shown_grade, seat.room, seat.number, name, full_kana(person, "school"), born,
               first, second, remark]  # fmt: skip
    if damaged:
        delivery.note_bad(path, line + 1, ("total_row", "ignore"), "", None)
        yield ["平均", None, None, None, None, None, None, 50, 50]


_ANSWERS = Layout(
    ("ログインID", "学校名", "学年", "組", "氏名", "自己肯定感", "やり抜く力", "家族とのつながり", "友人関係",
     "生活習慣", "自由記述"),
    scales=(5, 6, 7, 8, 9), text=10, delimiter="\t", cut=6,
    kinds=("duplicate", "width", "code", "impossible", "inject", "blank", "short_row", "quote"),
)  # fmt: skip
_FREE = ("", "", "", "", "", "", "", "学校は楽しい", "家のことが心配", "特になし", "話を聞いてほしい", "ねむい")


def questionnaire(delivery: Delivery, children: Sequence[Person], rng: Random) -> None:
    """質問紙_Ryy.tsv; the order of the scales changes with the year."""
    for year in sorted(delivery.calendar.years):
        path = f"shitsumonshi/質問紙_{label(year)}.tsv"
        with delivery.sheet(
            path, _ANSWERS, "utf-8", year=year, words={4: ("氏名", "名前", "児童氏名")}, swaps=((6, 7), (8, 9))
        ) as sheet:
            for person, child, seat in in_order(children, year):
                if year not in child.answers:
                    continue
                name = name_in(person, "school", " ", rng)
                sheet.row([seat.login, seat.school.name, str(seat.shown_grade), str(seat.room), name,
                    *child.answers[year],
                           rng.choice(_FREE)], seat.login, person, (Lost(person, "q", str(year)),))  # fmt: skip
                delivery.record(sheet, seat.login, person, name)


_MOOD = Layout(("日付", "ログインID", "表示名", "学年", "組", "番号", "天気", "回答時刻"), calm=True)


def moods(delivery: Delivery, children: Sequence[Person], schools: Sequence[School], rng: Random) -> None:
    """<school>_心の天気.csv: one row per answer of the last four months; young children write in hiragana."""
    year = fiscal_year(delivery.calendar.on)
    pupils = in_order(children, year)
    for school in schools:
        path = f"kokoro/{school.short}_心の天気.csv"
        day = delivery.date_form(path, "iso")
        with delivery.sheet(path, _MOOD, "utf-8-sig") as sheet:
            for person, child, seat in pupils:
                if seat.school is not school or not child.mood:
                    continue
                name = _shown_name(person, seat, rng)
                place = [seat.login, name, str(seat.shown_grade), str(seat.room), str(seat.number)]
                start = rng.randrange(40)
                delivery.record(sheet, seat.login, person, name)
                for turn, (one, weather) in enumerate(child.mood.items()):
                    sheet.row([day(one), *place, weather, f"8:{(start + turn) % 40:02}"], seat.login, person)


def _shown_name(person: Person, seat: Seat, rng: Random) -> str:
    chance = rng.random()
    name = written(person, "school")
    if chance < (0.5 if seat.grade <= 2 else 0.06) and name.given:
        return hiragana(name.kana(" "))
    if chance < (0.9 if seat.grade <= 2 else 0.3) and name.given:
        return f"{name.family} {hiragana(name.given_kana)}"
    return name_in(person, "school", " ", rng)


def mood_dates(children: Sequence[Person], year: int) -> dict[int, list[date]]:
    """The dates that occur in each school's file, by school."""
    found: dict[int, set[date]] = {}
    for _, child, seat in in_order(children, year):
        found.setdefault(seat.school.index, set()).update(child.mood)
    return {index: sorted(dates) for index, dates in found.items()}
