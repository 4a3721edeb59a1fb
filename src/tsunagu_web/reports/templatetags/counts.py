"""Counts and months as the page of numbers shows them."""

from __future__ import annotations

import datetime as dt

from django import template

from tsunagu_web.cases.days import month_words

register = template.Library()


@register.filter
def month_name(day: dt.date) -> str:
    return month_words(day)
