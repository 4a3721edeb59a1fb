"""The way to the main pages: what a role's duties open, the daily ones first, the others in three groups.

Words and addresses of a role are put together once for each purpose and language; a page only marks where it is and
what waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import groupby
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tsunagu_web.access.table import permits_of
from tsunagu_web.access.terms import Action, Form, Thing
from tsunagu_web.access.viewer import Viewer

#: So many pages stand side by side; where there are more, the groups close.
_SIDE_BY_SIDE = 7
_Link = tuple[str, str, bool]
_DAILY, _CHECKS, _FIGURES, _ACCESS = range(4)
_GROUPS = {
    _CHECKS: gettext_lazy("To check"),
    _FIGURES: gettext_lazy("Figures"),
    _ACCESS: gettext_lazy("Who may see what"),
}


@dataclass(frozen=True)
class _Page:
    """A main page. own: other addresses that are this page; below: those that belong to it.

    waiting  what of it waits for this viewer, in words; "" for nothing
    room     the setting that switches its room on; "" for a room that is always there
    """

    group: int
    to: str
    label: Any
    thing: Thing | None = None
    action: Action = Action.VIEW
    forms: tuple[Form, ...] = (Form.FULL,)
    own: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    waiting: Callable[[Viewer], str] = lambda _viewer: ""
    room: str = ""

    def is_open_to(self, role: str, purpose: str) -> bool:
        if self.room and not getattr(settings.ENVIRONMENT, self.room):
            return False
        return self.thing is None or any(permits_of(role, purpose, self.thing, self.action, f) for f in self.forms)


def _not_read(viewer: Viewer) -> str:
    return _("%(n)s not read") % {"n": viewer.reminders_new} if viewer.reminders_new else ""


def _to_review(viewer: Viewer) -> str:
    return _("%(n)s to review") % {"n": viewer.reviews_waiting} if viewer.reviews_waiting else ""


_CENTRE = "guidance_centre"
_COUNTED = (Form.FULL, Form.COUNT)
_PAGES = (
    _Page(_DAILY, "worklist:list", gettext_lazy("Children"), Thing.WORKLIST, below=("cases:child", "worklist:search")),
    _Page(
        _DAILY,
        "guidance_centre:list",
        gettext_lazy("Notifications"),
        Thing.NOTIFICATION,
        below=("guidance_centre:draft", "guidance_centre:one"),
        room=_CENTRE,
    ),
    _Page(_DAILY, "reminders:mine", gettext_lazy("Reminders"), below=("reminders:mail",), waiting=_not_read),
    _Page(
        _DAILY,
        "boards:list",
        gettext_lazy("Class boards"),
        Thing.BOARD,
        below=("boards:class", "boards:pupil", "boards:thresholds"),
    ),
    _Page(
        _DAILY, "offers:list", gettext_lazy("Support to offer"), Thing.OFFER, below=("offers:family", "offers:record")
    ),
    _Page(_DAILY, "tasks:mine", gettext_lazy("Tasks"), Thing.TASK),
    _Page(
        _DAILY,
        "conferences:list",
        gettext_lazy("Conferences"),
        Thing.CONFERENCE,
        own=("conferences:ledger",),
        below=("conferences:conference", "conferences:item"),
    ),
    _Page(
        _DAILY,
        "referrals:mine",
        gettext_lazy("Referrals to me"),
        Thing.REFERRAL,
        Action.REPLY,
        below=("referrals:received",),
    ),
    _Page(
        _DAILY,
        "transfers:mine",
        gettext_lazy("Hand-overs"),
        Thing.TRANSFER,
        Action.REPLY,
        below=("transfers:arrived", "transfers:contents"),
    ),
    _Page(_CHECKS, "outreach:unseen", gettext_lazy("Not seen"), Thing.SIGHT),
    _Page(_CHECKS, "outreach:due", gettext_lazy("Re-assessments"), Thing.REASSESSMENT),
    _Page(
        _CHECKS,
        "link_review:list",
        gettext_lazy("Link review"),
        Thing.LINK_REVIEW,
        forms=(Form.FULL, Form.WORDS, Form.PSEUDONYM, Form.COUNT),
        below=("link_review:pair", "link_review:decided"),
    ),
    _Page(_FIGURES, "reports:standing", gettext_lazy("How the work stands"), Thing.REPORT, forms=_COUNTED),
    _Page(
        _FIGURES,
        "criteria:editor",
        gettext_lazy("Criteria"),
        Thing.CRITERIA,
        own=("criteria:try",),
        below=("criteria:new", "criteria:save", "criteria:draft", "criteria:say"),
    ),
    _Page(_FIGURES, "cases:decisions", gettext_lazy("Decisions"), Thing.DECISION_OVERVIEW, forms=_COUNTED),
    _Page(_FIGURES, "assessment:overrides", gettext_lazy("Conclusions"), Thing.ASSESSMENT_OVERVIEW),
    _Page(_ACCESS, "duties:emergencies", gettext_lazy("Emergencies"), Thing.EMERGENCY, waiting=_to_review),
    _Page(_ACCESS, "duties:conflicts", gettext_lazy("Blocks"), Thing.CONFLICT),
    _Page(_ACCESS, "duties:access_check", gettext_lazy("Check of access"), Thing.ACCESS_CHECK),
    _Page(
        _ACCESS,
        "addresses:requests",
        gettext_lazy("Addresses I asked for"),
        Thing.SUPPRESSED_ADDRESS,
        Action.REQUEST,
    ),
    _Page(
        _ACCESS,
        "addresses:waiting",
        gettext_lazy("Requests for an address"),
        Thing.SUPPRESSED_ADDRESS,
        Action.APPROVE,
    ),
    _Page(
        _ACCESS,
        "guidance_centre:requests",
        gettext_lazy("Notifiers I asked for"),
        Thing.NOTIFIER,
        Action.REQUEST,
        room=_CENTRE,
    ),
    _Page(
        _ACCESS,
        "guidance_centre:waiting",
        gettext_lazy("Requests for a notifier"),
        Thing.NOTIFIER,
        Action.APPROVE,
        room=_CENTRE,
    ),
    _Page(_ACCESS, "audit:log", gettext_lazy("Access log"), Thing.ACCESS_LOG, own=("audit:verify",)),
)


def navigation(viewer: Viewer, view_name: str) -> SafeString:
    """Links to the viewer's main pages; a group that is closed says what waits inside, and that one is in it."""
    shown = [
        (label, [_marked(page, start, name, viewer, view_name) for page, start, name in pages])
        for label, pages in _opened(viewer.role, viewer.purpose, get_language() or "")
    ]
    return mark_safe("".join(_group(label, links) if label else _links(links) for label, links in shown))


