"""What the pages of assessments ask for beside the questions of the form, and what is accepted."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu.casework.answers import Answers
from tsunagu_web.assessment.machine import agree
from tsunagu_web.assessment.models import Assessment, Draft, Need, OverrideReason, VoiceUse
from tsunagu_web.assessment.services import Given, Wish, differs
from tsunagu_web.free_text import FreeText, too_long

_AREA = {"rows": 4, "class": "field"}
_MOST = 2_000


class _OfADraft(FreeText):
    """Words of a draft: saved whatever their length, and counted when the judgment is recorded."""

    def run_validators(self, value: Any) -> None:
        forms.CharField.run_validators(self, value)


class OwnForm(forms.Form):
    """The own judgment with its grounds. A draft may lack both; `complete` asks for them."""

    own_judgment = forms.ChoiceField(choices=Need.choices, required=False, widget=forms.RadioSelect)
    own_grounds = _OfADraft(most=_MOST, required=False, widget=forms.Textarea(attrs=_AREA))
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    draft = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, draft: Draft, *, seen: int) -> OwnForm:
        said = {"own_judgment": draft.own_judgment, "own_grounds": draft.own_grounds}
        marks = {"seen": seen, "draft": draft.revision, "version": draft.form_version_id, "form": uuid.uuid4()}
        return cls(initial={**said, **marks})

    def on_top_of(self, draft: Draft | None, *, seen: int) -> OwnForm:
        """The same judgment in a new form that has seen the newest state."""
        marks = {"seen": seen, "draft": draft.revision if draft else 0, "form": uuid.uuid4()}
        return OwnForm(initial={**self.cleaned_data, **marks})

    def complete(self) -> bool:
        """Whether the judgment can be recorded; what it lacks is said at its field."""
        if not self.cleaned_data.get("own_judgment"):
            self.add_error("own_judgment", _("Choose your own judgment."))
        grounds = self.cleaned_data.get("own_grounds", "")
        if not grounds:
            self.add_error("own_grounds", _("Write what you base it on."))
        elif len(grounds) > _MOST:
            self.add_error("own_grounds", too_long(len(grounds), _MOST))
        return not self.errors

    def given(self, answers: Answers) -> Given:
        own = self.cleaned_data
        return Given(answers, own["own_judgment"], own["own_grounds"], own["seen"], own["draft"], own["form"])


class ConclusionForm(forms.Form):
    """Keep or change the own judgment beside the machine's level; what differs has a coded reason."""

    level = forms.ChoiceField(
        choices=Need.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what you conclude.")},
    )
    override_reason = forms.ChoiceField(
        required=False,
        choices=[("", gettext_lazy("Choose a reason")), *OverrideReason.choices],
        widget=forms.Select(attrs={"class": "field"}),
    )
    note = FreeText(most=_MOST, required=False, widget=forms.Textarea(attrs=_AREA))
    voice = forms.ChoiceField(
        choices=VoiceUse.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say what became of the child's own voice.")},
    )
    voice_note = FreeText(most=_MOST, required=False, widget=forms.Textarea(attrs=_AREA))
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, assessment: Assessment, *, run: str) -> ConclusionForm:
        return cls(initial={"level": assessment.own_judgment, "seen": run, "form": uuid.uuid4()})

    def on_top_of(self, *, run: str) -> ConclusionForm:
        """The same conclusion in a new form that has seen the level of the newest run."""
        return ConclusionForm(initial={**self.cleaned_data, "seen": run, "form": uuid.uuid4()})

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("voice") in (VoiceUse.WEIGHED, VoiceUse.NOT_HEARD) and not given.get("voice_note"):
            self.add_error("voice_note", _("Write how it was weighed, or why it was not heard."))
        return given

    def chosen(self) -> str:
        """What was chosen, in words; of a form that came too late."""
        return str(Need(self.initial["level"]).label)

    def has_its_reason(self, assessment: Assessment, words: Any, machine_level: str) -> bool:
        """Whether what differs has a reason; what is lacking is said at the field."""
        level = self.cleaned_data["level"]
        if differs(agree(words, machine_level, level), assessment, level) and not self.cleaned_data["override_reason"]:
            self.add_error("override_reason", _("Choose why the conclusion differs."))
        return not self.errors

    def wish(self) -> Wish:
        return Wish(**{name: self.cleaned_data[name] for name in Wish.__dataclass_fields__})
