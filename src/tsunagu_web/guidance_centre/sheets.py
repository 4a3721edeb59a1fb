"""The sheet of urgency in force at this desk: the city's own file, or the one that comes with tsunagu."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from tsunagu.guidance.load_sheet import load_sheets, sheets_in_force
from tsunagu.guidance.sheet import Sheet, UrgencyClass, Words
from tsunagu_web.cases.words import language


def sheet_now() -> Sheet:
    """The sheet in force today; CriterionError or SourceError when a file of the city cannot be read."""
    return sheets_in_force(load_sheets(settings.ENVIRONMENT.city), timezone.localdate())[0]


def said(words: Words) -> str:
    return words.en if language() == "en" else words.ja


def class_choices() -> list[tuple[str, str]]:
    """The classes of urgency, the most urgent first, each with what it asks of people."""
    return [(one.id, f"{said(one.name)}  {said(one.to_do)}") for one in sheet_now().classes]


def class_named(id: str) -> UrgencyClass | None:
    return sheet_now().by_class.get(id)
