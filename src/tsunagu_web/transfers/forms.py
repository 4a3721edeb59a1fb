"""What the pages of hand-overs ask for, and what is accepted."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu.handover.manifest import NAMED
from tsunagu.handover.receipts import REASONS
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Child
from tsunagu_web.free_text import FreeText
from tsunagu_web.notes.models import Attachment
from tsunagu_web.referrals.leaving import looks_like_a_place
from tsunagu_web.transfers.arriving import Acceptance
from tsunagu_web.transfers.leaving import Chosen
from tsunagu_web.transfers.models import Transfer, TransferContent
from tsunagu_web.transfers.offices import Office
from tsunagu_web.transfers.services import Asking, Click
from tsunagu_web.transfers.words import REASONS as REASON_WORDS

STEPS: dict[str, str | Promise] = {
    "discard": gettext_lazy("Discard the draft"),
    "withdraw": gettext_lazy("Withdraw the hand-over"),
    "take_back": gettext_lazy("Take the case back and go on here"),
    "close_handed_over": gettext_lazy("Close the case as handed over"),
}
MOST, MOST_REASON = 4_000, 250
_CHOOSE = gettext_lazy("Choose one.")
_ADDRESS = gettext_lazy(
    "This looks as if it held an address. No address travels with a hand-over, neither the old nor a new one."
)


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "field"})


class TransferForm(forms.Form):
    """A hand-over, new or written anew; seen: the revision the page showed, 0 for a new one.

    people  `municipality:account` of whom a restricted one names two
    """

    to = forms.ChoiceField(widget=forms.Select(attrs={"class": "field"}), error_messages={"required": _CHOOSE})
    kind = forms.ChoiceField(
        choices=Transfer.Kind.choices, widget=forms.RadioSelect, error_messages={"required": _CHOOSE}
    )
    people = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    why = FreeText(most=MOST, widget=_area(4))
    now = FreeText(most=MOST, widget=_area(4))
    urgent = FreeText(most=MOST, required=False, widget=_area(3))
    council_since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date", "class": "field"}))
    parts = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    files = forms.TypedMultipleChoiceField(coerce=int, required=False, widget=forms.CheckboxSelectMultiple)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def new(cls) -> TransferForm:
        # Nothing is chosen beforehand, neither to whom nor a piece of the record: what travels a person chose.
        return cls(initial={"seen": 0, "form": uuid.uuid4()})

    @classmethod
    def of(cls, transfer: Transfer, content: TransferContent) -> TransferForm:
        said = {name: getattr(content, name) for name in ("why", "now", "urgent", "council_since")}
        accounts = [one.partition(":")[2] for one in transfer.recipients.split() if one.startswith("account:")]
        said |= {"to": transfer.to, "kind": transfer.kind, "people": [f"{transfer.to}:{one}" for one in accounts]}
        said |= {"parts": content.parts.split(), "files": content.files.split()}
        return cls(initial={**said, "seen": transfer.revision, "form": uuid.uuid4()})

    def on_top_of(self, transfer: Transfer) -> TransferForm:
        """The same answers in a new form that has seen the latest state."""
        return TransferForm(initial={**self.cleaned_data, "seen": transfer.revision, "form": uuid.uuid4()})

    def offering(
        self,
        found: Office,
        parts: Iterable[tuple[str, str]],
        files: Iterable[Attachment],
        *,
        must_be_restricted: bool,
    ) -> TransferForm:
        """Only municipalities of the list, and only what the viewer may hand over."""
        self.office, self.must_be_restricted = found, must_be_restricted
        named = [(f"{m.id}:{p.account}", f"{m.name} {p.name}") for m in found.others for p in m.people]
        self._choices("to", [("", _("Choose one.")), *((m.id, m.name) for m in found.others)])
        self._choices("people", named)
        self._choices("parts", parts)
        self._choices("files", [(one.pk, one.name) for one in files])
        return self

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name in ("why", "now", "urgent"):
            if looks_like_a_place(given.get(name, "")):
                self.add_error(name, str(_ADDRESS))
        self._fit(given)
        return given

    def asking(self) -> Asking:
        given = self.cleaned_data
        texts = {name: given[name].strip() for name in ("why", "now", "urgent")}
        chosen = Chosen(
            **texts, council_since=given["council_since"], parts=tuple(given["parts"]), files=tuple(given["files"])
        )
        other = self.office.other(given["to"])
        assert other is not None
        return Asking(other.id, other.name, given["kind"], self._recipients(given), chosen)

    def _choices(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)

    def _recipients(self, given: dict[str, Any]) -> tuple[str, ...]:
        other = self.office.other(given["to"])
        assert other is not None
        if given["kind"] == Transfer.Kind.ORDINARY:
            return other.recipients
        return tuple(f"account:{one.partition(':')[2]}" for one in given["people"])

    def _fit(self, given: dict[str, Any]) -> None:
        """Two people of the chosen municipality for a restricted one, and nobody by name for an ordinary one."""
        kind, people = given.get("kind"), given.get("people", [])
        if kind == Transfer.Kind.ORDINARY and self.must_be_restricted:
            self.add_error("kind", _("The address of this child cannot be shown here now. Choose a restricted one."))
        if kind == Transfer.Kind.ORDINARY and people:
            self.add_error("people", _("An ordinary hand-over names nobody. Choose a restricted one, or nobody here."))
        is_two_there = len(people) == NAMED and all(one.partition(":")[0] == given.get("to") for one in people)
        if kind == Transfer.Kind.RESTRICTED and not is_two_there:
            self.add_error("people", _("A restricted hand-over names two people of the chosen municipality."))


class StepForm(forms.Form):
    """One step with its reason. ends: the print of what the page said would end with the case."""

    step = forms.ChoiceField(
        choices=list(STEPS.items()), widget=forms.RadioSelect, error_messages={"required": _CHOOSE}
    )
    reason = FreeText(
        most=MOST_REASON, widget=_area(2), error_messages={"required": gettext_lazy("Say why, in a sentence.")}
    )
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)
    ends = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    @classmethod
    def of(cls, transfer: Transfer) -> StepForm:
        return cls(initial={"seen": transfer.revision, "form": uuid.uuid4()})

    def offering(self, steps: Iterable[str], ends: str) -> StepForm:
        self.initial["ends"] = ends
        field = self.fields["step"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, STEPS[name]) for name in steps]
        return self

    def click(self) -> Click:
        return Click(**{name: self.cleaned_data[name] for name in ("step", "reason", "seen", "form", "ends")})


class SendForm(forms.Form):
    """That what stands on the page may travel; print: of exactly that document."""

    print = forms.CharField(max_length=64, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, transfer: Transfer, content: TransferContent) -> SendForm:
        return cls(initial={"print": content.print, "seen": transfer.revision, "form": uuid.uuid4()})

    def click(self) -> Click:
        return Click("send", "", self.cleaned_data["seen"], self.cleaned_data["form"])


class ReadersForm(forms.Form):
    """Who of this office may open what came."""

    readers = forms.TypedMultipleChoiceField(
        coerce=int, widget=forms.CheckboxSelectMultiple, error_messages={"required": _CHOOSE}
    )

    def offering(self, staff: Iterable[Staff]) -> ReadersForm:
        field = self.fields["readers"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.pk, f"{one.name} {one.get_role_display()}") for one in staff]
        return self


class AcceptForm(forms.Form):
    """Who leads the case here (`team:number`), and who the child is here (`new` for nobody of this desk yet)."""

    lead = forms.ChoiceField(widget=forms.Select(attrs={"class": "field"}), error_messages={"required": _CHOOSE})
    child = forms.ChoiceField(widget=forms.RadioSelect, error_messages={"required": _CHOOSE})

    def offering(self, leads: Iterable[tuple[str, Staff]], known: Iterable[Child]) -> AcceptForm:
        lead, child = self.fields["lead"], self.fields["child"]
        assert isinstance(lead, forms.ChoiceField)
        assert isinstance(child, forms.ChoiceField)
        lead.choices = [("", _("Choose one.")), *((f"{team}:{one.pk}", one.name) for team, one in leads)]
        new = ("new", _("A child who is not at this desk yet"))
        people = list(known)
        child.choices = [*((one.pk, f"{one.person.name} {one.person.kana}") for one in people), new]
        self.shown = [one.pk for one in people]
        return self

    def acceptance(self) -> Acceptance:
        team, _colon, lead = self.cleaned_data["lead"].rpartition(":")
        child = self.cleaned_data["child"]
        return Acceptance(team, int(lead), "" if child == "new" else child)


class DeclineForm(forms.Form):
    reason = forms.ChoiceField(
        choices=[(code, REASON_WORDS[code]) for code in REASONS],
        widget=forms.RadioSelect,
        error_messages={"required": _CHOOSE},
    )
