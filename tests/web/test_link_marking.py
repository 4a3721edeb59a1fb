"""Two texts side by side: what is marked, and the word beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsunagu_web.link_review.marking import Part, compare


def marked(parts: tuple[Part, ...]) -> str:
    return "".join(f"[{part.text}]" if part.differs else part.text for part in parts)


@pytest.mark.parametrize(
    ("left", "right", "shown", "other", "word"),
    [
        ("松野 葵", "松野 葵", "松野 葵", "松野 葵", "agrees"),
        ("松野　葵", " 松野  葵", "松野 葵", "松野 葵", "agrees"),
        ("渡邉 葵", "渡辺 葵", "渡[邉] 葵", "渡[辺] 葵", "other_form"),
        ("髙橋 蓮", "高橋　蓮", "[髙]橋 蓮", "[高]橋 蓮", "other_form"),
        ("ﾏﾂﾉ", "マツノ", "[ﾏﾂﾉ]", "[マツノ]", "other_form"),
        ("松野 葵", "松野 茜", "松野 [葵]", "松野 [茜]", "differs"),
        ("松野 葵", "松野", "松野[ 葵]", "松野", "differs"),
        # A variation selector and a separate voicing mark belong to the sign before them.
        ("葛\U000e0100城 葵", "葛城 葵", "[葛\U000e0100]城 葵", "[葛]城 葵", "other_form"),
        ("カ\u3099ク", "ガク", "ガク", "ガク", "agrees"),
        ("松野 葵", None, "松野 葵", "", "not_known"),
        ("", "　", "", "", "not_known"),
    ],
)
def test_what_is_marked(left: str | None, right: str | None, shown: str, other: str, word: str) -> None:
    found = compare(left, right)
    assert (marked(found.left), marked(found.right), found.word) == (shown, other, word)


@given(st.text(max_size=12), st.text(max_size=12))
def test_nothing_is_lost_and_both_sides_agree_on_what_agrees(left: str, right: str) -> None:
    found, turned = compare(left, right), compare(right, left)
    assert found.word == turned.word
    assert ("".join(p.text for p in found.left) == "".join(p.text for p in found.right)) == (
        found.word == "agrees" or not (found.left or found.right)
    )
    if found.word != "not_known":
        assert [p.text for p in found.left if not p.differs] == [p.text for p in found.right if not p.differs]
