"""What the city says about its holders' numbers: which register anchors, which numbers are one per person."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tsunagu.errors import SourceError


@dataclass(frozen=True)
class Rules:
    """The city's rules of linkage; holders are the directories of a delivery.

    register               holder whose resident numbers are the persons
    roster                 holder whose rows tie pupil number, login and seat together
    one_number_per_person  holders with one number per person for good
    one_row_per_year       holders with one row per person and fiscal year
    """

    register: str
    roster: str
    one_number_per_person: tuple[str, ...] = ()
    one_row_per_year: tuple[str, ...] = ()


def read_rules(path: Path) -> Rules:
    """The rules of a TOML file; SourceError saying what is wrong with it."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(
            f"the linkage rules cannot be read ({type(error).__name__})",
            where=str(path),
            to_do="Give register, roster, one_number_per_person and one_row_per_year.",
        ) from error
    known = set(Rules.__dataclass_fields__)
    unknown = sorted(set(raw) - known)
    if unknown:
        raise SourceError(
            f"'{unknown[0]}' is no rule of linkage", where=str(path), to_do=f"Known: {', '.join(sorted(known))}."
        )
    rules = Rules(
        register=_text(raw, "register", path),
        roster=_text(raw, "roster", path),
        one_number_per_person=_texts(raw, "one_number_per_person", path),
        one_row_per_year=_texts(raw, "one_row_per_year", path),
    )
    for holder in (rules.register, rules.roster, *rules.one_number_per_person, *rules.one_row_per_year):
        if not holder.isidentifier() or not holder.isascii():
            raise SourceError(
                "a holder's name has signs other than letters, digits and _",
                where=str(path),
                to_do="Holders are the directories of a delivery, such as jumin.",
            )
    return rules


def _text(raw: dict[str, object], key: str, path: Path) -> str:
    value = raw.get(key)
    if not isinstance(value, str) or not value:
        raise SourceError(f"'{key}' must be the name of a holder", where=str(path), to_do=f'For example {key} = "…".')
    return value


def _texts(raw: dict[str, object], key: str, path: Path) -> tuple[str, ...]:
    value = raw.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise SourceError(
            f"'{key}' must be a list of holders", where=str(path), to_do=f'For example {key} = ["…", "…"].'
        )
    return tuple(value)
