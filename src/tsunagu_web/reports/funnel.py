"""How far the help has come: of the children first noticed in a month, how many stand at which step; and how many of
the same children no list of school or welfare knew on that day.

What counts as each step is said once, in docs/how-to/see-how-the-work-stands.md.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from django.db.models import BooleanField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, TextChoices, Value, When
from django.db.models import Case as Choose
from django.db.models.functions import Coalesce, Least, TruncDate, TruncMonth
from django.utils.translation import gettext_lazy as _

from tsunagu.evaluation.small_counts import told
from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import the_program, widen
from tsunagu_web.access.terms import Action, Form, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.assessment.models import Assessment
from tsunagu_web.cases.models import Child, Decision, Run, State
from tsunagu_web.outreach.models import Contact, Result, SightConfirmation
from tsunagu_web.plans.models import Service
from tsunagu_web.reports import no_mark
from tsunagu_web.steps.models import Step

_NEVER = dt.date.max
# How many children stand at a step, were first noticed on a day, and were known to a list or not.
Group = tuple[str, dt.date, bool, int]


class Furthest(TextChoices):
    """The furthest step that the desk's records show, whether or not an earlier one was left out."""

    NOTHING = "nothing", _("Nothing decided yet")
    DECIDED = "decided", _("Somebody decided")
    ASSESSED = "assessed", _("Assessed")
    PLANNED = "planned", _("A plan was approved")
    CONNECTED = "connected", _("Connected")
    FOLLOWED_UP = "followed_up", _("Followed up")
    ELSEWHERE = "elsewhere", _("Not known: supported before")


@dataclass(frozen=True)
class Month:
    """Children first noticed in a month, by their furthest step, in the order of Furthest. None: not told.

    marks  the same children by what lists knew of them, in the parts there are (no_mark.division); empty where the
           city has chosen no list
    """

    first_day: dt.date
    total: int | None
    counts: tuple[int | None, ...]
    marks: dict[str, int | None]

    @property
    def named(self) -> list[tuple[str, int | None]]:
        return list(zip(Furthest.labels, self.counts, strict=True))

    @property
    def known_to_lists(self) -> list[tuple[str, bool, int | None]]:
        """Every part by name, whether anybody can be in it this month, and how many are."""
        return [(str(label), part in self.marks, self.marks.get(part)) for part, label in no_mark.LABELS.items()]


def last_day_told(viewer: Viewer, today: dt.date) -> dt.date:
    """Today for a team. For the city the last day of the month before: from one day to the next, one child's step
    would be read off the difference."""
    return today if may(viewer, Thing.REPORT) else today.replace(day=1) - dt.timedelta(days=1)


def months(viewer: Viewer, until: dt.date, run: Run | None, lists: no_mark.Lists) -> list[Month]:
    """The months in which somebody was first noticed, newest first, as it stood at the end of that day."""
    form = Form.FULL if may(viewer, Thing.REPORT) else Form.COUNT
    if form is Form.FULL:
        widen(viewer, Thing.REPORT, Action.VIEW)
    with nullcontext() if form is Form.FULL else the_program():  # children who are not in reach one by one
        noticed = Child.objects.filter(first_noticed_on__lte=until, known_from__lte=until)
        rows = _with_furthest(visible_to(viewer, noticed, thing=Thing.REPORT, form=form), until)
        known = no_mark.is_known(run, lists) if run and lists.items else Value(False, output_field=BooleanField())
        groups = rows.annotate(known=known).values_list("month", "furthest", "first_noticed_on", "known")
        found: dict[dt.date, list[Group]] = {}
        for month, *group in groups.annotate(n=Count("pk")).order_by("-month"):
            found.setdefault(month, []).append(tuple(group))
    return [_month(month, groups, lists) for month, groups in found.items()]


def _month(month: dt.date, groups: Sequence[Group], lists: no_mark.Lists) -> Month:
    steps: Counter[str] = Counter()
    for step, _day, _known, n in groups:
        steps[step] += n
    # Two ways to divide the same children: what may be told of one is settled together with the other.
    by_list = no_mark.division(month, [group[1:] for group in groups], lists) if lists.items else {}
    divisions = [[steps[step] for step in Furthest.values], *([list(by_list.values())] if by_list else [])]
    may_be_told = told(*divisions)
    marks = dict(zip(by_list, may_be_told.parts[1], strict=True)) if by_list else {}
    return Month(month, may_be_told.total, may_be_told.parts[0], marks)


def _with_furthest(rows: QuerySet[Child], until: dt.date) -> QuerySet[Child]:
    mine = {"child": OuterRef("pk")}
    steps = Step.objects.filter(person_id=OuterRef("pk"), at__date__lte=until)
    decisions = Decision.objects.filter(**mine, at__date__lte=until).order_by("-number")
    later = {"at__date__lte": until, "at__date__gt": OuterRef("connected_on")}
    reached = Contact.objects.filter(**mine, **later, result=Result.REACHED, taken_back__isnull=True)
    sights = SightConfirmation.objects.filter(
        **mine, seen_on__lte=until, seen_on__gt=OuterRef("connected_on"), at__date__lte=until, taken_back__isnull=True
    )
    # A review that the desk began by itself, on its day, is nobody's look yet; the step out of it is.
    reviews = Step.objects.filter(**later, person_id=OuterRef("pk"), machine="case", source="review", by__isnull=False)
    return rows.annotate(
        month=TruncMonth("first_noticed_on"),
        decision=Subquery(decisions.values("outcome")[:1]),
        connected_on=_connected_on(steps, until),
    ).annotate(
        furthest=Choose(
            When(
                Q(connected_on__lt=_NEVER) & (Exists(reached) | Exists(sights) | Exists(reviews)),
                then=Value(Furthest.FOLLOWED_UP),
            ),
            When(connected_on__lt=_NEVER, then=Value(Furthest.CONNECTED)),
            When(Exists(steps.filter(machine="plan", move="approve")), then=Value(Furthest.PLANNED)),
            When(Exists(Assessment.objects.filter(**mine, at__date__lte=until)), then=Value(Furthest.ASSESSED)),
            When(decision=State.SUPPORTED, then=Value(Furthest.ELSEWHERE)),
            When(decision__isnull=False, then=Value(Furthest.DECIDED)),
            default=Value(Furthest.NOTHING),
        )
    )


def _connected_on(steps: QuerySet[Step], until: dt.date) -> Least:
    """The first day on which somebody took a referral on, or a service of an approved plan began; else _NEVER."""
    accepted = steps.filter(machine="referral", move="accept").annotate(day=TruncDate("at")).order_by("at")
    approved = Step.objects.filter(
        machine="plan", move="approve", subject=OuterRef("content__plan_id"), at__date__lte=until
    )
    begun = Service.objects.filter(
        Exists(approved),
        content__plan__child=OuterRef("pk"),
        content__number=F("content__plan__approved"),
        starts_on__lte=until,
    ).order_by("starts_on")
    return Least(
        Coalesce(Subquery(accepted.values("day")[:1]), Value(_NEVER)),
        Coalesce(Subquery(begun.values("starts_on")[:1]), Value(_NEVER)),
    )
