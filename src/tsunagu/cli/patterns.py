"""The two patterns of organisation that a demonstration can show."""

from __future__ import annotations

from enum import StrEnum


class Pattern(StrEnum):
    """Who holds the data: one department that reads all extracts, or every department its own, at a node."""

    TOGETHER = "together"
    DISTRIBUTED = "distributed"
