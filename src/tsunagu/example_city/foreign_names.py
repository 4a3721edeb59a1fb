"""Names of families from abroad: Latin letters, the reading, and for some a name used in Japan (通称名)."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from tsunagu.example_city.given_names import draw_given_name
from tsunagu.example_city.surnames import Surname, draw_surname


class ForeignFamily(NamedTuple):
    """A country's three letters, the family's name in Latin letters, in the writing at home, and its reading."""

    country: str
    latin: str
    native: str
    kana: str


_FAMILIES = tuple(
    ForeignFamily(*line.split(","))
    for line in ("VNM,NGUYEN,グエン,グエン", "VNM,TRAN,チャン,チャン", "VNM,LE,レ,レ", "VNM,HOANG,ホアン,ホアン",
        "CHN,WANG,王,オウ", "CHN,CHEN,陳,チン", "CHN,LI,李,リ", "CHN,ZHANG,張,チョウ",
        "PHL,GARCIA,ガルシア,ガルシア", "PHL,SANTOS,サントス,サントス", "BRA,OLIVEIRA,オリベイラ,オリベイラ",
        "BRA,SILVA,シルバ,シルバ", "NPL,TAMANG,タマン,タマン", "NPL,GURUNG,グルン,グルン", "KOR,KIM,金,キム")
)  # fmt: skip
_GIVEN = {
    "VNM": "VAN HUONG/フオン,MINH NAM/ナム,THI MAI/マイ,THI LINH/リン,DUC TUAN/トゥアン,VAN DUNG/ズン,NGOC ANH/アイン",
    "CHN": "HAORAN:浩然/コウゼン,XINYI:欣怡/キンイ,ZIHAN:子涵/シカン,MEILING:美玲/ビレイ,YUXUAN:宇軒/ウケン",
    "PHL": "JOHN/ジョン,ANGEL/エンジェル,KEVIN/ケビン,MARIA/マリア,PRINCESS/プリンセス",
    "BRA": "GABRIEL/ガブリエル,JULIA/ジュリア,AKEMI LETICIA/レチシア,VITOR/ヴィトール,YUJI LUCAS/ルーカス",
    "NPL": "ANJALI/アンジャリ,BIBEK/ビベク,SUNITA/スニタ,AARAV/アーラブ",
    "KOR": "MINJUN:民俊/ミンジュン,SEOYEON:瑞妍/ソヨン,JIWOO:智宇/ジウ",
}


class ForeignName(NamedTuple):
    """latin is the registered name; native and kana are family then given; alias is 通称名 or None."""

    latin: str
    native: tuple[str, str]
    kana: tuple[str, str]


def draw_family(rng: Random) -> ForeignFamily:
    """A family from abroad."""
    return rng.choice(_FAMILIES)


def draw_foreign_name(rng: Random, family: ForeignFamily) -> ForeignName:
    """One member's name. The middle name stands in the Latin form only, as on a residence card."""
    words, _, reading = rng.choice(_GIVEN[family.country].split(",")).partition("/")
    latin, _, native = words.partition(":")
    return ForeignName(f"{family.latin} {latin}", (family.native, native or reading), (family.kana, reading))


def draw_alias_family(rng: Random) -> Surname:
    """The surname of a family's 通称名, common to all who use one."""
    return draw_surname(rng)


def draw_alias(rng: Random, family: Surname, sex: int, birth_year: int) -> tuple[str, str, str, str]:
    """通称名: family, given, family kana, given kana."""
    given = draw_given_name(rng, sex, birth_year)
    return family.kanji, given.kanji, family.kana, given.kana
