"""The pages of one child's record, as far as the viewer may open them."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Child

# Addresses by name: rooms above this one add pages to the record, and this one knows no more of them.
_PAGES: tuple[tuple[Thing, str, str | Promise], ...] = (
    (Thing.CHILD, "cases:child", _("Overview")),
    (Thing.CASE, "cases:case", _("Case")),
    (Thing.NOTIFICATION, "guidance_centre:of_child", _("Notifications")),
    (Thing.PROTECTION, "protection:page", _("Temporary protection")),
    (Thing.TASK, "tasks:list", _("Tasks")),
    (Thing.CONFERENCE, "conferences:of_child", _("Conferences")),
    (Thing.KINSHIP, "cases:kin", _("Household and kin")),
    (Thing.ASSESSMENT, "assessment:list", _("Assessments")),
    (Thing.PLAN, "plans:list", _("Support plan")),
    (Thing.OUTREACH, "outreach:record", _("Contact and sight")),
    (Thing.SIGHT, "outreach:sight", _("Seen in person")),
    (Thing.NOTE, "notes:list", _("Notes and attachments")),
    (Thing.REFERRAL, "referrals:list", _("Referrals")),
    (Thing.TRANSFER, "transfers:list", _("Hand-over")),
    (Thing.HISTORY, "cases:history", _("What was known when")),
    (Thing.LOOKS, "duties:looks", _("Who looked")),
    (Thing.GRANT, "duties:grants", _("Given access")),
)
# Pages of a room that is there only where the office switched it on, by its setting.
_OF_A_ROOM = {Thing.NOTIFICATION: "guidance_centre", Thing.PROTECTION: "guidance_centre"}
# A page to write on, for some who read nothing of it.
_OPENED_BY = {Thing.SIGHT: Action.EDIT}
# A page that another one holds as a part: whoever has the whole needs no tab for the part.
_HELD_BY = {Thing.SIGHT: Thing.OUTREACH}


@dataclass(frozen=True)
class Tab:
    view_name: str
    name: str


def tabs_of(viewer: Viewer, child: Child) -> tuple[Tab, ...]:
    about = child.subject()
    there = [t for t, _view, _name in _PAGES if getattr(settings.ENVIRONMENT, _OF_A_ROOM.get(t, ""), True)]
    opens = {thing for thing in there if may(viewer, thing, _OPENED_BY.get(thing, Action.VIEW), about)}
    return tuple(
        Tab(view, str(name)) for thing, view, name in _PAGES if thing in opens and _HELD_BY.get(thing) not in opens
    )
