"""Shapes of cases and tasks."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from tsunagu_web.api.shapes.parts import Act, Hidden, ListPage, NextStep, Person, Seen, Shape, StaffMember, StepTaken


class Case(Shape):
    """kind, stage: codes of the desk; state: whether the work is open, closed or elsewhere."""

    number: int
    kind: str
    team: str
    lead: StaffMember
    stage: str
    state: str
    opened_on: dt.date
    closed_on: dt.date | None
    revision: int


class CaseRow(Case):
    person: Person


class Cases(ListPage):
    cases: list[CaseRow]


class TeamLeads(Shape):
    key: str
    name: str
    leads: list[StaffMember] = Field(description="Names say how many open cases somebody has, as on the page.")


class CaseOfChild(Shape):
    """case: null where none was opened. teams: to whom it can be given; empty for who may not.

    waits_for_another  closing was proposed, and somebody else decides
    """

    person: Person
    case: Case | None
    steps: list[StepTaken]
    next: list[NextStep]
    waits_for_another: bool
    teams: list[TeamLeads]
    hidden: list[Hidden]


class CasesQuery(Shape):
    model_config = {"extra": "ignore"}

    whose: Literal["mine", "team"] = "team"
    page: int = Field(1, ge=1, le=100_000)


class CaseStep(Seen):
    """voice: what the child said to it (said of ChildVoice), with its words; left out, none is recorded."""

    step: str = Field(max_length=20)
    reason: str = Field(max_length=400)
    voice: str = Field("", max_length=12)
    voice_words: str = Field("", max_length=2_000)


class CaseAssignment(Shape):
    """Without a mark: repeated, it is late and told what stands."""

    team: str = Field(max_length=40)
    lead: int = Field(ge=1, le=2**31 - 1)
    kind: str = Field(max_length=12)
    seen: int = Field(ge=1, le=2**31 - 1)


class TaskRow(Shape):
    """next: the steps from here. origin: by hand, or of a conference."""

    number: int
    what: str
    owner: StaffMember
    due_on: dt.date
    origin: str
    state: str
    revision: int


class TaskOfChild(TaskRow):
    next: list[NextStep]


class TaskAndChild(TaskRow):
    person: Person


class Tasks(ListPage):
    tasks: list[TaskAndChild]


class TasksOfChild(Shape):
    """owners: to whom a task can be given; empty for who may not set one."""

    person: Person
    tasks: list[TaskOfChild]
    owners: list[StaffMember]


class TasksQuery(Shape):
    model_config = {"extra": "ignore"}

    whose: Literal["mine", "team", "overdue"] = "mine"
    page: int = Field(1, ge=1, le=100_000)


class NewTask(Act):
    what: str = Field(max_length=400)
    owner: int = Field(ge=1, le=2**31 - 1)
    due_on: dt.date


class TaskStep(Seen):
    step: str = Field(max_length=20)
    reason: str = Field("", max_length=400)
