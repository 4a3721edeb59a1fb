"""Reading one object of a signed file strictly: each key is asked for once, and every mistake is named by its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import TypeVar

from tsunagu.text.tomlfile import nearest

# With what stands before it in an entry of a log (`agreement:`), it is no longer than an entry takes.
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}")
HASH = re.compile(r"[0-9a-f]{64}")
T = TypeVar("T")


class Part:
    """One object of the file. Each key must be asked for once; done() names those that were not."""

    def __init__(self, data: Mapping[str, object], path: str, mistakes: list[str]) -> None:
        self.data, self.path, self.mistakes = data, path, mistakes
        self.asked: set[str] = set()

    def wrong(self, key: str, what: str) -> None:
        self.mistakes.append(f"{self.path}{key}: {what}")

    def value(self, key: str, kind: type[T], shown: str) -> T | None:
        self.asked.add(key)
        if key not in self.data:
            self.wrong(key, "is missing; nothing stands for it by default")
            return None
        found = self.data[key]
        if isinstance(found, kind) and not (kind is int and isinstance(found, bool)):
            return found
        self.wrong(key, f"is not {shown}")
        return None

    def text(self, key: str) -> str:
        found = self.value(key, str, "a text")
        if found is not None and (not found.strip() or found != found.strip() or not found.isprintable()):
            self.wrong(key, "is empty, or holds blanks at an end or signs that cannot be seen")
        return found or ""

    def match(self, key: str, form: re.Pattern[str], shown: str, *, empty: bool = False) -> str:
        found = self.value(key, str, "a text")
        if found is not None and not form.fullmatch(found) and not (empty and not found):
            self.wrong(key, f"'{found[:40]}' is not {shown}")
        return found or ""

    def choice(self, key: str, valid: Collection[str]) -> str:
        found = self.value(key, str, "a text")
        if found is not None and found not in valid:
            self.wrong(key, f"'{found[:40]}' is not known. {nearest(found[:40], valid)}")
        return found or ""

    def whole(self, key: str, least: int, most: int) -> int:
        found = self.value(key, int, "a whole number")
        if found is not None and not least <= found <= most:
            self.wrong(key, f"{found} is not from {least:,} to {most:,}")
        return found if found is not None else least

    def day(self, key: str) -> date:
        found = self.value(key, str, "a day such as 2026-10-01")
        try:
            made = date.fromisoformat(found or "")
        except ValueError:
            made = None
        if found is not None and (made is None or made.isoformat() != found):
            self.wrong(key, f"'{found[:40]}' is not a day such as 2026-10-01")
        return made or date.min

    def several(self, key: str, *, some: bool) -> list[object]:
        found = self.value(key, list, "a list")
        if found == [] and some:
            self.wrong(key, "names nothing")
        return found or []

    def texts(self, key: str, form: re.Pattern[str] | None = None, *, some: bool = False) -> tuple[str, ...]:
        found = self.several(key, some=some)
        texts = tuple(one for one in found if isinstance(one, str) and one and one.strip() == one and one.isprintable())
        if len(texts) < len(found):
            self.wrong(key, "is not a list of texts")
        if len(set(texts)) < len(texts):
            self.wrong(key, "says the same twice")
        for one in texts:
            if form is not None and not form.fullmatch(one):
                self.wrong(key, f"'{one[:40]}' is not an identifier")
        return texts

    def parts(self, key: str, made: Callable[[Part], T], *, some: bool = True) -> tuple[T, ...]:
        found = []
        for place, one in enumerate(self.several(key, some=some)):
            if isinstance(one, dict):
                part = Part(one, f"{self.path}{key}[{place + 1}].", self.mistakes)
                found.append(made(part))
                part.done()
            else:
                self.wrong(f"{key}[{place + 1}]", "is not an object")
        return tuple(found)

    def part(self, key: str, made: Callable[[Part], T]) -> T:
        found = self.value(key, dict, "an object")
        part = Part(found or {}, f"{self.path}{key}.", self.mistakes if found is not None else [])
        result = made(part)
        part.done()
        return result

    def done(self) -> None:
        for key in self.data:
            if key not in self.asked:
                self.wrong(str(key)[:40], f"is not known. {nearest(str(key)[:40], self.asked)}")
