"""Our DuckDB text in Spark's words.

sqlglot knows both languages; what it leaves wrong for the text that we write stands here, each with its reason.
A construct that Spark would read in another sense has to fail here, never there.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlglot
from sqlglot import errors, exp

from tsunagu.errors import EngineError


@dataclass(frozen=True)
class Statement:
    """One statement for Spark.

    does   make (a table from a query), show (a query under a name), drop, ask
    table  the table that is made or dropped; empty for ask
    text   Spark's text of the query; empty for drop
    """

    does: str
    table: str
    text: str


# Functions that sqlglot passes on as they stand, and that are the same in both.
_SAME_IN_BOTH = frozenset({"bit_count"})


def statements(text: str) -> list[Statement]:
    """The statements of a DuckDB text, in order.

    raises  EngineError if a part of the text has no sure meaning on Spark
    """
    try:
        parsed = sqlglot.parse(text, read="duckdb")
    except errors.ParseError as error:
        raise _not_translated("the text is not DuckDB's") from error
    return [_statement(tree) for tree in parsed if tree is not None]


def _statement(tree: exp.Expr) -> Statement:
    match tree:
        case exp.Create() if tree.args.get("kind") == "VIEW":
            return Statement("show", _table(tree), _text(tree.expression))
        case exp.Create(expression=exp.Query() as query) if tree.args.get("kind") == "TABLE":
            # For DuckDB rows lie in order, so that scans are local; a table of Spark has no order to keep.
            if query.args.get("limit") is None:
                query.set("order", None)
            return Statement("make", _table(tree), _text(query))
        case exp.Drop():
            return Statement("drop", _table(tree), "")
        case exp.Query():
            return Statement("ask", "", _text(tree))
    raise _not_translated(f"a statement of the kind {type(tree).__name__}")


def _table(tree: exp.Expr) -> str:
    return next(table.name for table in tree.find_all(exp.Table))


def _text(tree: exp.Expr) -> str:
    try:
        return tree.transform(_in_sparks_words).sql(dialect="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    except errors.UnsupportedError as error:
        raise _not_translated(str(error)) from error


def _in_sparks_words(node: exp.Expr) -> exp.Expr:
    match node:
        case exp.DataType() if node.is_type(exp.DType.INT128):
            # Spark has no whole number of 128 bits; 38 digits hold what our rounding needs, and more is an error.
            return exp.DataType.build("DECIMAL(38, 0)")
        case exp.Max() if node.args.get("count"):
            # The n largest of a group as a list, the largest first: Spark's max gives one value only.
            every = exp.Anonymous(this="SORT_ARRAY", expressions=[exp.func("COLLECT_LIST", node.this), exp.false()])
            return exp.Anonymous(this="SLICE", expressions=[every, exp.Literal.number(1), node.args["count"]])
        case exp.Anonymous(this="bit_count", expressions=[exp.Anonymous(this="bitstring_agg") as numbers]):
            # A bit for each whole number of a group, and the bits counted: how many different ones there are.
            return exp.Count(this=exp.Distinct(expressions=[numbers.expressions[0]]))
        case exp.Where() if isinstance(node.this, exp.Paren):
            # Spark reads `FROM t WHERE (a)` as the table t by another name, `where`, whose column is called a.
            node.set("this", node.this.unnest())
        case exp.ArrayAgg() if isinstance(node.this, exp.Order):
            # Spark's collect_list keeps no order, and sqlglot would leave it out in silence.
            raise _not_translated("list(… ORDER BY …): sort the list by list_sort")
        case exp.Div():
            # Decimal division rounds differently in each engine.
            raise _not_translated("/: compare products, or divide whole numbers by //")
        case exp.Bracket():
            # Lists count from another place, and a part of a short list is another one.
            raise _not_translated("list[…]: number the rows and take those wanted")
        case exp.Length():
            # Of a list Spark has no length, of a text ours has none to ask.
            raise _not_translated("len(…): say array_length")
        case exp.Sub() if any(isinstance(side, exp.Cast) and side.is_type("date") for side in (node.left, node.right)):
            # A date less a date is a number of days here, and a span of time in Spark.
            raise _not_translated("a date less a date: say date_diff")
        case exp.Anonymous() if node.name.lower() not in _SAME_IN_BOTH:
            raise _not_translated(f"{node.name}(…): sqlglot does not know it")
    return node


def _not_translated(what: str) -> EngineError:
    return EngineError(
        f"the text of the criteria cannot be said to Spark ({what})",
        to_do="This is a fault of the program. Run with the engine duckdb, which every city can, and report it.",
    )
