"""The steps of a case that people take on its page: proposing an end, ending it, opening it again, going on."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tsunagu.casework.machines import STANDING
from tsunagu_web.access.policy import may
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.closing import end_open_work, open_work, require_nothing_stops
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.cases.services import follow
from tsunagu_web.cases.voices import VoicePart, record_voice, require_same_voice
from tsunagu_web.free_text import FreeText
from tsunagu_web.steps.models import Step
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow, may_take, take, taken_again

# What a step is called on its button, and what somebody must be allowed to do with the case to take it. The other
# steps of the table come with the work they belong to: an assessment, a plan.
OFFERED: dict[str, tuple[str | Promise, Action]] = {
    "propose_closing": (_("Propose closing the case"), Action.EDIT),
    "keep_open": (_("Keep the case open"), Action.EDIT),
    "close": (_("Close the case"), Action.APPROVE),
    "reopen": (_("Open the case again"), Action.APPROVE),
    "begin_review": (_("Begin a review of the support"), Action.EDIT),
    "go_on": (_("Let the support go on as planned"), Action.EDIT),
}


class StageForm(VoicePart):
    """One step with its reason. seen: the case's revision on the page; form: the form's own mark; ends: the print of
    what the page said would end with the case."""

    # What a page once offered is taken in; whether it is still possible is asked when it is recorded.
    step = forms.ChoiceField(
        choices=[(name, label) for name, (label, _action) in OFFERED.items()],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    reason = FreeText(
        most=400,
        widget=forms.Textarea(attrs={"rows": 3, "class": "field"}),
        error_messages={"required": _("Say why, in a sentence.")},
    )
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)
    ends = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    def offering(self, steps: tuple[str, ...], ends: str = "") -> StageForm:
        """Shows only these steps, and remembers what the page says would end with the case."""
        self.initial["ends"] = ends
        step = self.fields["step"]
        assert isinstance(step, forms.ChoiceField)
        step.choices = [(name, OFFERED[name][0]) for name in steps]
        return self

    def wish(self) -> dict[str, Any]:
        """What was asked, with the child's voice as the services take it."""
        return {**self.cleaned_data, "heard": self.heard()}

    @classmethod
    def of(cls, case: Case) -> StageForm:
        return cls(initial={"seen": case.revision, "form": uuid.uuid4()})

    def on_top_of(self, case: Case) -> StageForm:
        """The same answers in a new form that has seen the latest state."""
        return StageForm(initial={**self.cleaned_data, "seen": case.revision, "form": uuid.uuid4()})


def decisions_of(steps: Iterable[Step]) -> list[Step]:
    """Those that somebody took on the case's page: each asks for the child's voice."""
    return [step for step in steps if step.move in OFFERED and step.by_id]


def offered_to(viewer: Viewer, child: Child, case: Case) -> tuple[str, ...]:
    """The steps this person may take next with this case, in the order of the table. A case that is to be looked at
    again is not closed before somebody has decided on that."""
    about = child.subject()
    return tuple(
        name
        for name in may_take(case, viewer)
        if name in OFFERED
        and may(viewer, Thing.CASE, OFFERED[name][1], about=about)
        and not (name == "close" and child.reassess_since)
    )


def is_waiting_for_another(viewer: Viewer, child: Child, case: Case) -> bool:
    """Whether the case waits for a second person, and the viewer is the first."""
    is_free = not child.reassess_since
    return is_free and case.stage == Case.Stage.CLOSURE_PROPOSED and "close" not in offered_to(viewer, child, case)


@dataclass(frozen=True)
class Likely:
    """The work that the stage of a case waits for: what it is called, and the name of its address."""

    words: Promise | str
    view_name: str


# Addresses by name: the rooms above this one move the case on by this work, and this one knows no more of them.
_WORK: Mapping[str, tuple[Thing, Action, Likely]] = {
    Case.Stage.OPENED: (Thing.ASSESSMENT, Action.EDIT, Likely(_("Assess this child"), "assessment:list")),
    Case.Stage.ASSESSING: (Thing.ASSESSMENT, Action.EDIT, Likely(_("Conclude the assessment"), "assessment:list")),
    Case.Stage.PLANNING: (Thing.PLAN, Action.EDIT, Likely(_("Write a plan"), "plans:list")),
    Case.Stage.APPROVAL: (Thing.PLAN, Action.APPROVE, Likely(_("Look at the plan and approve it"), "plans:list")),
}


def likely_next(viewer: Viewer, child: Child, case: Case) -> Likely | None:
    """What comes next by the stage of the case, where this person may do it; None where no work is waited for."""
    thing, action, work = _WORK.get(case.stage, (None, Action.VIEW, None))
    return work if thing and may(viewer, thing, action, child.subject()) else None


def move(child: Child, case: Case, viewer: Viewer, wish: dict[str, Any]) -> Step:
    """Takes the step; access and list follow in the same transaction, and what ends with the case ends with it.

    raises  ChangedMeanwhile, also where something would end with the case that the page did not show; NotNow
    """
    with transaction.atomic():
        if before := taken_again(wish["form"], viewer, case, wish["step"], wish["reason"]):
            require_same_voice(Thing.CASE, before, wish["heard"])
            return before
        if wish["seen"] == case.revision and wish["step"] not in offered_to(viewer, child, case):
            raise NotNow("no_step")
        with the_program():  # a case that is closed may leave the reach of whoever closes it
            also = _closed(child, case, viewer, wish) if wish["step"] == "close" else {}
            if wish["step"] == "reopen":
                also = {"state": STANDING["opened"], "closed_on": None}
            step = take(
                case, viewer, wish["step"], seen=wish["seen"], form=wish["form"], reason=wish["reason"], also=also
            )
            record_voice(child.pk, viewer, Thing.CASE, step, wish["heard"])
            follow(case)
    return step


def _closed(child: Child, case: Case, viewer: Viewer, wish: dict[str, Any]) -> dict[str, Any]:
    # Whoever begins something for the child waits here, and then finds the case closed.
    Child.objects.select_for_update(of=("self",)).get(pk=child.pk)
    if wish["seen"] == case.revision and not wish["reason"].strip():
        raise NotNow("no_reason")
    require_nothing_stops(case)
    work = open_work(case)
    if work.counts and wish.get("ends") != work.print:
        raise ChangedMeanwhile
    end_open_work(case, viewer, wish["reason"])
    return {"state": STANDING["closed"], "closed_on": timezone.localdate()}
