"""What the pages of tasks ask for, and what is accepted."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu_web.accounts.models import Staff
from tsunagu_web.free_text import FreeText
from tsunagu_web.tasks.models import Task
from tsunagu_web.tasks.services import Asked

FURTHEST = dt.timedelta(days=366)
STEPS = (
    ("finish", gettext_lazy("It is done")),
    ("drop", gettext_lazy("It is not needed any more")),
    ("take_up_again", gettext_lazy("It is to be done again")),
)


def not_too_far(day: dt.date) -> dt.date:
    """raises ValidationError for a day that is over, or a year away"""
    if not timezone.localdate() <= day <= timezone.localdate() + FURTHEST:
        raise forms.ValidationError(_("The day must be today or later, and within a year."))
    return day


class TaskForm(forms.Form):
    """A new task; what is to be done is written once."""

    what = FreeText(
        most=400,
        widget=forms.Textarea(attrs={"rows": 2, "class": "field"}),
        error_messages={"required": gettext_lazy("Say what is to be done.")},
    )
    owner = forms.TypedChoiceField(coerce=int, widget=forms.Select(attrs={"class": "field"}))
    due_on = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date", "class": "field"}),
        error_messages={"required": gettext_lazy("Say by when.")},
    )
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def new(cls, viewer_id: int) -> TaskForm:
        day = timezone.localdate() + dt.timedelta(days=14)
        return cls(initial={"form": uuid.uuid4(), "due_on": day, "owner": viewer_id})

    def offering(self, staff: Iterable[Staff]) -> TaskForm:
        """Only these can be given the task."""
        field = self.fields["owner"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.pk, f"{one.name}（{one.get_role_display()}）") for one in staff]
        return self

    def clean_due_on(self) -> dt.date:
        return not_too_far(self.cleaned_data["due_on"])

    def asked(self) -> Asked:
        given = self.cleaned_data
        return Asked(given["what"].strip(), given["owner"], given["due_on"], given["form"])


class HandOnForm(forms.Form):
    """An open task for somebody else or another day, with the reason."""

    owner = forms.TypedChoiceField(coerce=int, widget=forms.Select(attrs={"class": "field"}))
    due_on = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date", "class": "field"}),
        error_messages={"required": gettext_lazy("Say by when.")},
    )
    reason = FreeText(
        most=400,
        widget=forms.TextInput(attrs={"class": "field"}),
        error_messages={"required": gettext_lazy("Say why, in a sentence.")},
    )
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, task: Task, staff: Iterable[Staff]) -> HandOnForm:
        given = {"owner": task.owner_id, "due_on": task.due_on, "seen": task.revision, "form": uuid.uuid4()}
        return cls(initial=given, auto_id=f"hand-on-{task.pk}-%s").offering(staff)

    def on_top_of(self, task: Task, staff: Iterable[Staff]) -> HandOnForm:
        """The same answers in a new form that has seen the latest state."""
        given = {**self.cleaned_data, "seen": task.revision, "form": uuid.uuid4()}
        return HandOnForm(initial=given, auto_id=f"hand-on-{task.pk}-%s").offering(staff)

    def offering(self, staff: Iterable[Staff]) -> HandOnForm:
        """Only these can be given the task."""
        field = self.fields["owner"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.pk, f"{one.name}（{one.get_role_display()}）") for one in staff]
        return self

    def clean_due_on(self) -> dt.date:
        return not_too_far(self.cleaned_data["due_on"])


class StepForm(forms.Form):
    """One step of a task; a reason for everything but done."""

    step = forms.ChoiceField(choices=STEPS, widget=forms.Select(attrs={"class": "field"}))
    reason = FreeText(required=False, most=400, widget=forms.TextInput(attrs={"class": "field"}))
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, task: Task, sent: Mapping[str, Any] | None = None) -> StepForm:
        """sent: what could not be recorded, shown as it was typed."""
        marks = {"seen": task.revision, "form": uuid.uuid4()}
        made = cls(sent, initial=marks, auto_id=f"id_{task.pk}_%s")
        names = {"open": ("finish", "drop"), "done": ("take_up_again",)}.get(task.state, ())
        step = made.fields["step"]
        assert isinstance(step, forms.ChoiceField)
        step.choices = [(name, label) for name, label in STEPS if name in names]
        return made
