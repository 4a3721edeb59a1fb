"""The form of a school's thresholds: a number or nothing for each mark, and the window they look back on."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tsunagu.casework.boards import Kind, Thresholds
from tsunagu_web.boards.models import CHOSEN
from tsunagu_web.boards.queries import InForce
from tsunagu_web.boards.services import Chosen

KINDS: dict[Kind, Promise] = {
    Kind.ABSENCE: _("Absent"),
    Kind.LATENESS: _("Late"),
    Kind.INFIRMARY: _("In the infirmary"),
    Kind.MOOD: _("Rain or thunder"),
}


def _number(least: int, most: int, *, required: bool = False) -> forms.IntegerField:
    told = {
        "invalid": _("Write a whole number, or nothing."),
        "min_value": _("At least %(limit_value)s."),
        "max_value": _("At most %(limit_value)s."),
        "required": _("Write a whole number."),
    }
    widget = forms.NumberInput(attrs={"class": "field short", "inputmode": "numeric"})
    return forms.IntegerField(min_value=least, max_value=most, required=required, widget=widget, error_messages=told)


@dataclass(frozen=True)
class Line:
    """One kind with its two fields."""

    name: Promise
    in_row: BoundField
    often: BoundField


class ThresholdsForm(forms.Form):
    """What a school wants to be shown. An empty field means that the mark is not used."""

    window_days = _number(7, 120, required=True)
    seldom = _number(1, 50)
    steps = _number(1, 3)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)
    school = forms.CharField(max_length=20, widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as Django's own form takes them
        for kind in Kind:
            # One day alone is no streak.
            self.fields[f"{kind}_in_row"] = _number(2, 30)
            self.fields[f"{kind}_often"] = _number(1, 100)

    @classmethod
    def of(cls, now: InForce) -> ThresholdsForm:
        return cls(initial={**_values(now.rules), "seen": now.number, "form": uuid.uuid4(), "school": now.school})

    def lines(self) -> Iterator[Line]:
        for kind, name in KINDS.items():
            yield Line(name, self[f"{kind}_in_row"], self[f"{kind}_often"])

    def chosen(self) -> Chosen:
        given = self.cleaned_data
        return Chosen({name: given[name] for name in CHOSEN}, given["seen"], given["form"])


def _values(rules: Thresholds) -> dict[str, int | None]:
    return {
        **{f"{kind}_in_row": rules.in_row[kind] for kind in Kind},
        **{f"{kind}_often": rules.often[kind] for kind in Kind},
        "window_days": rules.window_days,
        "seldom": rules.seldom,
        "steps": rules.steps,
    }
