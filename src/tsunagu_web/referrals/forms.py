"""What the pages of referrals ask for, and what is accepted."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu_web.access.terms import LegalBasis, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.words import Words
from tsunagu_web.duties.forms import LONGEST_GRANT
from tsunagu_web.free_text import FreeText
from tsunagu_web.referrals.leaving import Choice, may_go_to
from tsunagu_web.referrals.models import Referral, ReferralContent
from tsunagu_web.referrals.services import Asking, Click

# The mayor's bureau and the board of education are two organs; a private organisation is none.
_OF_THIS_ORGAN = (Role.LEAD_WORKER, Role.SUPERVISOR, Role.PUBLIC_HEALTH_NURSE)
_OF_NO_ORGAN = (Role.PARTNER,)

STEPS: dict[str, str | Promise] = {
    "discard": gettext_lazy("Discard the draft"),
    "revoke": gettext_lazy("Take the referral back"),
    "complete": gettext_lazy("Report that it is done"),
    "break_off": gettext_lazy("Break the work off"),
    "accept": gettext_lazy("Accept the referral"),
    "decline": gettext_lazy("Decline the referral"),
}
_NO_REASON = ("accept",)


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "field"})


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", "class": "field"})


class ReferralForm(forms.Form):
    """A referral, new or written anew; seen: the revision the page showed, 0 for a new one."""

    to = forms.TypedChoiceField(coerce=int, widget=forms.Select(attrs={"class": "field"}))
    asked = FreeText(most=2_000, widget=_area(4))
    wish = FreeText(most=1_000, required=False, widget=_area(3))
    fields_chosen = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    purpose = FreeText(most=400, widget=_area(2))
    basis = forms.ChoiceField(
        choices=[("", gettext_lazy("Choose one.")), *LegalBasis.choices],
        widget=forms.Select(attrs={"class": "field"}),
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    basis_note = FreeText(most=400, required=False, widget=_area(2))
    reply_until = forms.DateField(widget=_day())
    open_until = forms.DateField(widget=_day())
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def new(cls) -> ReferralForm:
        today = timezone.localdate()
        days = {"reply_until": today + dt.timedelta(days=14), "open_until": today + dt.timedelta(days=90)}
        # Nothing is chosen beforehand, neither a piece of the record nor the ground it leaves on, not even the name:
        # what leaves was chosen by a person, and whether somebody can help is often asked without one.
        return cls(initial={**days, "seen": 0, "form": uuid.uuid4()})

    @classmethod
    def of(cls, referral: Referral, content: ReferralContent) -> ReferralForm:
        named = ("purpose", "basis", "basis_note", "reply_until", "open_until")
        said = {name: getattr(referral, name) for name in named}
        said |= {"to": referral.to_id, "asked": content.asked, "wish": content.wish}
        marks = {"seen": referral.revision, "form": uuid.uuid4()}
        return cls(initial={**said, **marks, "fields_chosen": content.fields.split()})

    def on_top_of(self, referral: Referral) -> ReferralForm:
        """The same answers in a new form that has seen the latest state."""
        given = {**self.cleaned_data, "to": self["to"].value()}
        return ReferralForm(initial={**given, "seen": referral.revision, "form": uuid.uuid4()})

    def offering(
        self, people: list[tuple[str, list[tuple[int, str]]]], choices: Iterable[Choice], words: Words
    ) -> ReferralForm:
        """Only these people, and only what the sender may hand on."""
        to, chosen = self.fields["to"], self.fields["fields_chosen"]
        assert isinstance(to, forms.ChoiceField)
        assert isinstance(chosen, forms.ChoiceField)
        to.choices = [("", _("Choose one.")), *people]  # type: ignore[assignment,list-item]  # groups beside an empty one
        chosen.choices = [(choice.code, choice.name) for choice in choices]
        self.words = words
        return self

    def clean_reply_until(self) -> dt.date:
        day: dt.date = self.cleaned_data["reply_until"]
        if not timezone.localdate() <= day <= timezone.localdate() + LONGEST_GRANT:
            raise forms.ValidationError(_("The last day must lie between today and three months from now."))
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        staff = Staff.objects.filter(pk=given.get("to")).first()
        reply, last = given.get("reply_until"), given.get("open_until")
        if reply and last and not reply <= last <= timezone.localdate() + LONGEST_GRANT:
            self.add_error("open_until", _("This day lies after the one for the answer, and within three months."))
        if given.get("basis") not in (None, LegalBasis.WITHIN_PURPOSE) and not given.get("basis_note"):
            self.add_error("basis_note", _("Write why this ground holds here."))
        if staff is not None:
            self._fit(staff, given)
        return given

    def _fit(self, staff: Staff, given: dict[str, Any]) -> None:
        """Ground and fields go with the recipient's role."""
        is_inside = staff.role in _OF_THIS_ORGAN
        wrong = [LegalBasis.OTHER_ORGAN] if is_inside else [LegalBasis.INTERNAL]
        if given.get("basis") in (*wrong, *([LegalBasis.OTHER_ORGAN] if staff.role in _OF_NO_ORGAN else [])):
            self.add_error("basis", _("This ground does not go with the recipient: mind which organ they belong to."))
        names = dict(self.fields["fields_chosen"].choices)  # type: ignore[attr-defined]  # a choice field
        kept = [names[c] for c in given.get("fields_chosen", []) if not may_go_to(staff.role, c, self.words)]
        if kept:
            told = _("This does not go to %(role)s: %(what)s") % {
                "role": staff.get_role_display(),
                "what": "、".join(map(str, kept)),
            }
            self.add_error("fields_chosen", told)
        self.staff = staff

    def asking(self) -> Asking:
        given = self.cleaned_data
        texts = {name: given[name].strip() for name in ("purpose", "basis_note", "asked", "wish")}
        days = {name: given[name] for name in ("reply_until", "open_until")}
        return Asking(to=self.staff, basis=given["basis"], fields=tuple(given["fields_chosen"]), **texts, **days)


class StepForm(forms.Form):
    """One step with its reason; accepting needs none."""

    step = forms.ChoiceField(
        choices=list(STEPS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    reason = FreeText(most=400, required=False, widget=_area(2))
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, referral: Referral) -> StepForm:
        return cls(initial={"seen": referral.revision, "form": uuid.uuid4()})

    def offering(self, steps: Iterable[str]) -> StepForm:
        field = self.fields["step"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, STEPS[name]) for name in steps]
        return self

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("step") not in (None, *_NO_REASON) and not given.get("reason", "").strip():
            self.add_error("reason", _("Say why, in a sentence."))
        return given

    def click(self) -> Click:
        return Click(**{name: self.cleaned_data[name] for name in ("step", "reason", "seen", "form")})


class SendForm(forms.Form):
    """That what stands on the page may leave; print: of exactly that content."""

    print = forms.CharField(max_length=64, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, referral: Referral, content: ReferralContent) -> SendForm:
        return cls(initial={"print": content.print, "seen": referral.revision, "form": uuid.uuid4()})

    def click(self) -> Click:
        return Click("send", "", self.cleaned_data["seen"], self.cleaned_data["form"])


class ReplyForm(forms.Form):
    text = FreeText(most=4_000, widget=_area(4), error_messages={"required": gettext_lazy("Write the answer.")})
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def new(cls) -> ReplyForm:
        return cls(initial={"form": uuid.uuid4()})
