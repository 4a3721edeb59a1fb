"""Extracts about families: school aid, check-ups, vaccinations, EPDS, nursery, reports, the council's register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random

from tsunagu.example_city.calendar import label
from tsunagu.example_city.delivery import Delivery
from tsunagu.example_city.faults import Layout
from tsunagu.example_city.people import Person, fiscal_year
from tsunagu.example_city.places import Address, as_office, as_register, as_short, as_wide
from tsunagu.example_city.sheets import Lost
from tsunagu.example_city.spelling import full_kana, name_in, reading, written

_AID = Layout(
    ("申請番号", "年度", "学校名", "学年", "氏名", "フリガナ", "生年月日", "保護者氏名", "住所", "認定区分", "認定日"),
    dates=(6,), kana=5, codes=(9,), cut=7, total=0,
)  # fmt: skip


def school_aid(delivery: Delivery, children: Sequence[Person], rng: Random) -> None:
    """就学援助認定_Ryy: pupils who applied; no row means not applied. Two title lines in odd years."""
    for year in sorted(delivery.calendar.years):
        decided = date(year, 7, 1)
        if decided > delivery.calendar.on:
            continue
        path = f"shugaku_enjo/就学援助認定_{label(year)}.csv"
        day = delivery.date_form(path, "era_words")
        titled = year % 2 == 1 and delivery.level != "none"
        titles = (f"就学援助　認定結果一覧,令和{year - 2018}年度", "学務課作成") if titled else ()
        words = {4: ("児童生徒氏名", "氏名", "児童氏名")}
        number = 0
        with delivery.sheet(
            path, replace(_AID, titles=titles), "cp932", year=year, words=words, swaps=((2, 3), (4, 5))
        ) as sheet:
            for person in children:
                child = person.child
                if child is None or year not in child.aid or year not in child.seats:
                    continue
                number += 1
                seat = child.seats[year]
                key = f"{year}-{number:05}"
                name = name_in(person, "welfare", " ", rng)
                sheet.row(
                    [key, str(year), seat.school.name, str(seat.shown_grade), name, full_kana(person, "welfare"),
                     day(person.birth), written(child.guardian or person, "").joined(" "),
                         as_office(person.household.address),
                     child.aid[year], day(decided)],
                    key, person, (Lost(person, "aid", str(year)),), person.birth,
                )  # fmt: skip
                delivery.record(sheet, key, person, name, person.birth)


_CHECKUPS = Layout(
    ("母子番号", "宛名番号", "氏名", "フリガナ", "生年月日", "性別", "保護者氏名", "住所", "健診種別", "受診区分",
     "受診日", "判定", "所見"),
    zeros=(1,), dates=(4,), sex=5, kana=3, codes=(9,), text=12, cut=9,
)  # fmt: skip
_FINDINGS = ("", "", "", "", "", "要精密検査", "経過観察", "言語発達の確認", "う歯あり", "体重増加不良")
_DOSES = Layout(("母子番号", "氏名", "生年月日", "ワクチン", "接種日", "医療機関"), zeros=(0,), dates=(2,), cut=3)
_CLINICS = ("木村小児科", "市立病院", "他市", "青空こどもクリニック")
_EPDS = Layout(
    ("母子番号", "産婦氏名", "産婦生年月日", "児氏名", "出生体重(g)", "EPDS点数", "実施日"),
    zeros=(0,),
    kinds=("duplicate", "leadzero"),
)


def maternal_and_child_health(delivery: Delivery, children: Sequence[Person], rng: Random) -> None:
    """乳幼児健診, 予防接種, 産婦_EPDS: the address is the one at registration, the name often the one at birth."""
    day = delivery.date_form("boshi/乳幼児健診.csv", "packed")
    with delivery.sheet("boshi/乳幼児健診.csv", _CHECKUPS, "cp932") as sheet:
        for person in children:
            child = person.child
            if child is None:
                continue
            home = person.household
            atena = person.atena if rng.random() < 0.72 else ""
            address = as_office(home.old_address or home.address)
            mother = child.mother or child.guardian or person
            for word, code, when in child.checkups:
                name = name_in(person, "health", "　", rng)
                sheet.row(
                    [child.health_no, atena, name, full_kana(person, "health"), day(person.birth), str(person.sex),
                     written(mother, "").joined(), address, word, str(code), day(when) if when is not None else "",
                     rng.choice("AAAAAAABC") if code == 1 else "", rng.choice(_FINDINGS)],
                    child.health_no, person, (Lost(person, "checkup", word),), person.birth,
                )  # fmt: skip
                delivery.record(sheet, child.health_no, person, name, person.birth, group="boshi")
    day = delivery.date_form("boshi/予防接種.csv", "packed")
    with delivery.sheet("boshi/予防接種.csv", _DOSES, "cp932") as sheet:
        for person in children:
            child = person.child
            if child is None:
                continue
            for word, when in child.doses:
                name = name_in(person, "health", "　", rng)
                sheet.row([child.health_no, name, day(person.birth), word, day(when), rng.choice(_CLINICS)],
                          child.health_no, person, (Lost(person, "vacc", word),), person.birth)  # fmt: skip
                delivery.record(sheet, child.health_no, person, name, person.birth, group="boshi")
    day = delivery.date_form("boshi/産婦_EPDS.csv", "packed")
    with delivery.sheet("boshi/産婦_EPDS.csv", _EPDS, "cp932") as sheet:
        for person in children:
            child = person.child
            if child is None or child.epds is None or child.mother is None:
                continue
            name = written(person, "health").joined()
            asked = day(date.fromordinal(person.birth.toordinal() + 30))
            sheet.row([child.health_no, written(child.mother, "").joined(), day(child.mother.birth), name,
                       str(child.birth_weight), str(child.epds), asked], child.health_no, person)  # fmt: skip
            delivery.record(sheet, child.health_no, person, name, group="boshi")


_NURSERY = Layout(
    ("児童番号", "宛名番号", "児童氏名", "ふりがな", "生年月日", "性別", "保護者氏名", "保護者2氏名", "施設名",
     "入所日", "在籍区分",
     "当月登園日数", "当月開所日数"),
    zeros=(0,), dates=(4,), sex=5, kana=3, amounts=(11,), total=0,
    kinds=("duplicate", "leadzero", "long_row_empty", "wrongsex", "nokana", "serial", "width"),
)  # fmt: skip


def nursery(delivery: Delivery, children: Sequence[Person], rng: Random) -> None:
    """保育所在籍児童_YYYYMM: children in nurseries on the as-of day."""
    on = delivery.calendar.on
    path = f"hoiku/保育所在籍児童_{on:%Y%m}.csv"
    day = delivery.date_form(path, "era_slashed")
    number = 50_000
    with delivery.sheet(path, _NURSERY, "cp932") as sheet:
        for person in children:
            child = person.child
            number += rng.randint(1, 4)
            if child is None or child.nursery is None:
                continue
            place, start, attended = child.nursery
            name = name_in(person, "welfare", "　", rng)
            key = f"{number:06}"
            mother = child.mother if child.mother is not child.guardian else None
            sheet.row(
                [key, person.atena if rng.random() < 0.8 else "", name, reading(person, "welfare"), day(person.birth),
                 str(person.sex), written(child.guardian or person, "").joined(),
                 written(mother, "").joined() if mother is not None else "", place, day(start), "在籍",
                     str(attended), "24"],
                key, person, (), person.birth,
            )  # fmt: skip
            delivery.record(sheet, key, person, name, person.birth)


_REPORTS = Layout(
    ("受付番号", "受付日", "区分", "経路", "児童氏名", "フリガナ", "生年月日又は年齢", "性別", "保護者氏名", "住所",
     "主訴", "緊急度", "内容"),
    kinds=("long_row_empty", "blank"),
)  # fmt: skip
_ROUTES = ("学校", "近隣", "警察", "家族", "医療機関", "保育所", "児童本人")
_TROUBLES = {
    "通告": ("ネグレクト", "心理的虐待", "身体的虐待"),
    "相談": ("養育相談", "性格行動", "不登校", "発達", "生活困窮"),
}
_STORIES = (
    "学校より、同じ服で登校が続き、体臭があるとの報告。給食を多くおかわりする。", "本人より「家にいたくない」と電話。",
    "不登校について父より相談。", "発達の心配について母より相談。", "経済的な不安について来所。",
    "学校SSWより、きょうだいの世話のため遅刻が多いと情報提供。",
    "近隣より「夜間、子どもの泣き声と怒鳴り声が続く」との連絡。",
)  # fmt: skip
_TAILS = ("", "", "", "\n折り返し連絡予定。", "\n「様子を見たい」とのこと。", "\n父とは別居, 連絡先不明。")


def reports(delivery: Delivery, children: Sequence[Person], rng: Random) -> None:
    """相談通告受付簿: free text with line breaks; names may be partial, an age may stand for the birth date."""
    day = delivery.date_form("kosoudan/相談通告受付簿.csv", "era_dots")
    cases = sorted(
        (
            (when, person.person_id, kind, person)
            for person in children
            if person.child
            for when, kind in person.child.reports
        ),
        key=lambda case: case[:3],
    )
    with delivery.sheet("kosoudan/相談通告受付簿.csv", _REPORTS, "utf-8-sig") as sheet:
        for number, (when, _, kind, person) in enumerate(cases, 1):
            assert person.child is not None
            key = f"{label(fiscal_year(when))}-{number:04}"
            name, kana = name_in(person, "welfare", " ", rng), full_kana(person, "welfare")
            chance = rng.random()
            if chance < 0.04 and written(person, "welfare").given:
                name = f"{written(person, 'welfare').given_kana}ちゃん"
            elif chance < 0.07:
                name = f"{written(person, 'welfare').family}（{'長男' if person.sex == 1 else '長女'}）"
            age = (when.toordinal() - person.birth.toordinal()) // 365
            chance = rng.random()
            born = (
                "不明"
                if chance < 0.06
                else f"{age}歳"
                if chance < 0.1
                else f"{age}歳くらい"
                if chance < 0.13
                else day(person.birth)
            )
            at: Address = person.household.address
            sheet.row(
                [key, day(when), kind, rng.choice(_ROUTES), name, kana if rng.random() < 0.75 else "", born,
                 "男" if person.sex == 1 else "女", written(person.child.guardian or person, "").joined(" "),
                 rng.choice((as_short, as_short, as_short, as_office, as_wide, as_register))(at),
                     rng.choice(_TROUBLES[kind]),
                 rng.choice("BC") if kind == "通告" else "", rng.choice(_STORIES) + rng.choice(_TAILS)],
                key, person, (Lost(person, "report", when.isoformat()),), person.birth,
            )  # fmt: skip
            delivery.record(sheet, key, person, name, person.birth)


_COUNCIL = Layout(
    (
        "台帳番号",
        "児童氏名",
        "フリガナ",
        "生年月日",
        "区分",
        "登録日",
        "終結日",
        "主担当機関",
        "最終目視確認日",
        "支援方針",
    ),
    kinds=("duplicate", "long_row_empty", "blank"),
)
_PLANS = ("学校での見守り", "母の負担軽減", "通院支援", "月1回の家庭訪問")


def council_register(delivery: Delivery, children: Sequence[Person], rng: Random) -> None:
    """要対協進行管理台帳."""
    day = delivery.date_form("youtaikyo/要対協進行管理台帳.csv", "era_words")
    number = 0
    with delivery.sheet("youtaikyo/要対協進行管理台帳.csv", _COUNCIL, "cp932") as sheet:
        for person in children:
            for kind, start, end, seen in person.child.register if person.child is not None else ():
                number += rng.randint(1, 60)
                key = f"要{number:05}"
                name = name_in(person, "welfare", "　", rng)
                sheet.row(
                    [key, name, full_kana(person, "welfare"), day(person.birth), kind, day(start),
                     day(end) if end is not None else "", rng.choice(("こども家庭センター", "児童相談所", "学校",
                         "保健センター")),
                     day(seen) if seen is not None else "", rng.choice(_PLANS)],
                    key, person, (), person.birth,
                )  # fmt: skip
                delivery.record(sheet, key, person, name, person.birth)
