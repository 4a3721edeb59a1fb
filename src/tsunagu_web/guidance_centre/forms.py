"""What the pages of notifications ask for, and what is accepted."""

from __future__ import annotations

import datetime as dt
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu_web.free_text import FreeText
from tsunagu_web.guidance_centre.choices import Complaint, Naming, Route
from tsunagu_web.guidance_centre.drafts import Typed
from tsunagu_web.guidance_centre.models import Draft, Notification, NotifierRequest
from tsunagu_web.guidance_centre.queries import Found
from tsunagu_web.guidance_centre.recording import Click, Said, Taken
from tsunagu_web.guidance_centre.releases import Wish
from tsunagu_web.guidance_centre.sealed import MOST_CONTACT, MOST_NAME, MOST_RELATION, Notifier

NEW = "new"
_CHOOSE = gettext_lazy("Choose one.")
_FIELD = {"class": "field", "autocomplete": "off"}
_SEXES = [("", gettext_lazy("Not said")), ("1", gettext_lazy("Male")), ("2", gettext_lazy("Female"))]
# What of the notifier is typed; sealed with a key of its own once it is recorded.
_OF_THE_NOTIFIER = ("notifier_name", "notifier_contact", "notifier_relation")
STEPS: Mapping[str, str | Promise] = {
    "decide_urgency": gettext_lazy("Decide the urgency"),
    "begin_check": gettext_lazy("Begin to check that the child is safe"),
    "make_case": gettext_lazy("Make a case of it"),
    "send_on": gettext_lazy("Send it on to another office"),
    "end_notification": gettext_lazy("End it"),
}


def _line(most: int, **how: Any) -> FreeText:
    return FreeText(most=most, required=False, widget=forms.TextInput(attrs=_FIELD), **how)


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "field"})


def _radios(choices: list[tuple[str, Any]], **how: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, error_messages={"required": _CHOOSE}, **how)


