"""Reading a truth folder: plain CSV, UTF-8, header first."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

from tsunagu.errors import SourceError


def read_truth(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of one truth file; SourceError when the folder has no such file."""
    path = folder / name
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    except FileNotFoundError as error:
        raise SourceError(
            "the truth folder has no such file",
            where=str(path),
            to_do="Name a folder with records.csv, bad_rows.csv and judgments.csv: --truth DIR.",
        ) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(
            f"the truth file cannot be read ({type(error).__name__})", where=str(path), to_do="Check the file."
        ) from error


def compared_key(key: str) -> str:
    """A record key as truth and run compare it: NFKC, each part (joined by | or -) without leading zeros."""
    folded = unicodedata.normalize("NFKC", key).strip()
    parts = [_without_zeros(part) for part in folded.split("|")]
    return "|".join("-".join(_without_zeros(piece) for piece in part.split("-")) for part in parts)


def _without_zeros(text: str) -> str:
    stripped = text.lstrip("0")
    return stripped if stripped else ("0" if text else "")
