"""What the list can be narrowed to, and who may narrow it by what: a filter tells what it is made of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import DOMAINS, Action, CaseState, Form, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Child, Fact, Reason, State
from tsunagu_web.conferences.models import AgendaItem
from tsunagu_web.outreach.queries import not_seen_in_time
from tsunagu_web.people.queries import known_on

SOON = dt.timedelta(days=7)


class Which(TextChoices):
    """Lists people work from, each a question of its own."""

    MINE = "mine", _("My cases")
    NEW = "unassigned", _("Nobody has decided yet")
    WATCH_DUE = "watch_due", _("To be looked at again within a week")
    OVERDUE = "overdue", _("The day to look again is over")
    REASSESS = "reassess", _("To be assessed again")
    NOT_SEEN = "not_seen", _("Not seen in time")


# What a list tells beside decisions.
_TELLS = {Which.REASSESS: Thing.REASSESSMENT, Which.NOT_SEEN: Thing.SIGHT}


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; empty means all. None of it is personal, so it may stand in the address.

    sign     code of a reason that holds; council: `no` for who is not in the register of the council
    meeting  `none` for an open case of which no conference has spoken yet
    """

    which: str = ""
    level: str = ""
    state: str = ""
    school: str = ""
    sign: str = ""
    council: str = ""
    meeting: str = ""

    @property
    def is_narrow(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))

    @property
    def plain(self) -> str:
        """The filters as an address's query."""
        return urlencode({f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name)})

    @property
    def given(self) -> list[tuple[str, str]]:
        """The filters that are set, for a form that goes on with them."""
        return [(f.name, getattr(self, f.name)) for f in fields(self) if getattr(self, f.name)]

    @property
    def query(self) -> str:
        """The same as the beginning of a query, to go on to another page."""
        return f"{self.plain}&" if self.plain else ""

    def without(self, *names: str) -> str:
        """The query without these, for a choice that takes their place."""
        kept = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in names}
        return urlencode({name: value for name, value in kept.items() if value})


def filters_from(viewer: Viewer, asked: QueryDict) -> Filters:
    """The filters in an address, each taken only from those who may know what it tells."""
    knows = may_filter_by(viewer)

    def given(name: str, *values: str) -> str:
        value = asked.get(name, "")[:40] if knows[name] else ""
        return value if not values or value in values else ""

    return Filters(
        which=given("which", *(key for key, _name in lists_of(viewer))),
        level=given("level"),
        state=given("state", *State.values),
        school=asked.get("school", "")[:20],
        sign=given("sign"),
        council=given("council", "no"),
        meeting=given("meeting", "none"),
    )


def may_filter_by(viewer: Viewer) -> dict[str, bool]:
    """By name of a filter: whether this person may know what it is made of."""
    decisions = may(viewer, Thing.DECISION)
    reasons = [Thing(f"reason.{domain}") for domain in DOMAINS]
    return {
        "which": decisions,
        "level": may(viewer, Thing.LEVEL),
        "state": decisions,
        "sign": all(any(may(viewer, one, form=form) for form in (Form.FULL, Form.WORDS)) for one in reasons),
        "council": may(viewer, Thing.FACT_WELFARE),
        "meeting": may(viewer, Thing.CONFERENCE, Action.EDIT),
    }


def lists_of(viewer: Viewer) -> list[tuple[str, str]]:
    """The lists this person can work from, by key and name."""
    if not may_filter_by(viewer)["which"]:
        return []
    return [(w.value, str(w.label)) for w in Which if w not in _TELLS or may(viewer, _TELLS[w])]


def asked_of(viewer: Viewer, filters: Filters, mine: QuerySet[Child]) -> QuerySet[Child]:
    """The rows by everything but level, state and school, which the list counts by."""
    today = timezone.localdate()
    match filters.which:
        case Which.MINE:
            mine = mine.filter(case_state=CaseState.OPEN, case__lead_id=viewer.staff_id)
        case Which.NEW:
            mine = mine.filter(state=State.NEW)
        case Which.WATCH_DUE:
            mine = mine.filter(state=State.WATCH, due_on__lte=today + SOON)
        case Which.OVERDUE:
            mine = mine.filter(state=State.WATCH, due_on__lt=today)
        case Which.REASSESS:
            mine = mine.filter(reassess_by__isnull=False)
        case Which.NOT_SEEN:
            mine = not_seen_in_time(mine)
    if filters.sign:
        mine = mine.filter(Exists(Reason.objects.filter(child=OuterRef("pk"), kind="sign", code=filters.sign)))
    if filters.council:
        registered = Fact.objects.filter(known_on(None), person_id=OuterRef("pk"), item="council_register")
        in_force = registered.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today), state="known")
        mine = mine.filter(~Exists(in_force))
    if filters.meeting:
        spoken_of = AgendaItem.objects.filter(child=OuterRef("pk"), conference__state__in=("held", "recorded"))
        mine = mine.filter(~Exists(spoken_of), case_state=CaseState.OPEN)
    return mine


def day_of(filters: Filters) -> tuple[str, ...]:
    """The day that is due, by which a list goes before level; none for a list that goes by level."""
    by_day = {Which.WATCH_DUE: "due_on", Which.OVERDUE: "due_on", Which.REASSESS: "reassess_by"}
    return (by_day[Which(filters.which)],) if filters.which in by_day else ()
