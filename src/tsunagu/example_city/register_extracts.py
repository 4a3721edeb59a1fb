"""Extracts of the register of residents, the protection list, tax, assistance, allowance, disability and care."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from tsunagu.example_city.calendar import label
from tsunagu.example_city.delivery import Delivery
from tsunagu.example_city.faults import Layout
from tsunagu.example_city.people import Household, Person, fiscal_year
from tsunagu.example_city.places import Address, as_list, as_older, as_register, ward
from tsunagu.example_city.registration import Protection
from tsunagu.example_city.sheets import Lost
from tsunagu.example_city.spelling import half_kana, name_in, written

_BASIC = Layout(
    ("宛名番号", "世帯番号", "氏名", "氏名カナ", "通称名", "生年月日", "性別", "続柄", "世帯主氏名", "住所", "方書",
     "住民となった日",
     "最終異動事由", "最終異動日", "消除日", "国籍", "支援措置区分", "備考"),
    key=0, zeros=(0,), dates=(5,), sex=6, kana=3, text=17, cut=4,
)  # fmt: skip
_MOVES = Layout(
    ("宛名番号", "異動連番", "異動事由", "異動日", "届出日", "前住所", "後住所", "前世帯番号", "後世帯番号"),
    key=0,
    zeros=(0,),
)
_COUNTRIES = {
    "VNM": "ベトナム",
    "CHN": "中国",
    "PHL": "フィリピン",
    "BRA": "ブラジル",
    "NPL": "ネパール",
    "KOR": "韓国",
}
Event = tuple[str, date, str, str, str, str]


def residents(delivery: Delivery, households: Sequence[Household], rng: Random) -> None:
    """JUKI_KIHON and JUKI_IDO."""
    day = delivery.date_form("jumin/JUKI_KIHON.csv", "era_padded")
    history: list[tuple[Person, Event]] = []
    with delivery.sheet("jumin/JUKI_KIHON.csv", _BASIC, "cp932") as sheet:
        for home in households:
            for person in home.members:
                events = _events(person, home, delivery.calendar.on)
                history += ((person, event) for event in events)
                reason, last = (events[-1][0], day(events[-1][1])) if events else ("", "")
                text = written(person, "").joined()
                name = name_in(person, "", "　", rng) if rng.random() < 0.3 else text
                head = written(home.head, "").joined() if home.head is not None else ""
                # The copy lags: a protection granted in the last weeks, or by extension, may not have arrived.
                flag = "1" if person.suppressed and rng.random() < 0.8 else ""
                sheet.row(
                    [person.atena, home.number, name, half_kana(person, "", rng),
                     person.alias.joined() if person.alias else "", day(person.birth), str(person.sex), person.relation,
                     head, as_register(home.address), home.address.building,
                     day(person.in_date) if person.in_date is not None else "", reason, last,
                     day(person.out_date) if person.out_date is not None else "", person.country, flag, ""],
                    person.atena, person, (), person.birth,
                )  # fmt: skip
                delivery.record(sheet, person.atena, person, name, person.birth, group="jumin")
    day = delivery.date_form("jumin/JUKI_IDO.csv", "era_padded")
    with delivery.sheet("jumin/JUKI_IDO.csv", _MOVES, "cp932") as sheet:
        turns: dict[str, int] = {}
        for person, (reason, when, before, after, old, new) in history:
            turns[person.atena] = turns.get(person.atena, 0) + 1
            told = when + timedelta(days=int(rng.random() ** 2 * 14))
            sheet.row([person.atena, str(turns[person.atena]), reason, day(when), day(told), before, after, old, new],
                      person.atena, person)  # fmt: skip


def _events(person: Person, home: Household, on: date) -> list[Event]:
    """What the register says happened: reason, day, address before and after, household number before and after."""
    now, number = as_register(home.address), home.number
    events: list[Event] = []
    start = person.in_date
    arrived = as_older(home.old_address) if home.old_address is not None and home.moved is not None else now
    if start is not None and start == person.birth and on - start < timedelta(days=4 * 366):
        events.append(("出生", start, "", "", number, number))
    elif start is not None and start > person.birth:
        abroad = home.came_from.startswith("国外:")
        origin = _COUNTRIES.get(home.came_from[3:], "国外") if abroad else home.came_from
        events.append(("国外転入" if abroad else "転入", start, origin, arrived, "", number))
    if home.moved is not None and home.old_address is not None and home.moved > person.present:
        events.append(("転居", home.moved, as_older(home.old_address), now, number, number))
    renamed = person.renamed
    if renamed is not None and max(person.present, on - timedelta(days=4 * 366)) < renamed < (person.out_date or on):
        events.append(("氏名変更", renamed, "", "", number, number))
    if person.out_date is not None:
        events.append(("転出", person.out_date, now, home.went_to, number, ""))
    return sorted(events, key=lambda event: event[1])


_PROTECTED = Layout(
    ("管理番号", "宛名番号", "氏名", "区分", "開始日", "終了日", "状態", "相手方氏名", "相手方住所", "前住所", "備考")
)


def protections(delivery: Delivery, grants: Sequence[Protection], rng: Random) -> None:
    """支援措置対象者一覧 and, made months ago, 終了者一覧: a person in it may have applied again since."""
    on = delivery.calendar.on
    day = delivery.date_form("shien_sochi/支援措置対象者一覧.csv", "era_dots")
    with delivery.sheet("shien_sochi/支援措置対象者一覧.csv", _PROTECTED, "cp932") as sheet:
        for grant in grants:
            for place, person in enumerate(grant.people):
                name = name_in(person, "", "　", rng)
                old = as_list(person.household.old_address or _elsewhere(rng))
                other = (grant.other, grant.other_address) if place == 0 else ("", "")
                sheet.row([f"{grant.number:05}", person.atena, name, "本人" if place == 0 else "併せて支援",
                    day(grant.start),
                           day(grant.end), grant.state, *other, old, grant.note], person.atena, person)  # fmt: skip
                delivery.record(sheet, person.atena, person, name, group="shien")
    month = date(on.year - (on.month <= 3), (on.month - 4) % 12 + 1, 1)
    path = f"shien_sochi/支援措置終了者一覧_{month.year}年{month.month}月作成.csv"
    with delivery.sheet(path, Layout(_PROTECTED.header[:7]), "cp932") as sheet:
        for grant in grants:
            for place, person in enumerate(grant.people) if grant.state == "終了" else ():
                sheet.row([f"{grant.number:05}", person.atena, written(person, "").joined(),
                    "本人" if place == 0 else "併せて支援",
                           day(grant.start), day(grant.end), grant.state], person.atena, person)  # fmt: skip


def _elsewhere(rng: Random) -> Address:
    return Address("本町", rng.randint(1, 5), rng.randint(1, 40), rng.randint(1, 30), "")


_TAX = Layout(
    ("宛名番号", "氏名", "カナ氏名", "生年月日", "賦課年度", "課税区分", "扶養人数", "賦課期日住所"),
    key=0, zeros=(0,), dates=(3,), kana=2, codes=(5,), cut=2, total=0, quoted=True,
)  # fmt: skip


def taxes(delivery: Delivery, classes: dict[int, list[tuple[Person, str]]], rng: Random) -> None:
    """課税区分_Ryy: adults liable on 1 January."""
    for year, people in sorted(classes.items()):
        path = f"zeimu/課税区分_{label(year)}.csv"
        day = delivery.date_form(path, "packed")
        words = {1: ("氏名", "氏名（漢字）", "納税義務者氏名")}
        with delivery.sheet(path, _TAX, "cp932", year=year, words=words, swaps=((2, 3),)) as sheet:
            for person, kind in people:
                name = name_in(person, "tax", "　", rng)
                home = person.household
                dependants = sum(member.is_child for member in home.members)
                sheet.row(
                    [person.atena, name, half_kana(person, "tax", rng, large=True), day(person.birth), str(year), kind,
                     str(dependants), as_register(home.address)],
                    person.atena, person, (Lost(person, "tax", str(year)),), person.birth,
                )  # fmt: skip
                delivery.record(sheet, person.atena, person, name, person.birth)


_ASSISTED = Layout(
    ("ケース番号", "員番", "宛名番号", "氏名", "カナ", "生年月日", "性別", "続柄", "保護開始日", "保護廃止日",
     "担当地区", "ケース記録抜粋"),
    zeros=(2,), dates=(5,), sex=6, kana=4, text=11,
)  # fmt: skip
_CASE_NOTES = ("", "家庭訪問済", "就労指導中", "母、通院のため就労困難", "長男の進学について相談あり")


def assistance(delivery: Delivery, households: Sequence[Household], rng: Random) -> None:
    """生活保護受給者台帳: members of assisted households; the resident number is often blank."""
    day = delivery.date_form("seiho/生活保護受給者台帳.csv", "era_digits")
    case = 1000
    with delivery.sheet("seiho/生活保護受給者台帳.csv", _ASSISTED, "cp932") as sheet:
        for home in households:
            case += rng.randint(1, 5) if home.assistance else 0
            for start, end in home.assistance:
                for place, person in enumerate(home.members, 1):
                    begins = max(start, person.present)
                    if end is not None and begins >= end:
                        continue
                    key = f"{case:05}-{place:02}"
                    name = name_in(person, "welfare", " ", rng)
                    lost = (Lost(person, "seiho", begins.isoformat()),) if person.is_child else ()
                    sheet.row(
                        [f"{case:05}", f"{place:02}", person.atena if rng.random() < 0.82 else "", name,
                         half_kana(person, "welfare", rng, large=True), day(person.birth), str(person.sex),
                             person.relation,
                         day(begins), day(end) if end is not None else "9999999", f"{ward(home.address.town)}区",
                         rng.choice(_CASE_NOTES)],
                        key, person, lost, person.birth,
                    )  # fmt: skip
                    delivery.record(sheet, key, person, name, person.birth)


_REARING = Layout(
    ("証書番号", "枝番", "年度", "受給者宛名番号", "受給者氏名", "児童氏名", "児童カナ", "児童生年月日", "支給区分",
     "事由"),
    zeros=(3,), dates=(7,), kana=6, codes=(8,), cut=7, total=0,
)  # fmt: skip


def rearing_allowance(delivery: Delivery, households: Sequence[Household], rng: Random) -> None:
    """児童扶養手当_Ryy: one row per child; the resident number is the parent's."""
    certificates: dict[int, int] = {}
    number = 300_000
    for home in households:
        if any(person.child is not None and person.child.rearing for person in home.members):
            number += rng.randint(3, 40) if len(households) < 20_000 else rng.randint(1, 9)
            certificates[id(home)] = number
    for year in sorted(delivery.calendar.years):
        path = f"jifu/児童扶養手当_{label(year)}.csv"
        day = delivery.date_form(path, "era_dots")
        title = (f"児童扶養手当受給者一覧（令和{year - 2018}年度）",) if delivery.level != "none" else ()
        layout = replace(_REARING, titles=title)
        words = {5: ("児童氏名", "対象児童名", "児童氏名")}
        with delivery.sheet(path, layout, "cp932", year=year, words=words) as sheet:
            for home in households:
                children = [p for p in home.members if p.child is not None and p.child.rearing.get(year)]
                for place, person in enumerate(children, 1):
                    assert person.child is not None
                    parent = person.child.guardian or person
                    key = f"{certificates[id(home)]}-{place}|{year}"
                    name = name_in(person, "welfare", "　", rng)
                    sheet.row(
                        [str(certificates[id(home)]), str(place), str(year), parent.atena, written(parent,
                         "").joined(), name,
                         half_kana(person, "welfare", rng), day(person.birth), person.child.rearing[year],
                         rng.choice(("離婚", "離婚", "離婚", "離婚", "未婚", "死別", "遺棄", "障害"))],
                        key, person, (Lost(person, "jifu", str(year)),), person.birth,
                    )  # fmt: skip
                    delivery.record(sheet, key, person, name, person.birth)


