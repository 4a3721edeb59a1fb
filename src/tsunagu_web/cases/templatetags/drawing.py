"""What a child's page has dozens or hundreds of: shapes, table rows, months, tabs. Templates take ten times as long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django import template
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tsunagu_web.cases.days import short_day
from tsunagu_web.cases.marks import Key, Mark
from tsunagu_web.cases.pictures import Bar, Spark
from tsunagu_web.cases.tabs import Tab
from tsunagu_web.cases.timeline import Lane, Line, Month, Tick, domain_names

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
def legend() -> SafeString:
    """What the shapes of the lanes stand for."""
    named = (
        (_("a span of time"), '<rect class="t-period" x="1" y="2" width="18" height="10" rx="3"/>'),
        (
            _("a number"),
            '<rect class="t-column" x="4" y="1" width="5" height="12"/>'
            '<rect class="t-column" x="11" y="6" width="5" height="7"/>',
        ),
        (_("an event"), '<circle class="t-dot" cx="10" cy="7" r="5"/>'),
        (_("not known"), '<rect class="t-unknown" x="2" y="2" width="16" height="10" rx="2"/>'),
    )
    svg = '<svg class="key" viewBox="0 0 20 14" width="20" height="14" aria-hidden="true">'
    return mark_safe("".join(f"<span>{svg}{shape}</svg>{escape(name)}</span>" for name, shape in named))


@register.simple_tag
def lanes(drawn: Iterable[Lane], grid_lines: SafeString) -> SafeString:
    """The items of a department, each with its marks on the axis and its newest value."""
    base = '<line class="base" x1="0" x2="100%" y1="36.5" y2="36.5"/>'
    return mark_safe(
        "".join(
            f'<div class="lane"><p class="lane-name">{escape(lane.name)}{_keys(lane.keys)}</p>'
            f'<svg class="lane-svg" focusable="false">{grid_lines}{base}{"".join(map(_shape, lane.marks))}</svg>'
            f'<p class="lane-now">{escape(lane.latest)}</p></div>'
            for lane in drawn
        )
    )


def _shape(m: Mark) -> str:
    """A mark of a lane. Everything in it is a number or a word of `marks`, so nothing needs to be escaped."""
    if m.kind == "dot":
        return f'<circle class="t-dot s{m.shade}" cx="{m.x}%" cy="30" r="5"/>'
    size = f'x="{m.x}%" y="{m.y}" width="{m.width}%" height="{m.height}" rx="{m.round}"'
    return f'<rect class="t-{m.kind} s{m.shade}" {size}/>'


def _keys(keys: Iterable[Key]) -> str:
    shown = "".join(
        f'<span><svg viewBox="0 0 10 10" width="10" height="10"><rect class="s{key.shade}" width="10" height="10" '
        f'rx="2"/></svg>{escape(key.name)}</span>'
        for key in keys
    )
    return f'<span class="lane-keys">{shown}</span>' if shown else ""


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


@register.simple_tag
def months(listed: Iterable[Month]) -> SafeString:
    """The past month by month, each domain with its entries."""
    named = {domain: escape(str(name)) for domain, name in domain_names().items()}
    drawn = (
        f"<li><h3>{escape(month.label)}</h3><ul>"
        + "".join(
            f'<li><span class="tag">{named[domain]}</span><span>'
            + "".join(f'<span class="entry">{escape(text)}</span>' for text in texts)
            + "</span></li>"
            for domain, texts in month.domains
        )
        + "</ul></li>"
        for month in listed
    )
    return mark_safe("".join(drawn))


@register.simple_tag
def spark(picture: Spark) -> SafeString:
    """The small picture of a reason, with its values as a text beside it."""
    size = f'width="{picture.width}" height="{picture.height}"'
    line = f'x1="0" x2="{picture.width}"'
    threshold = f'y1="{picture.threshold_y}" y2="{picture.threshold_y}"'
    return mark_safe(
        f'<svg class="spark" viewBox="0 0 {picture.width} {picture.height}" {size} role="img" '
        f'aria-label="{escape(picture.text)}"><line class="base" {line} y1="{picture.base}" y2="{picture.base}"/>'
        + "".join(_bar(bar) for bar in picture.bars)
        + (f'<line class="threshold" {line} {threshold}/>' if picture.threshold_y is not None else "")
        + "</svg>"
    )


@register.simple_tag(takes_context=True)
def tabs_bar(context: template.Context, tabs: Iterable[Tab], person_id: str) -> SafeString:
    """The other pages of this child, the one that is open marked."""
    here = context["request"].resolver_match.view_name
    return mark_safe(
        "".join(
            f'<a class="btn" href="{escape(_path(tab.view_name) % person_id)}"'
            f"{_CURRENT if tab.view_name == here else ''}>{escape(tab.name)}</a>"
            for tab in tabs
        )
    )


@lru_cache(maxsize=64)
def _path(view_name: str) -> str:
    """The address of a child's page with %s in place of the child, whose number is of one form."""
    return reverse(view_name, args=[_SOMEBODY]).replace("%", "%%").replace(_SOMEBODY, "%s")


_SOMEBODY = "P0000000000000000"
_CURRENT = ' aria-current="page"'


def _bar(bar: Bar) -> str:
    main = " main" if bar.is_main else ""
    rect = f'x="{bar.x}" y="{bar.y}" width="{bar.width}" height="{bar.height}" rx="2"'
    text = f'<text class="value{main}" x="{bar.middle}" y="{int(bar.y) - 4}" text-anchor="middle">'
    written = f"{text}{escape(bar.shown)}</text>" if bar.shown else ""
    return f'<rect class="bar {bar.kind}{main}" {rect}/>{written}'


def _as_of(day: dt.date) -> str:
    return escape(_("as of %(day)s") % {"day": short_day(day)})
