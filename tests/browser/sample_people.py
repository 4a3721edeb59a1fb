"""Invented children for the browser: every level, every kind of reason, long names, and enough for two pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from builders import (
    LEVELS,
    ATestFact,
    ATestPair,
    ATestPerson,
    a_child,
    a_household,
    absences,
    an_id,
    many_absences,
    on_the_register,
    public_assistance,
    survey_unknown,
    tax_unknown,
    unpaid_fees,
)
from pupils import ATestPupil, a_pupil

D = dt.date
SEPTEMBER = D(2026, 9, 1)


def aoi() -> ATestPerson:
    """A pupil with facts from every department."""
    fees = [
        ATestFact("school_fee", D(2026, month, 1), value=value, holder="kyushoku")
        for month, value in ((4, "paid"), (5, "unpaid"), (6, "unpaid"), (7, "paid"), (9, "unpaid"))
    ]
    moods = [
        ATestFact("mood", D(2026, month, day), value=value, label="102", holder="kokoro")
        for month in (6, 7, 9)
        for day, value in ((2, "sunny"), (5, "cloudy"), (9, "rainy"), (12, "rainy"), (16, "sunny"), (19, "thunder"))
    ]
    scores = [
        ATestFact("test_japanese", D(year, 4, 1), number=Decimal(score), holder="gakuryoku")
        for year, score in ((2025, 48), (2026, 44))
    ]
    return a_child(
        reasons=(many_absences(), unpaid_fees(), tax_unknown(), survey_unknown()),
        level="予防的支援",
        at_most="重点支援",
        judgments=(("poverty", "1", "2"), ("academic", "0", "0"), ("noncognitive", "2", "2")),
        facts=(
            *absences(0, 1, 0, 0, 2, 0, 1, 0, 0, 1, None, 0, 1, 0, 0, 1, 2, 0, 1, 0, 2, 4, 0, 11),
            *fees,
            *moods,
            *scores,
            ATestFact("council_register", D(2025, 6, 10), value="support", holder="youtaikyo", valid_to=D(2026, 3, 31)),
            ATestFact("report", D(2026, 5, 20), value="consultation", holder="kosoudan"),
            ATestFact("last_seen", D(2026, 9, 18), holder="youtaikyo"),
            ATestFact("infirmary_visit", D(2026, 6, 23), holder="hokenshitsu"),
            ATestFact("infirmary_visit", D(2026, 9, 3), holder="hokenshitsu"),
            ATestFact("residence", D(2025, 5, 1), holder="jumin"),
            ATestFact("move", D(2025, 5, 1), value="in", holder="jumin"),
            ATestFact("rearing_allowance", D(2025, 4, 1), value="full", holder="jifu"),
            ATestFact("rearing_allowance", D(2026, 4, 1), value="partial", holder="jifu"),
            ATestFact("vaccination", D(2024, 12, 1), label="日本脳炎", holder="boshi"),
        ),
    )


def some_people() -> list[ATestPerson]:
    """Forty-four noticed children, aoi's first."""
    brother = a_child(
        "例川 アレハンドロ", "レイカワ アレハンドロ",
        grade=6, birth_date=D(2014, 6, 1), first_reason="P1", reasons=(public_assistance(), many_absences()),
    )  # fmt: skip
    small = a_child(
        "例山 ひなた", "レイヤマ ヒナタ",
        birth_date=D(2023, 4, 2), grade=-2, school=None, school_name=None, class_name=None, household="5",
        level="重点支援", first_reason="N4a", reasons=(on_the_register(),),
    )  # fmt: skip
    junior = a_child(
        "REI TANAKA ALEJANDRA MARIA", "レイ タナカ アレハンドラ マリア",
        birth_date=D(2013, 6, 1), grade=7, school="201", school_name="瑞野市立第一中学校", household="6",
        level="見守り", at_most="予防的支援", reasons=(many_absences(12), survey_unknown()),
    )  # fmt: skip
    unclear = a_child(
        "例本 みお", "レイモト ミオ",
        birth_date=D(2018, 6, 1), grade=2, household="7", level="判定保留", at_most="見守り",
        first_reason=None, reasons=(survey_unknown(), tax_unknown()),
        judgments=(("poverty", "U", "2"), ("academic", "0", "0"), ("noncognitive", "U", "1")),
    )  # fmt: skip
    surnames, given = (
        "東西南北上中下内外前",
        ("はると", "ゆい", "さくら", "みなと", "りん", "そうた", "ひまり", "あかり"),
    )
    more = [
        a_child(
            f"例{surnames[n % 10]} {given[n % 8]}", f"レイ{'アイウエオカキクケコ'[n % 10]} {n}",
            person_id=an_id(n), household=str(100 + n), level=list(LEVELS)[1 + n % 3],
            reasons=(many_absences(10 + n % 5),) if n % 2 else (unpaid_fees(), tax_unknown()),
            first_reason="N1a" if n % 2 else "P5",
        )
        for n in range(40)
    ]  # fmt: skip
    return [*a_household(aoi(), brother), small, junior, unclear, *more]


