"""The words of an agreement's page: those of the city's files, of the directory, and of what the program itself names.

A node keeps agreements beside its HOLDER.toml, which names both; so who reads a page there need name nothing.
"""

from __future__ import annotations

from pathlib import Path

from tsunagu.errors import SourceError
from tsunagu.indicators.definition import definition_hash, item_hash
from tsunagu.indicators.language import HouseholdFirst, Indicator, ValueOfYear
from tsunagu.indicators.load import load_definitions
from tsunagu.municipality import load_purpose
from tsunagu.purposes.canonical import read_object
from tsunagu.purposes.linked_forms import (
    IDENTITY,
    identity_definitions,
    linking_definitions,
    resident_definitions,
)
from tsunagu.purposes.page import Words
from tsunagu.records.catalogue import CatalogueItem
from tsunagu.sources.loading import load_holders
from tsunagu.sources.spec_loading import load_items
from tsunagu.text.tomlfile import TomlFile
from tsunagu.wording.vocabulary import NO_ROW

#: Roles of the desk, as it calls them.
ROLES = {
    "overall_manager": "総括管理主体",
    "data_holder": "保有・管理主体",
    "analyst": "分析主体",
    "lead_worker": "主担当",
    "supervisor": "統括支援員",
    "school_social_worker": "スクールソーシャルワーカー",
    "public_health_nurse": "保健師",
    "vice_principal": "教頭",
    "guidance_centre_supervisor": "児童相談所スーパーバイザー",
    "partner": "外部支援団体",
    "auditor": "監査",
    "privacy_officer": "個人情報保護担当",
    "system_administrator": "システム管理者",
    "family": "こども・保護者",
    "class_teacher": "学級担任",
    "school_nurse": "養護教諭",
    "counsellor": "スクールカウンセラー",
    "pupil": "児童・生徒",
}
#: What a holder may tell of named persons, and columns of the register.
IDENTITY_WORDS = {
    "person": "ケースを続けて見るための番号",
    "household": "世帯(一緒に住む人も)",
    "relation": "続柄",
    "name": "氏名",
    "kana": "氏名のよみ",
    "alias": "通称名",
    "birth_date": "生年月日",
    "sex": "性別",
    "address": "住所",
    "school": "学校の番号",
    "school_name": "学校名",
    "class_name": "組",
    "resident_from": "住み始めた日",
    "resident_until": "住まなくなった日",
}


def words_for(file: Path, city: Path | None, directory: Path | None) -> Words:
    """The words for an agreement in that file.

    city, directory  as given; None: those of the node in whose folder the agreement lies, if there is one
    raises           SourceError where one that was given cannot be read
    """
    beside = file.absolute().parent.parent / "HOLDER.toml"
    if beside.is_file() and file.absolute().parent.name == "agreements":
        named = TomlFile(beside, str(beside))
        city = city or _existing(named, beside.parent, "city")
        directory = directory or _existing(named, beside.parent, "directory")
    found = _of_city(city) if city is not None else Words()
    organisations = _organisations(directory) if directory is not None else {}
    return Words(organisations, found.purposes, ROLES, {**_named(), **found.things}, found.codes)


def _existing(file: TomlFile, folder: Path, key: str) -> Path | None:
    """What the node's file names, where it is there: a page is to be read before all else is in its place, too."""
    written = file.text_of(file.data, key, "the holder's file", default="")
    path = folder / written
    return path if written and path.exists() else None


def _named() -> dict[tuple[str, str], str]:
    definitions = {**identity_definitions(IDENTITY), **resident_definitions()}
    return {(id, sha256): IDENTITY_WORDS[id] for (id, _), sha256 in definitions.items()}


def _of_city(folder: Path) -> Words:
    if not folder.is_dir():
        raise SourceError(
            "there is no such city folder", where=str(folder), to_do="Name one, for example examples/hinode-city."
        )
    items, holders = load_items(folder), load_holders(folder)
    things = {(item.id, item_hash(item)): item.ja for item in items.values()}
    for (id, _), sha256 in linking_definitions(holders).items():
        things[id, sha256] = f"{holders[id].ja}の記録"
    codes: dict[str, dict[str, str]] = {}
    for path in sorted((folder / "criteria").glob("*.toml")):
        defined = load_definitions(path, items)
        for one in defined.indicators:
            things[one.id, definition_hash(defined, one.id, items)] = one.label.ja
            codes[one.id] = {**_codes(one, items), **codes.get(one.id, {})}
    purposes = [load_purpose(path) for path in sorted((folder / "purposes").glob("*.toml"))]
    return Words(purposes={one.id: one.ja for one in purposes}, things=things, codes=codes)


def _codes(indicator: Indicator, items: dict[str, CatalogueItem]) -> dict[str, str]:
    if not isinstance(indicator.measure, ValueOfYear | HouseholdFirst):
        return {}
    values = items[indicator.measure.item].values
    return {"none": NO_ROW["ja"], **{code: named.ja for code, named in values.items()}}


def _organisations(path: Path) -> dict[str, str]:
    """Names alone, by which a reader knows a side; whether a key is theirs is never taken from here."""
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"the directory of organisations cannot be read ({error.strerror})"
        raise SourceError(what, where=str(path), to_do="Check its path and permissions.") from error
    listed = read_object(data, str(path)).get("organisations")
    if not isinstance(listed, list) or not all(isinstance(one, dict) and {"id", "ja"} <= set(one) for one in listed):
        what = "this is no directory of organisations"
        raise SourceError(what, where=str(path), to_do="Name the file that its keeper signed.")
    return {str(one["id"]): str(one["ja"]) for one in listed}
