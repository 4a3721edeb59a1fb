"""One city's folder as typed objects: what it holds, how it reads, what it judges by, and why it may."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tsunagu.casework import reminders
from tsunagu.casework.choices import load_choices
from tsunagu.casework.forms import load_forms
from tsunagu.casework.rules import load_rules, wrong
from tsunagu.errors import SourceError, TsunaguError
from tsunagu.linkage.rules import Rules, read_rules
from tsunagu.linkage.weights import Model, read_model
from tsunagu.records.catalogue import Catalogue, Holder, Municipality
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.load import load_criteria
from tsunagu.sources.loading import load_catalogue, load_holders, load_municipality
from tsunagu.sources.spec import CitySources
from tsunagu.sources.spec_loading import load_sources
from tsunagu.text.tomlfile import TomlFile, nearest

LINK_MODEL = Path("linkage") / "model.json"
LINK_RULES = Path("linkage") / "rules.toml"
_PURPOSE_WORDS = ("id", "ja", "en", "legal_basis_ja", "legal_basis_en", "ledger")
_PURPOSE_LISTS = ("recipients_ja", "recipients_en")


@dataclass(frozen=True)
class Purpose:
    """Why the data is used: shown on every screen, named in every run.

    ledger  number in the city's own ledger of uses beyond the original purpose
    """

    id: str
    ja: str
    en: str
    legal_basis_ja: str
    legal_basis_en: str
    ledger: str
    recipients_ja: tuple[str, ...]
    recipients_en: tuple[str, ...]


@dataclass(frozen=True)
class City:
    """Everything a city has decided, as reviewed files; `files` names each by its hash."""

    folder: Path
    municipality: Municipality
    holders: Mapping[str, Holder]
    catalogue: Catalogue
    sources: CitySources
    criteria: Criteria
    link_model: Model
    link_rules: Rules
    purpose: Purpose
    files: Mapping[str, str]


def load_city(folder: Path) -> City:
    """The city in `folder`; the first mistake found ends the reading with its place and the nearest valid text."""
    if not folder.is_dir():
        raise SourceError(
            "there is no such city folder", where=str(folder), to_do="Name one, for example examples/hinode-city."
        )
    catalogue = load_catalogue(folder)
    return City(
        folder=folder,
        municipality=load_municipality(folder),
        holders=load_holders(folder),
        catalogue=catalogue,
        sources=load_sources(folder),
        criteria=load_criteria(_only_file(folder, "criteria"), catalogue.items),
        link_model=read_model(folder / LINK_MODEL),
        link_rules=read_rules(folder / LINK_RULES),
        purpose=load_purpose(_only_file(folder, "purposes")),
        files=_hashes(folder),
    )


def check_city(folder: Path) -> list[TsunaguError]:
    """Every mistake of a city folder, one error per file at least; empty when the folder is in order."""
    if not folder.is_dir():
        return [SourceError("there is no such city folder", where=str(folder), to_do="Check the path.")]
    mistakes: list[TsunaguError] = []
    for read in (
        load_municipality,
        load_holders,
        load_catalogue,
        load_sources,
        _check_criteria,
        _check_rest,
        load_forms,
        load_choices,
        load_rules,
        _check_lists,
        reminders.load_choices,
    ):
        try:
            read(folder)
        except TsunaguError as error:
            if error.message() not in [known.message() for known in mistakes]:
                mistakes.append(error)
    return mistakes


def load_purpose(path: Path) -> Purpose:
    """The purpose of a file; SourceError when a word of it is missing or is no text."""
    file = TomlFile(path, path.name)
    words = {name: file.text_of(file.data, name, "the purpose") for name in _PURPOSE_WORDS}
    lists = {name: tuple(file.texts_of(file.data, name, "the purpose")) for name in _PURPOSE_LISTS}
    file.known_keys(file.data, (*_PURPOSE_WORDS, *_PURPOSE_LISTS), "the purpose")
    return Purpose(**words, recipients_ja=lists["recipients_ja"], recipients_en=lists["recipients_en"])


def _check_criteria(folder: Path) -> None:
    load_criteria(_only_file(folder, "criteria"), load_catalogue(folder).items)


def _check_lists(folder: Path) -> None:
    items = load_catalogue(folder).items
    for name in load_rules(folder).no_mark_lists:
        if name not in items:
            raise wrong(f"'{name}' of no_mark.lists is no item of the catalogue", nearest(name, items))


def _check_rest(folder: Path) -> None:
    load_purpose(_only_file(folder, "purposes"))
    read_model(folder / LINK_MODEL)
    read_rules(folder / LINK_RULES)


def _only_file(folder: Path, part: str) -> Path:
    files = sorted((folder / part).glob("*.toml"))
    if len(files) != 1:
        raise SourceError(
            f"there must be exactly one file here; there are {len(files)}",
            where=str(folder / part),
            to_do="Keep the one in force; earlier ones belong in the history of the folder.",
        )
    return files[0]


def _hashes(folder: Path) -> dict[str, str]:
    paths = sorted(p for p in folder.rglob("*") if p.suffix in (".toml", ".json") and p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}
