"""Towns, buildings and other cities; one address in the several forms in which offices write it."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

CITY = "瑞野市"
TOWNS = ("若葉", "南野", "稲荷前", "梅園", "桜台", "東原", "宮下", "泉町", "栄町", "松ヶ枝町", "大字石畑", "中央",
    "本町", "新田", "白鳥台", "小手毬台", "緑が丘", "弥生町", "港通", "鷺沼", "北野", "西原", "川辺町",
    "字下河原")  # fmt: skip
ELSEWHERE = ("東京都町田市", "愛知県豊田市", "大阪府豊中市", "福岡県久留米市", "兵庫県尼崎市", "京都府宇治市",
    "沖縄県那覇市", "奈良県生駒市")  # fmt: skip
_KINDS = ("コーポ", "メゾン", "ヴィラ", "ハイツ", "レジデンス", "グリーンハイム", "サンライズ", "パークサイド",
    "市営住宅")  # fmt: skip
_WORDS = ("第二", "青葉", "さくら", "瑞穂", "若松", "白鳥", "花水木", "本町", "中央", "ミズノ")  # fmt: skip
_DIGITS = "〇一二三四五六七八九"
_FULL = str.maketrans("0123456789", "０１２３４５６７８９")


class Address(NamedTuple):
    """Town, block (丁目), lot and house number; the building apart, empty for a house."""

    town: str
    block: int
    lot: int
    house: int
    building: str


def draw_address(rng: Random) -> Address:
    """An address in the city."""
    building = ""
    if rng.random() < 0.42:
        kind, word = rng.choice(_KINDS), rng.choice(_WORDS)
        building = (kind + word) if rng.random() < 0.5 else (word + kind)
        if rng.random() < 0.6:
            building += f"{rng.randint(1, 9)}0{rng.randint(1, 9)}号"
    return Address(rng.choice(TOWNS), rng.randint(1, 5), rng.randint(1, 40), rng.randint(1, 30), building)


def ward(town: str) -> int:
    """The district 1-5 a town belongs to (welfare offices, and which school is near)."""
    return TOWNS.index(town) % 5 + 1


def as_register(at: Address) -> str:
    """瑞野市若葉五丁目12番地の4"""
    return f"{CITY}{at.town}{_DIGITS[at.block]}丁目{at.lot}番地の{at.house}"


def as_office(at: Address) -> str:
    """若葉5丁目12-4"""
    return f"{at.town}{at.block}丁目{at.lot}-{at.house}"


def as_short(at: Address) -> str:
    """若葉5-12-4"""
    return f"{at.town}{at.block}-{at.lot}-{at.house}"


def as_wide(at: Address) -> str:
    """若葉５丁目１２番４号"""
    return f"{at.town}{at.block}丁目{at.lot}番{at.house}号".translate(_FULL)


def as_older(at: Address) -> str:
    """瑞野市若葉5丁目12番4号"""
    return f"{CITY}{at.town}{at.block}丁目{at.lot}番{at.house}号"


def as_list(at: Address) -> str:
    """瑞野市若葉5-12-4"""
    return f"{CITY}{as_short(at)}"
