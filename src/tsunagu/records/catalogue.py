"""The catalogue: every item of knowledge a city has agreed to use, and on what terms."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Domain = Literal["education", "welfare", "tax", "health", "register"]
Kind = Literal["period", "yearly", "monthly", "event"]
Nature = Literal["objective", "subjective"]
Direction = Literal["need", "risk", "protective", "neutral"]


@dataclass(frozen=True)
class Named:
    """A thing with a Japanese and an English name."""

    id: str
    ja: str
    en: str


@dataclass(frozen=True)
class Holder(Named):
    """A department that holds records; `id` is the extract's directory."""

    department: str  # ja
    department_en: str


@dataclass(frozen=True)
class CatalogueItem(Named):
    """One item of the catalogue.

    kind            how a value lies in time: period, yearly, monthly, event
    nature          objective (recorded by the holder) or subjective (somebody's own answer)
    direction       need (help may be missing), risk, protective, neutral; receiving help is never a risk
    freshness_days  days after which a value counts as old
    forget_after_months  months after the end of what it speaks of when it is forgotten
    unit_ja/en      unit of a number, empty when the item is coded
    values          ASCII code -> its names; empty when the item has no coded value
    least/most      the numbers that the sources read as a value of it; None where they set no bound, or were not asked
    only_for_criteria  nothing but criteria and programmes may need it: where none in force reads it, nobody does
    """

    holder: str
    domain: Domain
    kind: Kind
    nature: Nature
    direction: Direction
    freshness_days: int
    forget_after_months: int
    legal_basis: str
    unit_ja: str
    unit_en: str
    values: Mapping[str, Named]
    only_for_criteria: bool = False
    least: Decimal | None = None
    most: Decimal | None = None


@dataclass(frozen=True)
class Catalogue:
    """All items by id, in the order of the files."""

    items: Mapping[str, CatalogueItem]

    def kind(self, item: str) -> Kind:
        return self.items[item].kind

    def read_by(self, items: Collection[str]) -> Catalogue:
        """Without the items that only criteria may need, where these criteria do not read them."""
        kept = {id: item for id, item in self.items.items() if not item.only_for_criteria or id in items}
        return Catalogue(items=kept)


@dataclass(frozen=True)
class Municipality(Named):
    """The city itself; `id` is the national code of the local government.

    junior_high_name_ends  name endings of schools that count grades 7-9 as 1-3
    criteria               name of the file in criteria/ that is in force; empty where the folder holds one alone
    wards                  school code -> English name of the ward or district it lies in; empty where there are none
    """

    junior_high_name_ends: tuple[str, ...]
    criteria: str = ""
    wards: Mapping[str, str] = field(default_factory=dict)
