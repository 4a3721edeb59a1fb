# ruff: noqa: S608 - this module writes SQL; every value goes through sql_text, every name is our own.
"""What a reading rests on: rows of the sources and the values behind it, for children who are flagged only.

Text that gives rows (child, file, row, holder) or (child, series); `wanted` names a relation of the flagged children.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tsunagu.indicators import calendar
from tsunagu.indicators import sql_text as sql
from tsunagu.indicators.language import (
    DaysSince,
    Difference,
    DueCheckups,
    DueDoses,
    Events,
    HouseholdCount,
    HouseholdFirst,
    Indicator,
    InPeriod,
    LatestRun,
    LatestShare,
    MeanOfYear,
    Measure,
    MonthsRatio,
    MonthsWeighed,
    OverMonths,
    ValueOfYear,
    items_of,
)
from tsunagu.indicators.sql_columns import Sources
from tsunagu.indicators.sql_sources import Dated, Visits, lives_here, remembered, settled, year_start

PICTURE_MONTHS = 12
PICTURE_ANSWERS = 24


def window(indicator: Indicator, by_id: Mapping[str, Indicator], sources: Sources) -> tuple[date, date] | None:
    """First and last day the indicator looks at; None where it has no window."""
    measure, on = indicator.measure, sources.on
    match measure:
        case InPeriod():
            return on, on
        case ValueOfYear() | MeanOfYear() | HouseholdFirst():
            start = year_start(on, measure.year)
            return start, date.fromordinal(year_start(on, measure.year + 1).toordinal() - 1)
        case OverMonths() | MonthsWeighed() | MonthsRatio():
            months = _months(measure, sources)
            return months[0], on
        case Events():
            return _after(on, measure.within), on
        case DaysSince():
            return _after(on, indicator.forget_after), on
        case HouseholdCount():
            return (on if measure.within is None else _after(on, measure.within)), on
        case Difference():
            both = [window(by_id[id], by_id, sources) for id in (measure.of, measure.minus)]
            found = [w for w in both if w is not None]
            return (min(w[0] for w in found), max(w[1] for w in found)) if found else None
        case _:
            return None


def _after(on: date, months: int) -> date:
    return date.fromordinal(calendar.months_before(on, months).toordinal() + 1)


def rows(indicator: Indicator, by_id: Mapping[str, Indicator], sources: Sources, wanted: str) -> list[str]:
    """SELECTs of (child, file, row, holder), one a source table."""
    measure, on = indicator.measure, sources.on
    match measure:
        case Difference():
            return [r for id in (measure.of, measure.minus) for r in rows(by_id[id], by_id, sources, wanted)]
        case MeanOfYear():
            start = sql.day(year_start(on, measure.year))
            return [_rows(item, wanted, f"f.on_day = {start} OR f.on_day IS NULL") for item in measure.items]
        case ValueOfYear():
            return [
                _rows(measure.item, wanted, f"f.on_day = {sql.day(year_start(on, measure.year))} OR f.on_day IS NULL")
            ]
        case InPeriod():
            return [_rows(measure.item, wanted, _holds(on) + _texts(measure.texts))]
        case MonthsWeighed() | MonthsRatio():
            within = f"f.on_day IN ({', '.join(sql.day(m) for m in _months(measure, sources))})"
            return [_rows(item, wanted, within) for item in items_of(measure)]
        case OverMonths():
            months = _months(measure, sources)
            if measure.no_row == "zero":
                last = sql.day(calendar.add_months(months[-1], 1))
                within = f"(f.on_day >= {sql.day(months[0])} AND f.on_day < {last}) OR f.on_day IS NULL"
            else:
                within = f"f.on_day IN ({', '.join(sql.day(m) for m in months)})"
            return [_rows(measure.item, wanted, within)]
        case Events() | DaysSince():
            within = _within(on, measure.within if isinstance(measure, Events) else indicator.forget_after)
            return [_rows(measure.item, wanted, within + _texts(measure.texts))]
        case LatestShare() | LatestRun():
            return [
                f"SELECT w.child, f.file, f.row, f.holder FROM ({_answers(indicator, measure, sources, wanted)}) w"
                f" JOIN {sql.fact_table(measure.item)} f"
                " ON f.child = w.child AND f.on_day = w.on_day AND f.label = w.label"
            ]
        case DueCheckups() | DueDoses():
            labels = sql.texts(d.label for d in measure.due)
            kept = remembered(calendar.months_before(on, indicator.forget_after), "f.")
            return [_rows(measure.item, wanted, f"(f.label IN ({labels}) OR f.label IS NULL) AND {kept}")]
        case HouseholdFirst():
            household = sources.household(measure)
            adult = f"(p.birth_date IS NULL OR p.birth_date <= {sql.day(household.born_by)})"
            return [
                f"SELECT w.child, f.file, f.row, f.holder FROM {wanted} w"
                " JOIN person c ON c.child = w.child JOIN person p ON p.household_id = c.household_id"
                f" JOIN {sql.fact_table(measure.item)} f ON f.child = p.child"
                f" WHERE {lives_here(on, 'p.')} AND {adult}"
                f" AND (f.on_day = {sql.day(household.year)} OR f.on_day IS NULL)"
            ]

        case HouseholdCount():
            when = _holds(on) if measure.within is None else _within(on, measure.within)
            return [
                f"SELECT w.child, f.file, f.row, f.holder FROM {wanted} w"
                " JOIN person c ON c.child = w.child JOIN person p ON p.household_id = c.household_id"
                f" JOIN {sql.fact_table(measure.item)} f ON f.child = p.child"
                f" WHERE {lives_here(on, 'p.')} AND p.child <> w.child AND {when}{_texts(measure.texts)}"
            ]


def _holds(on: date) -> str:
    return f"(f.on_day IS NULL OR f.on_day <= {sql.day(on)}) AND (f.until IS NULL OR f.until > {sql.day(on)})"


def _within(on: date, months: int) -> str:
    after = sql.day(calendar.months_before(on, months))
    return f"((f.on_day > {after} AND f.on_day <= {sql.day(on)}) OR f.on_day IS NULL)"


def _texts(texts: tuple[str, ...]) -> str:
    return f" AND (f.text IN ({sql.texts(texts)}) OR f.state <> 'known')" if texts else ""


def _rows(item: str, wanted: str, where: str) -> str:
    return (
        f"SELECT w.child, f.file, f.row, f.holder FROM {wanted} w"
        f" JOIN {sql.fact_table(item)} f ON f.child = w.child WHERE {where}"
    )


def _months(measure: OverMonths | MonthsWeighed | MonthsRatio, sources: Sources) -> tuple[date, ...]:
    return calendar.window_months(sources.on, measure.months.last, measure.months.kind, sources.holiday_months)


def _answers(
    indicator: Indicator, measure: LatestShare | LatestRun, sources: Sources, wanted: str, most: int | None = None
) -> str:
    """Rows (child, label, on_day, bad): the child's latest answers that the measure looks at, of which the newest."""
    answers = sources.answers(measure, indicator.forget_after)
    latest = answers.latest if most is None else min(answers.latest, most)
    table, on = sql.fact_table(measure.item), sql.day(sources.on)
    own = (
        f"SELECT f.child, max(struct_pack(on_day := f.on_day, label := f.label)).label AS label FROM {table} f"
        f" JOIN {wanted} w ON w.child = f.child WHERE f.on_day <= {on} AND f.label IS NOT NULL GROUP BY f.child"
    )
    one = settled(
        f"(SELECT f.* FROM {table} f JOIN ({own}) o ON o.child = f.child JOIN person p ON p.child = f.child"
        f" JOIN {answers.alias}_series s ON s.label = f.label"
        f" WHERE f.label = coalesce(p.school, o.label) AND f.on_day >= s.since AND f.on_day <= {on})",
        "on_day",
        "text",
        "TRUE",
        also="min(label) AS label",
    )
    return (
        f"SELECT child, label, on_day, (value IN ({sql.texts(measure.texts)}))::INTEGER AS bad FROM ({one})"
        " WHERE value IS NOT NULL"
        f" QUALIFY row_number() OVER (PARTITION BY child ORDER BY on_day DESC) <= {latest}"
    )


