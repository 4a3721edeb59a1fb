"""Fixed wording with its readings, written {計画|けいかく}; free text of people is never given a reading by guess."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARKED = re.compile(r"\{([^{}|]+)\|([^{}|]+)\}")
_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_NEEDS_READING = re.compile(r"[^ぁ-ゟァ-ヿー 　A-Za-z0-9･・.-]")


@dataclass(frozen=True)
class Part:
    """A piece of a line. reading: what stands above it, empty where nothing does."""

    text: str
    reading: str = ""


Line = tuple[Part, ...]


def fixed(wording: str) -> Line:
    """A line of the form's own wording."""
    parts: list[Part] = []
    end = 0
    for found in _MARKED.finditer(wording):
        parts += [Part(wording[end : found.start()]), Part(found[1], found[2])]
        end = found.end()
    return tuple(part for part in (*parts, Part(wording[end:])) if part.text)


def free(text: str) -> Line:
    """A line that people wrote, as they wrote it."""
    return (Part(text),) if text else ()


def of_name(name: str, kana: str) -> Line:
    """A name under its recorded reading, part by part where both have as many; no reading where none is recorded."""
    names, readings = name.split(), kana.translate(_KATAKANA_TO_HIRAGANA).split()
    if len(names) != len(readings):
        names, readings = [" ".join(names)], [" ".join(readings)]
    parts: list[Part] = []
    for place, (text, reading) in enumerate(zip(names, readings, strict=True)):
        parts += [Part(" ")] if place else []
        parts.append(Part(text, reading if _NEEDS_READING.search(text) else ""))
    return tuple(part for part in parts if part.text)


def plain(line: Line) -> str:
    """What a line says without its readings: what a screen reader speaks and what is copied out of the PDF."""
    return "".join(part.text for part in line)
