"""The switch of the estimate: one file that is read at every statement. Whatever does not say "on" is off."""

from __future__ import annotations

from pathlib import Path


def is_on(switch: Path) -> bool:
    """Whether the file holds the word `on`. Missing, unreadable, empty or anything else: off."""
    try:
        return switch.read_text(encoding="utf-8").strip() == "on"
    except (OSError, UnicodeDecodeError):
        return False
