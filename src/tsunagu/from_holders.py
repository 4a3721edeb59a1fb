"""A run whose source is nodes: answers of holders in, the same run folder out.

Nobody in this run has a name until holders release one, for the children who are noticed and who live with them; until
then a child is a token. Facts, records and addresses stay with their holders, so those tables are empty.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from tsunagu import __version__
from tsunagu.errors import CriterionError, PurposeError, SourceError
from tsunagu.evaluation.small_counts import LEAST, shown
from tsunagu.indicators.mistakes import read_text
from tsunagu.linkage.marks import Marks
from tsunagu.municipality import City
from tsunagu.normalise.schoolyears import fiscal_year, school_grade
from tsunagu.purposes.one_key import require_one_key
from tsunagu.purposes.waiting_answers import Doubt, WaitingAnswer
from tsunagu.records.run_tables import IDENTITIES, PLAIN_TABLES
from tsunagu.records.stage_tables import PERSONS
from tsunagu.runs.folder import RunFolder, require_place, write_run
from tsunagu.screening.banded_tables import Banded, screen_bands
from tsunagu.screening.carried import carried
from tsunagu.screening.criteria import Criteria, comparisons, level_count
from tsunagu.wording.vocabulary import banded_words, vocabulary

#: Tokens of the noticed -> what the holders answered to a request that names them.
Names = Callable[[Sequence[bytes]], Sequence[WaitingAnswer]]
_PERSON = "person"
#: Answers about so many children are held together; below this share of the fewer, they are not of one linkage.
_ENOUGH, _LEAST_SHARED = 20, 0.01
#: What a run over extracts tells and one over nodes cannot; each with the words for it.
NOT_TOLD = {
    "programmes": "support that a family may be eligible for and does not receive: no programme is computed over nodes",
    "facts": "single facts and their days: agreed bands stand in their place, and the records stay with their holders",
    "doubtful_pairs": "doubtful pairs of records: they stay with the register's holder, and are joined by nobody",
    "school_records": "the schools' own records, from which class boards are made",
}


@dataclass(frozen=True)
class Asked:
    """What one run over nodes is asked to do.

    answers   of the holders, of agreed indicators, for the day
    names     asks the holders for the names of the noticed
    key       encrypts the names
    previous  an earlier run: who was noticed before
    """

    answers: Sequence[WaitingAnswer]
    names: Names
    on: dt.date
    out: Path
    key: bytes
    previous: RunFolder | None = None


@dataclass(frozen=True)
class HolderCounts:
    """What a run over nodes did, in counts only.

    holders    organisation -> indicators that it answered
    noticed    children by overall level; capacity as in pipeline.Counts
    undecided  sign -> children of whom the agreed bands do not decide it; None: a count that is not told
    between    children whose overall level lies between two for that reason; None likewise
    doubted    organisation -> alarms about its log, in words; an organisation without any is not in it
    unnamed    noticed children whom no holder named
    not_told   what such a run cannot tell, as codes of NOT_TOLD: that nothing is there of it says nothing
    """

    holders: Mapping[str, int]
    children: int
    noticed: Mapping[str, int]
    capacity: Mapping[str, int]
    undecided: Mapping[str, int | None]
    between: int | None
    unnamed: int
    not_told: tuple[str, ...] = tuple(NOT_TOLD)
    doubted: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The counts under their own names."""
        maps = ("holders", "noticed", "capacity", "undecided")
        told = {**self.__dict__, "not_told": list(self.not_told)}
        told["doubted"] = {holder: list(alarms) for holder, alarms in self.doubted.items()}
        return {**told, **{name: dict(getattr(self, name)) for name in maps}}

    def lines(self) -> list[str]:
        """The same in a few lines for a person."""
        levels = ", ".join(level_count(name, count, self.capacity.get(name)) for name, count in self.noticed.items())
        answered = ", ".join(f"{holder} {count}" for holder, count in self.holders.items())
        found = [f"indicators answered: {answered}", f"{self.children:,} children; noticed: {levels}"]
        for holder, alarms in self.doubted.items():
            found += [f"the log of {holder}, whose answers are used, is in doubt: {alarm}" for alarm in alarms]
        if self.undecided:
            signs = ", ".join(f"{code} {shown(count)}" for code, count in self.undecided.items())
            found.append(
                f"the agreed bands do not decide every sign: {signs}; between two levels: {shown(self.between)}"
            )
        if self.unnamed:
            found.append(f"{self.unnamed:,} noticed children were named by nobody; ask the register's holder")
        found.append("over nodes this run cannot tell, and an empty page of it means nothing:")
        return [*found, *(f"  - {NOT_TOLD[one]}" for one in self.not_told)]


