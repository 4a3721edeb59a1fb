"""A criteria file as a run folder carries it: the text itself, with the catalogue items it was read with.

Whoever has the run alone can so read the very criteria it was made with, and any other version of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tsunagu.records.catalogue import CatalogueItem, Named
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.load import criteria_of
from tsunagu.screening.mistakes import Mistake

Carried = Mapping[str, Any]


def carried(file: str, text: str, items: Mapping[str, CatalogueItem]) -> dict[str, Any]:
    """file: the name of the criteria file; items: those it may read. Plain values, as JSON can carry them."""
    return {"file": file, "text": text, "items": {id: asdict(item) for id, item in items.items()}}


def restored(carrying: Carried, text: str | None = None) -> tuple[Criteria, list[Mistake]]:
    """The criteria, and every mistake in them; text: another version, read with the same catalogue."""
    return criteria_of(carrying["text"] if text is None else text, items_of(carrying))


def items_of(carrying: Carried) -> dict[str, CatalogueItem]:
    """The catalogue items that the criteria may read."""
    return {
        id: CatalogueItem(**{**item, "values": {code: Named(**value) for code, value in item["values"].items()}})
        for id, item in carrying["items"].items()
    }
