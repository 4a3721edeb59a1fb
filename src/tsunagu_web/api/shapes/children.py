"""Shapes of the list, the search and a child's page."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from tsunagu_web.api.shapes.parts import ChildVoice, Hidden, ListPage, Shape


class ListQuery(Shape):
    """The filters of the page; one that the viewer may not know narrows nothing."""

    model_config = {"extra": "ignore"}

    which: str = Field("", max_length=40, description="A list to work from: mine, unassigned, watch_due, ...")
    level: str = Field("", max_length=40)
    state: str = Field("", max_length=40)
    school: str = Field("", max_length=40)
    sign: str = Field("", max_length=40)
    council: str = Field("", max_length=40)
    meeting: str = Field("", max_length=40)
    page: int = Field(1, ge=1, le=100_000)


class SearchQuestion(Shape):
    """In the body, so that no name stands in an address."""

    words: str = Field(max_length=60, description="A name or a reading.")
    page: int = Field(1, ge=1, le=100_000)


class ChildRow(Shape):
    person_id: str
    name: str | None = None
    kana: str | None = None
    birth_date: dt.date | None = None
    level: str | None = None
    may_become: str | None = None
    age: int | None
    grade: str | None
    main_reason: str | None = None
    more_reasons: int = 0
    missing: list[str] = []
    watch: list[str] = []
    state: str | None = None
    due_in_days: int | None = None
    hidden: list[Hidden]


class Children(ListPage):
    children: list[ChildRow]


class Reason(Shape):
    """hidden: `values` where the viewer is told that it holds, in words without a value."""

    code: str
    sentence: str
    basis: str | None
    source: str
    hidden: list[Hidden]


class MissingPart(Shape):
    code: str
    sentence: str
    source: str


class HouseholdMember(Shape):
    person_id: str
    name: str | None = None
    relation: str
    age: int | None
    hidden: list[Hidden]


class DecisionMade(Shape):
    number: int
    outcome: str
    until: dt.date | None
    reason: str | None
    note: str | None
    by: str
    at: dt.datetime
    voice: ChildVoice | None = None


class FactLine(Shape):
    """value is empty where it is not known; state says which it is."""

    domain: str
    when: str
    item: str
    value: str
    state: str


class OfficeThatHolds(Shape):
    name: str
    items: list[str]


class ValueReached(Shape):
    """A value behind a reason, in its agreed band, for the day on which the holders answered."""

    indicator: str
    band: str
    as_of: dt.date


class HeldElsewhere(Shape):
    """One domain of a run over nodes: who keeps the records, and which values of the child reached the desk."""

    domain: str
    offices: list[OfficeThatHolds]
    reached: list[ValueReached]


class Place(Shape):
    address: str
    since: dt.date | None
    until: dt.date | None


class ChildPage(Shape):
    person_id: str
    name: str | None = None
    kana: str | None = None
    birth_date: dt.date | None = None
    level: str | None = None
    is_provisional: bool = False
    may_become: str | None = None
    age: int | None
    grade: str | None
    reasons: list[Reason] = []
    missing: list[MissingPart] = []
    watch: list[str] = []
    judgments: dict[str, str] = {}
    household: list[HouseholdMember] = []
    decisions: list[DecisionMade] = []
    facts: list[FactLine]
    held_elsewhere: list[HeldElsewhere] = []
    address: str | None = None
    former_addresses: list[Place] = []
    hidden: list[Hidden]
