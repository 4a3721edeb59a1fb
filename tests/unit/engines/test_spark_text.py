"""What our text becomes in Spark's words, and what is refused because Spark would read it in another sense."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from screening_cases import CITY, EVERY_MEASURE_FILE, the_catalogue
from tsunagu.engines.spark_text import Statement, statements
from tsunagu.errors import EngineError
from tsunagu.indicators import sql_text as sql
from tsunagu.screening.compile import compile_criteria
from tsunagu.screening.load import load_criteria

SETS = [EVERY_MEASURE_FILE, *sorted((CITY / "criteria").glob("*.toml"))]


def _one(text: str) -> str:
    (statement,) = statements(text)
    return statement.text


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_the_whole_text_of_a_set_is_taken(path: Path) -> None:
    compiled = compile_criteria(load_criteria(path, the_catalogue().items), dt.date(2026, 9, 30))
    made = {s.table for s in statements(compiled.judged)}
    assert "judged" in made
    evidence = statements(compiled.evidence)
    assert {s.table for s in evidence} == {"places", "pictures"}
    for statement in evidence:
        names = re.findall(r"(\w+) AS \(\s*(?:SELECT|WITH)", statement.text)
        assert len(names) == len(set(names)), "two relations of one name in a statement"
    for query in (compiled.indicators, compiled.judgments, compiled.notices, compiled.reasons):
        assert [s.does for s in statements(query)] == ["ask"]


def test_each_statement_is_taken_as_what_it_does() -> None:
    told = statements(
        'CREATE OR REPLACE TABLE "a" AS SELECT 1 AS n ORDER BY n;'
        " CREATE TABLE b AS SELECT * FROM (WITH w AS (SELECT n FROM a) SELECT n, NULL::VARCHAR[] FROM w);"
        " CREATE OR REPLACE VIEW c AS SELECT n FROM a; DROP TABLE a; SELECT n FROM b"
    )
    assert told == [
        Statement("make", "a", "SELECT 1 AS n"),
        Statement(
            "make", "b", "WITH w AS (SELECT n FROM a) SELECT * FROM (SELECT n, CAST(NULL AS ARRAY<STRING>) FROM w)"
        ),
        Statement("show", "c", "SELECT n FROM a"),
        Statement("drop", "a", ""),
        Statement("ask", "", "SELECT n FROM b"),
    ]


@pytest.mark.parametrize(
    ("ours", "sparks"),
    [
        ("SELECT a FROM t WHERE (a)", "SELECT a FROM t WHERE a"),
        ("SELECT a FROM t WHERE ((a) OR b)", "SELECT a FROM t WHERE (a) OR b"),
        ("SELECT max(a, 3) FROM t", "SELECT SLICE(SORT_ARRAY(COLLECT_LIST(a), FALSE), 1, 3) FROM t"),
        ("SELECT bit_count(bitstring_agg(a, 0, 9)) FROM t", "SELECT COUNT(DISTINCT a) FROM t"),
        ("SELECT max(a) FROM t", "SELECT MAX(a) FROM t"),
        ("SELECT a::HUGEINT // 2 FROM t", "SELECT CAST(a AS DECIMAL(38, 0)) DIV 2 FROM t"),
        ("SELECT array_length(a) FROM t", "SELECT SIZE(a) FROM t"),
        ("SELECT date_diff('day', a, b) FROM t", "SELECT DATEDIFF(DAY, a, b) FROM t"),
    ],
)
def test_what_each_says_in_its_own_way(ours: str, sparks: str) -> None:
    assert _one(ours) == sparks


def test_a_quote_and_a_backslash_stay_themselves() -> None:
    assert _one("SELECT " + sql.text("a'b\\n")) == "SELECT 'a\\'b\\\\n'"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT list(a ORDER BY b) FROM t",
        "SELECT a[-2:] FROM t",
        "SELECT a[1] FROM t",
        "SELECT a / b FROM t",
        "SELECT len(a) FROM t",
        "SELECT DATE '2026-09-30' - a FROM t",
        "SELECT list_sum(a) FROM t",
        "UPDATE t SET a = 1",
        "SELECT a FROM (t",
    ],
)
def test_what_spark_would_read_otherwise_is_refused(text: str) -> None:
    with pytest.raises(EngineError, match="cannot be said to Spark"):
        statements(text)
