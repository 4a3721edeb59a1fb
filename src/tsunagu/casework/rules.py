"""How a city wants its casework to go: intervals, attempts and thresholds, from files and never from the code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from tsunagu.errors import SourceError

FILE = "casework.toml"
KINDS = ("protection", "support", "expectant", "other")
CAUSES = (
    *("report", "injury", "flat_weight", "no_contact", "absence", "move", "new_adult", "new_baby"),
    *("notice", "level", "person"),
)
TABLES = ("sight", "outreach", "clock", "reminders", "no_mark")
_READ_ELSEWHERE = ("assessment", "office")  # by choices.py
_WHOLE, _WORD, _WORDS = "a whole number above 0", "a word", "a list of words"


@dataclass(frozen=True)
class Rules:
    """What the city chose. Days and months are whole and above 0.

    sight_days     within how many days a child is seen, by kind of case
    attempts       so many in a row without anybody reached start a re-assessment
    recent_months  how far back a changed fact still counts as a change
    decide_days    within how many days a re-assessment is decided, by its cause
    no_mark_lists  items of the catalogue; a child in none of them when first noticed was known to no list. Empty: the
                   city has not chosen, and nobody is counted so
    Everything else: see `clock.py`, which alone reads it.
    """

    sight_days: Mapping[str, int]
    attempts: int
    recent_months: int
    absence_item: str
    absence_rise_days: int
    absence_unknown_before_days: int
    absence_row_months: int
    absence_row_days: int
    move_item: str
    move_values: tuple[str, ...]
    adult_years: int
    baby_months: int
    weight_item: str
    weight_apart_days: int
    report_item: str
    decide_days: Mapping[str, int]
    no_mark_lists: tuple[str, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """The items of the catalogue that the clock looks at."""
        return (self.absence_item, self.move_item, self.weight_item, self.report_item)


@cache
def load_rules(city: Path | None) -> Rules:
    """The standard rules with what the city's `casework.toml` says otherwise; SourceError for what is not known."""
    told = laid_over(city)
    sight, clock = told["sight"], told["clock"]
    return Rules(
        sight_days={kind: sight[kind] for kind in KINDS},
        attempts=told["outreach"]["attempts"],
        recent_months=clock["recent_months"],
        absence_item=clock["absence"]["item"],
        absence_rise_days=clock["absence"]["rise_days"],
        absence_unknown_before_days=clock["absence"]["unknown_before_days"],
        absence_row_months=clock["absence"]["row_months"],
        absence_row_days=clock["absence"]["row_days"],
        move_item=clock["move"]["item"],
        move_values=tuple(clock["move"]["values"]),
        adult_years=clock["adult"]["years"],
        baby_months=clock["baby"]["months"],
        weight_item=clock["weight"]["item"],
        weight_apart_days=clock["weight"]["apart_days"],
        report_item=clock["report"]["item"],
        decide_days={cause: clock["decide"][cause] for cause in CAUSES},
        no_mark_lists=tuple(told["no_mark"]["lists"]),
    )


def laid_over(city: Path | None) -> dict[str, Any]:
    """Every setting of the standard, as this city wants it; SourceError for what is not known."""
    told = _standard()
    if city is not None and (city / FILE).is_file():
        written = _parsed((city / FILE).read_bytes())
        _lay_over(told, {key: value for key, value in written.items() if key not in _READ_ELSEWHERE}, "")
    return told


def wrong(what: str, to_do: str) -> SourceError:
    """The error for a setting of the file."""
    return SourceError(what, where=FILE, to_do=to_do)


def _standard() -> dict[str, Any]:
    return tomllib.loads((files("tsunagu.casework") / "standard" / FILE).read_text(encoding="utf-8"))


def _parsed(written: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(written.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise wrong(f"not valid TOML ({type(error).__name__})", "Correct the file, then try again.") from error


def _lay_over(standard: dict[str, Any], told: Mapping[str, Any], where: str) -> None:
    """Puts what a city says over the standard; a setting that the standard has not, or of another kind, is refused."""
    for key, value in told.items():
        name = f"{where}{key}"
        if key not in standard:
            raise wrong(f"the setting '{name}' is not known", f"Known here: {', '.join(sorted(standard))}.")
        if isinstance(standard[key], dict) and isinstance(value, dict):
            _lay_over(standard[key], value, f"{name}.")
        elif not _is_like(standard[key], value):
            kind = {int: _WHOLE, list: _WORDS}.get(type(standard[key]), _WORD)
            raise wrong(f"the setting '{name}' must be {kind}", "Correct it, then try again.")
        else:
            standard[key] = value


def _is_like(standard: object, value: object) -> bool:
    if isinstance(standard, int):
        return isinstance(value, int) and not isinstance(value, bool) and value > 0
    if isinstance(standard, list):
        return isinstance(value, list) and bool(value) and all(isinstance(word, str) and word for word in value)
    return isinstance(standard, str) and isinstance(value, str) and bool(value)
