"""No text of a programme file promises: the counter says who is eligible, a file says what a record tells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from screening_cases import CITY, the_catalogue
from tsunagu.programmes.load import check_programme
from tsunagu.programmes.promises import promise_in

AID = (CITY / "programmes" / "school-aid.toml").read_text(encoding="utf-8")

PROMISES_JA = (
    "費用は全額、市が出します。",
    "就学援助の資格あり",
    "必ずもらえます",
    "かならず受けとれます",
    "もらえます",
    "もらえる",
    "もらいます",
    "貰える手当です",
    "受けられます",
    "受 け ら れ ま す",
    "受けられる",
    "受けることができます",
    "就学援助の対象です",
    "対象となります",
    "この家庭は対象者です",
    "対象に該当します",
    "要件に該当します",
    "支給されます",
    "手当を支給します",
    "手当を受けます",
    "手当が出ます",
    "給付されます",
    "受給できます",
    "受給できる見込みです",
    "受給資格があります",
    "受ける権利があります",
    "認定されます",
    "認められます",
    "医療費は無料になります",
    "費用が免除されます",
    "月1万円をお渡しします",
    "受給が決まっています",
    "全員に支給",
    "必ず受けられる可能性があります",
    "対象になる可能性があります。申請すれば受けられます",
    "生活保護を受給しています（受けられます）",
)
PROMISES_EN = (
    "Your school costs are covered.",
    "The family qualifies",
    "Qualified for aid",
    "The household is entitled to it",
    "The family will receive it",
    "You'll receive it",
    "You’ll receive it",
    "The household is eligible",
    "Eligible for aid",
    "The family shall be paid",
    "The family can claim it",
    "The family gets it",
    "It has a right to the aid",
    "Aid is granted",
    "Payment is guaranteed",
    "The family definitely may be eligible",
    "May be eligible. The family will receive it",
)
#: Only in a `sentence`: elsewhere 相談できます and the like tell how to apply.
AHEAD_JA = ("家計が楽になります", "学費を払います", "暮らしが助かるはずです", "学用品を買える")
AHEAD_EN = ("The household must be given it", "It would be paid")
MAY_BE = (
    ("ja", "就学援助の対象になる可能性があります"),
    ("ja", "受けられる可能性があります"),
    ("ja", "受けられるかもしれません"),
    ("ja", "課税の世帯でも、一部支給の対象になることがあります"),
    ("en", "The family may be eligible"),
    ("en", "It might be granted"),
)
TOLD = (
    ("ja", "生活保護を受給しています"),
    ("ja", "同じ世帯の{value}人に介護の認定があり、児童扶養手当を受けています"),
    ("ja", "サービスを使っていません"),
    ("ja", "この半年に{value}件の相談がありました"),
    ("ja", "学校徴収金の未納が{value}か月あります（直近6か月）"),
    ("ja", "児童扶養手当は「{value}」です"),
    ("en", "The household receives public assistance"),
    ("en", "Child-rearing allowance: {value}"),
)


@pytest.mark.parametrize(
    ("lang", "text"), [*(("ja", text) for text in PROMISES_JA), *(("en", text) for text in PROMISES_EN)]
)
@pytest.mark.parametrize("is_of_a_record", [True, False])
def test_a_promise_is_found_in_every_text(lang: str, text: str, is_of_a_record: bool) -> None:
    assert promise_in(text, lang, is_of_a_record=is_of_a_record)


@pytest.mark.parametrize(("lang", "text"), [*(("ja", text) for text in AHEAD_JA), *(("en", text) for text in AHEAD_EN)])
def test_a_sentence_of_a_record_tells_what_is_and_nothing_ahead(lang: str, text: str) -> None:
    assert promise_in(text, lang, is_of_a_record=True)


@pytest.mark.parametrize(("lang", "text"), [*MAY_BE, *TOLD])
def test_what_says_maybe_or_tells_a_record_promises_nothing(lang: str, text: str) -> None:
    assert promise_in(text, lang, is_of_a_record=True) == ""
    assert promise_in(text, lang, is_of_a_record=False) == ""


@pytest.mark.parametrize("part", ["programme", "eligible", "received", "not_granted", "missing", "to_ask", "indicator"])
def test_every_part_of_a_file_is_looked_through(part: str, tmp_path: Path) -> None:
    head = re.search(rf"^\[\[?{part}\]", AID, re.MULTILINE)
    assert head
    at = AID.index("label = {", head.start())
    end = AID.index("\n", at)
    text = f'{AID[:at]}label = {{ ja = "就学援助", en = "It will be paid" }}{AID[end:]}'
    file = tmp_path / "aid.toml"
    file.write_text(text, encoding="utf-8")
    said = [m.text(file.name) for m in check_programme(file, the_catalogue().items)[1]]
    line = AID[:at].count("\n") + 1
    assert [m for m in said if m.startswith(f"aid.toml:{line} ") and "'label' says 'will'" in m], said
