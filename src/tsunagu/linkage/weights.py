"""The link model: how much each agreement and disagreement weighs, read from a reviewed JSON file.

A weight is log2(m/u): m is how often true pairs show a level, u how often two random persons do.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tsunagu.errors import SourceError

FORMAT = 1


@dataclass(frozen=True)
class Cuts:
    """Where the machine decides, as probabilities of a match and bits of distance.

    link     at least this probable: joined
    review   at least this probable but not joined: a person must look
    margin   bits by which the best candidate must lead the second best
    """

    link: float
    review: float
    margin: float


@dataclass(frozen=True)
class Model:
    """Level probabilities of each comparison, and the cuts.

    levels   comparison -> level -> (m, u); the levels are those of compare.COMPARISONS
    trained  when, how and on how much, for the reader of the file
    """

    levels: Mapping[str, Mapping[str, tuple[float, float]]]
    cuts: Cuts
    trained: Mapping[str, str | int]

    def weight(self, comparison: str, level: str) -> float:
        """Evidence in bits of one level; 0 for a level or comparison the model does not know."""
        m, u = self.levels.get(comparison, {}).get(level, (1.0, 1.0))
        return round(math.log2(m / u), 6)

    def m(self, comparison: str, level: str) -> float:
        """How often true pairs show a level."""
        return self.levels.get(comparison, {}).get(level, (1.0, 1.0))[0]

    def as_json(self) -> str:
        """The model as the text of its file; the same model gives the same bytes."""
        return (
            json.dumps(
                {
                    "format": FORMAT,
                    "trained": dict(self.trained),
                    "cuts": {"link": self.cuts.link, "review": self.cuts.review, "margin": self.cuts.margin},
                    "levels": {
                        comparison: {level: {"m": m, "u": u} for level, (m, u) in levels.items()}
                        for comparison, levels in self.levels.items()
                    },
                },
                ensure_ascii=False,
                indent=2,
            )
            + "\n"
        )


def read_model(path: Path) -> Model:
    """The model of a JSON file; SourceError saying what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(
            f"the link model cannot be read ({type(error).__name__})",
            where=str(path),
            to_do="Give a model file, or train one.",
        ) from error
    try:
        return _model_of(json.loads(text))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SourceError(
            f"the file is no link model ({type(error).__name__})",
            where=str(path),
            to_do="Expected format 1 with trained, cuts (link, review, margin) and levels (m and u in 0..1).",
        ) from error


def _model_of(raw: Mapping[str, object]) -> Model:
    if raw["format"] != FORMAT:
        raise ValueError("format")
    cuts, levels, trained = raw["cuts"], raw["levels"], raw["trained"]
    if not isinstance(cuts, dict) or not isinstance(levels, dict) or not isinstance(trained, dict):
        raise TypeError("tables")
    read = {
        str(comparison): {str(level): (_share(pair["m"]), _share(pair["u"])) for level, pair in table.items()}
        for comparison, table in levels.items()
    }
    return Model(read, Cuts(_share(cuts["link"]), _share(cuts["review"]), float(cuts["margin"])), trained)


def _share(value: object) -> float:
    number = float(value)  # type: ignore[arg-type]  # a wrong type is told to the reader by read_model
    if not 0 < number <= 1:
        raise ValueError("share")
    return number
