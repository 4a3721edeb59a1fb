"""A criteria file as a run folder carries it: the text itself, with the catalogue items it was read with.

Whoever has the run alone can so read the very criteria it was made with, and any other version of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from tsunagu.indicators.mistakes import Mistake
from tsunagu.records.catalogue import CatalogueItem, Named
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.load import criteria_of

Carried = Mapping[str, Any]


def carried(file: str, text: str, items: Mapping[str, CatalogueItem]) -> dict[str, Any]:
    """file: the name of the criteria file; items: those it may read. Plain values, as JSON can carry them."""
    return {"file": file, "text": text, "items": {id: _plain(item) for id, item in items.items()}}


def restored(carrying: Carried, text: str | None = None) -> tuple[Criteria, list[Mistake]]:
    """The criteria, and every mistake in them; text: another version, read with the same catalogue."""
    return criteria_of(carrying["text"] if text is None else text, items_of(carrying))


def items_of(carrying: Carried) -> dict[str, CatalogueItem]:
    """The catalogue items that the criteria may read."""
    return {id: _item(plain) for id, plain in carrying["items"].items()}


def _plain(item: CatalogueItem) -> dict[str, Any]:
    bounds = {name: None if bound is None else str(bound) for name, bound in _bounds(asdict(item)).items()}
    return {**asdict(item), **bounds}


def _item(plain: Mapping[str, Any]) -> CatalogueItem:
    bounds = {name: None if bound is None else Decimal(bound) for name, bound in _bounds(plain).items()}
    values = {code: Named(**value) for code, value in plain["values"].items()}
    return CatalogueItem(**{**plain, **bounds, "values": values})


def _bounds(item: Mapping[str, Any]) -> dict[str, Any]:
    """A run made before items had bounds carries none."""
    return {name: item.get(name) for name in ("least", "most")}
