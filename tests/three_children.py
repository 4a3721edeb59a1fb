"""Three children for tests that go through every page: one with her mother and a doubtful pair, the last elsewhere."""

from __future__ import annotations

from builders import ATestPair, ATestPerson, a_child, a_household


def three_children() -> list[ATestPerson]:
    """Aoi with her mother, Sora of the same school, Mio of another one."""
    sora = a_child("例田 ソラ", "レイタ ソラ", household="6")
    mio = a_child("例本 みお", "レイモト ミオ", household="7", school="201")
    return [*a_household(a_child()), sora, mio]


def a_doubtful_pair() -> ATestPair:
    return ATestPair({"name": "例林 ゆい"}, {"name": "例林 由衣"})
