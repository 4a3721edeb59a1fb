"""Laws of searching, on generated names and notes: what is kept is found by its parts and its other spellings."""

from __future__ import annotations

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tsunagu.text.search import MARK, asked, grams, searched_text

KANA = "アイウエオカキクケコガギグゲゴサシスセソザジズゼゾタチツテトダヂヅデドナニヌネノハヒフヘホバビブベボパピプペポ"
KANA += "マミムメモヤユヨラリルレロワヲンァィゥェォッャュョヴー"
KANJI = "髙高﨑崎邉辺邊齋斎斉渡田中山川藤佐木村林小大野原花子太郎翔美優愛健一二三"
LETTERS = "abcdefghijklmnopqrstuvwxyzÀéñōŨ"
HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F5)}
HALF = {
    **dict(zip("アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンー",
               "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｰ", strict=True)),
    **dict(zip("ァィゥェォッャュョ", "ｧｨｩｪｫｯｬｭｮ", strict=True)),
}  # fmt: skip
# One long mark at most in a row, and none at the beginning, as in every reading.
readings = st.text(KANA, min_size=2, max_size=12).filter(lambda t: t[0] != "ー" and "ーー" not in t)
kanji = st.text(KANJI, min_size=2, max_size=8)
latin = st.text(LETTERS, min_size=2, max_size=12)
notes = st.text(KANA.translate(HIRAGANA) + KANJI + LETTERS + "。、 0123456789", min_size=2, max_size=60)
written = st.one_of(readings, kanji, latin, notes)


def finds(typed: str, text: str) -> bool:
    question = asked(typed)
    return question.is_enough and question.is_in(searched_text(text))


@settings(deadline=None)
@given(written, st.data())
def test_a_text_is_found_by_each_of_its_parts(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 2))
    end = data.draw(st.integers(start + 2, min(len(text), start + 30)))
    part = text[start:end]
    # A part that begins inside a sound (the second half of ヴァ, a long mark) is nothing anybody types.
    assume(not any(form.startswith(MARK) for forms in asked(part).words for form in forms))
    assume(part[0] not in "ーァィゥェォ" and text[start - 1 : start] not in ("ヴ", "ゔ") and asked(part).is_enough)
    assert finds(part, text)


@settings(deadline=None)
@given(readings)
def test_two_signs_of_a_reading_are_enough(text: str) -> None:
    assert asked(text[:2]).is_enough


@settings(deadline=None)
@given(kanji)
def test_two_kanji_are_enough(text: str) -> None:
    assert asked(text[:2]).is_enough


@settings(deadline=None)
@given(readings)
def test_a_reading_is_found_in_every_width_and_script(text: str) -> None:
    for typed in (text.translate(HIRAGANA), "".join(HALF.get(sign, sign) for sign in text)):
        assert finds(typed, text)
    assert finds(text, text.translate(HIRAGANA))


@settings(deadline=None)
@given(st.text("髙﨑邉邊齋濵德惠", min_size=2, max_size=6))
def test_variants_are_one_character(text: str) -> None:
    plain = text.translate(str.maketrans("髙﨑邉邊齋濵德惠", "高崎辺辺斉浜徳恵"))
    assert finds(plain, text)
    assert finds(text, plain)


@settings(deadline=None)
@given(readings, readings)
def test_a_space_between_the_names_does_not_matter(surname: str, given_name: str) -> None:
    for typed in (f"{surname} {given_name}", f"{surname}　{given_name}", surname + given_name):
        assert finds(typed, f"{surname} {given_name}")
    assert finds(f"{surname} {given_name}", surname + given_name)


@settings(deadline=None)
@given(written, written)
@example("サトミ", "さとう")
def test_what_is_found_holds_every_gram_of_a_way_to_ask(text: str, typed: str) -> None:
    """The index may then look at the texts alone that hold the grams: nothing that is found escapes it."""
    searched = searched_text(text)
    question = asked(typed)
    if question.is_enough and question.is_in(searched):
        for forms in question.words:
            assert any(grams(form) <= grams(searched) for form in forms)


@settings(deadline=None)
@given(st.text("アイウエオ", min_size=2, max_size=6), st.text("カキケサシセタチテナニネ", min_size=2, max_size=6))
def test_unlike_is_not_found(text: str, typed: str) -> None:
    assert not finds(typed, text)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_whatever_is_typed_is_taken(typed: str) -> None:
    question = asked(typed)
    assert all(MARK not in form[1:] for forms in question.words for form in forms)
