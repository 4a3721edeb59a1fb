"""What the copy of a plan says, for each of its readers. It holds no address, no level and no reason of a notice.

The guardian's copy has no word of the child's unless the child agreed, and is then the same as if there were none.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tsunagu.casework.choices import load_choices
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.days import long_day, short_day
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.who import who
from tsunagu_web.plans.models import Goal, PlanContent, Service, SupportPlan
from tsunagu_web.plans.ruby import Line, fixed, free, of_name

READERS = ("child", "guardian", "file")
Row = tuple[Line, Line]


@dataclass(frozen=True)
class Section:
    """heading with its lines, its list, or its tables of two columns."""

    heading: Line
    lines: tuple[Line, ...] = ()
    items: tuple[Line, ...] = ()
    tables: tuple[tuple[Row, ...], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (any(self.lines) or self.items or self.tables)


@dataclass(frozen=True)
class Copy:
    """language: of the fixed wording; draft: a line for a plan that nobody has approved yet."""

    language: str
    title: Line
    draft: Line
    intro: tuple[Line, ...]
    sections: tuple[Section, ...]
    closing: tuple[Line, ...] = ()


def copy_for(reader: str, viewer: Viewer, child: Child, plan: SupportPlan, content: PlanContent) -> Copy:
    """The copy for `child`, `guardian` or `file`; content: the version it is of, with goals and services."""
    if reader == "file":
        return _for_the_file(viewer, child, plan, content)
    return _for_the_family(reader, viewer, child, plan, content)


@lru_cache(maxsize=1)
def wording() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("wording.toml").read_text(encoding="utf-8"))


def day_line(day: dt.date) -> Line:
    """A day as a child reads it: 2026年9月20日, with はつか above the last."""
    said = wording()["day"]
    last = said.get(str(day.day)) or said["day"].format(day=day.day)
    return fixed(said["year_and_month"].format(year=day.year, month=day.month) + last)


def _for_the_family(reader: str, viewer: Viewer, child: Child, plan: SupportPlan, content: PlanContent) -> Copy:
    said = wording()[reader]
    is_guardian = reader == "guardian"
    shows_child = not is_guardian or content.may_be_shown_to_guardian
    named = who(viewer, child)
    name = free(_("Hidden for your role and purpose")) if named.is_hidden else of_name(named.name, named.kana)
    goals = [g for g in content.goals.all() if shows_child or g.words_of != Goal.Words.CHILD]
    period = _between(said["from_to"], content.starts_on, content.ends_on)
    sections = [
        Section(fixed(said["name"]), (name,)),
        Section(fixed(said["period"]), (period,)),
        Section(fixed(said["child_words"]), _paragraphs(content.child_words if shows_child else "")),
        *([Section(fixed(said["guardian_words"]), _paragraphs(content.guardian_words))] if is_guardian else []),
        Section(fixed(said["goals"]), items=tuple(free(g.text) for g in goals)),
        Section(fixed(said["services"]), tables=tuple(_service(said, s) for s in content.services.all())),
        Section(fixed(said["review"]), (day_line(content.review_on),)),
        *([_agreement(said, content)] if is_guardian else []),
        Section(fixed(said["contact"]), (_whom_to_ask(plan),)),
    ]
    return Copy(
        "ja",
        fixed(said["title"]),
        () if plan.approved else fixed(said["draft"]),
        tuple(fixed(line) for line in said["intro"]),
        tuple(section for section in sections if not section.is_empty),
        tuple(fixed(line) for line in said["closing"]),
    )


def _whom_to_ask(plan: SupportPlan) -> Line:
    """The lead worker, and the office's telephone where the city gives one: one line, which no page's end parts."""
    lead, telephone = plan.case.lead, load_choices(settings.ENVIRONMENT.city).telephone
    named = free(f"{lead.department} {lead.name}")
    if not telephone:
        return named
    return (*named, *free("　"), *fixed(wording()["telephone"]["telephone"]), *free(f" {telephone}"))


def _agreement(said: dict[str, Any], content: PlanContent) -> Section:
    """What the guardian said of the plan; what the child alone said is the child's."""
    heading = fixed(said["agreement"])
    if content.agreed_on is None or content.agreed_by == PlanContent.Who.CHILD:
        return Section(heading)
    return Section(
        heading, ((*fixed(wording()["agreement"][content.agreement]), *free("　"), *day_line(content.agreed_on)),)
    )


