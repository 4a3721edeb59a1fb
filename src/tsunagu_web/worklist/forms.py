"""What the list asks for when a list is kept, or several children are taken together."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.forms import LONGEST_WATCH
from tsunagu_web.cases.queries import TeamWithLeads
from tsunagu_web.free_text import FreeText
from tsunagu_web.worklist.bulk import MOST


class KeepForm(forms.Form):
    """A name for the list as it is narrowed, and the team that shares it."""

    name = FreeText(
        most=40,
        widget=forms.TextInput(attrs={"class": "field"}),
        error_messages={"required": gettext_lazy("Narrow the list, then give it a name.")},
    )
    team = forms.ChoiceField(required=False, widget=forms.Select(attrs={"class": "field"}))

    def offering(self, viewer: Viewer, teams: Iterable[tuple[str, str]]) -> KeepForm:
        """With these teams to share with, as far as they are the viewer's own."""
        team = self.fields["team"]
        assert isinstance(team, forms.ChoiceField)
        team.choices = [("", _("For me alone")), *(one for one in teams if one[0] in viewer.teams)]
        return self


class _ManyForm(forms.Form):
    why = FreeText(
        most=400,
        widget=forms.TextInput(attrs={"class": "field"}),
        error_messages={"required": gettext_lazy("Say why, in a sentence.")},
    )
    form = forms.UUIDField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        persons = self.data.getlist("person") if hasattr(self.data, "getlist") else []
        if not persons:
            raise forms.ValidationError(_("Choose at least one child."))
        if len(persons) > MOST:
            raise forms.ValidationError(_("At most %(most)d children can be taken together.") % {"most": MOST})
        given["persons"] = persons
        return given


class WatchManyForm(_ManyForm):
    """Until when to watch, and why."""

    until = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date", "class": "field"}),
        error_messages={"required": gettext_lazy("Say until when you will watch.")},
    )

    @classmethod
    def new(cls) -> WatchManyForm:
        until = timezone.localdate() + dt.timedelta(days=30)
        return cls(initial={"form": uuid.uuid4(), "until": until}, auto_id="watch_%s")

    def clean_until(self) -> dt.date:
        until: dt.date = self.cleaned_data["until"]
        today = timezone.localdate()
        if not today < until <= today + LONGEST_WATCH:
            raise forms.ValidationError(_("The day must lie after today and within a year."))
        return until

    def wish(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("persons", "until", "why", "form")}


class AssignManyForm(_ManyForm):
    """Team and lead worker as one choice, with how many open cases the lead has."""

    lead = forms.ChoiceField(widget=forms.Select(attrs={"class": "field"}))

    def offering(self, teams: Iterable[TeamWithLeads]) -> AssignManyForm:
        """Only these can be given the cases."""
        lead = self.fields["lead"]
        assert isinstance(lead, forms.ChoiceField)
        lead.choices = [(f"{key}:{pk}", f"{team}　{name}") for key, team, leads in teams for pk, name in leads]
        return self

    @classmethod
    def new(cls) -> AssignManyForm:
        return cls(initial={"form": uuid.uuid4()}, auto_id="assign_%s")

    def wish(self) -> dict[str, Any]:
        team, _colon, lead = self.cleaned_data["lead"].rpartition(":")
        given = {name: self.cleaned_data[name] for name in ("persons", "why", "form")}
        return {**given, "team": team, "lead_id": int(lead)}
