"""What a city chooses about its casework: `casework.toml` in the city folder, or what holds without it.

The tables about reaching families and looking again are read by `rules.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tsunagu.casework.rules import TABLES
from tsunagu.text.tomlfile import TomlFile

FILE = "casework.toml"
_TELEPHONE = re.compile(r"[0-9]+(?:-[0-9]+)*")


@dataclass(frozen=True)
class Choices:
    """own_judgment_first  somebody who assesses a child judges before the machine's level is shown to them
    telephone              of the office that families ask, as it stands on their paper; empty where the city gives none
    """

    own_judgment_first: bool = True
    telephone: str = ""


def load_choices(city: Path | None) -> Choices:
    """The city's choices; SourceError for a setting that is not known, or a telephone that cannot be dialled."""
    path = city / FILE if city else None
    if path is None or not path.is_file():
        return Choices()
    file = TomlFile(path, FILE)
    file.known_keys(file.data, ("assessment", "office", *TABLES), FILE)
    about = file.table_of(file.data, "assessment", FILE, default={})
    file.known_keys(about, ("own_judgment_first",), "[assessment]")
    office = file.table_of(file.data, "office", FILE, default={})
    file.known_keys(office, ("telephone",), "[office]")
    usual = Choices()
    telephone = file.text_of(office, "telephone", "[office]", default=usual.telephone)
    if telephone and not _TELEPHONE.fullmatch(telephone):
        raise file.fail("'telephone' of [office] must be digits with hyphens between, e.g. 0000-00-0000", "telephone")
    return Choices(
        file.flag_of(about, "own_judgment_first", "[assessment]", default=usual.own_judgment_first), telephone
    )