def series(indicator: Indicator, sources: Sources, wanted: str) -> str | None:
    """SELECT of (child, series): `2026-09=11`, oldest first, `?` where not known; None: no picture."""
    if isinstance(indicator.measure, LatestShare | LatestRun):
        return (
            "SELECT child, list_sort(list(strftime(on_day, '%Y-%m-%d') || '=' || bad)) AS series"
            f" FROM ({_answers(indicator, indicator.measure, sources, wanted, PICTURE_ANSWERS)}) GROUP BY child"
        )
    measure = _as_sum(indicator.measure)
    if measure is None:
        return None
    long = calendar.window_months(sources.on, PICTURE_MONTHS, "calendar", sources.holiday_months)
    months = tuple(sorted({*long, *_months(measure, sources)}))[-24:]
    among = f"child IN (SELECT child FROM {wanted})"
    if measure.no_row == "zero":
        among += f" AND on_day <= {sql.day(sources.on)}"
        values: Dated | Visits = Visits(f"{wanted}_months", measure.item, sources.on, list(months), among)
    else:
        how = "one_of" if measure.texts else "number"
        values = Dated(f"{wanted}_months", measure.item, how, measure.texts, list(months), among)
    shown = [
        f"CASE WHEN p.{sql.grade_at_least(calendar.fiscal_year(m), 1)}"
        f" THEN {sql.text(f'{m:%Y-%m}=')} || {_shown(m, measure, values)} END"
        for m in months
    ]
    # A child not yet at school in any of the months has no picture.
    return f"""SELECT child, series FROM (
  SELECT w.child, list_filter([
    {(chr(44) + chr(10) + "    ").join(shown)}
  ], lambda a: a IS NOT NULL) AS series
  FROM {wanted} w JOIN person p ON p.child = w.child
  LEFT JOIN (
    WITH {values.cte()}
    SELECT * FROM {values.alias}
  ) v ON v.child = w.child
)
WHERE array_length(series) > 0"""


def _shown(month: date, measure: OverMonths, values: Dated | Visits) -> str:
    """What a month says as text; `?` where it is not known."""
    column = f"v.d{month:%Y%m}"
    if isinstance(values, Visits):
        moved_in_later = f"p.resident_from >= {sql.day(calendar.add_months(month, 1))}"
        return f"CASE WHEN v.u{month:%Y%m} OR {moved_in_later} THEN '?' ELSE coalesce({column}, 0)::VARCHAR END"
    return f"coalesce({f'{column}::VARCHAR' if measure.texts else _plain(column)}, '?')"


def _as_sum(measure: Measure) -> OverMonths | None:
    """The measure whose months are the picture of this one; None where it has no months."""
    if isinstance(measure, MonthsWeighed | MonthsRatio):
        return OverMonths("sum", measure.item, (), measure.months, "unknown")
    return measure if isinstance(measure, OverMonths) else None


def _plain(number: str) -> str:
    """A decimal without trailing zeros."""
    return f"rtrim(rtrim({number}::VARCHAR, '0'), '.')"
