"""Unusual access, told as calm facts: what, when, who, how many, and then a possible step. Never an accusation.

Everything is computed from the log and the tables at the moment of asking; nothing is stored about anybody.
"""

from __future__ import annotations

import datetime as dt
import statistics
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tsunagu.text.variants import fold_variants
from tsunagu_web.access.table import TABLE
from tsunagu_web.access.terms import Action, Role, Thing
from tsunagu_web.audit.days_off import is_day_off
from tsunagu_web.audit.models import Event, EventPerson

Names = Callable[[Iterable[str]], Mapping[str, str]]
LIMITS: Mapping[str, Mapping[str, int]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
_sources: list[Names] = []


@dataclass(frozen=True)
class Signal:
    """One fact.

    code    same_surname, spike, outside_hours, walk, no_decision
    day     the local day it speaks of
    actor   as the log names the person; who: for people
    fact    one sentence with the numbers
    step    what may be done
    """

    code: str
    day: dt.date
    actor: str
    who: str
    fact: str
    step: str
    numbers: Mapping[str, int]


@dataclass(frozen=True)
class _Look:
    number: int
    at: dt.datetime  # local
    actor: str
    is_refused: bool
    persons: frozenset[str]


def names_from(source: Names) -> None:
    """Tells this room where the names of people stand; they are compared here and never shown."""
    _sources.append(source)


def signals_since(days: int | None = None, now: dt.datetime | None = None) -> list[Signal]:
    """The signals of the last days, newest first."""
    now = timezone.localtime(now or timezone.now())
    first = now.date() - dt.timedelta(days=(days or LIMITS["window"]["days"]) - 1)
    staff = {member.actor: member for member in get_user_model().objects.all()}
    looks = _looks(first)
    found = [
        *_same_surname(looks, staff),
        *_spikes(first, staff),
        *_outside_hours(looks),
        *_walks(looks),
        *_no_decision(looks, first, now.date(), staff),
    ]
    made = [_signal(*one, staff) for one in found]
    return sorted(made, key=lambda signal: (signal.day, signal.code, signal.actor), reverse=True)


_Found = tuple[str, dt.date, str, dict[str, int]]


def _looks(first: dt.date) -> list[_Look]:
    """Views of children's pages and refusals since that day, in order."""
    start = timezone.make_aware(dt.datetime.combine(first, dt.time()))
    events = Event.objects.filter(at__gte=start, object="child", action__in=("view", "refused"))
    persons: dict[int, set[str]] = defaultdict(set)
    pairs = EventPerson.objects.filter(event__in=events).values_list("event_id", "person_id")
    for number, person in pairs:
        persons[number].add(person)
    rows = events.order_by("number").values_list("number", "at", "actor", "action")
    return [
        _Look(number, timezone.localtime(at), actor, action == "refused", frozenset(persons[number]))
        for number, at, actor, action in rows
        if actor.startswith("staff:")
    ]


def _same_surname(looks: list[_Look], staff: Mapping[str, Any]) -> list[_Found]:
    opened = [look for look in looks if not look.is_refused and look.actor in staff]
    names = _names({person for look in opened for person in look.persons})
    counts: Counter[tuple[dt.date, str]] = Counter()
    for look in opened:
        if any(_have_one_surname(staff[look.actor].name, names.get(person, "")) for person in look.persons):
            counts[look.at.date(), look.actor] += 1
    least = LIMITS["same_surname"]["looks"]
    return [("same_surname", day, actor, {"looks": n}) for (day, actor), n in counts.items() if n >= least]


def _names(persons: set[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for source in _sources:
        names |= source(persons)
    return names


def _have_one_surname(staff: str, person: str) -> bool:
    """Whether two names begin with one surname; where a name is written without a space, whether it begins so."""
    ours, theirs = fold_variants(staff).split(), fold_variants(person).split()
    if not ours or len(theirs) < 2:
        return False
    return ours[0] == theirs[0] if len(ours) > 1 else ours[0].startswith(theirs[0])


def _spikes(first: dt.date, staff: Mapping[str, Any]) -> list[_Found]:
    limits = LIMITS["spike"]
    start = timezone.make_aware(dt.datetime.combine(first - dt.timedelta(days=limits["norm_days"]), dt.time()))
    daily: dict[str, Counter[dt.date]] = defaultdict(Counter)
    seen = Event.objects.filter(at__gte=start, object="child", action="view").values_list("actor", "at")
    for actor, at in seen.iterator():
        daily[actor][timezone.localtime(at).date()] += 1
    found: list[_Found] = []
    for actor, days in daily.items():
        if actor not in staff:
            continue
        alike = [other for other in daily if other in staff and staff[other].role == staff[actor].role]
        for day, looks in days.items():
            if day < first or looks < limits["least"]:
                continue
            own = _norm([days], day, limits)
            role = _norm([daily[other] for other in alike if other != actor], day, limits)
            if all(looks >= limits["times"] * norm for norm in (own, role) if norm is not None):
                found.append(("spike", day, actor, {"looks": looks, "own": round(own or 0), "role": round(role or 0)}))
    return found


def _norm(people: list[Counter[dt.date]], day: dt.date, limits: Mapping[str, int]) -> float | None:
    """The median of the days with looks in the time before; None when there are too few to tell."""
    since = day - dt.timedelta(days=limits["norm_days"])
    counts = [n for days in people for past, n in days.items() if since <= past < day]
    return statistics.median(counts) if len(counts) >= limits["known_days"] else None


def _outside_hours(looks: list[_Look]) -> list[_Found]:
    limits = LIMITS["outside_hours"]
    counts: Counter[tuple[dt.date, str]] = Counter()
    for look in looks:
        is_night = look.at.hour >= limits["from_hour"] or look.at.hour < limits["to_hour"]
        if not look.is_refused and (is_night or is_day_off(look.at.date())):
            counts[look.at.date(), look.actor] += 1
    return [("outside_hours", day, who, {"looks": n}) for (day, who), n in counts.items() if n >= limits["least"]]


def _walks(looks: list[_Look]) -> list[_Found]:
    limits = LIMITS["walk"]
    pause = dt.timedelta(minutes=limits["minutes"])
    longest: dict[tuple[dt.date, str], int] = {}
    row: dict[str, tuple[dt.datetime, set[frozenset[str]]]] = {}
    for look in looks:
        if not look.is_refused:
            row.pop(look.actor, None)
            continue
        before, refused = row.get(look.actor, (look.at, set()))
        refused = {*refused, look.persons} if look.at - before <= pause else {look.persons}
        row[look.actor] = (look.at, refused)
        if len(refused) >= limits["refused"]:
            key = (look.at.date(), look.actor)
            longest[key] = max(len(refused), longest.get(key, 0))
    return [("walk", day, actor, {"refused": n}) for (day, actor), n in longest.items()]


def _no_decision(looks: list[_Look], first: dt.date, today: dt.date, staff: Mapping[str, Any]) -> list[_Found]:
    limits = LIMITS["no_decision"]
    start = timezone.make_aware(dt.datetime.combine(first, dt.time()))
    decided: dict[str, set[str]] = defaultdict(set)
    made = EventPerson.objects.filter(event__action="decide", event__at__gte=start)
    for actor, person in made.values_list("event__actor", "person_id"):
        decided[actor].add(person)
    pages: dict[str, set[frozenset[str]]] = defaultdict(set)
    for look in looks:
        if not look.is_refused and look.actor in staff and _may_decide(staff[look.actor].role):
            pages[look.actor].add(look.persons)
    found: list[_Found] = []
    for actor, seen in pages.items():
        without = sum(not persons & decided[actor] for persons in seen)
        with_one = len(seen) - without
        if without >= limits["least"] and without >= limits["times"] * with_one:
            found.append(("no_decision", today, actor, {"without": without, "with": with_one}))
    return found


def _may_decide(role: str) -> bool:
    permits = TABLE[Role(role)] if role in Role.values else ()
    return any(permit.thing is Thing.DECISION and permit.action is Action.DECIDE for permit in permits)


def _signal(code: str, day: dt.date, actor: str, numbers: dict[str, int], staff: Mapping[str, Any]) -> Signal:
    looks = numbers.get("looks", 0)
    facts = {
        "same_surname": ngettext(
            "%(looks)d look at a family with the same surname as the member of staff.",
            "%(looks)d looks at a family with the same surname as the member of staff.",
            looks,
        ),
        "spike": _(
            "%(looks)d children's pages on one day. The usual day: %(own)d for this person, %(role)d in the role."
        ),
        "outside_hours": ngettext(
            "%(looks)d look at night or on a day off.", "%(looks)d looks at night or on a day off.", looks
        ),
        "walk": _("%(refused)d different children were asked for one after the other and refused."),
        "no_decision": _("%(without)d children's pages without a decision by this person, %(with)d with one."),
    }
    steps = {
        "same_surname": _("Ask whether they are related; if so, enter it in the conflict list."),
        "spike": _("Ask what the work of that day was."),
        "outside_hours": _("Ask whether there was duty at that time."),
        "walk": _("Ask what was looked for, and whether the duties entered are right."),
        "no_decision": _("Ask what the pages were needed for."),
    }
    member = staff.get(actor)
    who = f"{member.name} ({member.login})" if member else actor
    return Signal(code, day, actor, who, facts[code] % numbers, steps[code], numbers)
