"""The hash of an indicator's definition: two holders that name it alike compute alike, or are told that they do not.

Words are no part of it: a label may be mended without a new agreement. Everything that can change a value is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal

from tsunagu.indicators.language import Difference, Words, items_of
from tsunagu.indicators.measured import Asked
from tsunagu.records.catalogue import CatalogueItem

FORM = "tsunagu-indicator-1"
#: Version of items: their meaning has no number of its own, so its hash alone tells one from another.
ITEM_VERSION = "1"


def definition_hash(asked: Asked, id: str, items: Mapping[str, CatalogueItem]) -> str:
    """SHA-256, 64 hexadecimal digits, of what an indicator means.

    asked  what is computed with it: populations, holiday months, whom it is computed for
    items  the catalogue; kind and codes of the items it rests on are part of what it means
    """
    content = json.dumps(_definition(asked, id, items), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8")).hexdigest()


def item_hash(item: CatalogueItem) -> str:
    """The same of a catalogue item, which is answered as it is."""
    return hashlib.sha256(json.dumps(_item(item), sort_keys=True).encode("utf-8")).hexdigest()


def _definition(asked: Asked, id: str, items: Mapping[str, CatalogueItem]) -> dict[str, object]:
    indicator = next(one for one in asked.indicators if one.id == id)
    measure = indicator.measure
    reads = [measure.of, measure.minus] if isinstance(measure, Difference) else []
    population = next(one for one in asked.populations if one.id == indicator.population)
    return {
        "form": FORM,
        "indicator": _plain(indicator, leave=("id", "label", "population")),
        "population": _plain(population, leave=("id", "label")),
        "reads": [_definition(asked, other, items) for other in reads],
        "items": {} if reads else {item: _item(items[item]) for item in items_of(measure)},
        "holiday_months": list(asked.holiday_months),
        "grades": [asked.grade_from, asked.grade_to],
    }


def _item(item: CatalogueItem) -> dict[str, object]:
    return {"form": FORM, "id": item.id, "kind": item.kind, "unit": item.unit_ja, "values": sorted(item.values)}


def _plain(value: object, *, leave: tuple[str, ...] = ()) -> object:
    if isinstance(value, Words):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        held = {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name not in leave}
        return {"is": type(value).__name__, **held}
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)
