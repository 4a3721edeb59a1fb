"""One city's folder as typed objects: what it holds, how it reads, what it judges by, and why it may."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from tsunagu.casework import reminders
from tsunagu.casework.choices import load_choices
from tsunagu.casework.forms import load_forms
from tsunagu.casework.rules import load_rules, wrong
from tsunagu.errors import CriterionError, SourceError, StateError, TsunaguError
from tsunagu.guidance.load_sheet import load_sheets
from tsunagu.linkage.rules import Rules, read_rules
from tsunagu.linkage.weights import Model, read_model
from tsunagu.programmes.load import load_programme, load_programmes
from tsunagu.programmes.programme import Programme, programmes_in_force
from tsunagu.records.catalogue import Catalogue, Holder, Municipality
from tsunagu.runs.approval import Approval, read_record
from tsunagu.runs.folder import TRIED
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.load import load_criteria
from tsunagu.similar_cases.load_distances import check_all_distances
from tsunagu.sources.loading import load_catalogue, load_holders, load_municipality
from tsunagu.sources.spec import CitySources
from tsunagu.sources.spec_loading import load_items, load_sources
from tsunagu.text.tomlfile import TomlFile, nearest

LINK_MODEL = Path("linkage") / "model.json"
LINK_RULES = Path("linkage") / "rules.toml"
#: Records of who approved each version, and versions that were in force before.
APPROVALS = Path("criteria") / "approvals"
EARLIER = "earlier"
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
    """Everything a city has decided, as reviewed files; `files` names each by its hash.

    catalogue  items that the criteria may read, and that the desk may show
    read       the same and those that only the programmes read
    sources    how the extracts are read, for the items of `read`
    """

    folder: Path
    municipality: Municipality
    holders: Mapping[str, Holder]
    catalogue: Catalogue
    read: Catalogue
    sources: CitySources
    criteria: Criteria
    criteria_path: Path
    tried: tuple[Criteria, ...]
    programmes: tuple[Programme, ...]
    link_model: Model
    link_rules: Rules
    purpose: Purpose
    files: Mapping[str, str]

    def read_on(self, on: date) -> Catalogue:
        """What leaves the extracts on a day: not what only programmes need that are not in force then."""
        asked = {item for programme in programmes_in_force(self.programmes, on) for item in programme.items}
        return self.read.read_by({*self.catalogue.items, *asked})


def load_city(
    folder: Path, criteria: Path | None = None, tried: Sequence[Path] = (), *, with_programmes: bool = False
) -> City:
    """The city in `folder`; the first mistake found ends the reading with its place and the nearest valid text.

    criteria  another file than the one in force
    tried     further files, for which everything they read is to be read too
    with_programmes  whether support that may be unclaimed is looked for, and what that needs is read
    """
    if not folder.is_dir():
        raise SourceError(
            "there is no such city folder", where=str(folder), to_do="Name one, for example examples/hinode-city."
        )
    catalogue, municipality = load_catalogue(folder), load_municipality(folder)
    chosen = criteria or criteria_in_force(folder, municipality.criteria)
    items = load_items(folder)
    in_force = load_criteria(chosen, items)
    others = _told_apart([(path, load_criteria(path, items)) for path in tried])
    programmes = load_programmes(_files(folder, "programmes"), items) if with_programmes else ()
    # What none of them reads, and nothing else may, does not leave the extract.
    needed = {item for each in (in_force, *others) for item in each.items}
    read = catalogue.read_by(needed | {item for programme in programmes for item in programme.items})
    given = {} if criteria is None else {f"{TRIED}{criteria.name}": _hash(criteria)}
    return City(
        folder=folder,
        municipality=municipality,
        holders=load_holders(folder),
        catalogue=catalogue.read_by(needed),
        read=read,
        sources=load_sources(folder).of(read.items),
        criteria=in_force,
        criteria_path=chosen,
        tried=others,
        programmes=programmes,
        link_model=read_model(folder / LINK_MODEL),
        link_rules=read_rules(folder / LINK_RULES),
        purpose=load_purpose(_only_file(folder, "purposes")),
        files={**_hashes(folder), **given},
    )


def check_city(folder: Path) -> list[TsunaguError]:
    """Every mistake of a city folder, one error per file at least; empty when the folder is in order."""
    if not folder.is_dir():
        return [SourceError("there is no such city folder", where=str(folder), to_do="Check the path.")]
    mistakes: list[TsunaguError] = []
    parts: list[Callable[[Path], object]] = [
        load_municipality,
        load_holders,
        load_catalogue,
        load_sources,
        all_criteria,
        # Each file for itself, so that a mistake in one does not hide those of another; then all of them together.
        *(partial(_check_programme, path) for path in _files(folder, "programmes")),
        all_programmes,
        _check_rest,
        load_forms,
        load_sheets,
        check_all_distances,
        load_choices,
        load_rules,
        _check_lists,
        reminders.load_choices,
    ]
    for read in parts:
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


def all_criteria(folder: Path) -> list[Criteria]:
    """Every set of the city folder, the one in force among them, each read whole and its cases judged."""
    return [criteria for _, criteria in criteria_files(folder)]


def criteria_files(folder: Path) -> list[tuple[Path, Criteria]]:
    """The same, each with its file; CriterionError where two files say that they are the same version of one set."""
    items = load_items(folder)
    criteria_in_force(folder, load_municipality(folder).criteria)
    files = [(path, load_criteria(path, items)) for path in _files(folder, "criteria")]
    _told_apart(files)
    return files


def _told_apart(files: Sequence[tuple[Path, Criteria]]) -> tuple[Criteria, ...]:
    """These criteria; CriterionError where two of them bear one name, and nobody could tell which was meant."""
    for place, (path, criteria) in enumerate(files):
        for other, earlier in files[:place]:
            if criteria.name == earlier.name:
                raise CriterionError(
                    f"{other} and {path} both say that they are {criteria.name}",
                    where=path.name,
                    to_do="Give one of them another id or version; nothing was computed.",
                )
    return tuple(criteria for _, criteria in files)


def all_programmes(folder: Path) -> tuple[Programme, ...]:
    """Every programme of the city folder, each read whole and its cases judged; none where it has no programmes/."""
    return load_programmes(_files(folder, "programmes"), load_items(folder))


def _check_programme(path: Path, folder: Path) -> None:
    load_programme(path, load_items(folder))


def approval_path(folder: Path, criteria: Criteria) -> Path:
    """Where the record of who approved these criteria stands."""
    return folder / APPROVALS / f"{criteria.id}-{criteria.version}.json"


def require_approved(folder: Path, path: Path, criteria: Criteria) -> Approval:
    """The record that two people approved this very file; StateError where there is none, or the file was changed."""
    where = approval_path(folder, criteria)
    if not where.exists():
        raise StateError(
            f"nobody has approved the criteria {criteria.name}",
            where=str(path),
            to_do="Have them approved at the desk and run `tsunagu adopt`; to try them, name the file with --criteria.",
        )
    record = read_record(where)
    if (record.criteria, record.version) != (criteria.id, criteria.version) or record.sha256 != _hash(path):
        raise StateError(
            f"the file was changed after {criteria.name} had been approved",
            where=str(path),
            to_do="Put the approved file back, or have a next version approved; to try it, name it with --criteria.",
        )
    return record


def criteria_in_force(folder: Path, name: str) -> Path:
    """The file of the set in force. name: as municipality.toml has it, empty where the folder holds one alone."""
    if not name:
        return _only_file(folder, "criteria")
    files = {path.name: path for path in _files(folder, "criteria")}
    if name not in files:
        raise SourceError(
            f"'criteria' names '{name}', and there is no such file in criteria/",
            where=str(folder / "municipality.toml"),
            to_do=nearest(name, files),
        )
    return files[name]


def _files(folder: Path, part: str) -> list[Path]:
    return sorted((folder / part).glob("*.toml"))


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
    files = _files(folder, part)
    if len(files) != 1:
        raise SourceError(
            f"there must be exactly one file here; there are {len(files)}",
            where=str(folder / part),
            to_do="Keep the one in force; earlier ones belong in the history of the folder."
            + (
                " Of several sets, 'criteria' in municipality.toml names the one in force."
                if part == "criteria"
                else ""
            ),
        )
    return files[0]


def _hashes(folder: Path) -> dict[str, str]:
    paths = sorted(p for p in folder.rglob("*") if p.suffix in (".toml", ".json") and p.is_file())
    return {p.relative_to(folder).as_posix(): _hash(p) for p in paths}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