def run_from_holders(city: City, asked: Asked) -> HolderCounts:
    """Judges what holders answered and writes the run folder.

    raises  CriterionError where an indicator that the criteria compare is answered by nobody, or in another version;
            PurposeError where the answers are of several purposes, or cannot be joined
    """
    require_place(asked.out)
    values = _values(city.criteria, asked.answers)
    _require_joinable(asked.answers)
    answers = _by_child(asked)
    banded = screen_bands(city.criteria, {token.hex(): rows for token, rows in answers.items()}, values, asked.on)
    noticed = [bytes.fromhex(person) for person in banded.notices.column("person_id").to_pylist()]
    named = asked.names(noticed)
    require_one_key((one.agreement, one.made_with) for one in (*asked.answers, *named))
    people = _people(named, noticed)
    ids = {token.hex(): person.id for token, person in people.items()}
    before = _noticed_before(asked.previous)
    tables = _tables(banded, ids, before, people)
    persons = _persons(answers, ids, people)
    doubts = _doubts([*asked.answers, *named])
    counts = replace(_counts(city, asked, banded, people, noticed), doubted=_in_words(doubts))
    schools = {one.told["school"]: one.told.get("school_name") or "" for one in people.values() if "school" in one.told}
    words = vocabulary(city.criteria, city.catalogue, city.holders, schools=schools, municipality=city.municipality)
    write_run(
        asked.out,
        plain={**{shape.name: shape.empty() for shape in PLAIN_TABLES}, **tables, "persons": persons},
        identities=_identities(people, noticed, asked.on),
        vocabulary={**banded_words(words, values), "programmes": {}},
        manifest=_manifest(city, asked, counts, doubts),
        key=asked.key,
        criteria=carried(city.criteria_path.name, read_text(city.criteria_path), city.catalogue.items),
    )
    return counts


@dataclass(frozen=True)
class _Known:
    """One person as holders named it. id: by which the desk keeps cases; told: item -> value."""

    id: str
    told: Mapping[str, Any]


def _values(criteria: Criteria, answers: Sequence[WaitingAnswer]) -> dict[str, tuple[str, ...]]:
    """Indicator -> agreed bands; every one that the criteria compare must be there, in the criteria's version."""
    compared = {leaf.indicator for sign in criteria.signs for leaf in comparisons(sign.when)}
    found: dict[str, tuple[str, ...]] = {}
    known = {indicator.id for indicator in criteria.indicators}
    for answer in answers:
        for one in answer.agreement.wanted:
            if one.id not in known:
                continue
            if one.version != criteria.version:
                raise CriterionError(
                    f"{one.id} was answered in version {one.version}, and the criteria are {criteria.name}",
                    where=answer.agreement.id,
                    to_do="Agree on the version in force: tsunagu agreement new --from.",
                )
            if one.id in found:
                raise CriterionError(
                    f"{one.id} was answered by two holders",
                    where=answer.agreement.id,
                    to_do="Leave it to one of them; two answers of one child cannot be told apart.",
                )
            found[one.id] = one.values
    if absent := sorted(compared - set(found)):
        raise CriterionError(
            f"nobody has answered what the criteria compare: {', '.join(absent)}",
            to_do="Agree on it with who holds it; without it nobody can be said not to be noticed.",
        )
    return found


