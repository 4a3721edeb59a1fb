"""Parts that many answers share, and what a write gives back."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal

from ninja import Path
from pydantic import BaseModel, ConfigDict, Field

PersonId = Annotated[
    str,
    Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$", description="The child's number, as in the desk's addresses."),
]
Number = Annotated[int, Path(ge=0, le=2**31 - 1, description="The number, as in the desk's addresses.")]


class Shape(BaseModel):
    """Nothing that is not described here: neither asked nor answered."""

    model_config = ConfigDict(extra="forbid")


class Hidden(Shape):
    """A part that is kept from the viewer. It is missing from the answer: null means that nobody knows, or none."""

    field: str = Field(description="Name of the part; `facts.tax` is a department of the facts.")
    code: Literal["not_shown"]
    sentence: str = Field(description="In the language chosen at the desk, as the page says it.")


class Person(Shape):
    """A child as far as the viewer may know who it is."""

    person_id: str
    name: str | None = None
    kana: str | None = None
    birth_date: dt.date | None = None
    hidden: list[Hidden]


class StaffMember(Shape):
    staff_id: int
    name: str


class ChildVoice(Shape):
    """What the child said or wished to a decision, or why nobody knows. said: heard, not_asked, could_not, unknown."""

    said: str
    words: str | None


class StepTaken(Shape):
    """One row of what happened. by: null where the desk itself did it.

    voice  of a step that decides about the child: null where nobody recorded one
    """

    number: int = Field(description="The revision after the step.")
    step: str
    source: str | None = Field(description="The state before; null for the first step.")
    target: str
    reason: str | None
    by: str | None
    at: dt.datetime
    voice: ChildVoice | None = None


class NextStep(Shape):
    """A step that this person could take now."""

    step: str
    sentence: str


class Receipt(Shape):
    """What a write made: no word of anybody. A repeated request gives the first one's."""

    number: int
    state: str
    revision: int


class Act(Shape):
    """What every write carries."""

    form: uuid.UUID = Field(description="A mark made by the caller, new for each act; the same again acts once.")


class Seen(Act):
    seen: int = Field(ge=1, le=2**31 - 1, description="The revision on which the caller decided.")


class ListPage(Shape):
    """count: of all pages. page: the one given; beyond the last one it is the last one."""

    count: int
    page: int
    pages: int


class Error(Shape):
    field: str
    code: str
    sentence: str


class Now(Shape):
    state: str
    revision: int


class Problem(Shape):
    """RFC 9457 (`application/problem+json`), with a code that stays and sentences in the language of the desk."""

    status: int
    code: str
    title: str
    detail: str | None = None
    errors: list[Error] | None = None
    now: Now | None = None
