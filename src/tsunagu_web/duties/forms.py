"""What the pages of duties ask for, and what is accepted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tsunagu_web.access.models import Conflict, Grant
from tsunagu_web.access.terms import Purpose
from tsunagu_web.accounts.models import Staff
from tsunagu_web.free_text import FreeText

LONGEST_GRANT = dt.timedelta(days=92)
_PERSON_ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$"
_FIELD = {"class": "field", "autocomplete": "off"}


class PurposeForm(forms.Form):
    """One of the purposes the role has; nothing is chosen beforehand, so that picking is an act."""

    purpose = forms.ChoiceField(
        widget=forms.RadioSelect, error_messages={"required": _("Choose what you are here for.")}
    )
    next = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    def offering(self, purposes: Iterable[Purpose]) -> PurposeForm:
        field = self.fields["purpose"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(purpose.value, purpose.label) for purpose in purposes]
        return self


class EmergencyForm(forms.Form):
    """The reason in the person's own words: it is read by whoever reviews."""

    reason = FreeText(
        label=_("Why it cannot wait"),
        min_length=10,
        most=400,
        widget=forms.Textarea(attrs={"rows": 4, **_FIELD}),
        error_messages={
            "required": _("Write why it cannot wait."),
            "min_length": _("Write a little more, so that somebody else understands it tomorrow."),
        },
    )


class ReviewForm(forms.Form):
    """Why it was not needed is written down, for whoever took the access reads it."""

    review = forms.ChoiceField(
        label=_("What you found"),
        choices=[c for c in Grant.Review.choices if c[0]],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )
    note = FreeText(label=_("Note"), required=False, most=400, widget=forms.Textarea(attrs={"rows": 2, **_FIELD}))

    def clean_note(self) -> str:
        note: str = self.cleaned_data["note"].strip()
        if not note and self.cleaned_data.get("review") == Grant.Review.NOT_JUSTIFIED:
            raise forms.ValidationError(_("Write why it was not needed."))
        return note


class GrantForm(forms.Form):
    """Access for one colleague, with an end."""

    staff = forms.CharField(label=_("Login of the colleague"), max_length=60, widget=forms.TextInput(attrs=_FIELD))
    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=Purpose.choices, widget=forms.Select(attrs={"class": "field"})
    )
    basis = forms.ChoiceField(
        label=_("Why"),
        choices=[c for c in Grant.Basis.choices if c[0] != Grant.Basis.EMERGENCY],
        widget=forms.Select(attrs={"class": "field"}),
    )
    until = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date", **_FIELD}))

    def clean_staff(self) -> Staff:
        return _colleague(self.cleaned_data["staff"])

    def clean_until(self) -> dt.date:
        until: dt.date = self.cleaned_data["until"]
        today = timezone.localdate()
        if not today <= until <= today + LONGEST_GRANT:
            raise forms.ValidationError(_("The last day must lie between today and three months from now."))
        return until

    def given(self) -> dict[str, object]:
        """What is asked of the service: the access holds to the end of the day."""
        given = dict(self.cleaned_data)
        given["ends_at"] = timezone.make_aware(dt.datetime.combine(given.pop("until"), dt.time.max))
        return given


class LooksForm(forms.Form):
    """Where in the log to go on reading."""

    below = forms.IntegerField(required=False, min_value=1)
    above = forms.IntegerField(required=False, min_value=0)


class ConflictForm(forms.Form):
    """Whom a colleague must not see. By number, not by name: this page finds nobody."""

    staff = forms.CharField(label=_("Login of the colleague"), max_length=60, widget=forms.TextInput(attrs=_FIELD))
    person = forms.RegexField(_PERSON_ID, label=_("Person id"), widget=forms.TextInput(attrs=_FIELD))
    kind = forms.ChoiceField(
        label=_("Why"), choices=Conflict.Kind.choices, widget=forms.Select(attrs={"class": "field"})
    )

    def clean_staff(self) -> Staff:
        return _colleague(self.cleaned_data["staff"])


class AccessCheckForm(forms.Form):
    """Whose access is checked, and optionally about which child."""

    staff = forms.CharField(label=_("Login of the colleague"), max_length=60, widget=forms.TextInput(attrs=_FIELD))
    person = forms.RegexField(_PERSON_ID, label=_("Person id"), required=False, widget=forms.TextInput(attrs=_FIELD))

    def clean_staff(self) -> Staff:
        return _colleague(self.cleaned_data["staff"])


def _colleague(login: str) -> Staff:
    staff = Staff.objects.filter(login=login.strip(), is_active=True).first()
    if staff is None:
        raise forms.ValidationError(_("Nobody works here under this login."))
    return staff
