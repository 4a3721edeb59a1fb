"""Controls drawn without templates: to the letter what Django's own templates draw."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from tsunagu_web.serving.form_controls import PlainControls

NASTY = "\"><script>'&amp;</textarea>髙"


class Sheet(forms.Form):
    text = forms.CharField(max_length=20, widget=forms.TextInput(attrs={"class": 'field "x"', "autofocus": True}))
    number = forms.IntegerField(min_value=0)
    day = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date", "class": "field"}))
    moment = forms.TimeField(required=False, widget=forms.TimeInput(attrs={"type": "time", "hidden": False}))
    hidden = forms.UUIDField(widget=forms.HiddenInput)
    long = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 4}))
    agreed = forms.BooleanField(required=False)
    one = forms.ChoiceField(choices=[("", NASTY), ("a", "A"), (NASTY, "B")], widget=forms.Select())
    grouped = forms.ChoiceField(choices=[("甲", [("1", "一"), ("2", NASTY)]), ("3", "三")])
    several = forms.MultipleChoiceField(choices=[("a", "A"), ("b", NASTY)], widget=forms.SelectMultiple)
    radio = forms.ChoiceField(choices=[("a", "A"), ("b", NASTY)], widget=forms.RadioSelect)
    boxes = forms.MultipleChoiceField(choices=[("a", "A"), ("b", NASTY)], widget=forms.CheckboxSelectMultiple)


EMPTY: dict[str, object] = {}
GIVEN = {
    "text": NASTY,
    "number": "12",
    "day": "2026-04-01",
    "moment": "08:30",
    "hidden": "x",
    "long": f"\n{NASTY}\n",
    "agreed": "on",
    "one": NASTY,
    "grouped": "2",
    "several": ["a", "b"],
    "radio": "b",
    "boxes": ["b"],
}
BEGUN = {"day": dt.date(2026, 4, 1), "hidden": uuid.UUID(int=7), "number": 1234, "one": "a", "agreed": True}


@pytest.mark.parametrize("name", list(Sheet.base_fields))
@pytest.mark.parametrize(("given", "begun"), [(None, EMPTY), (None, BEGUN), (GIVEN, EMPTY), (EMPTY, EMPTY)])
def test_a_control_is_what_the_template_draws(
    name: str, given: dict[str, object] | None, begun: dict[str, object]
) -> None:
    ours, theirs = (
        Sheet(given, initial=begun, renderer=renderer)[name] for renderer in (PlainControls(), DjangoTemplates())
    )
    assert str(ours) == str(theirs)
    if name in ("radio", "boxes"):
        assert [choice.tag() for choice in ours] == [choice.tag() for choice in theirs]
        assert [choice.tag(wrap_label=True) for choice in ours] == [choice.tag(wrap_label=True) for choice in theirs]


def test_the_desk_draws_its_controls_so() -> None:
    assert isinstance(Sheet().renderer, PlainControls)
