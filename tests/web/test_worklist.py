"""The list: order, filters, search by folded readings, paging; no personal value in an address; few queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from counted import counted
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from builders import (
    ATestFact,
    a_child,
    absences,
    an_id,
    many_absences,
    survey_unknown,
    tax_unknown,
    unpaid_fees,
)
from tsunagu_web.access.terms import Role

TWO = (("poverty", "2", "2"), ("academic", "0", "0"), ("noncognitive", "2", "2"))
ONE = (("poverty", "0", "2"), ("academic", "0", "0"), ("noncognitive", "2", "2"))


def names(answer: object) -> list[str]:
    return [row.who.name for row in answer.context["rows"]]  # type: ignore[attr-defined]


def test_who_may_not(as_role: Callable[..., Client]) -> None:
    assert as_role(Role.AUDITOR).get("/children/").status_code == 403
    assert as_role(Role.AUDITOR).post("/children/search/", {"words": "例"}).status_code == 403


def test_it_orders_by_level_then_by_strength_then_by_reading(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(
        a_child("例一 いち", "レイ ニ", level="見守り"),
        a_child("例二 いち", "レイ イチ", level="重点支援", judgments=ONE),
        a_child("例三 いち", "レイ サン", level="重点支援", judgments=TWO),
        a_child("例四 いち", "レイ アン", level="見守り"),
    )
    assert names(as_role().get("/children/")) == ["例三 いち", "例二 いち", "例四 いち", "例一 いち"]


def test_to_a_school_the_order_tells_nothing_of_the_judgments(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(
        a_child("例二 いち", "レイ イチ", level="重点支援", judgments=ONE),
        a_child("例三 いち", "レイ サン", level="重点支援", judgments=TWO),
    )
    assert names(as_role(Role.VICE_PRINCIPAL).get("/children/")) == ["例二 いち", "例三 いち"]


def test_a_row_says_why_what_is_not_known_and_who_saw_the_child(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    seen = ATestFact("last_seen", dt.date(2026, 9, 18), holder="youtaikyo")
    intake(
        a_child(
            level="予防的支援",
            at_most="重点支援",
            reasons=(many_absences(), unpaid_fees(), tax_unknown(), survey_unknown()),
            facts=(seen,),
        )
    )
    text = as_role().get("/children/").content.decode()
    for words in ("11日欠席しました", "ほか 1 件", "重点支援", "令和8年9月18日", "未確認", "10歳", "小5"):
        assert words in text, words


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("れいかわ", ["例川 あおい"]),
        ("ﾚｲｶﾜ", ["例川 あおい"]),
        ("れいかわあおい", ["例川 あおい"]),
        ("レイカワ　アオイ", ["例川 あおい"]),
        ("あおい", ["例川 あおい"]),
        ("例川", ["例川 あおい"]),
        ("高橋", ["髙橋 みお"]),
        ("髙橋", ["髙橋 みお"]),
        ("渡辺", ["渡邉 ケン"]),
        ("tanaka", ["REI TANAKA"]),
        ("ＴＡＮＡＫＡ", ["REI TANAKA"]),
        ("例", ["例川 あおい"]),
        ("だれもいない", []),
        ("%", []),
        ("|", []),
        ("", []),
    ],
)
def test_search_folds_readings_and_variants(
    asked: str, found: list[str], intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(
        a_child(),
        a_child("髙橋 みお", "タカハシ ミオ", household="2"),
        a_child("渡邉 ケン", "ワタナベ ケン", household="3"),
        a_child("REI TANAKA", "レイ タナカ", household="4"),
    )
    assert names(as_role().post("/children/search/", {"words": asked})) == found


def test_no_personal_value_stands_in_an_address(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(*[a_child(f"例川 {n}", f"レイカワ {n}", person_id=an_id(n), household=str(n)) for n in range(30)])
    client = as_role()
    by_hand = client.get("/children/search/", {"words": "れいかわ"})
    assert (by_hand.status_code, by_hand["Allow"]) == (405, "POST")
    assert "ページのボタンから" in by_hand.content.decode()
    assert "れいかわ" not in by_hand.content.decode()
    assert client.post("/children/search/", {"words": "あ" * 300_000}).status_code == 413
    import re

    for page in (client.get("/children/"), client.post("/children/search/", {"words": "れいかわ"})):
        addresses = re.findall(r'(?:href|action)="([^"]*)"', page.content.decode())
        assert addresses
        assert not [a for a in addresses if "レイカワ" in a or "れいかわ" in a or "%E3" in a.upper()]


def test_filters_narrow_and_pages_turn(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    children = [a_child(f"例{n}", f"レイ {n:02}", person_id=an_id(n), household=str(n)) for n in range(30)]
    other = a_child(
        "例川 ソラ", "レイカワ ソラ", school="201", school_name="瑞野市立第一中学校", level="見守り", household="99"
    )
    intake(*children, other)
    client = as_role()
    assert len(names(client.get("/children/"))) == 25
    assert len(names(client.get("/children/", {"page": 2}))) == 6
    assert names(client.get("/children/", {"school": "201"})) == ["例川 ソラ"]
    assert names(client.get("/children/", {"level": "見守り"})) == ["例川 ソラ"]
    assert names(client.get("/children/", {"state": "candidate"})) == []
    assert len(names(client.get("/children/", {"state": "new", "level": "予防的支援", "page": 2}))) == 5
    assert len(names(client.get("/children/", {"page": "nonsense"}))) == 25
    found = client.post("/children/search/", {"words": "レイ", "page": 2})
    assert len(names(found)) == 6


def test_before_the_first_run_it_says_so(desk: None, as_role: Callable[..., Client]) -> None:
    assert "まだ取り込まれていません" in as_role().get("/children/").content.decode()


@pytest.mark.parametrize("role", Role.values)
def test_no_page_needs_more_than_twelve_queries(
    role: str, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    facts = absences(*range(24))
    reasons = (many_absences(), unpaid_fees(), tax_unknown())
    how = {"household": "1", "reasons": reasons, "facts": facts}
    intake(*[a_child(f"例{n}", "レイ", person_id=an_id(n), **how) for n in range(30)])
    form = {"outcome": "candidate", "seen": 0, "form": "2a0b1c52-58ab-4c4e-9d6b-1f0e8b8f0a01"}
    as_role().post(f"/children/{an_id(3)}/decide/", form)
    client = as_role(role)
    counted = {}
    for path in ("/children/", f"/children/{an_id(3)}/", "/decisions/", "/log/"):
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counted[path] = _asked(queries)
    with CaptureQueriesContext(connection) as queries:
        client.post("/children/search/", {"words": "レイ"})
    counted["search"] = _asked(queries)
    assert max(counted.values()) <= 12, counted


def _asked(queries: CaptureQueriesContext) -> int:
    """Queries of a page on either database; what the second lock adds has a test of its own."""
    return len(counted(queries))
