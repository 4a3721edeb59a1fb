"""Laws of folding: doing it twice changes nothing, and how a name was typed does not matter."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tsunagu.normalise.addresses import _fold_any, fold_address
from tsunagu.normalise.names import fold_name
from tsunagu.text.kana import kana_key, katakana, sound_key
from tsunagu.text.variants import fold_variants

KANJI = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=4)
KANA = st.text(st.characters(min_codepoint=0x30A1, max_codepoint=0x30F4), min_size=1, max_size=6)
ANY = st.text(max_size=20)


@given(ANY)
def test_folding_variants_twice_changes_nothing(text: str) -> None:
    assert fold_variants(fold_variants(text)) == fold_variants(text)


@given(ANY)
def test_folding_readings_twice_changes_nothing(text: str) -> None:
    for fold in (katakana, kana_key, sound_key):
        assert fold(fold(text)) == fold(text)


@given(KANJI, KANJI)
def test_a_kanji_name_keeps_its_key_with_any_space(surname: str, given_name: str) -> None:
    keys = {fold_name(f"{surname}{gap}{given_name}").key for gap in ("", " ", "\u3000", "  ")}
    assert len(keys) == 1
    assert fold_name(keys.pop()).key in {fold_name(surname + given_name).key}


@given(KANJI, KANJI)
def test_folding_a_folded_name_changes_nothing(surname: str, given_name: str) -> None:
    once = fold_name(f"{surname} {given_name}")
    twice = fold_name(f"{once.surname} {once.given}")
    assert twice == once


@given(KANA)
def test_a_reading_compares_equal_in_hiragana(reading: str) -> None:
    hiragana = "".join(chr(ord(c) - 0x60) for c in reading)
    assert kana_key(hiragana) == kana_key(reading)


@given(
    st.sampled_from(["若葉", "松ヶ枝町", "石畑", "本町", "三条町", "古市場"]),
    st.lists(st.integers(1, 99), min_size=1, max_size=3),
)
def test_folding_an_address_twice_changes_nothing(town: str, numbers: list[int]) -> None:
    once = fold_address(town + "-".join(map(str, numbers)))
    assert fold_address(once.town + once.numbers) == once


@given(
    st.sampled_from(["若葉", "松ヶ枝町", "大字石畑", "字下河原", "本町", "三条町", "古市場", "若葉一番町", "西ノ宮"]),
    st.integers(1, 40),
    st.sampled_from(["丁目", "-", "－", "番"]),
    st.integers(1, 120),
    st.sampled_from(["番地の", "番地", "番", "-", "の"]),
    st.integers(1, 120),
    st.sampled_from(["", "号", "号室", "-803", "号メゾン803", " 中央メゾン803号", "番", "の2", "ハイツ一番館2-1"]),
)
def test_the_short_way_gives_the_general_answer(
    town: str, first: int, one: str, second: int, two: str, third: int, rest: str
) -> None:
    written = f"{town}{first}{one}{second}{two}{third}{rest}"
    assert fold_address(written) == _fold_any("".join(unicodedata.normalize("NFKC", written).split()))
