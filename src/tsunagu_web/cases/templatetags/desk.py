"""Small words for templates: days in the page's calendar, names of domains."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django import template
from django.db.models import Model
from django.template.base import Parser, Token
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tsunagu_web.audit.names import ACTIONS
from tsunagu_web.cases import days
from tsunagu_web.cases.timeline import domain_names

register = template.Library()


class _TellsLength(template.Node):
    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> SafeString:
        page = self.nodelist.render(context)
        request = context.get("request")
        if request is None or " data-most=" not in page:
            return page
        request.desk_script = True  # read by SafeHeaders
        script = format_html(
            '<script src="{}" defer data-left="{}" data-over="{}"></script>',
            static("desk/free-text.js"),
            _("Characters left: {n}"),
            _("Characters too many: {n}. Nothing is cut."),
        )
        return mark_safe(page + script)


@register.tag
def tells_length(parser: Parser, token: Token) -> _TellsLength:
    """Brings the script that tells how many characters are left, where what stands inside has a field that says so."""
    inside = parser.parse(("endtells_length",))
    parser.delete_first_token()
    return _TellsLength(inside)


@register.filter
def day(value: dt.date | None) -> str:
    return days.short_day(value)


@register.filter
def day_both(value: dt.date | None) -> str:
    """Both calendars: 令和8年9月30日（2026年）."""
    return days.long_day(value)


@register.filter
def moment(value: dt.datetime) -> str:
    local = timezone.localtime(value)
    return f"{days.short_day(local.date())} {local:%H:%M}"


@register.filter
def moment_exact(value: dt.datetime) -> str:
    local = timezone.localtime(value)
    return f"{local:%Y-%m-%d %H:%M:%S}"


@register.filter
def step_name(move: str) -> str:
    """What somebody did, as the log names it."""
    return str(ACTIONS.get(move, move))


@register.filter
def voice_of(voices: Mapping[int, object], row: Model) -> object:
    """What became of the child's voice in this decision; None for what is no decision."""
    return voices.get(row.pk)


@register.filter
def domain(value: str) -> str:
    return str(domain_names().get(value, value))


# Small words of each row of a list: a filter is read once, a `blocktranslate` takes ten times as long each time.


@register.filter
def years(age: int) -> str:
    return ngettext("%(age)s year", "%(age)s years", age) % {"age": age}


@register.filter
def more(others: int) -> str:
    return _("and %(n)s more") % {"n": others}


@register.filter
def days_over(due_in_days: int) -> str:
    return ngettext("%(n)s day over", "%(n)s days over", -due_in_days) % {"n": -due_in_days}


@register.filter
def in_days(number: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", number) % {"n": number}


@register.filter
def days_left(due_in_days: int) -> str:
    return ngettext("%(n)s day left", "%(n)s days left", due_in_days) % {"n": due_in_days}


@register.filter
def count_told(n: int | None) -> str:
    """The number; a dash, which a screen reader puts into words, where it is not told."""
    if n is not None:
        return str(n)
    return format_html('<span aria-hidden="true">-</span><span class="hidden">{}</span>', _("not told, small"))
