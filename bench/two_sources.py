"""Two lists of invented Japanese children with a known overlap, for measuring linkage.

Families with siblings and twins; the second list carries format noise on most rows and content errors on some.
Everything follows from (rows, seed, hard): the same call gives the same rows.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

# Surnames are built from common first and second parts with readings, so that frequencies fall off as in life.
_FIRST = [
    "佐サ",
    "田タ",
    "山ヤマ",
    "高タカ",
    "小コ",
    "中ナカ",
    "松マツ",
    "石イシ",
    "木キ",
    "森モリ",
    "林ハヤシ",
    "池イケ",
    "村ムラ",
    "原ハラ",
    "藤フジ",
    "大オオ",
    "西ニシ",
    "上ウエ",
    "川カワ",
    "前マエ",
    "岡オカ",
    "長ナガ",
    "近チカ",
    "後ゴ",
    "坂サカ",
    "遠エン",
    "青アオ",
    "福フク",
    "太オオ",
    "三ミ",
    "金カネ",
    "和ワ",
    "竹タケ",
    "清シ",
    "斎サイ",
    "渡ワタ",
    "吉ヨシ",
    "加カ",
    "伊イ",
    "安ア",
    "新アラ",
    "古フル",
    "北キタ",
    "東ヒガシ",
    "南ミナミ",
    "宮ミヤ",
    "平ヒラ",
    "黒クロ",
    "白シラ",
    "浜ハマ",
    "秋アキ",
    "荒アラ",
    "桜サクラ",
    "柳ヤナギ",
    "菊キク",
    "水ミズ",
    "島シマ",
    "沢サワ",
    "谷タニ",
    "富トミ",
    "横ヨコ",
]
_SECOND = [
    "藤トウ",
    "田ダ",
    "本モト",
    "橋ハシ",
    "川カワ",
    "村ムラ",
    "山ヤマ",
    "島シマ",
    "崎サキ",
    "井イ",
    "野ノ",
    "口グチ",
    "沢サワ",
    "原ハラ",
    "木キ",
    "下シタ",
    "上カミ",
    "谷タニ",
    "尾オ",
    "内ウチ",
    "岡オカ",
    "部ベ",
    "瀬セ",
    "辺ベ",
    "森モリ",
    "林バヤシ",
    "塚ツカ",
    "浜ハマ",
    "倉クラ",
    "富トミ",
    "津ツ",
    "池イケ",
    "家ヤ",
    "目メ",
    "場バ",
]
_BOY_A = [
    "陽ハル",
    "翔ショウ",
    "悠ユウ",
    "蓮レン",
    "大ダイ",
    "湊ミナト",
    "颯ソウ",
    "健ケン",
    "拓タク",
    "直ナオ",
    "智トモ",
    "和カズ",
    "隆タカ",
    "秀ヒデ",
    "正マサ",
    "光ミツ",
    "優ユウ",
    "勇ユウ",
    "春ハル",
    "奏ソウ",
    "晴ハル",
    "瑛エイ",
    "一イチ",
    "真シン",
    "龍リュウ",
    "樹イツ",
    "海カイ",
    "琉ル",
    "航コウ",
    "誠セイ",
]
_BOY_B = [
    "斗ト",
    "太タ",
    "翔ト",
    "真マ",
    "人ト",
    "輝キ",
    "樹キ",
    "也ヤ",
    "介スケ",
    "平ヘイ",
    "也ヤ",
    "助スケ",
    "生キ",
    "馬マ",
    "郎ロウ",
    "希キ",
    "大タ",
    "仁ジン",
    "貴キ",
    "弥ヤ",
    "哉ヤ",
    "磨マ",
    "司ジ",
    "悟ゴ",
    "基キ",
    "典ノリ",
    "之ユキ",
    "明アキ",
]
_GIRL_A = [
    "結ユ",
    "陽ヒ",
    "美ミ",
    "愛ア",
    "心ココ",
    "莉リ",
    "彩アヤ",
    "優ユ",
    "七ナナ",
    "咲サキ",
    "杏アン",
    "桜サク",
    "花ハナ",
    "菜ナ",
    "凜リン",
    "葵アオ",
    "紗サ",
    "千チ",
    "真マ",
    "麻マ",
    "友トモ",
    "里リ",
    "奈ナ",
    "琴コト",
    "詩シ",
    "朱アカ",
    "梨リ",
    "由ユ",
    "舞マイ",
    "寧ネ",
]
_GIRL_B = [
    "菜ナ",
    "葵リ",
    "咲サキ",
    "愛ア",
    "美ミ",
    "花カ",
    "乃ノ",
    "香カ",
    "奈ナ",
    "音ネ",
    "子コ",
    "衣イ",
    "月ツキ",
    "羽ハ",
    "帆ホ",
    "実ミ",
    "織オリ",
    "莉リ",
    "桜オ",
    "紀キ",
    "世セ",
    "那ナ",
    "緒オ",
    "恵エ",
    "佳カ",
    "穂ホ",
    "希キ",
    "夏ナツ",
]
_TOWNS = [
    "若葉",
    "本町",
    "栄町",
    "泉町",
    "桜台",
    "緑が丘",
    "新田",
    "東原",
    "西原",
    "南野",
    "北野",
    "宮下",
    "中央",
    "港通",
    "松ヶ枝町",
    "稲荷前",
    "梅園",
    "弥生町",
    "白鳥台",
    "石畑",
    "旭町",
    "花園",
    "幸町",
    "曙町",
    "川端",
    "日吉",
    "千歳",
    "藤塚",
    "高台",
    "三条",
]
_VARIANTS = {
    "高": "髙",
    "崎": "﨑",
    "浜": "濵",
    "柳": "栁",
    "辺": "邉",
    "斎": "齋",
    "沢": "澤",
    "島": "嶋",
    "富": "冨",
    "桜": "櫻",
    "真": "眞",
}
_HALF = dict(
    zip(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンャュョッー",
        "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｬｭｮｯｰ",
        strict=True,
    )
)
_VOICED = dict(zip("ガギグゲゴザジズゼゾダヂヅデドバビブベボ", "カキクケコサシスセソタチツテトハヒフヘホ", strict=True))
_KANA = list("アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン")
_DAY_ZERO = date(2008, 10, 1)

COLUMNS = ("id", "person", "name", "kana", "birth_date", "sex", "address", "postcode", "phone")


def make_two_sources(folder: Path, *, rows: int, seed: int, hard: bool = False) -> tuple[Path, Path]:
    """Writes left.parquet and right.parquet (columns COLUMNS; person is the truth) and gives their paths."""
    maker = _Maker(random.Random(seed))
    people = maker.people(rows + rows // 10)
    left = people[:rows]
    right = people[rows // 10 : rows + rows // 10]
    rate = 3.0 if hard else 1.0
    paths = folder / "left.parquet", folder / "right.parquet"
    for path, part, damage in ((paths[0], left, 0.0), (paths[1], right, rate)):
        shuffled = part[:]
        maker.random.shuffle(shuffled)
        written = [maker.written(person, damage) for person in shuffled]
        ids = [f"{path.stem[0]}{i}" for i in range(len(written))]
        columns = [ids, *([row[i] for row in written] for i in range(len(COLUMNS) - 1))]
        pq.write_table(pa.table([pa.array(c, pa.string()) for c in columns], names=list(COLUMNS)), path)
    return paths


class _Maker:
    def __init__(self, source: random.Random) -> None:
        self.random = source
        split = [(p[0], p[1:]) for p in _FIRST], [(p[0], p[1:]) for p in _SECOND]
        surnames = [(a + b, x + y) for a, x in split[0] for b, y in split[1] if a != b]
        source.shuffle(surnames)
        self.surnames = surnames
        self.surname_weights = _cumulative([1 / (i + 8) for i in range(len(surnames))])
        self.given = {}
        for sex, first, second in (("1", _BOY_A, _BOY_B), ("2", _GIRL_A, _GIRL_B)):
            names = [(a[0] + b[0], a[1:] + b[1:]) for a in first for b in second if a[0] != b[0]]
            names += [(a[0], a[1:]) for a in first]
            source.shuffle(names)
            self.given[sex] = names
        self.given_weights = {
            s: _cumulative([1 / (i + 30) for i in range(len(names))]) for s, names in self.given.items()
        }

    def people(self, count: int) -> list[dict[str, str]]:
        """Children of invented families, in random order."""
        r = self.random
        people: list[dict[str, str]] = []
        while len(people) < count:
            surname = r.choices(self.surnames, cum_weights=self.surname_weights)[0]
            place = self._place()
            phone = f"090-{r.randrange(10000):04}-{r.randrange(10000):04}"
            born = _DAY_ZERO + timedelta(days=r.randrange(6570))
            for child in range(r.choices((1, 2, 3), (45, 42, 13))[0]):
                sex = r.choice("12")
                given = r.choices(self.given[sex], cum_weights=self.given_weights[sex])[0]
                if child and r.random() >= 0.018:  # else a twin: the same day
                    born += timedelta(days=r.randrange(330, 1800))
                people.append(
                    {
                        "id": str(len(people)), "surname": surname[0], "surname_kana": surname[1],
                        "given": given[0], "given_kana": given[1], "birth": born.isoformat(), "sex": sex,
                        "town": place[0], "numbers": place[1], "building": place[2], "postcode": place[3],
                        "phone": phone,
                    }
                )  # fmt: skip
        people = people[:count]
        r.shuffle(people)
        return people

    def written(self, person: dict[str, str], damage: float) -> tuple[str | None, ...]:
        """One row as an office writes it; damage 0 is the tidy office, 1 the usual other one, 3 a bad one."""
        p = dict(person)
        if damage:
            self._damage(p, damage)
        kana = f"{p['surname_kana']} {p['given_kana']}" if p["given_kana"] else ""
        name, birth, address = f"{p['surname']} {p['given']}", p["birth"], self._tidy_address(p)
        if damage:
            name, kana, birth, address = self._noise(name, kana, birth, p)
        return (
            p["id"], name, kana or None, birth or None, p["sex"], address or None, p["postcode"] or None,
            p["phone"] or None,
        )  # fmt: skip

    def _damage(self, p: dict[str, str], rate: float) -> None:
        r = self.random
        if r.random() < 0.020 * rate:
            p["birth"] = self._misread(p["birth"])
        if r.random() < 0.020 * rate:
            part = r.choice(("surname_kana", "given_kana"))
            at = r.randrange(len(p[part]))
            p[part] = p[part][:at] + r.choice(_KANA) + p[part][at + 1 :]
        if r.random() < 0.015 * rate:
            same = [g for g in self.given[p["sex"]] if g[1] == p["given_kana"]]
            p["given"] = r.choice(same)[0] if same else p["given"]
        if r.random() < 0.010 * rate:
            p["given"] = p["given_kana"]
        if r.random() < 0.012 * rate:
            p["surname"], p["surname_kana"] = r.choices(self.surnames, cum_weights=self.surname_weights)[0]
        if r.random() < 0.040 * rate:
            p["town"], p["numbers"], p["building"], p["postcode"] = self._place()
        if r.random() < 0.004 * rate:
            p["sex"] = "2" if p["sex"] == "1" else "1"
        for field, share in (("given_kana", 0.03), ("phone", 0.20), ("birth", 0.006), ("numbers", 0.01)):
            if r.random() < share * rate:
                p[field] = ""

    def _noise(self, name: str, kana: str, birth: str, p: dict[str, str]) -> tuple[str, str, str, str]:
        r = self.random
        if r.random() < 0.5:
            name = "".join(_VARIANTS.get(c, c) for c in name)
        name = name.replace(" ", r.choice(("", "\u3000", " ")))
        form = r.randrange(4)
        if form == 0:
            kana = "".join(_HALF[_VOICED[c]] + "ﾞ" if c in _VOICED else _HALF.get(c, c) for c in kana)
        elif form == 1:
            kana = "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ン" else c for c in kana)
        elif form == 2:
            kana = kana.replace(" ", "")
        if birth:
            year, month, day = (int(x) for x in birth.split("-"))
            era = f"R{year - 2018}" if birth >= "2019-05-01" else f"H{year - 1988}"
            birth = r.choice((birth, f"{year}{month:02}{day:02}", f"{era}.{month}.{day}", f"{year}/{month}/{day}"))
        parts = p["numbers"].split("-")
        address = self._tidy_address(p)
        if len(parts) == 3 and r.random() < 0.7:
            address = r.choice(
                (
                    f"{p['town']}{parts[0]}丁目{parts[1]}番{parts[2]}号{p['building']}",
                    f"瑞野市{p['town']}{'〇一二三四五六七八九'[int(parts[0])]}丁目{parts[1]}番地の{parts[2]}",
                    f"瑞野市{p['town']}{parts[0]}－{parts[1]}－{parts[2]} {p['building']}",
                )
            )
        return name, kana, birth, address

    def _place(self) -> tuple[str, str, str, str]:
        r = self.random
        town = r.randrange(len(_TOWNS))
        building = f"{r.choice(_TOWNS)}{r.choice(('コーポ', 'ハイツ', 'メゾン'))}{r.randrange(101, 909)}号"
        numbers = f"{r.randrange(1, 6)}-{r.randrange(1, 41)}-{r.randrange(1, 41)}"
        return _TOWNS[town], numbers, building if r.random() < 0.3 else "", f"999-{town:02}{numbers[0]}0"

    @staticmethod
    def _tidy_address(p: dict[str, str]) -> str:
        return f"瑞野市{p['town']}{p['numbers']}{' ' + p['building'] if p['building'] else ''}"

    def _misread(self, birth: str) -> str:
        r = self.random
        year, month, day = (int(x) for x in birth.split("-"))
        kind = r.randrange(4)
        if kind == 0 and day <= 12:
            month, day = day, month
        elif kind == 1:
            year += r.choice((-1, 1, 10))
        elif kind == 2:
            month = month % 12 + 1
        else:
            day = day % 28 + 1
        return f"{year:04}-{month:02}-{min(day, 28):02}"


def _cumulative(weights: list[float]) -> list[float]:
    total = 0.0
    out = []
    for weight in weights:
        total += weight
        out.append(total)
    return out
