"""What the papers of a notification say, each from the one entry: receipt sheet, investigation list, hand-over.

Who notified is in none of them: nothing here reads the sealed row. Third parties are marked in what stays here and left
out of what leaves. No estimate, no similar case and nothing of the rules stands in a paper. What nobody has written yet
is an empty field.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils import timezone, translation

from tsunagu.guidance.answers import State, of_text
from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.addresses.queries import address_now
from tsunagu_web.cases.days import short_day
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.who import who
from tsunagu_web.guidance_centre import meetings, urgency
from tsunagu_web.guidance_centre.choices import Course
from tsunagu_web.guidance_centre.marking import bracketed, without
from tsunagu_web.guidance_centre.models import AnsweredSheet, Meeting, Notification, Told
from tsunagu_web.guidance_centre.sheets import asked_of, kept_sheet, said
from tsunagu_web.outreach.models import Seer, SightConfirmation
from tsunagu_web.plans.copies import Copy, Row, Section
from tsunagu_web.plans.ruby import Line, free
from tsunagu_web.protection.models import Hearing, Protection

#: The papers of a notification, and to whom each goes.
GIVEN_TO = {"receipt": "own_office", "investigation": "own_office", "handover": "other_office"}
_EMPTY: Line = ()
_LINES_TO_FILL = 3


class ViewFirst(Exception):
    """What the sheet leaves open is not told before this person's own view of it is recorded (decision 0045)."""


@dataclass(frozen=True)
class Paper:
    """version: of the steps, the sheet and the meeting it was made of, 0 where there is none: "4-1-2"."""

    copy: Copy
    version: str


@dataclass(frozen=True)
class Known:
    """What the desk holds of a notification, as far as this viewer may read it.

    third    names of third parties in all that was told of the child, one a line
    place    where the child is or lives, as it was said; "" where an address of this child is hidden now
    """

    child: Child
    row: Notification
    told: Told
    answered: AnsweredSheet | None
    meeting: Meeting | None
    sight: SightConfirmation | None
    hearing: Hearing | None
    protection: Protection | None
    third: str
    place: str

    @property
    def version(self) -> str:
        numbers = (self.row.revision, self.answered and self.answered.number, self.meeting and self.meeting.number)
        return "-".join(str(number or 0) for number in numbers)


def known_of(viewer: Viewer, child: Child, row: Notification) -> Known:
    """Reads it. The place is given only where the list of hidden addresses, read now, does not speak against it."""
    about = child.subject()

    def open_to(thing: Thing) -> bool:
        return may(viewer, thing, about=about)

    since = timezone.localdate(row.received_at)
    seen = SightConfirmation.objects.filter(child=child, seen_on__gte=since, taken_back__isnull=True)
    protections = Protection.objects.filter(child=child) if open_to(Thing.PROTECTION) else Protection.objects.none()
    hearings = Hearing.objects.filter(child=child) if open_to(Thing.PROTECTION) else Hearing.objects.none()
    told_of = Told.objects.filter(notification__child=child)
    return Known(
        child,
        row,
        row.told,
        urgency.newest(row) if open_to(Thing.URGENCY) else None,
        meetings.newest(row) if open_to(Thing.INTAKE_MEETING) else None,
        seen.select_related("by").order_by("-seen_on", "-pk").first() if open_to(Thing.SIGHT) else None,
        hearings.first(),
        protections.filter(state=Protection.State.UNDER_PROTECTION).first(),
        "\n".join(told_of.order_by("pk").values_list("third_parties", flat=True)),
        row.told.place if address_now(child.pk).is_shown else "",
    )


def paper_for(kind: str, viewer: Viewer, known: Known) -> Paper:
    """The paper of that kind, a key of GIVEN_TO. raises ViewFirst"""
    make = {"receipt": _receipt, "investigation": _investigation, "handover": _handover}[kind]
    with translation.override("ja"):
        return Paper(make(viewer, known), known.version)


@lru_cache(maxsize=1)
def wording() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("papers.toml").read_text(encoding="utf-8"))


def table(words: dict[str, str], *rows: tuple[str, str]) -> tuple[Row, ...]:
    """Rows of (name of the label, value); a row without a value stays, as a field to fill in."""
    return tuple((free(words[label]), free(" ".join(value.split()))) for label, value in rows)


