"""Reads a TOML file of a city folder so that every mistake is named with file, line and the nearest valid word."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TypeVar

from tsunagu.errors import SourceError

Table = dict[str, object]
T = TypeVar("T")
_SHOWN: dict[type, str] = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


class TomlFile:
    """One parsed file; the methods give typed values or raise SourceError. mend: what to do about a mistake in it."""

    def __init__(self, path: Path, shown: str, mend: str = "Correct the file and run `tsunagu check`.") -> None:
        self.shown, self._mend = shown, mend
        try:
            self.text = path.read_bytes().decode("utf-8")
        except FileNotFoundError as error:
            raise SourceError("the file is missing", where=shown, to_do="Check the city folder's path.") from error
        except OSError as error:
            raise SourceError(
                f"the file cannot be opened ({error.strerror})", where=shown, to_do="Check its permissions."
            ) from error
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            raise SourceError(
                "the file is not UTF-8", where=f"{shown}, line {line}", to_do="Save it as UTF-8 and try again."
            ) from error
        try:
            self.data: Table = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise SourceError(f"not valid TOML: {error}", where=shown, to_do="Correct the line named above.") from error

    def fail(self, what: str, *near: str, to_do: str = "") -> SourceError:
        """The error to raise, placed at the first line that holds the given words in this order."""
        return SourceError(what, where=self._place(near), to_do=to_do or self._mend)

    def known(self, word: str, valid: Collection[str], what: str, *near: str) -> str:
        """The word itself if it is valid."""
        if word in valid:
            return word
        raise self.fail(f"{what} '{word}' is not known", *near, word, to_do=nearest(word, valid))

    def known_keys(self, table: Mapping[str, object], valid: Collection[str], what: str, *near: str) -> None:
        for key in table:
            self.known(key, valid, f"setting in {what}", *near)

    def text_of(self, table: Mapping[str, object], key: str, what: str, *, default: str | None = None) -> str:
        return self._typed(str, table, key, what, default)

    def whole_of(self, table: Mapping[str, object], key: str, what: str, *, default: int | None = None) -> int:
        return self._typed(int, table, key, what, default)

    def flag_of(self, table: Mapping[str, object], key: str, what: str, *, default: bool) -> bool:
        return self._typed(bool, table, key, what, default)

    def texts_of(
        self, table: Mapping[str, object], key: str, what: str, *, default: list[str] | None = None
    ) -> list[str]:
        value = self._typed(list, table, key, what, default)
        if not all(isinstance(v, str) for v in value):
            raise self.fail(f"'{key}' of {what} must be a list of texts", what, key)
        return value

    def table_of(self, table: Mapping[str, object], key: str, what: str, *, default: Table | None = None) -> Table:
        return self._typed(dict, table, key, what, default)

    def tables_of(self, table: Mapping[str, object], key: str, what: str) -> list[Table]:
        value: list[Table] = self._typed(list, table, key, what, [])
        if not all(isinstance(v, dict) for v in value):
            raise self.fail(f"'{key}' of {what} must be a list of tables ([[{key}]])", key)
        return value

    def _typed(self, kind: type[T], table: Mapping[str, object], key: str, what: str, default: T | None) -> T:
        value = table.get(key, default)
        if value is None:
            raise self.fail(f"'{key}' of {what} is missing", what)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.fail(f"'{key}' of {what} must be {_SHOWN[kind]}", what, key)
        return value

    def _place(self, near: tuple[str, ...]) -> str:
        line = 0
        lines = self.text.splitlines()
        for word in near:
            pattern = re.compile(rf"(?<![\w]){re.escape(word)}(?![\w])")
            line = next((n for n in range(max(line, 1), len(lines) + 1) if pattern.search(lines[n - 1])), line)
        return f"{self.shown}, line {line}" if line else self.shown


def nearest(word: str, valid: Collection[str]) -> str:
    """The step to take: the nearest valid words first, or all of them when none is near."""
    close = difflib.get_close_matches(word, sorted(valid), n=3, cutoff=0.5)
    if close:
        return f"Did you mean: {', '.join(close)}?"
    return f"Known: {', '.join(sorted(valid))}." if valid else "There is none that could stand here; take it away."
