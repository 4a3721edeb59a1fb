"""Reminders to staff: of what somebody is told, who is told, from which day on, and to whom it goes when nobody acts.

A reminder follows from where the work stands: it is never typed, it comes with its day and it is gone once the matter
is settled. It says of which kind a matter is and its day; it opens nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

from tsunagu.casework.rules import laid_over, wrong


class Kind(StrEnum):
    """What somebody is told of, the most urgent first."""

    EMERGENCY_TO_REVIEW = "emergency_to_review"
    REASSESSMENT_OVERDUE = "reassessment_overdue"
    REASSESSMENT_BEGAN = "reassessment_began"
    NOT_SEEN = "not_seen"
    TASK_OVERDUE = "task_overdue"
    WATCH_DUE = "watch_due"
    SECOND_PERSON = "second_person"  # closing is proposed, and somebody else is to agree
    TRANSFER_LATE = "transfer_late"  # a case from another municipality has had no answer here in time
    TRANSFER_WAITS = "transfer_waits"  # one waits for an answer
    TRANSFER_ANSWERED = "transfer_answered"  # one of ours was answered there, and a person is to close or go on
    TRANSFER_TO_SEND = "transfer_to_send"  # one is prepared, and somebody else is to send it
    PLAN_TO_APPROVE = "plan_to_approve"
    ANSWER_DUE = "answer_due"  # a referral to somebody soon runs out
    REFERRAL_EXPIRES = "referral_expires"  # a referral of somebody's does
    REFERRAL_WAITS = "referral_waits"
    TASK_DUE = "task_due"
    TASK_GIVEN = "task_given"
    CONFERENCE = "conference"
    GRANT_ENDS = "grant_ends"
    REFERRAL_ANSWERED = "referral_answered"
    REFERRAL_ENDED = "referral_ended"  # one that somebody had taken on, and another ended
    PLAN_ANSWERED = "plan_answered"  # approved, or given back
    MAIL_NOT_SENT = "mail_not_sent"


class Who(StrEnum):
    """In which part somebody is told."""

    OWNER = "owner"  # of a task
    LEAD = "lead"  # worker of the case
    WRITER = "writer"  # of the plan, of the decision to watch
    SENDER = "sender"
    RECIPIENT = "recipient"
    ATTENDEE = "attendee"
    HOLDER = "holder"  # of an access that was given
    REVIEWER = "reviewer"  # of emergencies
    SUPERVISOR = "supervisor"  # of the team
    ADMINISTRATOR = "administrator"  # of the system


@dataclass(frozen=True)
class Rule:
    """One row of the table.

    tells       who is told first
    goes_on_to  who is told as well when nobody has acted after the days of `pass_on`
    is_ahead    told some days before the day itself
    is_news     over after some days, since there is nothing to settle
    """

    tells: tuple[Who, ...]
    goes_on_to: Who | None = None
    is_ahead: bool = False
    is_news: bool = False


TABLE: Mapping[Kind, Rule] = {
    Kind.EMERGENCY_TO_REVIEW: Rule((Who.REVIEWER,)),
    Kind.REASSESSMENT_OVERDUE: Rule((Who.LEAD,), Who.SUPERVISOR),
    Kind.REASSESSMENT_BEGAN: Rule((Who.LEAD,)),
    Kind.NOT_SEEN: Rule((Who.LEAD,), Who.SUPERVISOR),
    Kind.TASK_OVERDUE: Rule((Who.OWNER,), Who.SUPERVISOR),
    Kind.WATCH_DUE: Rule((Who.WRITER,), Who.SUPERVISOR),
    Kind.SECOND_PERSON: Rule((Who.SUPERVISOR,)),
    Kind.TRANSFER_LATE: Rule((Who.RECIPIENT, Who.SUPERVISOR)),
    Kind.TRANSFER_WAITS: Rule((Who.RECIPIENT,)),
    Kind.TRANSFER_ANSWERED: Rule((Who.LEAD, Who.SENDER)),
    Kind.TRANSFER_TO_SEND: Rule((Who.SUPERVISOR,)),
    Kind.PLAN_TO_APPROVE: Rule((Who.SUPERVISOR,)),
    Kind.ANSWER_DUE: Rule((Who.RECIPIENT,), is_ahead=True),
    Kind.REFERRAL_EXPIRES: Rule((Who.SENDER,), is_ahead=True),
    Kind.REFERRAL_WAITS: Rule((Who.RECIPIENT,)),
    Kind.TASK_DUE: Rule((Who.OWNER,), is_ahead=True),
    Kind.TASK_GIVEN: Rule((Who.OWNER,)),
    Kind.CONFERENCE: Rule((Who.ATTENDEE,), is_ahead=True),
    Kind.GRANT_ENDS: Rule((Who.HOLDER,), is_ahead=True),
    Kind.REFERRAL_ANSWERED: Rule((Who.SENDER,), is_news=True),
    Kind.REFERRAL_ENDED: Rule((Who.RECIPIENT,), is_news=True),
    Kind.PLAN_ANSWERED: Rule((Who.WRITER, Who.LEAD), is_news=True),
    Kind.MAIL_NOT_SENT: Rule((Who.ADMINISTRATOR,)),
}
AHEAD = tuple(kind for kind, rule in TABLE.items() if rule.is_ahead)
PASSED_ON = tuple(kind for kind, rule in TABLE.items() if rule.goes_on_to)


@dataclass(frozen=True)
class Choices:
    """What the city chose; days are whole and above 0, hours are of the clock.

    forget_days  a settled reminder is deleted after so many
    ahead    days before the day itself, by kind; pass_on: days after it
    at_once  kinds that do not wait for the mail of the day
    """

    news_days: int
    forget_days: int
    ahead: Mapping[Kind, int]
    pass_on: Mapping[Kind, int]
    digest_hour: int
    quiet_from: int
    quiet_to: int
    at_once: frozenset[Kind]
    is_at_once_on_days_off: bool


@dataclass(frozen=True)
class Matter:
    """A piece of work as it stands, of one kind.

    number  of the thing: the task, the referral, the case
    day     the day itself: when it is due, or when it came about
    people  numbers of staff in each part; nobody where a part is not filled
    """

    kind: Kind
    number: int
    day: dt.date
    people: Mapping[Who, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True, order=True)
class Told:
    """One person is told of one matter. is_passed_on: since others were told and nobody acted, or nobody was there."""

    staff: int
    kind: Kind
    number: int
    day: dt.date
    is_passed_on: bool = field(default=False, compare=False)


def told(matters: Iterable[Matter], *, on: dt.date, choices: Choices) -> frozenset[Told]:
    """Who is told of what on this day; each person once of each matter."""
    return frozenset(one for matter in matters for one in _of(matter, on, choices))


def is_open(matter: Matter, *, on: dt.date, choices: Choices) -> bool:
    """Whether the matter's days have come and, of news, are not over."""
    rule = TABLE[matter.kind]
    first = matter.day - dt.timedelta(days=choices.ahead[matter.kind]) if rule.is_ahead else matter.day
    is_over = rule.is_news and on > matter.day + dt.timedelta(days=choices.news_days)
    return first <= on and not is_over


