"""The small pictures and the time axis: what is drawn says what the values say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from django.test import Client

from builders import ATestFact, a_child, absences, an_id
from tsunagu_web.access.terms import Role
from tsunagu_web.cases.pictures import axis_ending, spark

D = dt.date
SERIES = ("2026-04=1", "2026-05=0", "2026-06=?", "2026-07=4", "2026-09=11")


def test_a_bar_per_value_and_the_deciding_month_darker() -> None:
    drawn = spark(SERIES, threshold=Decimal(10), compared=Decimal(11), at=D(2026, 9, 1))
    assert drawn is not None
    assert [bar.kind for bar in drawn.bars] == ["number", "number", "unknown", "number", "number"]
    assert [bar.is_main for bar in drawn.bars] == [False, False, False, False, True]
    assert drawn.bars[1].height < drawn.bars[0].height < drawn.bars[3].height < drawn.bars[4].height
    assert drawn.bars[1].height == 2.0, "a known zero is drawn, unlike nothing"
    assert drawn.threshold_y is not None
    assert drawn.bars[4].y < drawn.threshold_y < drawn.bars[3].y, "eleven stands above the line of ten, four below"
    assert "2026-06: ?" in drawn.text


def test_a_sum_gets_no_threshold_and_no_month_of_its_own() -> None:
    drawn = spark(SERIES, threshold=Decimal(15), compared=Decimal(16))
    assert drawn is not None
    assert drawn.threshold_y is None
    assert not any(bar.is_main for bar in drawn.bars)


def test_coded_values_are_boxes() -> None:
    drawn = spark(("2026-04=0", "2026-05=1", "2026-06=?"), threshold=Decimal(2), compared=Decimal(1), is_coded=True)
    assert drawn is not None
    assert [bar.kind for bar in drawn.bars] == ["no", "yes", "unknown"]
    assert drawn.threshold_y is None


def test_one_value_or_none_is_no_picture() -> None:
    assert spark(()) is None
    assert spark(("2026-09=11",)) is None
    assert spark(("2026-08=?", "2026-09=?")) is not None


def test_the_axis_ends_with_the_month_of_the_run() -> None:
    axis = axis_ending(D(2026, 2, 28), months=24, width=100.0)
    assert axis.first == D(2024, 3, 1)
    assert axis.starts()[-1] == D(2026, 2, 1)
    assert axis.x(D(2024, 3, 1)) == 0
    assert axis.x(D(2025, 3, 1)) == 50
    assert axis.x(D(2020, 1, 1)) == 0
    assert axis.x(D(2027, 1, 1)) == 100
    assert not axis.holds(D(2026, 3, 1))


def test_marks_lie_where_their_days_are(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(
        a_child(
            facts=(
                *absences(None, 11),
                ATestFact(
                    "council_register", D(2025, 10, 1), value="support", valid_to=D(2026, 4, 1), holder="youtaikyo"
                ),
                ATestFact(
                    "council_register", D(2020, 10, 1), value="support", valid_to=D(2021, 4, 1), holder="youtaikyo"
                ),
                ATestFact("report", D(2026, 9, 1), value="consultation", holder="kosoudan"),
            )
        )
    )
    page = as_role(Role.LEAD_WORKER).get(f"/children/{an_id('例川 あおい')}/").context["page"]
    lanes = {lane.name: lane for d in page.timeline.departments for lane in d.lanes}
    assert [m.kind for m in lanes["欠席日数"].marks] == ["unknown", "column"]
    (period,) = lanes["要対協への登録"].marks
    assert abs(period.x - 50) < 0.3
    assert abs(period.x + period.width - 75) < 0.3
    (dot,) = lanes["通告・相談"].marks
    assert abs(dot.x - 100 * 23 / 24) < 0.3
    lines = [line for d in page.timeline.departments for line in d.lines if line.item == "要対協への登録"]
    assert len(lines) == 2, "what lies before the axis stands in the table"
    assert page.timeline.months[0].label == "令和8年9月"
