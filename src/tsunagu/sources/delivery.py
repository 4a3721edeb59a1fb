"""A whole delivery: every file of the extracts folder to records, facts and quarantine, with an account of each."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa

from tsunagu.errors import SourceError
from tsunagu.records.catalogue import Catalogue
from tsunagu.sources.assembly import ReadFile, assemble, fault_of
from tsunagu.sources.columns import Place, Schools
from tsunagu.sources.containers import FileFault, members, read_bytes, read_member, recognise
from tsunagu.sources.facts import Manner
from tsunagu.sources.reading import FileAccount, read_file
from tsunagu.sources.roster import PERSON_MEMBERS, RosterSchools, extra_roles, join_roster, member_name, member_spec
from tsunagu.sources.slip import Slip, read_slip
from tsunagu.sources.spec import CitySources, SourceSpec
from tsunagu.sources.values import school_name_reader
from tsunagu.text.dates import read_fiscal_year

Progress = Callable[[str, int, int], None]
# The spec that names a file, and what the file's name says.
_Named = tuple[SourceSpec, re.Match[str]]


@dataclass(frozen=True)
class InputFile:
    """One file as delivered; sha256 is "" when it could not be opened."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Delivery:
    """Everything read from one extracts folder.

    records, facts, quarantine  tables in the shapes SOURCE_RECORDS, SOURCE_FACTS, QUARANTINE, sorted
    accounts    one per file (per member of a container), in the order of paths
    inputs      every file with its hash, in the order of paths
    schools     school code -> name, from the rosters
    notes       codes about the delivery as a whole: no_slip, slip_<fault>, slip_days_differ
    """

    records: pa.Table
    facts: pa.Table
    quarantine: pa.Table
    slip: Slip
    accounts: tuple[FileAccount, ...]
    inputs: tuple[InputFile, ...]
    schools: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def as_of(self) -> date | None:
        """抽出基準日, None when the slip does not say."""
        return self.slip.as_of


def read_delivery(
    extracts: Path,
    city_sources: CitySources,
    catalogue: Catalogue,
    on: date | None = None,
    progress: Progress | None = None,
) -> Delivery:
    """Reads every file below `extracts`.

    on        day against which birth dates are judged when the slip does not say one
    progress  called as (file, number, of) before each file
    raises    SourceError only when the folder itself cannot be read; a damaged file is an entry in the quarantine
    """
    paths = _files(extracts)
    slip = _slip(extracts, paths, city_sources)
    named = {path: _named(path, city_sources) for path in paths if path != slip.path}
    desk = _Desk(city_sources, catalogue, slip, slip.as_of or on)
    inputs: list[InputFile] = []
    done: list[ReadFile] = []
    seen: set[str] = set()
    # Rosters first: they know the schools whose names and codes all other files use.
    ordered = sorted(named, key=lambda p: (not _is_roster(named[p]), p))
    for number, path in enumerate(ordered, start=1):
        if progress:
            progress(_shown(path), number, len(ordered))
        try:
            data = read_bytes(extracts / path)
        except FileFault as fault:
            inputs.append(InputFile(_shown(path), "", 0))
            done.append(fault_of(desk.account(path, named[path]), fault))
            continue
        digest = hashlib.sha256(data).hexdigest()
        inputs.append(InputFile(_shown(path), digest, len(data)))
        if named[path] is not None and digest in seen:
            # The same file under a second name must not count every visit twice.
            done.append(fault_of(desk.account(path, named[path]), FileFault("repeated_file")))
            continue
        seen.add(digest)
        done += desk.read(path, named[path], data)
    if slip.path:
        inputs.append(InputFile(_shown(slip.path), slip.sha256, slip.size))
        done.append(ReadFile(FileAccount(_shown(slip.path), "", spec="slip", status="slip", reason=slip.fault)))
    done += _missing(named, city_sources, slip, {r.account.file for r in done})
    done.sort(key=lambda r: r.account.file)
    records, facts, quarantine = assemble(done)
    return Delivery(
        records=records,
        facts=facts,
        quarantine=quarantine,
        slip=slip,
        accounts=tuple(r.account for r in done),
        inputs=tuple(sorted(inputs, key=lambda i: i.path)),
        schools=dict(sorted(desk.roster.shown.items())),
        notes=_notes(slip),
    )


