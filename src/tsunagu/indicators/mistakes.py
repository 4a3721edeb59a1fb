"""Mistakes in a criteria file: found all at once, each with its line, what was read and the nearest valid text."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import cast

from tsunagu.indicators.language import Words

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\-]+)\s*\]\]?")


@dataclass(frozen=True)
class Mistake:
    """One mistake.

    line     1-based; 0 if the file as a whole is meant
    label    Japanese label or code of the part it stands in; empty if it has none
    what     what was read and what is wrong with it
    nearest  the nearest valid text, or what may stand there; empty if there is none
    """

    line: int
    label: str
    what: str
    nearest: str = ""

    def text(self, file: str) -> str:
        where = f"{file}:{self.line}" if self.line else file
        label = f" 「{self.label}」" if self.label else ""
        hint = f" ({self.nearest})" if self.nearest else ""
        return f"{where}{label}: {self.what}{hint}"


class Lines:
    """Where the parts of a TOML file stand; tomllib does not tell."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._starts: dict[tuple[str, int], int] = {}
        self._headers: list[int] = []
        seen: dict[str, int] = {}
        for number, line in enumerate(self._lines, start=1):
            found = _HEADER.match(line)
            if not found:
                continue
            name = found.group(2)
            index = seen.get(name, 0)
            seen[name] = index + 1
            self._starts[(name, index)] = number
            self._headers.append(number)

    def of(self, name: str, index: int = 0, *words: str | int) -> int:
        """The line in this part where the words are met one after the other; the part's own line without any.

        A number is a place in the list that begins there, where that has a line for each of its values.
        """
        start = self._starts.get((name, index), 0)
        if not start:
            return 0
        # A sub-table ([indicator.measure]) belongs to the part above it.
        end = min(
            (
                n
                for (other, _), n in self._starts.items()
                if n > start and not (other.startswith(f"{name}.") and other not in {"overall.row"})
            ),
            default=len(self._lines) + 1,
        )
        # The first word is a key; a value that spans lines holds the others below it.
        place = start
        for word in words:
            if isinstance(word, int):
                is_open = self._lines[place - 1].rstrip().endswith("[")
                place = min(place + 1 + word, end - 1) if is_open else place
                continue
            place = next((n for n in range(place, end) if word in self._lines[n - 1]), place)
        return place


def nearest(read: object, valid: Iterable[str]) -> str:
    """A hint: the nearest valid text first, then the others, at most six."""
    known = list(dict.fromkeys(valid))
    close = difflib.get_close_matches(str(read), known, n=3, cutoff=0.4)
    others = [k for k in known if k not in close]
    shown = (close + others)[:6]
    if not shown:
        return "nothing may stand here"
    more = " …" if len(known) > len(shown) else ""
    return (
        f"did you mean '{shown[0]}'? known: {', '.join(shown)}{more}" if close else f"known: {', '.join(shown)}{more}"
    )


