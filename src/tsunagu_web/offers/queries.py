"""Reads: families that the viewer's team may offer something, and what became of each offer."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

from tsunagu_web.access.querysets import OutOfReach, offered_visible_to
from tsunagu_web.access.reach import the_program, widen
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.looks import record_refusal
from tsunagu_web.offers.models import Finding, Offer, OfferedChild
from tsunagu_web.offers.taking_in import open_vault
from tsunagu_web.steps.models import Step

PAGE_SIZE = 25
#: Where the work with an offer stands, as the list asks for it.
STANDINGS: Mapping[str, frozenset[str]] = {
    "to_tell": frozenset({"", "taken_up", "confirmed"}),
    "planned": frozenset({"planned"}),
    "told": frozenset({"told"}),
    "over": frozenset({"applied", "received", "not_wanted"}),
}
_LAST = dt.date.max


@dataclass(frozen=True)
class Opened:
    """An offered child with what its seal holds."""

    person_id: str
    family: str
    name: str
    kana: str
    birth_date: dt.date | None
    grade: int | None
    school_name: str
    letter: bool
    why: Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True)
class Line:
    """One programme that may be offered for one child. offer: None where nobody has begun yet."""

    person_id: str
    programme: str
    found: str
    offer: Offer | None
    steps: tuple[Step, ...] = ()

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.person_id}.{self.programme}"

    @property
    def state(self) -> str:
        return self.offer.state if self.offer else ""

    @property
    def must_ask(self) -> bool:
        """Nobody has confirmed yet that the support is not received, and no record says so."""
        if self.found != Finding.Found.CANNOT_TELL:
            return False
        return not (self.offer and self.offer.is_confirmed)


@dataclass(frozen=True)
class Family:
    """Children of one household with the lines of each, as one row of the list or one page."""

    children: tuple[Opened, ...]
    lines: tuple[Line, ...]

    @property
    def planned_on(self) -> dt.date | None:
        days = [line.offer.planned_on for line in self.lines if line.offer and line.state == Offer.State.PLANNED]
        return min((day for day in days if day), default=None)

    def lines_of(self, person_id: str) -> list[Line]:
        return [line for line in self.lines if line.person_id == person_id]


def offered_for(viewer: Viewer, action: Action = Action.VIEW) -> QuerySet[OfferedChild]:
    """Every child whom this person may offer something; the one source of the room's pages."""
    # Of a blocked person's household nobody: whoever is no child at the desk has no household there to be found by. The
    # lock gives the viewer no row of a blocked person, so the program looks for it.
    kept_from: list[str] = []
    if viewer.blocked:
        with the_program():
            blocked = OfferedChild.objects.filter(pk__in=sorted(viewer.blocked))
            kept_from = list(blocked.values_list("family", flat=True))
    widen(viewer, Thing.OFFER, action)
    return offered_visible_to(viewer, OfferedChild.objects.exclude(family__in=kept_from), action)


@dataclass(frozen=True)
class Listed:
    """A page of families, planned ones first, by their day. programmes: what there is to choose from; counts: families
    by standing, before it is chosen."""

    page: Page[Family]
    programmes: tuple[str, ...]
    counts: Mapping[str, int]


def listed(viewer: Viewer, *, standing: str, programme: str, page: str) -> Listed:
    """The families of a standing ("" for all) and a programme ("" for every one)."""
    family_of = dict(offered_for(viewer).values_list("person_id", "family"))
    lines: dict[str, list[Line]] = defaultdict(list)
    for line in _lines(family_of):
        lines[family_of[line.person_id]].append(line)
    programmes = tuple(sorted({line.programme for own in lines.values() for line in own}))
    asked = {f: kept for f, own in lines.items() if (kept := [x for x in own if programme in ("", x.programme)])}
    counts = {
        name: sum(any(x.state in states for x in own) for own in asked.values()) for name, states in STANDINGS.items()
    }
    states = STANDINGS.get(standing)
    found = [Family((), tuple(own)) for own in asked.values() if states is None or any(x.state in states for x in own)]
    found.sort(key=lambda f: (f.planned_on or _LAST, min(line.key for line in f.lines)))
    shown = Paginator(found, PAGE_SIZE).get_page(page)
    opened = _opened({line.person_id for family in shown for line in family.lines})
    shown.object_list = [
        _family(_in_order(opened[p] for p in {line.person_id for line in family.lines}), family.lines)
        for family in shown.object_list
    ]
    return Listed(shown, programmes, counts)


def require_family(request: HttpRequest, person_id: str, action: Action = Action.VIEW) -> Family:
    """The family of a child within reach, with those of its children who are so too, or a refusal that is shown and
    recorded; a child who is not there is answered alike."""
    mine = offered_for(request.viewer, action)
    people = list(mine.filter(family__in=mine.filter(pk=person_id).values("family")).values_list("pk", flat=True))
    if not people:
        record_refusal(request, Thing.OFFER, action, [person_id])
        raise OutOfReach
    steps: dict[int, list[Step]] = defaultdict(list)
    lines = _lines(people)
    offers = [line.offer.pk for line in lines if line.offer]
    for step in Step.objects.filter(machine="offer", subject__in=offers).select_related("by").order_by("-number"):
        steps[step.subject].append(step)
    told = [
        Line(x.person_id, x.programme, x.found, x.offer, tuple(steps[x.offer.pk]) if x.offer else ()) for x in lines
    ]
    return _family(_in_order(_opened(people).values()), told)


def _family(children: tuple[Opened, ...], lines: Sequence[Line]) -> Family:
    """Each child's lines together, in the order of the children."""
    return Family(children, tuple(x for child in children for x in lines if x.person_id == child.person_id))


def _lines(people: Iterable[str]) -> list[Line]:
    people = list(people)
    offers = {(o.person_id, o.programme): o for o in Offer.objects.filter(person_id__in=people)}
    found = Finding.objects.filter(child__in=people).order_by("child", "programme")
    return [
        Line(person, programme, what, offers.get((person, programme)))
        for person, programme, what in found.values_list("child", "programme", "found")
    ]


def _opened(people: Iterable[str]) -> dict[str, Opened]:
    vault, made = open_vault(), {}
    for row in OfferedChild.objects.filter(pk__in=list(people)):
        said = vault.open(row.pk, row.sealed)
        born = dt.date.fromisoformat(said.pop("birth_date")) if said["birth_date"] else said.pop("birth_date")
        made[row.pk] = Opened(person_id=row.pk, family=row.family, birth_date=born, **said)
    return made


def _in_order(children: Iterable[Opened]) -> tuple[Opened, ...]:
    """The oldest first."""
    return tuple(sorted(children, key=lambda one: (one.birth_date or _LAST, one.person_id)))
