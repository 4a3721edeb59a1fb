"""Words of the access table for templates."""

from __future__ import annotations

from django import template

from tsunagu_web.access.terms import Label
from tsunagu_web.duties import words

register = template.Library()


@register.filter
def thing(value: str) -> str:
    return str(words.THINGS.get(value, value))


@register.filter
def action(value: str) -> str:
    return str(words.ACTIONS.get(value, value))


@register.filter
def scope(value: str) -> str:
    return str(words.SCOPES.get(value, value))


@register.filter
def why(value: str) -> str:
    return str(words.WHY.get(value, value))


@register.filter
def label_name(value: int) -> str:
    return str(words.LABELS[Label(value)])