def paragraphs(text: str) -> tuple[Line, ...]:
    """One a line; an empty line to write on where there is none."""
    return tuple(free(line) for line in text.splitlines() if line.strip()) or (_EMPTY,) * _LINES_TO_FILL


def moment(at: dt.datetime | None) -> str:
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{short_day(local.date())} {local:%H:%M}"


def closing(known_version: str) -> tuple[Line, ...]:
    """The line by which a paper is found again in the record of looks."""
    return (free(wording()["all"]["version"].format(known_version)),)


def child_rows(viewer: Viewer, known: Known) -> tuple[Row, ...]:
    """Who the child is: of the register where this person may know it, else as it was told."""
    words, named, told = wording()["all"], who(viewer, known.child), known.told
    born = named.birth_date or told.child_born
    return table(
        words,
        ("child", named.name or told.child_name),
        ("kana", named.kana or told.child_kana),
        ("born", short_day(born) if born else told.child_age),
        ("sex", words["sex_words"].get(told.child_sex, "")),
        ("place", known.place),
        ("guardian", ""),
    )


def sight_section(known: Known, *, is_leaving: bool) -> Section:
    words, seen = wording()["all"], known.sight
    seer = seen and (seen.by.name if seen.seen_by == Seer.OWN else f"{seen.get_seen_by_display()} {seen.seen_by_name}")
    hurt = seen and f"{seen.get_injuries_display()} {seen.injury_words}"
    rows = table(
        words,
        ("seen_on", short_day(seen.seen_on) if seen else ""),
        ("seen_by", seer or ""),
        ("condition", _text(known, seen.condition if seen else "", is_leaving)),
        ("injuries", _text(known, hurt or "", is_leaving)),
    )
    return Section(free(words["sight"]), tables=(rows,))


def meeting_section(known: Known, *, is_leaving: bool) -> Section:
    words, held = wording()["all"], known.meeting
    minutes = held.minutes if held else None
    rows = table(
        words,
        ("held_at", moment(minutes.held_at) if minutes else ""),
        ("course", minutes.get_course_display() if minutes else ""),
        ("state", held.get_state_display() if held else ""),
        ("known", _text(known, minutes.known if minutes else "", is_leaving)),
        ("reason", _text(known, minutes.reason if minutes else "", is_leaving)),
    )
    return Section(free(words["meeting"]), tables=(rows,))


def hearing_section(known: Known, hearing: Hearing | None, why_not: str = "") -> Section:
    """The child's own view, for what leaves the office."""
    words = wording()["all"]
    rows = table(
        words,
        ("heard_on", short_day(hearing.heard_on) if hearing else ""),
        ("outcome", hearing.get_outcome_display() if hearing else ""),
        ("words", _text(known, hearing.words if hearing else "", True)),
        *([("why_not_heard", _text(known, why_not, True))] if why_not else []),
    )
    return Section(free(words["hearing"]), tables=(rows,))


def account_section(known: Known, *, is_leaving: bool) -> Section:
    text = _text(known, known.told.account, is_leaving)
    return Section(free(wording()["all"]["account"]), paragraphs(text))


def left_out(known: Known, text: str) -> str:
    """For what leaves the office: nobody who is neither child nor guardian is named in it."""
    return without(text, known.third, wording()["all"]["masked"])


def _text(known: Known, text: str, is_leaving: bool) -> str:
    return left_out(known, text) if is_leaving else bracketed(text, known.third, wording()["all"]["third"])


