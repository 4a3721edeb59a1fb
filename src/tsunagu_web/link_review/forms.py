"""What the pages of link review ask for, and what is accepted."""

from __future__ import annotations

import uuid

from django import forms
from django.utils.translation import gettext_lazy

from tsunagu_web.link_review.models import LinkPair, Verdict, Why
from tsunagu_web.link_review.services import Wish

_REASONS = [(why.value, why.label) for why in Why if why is not Why.MISTAKE]


class DecideForm(forms.Form):
    """One of three verdicts, each a button, and what it rests on."""

    verdict = forms.ChoiceField(choices=[c for c in Verdict.choices if c[0] != Verdict.TAKEN_BACK])
    why = forms.ChoiceField(
        choices=[("", gettext_lazy("Choose a reason")), *_REASONS],
        widget=forms.Select(attrs={"class": "field"}),
        error_messages={"required": gettext_lazy("Choose what the decision rests on.")},
    )
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    content = forms.CharField(max_length=64, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, pair: LinkPair, *, decisions: int) -> DecideForm:
        return cls(initial={"seen": decisions, "content": pair.content, "form": uuid.uuid4()})

    def wish(self) -> Wish:
        given = self.cleaned_data
        verdict, why = Verdict(given["verdict"]), Why(given["why"])
        return Wish(verdict, why, given["seen"], given["content"], given["form"])


class TakeBackForm(forms.Form):
    form = forms.UUIDField()
