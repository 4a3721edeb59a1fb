"""What is sent again: told when it stands there already, refused when its mark recorded something else.

A page's form carries a mark that acts once. The browser's back button puts typed words into a new page with a new
mark, so what the same person has just recorded in the same words counts as sent again, too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import IntegrityError
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _


class UsedMark(Exception):
    """The form's mark recorded something else before; nothing was written."""


def is_same(row: Model, said: Mapping[str, object]) -> bool:
    """Whether a row holds these very words."""
    return all(getattr(row, name) == value for name, value in said.items())


def require_same(row: Model, said: Mapping[str, object]) -> None:
    """Raises UsedMark where a form sent again says other than what it recorded."""
    if not is_same(row, said):
        raise UsedMark


def is_used_mark(error: BaseException | None) -> bool:
    """A mark stands once in a table, also where this viewer cannot see the row that it made."""
    is_unique = isinstance(error, IntegrityError) and "form" in str(error) and "unique" in str(error).lower()
    return is_unique or isinstance(error, UsedMark)


def is_of_today(at: dt.datetime) -> bool:
    """Recorded today: the same words on another day are another entry."""
    return timezone.localdate(at) == timezone.localdate()


def told_again(at: dt.datetime) -> str:
    """What is said in place of `recorded` to whoever sends it again."""
    local = timezone.localtime(at)
    said = _("You recorded this already on %(day)s at %(time)s. Nothing was written twice.")
    return said % {"day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}