def _require_joinable(answers: Sequence[WaitingAnswer]) -> None:
    sets = {(one.agreement.join_set, one.agreement.purpose, one.agreement.cadence) for one in answers}
    if len(sets) > 1:
        raise PurposeError(
            "the answers are of several join sets, purposes or cadences, and cannot be joined child by child",
            where=", ".join(sorted(one.agreement.id for one in answers)),
            to_do="Agree on one set for what is to be judged together.",
        )
    require_one_key((one.agreement, one.made_with) for one in answers)
    _require_overlap(answers)


def _require_overlap(answers: Sequence[WaitingAnswer]) -> None:
    """SourceError where one answer is about almost none of the children of the others, as after a mistaken linkage.

    Every holder answers about the residents that it was told of. Agreements on other ages are not held together.
    """
    children = [set(one.table.column("token").to_pylist()) for one in answers]
    for place, one in enumerate(answers):
        ages = one.agreement.cohort
        others: set[bytes] = set()
        for other, theirs in zip(answers, children, strict=True):
            cohort = other.agreement.cohort
            if other is not one and cohort.age_from <= ages.age_to and ages.age_from <= cohort.age_to:
                others |= theirs
        fewer = min(len(children[place]), len(others))
        shared = len(children[place] & others)
        if fewer >= _ENOUGH and shared < fewer * _LEAST_SHARED:
            raise SourceError(
                f"{one.agreement.holder} answered about {len(children[place]):,} children, and the others know "
                f"{shared:,} of them",
                where=one.agreement.id,
                to_do="Have its records linked again, at the register's holder first: tsunagu node link. If it stays "
                "so, ask which key of link ids the register's holder had then. There is no run.",
            )


def _by_child(asked: Asked) -> dict[bytes, list[dict[str, Any]]]:
    found: dict[bytes, list[dict[str, Any]]] = defaultdict(list)
    for answer in asked.answers:
        for row in answer.table.to_pylist():
            if row["as_of"] != asked.on:
                raise SourceError(
                    f"an answer is of {row['as_of']}, the run of {asked.on}",
                    where=answer.agreement.id,
                    to_do="Ask again for the day of the run.",
                )
            found[row["token"]].append(row)
    return dict(found)


def _people(answers: Sequence[WaitingAnswer], noticed: Sequence[bytes]) -> dict[bytes, _Known]:
    """Everybody named, and the noticed of whom nobody said anything, each under an id."""
    told: dict[bytes, dict[str, Any]] = {token: {} for token in noticed}
    for answer in answers:
        for row in answer.table.to_pylist():
            told.setdefault(row["token"], {})[row["item"]] = row["at"] if row["text"] is None else row["text"]
    return {token: _Known(str(said.get(_PERSON) or f"T{token.hex()[:16]}"), said) for token, said in told.items()}


def _tables(
    banded: Banded, ids: Mapping[str, str], before: frozenset[str], people: Mapping[bytes, _Known]
) -> dict[str, pa.Table]:
    """The run's tables with the noticed under the ids of the desk, everybody else under the token."""
    schools = {person.id: person.told.get("school") for person in people.values()}
    found = {}
    for name in ("indicators", "judgments", "notices", "reasons"):
        table: pa.Table = getattr(banded, name)
        named = [ids.get(person, person) for person in table.column("person_id").to_pylist()]
        table = table.set_column(0, "person_id", pa.array(named, pa.string()))
        if name == "notices":
            known = [person in before for person in named]
            table = table.set_column(table.column_names.index("is_known_before"), "is_known_before", pa.array(known))
            of_school = pa.array([schools.get(person) for person in named], pa.string())
            table = table.set_column(table.column_names.index("school"), "school", of_school)
        found[name] = table
    return found


