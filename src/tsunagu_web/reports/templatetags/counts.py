"""Counts and months as the page of numbers shows them."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _

from tsunagu_web.cases.days import month_words

register = template.Library()


@register.filter
def count_told(n: int | None) -> str:
    """The number; a dash, which a screen reader puts into words, where it is not told."""
    if n is not None:
        return str(n)
    return format_html('<span aria-hidden="true">-</span><span class="hidden">{}</span>', _("not told, small"))


@register.filter
def month_name(day: dt.date) -> str:
    return month_words(day)
