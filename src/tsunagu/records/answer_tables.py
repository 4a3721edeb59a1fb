"""Tables that leave a holder: what an agreement lets be answered, and not a column more."""

from __future__ import annotations

import pyarrow as pa

from tsunagu.records.shapes import DAY, MOMENT, NUMBER, TEXT, WHOLE, Column, TableShape

TOKEN = pa.binary(32)
_WHO = Column("token", TOKEN, "what stands for the child under this agreement, in this period")

ITEM_ANSWER = TableShape(
    name="item_answer",
    row="fact of a child, of an agreed item",
    columns=(
        _WHO,
        Column("item", TEXT, "id in the catalogue"),
        Column("at", DAY, "first day the value speaks of", null="unknown, or since always"),
        Column("until", DAY, "for a period: end day", null="open, or the item has no end"),
        Column("label", TEXT, "what within the item", null="the item has none, or it cannot be read"),
        Column("text", TEXT, "coded value", null="numeric, or not known"),
        Column("number", NUMBER, "value", null="coded, or not known"),
        Column("state", TEXT, "known | unknown | set_aside"),
        Column("recorded_at", MOMENT, "when the holder recorded the row", null="not given"),
    ),
    order=("token", "item", "at", "label", "text", "number"),
)

INDICATOR_ANSWER = TableShape(
    name="indicator_answer",
    row="child and agreed indicator",
    columns=(
        _WHO,
        Column("indicator", TEXT, "id in the agreement"),
        Column("version", TEXT, "version of its definition"),
        Column("band", TEXT, "agreed band or code in which the known facts put it", null="missing or not applicable"),
        Column("band_at_worst", TEXT, "the same with every unknown read as the worst", null="no worst is given"),
        Column("state", TEXT, "known | missing (in whole or part) | not_applicable"),
        Column("as_of", DAY, "the day it was computed for"),
    ),
    order=("token", "indicator"),
)

AGGREGATE_ANSWER = TableShape(
    name="aggregate_answer",
    row="agreed indicator and band",
    columns=(
        Column("indicator", TEXT, "id in the agreement"),
        Column("version", TEXT, "version of its definition"),
        Column("band", TEXT, "agreed band or code; `missing`, `not_applicable`"),
        Column("children", WHOLE, "how many, rounded as agreed", null="not told: few, or a way to few"),
        Column("as_of", DAY, "the day it was computed for"),
    ),
    order=("indicator", "band"),
)

PARTS_ANSWER = TableShape(
    name="parts_answer",
    row="one table of an answer that has several, by which records of a link group are linked",
    columns=(
        Column("holder", TEXT, "whose records it is of, e.g. shukketsu; `residents` where it is of the register"),
        Column("part", TEXT, "signatures | forms | neighbours (of linkage); answers | sent | residents (of residents)"),
        Column("rows", WHOLE, "rows of the table"),
        Column("stream", pa.large_binary(), "the table as an Arrow IPC stream"),
    ),
    order=("holder", "part"),
)

RESIDENTS = TableShape(
    name="residents",
    row="resident of the agreed ages, or who lives with one; a column that is not agreed is empty",
    columns=(
        Column("link_id", TEXT, "what the link group calls the person"),
        Column("birth_date", DAY, "the register's birth date", null="not agreed, or not known"),
        Column("sex", TEXT, "1 male, 2 female", null="not agreed, or not known"),
        Column("household", TEXT, "the same for all of a household; no number of the register", null="not agreed"),
        Column("resident_from", DAY, "first day as a resident", null="not agreed, since birth or not recorded"),
        Column("resident_until", DAY, "first day as a resident no more", null="not agreed, or lives here"),
    ),
    order=("link_id",),
)

#: Granularity of an agreement -> the one shape of its answers.
ANSWERS = {
    "item": ITEM_ANSWER,
    "indicator": INDICATOR_ANSWER,
    "aggregate": AGGREGATE_ANSWER,
    "linkage": PARTS_ANSWER,
    "residents": PARTS_ANSWER,
}