class NotificationForm(forms.Form):
    """A notification as it is recorded. Whatever it lacks, what was typed is kept as a draft all the while."""

    received_at = forms.DateTimeField(
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "field"}),
        error_messages={"required": gettext_lazy("Say when it came.")},
    )
    route = _radios(list(Route.choices))
    complaint = _radios(list(Complaint.choices))
    child_kana = _line(120)
    child_name = _line(120)
    child_born = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date", "class": "field"}))
    child_age = _line(60)
    child_sex = forms.ChoiceField(required=False, choices=_SEXES, widget=forms.Select(attrs={"class": "field"}))
    place = FreeText(most=400, required=False, widget=_area(2))
    account = FreeText(
        most=8_000,
        widget=_area(8),
        error_messages={"required": gettext_lazy("Write what was seen or heard, in the notifier's words.")},
    )
    third_parties = FreeText(most=1_000, required=False, widget=_area(2))
    naming = _radios(list(Naming.choices))
    notifier_name = _line(MOST_NAME)
    notifier_contact = FreeText(most=MOST_CONTACT, required=False, widget=_area(2))
    notifier_relation = _line(MOST_RELATION)
    child = _radios([], label=gettext_lazy("Who the child is here"))
    team = forms.ChoiceField(required=False, widget=forms.Select(attrs={"class": "field"}))

    def among(self, children: Iterable[Found], teams: list[tuple[str, str]]) -> NotificationForm:
        """Offers these children, and these teams for a child who is new here."""
        child, team = self.fields["child"], self.fields["team"]
        assert isinstance(child, forms.ChoiceField)
        assert isinstance(team, forms.ChoiceField)
        child.choices = [(one.child.pk, "") for one in children] + [(NEW, "")]
        team.choices = teams
        return self

    def clean_received_at(self) -> dt.datetime:
        at: dt.datetime = self.cleaned_data["received_at"]
        if not timezone.now() - dt.timedelta(days=366) < at <= timezone.now() + dt.timedelta(minutes=5):
            raise forms.ValidationError(_("The moment must lie within the last year, and not ahead."))
        return at

    def clean_child_born(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["child_born"]
        if day is not None and not dt.date(1990, 1, 1) <= day <= timezone.localdate():
            raise forms.ValidationError(_("The day must lie between 1990 and today."))
        return day

    def clean_child_kana(self) -> str:
        # Staff type hiragana as often as katakana; the desk keeps readings in one form.
        return _as_katakana(unicodedata.normalize("NFKC", self.cleaned_data["child_kana"]))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("child") == NEW and not (given.get("child_name") or given.get("child_kana") or given.get("place")):
            self.add_error("child_name", _("Of a child who is new here, write at least a name, a reading or a place."))
        return given

    def taken(self) -> Taken:
        given = self.cleaned_data
        said = Said(**{field.name: given[field.name] for field in fields(Said)})
        notifier = Notifier(*(given[name] for name in _OF_THE_NOTIFIER))
        child = "" if given["child"] == NEW else given["child"]
        offered = self.fields["team"].choices  # type: ignore[attr-defined]  # of a choice field
        return Taken(given["received_at"], said, notifier, child, given["team"] or (offered[0][0] if offered else ""))


class DraftMarks(forms.Form):
    """What a page of a draft says of itself; without it no page of the desk sent the form."""

    form = forms.UUIDField(widget=forms.HiddenInput)
    window = forms.UUIDField(widget=forms.HiddenInput)
    turn = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    @classmethod
    def of(cls, draft: Draft) -> DraftMarks:
        return cls(initial={"form": draft.key, "window": uuid.uuid4(), "turn": 0, "seen": draft.revision})

    def typed(self, sent: Mapping[str, str]) -> Typed:
        given = self.cleaned_data
        return Typed(typed_in(sent), given["form"], given["window"], given["turn"], given["seen"])


def typed_in(sent: Mapping[str, str]) -> dict[str, str]:
    """Every field of a notification as it was typed; nothing is cut, and nothing else that was sent is kept."""
    names = (name for name in NotificationForm.base_fields if name in sent)
    return {name: sent[name].replace("\x00", "").replace("\r\n", "\n") for name in names}


def begun() -> dict[str, str]:
    """What stands in a new draft."""
    return {"received_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}", "naming": Naming.NOT_ASKED.value}


class StepForm(forms.Form):
    """One step with its reason; the urgency where the step decides it."""

    step = _radios(list(STEPS.items()))
    urgency = forms.ChoiceField(required=False, widget=forms.Select(attrs={"class": "field"}))
    reason = FreeText(most=400, required=False, widget=_area(3))
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, one: Notification) -> StepForm:
        return cls(initial={"seen": one.revision, "form": uuid.uuid4()})

    def offering(self, steps: Iterable[str], classes: list[tuple[str, str]]) -> StepForm:
        step, urgency = self.fields["step"], self.fields["urgency"]
        assert isinstance(step, forms.ChoiceField)
        assert isinstance(urgency, forms.ChoiceField)
        step.choices = [(name, STEPS[name]) for name in steps]
        urgency.choices = [("", _CHOOSE), *classes]
        return self

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("step") == "decide_urgency" and not given.get("urgency"):
            self.add_error("urgency", _("Choose the class of urgency."))
        if given.get("step") not in (None, "begin_check") and not given.get("reason"):
            self.add_error("reason", _("Say why, in a sentence."))
        return given

    def click(self) -> Click:
        return Click(**{name: self.cleaned_data[name] for name in ("step", "reason", "urgency", "seen", "form")})


class AskForm(forms.Form):
    """What somebody needs to know for who notified, and whether it cannot wait for a second person."""

    need = FreeText(
        most=400,
        widget=_area(3),
        error_messages={"required": gettext_lazy("Say what you need to know it for.")},
    )
    is_emergency = forms.BooleanField(required=False)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def new(cls) -> AskForm:
        return cls(initial={"form": uuid.uuid4()})

    def wish(self) -> Wish:
        given = self.cleaned_data
        return Wish(given["need"], given["is_emergency"], given["form"])


class KeyForm(forms.Form):
    """Names one request; in the body, so that no address of a page carries it."""

    key = forms.UUIDField()


class AnswerForm(KeyForm):
    agrees = forms.ChoiceField(choices=[("yes", ""), ("no", "")])


class ReviewForm(KeyForm):
    found = forms.ChoiceField(choices=[(one, "") for one in NotifierRequest.Review.values if one])


def _as_katakana(text: str) -> str:
    return "".join(chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign for sign in text)
