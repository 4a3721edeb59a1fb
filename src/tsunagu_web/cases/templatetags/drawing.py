"""Shapes and table rows of the past, hundreds on a page: a template would take ten times as long for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from html import escape

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tsunagu_web.cases.days import short_day
from tsunagu_web.cases.marks import Mark
from tsunagu_web.cases.timeline import Line, Tick

register = template.Library()


@register.simple_tag
def grid(ticks: Iterable[Tick]) -> SafeString:
    """The lines of the axis behind each lane."""
    return format_html_join(
        "",
        '<line class="grid{}" x1="{}%" x2="{}%" y1="0" y2="44"/>',
        ((" year" if tick.is_year else "", tick.x, tick.x) for tick in ticks),
    )


@register.simple_tag
def shapes(marks: Iterable[Mark]) -> SafeString:
    """The marks of a lane. Everything in them is a number or a word of `marks`, so nothing needs to be escaped."""
    drawn = (
        f'<circle class="t-dot s{m.shade}" cx="{m.x}%" cy="30" r="5"/>'
        if m.kind == "dot"
        else f'<rect class="t-{m.kind} s{m.shade}" x="{m.x}%" y="{m.y}" width="{m.width}%" height="{m.height}" '
        f'rx="{m.round}"/>'
        for m in marks
    )
    return mark_safe("".join(drawn))


@register.simple_tag
def fact_rows(lines: Iterable[Line]) -> SafeString:
    """The facts of a department as rows of its table; a value that is not known says so."""
    days: dict[dt.date, str] = {}
    unknown = f'<span class="none">{escape(_("not known"))}</span>'
    rows = (
        f'<tr><td class="when">{escape(x.when)}</td><th scope="row">{escape(x.item)}</th>'
        f'<td>{escape(x.value) if x.state == "known" else unknown}</td><td class="from">{escape(x.holder)}'
        f'<span class="after">{days.get(x.as_of) or days.setdefault(x.as_of, _as_of(x.as_of))}</span>'
        f'<span class="after">{escape(x.age)}</span></td></tr>'
        for x in lines
    )
    return mark_safe("".join(rows))


def _as_of(day: dt.date) -> str:
    return escape(_("as of %(day)s") % {"day": short_day(day)})
