"""Small words for templates: days in the page's calendar, names of domains."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils import timezone

from tsunagu_web.cases import days
from tsunagu_web.cases.timeline import domain_names

register = template.Library()


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
def domain(value: str) -> str:
    return domain_names().get(value, value)


@register.filter
def ago(days_over: int) -> int:
    return -days_over
