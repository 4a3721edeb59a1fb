"""Tables of a folder of cases, by which guidance is evaluated: simulated ones, or a centre's own without names.

Nothing written freely and nothing that names anybody has a column here: a case has a number of its own.
"""

from __future__ import annotations

import pyarrow as pa

from tsunagu.records.shapes import BITS, DAY, TEXT, WHOLE, YES_NO, Column, TableShape

_CASE = Column("case_id", TEXT, "number of the case, of this folder alone")
_NOT_ASKED = "not known, or not recorded"

CASES = TableShape(
    name="cases",
    row="case",
    columns=(
        _CASE,
        Column("centre", TEXT, "the child guidance centre"),
        Column("received_on", DAY, "day of the notification"),
        Column("abuse", TEXT, "physical | neglect | psychological | sexual: the main type"),
        Column("also", TEXT, "a second type", null="one type alone"),
        Column("age_years", WHOLE, "age of the child on that day, years"),
        Column("complexity", WHOLE, "1 simple, 2 several people or places, 3 many at once"),
        Column("notifier", TEXT, "police | school | nursery | hospital | relative | neighbour"),
        Column("sex", TEXT, "1 male, 2 female", null=_NOT_ASKED),
        Column("nationality", TEXT, "japanese | other", null=_NOT_ASKED),
        Column("disability", YES_NO, "the child has a disability", null=_NOT_ASKED),
        Column("welfare", YES_NO, "the household receives public assistance", null=_NOT_ASKED),
        Column("entry_minutes", BITS, "how long the sheet took, minutes", null="not measured"),
    ),
    order=("case_id",),
)

CASE_ANSWERS = TableShape(
    name="answers",
    row="question of a case that somebody answered, at the time of the decision",
    columns=(
        _CASE,
        Column("entered_by", WHOLE, "1 the first person, 2 somebody else who entered the same case"),
        Column("question", TEXT, "id in the sheet"),
        Column("state", TEXT, "absent | unknown | present"),
        Column("grade", WHOLE, "1 to 3: how grave", null="not present, or how grave is not known"),
        Column("extent", WHOLE, "1 to 3: how far it extends", null="not present, not known, or not asked"),
        Column("sites", pa.list_(pa.string()), "places of the body map", null="not present, not known, or not asked"),
    ),
    order=("case_id", "entered_by", "question"),
)

PANEL = TableShape(
    name="panel",
    row="case and member of the panel; what they agreed on, or the simulated truth, is one more row",
    columns=(
        _CASE,
        Column("rater", TEXT, "the member; `agreed`: what the panel came to, or the truth"),
        Column("urgency", WHOLE, "class from 1, the most urgent: talk about protection now"),
    ),
    order=("case_id", "rater"),
)

DECISIONS = TableShape(
    name="decisions",
    row="case that was decided",
    columns=(
        _CASE,
        Column("decided", TEXT, "protected | home"),
        Column("support", YES_NO, "support at home was agreed"),
        Column("experience", TEXT, "novice | veteran: who decided"),
    ),
    order=("case_id",),
)

OUTCOMES = TableShape(
    name="outcomes",
    row="case whose child stayed at home and was followed",
    columns=(
        _CASE,
        Column("followed_months", WHOLE, "how long what came after is known, months"),
        Column("re_report_month", WHOLE, "month of the first new notification, from 1", null="none in that time"),
        Column("severe_harm_month", WHOLE, "month of the first substantiated severe harm", null="none in that time"),
    ),
    order=("case_id",),
)

VIEWS = TableShape(
    name="views",
    row="case and reader of a reading study",
    columns=(
        _CASE,
        Column("reader", TEXT, "the reader"),
        Column("experience", TEXT, "novice | veteran"),
        Column("with_tool", YES_NO, "the classes of the sheet were shown after the own view"),
        Column("urgency_before", WHOLE, "own view before anything was shown, class from 1"),
        Column("urgency_after", WHOLE, "own view afterwards, class from 1"),
        Column("shown", WHOLE, "the class that was shown as demanded", null="nothing was shown"),
        Column("is_seeded_wrong", YES_NO, "what was shown was made wrong on purpose"),
        Column("minutes", BITS, "until the view was final, minutes", null="not measured"),
    ),
    order=("case_id", "reader", "with_tool"),
)

SIMULATED_TRUTH = TableShape(
    name="simulated_truth",
    row="simulated case; data of real cases have no such table",
    columns=(
        _CASE,
        Column("severity", BITS, "how grave the gravest type is, 0 to about 4"),
        Column("danger", BITS, "what the truth's class comes from"),
        Column("harm_at_home", BITS, "chance of substantiated severe harm within 12 months at home, 0 to 1"),
    ),
    order=("case_id",),
)

GUIDANCE_TABLES = (CASES, CASE_ANSWERS, PANEL, DECISIONS, OUTCOMES, VIEWS, SIMULATED_TRUTH)
#: Without these nothing can be said; what the others would give is said to be missing.
NEEDED = (CASES, CASE_ANSWERS, PANEL)
