"""What another version of the criteria would change: who enters, leaves and stays, as counts and never as names."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.evaluation.backtest import on_a_list
from tsunagu.evaluation.plan_counts import GROUPS, GroupCounts, Said, every_pair
from tsunagu.evaluation.small_counts import LEAST, shown, told
from tsunagu.indicators.calendar import fiscal_year, grade_in
from tsunagu.screening.criteria import Criteria, level_count
from tsunagu.screening.screen import Screened

DIVISIONS = ("school", "ward", "age", "sex", "list")
_STAGES = ((0, "before school"), (6, "grades 1 to 6"), (9, "grades 7 to 9"), (12, "grades 10 to 12"))


@dataclass(frozen=True)
class Group:
    """One group of children. None: too few to be told, nobody among them, or another number would tell it.

    levels     (old level, new level) with the count, for every two levels that may be together in the group
    divisions  the same children by school, ward (where the city has such), age, sex and whether a list knew them,
               each part with its count; where the total is not told, no part is
    """

    name: str
    total: int | None
    levels: tuple[tuple[str, str, int | None], ...]
    divisions: Mapping[str, tuple[tuple[str, int | None], ...]]


@dataclass(frozen=True)
class Plan:
    """old, new: the criteria by id@version; listed: how many each of them lists, of how many in scope. None: not told.

    capacity  (criteria, level, children, how many the city can see at a time) of each level that says it
    """

    on: dt.date
    old: str
    new: str
    in_scope: int
    listed: tuple[int | None, int | None]
    capacity: tuple[tuple[str, str, int | None, int], ...]
    groups: tuple[Group, ...]

    def as_json(self) -> dict[str, Any]:
        """The same as plain values, null where a count is not told."""
        return {
            **{name: getattr(self, name) for name in ("old", "new", "in_scope")},
            "on": self.on.isoformat(),
            "listed": dict(zip(("old", "new"), self.listed, strict=True)),
            "capacity": [
                {"criteria": name, "level": level, "children": children, "capacity": most}
                for name, level, children, most in self.capacity
            ],
            "groups": {
                g.name: {
                    "total": g.total,
                    "levels": [{"old": old, "new": new, "children": n} for old, new, n in g.levels],
                    **{division: dict(parts) for division, parts in g.divisions.items()},
                }
                for g in self.groups
            },
        }

    def lines(self) -> list[str]:
        """The same for a person to read."""
        return list(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.in_scope:,} children in scope on {self.on}"
        yield f"{self.old} lists {shown(self.listed[0])}, {self.new} lists {shown(self.listed[1])}"
        for name, level, children, most in self.capacity:
            yield f"{name}: {f'{level} not told' if children is None else level_count(level, children, most)}"
        for group in self.groups:
            yield f"{group.name}: {shown(group.total)}"
            if group.total:
                yield from _parts_in_lines(group)
        yield "Another plan of the same day can be subtracted from this one: pass on one of them alone."


def _parts_in_lines(group: Group) -> Iterator[str]:
    told_pairs = [(old, new, count) for old, new, count in group.levels if count is not None]
    for old, new, count in told_pairs:
        yield f"  {old} to {new}: {count:,}"
    if len(told_pairs) < len(group.levels):
        yield f"  {'all others' if told_pairs else 'by level'}: {shown(None)}"
    for division, parts in group.divisions.items():
        told_parts = ", ".join(f"{part} {shown(count)}" for part, count in parts)
        is_told = any(count is not None for _part, count in parts)
        yield f"  by {division}: {told_parts if is_told else 'too few to be told'}"


def plan(
    old: tuple[Criteria, Screened],
    new: tuple[Criteria, Screened],
    *,
    facts: pa.Table,
    lists: Collection[str],
    on: dt.date,
    wards: Mapping[str, str] | None = None,
) -> Plan:
    """Both versions on the same persons and facts, compared child by child and told as counts.

    facts  PERSON_FACTS, asked for one thing: whether a child stands on a list that school or welfare keeps
    lists  catalogue items that are such lists
    wards  school code -> ward; without any, nothing is counted by ward
    """
    children = {row["person_id"]: row for row in new[1].persons.to_pylist()}
    known = on_a_list(facts, lists, on)
    before, after = _said(*old), _said(*new)
    parts = {id: {**parts_of(children[id], on), "list": _list(id, known)} for id in before.levels.keys() | after.levels}
    if wards:
        for own in parts.values():
            own["ward"] = wards.get(own["school"], "no ward known")
    return compare(before, after, parts, on)


def compare(old: Said, new: Said, parts: Mapping[str, Mapping[str, str]], on: dt.date) -> Plan:
    """The two compared child by child and told as counts.

    parts  of each child, its part in every division
    """
    groups: dict[str, list[str]] = {name: [] for name in GROUPS}
    for id in sorted(parts):
        if id in old.listed or id in new.listed:
            is_same = old.levels.get(id) == new.levels.get(id)
            groups[_group(id in old.listed, id in new.listed, is_same)].append(id)
    divisions = [d for d in DIVISIONS if any(d in own for own in parts.values())]
    every = {division: sorted({p[division] for p in parts.values()}, key=_place) for division in divisions}
    none = new.criteria.overall.none.name
    moved = {
        name: Counter((old.levels.get(id, none), new.levels.get(id, none)) for id in ids)
        for name, ids in groups.items()
    }
    pairs = {name: every_pair(name, old, new, moved[name]) for name in GROUPS}
    counts = GroupCounts({"old": old, "new": new}, pairs)
    return Plan(
        on=on,
        old=old.criteria.name,
        new=new.criteria.name,
        in_scope=len(parts),
        listed=(counts.of("listed old"), counts.of("listed new")),
        capacity=tuple(
            (said.criteria.name, level, counts.of(f"{side} {level}"), most)
            for side, said in (("old", old), ("new", new))
            for level, most in said.criteria.capacity.items()
        ),
        groups=tuple(
            Group(
                name=name,
                total=counts.of(name),
                levels=counts.levels(name),
                divisions=_divided(ids, parts, every, is_told=counts.of(name) is not None),
            )
            for name, ids in groups.items()
        ),
    )


def _said(criteria: Criteria, screened: Screened) -> Said:
    return Said(criteria, _levels(screened), _listed(screened))


def _levels(screened: Screened) -> dict[str, str]:
    """The overall level of each child in scope."""
    rows = screened.judgments.filter(pc.equal(screened.judgments.column("judgment"), "overall"))
    return dict(zip(rows.column("person_id").to_pylist(), rows.column("level").to_pylist(), strict=True))


def _listed(screened: Screened) -> frozenset[str]:
    return frozenset(screened.notices.column("person_id").to_pylist())


def _group(is_before: bool, is_after: bool, is_same: bool) -> str:
    if is_before != is_after:
        return "enters" if is_after else "leaves"
    return "stays" if is_same else "moves"


def parts_of(child: Mapping[str, Any], on: dt.date) -> dict[str, str]:
    """The school, the stage of life and the sex of a row of PERSONS, as the divisions name them."""
    born = child["birth_date"]
    grade = grade_in(fiscal_year(on), born) if born else None
    stage = next((name for most, name in _STAGES if grade is not None and grade <= most), "not known")
    return {
        "school": child["school"] or "no municipal school",
        "age": stage,
        "sex": {"1": "male", "2": "female"}.get(child["sex"], "not known"),
    }


def _list(id: str, known: Collection[str]) -> str:
    return "known to a list" if id in known else "known to none"


def _place(part: str) -> tuple[int, str]:
    """Stages of life in their order, everything else by its name."""
    stages = [name for _most, name in _STAGES]
    return (stages.index(part) if part in stages else len(stages), part)


def _within(
    wards: Mapping[str, int | None],
    parts: Mapping[str, Mapping[str, str]],
    schools: Sequence[str],
    counted: Mapping[str, Mapping[str, int]],
) -> tuple[int | None, ...]:
    """The schools of each ward told as parts of that ward: beside the sum of all schools, that of a ward is known too,
    and what one school hides could be worked out from it. Of a ward that is not told no school is."""
    lies_in = {own["school"]: own["ward"] for own in parts.values()}
    found: dict[str, int | None] = dict.fromkeys(schools)
    for ward, total in wards.items():
        here = [school for school in schools if lies_in[school] == ward]
        if total is not None and total > (LEAST - 1) * len(here):
            found |= zip(here, told([counted["school"][school] for school in here]).parts[0], strict=True)
    return tuple(found[school] for school in schools)


def _divided(
    ids: Sequence[str],
    parts: Mapping[str, Mapping[str, str]],
    every: Mapping[str, Sequence[str]],
    *,
    is_told: bool,
) -> dict[str, tuple[tuple[str, int | None], ...]]:
    """A group by each division, told so that none tells what another hides; of nobody no part is told.

    is_told  whether the group's total is
    """
    counted = {division: Counter(parts[id][division] for id in ids) for division in every}
    numbers = {d: [counted[d][part] for part in every[d]] for d in every}
    # Whether a division is told follows from the total and from how many parts it has, so that leaving it out says
    # nothing: of parts that are all small and alike, which the total would give away, there can be none then.
    open_to = [d for d, parted in numbers.items() if is_told and len(ids) > (LEAST - 1) * len(parted)]
    if "ward" in numbers and "school" in open_to:
        open_to.remove("school")  # told below, ward by ward
    shown = dict(zip(open_to, told(*(numbers[d] for d in open_to)).parts, strict=True)) if open_to else {}

    def of(division: str) -> tuple[int | None, ...]:
        return shown.get(division, (None,) * len(numbers[division]))

    if "ward" in numbers:
        shown["school"] = _within(dict(zip(every["ward"], of("ward"), strict=True)), parts, every["school"], counted)

    return {d: tuple(zip(every[d], of(d), strict=True)) for d in every}
