"""Reads a city folder's own facts, holders/ and catalogue/ into typed values, naming every mistake with its line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast, get_args

from tsunagu.errors import SourceError
from tsunagu.records.catalogue import (
    Catalogue,
    CatalogueItem,
    Direction,
    Domain,
    Holder,
    Kind,
    Municipality,
    Named,
    Nature,
)
from tsunagu.text.tomlfile import Table, TomlFile


def load_municipality(folder: Path) -> Municipality:
    """The city's own names, code and school rules, from municipality.toml."""
    file = TomlFile(folder / "municipality.toml", "municipality.toml")
    what = "municipality"
    file.known_keys(file.data, ("ja", "en", "code", "criteria", "schools", "ward"), what)
    schools = file.table_of(file.data, "schools", what, default={})
    file.known_keys(schools, ("junior_high_name_ends",), "schools", "schools")
    return Municipality(
        id=file.text_of(file.data, "code", what),
        ja=file.text_of(file.data, "ja", what),
        en=file.text_of(file.data, "en", what),
        junior_high_name_ends=tuple(file.texts_of(schools, "junior_high_name_ends", "schools", default=[])),
        criteria=file.text_of(file.data, "criteria", what) if "criteria" in file.data else "",
        wards=_wards(file),
    )


def _wards(file: TomlFile) -> dict[str, str]:
    found: dict[str, str] = {}
    for table in file.tables_of(file.data, "ward", "municipality"):
        name = file.text_of(table, "en", "ward")
        file.text_of(table, "ja", "ward")
        file.known_keys(table, ("ja", "en", "schools"), "ward", name)
        for school in file.texts_of(table, "schools", "ward"):
            if school in found:
                raise file.fail(f"the school {school} lies in two wards, {found[school]} and {name}", school)
            found[school] = name
    return found


def load_holders(folder: Path) -> dict[str, Holder]:
    """Every department by id, in the order of files and of lines in them."""
    holders: dict[str, Holder] = {}
    for file in files_of(folder, "holders"):
        for table in file.tables_of(file.data, "holder", "holders"):
            id_ = file.text_of(table, "id", "holder")
            file.known_keys(table, ("id", "ja", "en", "department", "department_en"), "holder", id_)
            if id_ in holders:
                raise file.fail(f"holder '{id_}' is defined twice", id_)
            holders[id_] = Holder(
                id=id_,
                ja=file.text_of(table, "ja", id_),
                en=file.text_of(table, "en", id_),
                department=file.text_of(table, "department", id_),
                department_en=file.text_of(table, "department_en", id_),
            )
    return holders


def load_catalogue(folder: Path) -> Catalogue:
    """Every item of the catalogue; its holder must be one of holders/."""
    holders = load_holders(folder)
    items: dict[str, CatalogueItem] = {}
    for file in files_of(folder, "catalogue"):
        for table in file.tables_of(file.data, "item", "catalogue"):
            item = _item(file, table, holders)
            if item.id in items:
                raise file.fail(f"item '{item.id}' is defined twice", item.id)
            items[item.id] = item
    return Catalogue(items=items)


def files_of(folder: Path, part: str) -> list[TomlFile]:
    """The TOML files of one part of a city folder, in the order of their names."""
    place = folder / part
    if not place.is_dir():
        raise SourceError(
            f"the city folder has no {part}/", where=str(folder), to_do="Give the folder that holds municipality.toml."
        )
    return [TomlFile(path, f"{part}/{path.name}") for path in sorted(place.glob("*.toml"))]


def _item(file: TomlFile, table: Table, holders: Mapping[str, Holder]) -> CatalogueItem:
    id_ = file.text_of(table, "id", "item")
    keys = ("id", "ja", "en", "holder", "domain", "kind", "nature", "direction", "freshness_days")
    file.known_keys(
        table, (*keys, "forget_after_months", "legal_basis", "unit", "values", "only_for_criteria"), "item", id_
    )
    unit = file.table_of(table, "unit", id_, default={})
    values = file.table_of(table, "values", id_, default={})
    named = {}
    for code, names in values.items():
        if not isinstance(names, dict):
            raise file.fail(f"value '{code}' of {id_} needs its names: {{ja=…, en=…}}", id_, code)
        named[code] = Named(code, file.text_of(names, "ja", code), file.text_of(names, "en", code))
    return CatalogueItem(
        id=id_,
        ja=file.text_of(table, "ja", id_),
        en=file.text_of(table, "en", id_),
        holder=file.known(file.text_of(table, "holder", id_), holders, "holder", id_),
        domain=cast(Domain, file.known(file.text_of(table, "domain", id_), get_args(Domain), "domain", id_)),
        kind=cast(Kind, file.known(file.text_of(table, "kind", id_), get_args(Kind), "kind", id_)),
        nature=cast(Nature, file.known(file.text_of(table, "nature", id_), get_args(Nature), "nature", id_)),
        direction=cast(
            Direction, file.known(file.text_of(table, "direction", id_), get_args(Direction), "direction", id_)
        ),
        freshness_days=file.whole_of(table, "freshness_days", id_),
        forget_after_months=file.whole_of(table, "forget_after_months", id_),
        legal_basis=file.text_of(table, "legal_basis", id_),
        unit_ja=file.text_of(unit, "ja", id_, default=""),
        unit_en=file.text_of(unit, "en", id_, default=""),
        values=named,
        only_for_criteria=table.get("only_for_criteria") is True,
    )
