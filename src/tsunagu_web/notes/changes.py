"""What one version of a note changed in the version before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404
from django.utils.translation import gettext as _

from tsunagu_web.cases.days import short_day
from tsunagu_web.cases.differences import Change, change
from tsunagu_web.notes.models import NoteVersion


@dataclass(frozen=True)
class Changes:
    """of: the number of the version; is_hidden: the version before it stood above the viewer's label."""

    of: int
    is_hidden: bool
    fields: tuple[Change, ...]


def changes_in(versions: Sequence[NoteVersion], asked: str) -> Changes | None:
    """versions: those the viewer may read; asked: a version's number, or nothing. Http404 for one that is not there"""
    if not asked:
        return None
    readable = {str(version.number): version for version in versions}
    after = readable.get(asked)
    if after is None or after.number == 1:
        raise Http404
    before = readable.get(str(after.number - 1))
    return Changes(after.number, before is None, _fields(before, after) if before else ())


def _fields(before: NoteVersion, after: NoteVersion) -> tuple[Change, ...]:
    return (
        change(_("Note"), before.text, after.text),
        change(_("The day it is about"), short_day(before.about_on), short_day(after.about_on)),
        change(_("Label"), before.get_label_display(), after.get_label_display()),
    )
