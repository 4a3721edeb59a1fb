"""Family names of the made-up city: how often, how read, and how offices write them differently.

The order is roughly that of common Japanese surnames; the weight falls with the rank. Nothing here is taken
from a register: the list is of surnames everybody knows, with ordinary readings.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple


class Surname(NamedTuple):
    """kanji as the register holds it, kana in full-width katakana."""

    kanji: str
    kana: str


_TABLE = """
佐藤サトウ 鈴木スズキ 高橋タカハシ 田中タナカ 伊藤イトウ 渡辺ワタナベ 山本ヤマモト 中村ナカムラ 小林コバヤシ
加藤カトウ 吉田ヨシダ 山田ヤマダ 佐々木ササキ 山口ヤマグチ 松本マツモト 井上イノウエ 木村キムラ 林ハヤシ
斎藤サイトウ 清水シミズ 山崎ヤマザキ 森モリ 池田イケダ 橋本ハシモト 阿部アベ 石川イシカワ 山下ヤマシタ
中島ナカジマ 石井イシイ 小川オガワ 前田マエダ 岡田オカダ 長谷川ハセガワ 藤田フジタ 後藤ゴトウ 近藤コンドウ
村上ムラカミ 遠藤エンドウ 青木アオキ 坂本サカモト 福田フクダ 太田オオタ 西村ニシムラ 藤井フジイ 金子カネコ
岡本オカモト 藤原フジワラ 三浦ミウラ 中野ナカノ 原田ハラダ 中川ナカガワ 松田マツダ 竹内タケウチ 小野オノ
田村タムラ 中山ナカヤマ 和田ワダ 石田イシダ 森田モリタ 上田ウエダ 原ハラ 内田ウチダ 柴田シバタ 酒井サカイ
宮崎ミヤザキ 横山ヨコヤマ 高木タカギ 安藤アンドウ 宮本ミヤモト 大野オオノ 小島コジマ 工藤クドウ 谷口タニグチ
今井イマイ 高田タカダ 丸山マルヤマ 増田マスダ 杉山スギヤマ 村田ムラタ 大塚オオツカ 新井アライ 小山コヤマ
平野ヒラノ 藤本フジモト 河野コウノ 上野ウエノ 野口ノグチ 武田タケダ 松井マツイ 千葉チバ 菅原スガワラ
岩崎イワサキ 久保クボ 木下キノシタ 佐野サノ 野村ノムラ 松尾マツオ 菊地キクチ 市川イチカワ 杉本スギモト
古川フルカワ 大西オオニシ 島田シマダ 水野ミズノ 桜井サクライ 渡部ワタベ 高野タカノ 吉川ヨシカワ 山内ヤマウチ
西田ニシダ 飯田イイダ 菊池キクチ 西川ニシカワ 小松コマツ 北村キタムラ 安田ヤスダ 五十嵐イガラシ 川口カワグチ
平田ヒラタ 関セキ 中田ナカタ 久保田クボタ 服部ハットリ 東ヒガシ 岩田イワタ 土屋ツチヤ 川崎カワサキ
福島フクシマ 本田ホンダ 辻ツジ 樋口ヒグチ 秋山アキヤマ 田口タグチ 永井ナガイ 山中ヤマナカ 中西ナカニシ
吉村ヨシムラ 川上カワカミ 石原イシハラ 大橋オオハシ 松岡マツオカ 馬場ババ 浜田ハマダ 森本モリモト 星野ホシノ
矢野ヤノ 浅野アサノ 松下マツシタ 大島オオシマ 吉岡ヨシオカ 小池コイケ 野田ノダ 荒木アラキ 大久保オオクボ
熊谷クマガイ 松浦マツウラ 内藤ナイトウ 黒田クロダ 尾崎オザキ 川村カワムラ 永田ナガタ 望月モチヅキ 堀ホリ
荒井アライ 田島タジマ 広瀬ヒロセ 本間ホンマ 早川ハヤカワ 栗原クリハラ 岡オカ 松村マツムラ 菅野カンノ
沢田サワダ 大石オオイシ 桑原クワバラ 片山カタヤマ 須藤スドウ 平井ヒライ 小沢オザワ 滝沢タキザワ 柳ヤナギ
徳田トクダ 榊原サカキバラ 吉野ヨシノ 国吉クニヨシ 柳沢ヤナギサワ 浜崎ハマサキ 槙野マキノ 箕輪ミノワ
名倉ナグラ 河辺カワベ 喜多キタ 綿引ワタビキ 柘植ツゲ 八木ヤギ 臼井ウスイ 大隅オオスミ 別府ベップ
赤石アカイシ 巽タツミ 土居ドイ 加瀬カセ 梶本カジモト 野々村ノノムラ 永瀬ナガセ 江崎エザキ 米川ヨネカワ
重松シゲマツ 瀬戸セト 上坂カミサカ
"""

# Families of characters that stand for one another. A household keeps one of them; an office may write another.
_KIN = {
    "高": "髙", "崎": "﨑", "浜": "濵濱", "柳": "栁", "徳": "德", "辺": "邉邊", "斎": "齋齊斉", "吉": "𠮷", "広": "廣",
    "沢": "澤", "島": "嶋", "桜": "櫻", "国": "國", "関": "關", "渕": "淵", "滝": "瀧", "桑": "桒",
    "真": "眞", "恵": "惠",
}  # fmt: skip
PLAIN = {other: plain for plain, others in _KIN.items() for other in others}
# 外字: a sign that the office drew itself; it sits in the private use area and means nothing elsewhere.
PRIVATE_SIGNS = {"榊": "\ue020", "𠮷": "\ue021", "箕": "\ue034"}


def _parse(word: str) -> Surname:
    cut = next(i for i, sign in enumerate(word) if "ァ" <= sign <= "ヺ")
    return Surname(word[:cut], word[cut:])


SURNAMES: tuple[Surname, ...] = tuple(_parse(word) for word in _TABLE.split())
_WEIGHTS = [1.0 / (rank + 12) for rank in range(len(SURNAMES))]
_CUMULATIVE: list[float] = []
for _weight in _WEIGHTS:
    _CUMULATIVE.append(_weight + (_CUMULATIVE[-1] if _CUMULATIVE else 0.0))


# Two characters that make the many surnames that few families have.
_FIRST = """
石イシ 大オオ 小コ 中ナカ 西ニシ 東ヒガシ 北キタ 南ミナミ 上ウエ 下シモ 高タカ 吉ヨシ 松マツ 杉スギ 竹タケ 藤フジ 岩イワ
森モリ 川カワ 山ヤマ 原ハラ 野ノ 沢サワ 浜ハマ 島シマ 池イケ 谷タニ 宮ミヤ 福フク 平ヒラ 長ナガ 黒クロ 白シラ 青アオ
赤アカ 金カネ 新ニイ 古フル 秋アキ 花ハナ 水ミズ 寺テラ 鳥トリ 犬イヌ 菅スガ 笠カサ 柏カシワ 梅ウメ 栗クリ 桐キリ
"""
_LAST = """
田タ 村ムラ 山ヤマ 川カワ 本モト 井イ 野ノ 原ハラ 島シマ 沢ザワ 崎ザキ 谷タニ 岡オカ 橋ハシ 木キ 口グチ 尾オ 瀬セ 塚ヅカ
部ベ 倉クラ 永ナガ 宮ミヤ 内ウチ 越コシ 屋ヤ 代シロ 浦ウラ 坂サカ 津ツ
"""
_RARE_FIRST = tuple(_parse(word) for word in _FIRST.split())
_RARE_LAST = tuple(_parse(word) for word in _LAST.split())


def _rare(rng: Random) -> Surname:
    first, last = rng.choice(_RARE_FIRST), rng.choice(_RARE_LAST)
    while first.kanji == last.kanji:
        last = rng.choice(_RARE_LAST)
    return Surname(first.kanji + last.kanji, first.kana + last.kana)


def draw_surname(rng: Random) -> Surname:
    """A surname by weight (one in five is a rare one), sometimes in one of its older characters."""
    name = _rare(rng) if rng.random() < 0.2 else rng.choices(SURNAMES, cum_weights=_CUMULATIVE)[0]
    kanji = "".join(rng.choice(_KIN[sign]) if sign in _KIN and rng.random() < 0.16 else sign for sign in name.kanji)
    return Surname(kanji, name.kana)


def plain(text: str) -> str:
    """The text with every older character replaced by the common one."""
    return "".join(PLAIN.get(sign, sign) for sign in text)


def rewritten(text: str, rng: Random) -> str:
    """The text as another office may hold it: another character of the same family, or its own sign."""
    out: list[str] = []
    for sign in text:
        base = PLAIN.get(sign, sign)
        if sign in PRIVATE_SIGNS and rng.random() < 0.5:
            out.append(PRIVATE_SIGNS[sign])
        elif base in _KIN and rng.random() < 0.7:
            out.append(rng.choice(base + _KIN[base]))
        else:
            out.append(sign)
    return "".join(out)


# Other readings that people and offices mix up.
_OTHER_READINGS = {
    "ナカジマ": "ナカシマ", "ヤマザキ": "ヤマサキ", "コウノ": "カワノ", "ワタベ": "ワタナベ", "ハマサキ": "ハマザキ",
    "ヒガシ": "アズマ", "タカダ": "タカタ", "ナカタ": "ナカダ", "カワグチ": "カワクチ",
    "オザワ": "コザワ", "フクシマ": "フクジマ", "ミヤザキ": "ミヤサキ", "イワサキ": "イワザキ",
}  # fmt: skip


def other_reading(kana: str) -> str:
    """Another reading of a surname, the same one when none is known."""
    return _OTHER_READINGS.get(kana, kana)
