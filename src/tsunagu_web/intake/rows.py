"""The run folder's tables as rows of the desk: noticed children, their households, and nobody else.

The address of a name's row is not taken over: addresses come sealed, into a room of their own, or not at all. Nor does
the protection of an address leave a trace here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.errors import StateError
from tsunagu.runs.folder import RunFolder
from tsunagu_web.access.models import classroom_key
from tsunagu_web.cases.models import Child, Judgment, Reason
from tsunagu_web.cases.words import in_order
from tsunagu_web.people.models import Person
from tsunagu_web.people.register import Member

_NOT_TAKEN_OVER = ("address_suppression",)
_STRENGTH = {"2": 4, "1": 1}


@dataclass(frozen=True)
class Found:
    """What the desk keeps of a run. facts: by person, as a table; a city has a million of them."""

    children: list[Child]
    persons: list[Person]
    members: list[Member]
    judgments: list[Judgment]
    reasons: list[Reason]
    facts: pa.Table


def day_of(folder: RunFolder) -> dt.date:
    """The day the run speaks of; StateError when the manifest does not say."""
    try:
        return dt.date.fromisoformat(str(folder.manifest["on"]))
    except (KeyError, ValueError) as error:
        raise StateError(
            "the manifest does not say for which day the run was made",
            where=str(folder.path),
            to_do="Make the run again with `tsunagu run ... --on DATE`.",
        ) from error


def _facts_kept(folder: RunFolder, people: Collection[str]) -> pa.Table:
    """The facts of children and household members, without the protection of addresses and household numbers."""
    facts = folder.table("facts")
    is_kept = pc.and_(
        pc.is_in(facts.column("person_id"), pa.array(sorted(people), pa.string())),
        pc.invert(pc.is_in(facts.column("item"), pa.array(_NOT_TAKEN_OVER, pa.string()))),
    )
    kept = facts.filter(is_kept)
    # In the register's facts the label is the number of a household, which nobody at the desk needs.
    items = folder.vocabulary.get("items", {})
    register = [item for item, about in items.items() if about["domain"] == "register"]
    is_register = pc.is_in(kept.column("item"), pa.array(register, pa.string()))
    label = pc.if_else(is_register, pa.scalar(None, pa.string()), kept.column("label"))
    return kept.set_column(kept.column_names.index("label"), "label", label)


def read(folder: RunFolder, key: bytes) -> Found:
    """Every row the desk keeps. raises PurposeError when the key is not the run's."""
    notices = {row["person_id"]: row for row in folder.table("notices").to_pylist()}
    people = {row["person_id"]: row for row in _without_address(folder.identities(key)).to_pylist()}
    judgments = [row for row in folder.table("judgments").to_pylist() if row["person_id"] in notices]
    reasons = [row for row in folder.table("reasons").to_pylist() if row["person_id"] in notices]
    facts = _facts_kept(folder, people)
    seen = _last_seen(facts)
    strength = _strength(judgments)
    on = day_of(folder)
    return Found(
        children=[
            _child(notice, people.get(person, {}), on, seen.get(person), strength.get(person, 0))
            for person, notice in notices.items()
        ],
        persons=[_person(person, people.get(person, {})) for person in {**people, **notices}],
        members=[Member(person, row["household_id"] or "", row["relation"] or "") for person, row in people.items()],
        judgments=[_judgment(row) for row in judgments],
        reasons=_reasons(reasons, notices, folder.vocabulary),
        facts=facts.sort_by("person_id"),
    )


def _without_address(identities: pa.Table) -> pa.Table:
    return identities.drop_columns(["address"])


def _child(
    notice: Mapping[str, Any], who: Mapping[str, Any], on: dt.date, seen: dt.date | None, strength: int
) -> Child:
    return Child(
        person_id=notice["person_id"],
        is_listed=True,
        school=who.get("school") or notice["school"] or "",
        classroom=classroom_key(who.get("school"), who.get("grade"), who.get("class_name")),
        level=notice["level"],
        level_at_most=notice["at_most"],
        level_rank=notice["rank"],
        strength=strength,
        first_reason=notice["first_reason"] or "",
        is_known_before=notice["is_known_before"],
        first_noticed_on=on,
        last_seen_on=seen,
    )


def _person(person_id: str, who: Mapping[str, Any]) -> Person:
    return Person(
        person_id=person_id,
        name=_one_spaced(who.get("name")),
        kana=_one_spaced(who.get("kana")),
        alias=_one_spaced(who.get("alias")),
        birth_date=who.get("birth_date"),
        sex=who.get("sex") or "",
        school_name=who.get("school_name") or "",
        grade=who.get("grade"),
        class_name=who.get("class_name") or "",
    )


def _one_spaced(written: str | None) -> str:
    """A name with one narrow space between its parts; offices write a wide one, or several. No letter is changed."""
    return " ".join((written or "").split())


def _judgment(row: Mapping[str, Any]) -> Judgment:
    return Judgment(
        child_id=row["person_id"],
        judgment=row["judgment"],
        level=row["level"],
        at_least=row["at_least"],
        at_most=row["at_most"],
    )


def _reasons(
    found: list[dict[str, Any]], notices: Mapping[str, Mapping[str, Any]], words: Mapping[str, Any]
) -> list[Reason]:
    """Each child's reasons: the main one first, then in the order in which the criteria name them."""
    order = {code: place for place, code in enumerate([*in_order(words, "signs"), *in_order(words, "missing")])}

    def place(row: Mapping[str, Any]) -> tuple[Any, ...]:
        is_main = row["kind"] == "sign" and row["code"] == notices[row["person_id"]]["first_reason"]
        known = order.get(row["code"], len(order))
        return (row["person_id"], row["kind"] != "sign", not is_main, known, row["code"], row["indicator"])

    made: list[Reason] = []
    for row in sorted(found, key=place):
        is_next = bool(made) and made[-1].child_id == row["person_id"]
        made.append(_reason(row, place=made[-1].place + 1 if is_next else 0))
    return made


def _reason(row: Mapping[str, Any], *, place: int) -> Reason:
    return Reason(
        child_id=row["person_id"],
        place=place,
        kind=row["kind"],
        code=row["code"],
        judgment=row["judgment"],
        indicator=row["indicator"],
        number=row["number"],
        text=row["text"] or "",
        threshold=row["threshold"],
        window_from=row["window_from"],
        window_to=row["window_to"],
        at=row["at"],
        series=row["series"],
        source=row["source"],
        row_keys=row["row_keys"],
    )


def _strength(judgments: list[dict[str, Any]]) -> dict[str, int]:
    """For the order within one level: a judgment at 2 outweighs three at 1."""
    strength: dict[str, int] = {}
    for row in judgments:
        if row["judgment"] != "overall":
            strength[row["person_id"]] = strength.get(row["person_id"], 0) + _STRENGTH.get(row["level"], 0)
    return strength


def _last_seen(facts: pa.Table) -> dict[str, dt.date]:
    is_seen = pc.and_(pc.equal(facts.column("item"), "last_seen"), pc.equal(facts.column("state"), "known"))
    seen: dict[str, dt.date] = {}
    for row in facts.filter(is_seen).select(["person_id", "valid_from"]).to_pylist():
        if row["valid_from"] is not None:
            seen[row["person_id"]] = max(row["valid_from"], seen.get(row["person_id"], row["valid_from"]))
    return seen
