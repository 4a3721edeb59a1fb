"""Given names by sex and decade of birth, each reading with several ways to write it.

A child's name is drawn from the decade's readings and then from its spellings, so that the same reading occurs
in many characters and the same characters with several readings, as in any school.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple


class GivenName(NamedTuple):
    """kanji (or kana) as registered, kana in full-width katakana."""

    kanji: str
    kana: str


# reading:spelling,spelling,... ; first those of children and young people, then of their parents and grandparents.
_BOYS_2010 = """
ハルト:陽翔,晴翔,大翔,遥斗,陽斗 ソウタ:颯太,蒼太,奏太,想太,湊太 ユウト:悠斗,優斗,悠人,結人,祐斗 ミナト:湊,湊斗,海翔,湊人
レン:蓮,廉,怜,錬 リク:陸,理玖,凌空,陸空 ハルキ:陽希,晴輝,春樹,陽貴,遥希 ユウマ:悠真,優馬,悠馬,佑真 アオイ:蒼,碧,葵,蒼生
ソラ:空,蒼空,想空 カイト:海斗,快斗,海翔 タイガ:大雅,大河,泰我 コウキ:光希,昊輝,航希,光輝 リョウ:涼,遼,諒
アサヒ:朝陽,旭,朝日
イツキ:樹,樹生,逸季,一樹 ヒナタ:日向,陽向,ひなた ナギ:凪 サク:朔,咲,朔空 リト:律人,理斗,吏翔 リツ:律,立
ハヤト:隼人,颯人,勇翔
ショウタ:翔太,将太,勝太 ケンタ:健太,賢太 ダイチ:大地,大智 ユイト:結翔,唯人,結斗 コハク:琥珀,虎珀 エイタ:瑛太,英太,詠太
ルイ:琉生,塁,類,瑠衣 シュン:駿,俊,瞬 タクミ:拓海,匠,巧 ナオキ:直樹,尚輝 カズマ:和真,一真 マサト:雅人,真斗,正人
ユウキ:優希,悠希,勇気
ヤマト:大和,倭 シオン:志音,史恩 ケイト:慧人,圭翔 リュウセイ:龍生,琉聖 トモヤ:智也,友哉 オウスケ:央介,桜介
コウセイ:航成,康生
アラタ:新,改 サトル:悟,聡 タケル:武,健,尊 シュウト:柊人,秀斗 アキト:暁斗,秋斗 ミツキ:光希,充輝
"""
_GIRLS_2010 = """
ヒマリ:陽葵,向日葵,ひまり,日葵 ユイ:結衣,唯,結,優衣 アオイ:葵,碧衣,あおい,蒼衣 サクラ:咲良,さくら,桜,咲楽
ハナ:花,華,羽菜,はな リコ:莉子,理子,璃子
メイ:芽衣,芽依,愛生 ツムギ:紬,つむぎ,紡 ミオ:澪,美桜,未央,美緒 リオ:莉央,里緒,凛桜 コハル:心春,小春,こはる
リン:凛,鈴,凜 エマ:咲茉,瑛茉,笑麻
ユナ:優奈,結菜,友菜,由奈 ヒナ:陽菜,妃菜,ひな,日菜 ミツキ:美月,光希,充希 アカリ:明莉,朱莉,あかり,灯 ココナ:心菜,心奈
ユイナ:結菜,唯奈,結奈
ホノカ:穂花,帆夏,ほのか ミユ:美優,未結,心結 ナナミ:七海,菜々美,七美 イチカ:一花,一華,いちか サラ:紗良,沙羅,彩良
スズ:鈴,寿々,涼
コトハ:琴葉,心羽,琴羽 カナ:佳奈,香菜,夏菜 ハルカ:遥,春香,晴香,遥香 モモカ:桃花,百花 アヤカ:彩花,綾香,絢香
リナ:莉奈,里奈,梨菜 ネネ:寧々,音々
チヒロ:千尋,知紘 カホ:果歩,香歩,夏帆 マオ:真央,麻央,茉桜 シオリ:栞,詩織,しおり ワカナ:若菜,和奏 ユズキ:柚希,柚月
フウカ:風花,楓華
アンナ:杏奈,安奈 ミサキ:美咲,岬,心咲 ノゾミ:望,希,望美 アイリ:愛莉,愛梨,藍里 ヒヨリ:陽和,ひより,日和
スミレ:菫,すみれ,純玲 トウコ:透子,桃子
"""
_BOYS_1980 = """
ケンタ:健太,賢太 ダイスケ:大輔,大介 ショウタ:翔太,正太 タクヤ:拓也,卓也,琢也 ナオキ:直樹,尚樹
ユウスケ:祐介,雄介,悠介 マサキ:正樹,雅樹 リョウスケ:亮介,良輔
シンジ:真司,慎二 ヒロシ:浩,博,寛 ケンジ:健司,賢二 コウジ:浩二,孝治 ユウジ:裕司,祐二 トモヒロ:智大,友宏
ヨシヒト:義人,芳人 カズヤ:和也,一也
テツヤ:哲也,徹也 マコト:誠,真 タケシ:武,健,毅 アキラ:明,晃,亮 ジュンイチ:純一,淳一 ヒデキ:秀樹,英樹 サトシ:聡,智
マサオ:雅夫,政雄 シュウジ:修二,秀司
コウヘイ:恭平,康平 シンイチロウ:進一郎,慎一郎 リュウタロウ:竜太郎,隆太郎 ヤスヒロ:康弘,泰弘 タカヒロ:貴博,隆弘
ミキオ:幹夫,樹生
"""
_GIRLS_1980 = """
ユウコ:裕子,優子,祐子 アイ:愛,藍 マイ:舞,麻衣 アヤ:綾,彩,亜矢 エリ:絵里,恵理 ナオミ:直美,尚美 クミコ:久美子,公美子
トモコ:智子,友子,朋子 メグミ:恵,恵美,惠
ヨウコ:陽子,洋子,葉子 カオリ:香織,佳織,かおり ミキ:美紀,美樹,未希 ユミ:由美,有美 サトミ:里美,聡美
マリコ:真理子,麻里子 チエ:千恵,智恵 ナツミ:夏美,奈津美
リエ:理恵,里江 ヒロミ:弘美,裕美 アキコ:明子,亜希子 サチエ:幸恵,祥江 マナミ:愛美,真奈美 ミカ:美香,美佳
ジュンコ:順子,淳子 カズミ:和美,一美 エミ:恵美,絵美
ノリコ:典子,紀子 シズカ:静香,静 レイコ:玲子,礼子 ミホ:美穂,美帆 アスカ:明日香,飛鳥
"""
_MEN_1950 = """
ミノル:実,稔 シゲル:茂,繁 イサム:勇 ススム:進 タダオ:忠雄,忠夫 ヨシオ:義雄,芳夫 カズオ:和男,一夫
ショウイチ:正一,昭一 ヒデオ:英夫,秀雄 サブロウ:三郎
トシオ:敏夫,俊雄 キヨシ:清,潔 シゲオ:重雄,茂男 フミオ:文夫,文雄 ノブオ:信男,伸夫
"""
_WOMEN_1950 = """
カズコ:和子,一子 サチコ:幸子,祥子 セツコ:節子 フミコ:文子,富美子 ヨシコ:良子,芳子,淑子 キヨコ:清子,喜代子
ミツコ:光子,美津子 トシコ:敏子,俊子 ハルエ:春江,晴恵
スミコ:澄子,純子 マサコ:昌子,雅子,正子 ヒサコ:久子 タマエ:玉江,瑞恵 シズエ:静江,静枝 ミヨコ:美代子,三代子
"""


def _parse(table: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    pairs = (entry.split(":") for entry in table.split())
    return tuple((reading, tuple(spellings.split(","))) for reading, spellings in pairs)


_YOUNG = {1: _parse(_BOYS_2010), 2: _parse(_GIRLS_2010)}
_PARENT = {1: _parse(_BOYS_1980), 2: _parse(_GIRLS_1980)}
_OLD = {1: _parse(_MEN_1950), 2: _parse(_WOMEN_1950)}
# Characters that end a name; joined to a first character they give the many names that occur once.
_FIRST_SIGNS = """
彩アヤ 悠ユウ 莉リ 結ユ 陽ハル 真マ 奈ナ 美ミ 千チ 詩ウタ 朱アカ 理リ 優ユ 佳カ 沙サ 心ココ 桃モモ 和カズ 智トモ 光ミツ
夏ナツ 由ユ 花ハナ 琴コト 瑞ミズ 紗サ 琉ル 那ナ 志シ 伊イ 亜ア 杏アン 慶ヨシ 康ヤス 雅マサ 孝タカ 清キヨ 秀ヒデ 春ハル
貴タカ 恒ツネ 繁シゲ 茉マ 瑠ル 玲レイ 友トモ 航コウ 恵メグ
"""
_LAST_SIGNS = {
    1: """