@dataclass
class _Desk:
    """What every file of a delivery is read with; the roster's schools grow as rosters are read."""

    city: CitySources
    catalogue: Catalogue
    slip: Slip
    day: date | None
    roster: RosterSchools = field(default_factory=RosterSchools)

    def account(self, path: str, named: _Named | None, member: str = "") -> FileAccount:
        """A fresh account with what the slip says of the file."""
        shown = f"{_shown(path)}!{member}" if member else _shown(path)
        holder = named[0].holder if named else (shown.split("/")[0] if "/" in shown else "")
        account = FileAccount(shown, holder, spec=named[0].id if named else "")
        if line := self.slip.lines.get(unicodedata.normalize("NFKC", shown)):
            account.encoding_stated, account.promised = line.encoding, line.rows
        return account

    def read(self, path: str, named: _Named | None, data: bytes) -> list[ReadFile]:
        """One file's tables: several for a roster, none with a reason for a file that nothing names."""
        if named is None:
            return [fault_of(self.account(path, None), FileFault("no_source_names_it"), status="not_understood")]
        if named[0].kind == "roster":
            return self._roster(path, named, data)
        account = self.account(path, named)
        schools = self.roster.schools(self.city.junior_high_name_ends)
        try:
            content = recognise(data)
            if content.nature == "zip":
                inside = members(content.data)
                # Somebody packed the one file; anything else inside would be a guess.
                if len(inside) != 1:
                    raise FileFault("unexpected_container")
                data = read_member(content.data, next(iter(inside.values())))
            return [
                ReadFile(account, read_file(data, self._manner(named[0], _place(named[1], self.day, schools)), account))
            ]
        except FileFault as fault:
            return [fault_of(account, fault)]

    def _manner(self, spec: SourceSpec, place: Place) -> Manner:
        return Manner(spec, self.catalogue, place, self.city.total_words)

    def _roster(self, path: str, named: _Named, data: bytes) -> list[ReadFile]:
        """The members of a OneRoster zip, joined by sourcedId."""
        try:
            content = recognise(data)
            if content.nature != "zip":
                raise FileFault("not_a_container")
            inside = members(content.data)
        except FileFault as fault:
            return [fault_of(self.account(path, named), fault)]
        spec, place = named[0], _place(named[1], self.day, Schools())
        reads: dict[str, ReadFile] = {}
        for name, info in inside.items():
            account = self.account(path, named, name)
            own = member_spec(spec, name)
            if own is None:
                reads[name] = fault_of(account, FileFault("no_source_names_it"), status="not_understood")
                continue
            try:
                member = read_member(content.data, info)
                result = read_file(member, self._manner(own, place), account, extra=extra_roles(name))
                reads[name] = ReadFile(account, result)
            except FileFault as fault:
                reads[name] = fault_of(account, fault)
        tables = {member_name(name): r.result for name, r in reads.items() if r.result is not None}
        self.roster.add(tables.get("orgs.csv"), tables.get("users.csv"), spec.grades)
        joined = join_roster(tables, self.roster, spec.grades, place.year)
        for name, read in reads.items():
            if read.result is not None and member_name(name) in joined:
                read.result = joined[member_name(name)]
            elif read.result is not None:
                read.account.status = "reference"
        gone = [m for m in (*PERSON_MEMBERS, "orgs.csv") if m not in {member_name(n) for n in reads}]
        absent = [fault_of(self.account(path, named, name), FileFault("member_missing")) for name in gone]
        return [*reads.values(), *absent]


def require_extracts(extracts: Path) -> None:
    """SourceError unless the extracts folder is there."""
    if not extracts.is_dir():
        raise SourceError(
            "this is not a folder" if extracts.exists() else "the extracts folder is missing",
            where=str(extracts),
            to_do="Give the folder that holds the departments' directories.",
        )


def _files(extracts: Path) -> list[str]:
    """Paths of all files below the folder, sorted."""
    require_extracts(extracts)
    try:
        paths = sorted(p.relative_to(extracts).as_posix() for p in extracts.rglob("*") if not p.is_dir())
    except PermissionError as error:
        raise SourceError(
            "the extracts folder cannot be listed", where=str(extracts), to_do="Check its permissions."
        ) from error
    if not paths:
        raise SourceError("the extracts folder is empty", where=str(extracts), to_do="Check the delivery.")
    return paths


def _shown(path: str) -> str:
    """macOS writes file names with parted marks (が as か and ゛); the tables show them joined."""
    return unicodedata.normalize("NFC", path)


def _slip(extracts: Path, paths: list[str], city: CitySources) -> Slip:
    spec = city.slip()
    for path in paths:
        if spec and spec.pattern.fullmatch(_shown(path)):
            try:
                return read_slip(path, read_bytes(extracts / path), spec)
            except FileFault as fault:
                return Slip(path=path, fault=fault.kind)
    return Slip()


def _named(path: str, city: CitySources) -> _Named | None:
    for spec in city.tables():
        if match := spec.pattern.fullmatch(_shown(path)):
            return spec, match
    return None


def _is_roster(named: _Named | None) -> bool:
    return named is not None and named[0].kind == "roster"


def _place(match: re.Match[str], day: date | None, schools: Schools) -> Place:
    groups = match.groupdict()
    year = read_fiscal_year(groups["year"]) if groups.get("year") else None
    name = groups.get("school")
    school = school_name_reader(schools.by_name)(name)[0] if name else None
    return Place(on=day, year=year, school=school, series=school or name, schools=schools)


def _missing(
    named: Mapping[str, _Named | None], city: CitySources, slip: Slip, present: set[str]
) -> Iterable[ReadFile]:
    """Extracts that the city expects or the slip promises and that did not come."""
    came = {found[0].id for found in named.values() if found}
    names = {unicodedata.normalize("NFKC", name) for name in present}
    for path, line in slip.lines.items():
        if path not in names and path.split("!")[0] not in names:
            account = FileAccount(path, path.split("/")[0], status="missing", reason="promised_by_the_slip")
            account.promised, account.encoding_stated = line.rows, line.encoding
            yield ReadFile(account)
    for spec in city.tables():
        if spec.expected and spec.id not in came:
            account = FileAccount(f"{spec.holder}/", spec.holder, spec=spec.id, status="missing", reason="expected")
            yield ReadFile(account)


def _notes(slip: Slip) -> tuple[str, ...]:
    if not slip.path:
        return ("no_slip",)
    if slip.fault:
        return (f"slip_{slip.fault}",)
    return ("slip_days_differ",) if len(slip.days) > 1 else ()