def _receipt(viewer: Viewer, known: Known) -> Copy:
    words, row, told = wording()["receipt"], known.row, known.told
    both = {**wording()["all"], **words}
    is_told = urgency.may_read_decided(viewer, row)
    classes = kept_sheet(known.answered.sheet_version).by_class if known.answered and is_told else {}
    decided = said(classes[row.urgency].name) if row.urgency in classes else row.urgency if is_told else ""
    about = table(
        both,
        ("number", f"{known.child.pk} / {row.number}"),
        ("received_at", moment(row.received_at)),
        ("by", told.by.name),
        ("route", told.get_route_display()),
        ("complaint", told.get_complaint_display()),
        ("notifier", words["sealed"]),
        ("naming", told.get_naming_display()),
        ("see_by", moment(row.see_by)),
        ("urgency", decided),
    )
    as_told = table(
        both,
        ("child", told.child_name),
        ("kana", told.child_kana),
        ("born", short_day(told.child_born) if told.child_born else told.child_age),
        ("sex", both["sex_words"].get(told.child_sex, "")),
        ("place", known.place),
        ("registered", who(viewer, known.child).name),
        ("guardian", ""),
    )
    return _copy(
        words,
        known,
        Section(free(words["about"]), tables=(about,)),
        Section(free(words["of_child"]), tables=(as_told,)),
        account_section(known, is_leaving=False),
        Section(free(words["third_parties"]), paragraphs(told.third_parties)),
        sight_section(known, is_leaving=False),
        meeting_section(known, is_leaving=False),
        Section(free(words["decided"]), tables=(tuple((free(sign), _EMPTY) for sign in words["signs"]),)),
        draft=words["warning"],
    )


def _investigation(viewer: Viewer, known: Known) -> Copy:
    words, answered = wording()["investigation"], known.answered
    if answered is not None and urgency.view_of(viewer, answered, urgency.BEFORE) is None:
        raise ViewFirst
    both = {**wording()["all"], **words}
    named = who(viewer, known.child)
    about = table(
        both,
        ("child", named.name or known.told.child_name),
        ("received_at", moment(known.row.received_at)),
        ("complaint", known.told.get_complaint_display()),
        ("sheet", f"{answered.number}（{moment(answered.at)}）" if answered else ""),
    )
    # A table for each: one of all of them would begin on the next page and leave this one empty.
    questions = tuple(((free(title), _EMPTY),) for title in _open_questions(answered))
    to_fill = ((_EMPTY, _EMPTY),) * _LINES_TO_FILL
    return _copy(
        words,
        known,
        Section(free(words["about"]), tables=(about,)),
        Section(free(f"{words['open']}（{words['who']}）"), tables=questions or (to_fill,)),
        meeting_section(known, is_leaving=False),
        Section(free(f"{words['more']}（{words['who']}）"), tables=(to_fill,)),
        sight_section(known, is_leaving=False),
        draft=words["warning"],
    )


def _open_questions(answered: AnsweredSheet | None) -> Iterable[str]:
    """Of each question that is asked and has no answer, or the answer "not known": its words, in the sheet's order."""
    if answered is None:
        return
    for _heading, questions in asked_of(kept_sheet(answered.sheet_version), of_text(answered.answers)):
        for asked in questions:
            if asked.is_open and asked.state in ("", State.UNKNOWN.value):
                yield asked.title


def _handover(viewer: Viewer, known: Known) -> Copy:
    words, row = wording()["handover"], known.row
    both = {**wording()["all"], **words}
    began = known.protection.began_at if known.protection else None
    about = table(both, ("to", ""), ("from", ""), ("on", ""))
    case = table(
        both,
        ("received_at", moment(row.received_at)),
        ("complaint", known.told.get_complaint_display()),
        ("protection", moment(began)),
    )
    return _copy(
        words,
        known,
        Section(free(words["about"]), tables=(about, case)),
        Section(free(words["of_child"]), tables=(child_rows(viewer, known),)),
        account_section(known, is_leaving=True),
        sight_section(known, is_leaving=True),
        meeting_section(known, is_leaving=True),
        hearing_section(known, known.hearing),
        Section(free(words["why"]), (_EMPTY,) * _LINES_TO_FILL),
        Section(free(words["signature"]), tables=(table(both, ("signature", ""), ("office_head", "")),)),
        draft="" if _is_to_be_sent(known.meeting) else words["draft"],
    )


def _is_to_be_sent(meeting: Meeting | None) -> bool:
    is_upheld = meeting is not None and meeting.state == Meeting.State.UPHELD
    return is_upheld and meeting is not None and meeting.minutes.course == Course.SEND


def _copy(words: dict[str, Any], known: Known, *sections: Section, draft: str) -> Copy:
    return Copy("ja", free(words["title"]), free(draft), (), sections, closing(known.version))
