"""Shapes of referrals: what the sender prepares and sends, and what the recipient reads and answers."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from tsunagu_web.api.shapes.parts import Act, Hidden, NextStep, Person, Seen, Shape, StaffMember, StepTaken


class LeavingLine(Shape):
    """A line of what leaves, or left. One that a colleague of the sender may not see is named in `hidden` alone."""

    label: str | None = None
    value: str | None = None
    source: str | None = None
    as_of: str | None = None
    hidden: list[Hidden] = []


class Reply(Shape):
    number: int
    text: str
    by: str
    at: dt.datetime


class ReferralRow(Shape):
    number: int
    to: StaffMember
    state: str
    reply_until: dt.date
    open_until: dt.date
    sent_at: dt.datetime | None
    revision: int


class ReferralsOfChild(Shape):
    person: Person
    referrals: list[ReferralRow]


class Referral(ReferralRow):
    """print: of exactly the lines of this answer, for sending them; only for who may send, while nothing left.

    basis_note      stays with the sender's side: missing, and named in `hidden`, for the one who is asked
    warns_of_place  staff's own words look as if they held an address
    """

    person: Person
    purpose: str
    basis: str
    basis_note: str | None = None
    lines: list[LeavingLine]
    print: str | None
    may_change: bool
    warns_of_place: bool
    replies: list[Reply]
    steps: list[StepTaken]
    next: list[NextStep]
    hidden: list[Hidden] = []


class Recipients(Shape):
    role: str
    people: list[StaffMember]


class Offered(Shape):
    code: str
    name: str


class Choices(Shape):
    """Whom a referral can be sent to, what of the child can go with it, and the legal grounds."""

    recipients: list[Recipients]
    fields: list[Offered]
    grounds: list[Offered]


class ReferralText(Shape):
    to: int = Field(ge=1, le=2**31 - 1, description="One of the recipients that the choices name.")
    asked: str = Field(max_length=2_000)
    wish: str = Field("", max_length=1_000, description="What the child wishes.")
    fields: list[str] = Field([], max_length=100, description="Codes of the choices.")
    purpose: str = Field(max_length=400)
    basis: str = Field(max_length=20)
    basis_note: str = Field("", max_length=400)
    reply_until: dt.date
    open_until: dt.date


class NewReferral(ReferralText, Act):
    """A draft; nothing leaves."""


class ReferralChange(ReferralText):
    """A draft written anew. Without a mark: repeated, it is late and told what stands."""

    seen: int = Field(ge=1, le=2**31 - 1)


class Sending(Seen):
    print: str = Field(pattern=r"^[0-9a-f]{64}$", description="Of the lines that somebody looked at.")


class ReferralStep(Seen):
    step: str = Field(max_length=20)
    reason: str = Field("", max_length=400)


class ReceivedRow(Shape):
    """No name of a child: what was sent is opened one by one, and recorded."""

    number: int
    sent_by: StaffMember
    department: str
    sent_at: dt.datetime
    reply_until: dt.date
    state: str


class ReceivedReferrals(Shape):
    referrals: list[ReceivedRow]


class ReceivedReferral(ReceivedRow):
    """person_id: null until it is accepted; then the child's page is open, as far as the role may see."""

    person_id: str | None
    open_until: dt.date
    revision: int
    lines: list[LeavingLine]
    replies: list[Reply]
    next: list[NextStep]


class EndedReferral(Shape):
    """One that this person had taken on and somebody else ended: only that it is over, and since when. What was sent is
    closed, and why it ended is asked of the sender."""

    number: int
    sent_by: StaffMember
    department: str
    sent_at: dt.datetime
    state: str
    ended_at: dt.datetime


class NewReply(Act):
    text: str = Field(max_length=4_000)
