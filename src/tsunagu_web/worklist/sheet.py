"""The list as a file that opens in a spreadsheet: one line per child, who took it and what for on top."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tsunagu_web.access.terms import Purpose
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.worklist.rows import Row

# A cell that begins so is read as a formula by spreadsheets, the wide forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def sheet(viewer: Viewer, rows: Iterable[Row]) -> bytes:
    """CSV in UTF-8 with a mark at its beginning, as spreadsheets of offices expect it."""
    made = list(rows)
    out = io.StringIO()
    lines = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    lines.writerow(_top(viewer, len(made)))
    lines.writerow([_("Number"), _("Child"), _("Reading"), _("Grade"), _("Level"), _("Main reason"), _("Decision")])
    for row in made:
        lines.writerow([as_text(cell) for cell in _cells(row)])
    return out.getvalue().encode("utf-8-sig")


def as_text(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula; the mark before it is the usual one."""
    return f"'{cell}" if cell.lstrip(" \u3000").startswith(_FORMULA) or cell.startswith(_FORMULA) else cell


def _top(viewer: Viewer, count: int) -> list[str]:
    told = ngettext(
        "Taken by %(who)s on %(when)s for: %(purpose)s. %(count)d child. Delete it when it has served.",
        "Taken by %(who)s on %(when)s for: %(purpose)s. %(count)d children. Delete it when it has served.",
        count,
    )
    when = f"{timezone.localtime():%Y-%m-%d %H:%M}"
    purpose = Purpose(viewer.purpose).label
    return [told % {"who": viewer.actor, "when": when, "purpose": purpose, "count": count}]


def _cells(row: Row) -> list[str]:
    hidden = _("Hidden for your role and purpose")
    who, reasons = row.who, row.reasons
    why = hidden if reasons.is_hidden and not reasons.main else reasons.main
    return [
        who.person_id,
        hidden if who.is_hidden else who.name,
        hidden if who.is_hidden else who.kana,
        row.grade,
        hidden if row.hides_level else row.level,
        why,
        row.state or hidden,
    ]
