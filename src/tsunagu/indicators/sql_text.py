"""Pieces of SQL text: literals and names, written so that no value can become code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from tsunagu.indicators.calendar import fiscal_year

# What the language calls its comparisons.
OPERATORS: Mapping[str, str] = {
    "at_least": ">=",
    "more_than": ">",
    "below": "<",
    "at_most": "<=",
    "equals": "=",
    "is": "=",
}


def text(value: str) -> str:
    """A text literal; a quote inside is doubled."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """Text literals for a list, comma-separated."""
    return ", ".join(text(v) for v in values)


def day(value: date) -> str:
    """A date literal."""
    return f"DATE '{value.isoformat()}'"


def number(value: Decimal) -> str:
    """An exact decimal literal; never an exponent, which DuckDB would read as a float."""
    return f"{value:f}"


def name(value: str) -> str:
    """A quoted name; a quote inside is doubled."""
    return '"' + value.replace('"', '""') + '"'


def fact_table(item: str) -> str:
    """The name of the table that holds an item's facts."""
    return name(f"fact_{item}")


def whole_table(item: str) -> str:
    """The name of the table that holds an item's facts of everybody, where `fact_table` may hold those of a part."""
    return name(f"whole_{item}")


def grade_at_least(year: int, grade: int) -> str:
    """In a fiscal year the grade is at least this one: a bound on the birth date."""
    return f"birth_date < {day(date(year - 5 - grade, 4, 2))}"


def grade_at_most(year: int, grade: int) -> str:
    """In a fiscal year the grade is at most this one: a bound on the birth date."""
    return f"birth_date >= {day(date(year - 6 - grade, 4, 2))}"


def applies_in(month: date, on: date, population_from: int | None) -> str:
    """The child is in grade 1 or above in the fiscal year of the month; `TRUE` where the population says so."""
    years = fiscal_year(on) - fiscal_year(month)
    if population_from is not None and population_from - years >= 1:
        return "TRUE"
    return grade_at_least(fiscal_year(month), 1)


def all_of(conditions: Iterable[str]) -> str:
    """Conditions joined by AND; TRUE where none is left."""
    found = [c for c in conditions if c != "TRUE"]
    return " AND ".join(found) if found else "TRUE"


def any_of(conditions: Iterable[str]) -> str:
    """Conditions joined by OR; FALSE without any."""
    found = list(conditions)
    return " OR ".join(found) if found else "FALSE"


def indent(block: str, by: int = 2) -> str:
    """The block with every line moved in by so many blanks."""
    return "\n".join(" " * by + line if line else line for line in block.splitlines())