def some_pairs() -> list[ATestPair]:
    """Doubtful pairs: one name in other characters with a mistyped day, a namesake, a number that is contradicted."""
    written = {"name": "渡邉　はると", "kana": "ワタナベ ハルト", "birth_date": D(2017, 5, 9), "sex": "1"}
    school = {"holder": "kokoro", "school_name": "瑞野市立第二小学校", "grade": 4}
    return [
        ATestPair(
            {**written, **school},
            {**written, "name": "渡辺　はると", "birth_date": D(2017, 5, 19)},
            agrees="surname,given,sex",
            differs="birth",
            address="agrees",
        ),
        ATestPair(
            {"name": "例林 ゆい", "kana": "レイバヤシ ユイ", "holder": "kosoudan"},
            {"name": "例林 由衣", "kana": "レイバヤシ ユイ", "birth_date": D(2015, 12, 1), "sex": "2"},
            question="namesakes",
            agrees="surname,given",
            differs="",
        ),
        ATestPair(
            {"name": "例森 そうた", "holder": "gakuryoku", "grade": 1},
            {"name": "例川 めい", "holder": "hokenshitsu", "grade": 1},
            question="number_contradicted",
            agrees="own_number",
            differs="given,birth",
        ),
    ]


def some_pupils() -> list[ATestPupil]:
    """A class of twelve, aoi's: streaks, a change, days not known, most as on most days; and one of another class."""
    scores = ((D(2025, 4, 1), 48, 52), (D(2026, 4, 1), 44, None))
    counts = {10: 0, 11: 1, 12: 2, 1: 0, 2: 1, 3: 3, 4: 0, 5: 2, 6: 4, 7: None, 9: 5}
    months = tuple((D(2026 - (month > 9), month, 1), days) for month, days in counts.items())
    marked = [
        a_pupil(moods="晴くく雨く晴く雨雨雷", marks="......遅病欠病", visits=(D(2026, 6, 23), D(2026, 9, 25)),
                absent=months, late=((D(2026, 6, 1), 2), (SEPTEMBER, 1)), tests=scores),
        a_pupil("例田 ソラ", kana="レイタ ソラ", moods="晴晴晴晴晴晴晴晴晴雷"),
        a_pupil("例本 みお", kana="レイモト ミオ", moods="晴晴く晴晴晴く晴晴.", marks=".....病？病.."),
        a_pupil("例山 ひなた", kana="レイヤマ ヒナタ", moods="くく晴く....雨.", marks="遅遅遅......早"),
        a_pupil("REI TANAKA ALEJANDRA MARIA", kana="レイ タナカ アレハンドラ マリア", marks="停停停停停....."),
    ]  # fmt: skip
    given = ("はると", "ゆい", "さくら", "みなと", "りん", "そうた", "あかり")
    others = [
        a_pupil(f"例{'東西南北上中下'[n]} {name}", kana=f"レイ{'アイウエオカキ'[n]} {n}", moods="晴晴晴く晴晴晴晴く晴")
        for n, name in enumerate(given)
    ]
    numbered = [
        replace(pupil, number=n, absent=pupil.absent or ((SEPTEMBER, 0),))
        for n, pupil in enumerate([*marked, *others], start=1)
    ]
    return [*numbered, a_pupil("例森 けん", kana="レイモリ ケン", class_name="2", person_id=an_id("next door"))]
