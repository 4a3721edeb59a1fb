"""What the pages of this room ask for, and what is accepted."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu_web.cases.voices import VoicePart
from tsunagu_web.free_text import FreeText
from tsunagu_web.outreach.attempts import Attempt, NotThisWay, require_way_then_or_now
from tsunagu_web.outreach.models import (
    Answer,
    ContactRule,
    Injuries,
    Mode,
    Need,
    Place,
    Reassessment,
    Result,
    Seer,
)
from tsunagu_web.outreach.sights import Seen

_FIELD = {"class": "field", "autocomplete": "off"}
_NONE_YET = ("", "---")  # what is chosen for nobody is chosen by nobody
_CHOOSE = {"required": gettext_lazy("Choose one.")}
_LATEST_ATTEMPT = dt.timedelta(days=366)  # for the next one

# Why a way is closed, in words of the page.
CLOSED_WAYS: dict[str, str | Promise] = {
    "letter_no": gettext_lazy("No letter may go to this family. If one went all the same, tell the supervisor."),
    "letter_unknown": gettext_lazy("Nobody has recorded that a letter may go. Others may read it. Ask first."),
    "phone_no": gettext_lazy("This family may not be called by telephone. Nothing was recorded."),
    "message_no": gettext_lazy("No message may go to this family. Nothing was recorded."),
}


class _OnAPageOfSeveral(forms.Form):
    """Fields whose marks on the page carry the form's name: a page holds several forms."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{type(self).__name__.lower()}-%s", **kwargs)


def _choice(choices: list[tuple[str, Any]], label: str | Promise) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, widget=forms.Select(attrs={"class": "field"}), error_messages=_CHOOSE
    )


def _line(label: str | Promise, most: int, *, required: bool = False) -> forms.CharField:
    return FreeText(label=label, required=required, most=most, widget=forms.TextInput(attrs=_FIELD))


def _words(label: str | Promise, most: int, told: str | Promise = "", rows: int = 3) -> forms.CharField:
    """Words of somebody's own; told: what is said where they are missing, empty where they may be."""
    return FreeText(
        label=label,
        required=bool(told),
        most=most,
        widget=forms.Textarea(attrs={"rows": rows, **_FIELD}),
        error_messages={"required": told} if told else None,
    )


def _day(label: str | Promise, *, required: bool) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=forms.DateInput(attrs={"type": "date", **_FIELD}))


class ContactForm(_OnAPageOfSeveral):
    """One attempt."""

    mode = _choice(Mode.choices, gettext_lazy("How"))
    on = _day(gettext_lazy("Day"), required=True)
    time = forms.TimeField(
        label=gettext_lazy("Time"), widget=forms.TimeInput(attrs={"type": "time", **_FIELD}, format="%H:%M")
    )
    result = _choice([_NONE_YET, *Result.choices], gettext_lazy("What came of it"))
    met = _line(gettext_lazy("Who was met or spoken to"), 120)
    note = _words(gettext_lazy("Note"), 4_000)
    next_on = _day(gettext_lazy("Next attempt on"), required=False)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def new(cls) -> ContactForm:
        now = timezone.localtime()
        return cls(initial={"on": now.date(), "time": f"{now:%H:%M}", "form": uuid.uuid4()})

    def by(self, rules: Sequence[ContactRule]) -> ContactForm:
        """Held against the rules of contact, the newest first: a way they close is refused, in words."""
        self.rules = rules
        return self

    def refused(self, error: NotThisWay) -> ContactForm:
        left_there = self.cleaned_data.get("mode") != Mode.LETTER and error.why.startswith("letter")
        self.add_error("result" if left_there else "mode", str(CLOSED_WAYS[error.why]))
        return self

    def clean_next_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["next_on"]
        today = timezone.localdate()
        if day is not None and not today <= day <= today + _LATEST_ATTEMPT:
            raise forms.ValidationError(_("The next attempt must lie between today and one year from now."))
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "on" in given and "time" in given:
            at = timezone.make_aware(dt.datetime.combine(given["on"], given["time"]))
            if not dt.date(2000, 1, 1) <= given["on"] or at > timezone.now() + dt.timedelta(minutes=5):
                self.add_error("on", _("A contact is recorded once it has been made: choose a moment that has passed."))
            given["at"] = at
            if "mode" in given and "result" in given:
                self._ask_the_rules(given["mode"], given["result"], at)
        if given.get("result") == Result.SENT and given.get("mode") not in (None, Mode.LETTER, Mode.MESSAGE):
            self.add_error("result", _("Only a letter or a message is sent. Choose what came of it."))
        if given.get("result") == Result.REACHED and not given.get("met"):
            self.add_error("met", _("Write who was met or spoken to, such as: mother."))
        return given

    def _ask_the_rules(self, mode: str, result: str, at: dt.datetime) -> None:
        try:
            require_way_then_or_now(self.rules, mode, result, at)
        except NotThisWay as error:
            self.refused(error)

    def attempt(self) -> Attempt:
        given = self.cleaned_data
        words = {name: given[name].strip() for name in ("met", "note")}
        return Attempt(
            given["at"], given["mode"], given["result"], **words, next_on=given["next_on"], form=given["form"]
        )