def kind_by_day(
    due_on: dt.date, *, on: dt.date, choices: Choices, before: Kind | None, near: Kind | None, after: Kind | None
) -> Kind | None:
    """What a piece of work with a last day is on a day: `after` once the day is over, `near` in the days ahead of it,
    `before` until then. None: nobody is told."""
    if on > due_on:
        return after
    if near and on >= due_on - dt.timedelta(days=choices.ahead[near]):
        return near
    return before


def may_mail(now: dt.datetime, *, is_day_off: bool, is_at_once: bool, choices: Choices) -> bool:
    """Whether a mail may leave at this moment of the city's clock."""
    if _is_quiet(now.hour, choices):
        return False
    if is_at_once:
        return choices.is_at_once_on_days_off or not is_day_off
    return not is_day_off and now.hour >= choices.digest_hour


@cache
def load_choices(city: Path | None) -> Choices:
    """The city's choices, the standard where it chose nothing; SourceError for what is not known."""
    said = laid_over(city)["reminders"]
    mail = said["mail"]
    for name in ("digest_hour", "quiet_from", "quiet_to"):
        if not 1 <= mail[name] <= 23:
            raise wrong(f"the setting 'reminders.mail.{name}' must be an hour from 1 to 23", "Correct it.")
    if mail["at_once_on_days_off"] not in ("yes", "no"):
        raise wrong("the setting 'reminders.mail.at_once_on_days_off' must be yes or no", "Correct it.")
    if unknown := sorted(set(mail["at_once"]) - set(Kind)):
        raise wrong(f"'{unknown[0]}' is no kind of reminder", f"Known: {', '.join(Kind)}.")
    choices = Choices(
        news_days=said["news_days"],
        forget_days=said["forget_days"],
        ahead={kind: said["ahead"][kind] for kind in AHEAD},
        pass_on={kind: said["pass_on"][kind] for kind in PASSED_ON},
        digest_hour=mail["digest_hour"],
        quiet_from=mail["quiet_from"],
        quiet_to=mail["quiet_to"],
        at_once=frozenset(Kind(word) for word in mail["at_once"]),
        is_at_once_on_days_off=mail["at_once_on_days_off"] == "yes",
    )
    if _is_quiet(choices.digest_hour, choices):
        raise wrong("the setting 'reminders.mail.digest_hour' lies in the quiet hours", "Choose an hour outside.")
    return choices


def _of(matter: Matter, on: dt.date, choices: Choices) -> Iterable[Told]:
    if not is_open(matter, on=on, choices=choices):
        return
    rule = TABLE[matter.kind]
    first = frozenset[int]().union(*(matter.people.get(who, frozenset()) for who in rule.tells))
    for staff in first:
        yield Told(staff, matter.kind, matter.number, matter.day)
    is_late = rule.goes_on_to is not None and on >= matter.day + dt.timedelta(days=choices.pass_on[matter.kind])
    if is_late or not first:
        # Whoever it concerns may have left the office: the team's supervisors then stand in, whatever the kind.
        for staff in matter.people.get(rule.goes_on_to or Who.SUPERVISOR, frozenset()) - first:
            yield Told(staff, matter.kind, matter.number, matter.day, is_passed_on=True)


def _is_quiet(hour: int, choices: Choices) -> bool:
    if choices.quiet_from > choices.quiet_to:  # over midnight
        return hour >= choices.quiet_from or hour < choices.quiet_to
    return choices.quiet_from <= hour < choices.quiet_to
