"""Tables of the school boards: every pupil of a municipal school, what the school recorded, and its school days.

The only tables beside the names with children who were not noticed. They hold what the school itself has written of its
own pupils, and nothing else: no address, no other department's record, nothing that criteria made of a child.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from tsunagu.engines.duck import Workbench, workbench
from tsunagu.normalise.schoolyears import fiscal_year
from tsunagu.records.run_tables import SCHOOL_DAYS, SCHOOL_PUPILS, SCHOOL_RECORDS
from tsunagu.text.kana import katakana

# Written with the name of the school whose file it is: what another school recorded by the day stays there.
DAILY = ("attendance_mark", "mood")
MONTHLY = ("school_days", "absent_days", "late_days", "early_days")
EVENTS = ("infirmary_visit",)
YEARLY = ("test_japanese", "test_math")
MONTHS = 12
YEARS = 3


def school_tables(
    *,
    records: pa.Table,
    links: pa.Table,
    person_facts: pa.Table,
    roster: str,
    school_names: Mapping[str, str],
    on: dt.date,
) -> dict[str, pa.Table]:
    """SCHOOL_PUPILS, SCHOOL_RECORDS and SCHOOL_DAYS on the day `on`, by name; empty where no roster came.

    records, links  SOURCE_RECORDS and LINKS
    person_facts    PERSON_FACTS
    roster          holder of the schools' rosters, which alone say who is a pupil of which class
    gives           the last 12 months of days and months, the last 3 fiscal years of tests; nothing after `on`
    """
    with workbench({"records": records, "links": links, "facts": person_facts}) as bench:
        pupils = _pupils(bench, roster, school_names, on)
        bench.put("pupils", pupils)
        _put_window(bench, on)
        return {
            SCHOOL_PUPILS.name: pupils,
            SCHOOL_RECORDS.name: _records(bench),
            SCHOOL_DAYS.name: _days(bench),
        }


def _pupils(bench: Workbench, roster: str, school_names: Mapping[str, str], on: dt.date) -> pa.Table:
    """One row per pupil of this fiscal year; of several rows of one pupil the first, as PERSONS has it."""
    found = bench.table(
        """
        SELECT l.person_id, r.school, NULL::VARCHAR AS school_name, r.grade, r.class_name, r.class_number, r.name,
            r.kana
        FROM records r JOIN links l USING (record_id)
        WHERE r.holder = ? AND r.fiscal_year = ? AND r.school IS NOT NULL AND r.grade IS NOT NULL AND r.state = 'read'
        QUALIFY row_number() OVER (PARTITION BY l.person_id ORDER BY r.record_id) = 1
        """,
        [roster, fiscal_year(on)],
    )
    rows: list[dict[str, Any]] = found.to_pylist()
    for row in rows:
        row["school_name"] = school_names.get(row["school"])
        row["kana"] = katakana(row["kana"]) if row["kana"] else None
    return SCHOOL_PUPILS.sorted(pa.Table.from_pylist(rows, schema=SCHOOL_PUPILS.schema))


def _put_window(bench: Workbench, on: dt.date) -> None:
    """Makes `told`: the facts the boards are about, of pupils, within their time; a day nobody can read stays."""
    months_from = dt.date(on.year - (on.month < MONTHS), on.month % MONTHS + 1, 1)
    years_from = dt.date(fiscal_year(on) - YEARS + 1, 4, 1)
    bench.run(
        f"""
        CREATE TABLE told AS
        SELECT f.person_id, p.school, f.item, f.at AS on_day, f.label, f.text, f.number, f.state
        FROM facts f JOIN pupils p USING (person_id)
        WHERE (f.item IN {_words(DAILY + MONTHLY + EVENTS)} AND (f.at IS NULL OR f.at BETWEEN $month AND $day)
            OR f.item IN {_words(YEARLY)} AND f.at BETWEEN $year AND $day)
          AND (f.item NOT IN {_words(DAILY)} OR f.label = p.school)
        """,  # noqa: S608 - this module's own words
        {"month": months_from, "year": years_from, "day": on},
    )


def _records(bench: Workbench) -> pa.Table:
    found = bench.table("SELECT person_id, item, on_day AS at, text AS value, number, state FROM told")
    return SCHOOL_RECORDS.sorted(found.cast(SCHOOL_RECORDS.schema))


def _days(bench: Workbench) -> pa.Table:
    """Days of which somebody has a record, and weekdays between them that may be school days.

    No calendar of a school is delivered. Where a month has as many days with a record as its pupils have school days
    (授業日数), the month is whole: the other weekdays were off. Of a month in which nobody has a record or a
    count there was no school. Elsewhere nobody can say, and the day is not known.
    """
    found = bench.table(
        """
        WITH seen AS (
            SELECT school, on_day AS day, bool_or(item = 'mood') AS has_mood
            FROM told WHERE item IN ('attendance_mark', 'mood') AND state = 'known' GROUP BY ALL
        ), told_days AS (
            SELECT school, min(on_day) AS first, max(on_day) AS last FROM told
            WHERE item = 'attendance_mark' AND state = 'known' GROUP BY school
        ), counted AS (
            SELECT school, on_day AS month, mode(number ORDER BY number DESC) AS days FROM told
            WHERE item = 'school_days' AND state = 'known' GROUP BY ALL
        ), months AS (
            SELECT school, date_trunc('month', day)::DATE AS month, count(*) AS days FROM seen GROUP BY ALL
        ), open_months AS (
            SELECT school, month FROM counted FULL JOIN months USING (school, month)
            WHERE coalesce(months.days, 0) < coalesce(counted.days, 32)
        ), weekdays AS (
            SELECT school, unnest(generate_series(min(day), max(day), INTERVAL 1 DAY))::DATE AS day
            FROM seen GROUP BY school
        ), all_days AS (
            SELECT school, day, true AS is_known, has_mood FROM seen
            UNION ALL
            SELECT w.school, w.day, false, false FROM weekdays w
            ANTI JOIN seen s ON s.school = w.school AND s.day = w.day
            SEMI JOIN open_months m ON m.school = w.school AND m.month = date_trunc('month', w.day)::DATE
            WHERE isodow(w.day) <= 5
        )
        SELECT school, day, is_known, coalesce(day BETWEEN first AND last, false) AS has_attendance, has_mood
        FROM all_days LEFT JOIN told_days USING (school)
        """
    )
    return SCHOOL_DAYS.sorted(found.cast(SCHOOL_DAYS.schema))


def _words(items: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{item}'" for item in items) + ")"