class RuleForm(_OnAPageOfSeveral):
    """How the family may be contacted; `seen` is the version the page showed, 0 for the first."""

    letter = _choice(Answer.choices, gettext_lazy("May a letter go?"))
    letter_words = _line(gettext_lazy("Where to, and in which envelope"), 200)
    phone = _choice(Answer.choices, gettext_lazy("May somebody call by telephone?"))
    phone_words = _line(gettext_lazy("Which number, whose, and when"), 200)
    message = _choice(Answer.choices, gettext_lazy("May a message go?"))
    names_school = _choice(Answer.choices, gettext_lazy("May sender or subject name the school or the office?"))
    may_be_told = _line(gettext_lazy("Who may be told"), 200)
    must_not_know = _line(gettext_lazy("Who must not learn of it"), 200)
    language = _line(gettext_lazy("Language"), 40)
    interpreter = _choice(Need.choices, gettext_lazy("Interpreter"))
    note = _words(gettext_lazy("Note"), 2_000)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    SAID = (
        "letter", "letter_words", "phone", "phone_words", "message", "names_school", "may_be_told", "must_not_know",
        "language", "interpreter", "note",
    )  # fmt: skip

    @classmethod
    def of(cls, rule: ContactRule | None) -> RuleForm:
        asked = dict.fromkeys(("letter", "phone", "message", "names_school"), Answer.UNKNOWN)
        said = {name: getattr(rule, name) for name in cls.SAID} if rule else {**asked, "interpreter": Need.UNKNOWN}
        return cls(initial={**said, "seen": rule.number if rule else 0, "form": uuid.uuid4()})

    def on_top_of(self, rule: ContactRule | None) -> RuleForm:
        """The same answers in a new form that has seen the newest version."""
        return RuleForm(initial={**self.said(), "seen": rule.number if rule else 0, "form": uuid.uuid4()})

    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.SAID}


class SightForm(_OnAPageOfSeveral):
    """Who saw the child, when, where, and how the child was."""

    seen_on = _day(gettext_lazy("Day on which the child was seen"), required=True)
    seen_by = _choice(Seer.choices, gettext_lazy("Who saw the child"))
    seen_by_name = _line(gettext_lazy("Name and office, where it was somebody else"), 80)
    place = _choice([_NONE_YET, *Place.choices], gettext_lazy("Where"))
    place_words = _line(gettext_lazy("Where, in words"), 120)
    condition = _words(
        gettext_lazy("How the child was"), 2_000, gettext_lazy("Write how the child was, as it was seen.")
    )
    injuries = _choice([_NONE_YET, *Injuries.choices], gettext_lazy("Injuries and bruises"))
    injury_words = _words(gettext_lazy("Which injuries: where, how large, how fresh"), 2_000, rows=2)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def new(cls) -> SightForm:
        return cls(initial={"seen_on": timezone.localdate(), "form": uuid.uuid4()})

    def clean_seen_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["seen_on"]
        if not dt.date(2000, 1, 1) <= day <= timezone.localdate():
            raise forms.ValidationError(_("The day must lie between 2000 and today."))
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("seen_by") not in (None, Seer.OWN) and not given.get("seen_by_name"):
            self.add_error("seen_by_name", _("Write who saw the child: a name and an office."))
        if given.get("injuries") == Injuries.SEEN and not given.get("injury_words"):
            self.add_error("injury_words", _("Write which injuries were seen."))
        if given.get("injuries") == Injuries.NONE and given.get("injury_words"):
            # Which of the two holds only who saw the child can say, and a later reader would take either for granted.
            self.add_error("injuries", _("An injury is described, but none is said to be seen. Choose what holds."))
        return given

    def seen(self) -> Seen:
        return Seen(**self.cleaned_data)


class TakeBackForm(_OnAPageOfSeveral):
    reason = _words(gettext_lazy("Why this entry was a mistake"), 400, gettext_lazy("Say why, in a sentence."), rows=2)


class StartForm(_OnAPageOfSeveral):
    """A re-assessment for a reason of somebody's own."""

    reason = _words(gettext_lazy("Reason"), 400, gettext_lazy("Say why, in a sentence."))
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def new(cls) -> StartForm:
        return cls(initial={"form": uuid.uuid4()})


class OutcomeForm(VoicePart, _OnAPageOfSeveral):
    """The decision that ends the clock. seen: the revision on the page."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("What was decided"),
        choices=Reassessment.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages=_CHOOSE,
    )
    reason = _words(gettext_lazy("Reason"), 400, gettext_lazy("Say why, in a sentence."))
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, row: Reassessment) -> OutcomeForm:
        return cls(initial={"seen": row.revision, "form": uuid.uuid4()})

    def decided(self) -> dict[str, Any]:
        """What was decided, as the clock takes it."""
        named = ("outcome", "reason", "seen", "form")
        return {name: self.cleaned_data[name] for name in named} | {"heard": self.heard()}

    def on_top_of(self, row: Reassessment) -> OutcomeForm:
        return OutcomeForm(initial={**self.cleaned_data, "seen": row.revision, "form": uuid.uuid4()})