斗ト 太タ 樹キ 介スケ 馬マ 也ヤ 希キ 人ト 平ヘイ 哉ヤ 輝キ 生キ 治ジ 成ナリ 紀ノリ 久ヒサ 広ヒロ 明アキ 彦ヒコ
男オ 之ユキ
""",
    2: """
菜ナ 香カ 音ネ 乃ノ 帆ホ 葉ハ 江エ 代ヨ 里リ 穂ホ 実ミ 恵エ 歌カ 海ミ 良ラ 子コ 世セ 美ミ 衣イ 緒オ 奈ナ 咲サキ
""",
}
_FIRST = tuple(_FIRST_SIGNS.split())
_LAST = {sex: tuple(signs.split()) for sex, signs in _LAST_SIGNS.items()}


def draw_given_name(rng: Random, sex: int, birth_year: int) -> GivenName:
    """A given name fit for the year of birth. sex is 1 (male) or 2 (female)."""
    if rng.random() < 0.5:
        first, last = rng.choice(_FIRST), rng.choice(_LAST[sex])
        return GivenName(first[0] + last[0], first[1:] + last[1:])
    pool = _YOUNG if birth_year >= 2000 else _PARENT if birth_year >= 1962 else _OLD
    reading, spellings = rng.choice(pool[sex])
    return GivenName(spellings[min(int(rng.expovariate(0.9)), len(spellings) - 1)], reading)


def respelled(name: GivenName, rng: Random) -> GivenName:
    """The same reading in other characters or in hiragana: what a form filled in by telephone looks like."""
    for pool in (*_YOUNG.values(), *_PARENT.values(), *_OLD.values()):
        for reading, spellings in pool:
            if reading == name.kana and len(spellings) > 1 and name.kanji in spellings:
                return GivenName(rng.choice([word for word in spellings if word != name.kanji]), reading)
    return GivenName("".join(chr(ord(sign) - 0x60) if "ァ" <= sign <= "ヶ" else sign for sign in name.kana), name.kana)
