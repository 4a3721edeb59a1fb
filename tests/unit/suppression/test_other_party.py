"""From whom an address is hidden: by number where known, else by name, and a doubt is asked about."""

from __future__ import annotations

import pytest

from tsunagu.suppression.other_party import Sameness, Someone, Telling, may_be_told, sameness

SAME, DOUBTFUL, UNCOMPARABLE, OTHER = Sameness


@pytest.mark.parametrize(
    ("one", "two", "answer"),
    [
        ("例村　剛", "例村剛", SAME),
        ("齋藤　髙志", "斉藤 高志", SAME),
        ("レイムラ　ツヨシ", "ﾚｲﾑﾗ ﾂﾖｼ", SAME),
        ("れいむら　つよし", "レイムラツヨシ", SAME),
        ("NGUYEN VAN ANH", "Anh Nguyễn Văn", SAME),
        ("例村　〓", "例村　剛", DOUBTFUL),
        ("例村", "例村　剛", DOUBTFUL),
        ("例村（長男）", "例村　剛", DOUBTFUL),
        ("ナカジマ　ケン", "ナカシマ　ケン", DOUBTFUL),
        ("NGUYEN ANH", "NGUYEN VAN ANH", DOUBTFUL),
        ("例村　剛", "例村　猛", OTHER),
        ("例村　剛", "例川　剛", OTHER),
        ("例村　剛", "レイムラ　ツヨシ", UNCOMPARABLE),
        ("（市外）", "例村　剛", UNCOMPARABLE),
        ("", "例村　剛", UNCOMPARABLE),
    ],
)
def test_names_are_compared_on_the_careful_side(one: str, two: str, answer: Sameness) -> None:
    assert sameness(Someone(one), Someone(two)) == sameness(Someone(two), Someone(one)) == answer


def test_a_number_decides_over_the_name() -> None:
    assert sameness(Someone("例村　剛", person_id="P1"), Someone("旧村　剛", person_id="P1")) is SAME
    assert sameness(Someone("例村　剛", person_id="P1"), Someone("例村　剛", person_id="P2")) is OTHER
    assert sameness(Someone("例村　剛", person_id="P1"), Someone("例村　剛")) is SAME


def test_a_payer_is_known_by_the_reading() -> None:
    payer = Someone(kana="ﾚｲﾑﾗ ﾂﾖｼ")
    other = Someone("例村　剛", "レイムラ ツヨシ", "P9")
    assert may_be_told(payer, [other], is_protected=True, lives_there=False) is Telling.NO
    assert may_be_told(payer, [Someone("例村　剛")], is_protected=True, lives_there=False) is Telling.ASK


@pytest.mark.parametrize(
    ("recipient", "others", "is_protected", "lives_there", "answer"),
    [
        (Someone("例川　あや", person_id="P2"), [], False, False, Telling.YES),
        # The other guardian is the other party: never, not even from within the household.
        (Someone("例村　剛", person_id="P9"), [Someone("例村　剛", person_id="P9")], True, False, Telling.NO),
        (Someone("例村　剛", person_id="P9"), [Someone("例村　剛", person_id="P9")], True, True, Telling.NO),
        (Someone("例村　剛"), [Someone("例村　剛")], None, False, Telling.NO),
        # Doubt asks.
        (Someone("例村"), [Someone("例村　剛")], True, True, Telling.ASK),
        (Someone("例川　あや"), [], True, False, Telling.ASK),
        (Someone("例川　あや"), [Someone("（市外）")], True, False, Telling.ASK),
        (Someone("例川　あや"), [Someone("例村　剛"), Someone("（市外）")], True, False, Telling.ASK),
        (Someone("例川　あや"), [Someone("例村　剛")], None, False, Telling.ASK),
        # Who lives there already, and is not the other party, learns no address.
        (Someone("例川　あや"), [Someone("（市外）")], True, True, Telling.YES),
        (Someone("例川　あや"), [Someone("例村　剛")], True, False, Telling.YES),
    ],
)
def test_atsugi_who_may_be_told(
    recipient: Someone, others: list[Someone], is_protected: bool | None, lives_there: bool, answer: Telling
) -> None:
    """Atsugi, about 2022: a notice to the co-owner printed the victim's address."""
    assert may_be_told(recipient, others, is_protected=is_protected, lives_there=lives_there) is answer