_DISABILITY = Layout(
    ("手帳番号", "宛名番号", "氏名", "カナ", "生年月日", "手帳種別", "等級", "交付日", "返還日"),
    zeros=(1,),
    dates=(4,),
    kana=3,
)
_GRADES = {
    "身体障害者手帳": ("1級", "2級", "3級", "4級"), "療育手帳": ("A", "B1", "B2"),
    "精神障害者保健福祉手帳": ("1級", "2級", "3級"),
}  # fmt: skip
_CARE = Layout(
    ("被保険者番号", "宛名番号", "氏名", "カナ", "生年月日", "認定区分", "認定日", "サービス利用"), zeros=(0, 1)
)


def disability_and_care(delivery: Delivery, people: Sequence[Person], rng: Random) -> None:
    """手帳交付台帳 and 要介護認定."""
    on = delivery.calendar.on
    day = delivery.date_form("shogai/手帳交付台帳.csv", "era_blank")
    number = 400_000
    with delivery.sheet("shogai/手帳交付台帳.csv", _DISABILITY, "cp932") as sheet:
        for person in people:
            if rng.random() >= 0.026 or person.out_date is not None:
                continue
            number += rng.randint(1, 60) if len(people) < 30_000 else rng.randint(1, 9)
            kind = rng.choice(tuple(_GRADES))
            issued = max(person.birth + timedelta(days=200), on - timedelta(days=rng.randint(60, 3200)))
            if issued > on:
                continue
            key = f"第{number}号"
            name = name_in(person, "", "　", rng)
            sheet.row([key, person.atena, name, half_kana(person, "", rng), day(person.birth), kind,
                rng.choice(_GRADES[kind]),
                       day(issued), ""], key, person, (), person.birth)  # fmt: skip
            delivery.record(sheet, key, person, name, person.birth)
    day = delivery.date_form("kaigo/要介護認定.csv", "era_digits")
    with delivery.sheet("kaigo/要介護認定.csv", _CARE, "cp932") as sheet:
        for place, person in enumerate(people):
            age = fiscal_year(on) - person.birth.year
            if age < 62 or person.is_child or rng.random() >= (0.18 if age < 75 else 0.6):
                continue
            key = f"{7_000_000 + place * 7:010}"
            name = name_in(person, "", "　", rng)
            sheet.row([key, person.atena, name, half_kana(person, "", rng), day(person.birth),
                       rng.choice(("要支援1", "要支援2", "要介護1", "要介護2", "要介護3", "要介護4", "要介護5")),
                       day(on - timedelta(days=rng.randint(60, 1200))), str(rng.randint(0, 1))],
                      key, person, (), person.birth)  # fmt: skip
            delivery.record(sheet, key, person, name, person.birth)