class Part:
    """One table of the file, read key by key; every key that is never read is a mistake."""

    def __init__(
        self, values: object, *, lines: Lines, mistakes: list[Mistake], name: str, index: int = 0, label: str = ""
    ) -> None:
        self._values = cast(dict[str, object], values) if isinstance(values, dict) else {}
        self._lines, self._mistakes = lines, mistakes
        self.name, self.index, self.label = name, index, label
        self._used: set[str] = set()
        self._known: list[str] = []
        self._within: tuple[str | int, ...] = ()
        if not isinstance(values, dict):
            self.wrong("a table is due here", "{ … }")

    def wrong(self, what: str, hint: str = "", *words: str | int) -> None:
        # `ja` stands under several keys of a part: the key that holds this table is looked for first.
        place = (*self._within, *(word for word in words if word not in self._within))
        self._mistakes.append(Mistake(self._lines.of(self.name, self.index, *place), self.label, what, hint))

    def inside(self, values: object, word: str = "", place: int | None = None) -> Part:
        """A table inside this one; its mistakes point to the same part of the file. place: of one in a list."""
        part = Part.__new__(Part)
        part._lines, part._mistakes = self._lines, self._mistakes
        part.name, part.index, part.label = self.name, self.index, self.label
        part._used, part._known = set(), []
        part._within = (*self._within, *((word,) if word else ()), *(() if place is None else (place,)))
        part._values = cast(dict[str, object], values) if isinstance(values, dict) else {}
        if not isinstance(values, dict):
            self.wrong("a table is due here", "{ … }", word)
        return part

    def names(self) -> tuple[str, ...]:
        """Every key that is written, for a table whose keys are names of something; whoever asks looks at each."""
        self._used |= self._values.keys()
        return tuple(self._values)

    def has(self, key: str) -> bool:
        self._known.append(key)
        return key in self._values

    def raw(self, key: str, *, required: bool = True) -> object:
        self._known.append(key)
        self._used.add(key)
        if key not in self._values and required:
            self.wrong(f"'{key}' is missing", "write it")
        return self._values.get(key)

    def _typed(self, key: str, kind: type | tuple[type, ...], due: str, required: bool) -> object | None:
        value = self.raw(key, required=required)
        if value is None:
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.wrong(f"'{key}' is {_form(value)}", f"{due} is due", key)
            return None
        return value

    def text(self, key: str, *, required: bool = True, empty: bool = False) -> str:
        value = cast(str | None, self._typed(key, str, "a text", required))
        if value is not None and not value.strip() and not empty:
            self.wrong(f"'{key}' is empty", "a text is due", key)
        return value or ""

    def choice(self, key: str, valid: Iterable[str], *, required: bool = True) -> str:
        value, known = self.text(key, required=required), list(valid)
        if value and value not in known:
            self.wrong(f"'{key}' is '{value}'", nearest(value, known), key, value)
        return value

    def whole(self, key: str, *, low: int | None = None, high: int | None = None, required: bool = True) -> int | None:
        value = cast(int | None, self._typed(key, int, "a whole number", required))
        if value is not None and ((low is not None and value < low) or (high is not None and value > high)):
            bounds = f"{low if low is not None else '…'} to {high if high is not None else '…'}"
            self.wrong(f"'{key}' is {value}", f"a whole number from {bounds} is due", key)
        return value

    def number(self, key: str, *, required: bool = True) -> Decimal | None:
        value = cast(Decimal | None, _decimal(self._typed(key, (int, Decimal), "a number", required)))
        if value is not None and not fits(value):
            self.wrong(f"'{key}' is {str(value)[:40]}", FITTING, key)
            return None
        return value

    def yes_no(self, key: str, *, required: bool = True) -> bool:
        return bool(self._typed(key, bool, "true or false", required))

    def day(self, key: str) -> date:
        return cast(date | None, self._typed(key, date, "a date such as 2026-04-01", True)) or date.min

    def texts(self, key: str, valid: Iterable[str] | None = None, *, required: bool = True) -> tuple[str, ...]:
        values = self.list(key, required=required)
        known = None if valid is None else list(valid)
        found: list[str] = []
        for value in values:
            if not isinstance(value, str):
                self.wrong(f"'{key}' holds {_form(value)}", "texts are due", key)
            elif known is not None and value not in known:
                self.wrong(f"'{key}' holds '{value}'", nearest(value, known), key, value)
            elif value in found:
                self.wrong(f"'{key}' holds '{value}' twice", "write it once", key, value)
            else:
                found.append(value)
        return tuple(found)

    def list(self, key: str, *, required: bool = True) -> list[object]:
        return cast(list[object] | None, self._typed(key, list, "a list", required)) or []

    def words(self, key: str) -> Words:
        part = self.inside(self.raw(key), key)
        words = Words(ja=part.text("ja"), en=part.text("en"))
        part.done(key)
        return words

    def done(self, word: str = "") -> None:
        """Every key that was not read is a mistake."""
        for key in self._values:
            if key not in self._used:
                self.wrong(f"'{key}' has no meaning here", nearest(key, self._known), *[w for w in (key, word) if w])


#: What a number in a file may be: tables keep six decimals, and what they would round is not what was approved.
FITTING = "a number below 1,000,000,000,000 with six decimals at most is due"


def fits(value: Decimal) -> bool:
    """Whether the tables of a run keep this number as it is."""
    if not value.is_finite() or abs(value) >= 10**12:
        return False
    return value == value.quantize(Decimal("0.000001"))


def _decimal(value: object | None) -> object | None:
    return Decimal(value) if isinstance(value, int) else value


def _form(value: object) -> str:
    kinds = {
        bool: "true or false",
        int: "a whole number",
        Decimal: "a number",
        str: "a text",
        list: "a list",
        dict: "a table",
    }
    return kinds.get(type(value), "a date" if isinstance(value, date) else "something else")


def read_text(path: Path) -> str:
    """The file's text; UTF-8 only."""
    return path.read_bytes().decode("utf-8")
