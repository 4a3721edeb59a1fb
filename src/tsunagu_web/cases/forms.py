"""What a child's page and the decisions asks for, and what is accepted."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Case, Child, NotNowReason, State
from tsunagu_web.cases.queries import leads_by_team
from tsunagu_web.cases.services import Assignment, Wish
from tsunagu_web.cases.voices import VoicePart
from tsunagu_web.free_text import FreeText

LONGEST_WATCH = dt.timedelta(days=366)

# What somebody does, in contrast to the state the child is in afterwards.
OUTCOMES = [
    (State.CANDIDATE, gettext_lazy("Make a support candidate")),
    (State.WATCH, gettext_lazy("Watch (choose the day to look again)")),
    (State.NOT_NOW, gettext_lazy("Not now (choose the reason)")),
    (State.SUPPORTED, gettext_lazy("Already being supported")),
]


class DecisionForm(VoicePart):
    """The worker's own view. A date belongs to watching only, a coded reason to `not now` only."""

    outcome = forms.ChoiceField(
        choices=OUTCOMES,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the four.")},
    )
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date", "class": "field"}))
    reason = forms.ChoiceField(
        required=False,
        choices=[("", gettext_lazy("Choose a reason")), *NotNowReason.choices],
        widget=forms.Select(attrs={"class": "field"}),
    )
    note = FreeText(required=False, most=2000, widget=forms.Textarea(attrs={"rows": 4, "class": "field"}))
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        outcome, until = given.get("outcome"), given.get("until")
        today = timezone.localdate()
        if outcome == State.WATCH and "until" not in self.errors:
            if until is None:
                self.add_error("until", _("Say until when you will watch."))
            elif not today < until <= today + LONGEST_WATCH:
                self.add_error("until", _("The day must lie after today and within a year."))
        if outcome == State.NOT_NOW and not given.get("reason"):
            self.add_error("reason", _("Choose the reason."))
        return given

    def on_top_of_the_latest(self, child: Child) -> DecisionForm:
        """The same answers in a new form that has seen the latest decision."""
        child.refresh_from_db(fields=["decisions_made", "state", "due_on"])
        return DecisionForm(initial={**self.cleaned_data, "seen": child.decisions_made, "form": uuid.uuid4()})

    def wish(self) -> Wish:
        given = self.cleaned_data
        return Wish(
            outcome=given["outcome"],
            until=given["until"],
            reason=given["reason"],
            note=given["note"].strip(),
            seen=given["seen"],
            form=given["form"],
            heard=self.heard(),
        )


class AssignForm(forms.Form):
    """Team, lead worker and kind of a case. The lead must have a duty for the team, or could not open the child."""

    team = forms.ChoiceField(widget=forms.Select(attrs={"class": "field"}))
    lead = forms.TypedChoiceField(coerce=int, widget=forms.Select(attrs={"class": "field"}))
    kind = forms.ChoiceField(choices=Case.Kind.choices, widget=forms.Select(attrs={"class": "field"}))
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, viewer: Viewer, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self._viewer, self._leads = viewer, leads_by_team(viewer)
        team, lead = self.fields["team"], self.fields["lead"]
        assert isinstance(team, forms.ChoiceField)
        assert isinstance(lead, forms.ChoiceField)
        team.choices = [(key, name) for key, name, _leads in self._leads]
        lead.choices = list({pk: (pk, name) for _key, _name, leads in self._leads for pk, name in leads}.values())

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if "team" in given and "lead" in given:
            of_team = {pk for key, _name, leads in self._leads if key == given["team"] for pk, _ in leads}
            if given["lead"] not in of_team:
                self.add_error("lead", _("This person has no duty for the team."))
        return given

    @classmethod
    def of(cls, case: Case, viewer: Viewer) -> AssignForm:
        return cls(viewer, initial={"team": case.team, "lead": case.lead_id, "kind": case.kind, "seen": case.revision})

    def on_top_of(self, case: Case) -> AssignForm:
        """The same answers in a new form that has seen the latest state."""
        return AssignForm(self._viewer, initial={**self.cleaned_data, "seen": case.revision})

    def wish(self) -> Assignment:
        given = self.cleaned_data
        return Assignment(team=given["team"], lead_id=given["lead"], kind=given["kind"], seen=given["seen"])
