"""What the search promises, as a table: these people are known, this is typed, these are found."""

from __future__ import annotations

import pytest

from tsunagu.text.search import asked, searched_text

title = "名前と読みで探す / Searching by name and reading"

# Who: name, reading, alias. Everybody is invented.
GIVEN = """
A | 髙橋 翔子       | タカハシ ショウコ   |
B | 高橋 正         | タカハシ タダシ     |
C | 渡邉 ケン       | ワタナベ ケン       |
D | 渡辺 里美       | ワタナベ サトミ     |
E | 佐藤 花子       | サトウ ハナコ       | 田中 花子
F | 斎藤 ジョージ   | サイトウ ジョージ   |
G | 大野 祐介       | オオノ ユウスケ     |
H | 小野 ゆう       | オノ ユウ           |
I | 林 健           | ハヤシ ケン         |
J | 小林 結衣       | コバヤシ ユイ       |
K | 佐々木 純一     | ササキ ジュンイチ   |
L | REI TANAKA      | レイ タナカ         |
M | NGUYỄN VĂN ANH  | グエン ヴァン アイン |
N | OHNO YUKO       |                     |
O | ジョン・スミス  | ジヨン スミス       |
P | 服部 あゆ美     | ハットリ アユミ     |
Q | 山﨑 勇気       | ヤマザキ ユーキ     |
R | 齊藤 勇樹       | サイトウ ユウキ     |
"""

WHEN_TYPED = """
漢字 / kanji
高橋            | A B
髙橋            | A B
渡辺            | C D
渡邊            | C D
斉藤            | F R
齋藤            | F R
山崎            | Q
佐々木          | K
佐佐木          | K
翔子            | A
姓と名のあいだ / between surname and given name
高橋翔子        | A
高橋 翔子       | A
高橋　翔子      | A
翔子 高橋       | A
一字の姓 / a surname of one kanji
林              | I
林健            | I
林 健           | I
かな / kana
たかはし        | A B
タカハシ        | A B
ﾀｶﾊｼ            | A B
しょうこ        | A
シヨウコ        | A
ｼﾞｮｰｼﾞ          | F
じようじ        | F
さと            | D E
さとう          | E
じよんすみす    | O
ジョン スミス   | O
はっとり        | P
ハツトリ        | P
あゆ美          | P
アユ            | P
のばす音 / long vowels
ユーキ          | Q R
ゆうき          | Q R
おおの          | G N
おうの          | G N
オーノ          | G N
おの            | G H N
漢字とかな / kanji and kana together
高橋 しょうこ   | A
渡辺 けん       | C
ローマ字 / Latin letters
takahashi       | A B
takahasi        | A B
shoko           | A
Shōko           | A
syouko          | A
SHOUKO          | A
tadashi         | B
tadasi          | B
sato            | D E
satou           | E
satoh           | E
Satô            | E
ono             | G H N
ohno            | G H N
yusuke          | G
yuusuke         | G
jun'ichi        | K
junichi         | K
zyun'iti        | K
hattori         | P
tanak           | L
ｔａｎａｋａ    | L
ローマ字の氏名 / names in Latin letters
Tanaka Rei      | L
rei tanaka      | L
たなか れい     | L
reitanaka       | L
nguyen          | M
Nguyễn Văn      | M
vananh          | M
ゆうこ          | N
ohno yuko       | N
通称 / alias
田中            | E
田中花子        | E
一部 / a part
hash            | A B
shi             |
たか            | A B
里美            | D
少なすぎるもの / too little
た              |
a               |
%               |
|               |
_               |
見つからないもの / nobody
だれもいない    |
鈴木            |
佐藤 翔子       |
"""


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


PEOPLE = {key: searched_text("\n".join(lines)) for key, *lines in _rows(GIVEN)}
CASES = [
    (typed.strip() or "|", found.split())
    for typed, bar, found in (line.rpartition("|") for line in WHEN_TYPED.strip().splitlines())
    if bar
]


@pytest.mark.parametrize(("typed", "found"), CASES, ids=[typed for typed, _ in CASES])
def test_these_are_found_and_nobody_else(typed: str, found: list[str]) -> None:
    question = asked(typed)
    assert sorted(key for key, text in PEOPLE.items() if question.is_enough and question.is_in(text)) == found


NOTE = """母より電話。渡邉さんの弟が、けさも頭がいたいと言って休んだ。
つぎは 佐藤先生と家庭訪問（１０月３日）。ＳＮＳのことも聞く。"""


@pytest.mark.parametrize(
    "typed",
    ["渡辺", "頭がいたい", "イタイ", "いたいと言", "家庭訪問", "10月3日", "sns", "佐藤 訪問", "電話渡辺", "弟が"],
)
def test_a_note_is_found_by_any_part_of_it(typed: str) -> None:
    assert asked(typed).is_in(searched_text(NOTE))


@pytest.mark.parametrize("typed", ["訪問家庭", "渡部", "欠席", "訪問つぎ", "佐藤 欠席"])
def test_a_note_is_not_found_by_what_is_not_in_it(typed: str) -> None:
    assert not asked(typed).is_in(searched_text(NOTE))


@pytest.mark.parametrize("typed", ["", " ", "た", "ﾀ", "a", "1", "。、", "|", "%", "_%", "a b c d e f g", "　"])
def test_too_little_or_too_much_is_no_question(typed: str) -> None:
    assert not asked(typed).is_enough
