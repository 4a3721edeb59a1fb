"""The children of the list: order, filters and search, all within what the viewer may open."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Func, Prefetch, QuerySet, Subquery

from tsunagu.text.search import Asked
from tsunagu_web.access.models import Team
from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import widen
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Child, Reason
from tsunagu_web.cases.queries import children_of
from tsunagu_web.search.models import Kind
from tsunagu_web.search.queries import found as found_in
from tsunagu_web.worklist.filters import Filters, asked_of, day_of

PAGE_SIZE = 25
MOST_ROWS = 500  # of a file


@dataclass(frozen=True)
class Listed:
    """One page of the list. levels and schools: what there is to choose from, with counts; empty in a search."""

    page: Page[Child]
    levels: tuple[tuple[str, int], ...]
    schools: tuple[str, ...]
    total: int

    @property
    def persons(self) -> list[str]:
        return [child.pk for child in self.page]


def listed(viewer: Viewer, filters: Filters, page: str) -> Listed:
    """The current run's children in order of level, then strength of the single judgments, then reading; lists that
    go by a day begin with the one longest over."""
    mine = asked_of(viewer, filters, children_of(viewer).filter(is_listed=True))
    return _listed(viewer, mine, filters, page)


def teams() -> list[tuple[str, str]]:
    """All teams by key and name."""
    return list(Team.objects.order_by("name").values_list("key", "name"))


def exported(viewer: Viewer, filters: Filters) -> list[Child]:
    """The narrowed list whole, for whom the viewer may export, and one more than fit into a file."""
    widen(viewer, Thing.WORKLIST, Action.EXPORT)
    mine = visible_to(viewer, Child.objects.filter(is_listed=True), thing=Thing.WORKLIST, action=Action.EXPORT)
    mine = _narrowed(asked_of(viewer, filters, mine), filters)
    return list(_ordered(viewer, mine, first=day_of(filters))[: MOST_ROWS + 1])


def found(viewer: Viewer, question: Asked, page: str) -> Listed:
    """Children by name, reading or alias; also those no longer listed, who keep their page and history.

    Who may not be told a name may not find a child by it either.
    """
    mine = visible_to(viewer, children_of(viewer), thing=Thing.NAME)
    hits, first = found_in(mine, question, Kind.PERSON), ("-is_listed",)
    if page != "1":
        shown = _page(viewer, hits, hits.count(), page, first=first)
        return Listed(shown, levels=(), schools=(), total=shown.paginator.count)
    # The first page, which most searches end with, brings the count along: one journey less.
    count = Subquery(hits.order_by().annotate(n=Func(F("pk"), function="COUNT")).values("n"))
    children = list(_shown(viewer, hits, 0, first=first).annotate(of=count))
    total = children[0].of if children else 0
    return Listed(Page(children, 1, _pages(total)), levels=(), schools=(), total=total)


def _listed(viewer: Viewer, mine: QuerySet[Child], filters: Filters, page: str) -> Listed:
    # One count by everything there is to filter by gives the choices, the total and the length of the narrowed list.
    choices = list(
        mine.values_list("level", "level_rank", "school", "state").annotate(n=Count("pk")).order_by("level_rank")
    )
    levels: dict[str, int] = {}
    matching = 0
    for level, _rank, school, state, count in choices:
        levels[level] = levels.get(level, 0) + count
        found = {"level": level, "school": school, "state": state}
        matching += count if all(getattr(filters, name) in ("", value) for name, value in found.items()) else 0
    schools = sorted({school for _level, _rank, school, _state, _count in choices if school})
    return Listed(
        page=_page(viewer, _narrowed(mine, filters), matching, page, first=day_of(filters)),
        levels=tuple(levels.items()) if may(viewer, Thing.LEVEL) else (),
        schools=tuple(schools),
        total=sum(levels.values()),
    )


def _page(viewer: Viewer, mine: QuerySet[Child], count: int, page: str, *, first: tuple[str, ...]) -> Page[Child]:
    """One page of the rows, of whom `count` are there."""
    pages = _pages(count)
    number = pages.get_page(page).number
    return Page(list(_shown(viewer, mine, (number - 1) * PAGE_SIZE, first=first)), number, pages)


def _shown(viewer: Viewer, mine: QuerySet[Child], start: int, *, first: tuple[str, ...]) -> QuerySet[Child]:
    """The rows of one page. Which children stand on it is found out first: the second lock asks about each person by
    itself, and so about these alone."""
    keys = mine.order_by(*first, *_order(viewer)).values("pk")[start : start + PAGE_SIZE]
    return _ordered(viewer, Child.objects.select_related("person").filter(pk__in=keys), first=first)


def _pages(count: int) -> Paginator[int]:
    """Pages of so many rows, which were counted already."""
    return Paginator(range(count), PAGE_SIZE)


def _narrowed(mine: QuerySet[Child], filters: Filters) -> QuerySet[Child]:
    for name in ("level", "state", "school"):
        if getattr(filters, name):
            mine = mine.filter(**{name: getattr(filters, name)})
    return mine


def _ordered(viewer: Viewer, mine: QuerySet[Child], *, first: tuple[str, ...] = ()) -> QuerySet[Child]:
    return mine.order_by(*first, *_order(viewer)).prefetch_related(
        Prefetch("reasons", Reason.objects.order_by("place"))
    )


def _order(viewer: Viewer) -> tuple[str, ...]:
    # An order tells what it is made of, so whoever may not know the level gets none by it.
    by_level = ("level_rank",) if may(viewer, Thing.LEVEL) else ()
    # Among children of one level the single judgments decide, and who may not know them gets no order by them.
    by_strength = ("-strength",) if may(viewer, Thing.JUDGMENT) else ()
    # The same holds for readings.
    by_reading = ("kana",) if may(viewer, Thing.NAME) else ()
    return (*by_level, *by_strength, *by_reading, "pk")
