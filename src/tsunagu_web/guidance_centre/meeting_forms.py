"""What the page of the intake meeting asks for, and what is accepted."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Child
from tsunagu_web.free_text import FreeText
from tsunagu_web.guidance_centre.choices import Course
from tsunagu_web.guidance_centre.meetings import Held
from tsunagu_web.guidance_centre.models import Meeting
from tsunagu_web.protection.hearings import BEGINNING, heard_before, is_heard
from tsunagu_web.protection.services import running

_CHOOSE = gettext_lazy("Choose one.")


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "field"})


class MeetingForm(forms.Form):
    """A meeting as it is written down."""

    held_at = forms.DateTimeField(
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "field"}),
        error_messages={"required": gettext_lazy("Say when it was held.")},
    )
    is_emergency = forms.BooleanField(required=False)
    why_at_once = FreeText(most=400, required=False, widget=_area(2))
    staff = forms.TypedMultipleChoiceField(required=False, coerce=int, widget=forms.CheckboxSelectMultiple)
    others = FreeText(most=1_000, required=False, widget=_area(2))
    known = FreeText(
        most=4_000,
        widget=_area(6),
        error_messages={"required": gettext_lazy("Write what was known when you decided.")},
    )
    course = forms.ChoiceField(choices=Course.choices, widget=forms.RadioSelect, error_messages={"required": _CHOOSE})
    reason = FreeText(
        most=2_000,
        widget=_area(3),
        error_messages={"required": gettext_lazy("Say why, in a sentence.")},
    )
    why_not_heard = FreeText(most=400, required=False, widget=_area(2))
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)
    #: Whether the child's own view of a protection is on record.
    is_heard = False

    @classmethod
    def new(cls, seen: int, writer: int) -> MeetingForm:
        """An empty one; whoever writes it down mostly took part."""
        now = f"{timezone.localtime():%Y-%m-%dT%H:%M}"
        return cls(initial={"held_at": now, "staff": [writer], "seen": seen, "form": uuid.uuid4()})

    def offering(self, staff: Iterable[Staff]) -> MeetingForm:
        field = self.fields["staff"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(one.pk, f"{one.name}（{one.department}）" if one.department else one.name) for one in staff]
        return self

    def of(self, child: Child) -> MeetingForm:
        """Knows whether this child was heard."""
        now = running(child)
        self.is_heard = is_heard(now, BEGINNING) if now else heard_before(child) is not None
        return self

    def clean_held_at(self) -> dt.datetime:
        at: dt.datetime = self.cleaned_data["held_at"]
        if not timezone.now() - dt.timedelta(days=366) < at <= timezone.now() + dt.timedelta(minutes=5):
            raise forms.ValidationError(_("The moment must lie within the last year, and not ahead."))
        return at

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.errors:
            return given
        if given["is_emergency"] and not given["why_at_once"]:
            self.add_error("why_at_once", _("Say why it could not wait for the ordinary meeting."))
        if not given["is_emergency"]:
            given["why_at_once"] = ""
        if given["course"] != Course.PROTECT or self.is_heard:
            given["why_not_heard"] = ""
        elif not given["why_not_heard"]:
            words = _(
                "A protection is decided with the child's own view. Record it first, or say why it cannot be had."
            )
            self.add_error("why_not_heard", words)
        if not self.errors and (lacks := self.held().lacks()):
            words = _("An intake meeting is held by three people at least, in an emergency by two. Missing: %(n)d")
            self.add_error("staff", words % {"n": lacks})
        return given

    def held(self) -> Held:
        given = self.cleaned_data
        names = ("held_at", "is_emergency", "why_at_once", "others", "known", "course", "reason", "seen", "form")
        said = {name: given[name] for name in (*names, "why_not_heard")}
        return Held(**said, staff=tuple(given["staff"]), is_heard=self.is_heard)


class ConfirmForm(forms.Form):
    """A supervisor's answer to a meeting."""

    step = forms.ChoiceField(
        choices=[
            ("confirm_meeting", gettext_lazy("Confirm it")),
            ("return_meeting", gettext_lazy("Give it back")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _CHOOSE},
    )
    reason = FreeText(most=400, required=False, widget=_area(2))
    number = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, meeting: Meeting) -> ConfirmForm:
        return cls(initial={"number": meeting.number, "seen": meeting.revision, "form": uuid.uuid4()})

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("step") == "return_meeting" and not given.get("reason"):
            self.add_error("reason", _("Say why, in a sentence."))
        return given
