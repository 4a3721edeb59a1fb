"""The large tables of a full desk: persons, children, facts, reasons, cases, and what is searched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from set_based import insert, said

from builders import ON
from tsunagu.text.search import searched_text
from tsunagu_web.cases.models import Child, Fact, Judgment, Reason
from tsunagu_web.people.models import Membership, Person
from tsunagu_web.search.models import Kind, SearchText
from tsunagu_web.search.services import grams_of

_FIRST_CHILD, _FIRST_ADULT = 10_000_000, 30_000_000
# Invented names: every first sign with every second one, and every given name.
_FIRST = "例:レイ 仮:カリ 見:ミ 試:タメ 架:カ 雛:ヒナ 型:カタ 想:オモ"
_SECOND = "川:カワ 田:タ 本:モト 山:ヤマ 島:シマ 井:イ 沢:サワ 野:ノ 原:ハラ 村:ムラ"
_GIVEN = (
    "あおい:アオイ ソラ:ソラ みお:ミオ 陽:ヨウ 結:ユイ 蓮:レン さくら:サクラ 湊:ミナト 凛:リン 葵:アオイ 樹:イツキ "
    "紬:ツムギ 颯:ハヤテ "
    "芽依:メイ 大和:ヤマト 朝陽:アサヒ 莉子:リコ 悠真:ユウマ 心春:コハル "
    "陸:リク 美月:ミヅキ 匠:タクミ 花:ハナ 翼:ツバサ 優奈:ユウナ"
)
_LEVELS = ("重点支援", "予防的支援", "見守り", "判定保留")


@dataclass(frozen=True)
class Size:
    """How much of what. events: facts of children and adults together; schools answer to teams in turn."""

    children: int = 60_000
    cases: int = 8_000
    events: int = 5_000_000
    staff: int = 100
    teams: int = 40
    schools: int = 60
    grants: int = 400
    conflicts: int = 100
    log: int = 200_000

    def scaled(self, children: int, events: int | None = None) -> Size:
        """The same desk with fewer children, everything that grows with them smaller alike."""
        share = children / self.children
        return Size(
            children=children,
            cases=max(int(self.cases * share), 10),
            events=events or int(self.events * share),
            log=max(int(self.log * share), 500),
        )


@dataclass(frozen=True)
class _Item:
    """The n-th fact that each child has."""

    n: int
    item: str
    value: str
    number: int | None
    holder: str
    valid_from: dt.date


def child_id(number: int) -> str:
    """The id of the n-th child, counted from 1."""
    return f"P{_FIRST_CHILD + number}"


def lists(size: Size) -> None:
    """Short lists beside which the large tables are made: numbers, names, facts of a child."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
            f"WHERE i < {size.children * 2}) SELECT i FROM c"
        )
        cursor.execute("CREATE TEMP TABLE names (n integer, name varchar(40), kana varchar(40), searched varchar(200))")
        names = [(n, name, kana, searched_text(f"{name}\n{kana}")) for n, (name, kana) in enumerate(_names())]
        cursor.executemany("INSERT INTO names VALUES (%s, %s, %s, %s)", names)
        cursor.execute("CREATE TEMP TABLE name_grams (n integer, gram integer)")
        grams = [(n, gram) for n, *_name, searched in names for gram in grams_of(Kind.PERSON, searched)]
        cursor.executemany("INSERT INTO name_grams VALUES (%s, %s)", grams)
        cursor.execute(
            "CREATE TEMP TABLE items (n integer, item varchar(40), value varchar(40), number decimal(9, 2), "
            "holder varchar(40), valid_from date)"
        )
        per_child = max((size.events - size.children * 2) // size.children, 1)
        rows = [(i.n, i.item, i.value, i.number, i.holder, i.valid_from) for i in _items(per_child)]
        cursor.executemany("INSERT INTO items VALUES (%s, %s, %s, %s, %s, %s)", rows)


def _names() -> list[tuple[str, str]]:
    """Every name with its reading."""
    first, second, given = ([pair.split(":") for pair in text.split()] for text in (_FIRST, _SECOND, _GIVEN))
    return [(f"{a}{b} {c}", f"{x}{y} {z}") for a, x in first for b, y in second for c, z in given]


NAMES = len(_names())


_MONTHLY = (
    ("absent_days", 3, "", "shukketsu"),
    ("school_days", 20, "", "shukketsu"),
    ("school_fee", None, "paid", "kyushoku"),
)
_YEARLY = (
    *[(f"q_{part}", 3, "", "shitsumonshi") for part in ("self", "grit", "family", "friends", "habits")],
    ("test_math", 60, "", "gakuryoku"),
    ("tax_class", None, "taxed", "zeimu"),
)


def _items(count: int) -> Iterator[_Item]:
    """A child's facts: each month's absences and lessons, fees, visits to the infirmary, yearly answers."""
    for n in range(count):
        back, kind = divmod(n, 4)
        month = dt.date(2026 - (back + 3) // 12, 12 - (back + 3) % 12, 1)
        if kind < 3:
            item, number, value, holder = _MONTHLY[kind]
        elif back % 2:
            item, number, value, holder = "infirmary_visit", None, "", "hokenshitsu"
        else:
            item, number, value, holder = _YEARLY[back // 2 % len(_YEARLY)]
        yield _Item(n, item, value, number, holder, month)


def persons(size: Size) -> None:
    child = f"'P' || ({_FIRST_CHILD} + n.i)"
    adult = f"'P' || ({_FIRST_ADULT} + n.i)"
    everybody = ((child, "n.i * 37", size.children, 5), (adult, "n.i * 53", size.children * 2, None))
    for person, which, limit, grade in everybody:
        source = f"FROM n JOIN names ON names.n = ({which}) % {NAMES} WHERE n.i <= {limit}"
        insert(
            Person,
            source,
            person_id=person,
            name="names.name",
            kana="names.kana",
            grade=said(grade),
            birth_date=said(dt.date(2016, 5, 12) if grade else dt.date(1988, 2, 3)),
            known_from=said(ON),
        )
    # Two children and four grown-ups to a household.
    grown_up = "CASE n.i % 4 WHEN 0 THEN '世帯主' WHEN 1 THEN '妻' ELSE '母' END"
    for person, household, limit, relation in (
        (child, "(n.i + 1) / 2", size.children, said("子")),
        (adult, "(n.i + 3) / 4", size.children * 2, grown_up),
    ):
        insert(
            Membership,
            f"FROM n WHERE n.i <= {limit}",
            person_id=person,
            household=f"'H' || ({household})",
            relation=relation,
            is_head=f"{relation} = '世帯主'",
            known_from=said(ON),
        )


def children(size: Size) -> None:
    """A tenth is no longer listed; open cases lie evenly over the city, and some children were decided about."""
    level = "(CASE WHEN n.i % 20 = 0 THEN 1 WHEN n.i % 20 < 4 THEN 2 WHEN n.i % 20 < 14 THEN 3 ELSE 4 END)"
    name = f"(CASE {level} {' '.join(f'WHEN {r} THEN {said(v)}' for r, v in enumerate(_LEVELS, 1))} END)"
    school = f"(101 + n.i % {size.schools})"
    # The factor has no divisor in common with the numbers of children, schools and teams used here.
    has_case = f"((n.i * 7919) % {size.children} < {size.cases})"
    otherwise = "WHEN n.i % 10 = 1 THEN 'watch' WHEN n.i % 10 = 2 THEN 'not_now' ELSE 'new'"
    state = f"(CASE WHEN {has_case} THEN 'candidate' {otherwise} END)"
    until = "(SELECT max(valid_from) FROM items)"
    insert(
        Child,
        f"FROM n JOIN names ON names.n = (n.i * 37) % {NAMES} WHERE n.i <= {size.children}",
        person_id=f"'P' || ({_FIRST_CHILD} + n.i)",
        is_listed=f"(n.i % 10 <> 9 OR {has_case})",
        kana="names.kana",
        team=f"'team-' || ((n.i % {size.schools}) % {size.teams})",
        school=f"'' || {school}",
        classroom=f"{school} || ':5:' || (1 + n.i % 3)",
        case_state=f"CASE WHEN {has_case} THEN 'open' ELSE 'noticed' END",
        level=name,
        level_at_most=name,
        level_rank=level,
        strength="n.i % 9",
        first_reason=said("N1a"),
        is_known_before="FALSE",
        first_noticed_on=said(ON),
        known_from=said(ON),
        last_seen_on=until,
        state=state,
        due_on=f"CASE WHEN {state} = 'watch' THEN {until} END",
        decisions_made=f"CASE WHEN {state} = 'new' THEN 0 ELSE 1 END",
    )
    listed = "FROM cases_child AS c JOIN"
    names = " UNION ALL ".join(f"SELECT '{name}' AS j" for name in ("poverty", "academic", "noncognitive", "overall"))
    judgments = f"({names}) AS a ON TRUE"
    grade = "CASE WHEN a.j = 'overall' THEN c.level ELSE '1' END"
    insert(
        Judgment,
        f"{listed} {judgments}",
        child_id="c.person_id",
        judgment="a.j",
        level=grade,
        at_least=grade,
        at_most=grade,
    )
    series = [f"2026-{month:02}={month % 5}" for month in range(4, 10)]
    for place, (kind, code, judgment, indicator, source) in enumerate(
        (
            ("sign", "N1a", "noncognitive", "absent_worst_month", "shukketsu"),
            ("sign", "P5", "poverty", "unpaid_months", "kyushoku"),
            ("missing", "P4", "poverty", "tax_class", "zeimu"),
            ("missing", "N2", "noncognitive", "scales", "shitsumonshi"),
        )
    ):
        insert(
            Reason,
            f"FROM cases_child AS c WHERE c.strength >= {place * 2}",
            child_id="c.person_id",
            place=str(place),
            kind=said(kind),
            code=said(code),
            judgment=said(judgment),
            indicator=said(indicator),
            number="11",
            threshold="10",
            at=said(dt.date(2026, 9, 1)),
            series=said(series if kind == "sign" else []),
            source=said(source),
            row_keys=said(["file.csv#12"]),
        )


def facts(size: Size) -> None:
    """Item by item, as the files of the holders bring them: the facts of one child lie far apart."""
    insert(
        Fact,
        f"FROM items JOIN n ON n.i <= {size.children} ORDER BY items.n, n.i",
        person_id=f"'P' || ({_FIRST_CHILD} + n.i)",
        item="items.item",
        value="items.value",
        number="items.number",
        state=said("known"),
        holder="items.holder",
        as_of=said(ON),
        valid_from="items.valid_from",
        known_from=said(ON),
    )
    insert(
        Fact,
        f"FROM n WHERE n.i <= {size.children * 2}",
        person_id=f"'P' || ({_FIRST_ADULT} + n.i)",
        item=said("tax_class"),
        value=said("taxed"),
        state=said("known"),
        holder=said("zeimu"),
        as_of=said(ON),
        valid_from=said(dt.date(2026, 4, 1)),
        known_from=said(ON),
    )


def search(size: Size) -> None:
    """The index of names, as an intake writes it."""
    named = f"FROM n JOIN names ON names.n = (n.i * 37) % {NAMES} WHERE n.i <= {size.children}"
    person = f"'P' || ({_FIRST_CHILD} + n.i)"
    insert(SearchText, named, kind=str(int(Kind.PERSON)), own_id=person, text="names.searched")
    texts = f"JOIN search_searchtext AS t ON t.own_id = {person}"
    grams = f"FROM n {texts} JOIN name_grams AS g ON g.n = (n.i * 37) % {NAMES}"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO search_posting (gram, document) SELECT g.gram, t.id {grams}")
