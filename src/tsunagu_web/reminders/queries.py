"""One's own reminders, with the child of each where the viewer may see it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count
from django.http import Http404
from django.utils.functional import Promise

from tsunagu.casework.reminders import Kind
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Child
from tsunagu_web.reminders.models import About, Mail, Reminder
from tsunagu_web.reminders.words import WORDS

PAGE_SIZE, LAST_PAGE = 25, 400
# About nobody: the page then says nothing of a child that would be hidden.
OF_NO_CHILD = (Kind.CONFERENCE, Kind.MAIL_NOT_SENT)


@dataclass(frozen=True)
class Line:
    """A reminder in words. child: None where it is about none, or about one whom the viewer may not see now."""

    reminder: Reminder
    words: str | Promise
    child: Child | None
    is_about_nobody: bool

    @property
    def leads_somewhere(self) -> bool:
        """Whether there is a page of the matter; whether it opens is asked there."""
        return self.reminder.kind != Kind.MAIL_NOT_SENT


@dataclass(frozen=True)
class Sheet:
    """One page of them. number: which, from 1."""

    rows: list[Reminder]
    number: int
    is_last: bool

    @property
    def before(self) -> int:
        return self.number - 1

    @property
    def after(self) -> int:
        return 0 if self.is_last else self.number + 1


def mine(viewer: Viewer, *, settled: bool, page: str) -> Sheet:
    """What the viewer is told of, the newest matter first; with `settled` what is settled by now."""
    states = [Reminder.State.SETTLED] if settled else [Reminder.State.NEW, Reminder.State.READ]
    rows = Reminder.objects.filter(staff_id=viewer.staff_id, state__in=states).order_by("-told_at", "-pk")
    number = min(int(page), LAST_PAGE) if page.isascii() and page.isdigit() and int(page) else 1
    # One row more tells whether there is a next page, without counting them all.
    found = list(rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE + 1])
    return Sheet(found[:PAGE_SIZE], number, len(found) <= PAGE_SIZE)


def lines_of(viewer: Viewer, rows: list[Reminder]) -> list[Line]:
    """The page in words; children only of those within reach under the picked purpose."""
    about = About.objects.filter(reminder__in=[row.pk for row in rows]).select_related("child__person")
    children = {one.reminder_id: one.child for one in visible_to(viewer, about, child="child__")}
    return [Line(row, WORDS[Kind(row.kind)], children.get(row.pk), row.kind in OF_NO_CHILD) for row in rows]


def require_mine(viewer: Viewer, number: int) -> Reminder:
    """The viewer's own reminder of that number; 404 for anybody else's."""
    reminder = Reminder.objects.filter(pk=number, staff_id=viewer.staff_id).first()
    if reminder is None:
        raise Http404
    return reminder


def unsent() -> int:
    """Mails that could not be sent when they were tried."""
    return Mail.objects.filter(state=Mail.State.WAITING, tries__gt=0).count()


def new_by_kind(mail: Mail) -> dict[Kind, int]:
    """What this mail tells: how many of its reminders nobody has read, by kind, the most urgent first."""
    rows = Reminder.objects.filter(mail=mail, state=Reminder.State.NEW).values("kind").annotate(count=Count("pk"))
    counts = {Kind(row["kind"]): row["count"] for row in rows}
    return {kind: counts[kind] for kind in Kind if kind in counts}


def failing_since() -> dt.date | None:
    """The day of the oldest mail that could not be sent; None where there is none."""
    rows = Mail.objects.filter(state=Mail.State.WAITING, tries__gt=0)
    return rows.order_by("day").values_list("day", flat=True).first()
