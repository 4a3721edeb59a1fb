"""One form for names, readings and addresses."""

from __future__ import annotations

from datetime import date

import pytest

from tsunagu.normalise.addresses import fold_address, kanji_number, own_municipality
from tsunagu.normalise.names import fold_name, split_name
from tsunagu.normalise.schoolyears import birth_span, fiscal_year, school_grade
from tsunagu.text.kana import kana_key, katakana, sound_key
from tsunagu.text.variants import fold_variants


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("髙橋　蓮", "高橋 蓮"),
        ("渡邉 花", "渡辺花"),
        ("渡邊 花", "渡辺 花"),
        ("齋藤 花", "斉藤 花"),
        ("齊藤 花", "斎藤 花"),
        ("中嶋 湊", "中島 湊"),
        ("𠮷野 凪", "吉野　凪"),
        ("佐々木 律", "佐佐木 律"),
        ("濵田 德子", "浜田徳子"),
        ("ＬＩ　ＨＡＯＲＡＮ", "Li Haoran"),
        ("HAORAN LI", "LI HAORAN"),
        ("野上 かずし", "野上 カズシ"),
    ],
)
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert fold_name(one).key == fold_name(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [("玉田 功", "王田 功"), ("土田 真", "士田 真"), ("大川 勉", "犬川 勉"), ("谷 師", "谷 帥"), ("山 書", "山 昼")],
)
def test_different_characters_stay_different(one: str, other: str) -> None:
    assert fold_name(one).key != fold_name(other).key


@pytest.mark.parametrize("unreadable", ["〓田 花", "\ue000田 花", "\ufffd田 花", "\U000f0001田 花"])
def test_an_unreadable_sign_becomes_the_wildcard(unreadable: str) -> None:
    assert fold_name(unreadable).key == "〓田花"


@pytest.mark.parametrize(
    ("written", "surname", "given", "order"),
    [("佐藤（長男）", "佐藤", "", ("1", 1)), ("佐藤(次女)", "佐藤", "", ("2", 2)), ("ミオちゃん", "", "ミオ", ("", 0))],
)
def test_partial_names_say_that_they_are_partial(
    written: str, surname: str, given: str, order: tuple[str, int]
) -> None:
    name = fold_name(written)
    assert name.is_partial
    assert (name.surname, name.given, (name.order_sex, name.birth_order)) == (surname, given, order)


def test_a_name_without_space_is_split_by_known_surnames() -> None:
    name = split_name(fold_name("佐々木晴樹"), {"佐", "佐佐木"})
    assert (name.surname, name.given) == ("佐佐木", "晴樹")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("ﾅｶｼﾞﾏ ﾊﾅ", "ナカジマ ハナ"),
        ("なかじま　はな", "ナカジマ ハナ"),
        ("ナカシ゛マ ハナ", "ナカジマ ハナ"),
        ("ナカシﾞマ ハナ", "ナカジマ ハナ"),
        ("ﾕ-ｺ", "ユーコ"),
        ("ユ－コ", "ユーコ"),
        ("ユ―コ", "ユーコ"),
    ],
)
def test_readings_have_one_written_form(written: str, expected: str) -> None:
    assert katakana(written) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [("ｼﾖｳｺ", "ショウコ"), ("ヴイトール", "ビトル"), ("ミヅキ", "ミズキ"), ("ユーコ", "ユコ"), ("ｳﾞｨﾄｰﾙ", "ビトル")],
)
def test_readings_compare_equal(one: str, other: str) -> None:
    assert kana_key(one) == kana_key(other)


@pytest.mark.parametrize(("one", "other"), [("ナカジマ", "ナカシマ"), ("オオタ", "オウタ"), ("ユウキ", "ユキ")])
def test_neighbouring_readings_share_a_sound(one: str, other: str) -> None:
    assert sound_key(one) == sound_key(other)
    assert kana_key(one) != kana_key(other)


@pytest.mark.parametrize(
    "written",
    [
        "瑞野市若葉五丁目12番地の4",
        "若葉5丁目12-4",
        "若葉5-12-4",
        "若葉５丁目１２番４号",
        "若葉五丁目十二番四号",
        "若葉５－１２－４",
        "○○県瑞野市若葉5-12-4",
        "瑞野市大字若葉5丁目12番地4",
        "若葉5-12-4 中央メゾン803号",
        "若葉5丁目12番4号803",
    ],
)
def test_an_address_has_one_key(written: str) -> None:
    assert fold_address(written, "瑞野市").key == "若葉|5-12-4"


def test_kanji_numbers() -> None:
    assert [kanji_number(t) for t in ("五", "十二", "二十", "二〇", "百五")] == [5, 12, 20, 20, 105]


def test_the_own_municipality_is_read_from_the_register() -> None:
    towns = ["若葉", "本町", "古市場", "栄町"]
    assert own_municipality([f"瑞野市{towns[i % 4]}{i}番地" for i in range(40)]) == "瑞野市"
    assert fold_address("古市場3-2", "瑞野市").key == fold_address("瑞野市古市場三丁目2番地", "瑞野市").key


def test_variants_fold_to_common_characters() -> None:
    assert fold_variants("髙﨑濵栁德惠國櫻眞") == "高崎浜柳徳恵国桜真"


@pytest.mark.parametrize(
    ("born", "year", "grade"),
    [
        (date(2020, 4, 1), 2026, 1),
        (date(2020, 4, 2), 2026, 0),
        (date(2019, 4, 2), 2026, 1),
        (date(2011, 4, 2), 2026, 9),
    ],
)
def test_a_child_born_on_1_april_joins_the_earlier_school_year(born: date, year: int, grade: int) -> None:
    assert school_grade(born, year) == grade
    if grade >= 1:
        first, last = birth_span(grade, year)
        assert first <= born <= last


def test_the_fiscal_year_begins_in_april() -> None:
    assert (fiscal_year(date(2026, 3, 31)), fiscal_year(date(2026, 4, 1))) == (2025, 2026)