def _persons(
    answers: Mapping[bytes, Sequence[Any]], ids: Mapping[str, str], people: Mapping[bytes, _Known]
) -> pa.Table:
    rows = []
    for token in answers:
        known = people.get(token)
        said = known.told if known else {}
        rows.append(
            {
                "person_id": ids.get(token.hex(), token.hex()),
                "register_state": "read",
                "birth_date": said.get("birth_date"),
                "sex": said.get("sex"),
                "household_id": said.get("household"),
                "school": said.get("school"),
                "in_scope": True,
            }
        )
    return PERSONS.sorted(pa.Table.from_pylist(rows, schema=PERSONS.schema))


def _identities(people: Mapping[bytes, _Known], noticed: Sequence[bytes], on: dt.date) -> pa.Table:
    rows = []
    for token, person in people.items():
        said = person.told
        birth = said.get("birth_date")
        rows.append(
            {
                **{name: said.get(name) for name in ("relation", "name", "kana", "alias", "sex", "address")},
                **{name: said.get(name) for name in ("school", "school_name", "class_name")},
                "person_id": person.id,
                "household_id": said.get("household"),
                "is_noticed": token in set(noticed),
                "birth_date": birth,
                "grade": school_grade(birth, fiscal_year(on)) if birth else None,
            }
        )
    return IDENTITIES.sorted(pa.Table.from_pylist(rows, schema=IDENTITIES.schema))


def _noticed_before(previous: RunFolder | None) -> frozenset[str]:
    return frozenset(previous.table("notices").column("person_id").to_pylist()) if previous else frozenset()


def _counts(
    city: City, asked: Asked, banded: Banded, people: Mapping[bytes, _Known], noticed: Sequence[bytes]
) -> HolderCounts:
    children = len(set(banded.judgments.column("person_id").to_pylist()))
    levels = Counter(banded.notices.column("level").to_pylist())
    ranks = {level.name: level.rank for level in city.criteria.overall.levels}
    return HolderCounts(
        holders={one.agreement.holder: len(one.agreement.wanted) for one in asked.answers},
        children=children,
        noticed={level: levels[level] for level in sorted(levels, key=lambda name: ranks[name])},
        capacity=city.criteria.capacity,
        undecided={code: _told(count) for code, count in sorted(banded.undecided.items())},
        between=_told(banded.between),
        unnamed=sum(1 for token in noticed if "name" not in people[token].told),
    )


def _told(count: int) -> int | None:
    return None if 0 < count < LEAST else count


def _doubts(answers: Sequence[WaitingAnswer]) -> dict[str, list[Doubt]]:
    """Organisation -> alarms about its log, each once; those without any left away."""
    found: dict[str, list[Doubt]] = {}
    for one in answers:
        for doubt in one.doubts:
            of_holder = found.setdefault(one.agreement.holder, [])
            if doubt not in of_holder:
                of_holder.append(doubt)
    return found


def _in_words(doubts: Mapping[str, Sequence[Doubt]]) -> dict[str, list[str]]:
    return {holder: [one.said for one in found] for holder, found in doubts.items()}


def _manifest(city: City, asked: Asked, counts: HolderCounts, doubts: Mapping[str, Sequence[Doubt]]) -> dict[str, Any]:
    agreements = {
        one.agreement.id: {
            "holder": one.agreement.holder,
            "version": one.agreement.version,
            "sha256": one.agreement.hash,
            "rows": one.table.num_rows,
        }
        for one in asked.answers
    }
    return {
        "program": {"name": "tsunagu", "version": __version__},
        "municipality": {"id": city.municipality.id, "ja": city.municipality.ja, "en": city.municipality.en},
        "on": asked.on.isoformat(),
        "delivery_as_of": asked.on.isoformat(),
        "forced": "",
        "purpose": city.purpose.__dict__,
        "criteria": {"id": city.criteria.id, "version": city.criteria.version},
        "programmes": [],
        "link_model": {},
        "carries_addresses": False,
        "city_files": dict(city.files),
        "inputs": {},
        "agreements": agreements,
        "doubted": {holder: [asdict(one) for one in found] for holder, found in doubts.items()},
        "marks": Marks(asked.key).check,
        "link_decisions": None,
        "previous_run": asked.previous.manifest["seal"] if asked.previous else None,
        "counts": counts.as_json(),
    }
