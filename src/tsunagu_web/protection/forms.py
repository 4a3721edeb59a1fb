"""What the page of temporary protection asks for, and what is accepted."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu_web.free_text import FreeText
from tsunagu_web.protection.hearings import Heard
from tsunagu_web.protection.models import Consent, Hearing, Protection, Shelter
from tsunagu_web.protection.services import Begun, Click

_CHOOSE = gettext_lazy("Choose one.")
_SAY_WHY = gettext_lazy("Say why, in a sentence.")
STEPS = {
    "record_consent": gettext_lazy("The guardian agrees"),
    "withdraw_consent": gettext_lazy("The guardian does not agree any more, or disagrees"),
    "ask_warrant": gettext_lazy("The court's warrant is asked for"),
    "warrant_issued": gettext_lazy("The warrant is issued"),
    "warrant_refused": gettext_lazy("The warrant is refused"),
    "appeal_refusal": gettext_lazy("The refusal is appealed"),
    "ask_court": gettext_lazy("The family court is asked for more than two months"),
    "prolong": gettext_lazy("Prolong it by two months"),
    "end_protection": gettext_lazy("End the protection"),
}


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "field"})


def _radios(choices: Iterable[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, error_messages={"required": _CHOOSE})


def _day() -> forms.DateField:
    return forms.DateField(
        widget=forms.DateInput(attrs={"type": "date", "class": "field"}),
        error_messages={"required": gettext_lazy("Say on which day.")},
    )


def _within_a_year(day: dt.date) -> dt.date:
    today = timezone.localdate()
    if not today - dt.timedelta(days=366) < day <= today:
        raise forms.ValidationError(_("The day must lie within the last year, and not ahead."))
    return day


class HearingForm(forms.Form):
    """The child's own view, or the declared reason why there is none."""

    about = _radios(Hearing.About.choices)
    outcome = _radios(Hearing.Outcome.choices)
    heard_on = _day()
    words = FreeText(
        most=4_000,
        widget=_area(4),
        error_messages={"required": gettext_lazy("Write what the child said or showed, or what was tried.")},
    )
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def new(cls) -> HearingForm:
        return cls(initial={"heard_on": timezone.localdate().isoformat(), "form": uuid.uuid4()})

    def offering(self, *, may_end: bool) -> HearingForm:
        """The end can be spoken of once there is something to end."""
        about = self.fields["about"]
        assert isinstance(about, forms.ChoiceField)
        about.choices = Hearing.About.choices if may_end else Hearing.About.choices[:1]
        return self

    def clean_heard_on(self) -> dt.date:
        return _within_a_year(self.cleaned_data["heard_on"])

    def heard(self) -> Heard:
        return Heard(**self.cleaned_data)


class BeginForm(forms.Form):
    """A protection from its hour on."""

    began_at = forms.DateTimeField(
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "field"}),
        error_messages={"required": gettext_lazy("Say when it began.")},
    )
    shelter = _radios(Shelter.choices)
    consent = _radios(Consent.choices)
    reason = FreeText(most=400, widget=_area(3), error_messages={"required": _SAY_WHY})
    why_not_heard = FreeText(most=400, required=False, widget=_area(2))
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def new(cls) -> BeginForm:
        return cls(initial={"began_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}", "form": uuid.uuid4()})

    def clean_began_at(self) -> dt.datetime:
        at: dt.datetime = self.cleaned_data["began_at"]
        if not timezone.now() - dt.timedelta(days=366) < at <= timezone.now() + dt.timedelta(minutes=5):
            raise forms.ValidationError(_("The moment must lie within the last year, and not ahead."))
        return at

    def begun(self) -> Begun:
        return Begun(**self.cleaned_data)


class StepForm(forms.Form):
    """One step of a protection, with its day."""

    step = _radios(STEPS.items())
    on = _day()
    reason = FreeText(most=400, widget=_area(2), error_messages={"required": _SAY_WHY})
    why_not_heard = FreeText(most=400, required=False, widget=_area(2))
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, one: Protection) -> StepForm:
        today = timezone.localdate().isoformat()
        return cls(initial={"on": today, "seen": one.revision, "form": uuid.uuid4()})

    def clean_on(self) -> dt.date:
        return _within_a_year(self.cleaned_data["on"])

    def click(self) -> Click:
        return Click(**self.cleaned_data)
