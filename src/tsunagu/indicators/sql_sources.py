# ruff: noqa: S608 - this module writes SQL; every value goes through sql_text, every name is our own.
"""One aggregate per source table, keyed by person: what the measures read of an item, settled.

Rows about the same thing are settled as plain.settle says: where a person has more than one row for a month, year or
label, only that person's rows are looked at again, by the time they were recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from tsunagu.indicators import sql_text as sql
from tsunagu.indicators.calendar import fiscal_year, fiscal_year_start


@dataclass
class Dated:
    """Values of an item on given first days (months or fiscal years): one column a day, null where not known.

    value  text | number | one_of (1 where the text is one of `texts`, else 0)
    among  a condition on the rows; default: everybody's
    seen   bit k is set where a row for day k exists; `stray` a row whose day cannot be read exists
    """

    alias: str
    item: str
    value: str
    texts: tuple[str, ...] = ()
    days: list[date] = field(default_factory=list)
    among: str = "TRUE"

    def column(self, day: date) -> str:
        if day not in self.days:
            self.days.append(day)
        return f"{self.alias}_{_dated(day)}"

    def seen(self, day: date) -> str:
        self.column(day)
        return f"coalesce({self.alias}_seen & {1 << self._index(day)}, 0) <> 0"

    def _index(self, day: date) -> int:
        # Bits must not move when another measure asks for one more day, so they count from a fixed month.
        return (day.year * 12 + day.month) % 60

    def columns(self) -> list[str]:
        return [*(_dated(d) for d in sorted(self.days)), "seen", "stray"]

    def cte(self) -> str:
        table, days = sql.fact_table(self.item), sorted(self.days)
        known = self._known("text", "number")
        bits = "1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)"
        when = f"on_day IN ({', '.join(sql.day(d) for d in days)})"
        columns = ",\n".join(f"max({known}) FILTER (on_day = {sql.day(d)}) AS {_dated(d)}" for d in days)
        again = ",\n".join(f"max(value) FILTER (on_day = {sql.day(d)}) AS {_dated(d)}" for d in days)
        names = ", ".join(_dated(d) for d in days)
        chosen = settled(
            table, "on_day", self._column(), f"{when} AND child IN (SELECT child FROM {self.alias}_rows WHERE doubled)"
        )
        return f"""{self.alias}_rows AS (
  SELECT child,
{sql.indent(columns, 4)},
    coalesce(bit_or({bits}) FILTER (on_day IS NOT NULL), 0) AS seen,
    bool_or(on_day IS NULL) AS stray,
    count(on_day) <> bit_count(coalesce(bit_or({bits}) FILTER (on_day IS NOT NULL), 0)) AS doubled
  FROM {table}
  WHERE {sql.all_of([f"({when} OR on_day IS NULL)", self.among])}
  GROUP BY child
),
{self.alias}_settled AS (
  SELECT child,
{sql.indent(again, 4)}
  FROM (
    SELECT child, on_day, {self._known_settled()} AS value
    FROM ({chosen})
  )
  GROUP BY child
),
{self.alias} AS (
  SELECT child, {names}, seen, stray FROM {self.alias}_rows WHERE NOT doubled
  UNION ALL
  SELECT s.child, {", ".join("s." + _dated(d) for d in days)}, r.seen, r.stray
  FROM {self.alias}_settled s JOIN {self.alias}_rows r USING (child)
)"""

    def _column(self) -> str:
        return "number" if self.value == "number" else "text"

    def _known(self, text: str, number: str) -> str:
        value = number if self.value == "number" else text
        if self.value == "one_of":
            value = f"({text} IN ({sql.texts(self.texts)}))::INTEGER"
        return f"CASE WHEN state = 'known' THEN {value} END"

    def _known_settled(self) -> str:
        return f"(value IN ({sql.texts(self.texts)}))::INTEGER" if self.value == "one_of" else "value"


def _dated(day: date) -> str:
    return f"d{day:%Y%m}"


def settled(table: str, key: str, column: str, where: str, also: str = "") -> str:
    """SELECT of (child, key, value): the value on which the latest rows agree, else null."""
    more = f", {also}" if also else ""
    carried = ", label" if also else ""
    return f"""
      SELECT child, {key},
        CASE WHEN bool_and(state = 'known') AND count({column}) = count(*) AND min({column}) = max({column})
          THEN min({column}) END AS value{more}
      FROM (
        SELECT child, {key}, {column}, state, recorded_at{carried},
          max(recorded_at) OVER (PARTITION BY child, {key}) AS latest
        FROM {table}
        WHERE {where}
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, {key}
    """


@dataclass
class Visits:
    """Number of known events in given months up to the day, months with an unknown event, and stray ones.

    among  a condition on the rows; default: everybody's
    """

    alias: str
    item: str
    on: date
    months: list[date] = field(default_factory=list)
    among: str = "TRUE"

    def count(self, month: date) -> str:
        if month not in self.months:
            self.months.append(month)
        return f"coalesce({self.alias}_{_dated(month)}, 0)"

    def doubtful(self, month: date) -> str:
        self.count(month)
        return f"coalesce({self.alias}_u{month:%Y%m} OR {self.alias}_stray, FALSE)"

    def columns(self) -> list[str]:
        return [name for m in sorted(self.months) for name in (_dated(m), f"u{m:%Y%m}")] + ["stray"]

    def cte(self) -> str:
        columns = []
        for month in sorted(self.months):
            first, following = sql.day(month), sql.day(_next_month(month))
            within = f"on_day >= {first} AND on_day < {following}"
            columns.append(
                f"count(*) FILTER (state = 'known' AND {within} AND on_day <= {sql.day(self.on)}) AS {_dated(month)}"
            )
            columns.append(f"bool_or(state <> 'known' AND {within}) AS u{month:%Y%m}")
        first, last = sql.day(min(self.months)), sql.day(_next_month(max(self.months)))
        return f"""{self.alias} AS (
  SELECT child,
{sql.indent(chr(44).join(c + chr(10) for c in columns).rstrip(), 4)},
    bool_or(on_day IS NULL) AS stray
  FROM {sql.fact_table(self.item)}
  WHERE {sql.all_of([f"((on_day >= {first} AND on_day < {last}) OR on_day IS NULL)", self.among])}
  GROUP BY child
)"""


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


@dataclass
class Periods:
    """Whether a period holds the day (with one of the texts), and whether one might."""

    alias: str
    item: str
    texts: tuple[str, ...]
    on: date

    def columns(self) -> list[str]:
        return ["holds", "since", "doubtful"]

    def cte(self) -> str:
        wanted = f" AND text IN ({sql.texts(self.texts)})" if self.texts else ""
        return f"""{self.alias} AS (
  SELECT child,
    coalesce(bool_or(state = 'known'{wanted}), FALSE) AS holds,
    max(on_day) FILTER (state = 'known'{wanted}) AS since,
    bool_or(state <> 'known') AS doubtful
  FROM {sql.fact_table(self.item)}
  WHERE (on_day IS NULL OR on_day <= {sql.day(self.on)}) AND (until IS NULL OR until > {sql.day(self.on)})
  GROUP BY child
)"""


@dataclass
class Occurrences:
    """Number of events (with one of the texts) after a day, up to another, and whether there might be more."""

    alias: str
    item: str
    texts: tuple[str, ...]
    after: date
    on: date

    def columns(self) -> list[str]:
        return ["n", "newest", "doubtful"]

    def cte(self) -> str:
        wanted = f" AND text IN ({sql.texts(self.texts)})" if self.texts else ""
        return f"""{self.alias} AS (
  SELECT child,
    count(*) FILTER (state = 'known' AND on_day IS NOT NULL{wanted}) AS n,
    max(on_day) FILTER (state = 'known'{wanted}) AS newest,
    bool_or(state <> 'known' OR on_day IS NULL) AS doubtful
  FROM {sql.fact_table(self.item)}
  WHERE (on_day > {sql.day(self.after)} AND on_day <= {sql.day(self.on)}) OR on_day IS NULL
  GROUP BY child
)"""


@dataclass
class Labelled:
    """Settled values of an item by label: 1 where the text is one of `texts`, 0 where not, null where not known."""

    alias: str
    item: str
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    after: date

    def columns(self) -> list[str]:
        return [f"l{k}" for k in range(1, len(self.labels) + 1)]

    def cte(self) -> str:
        place = f"array_position([{sql.texts(self.labels)}], label)"
        table, when = sql.fact_table(self.item), f"label IN ({sql.texts(self.labels)}) AND {remembered(self.after)}"
        one = f"(text IN ({sql.texts(self.texts)}))::INTEGER"
        columns = ",\n".join(
            f"max({one}) FILTER (state = 'known' AND label = {sql.text(label)}) AS l{k}"
            for k, label in enumerate(self.labels, 1)
        )
        again = ",\n".join(
            f"max((value IN ({sql.texts(self.texts)}))::INTEGER) FILTER (label = {sql.text(label)}) AS l{k}"
            for k, label in enumerate(self.labels, 1)
        )
        names = ", ".join(f"l{k}" for k in range(1, len(self.labels) + 1))
        chosen = settled(
            table, "label", "text", f"{when} AND child IN (SELECT child FROM {self.alias}_rows WHERE doubled)"
        )
        return f"""{self.alias}_rows AS (
  SELECT child,
{sql.indent(columns, 4)},
    count(*) <> bit_count(bit_or(1::BIGINT << {place})) AS doubled
  FROM {table}
  WHERE {when}
  GROUP BY child
),
{self.alias} AS (
  SELECT child, {names} FROM {self.alias}_rows WHERE NOT doubled
  UNION ALL
  SELECT child,
{sql.indent(again, 4)}
  FROM ({chosen})
  GROUP BY child
)"""


@dataclass
class Given:
    """Doses given and doses with a doubtful row, as bits by label; `stray`: a row whose vaccine cannot be read."""

    alias: str
    item: str
    labels: tuple[str, ...]
    after: date

    def columns(self) -> list[str]:
        return ["given", "doubtful", "stray"]

    def cte(self) -> str:
        bit = f"1::BIGINT << array_position([{sql.texts(self.labels)}], label)"
        return f"""{self.alias} AS (
  SELECT child,
    coalesce(bit_or({bit}) FILTER (state = 'known' AND label IS NOT NULL), 0) AS given,
    coalesce(bit_or({bit}) FILTER (state <> 'known' AND label IS NOT NULL), 0) AS doubtful,
    bool_or(label IS NULL) AS stray
  FROM {sql.fact_table(self.item)}
  WHERE (label IN ({sql.texts(self.labels)}) OR label IS NULL) AND {remembered(self.after)}
  GROUP BY child
)"""


def remembered(after: date, prefix: str = "") -> str:
    """A condition on a fact: not past the day after which it is forgotten; one without a day cannot be."""
    return f"({prefix}on_day IS NULL OR {prefix}on_day > {sql.day(after)})"


@dataclass
class Answers:
    """Answers on the latest dates of the child's series: how many, of the latest ones how many are as named, and how
    many as named stand at the newest end without another between them.

    after  the day after which an answer is not forgotten
    """

    alias: str
    item: str
    texts: tuple[str, ...]
    dates: int
    latest: int
    after: date
    on: date

    def whole(self) -> str:
        """Makes (label, since): the first of the latest dates that occur in each series, whoever answered on them."""
        return f"""CREATE OR REPLACE TABLE {self.alias}_series AS
SELECT label, min(on_day) AS since
FROM (
  SELECT label, on_day, row_number() OVER (PARTITION BY label ORDER BY on_day DESC) AS place
  FROM (
    SELECT DISTINCT label, on_day FROM {sql.whole_table(self.item)}
    WHERE on_day <= {sql.day(self.on)} AND on_day > {sql.day(self.after)} AND label IS NOT NULL
  )
)
WHERE place <= {self.dates}
GROUP BY label"""

    def columns(self) -> list[str]:
        return ["answers", "used", "n", "run"]

    def cte(self) -> str:
        table, on = sql.fact_table(self.item), sql.day(self.on)
        days = (self.on - self.after).days - 1
        known = "CASE WHEN f.state = 'known' AND f.text IS NOT NULL THEN {} END"
        bad = f"(f.text IN ({sql.texts(self.texts)}))::INTEGER"
        # The newest answers first: a day's number, doubled, and one more where the answer is as named.
        newest = known.format(f"2 * epoch(f.on_day)::BIGINT + {bad}")
        return f"""{self.alias}_own AS (
  SELECT child, max({{'on_day': on_day, 'label': label}}).label AS label
  FROM {table}
  WHERE on_day <= {on} AND on_day > {sql.day(self.after)} AND label IS NOT NULL
    AND child IN (SELECT child FROM person WHERE school IS NULL)
  GROUP BY child
),
{self.alias}_rows AS (
  SELECT f.child, count({known.format(1)}) AS answers, max({newest}, {self.latest}) AS newest,
    count(*) <> bit_count(bitstring_agg(date_diff('day', f.on_day, {on}), 0, {days})) AS doubled
  FROM {table} f
  JOIN person p ON p.child = f.child
  LEFT JOIN {self.alias}_own o ON o.child = f.child
  JOIN {self.alias}_series s ON s.label = f.label
  WHERE f.on_day <= {on} AND f.on_day >= s.since AND f.label = coalesce(p.school, o.label)
  GROUP BY f.child
),
{self.alias}_newest AS (
  SELECT child, answers, newest FROM {self.alias}_rows WHERE NOT doubled
  UNION ALL
  SELECT child, count(*) AS answers,
    max(2 * epoch(on_day)::BIGINT + (value IN ({sql.texts(self.texts)}))::INTEGER, {self.latest}) AS newest
  FROM ({_settled_answers(table, self.alias, on)})
  WHERE value IS NOT NULL
  GROUP BY child
),
{self.alias} AS (
  SELECT child, answers, array_length(newest) AS used, array_length(list_filter(newest, lambda a: a % 2 <> 0)) AS n,
    coalesce(nullif(array_position(list_transform(newest, lambda a: a % 2), 0), 0) - 1, array_length(newest)) AS run
  FROM {self.alias}_newest
)"""


def _settled_answers(table: str, alias: str, on: str) -> str:
    return f"""
    SELECT child, on_day,
      CASE WHEN bool_and(state = 'known') AND count(text) = count(*) AND min(text) = max(text)
        THEN min(text) END AS value
    FROM (
      SELECT f.child, f.on_day, f.text, f.state, f.recorded_at,
        max(f.recorded_at) OVER (PARTITION BY f.child, f.on_day) AS latest
      FROM {table} f
      JOIN (SELECT child FROM {alias}_rows WHERE doubled) r ON r.child = f.child
      JOIN person p ON p.child = f.child
      LEFT JOIN {alias}_own o ON o.child = f.child
      JOIN {alias}_series s ON s.label = f.label
      WHERE f.on_day <= {on} AND f.on_day >= s.since AND f.label = coalesce(p.school, o.label)
    )
    WHERE recorded_at IS NULL OR recorded_at = latest
    GROUP BY child, on_day
  """


@dataclass
class Household:
    """The first value in an order that any adult of a household has."""

    alias: str
    adults: Dated
    year: date
    born_by: date
    order: tuple[str, ...]
    unknown_texts: tuple[str, ...]
    on: date

    def columns(self) -> list[str]:
        return ["value"]

    def cte(self) -> str:
        value = _dated(self.year)
        unknown = f"a.{value} IS NULL"
        if self.unknown_texts:
            unknown += f" OR a.{value} IN ({sql.texts(self.unknown_texts)})"
        cases = "\n".join(
            f"      WHEN bool_or(value = {sql.text(v)}) THEN {'NULL' if v == 'unknown' else sql.text(v)}"
            for v in self.order
        )
        return f"""{self.alias} AS (
  SELECT household_id,
    CASE
{cases}
    END AS value
  FROM (
    SELECT p.household_id, CASE WHEN {unknown} THEN 'unknown' ELSE a.{value} END AS value
    FROM person p
    LEFT JOIN {self.adults.alias} a ON a.child = p.child
    WHERE {lives_here(self.on, "p.")} AND (p.birth_date IS NULL OR p.birth_date <= {sql.day(self.born_by)})
  )
  WHERE household_id IS NOT NULL
  GROUP BY household_id
)"""


@dataclass
class Members:
    """Of a household, how many are of a kind and have a period or an event, and of how many more that is not known.

    who      adults: born by `born_by`; children: later; others: all
    has      the aggregate that says what a person has
    """

    alias: str
    who: str
    born_by: date
    has: Periods | Occurrences
    on: date

    def columns(self) -> list[str]:
        return ["sure", "doubtful"]

    def of_child(self) -> tuple[str, str]:
        """What `parts` needs of the child's own row."""
        return "birth_date", f"{self.has.alias}_"

    def parts(self, row: tuple[str, str]) -> tuple[str, str]:
        """1 or 0 of a row: surely of the kind and with it; perhaps. row: its birth date, the prefix of its columns."""
        birth_date, prefix = row
        adult = f"({birth_date} <= {sql.day(self.born_by)})"
        fits = {"adults": adult, "children": f"(NOT {adult})"}.get(self.who, "TRUE")
        surely = f"{prefix}holds" if isinstance(self.has, Periods) else f"{prefix}n > 0"
        has = f"CASE WHEN {surely} THEN TRUE WHEN {prefix}doubtful THEN NULL ELSE FALSE END"
        sure = f"coalesce({fits} AND ({has}), FALSE)"
        return f"({sure})::INTEGER", f"(NOT {sure} AND ({fits} AND ({has})) IS NULL)::INTEGER"

    def cte(self) -> str:
        sure, doubtful = self.parts(("p.birth_date", "a."))
        return f"""{self.alias} AS (
  SELECT p.household_id, sum({sure}) AS sure, sum({doubtful}) AS doubtful
  FROM person p
  LEFT JOIN {self.has.alias} a ON a.child = p.child
  WHERE {lives_here(self.on, "p.")} AND p.household_id IS NOT NULL
  GROUP BY p.household_id
)"""


def lives_here(on: date, prefix: str = "") -> str:
    """A condition on `person`: registered, moved in on or before the day, not moved out on or before it."""
    return (
        f"{prefix}register_state <> 'absent'"
        f" AND ({prefix}resident_from IS NULL OR {prefix}resident_from <= {sql.day(on)})"
        f" AND ({prefix}resident_until IS NULL OR {prefix}resident_until > {sql.day(on)})"
    )


def year_start(on: date, year: int) -> date:
    """1 April of the fiscal year of a day, or of a year before it (-1)."""
    return fiscal_year_start(fiscal_year(on) + year)