def _marked(page: _Page, start: str, name: str, viewer: Viewer, view_name: str) -> _Link:
    """The link, what waits behind it, and whether the page that is shown is here."""
    is_own, waits = view_name == page.to or view_name in page.own, page.waiting(viewer)
    is_here = is_own or view_name in page.below
    current = f' aria-current="{"page" if is_own else "true"}"' if is_here else ""
    note = f'<span class="n">{escape(waits)}</span>' if waits else ""
    return f"{start}{current}>{name}{note}</a>", note, is_here


def _links(links: Iterable[_Link]) -> str:
    return "".join(link for link, _note, _is_here in links)


def _group(label: str, links: list[_Link]) -> str:
    current = ' aria-current="true"' if any(is_here for _link, _note, is_here in links) else ""
    notes = "".join(note for _link, note, _is_here in links)
    return (
        f'<details class="nav-more" name="nav"><summary{current}>{label}{notes}</summary>'
        f'<div class="nav-in">{_links(links)}</div></details>'
    )


@lru_cache(maxsize=256)
def _opened(role: str, purpose: str, _language: str) -> tuple[tuple[str, tuple[tuple[_Page, str, str], ...]], ...]:
    """The pages open to a role, group by group; "" instead of a group's name where its links stand side by side."""
    pages = [page for page in _PAGES if page.is_open_to(role, purpose)]
    found = []
    for group, members in groupby(pages, key=lambda page: page.group):
        links = tuple((page, f'<a href="{reverse(page.to)}"', escape(str(page.label))) for page in members)
        is_closed = group in _GROUPS and len(links) > 1 and len(pages) > _SIDE_BY_SIDE
        found.append((escape(str(_GROUPS[group])) if is_closed else "", links))
    return tuple(found)
