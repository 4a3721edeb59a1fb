"""What a city chooses about its casework: `casework.toml` in the city folder, or what holds without it.

The tables about reaching families and looking again are read by `rules.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tsunagu.casework.rules import TABLES
from tsunagu.text.tomlfile import TomlFile

FILE = "casework.toml"


@dataclass(frozen=True)
class Choices:
    """own_judgment_first: somebody who assesses a child judges before the machine's level is shown to them."""

    own_judgment_first: bool = True


def load_choices(city: Path | None) -> Choices:
    """The city's choices; SourceError for a setting that is not known."""
    path = city / FILE if city else None
    if path is None or not path.is_file():
        return Choices()
    file = TomlFile(path, FILE)
    file.known_keys(file.data, ("assessment", *TABLES), FILE)
    about = file.table_of(file.data, "assessment", FILE, default={})
    file.known_keys(about, ("own_judgment_first",), "[assessment]")
    usual = Choices()
    return Choices(file.flag_of(about, "own_judgment_first", "[assessment]", default=usual.own_judgment_first))