def _service(said: dict[str, Any], service: Service) -> tuple[Row, ...]:
    kind = wording()["kind"].get(service.kind)
    until = _between(said["from_to"], service.starts_on, service.ends_on)
    rows = [
        (said["what"], free(service.what)),
        (said["kind"], fixed(kind) if kind else ()),
        (said["who"], free(service.responsible)),
        (said["when"], until),
        (said["how_often"], free(service.how_often)),
    ]
    return tuple((fixed(label), line) for label, line in rows if line)


def _between(pattern: str, first: dt.date, last: dt.date | None) -> Line:
    before, _mark, rest = pattern.partition("{0}") if last else wording()["day"]["open_end"].partition("{0}")
    between, _mark, after = rest.partition("{1}")
    return (*fixed(before), *day_line(first), *fixed(between), *(day_line(last) if last else ()), *fixed(after))


def _paragraphs(text: str) -> tuple[Line, ...]:
    return tuple(free(line) for line in text.splitlines() if line.strip())


def _for_the_file(viewer: Viewer, child: Child, plan: SupportPlan, content: PlanContent) -> Copy:
    named = who(viewer, child)
    shown = _("Yes") if content.may_be_shown_to_guardian else _("No")
    top = _rows(
        (_("Child"), _("Hidden for your role and purpose") if named.is_hidden else f"{named.name} {named.kana}"),
        (_("Case"), str(plan.case.number)),
        (_("Plan"), f"{plan.number}-{content.number}"),
        (_("Standing"), plan.get_state_display()),
        (_("Lead worker"), plan.case.lead.name),
        (_("Period"), f"{long_day(content.starts_on)} - {long_day(content.ends_on)}"),
        (_("Review on"), long_day(content.review_on)),
        (_("Agreement"), content.get_agreement_display()),
        (_("Who said so"), content.get_agreed_by_display()),
        (_("On which day"), long_day(content.agreed_on)),
        (_("The child agrees that its words stand in the guardian's copy"), shown),
        (_("Written by"), content.by.name),
    )
    services = tuple(
        _rows(
            (_("Help"), s.what),
            (_("Kind"), s.get_kind_display()),
            (_("Who answers for it"), s.responsible),
            (_("Days"), f"{short_day(s.starts_on)} - {short_day(s.ends_on)}"),
            (_("How often"), s.how_often),
        )
        for s in content.services.all()
    )
    goals = tuple(free(f"{g.text}（{g.get_words_of_display()}）") for g in content.goals.all())
    sections = [
        Section(free(_("Support plan")), tables=(top,)),
        Section(free(_("The child's own words")), _paragraphs(content.child_words)),
        Section(free(_("The guardian's own words")), _paragraphs(content.guardian_words)),
        Section(free(_("Goals")), items=goals),
        Section(free(_("Help")), tables=services),
    ]
    draft = free("" if plan.approved else _("Draft: nobody has approved this plan yet."))
    title = free(_("Support plan, copy for the file"))
    return Copy(get_language() or "ja", title, draft, (), tuple(s for s in sections if not s.is_empty))


def _rows(*rows: tuple[str, str]) -> tuple[Row, ...]:
    return tuple((free(label), free(value)) for label, value in rows if value)


def texts_of(copy: Copy) -> Iterable[Line]:
    """Every line of a copy, in the order of reading."""
    yield from (copy.title, copy.draft, *copy.intro)
    for section in copy.sections:
        yield from (section.heading, *section.lines, *section.items)
        for table in section.tables:
            for row in table:
                yield from row
    yield from copy.closing
