"""What the pages of plans ask for, and what is accepted."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils import timezone
from django.utils.translation import gettext as _

from tsunagu_web.free_text import FreeText
from tsunagu_web.plans.models import Goal, PlanContent, Service, SupportPlan
from tsunagu_web.plans.services import Written, WrittenGoal, WrittenService

# With the fields of the plan itself it stays below the hundred that one request may bring.
MOST_ROWS = 9
_EMPTY_ROWS = 3
_FIRST, _LAST = dt.date(2000, 1, 1), dt.date(2100, 12, 31)


def _day(**how: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date", "class": "field"}), **how)


def _line(most: int, **how: Any) -> forms.CharField:
    return FreeText(most=most, widget=forms.TextInput(attrs={"class": "field"}), **how)


def _words(**how: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 4, "class": "field"})
    return FreeText(most=2_000, required=False, widget=widget, **how)


def _choice(choices: Any, **how: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, widget=forms.Select(attrs={"class": "field"}), **how)


class _Row(forms.Form):
    """A row of the form; where nothing is written in it, it counts as none, also when the page brought it filled."""

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **{**how, "empty_permitted": True, "use_required_attribute": False})


class GoalForm(_Row):
    text = _line(300, required=False)
    words_of = _choice(Goal.Words.choices, initial=Goal.Words.TOGETHER)

    def has_changed(self) -> bool:
        return bool((self["text"].value() or "").strip())


class ServiceForm(_Row):
    kind = _choice(Service.Kind.choices, initial=Service.Kind.OTHER)
    what = _line(300, required=False)
    responsible = _line(120, required=False)
    starts_on = _day(required=False)
    ends_on = _day(required=False)
    how_often = _line(120, required=False)

    def has_changed(self) -> bool:
        names = ("what", "responsible", "starts_on", "ends_on", "how_often")
        return any(str(self[name].value() or "").strip() for name in names)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not given.get("what"):
            self.add_error("what", _("Say what help it is."))
        if not given.get("responsible"):
            self.add_error("responsible", _("Say who answers for it."))
        begins, ends = given.get("starts_on"), given.get("ends_on")
        if begins is None and "starts_on" not in self.errors:
            self.add_error("starts_on", _("Say from which day."))
        if begins and ends and ends < begins:
            self.add_error("ends_on", _("The last day lies before the first."))
        return given


_Goals = formset_factory(GoalForm, extra=0, max_num=MOST_ROWS, absolute_max=MOST_ROWS)
_Services = formset_factory(ServiceForm, extra=0, max_num=MOST_ROWS, absolute_max=MOST_ROWS)


class PlanForm(forms.Form):
    """The plan itself; `seen` is the revision the page showed, 0 for a new plan. Goals and services stand beside it."""

    starts_on = _day()
    ends_on = _day()
    review_on = _day()
    child_words = _words()
    may_be_shown_to_guardian = forms.BooleanField(required=False)
    guardian_words = _words()
    agreement = _choice(PlanContent.Agreement.choices, initial=PlanContent.Agreement.NOT_ASKED)
    agreed_by = _choice([("", "----"), *PlanContent.Who.choices], required=False)
    agreed_on = _day(required=False)
    reason = _line(400, required=False)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, needs_reason: bool = False, **how: Any) -> None:
        super().__init__(*args, **how)
        self.needs_reason = needs_reason

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        begins, ends, review = (given.get(name) for name in ("starts_on", "ends_on", "review_on"))
        for name in ("starts_on", "ends_on", "review_on"):
            if given.get(name) and not _FIRST <= given[name] <= _LAST:
                self.add_error(name, _("This day lies too far away."))
        if begins and ends and ends < begins:
            self.add_error("ends_on", _("The last day lies before the first."))
        if begins and review and review < begins:
            self.add_error("review_on", _("The day of the review lies before the first day of the plan."))
        if begins and ends and review and begins <= ends < review:
            self.add_error("review_on", _("The day of the review lies after the last day of the plan."))
        if self.needs_reason and not given.get("reason", "").strip():
            self.add_error("reason", _("Say why the plan is made anew."))
        self._check_agreement(given)
        return given

    def _check_agreement(self, given: dict[str, Any]) -> None:
        day, by = given.get("agreed_on"), given.get("agreed_by")
        if given.get("agreement") == PlanContent.Agreement.NOT_ASKED:
            if day or by:
                self.add_error("agreement", _("Choose what was said, or leave person and day empty."))
            return
        if not by and "agreed_by" not in self.errors:
            self.add_error("agreed_by", _("Say who said so."))
        if day is None and "agreed_on" not in self.errors:
            self.add_error("agreed_on", _("Say on which day."))
        if day and not _FIRST <= day <= timezone.localdate():
            self.add_error("agreed_on", _("The day must not lie in the future."))


class Sheet:
    """The whole form: the plan with its goals and services. Bound to what was sent, or filled from a version."""

    def __init__(self, plan: PlanForm, goals: BaseFormSet[GoalForm], services: BaseFormSet[ServiceForm]) -> None:
        self.plan, self.goals, self.services = plan, goals, services

    @classmethod
    def empty(cls, *, needs_reason: bool) -> Sheet:
        today = timezone.localdate()
        return cls._filled({"starts_on": today, "seen": 0}, [], [], needs_reason=needs_reason)

    @classmethod
    def of(cls, content: PlanContent, *, seen: int, needs_reason: bool = False) -> Sheet:
        """Filled with what a version says; seen 0: as the beginning of another plan, of which nobody was asked yet."""
        kept = ("starts_on", "ends_on", "review_on", "child_words", "may_be_shown_to_guardian", "guardian_words")
        said = {name: getattr(content, name) for name in kept}
        if seen:
            said |= {name: getattr(content, name) for name in ("agreement", "agreed_by", "agreed_on")}
        else:
            said |= {"starts_on": timezone.localdate(), "ends_on": None, "review_on": None}
        goals = [{"text": g.text, "words_of": g.words_of} for g in content.goals.all()]
        names = ("kind", "what", "responsible", "starts_on", "ends_on", "how_often")
        services = [{name: getattr(s, name) for name in names} for s in content.services.all()]
        return cls._filled({**said, "seen": seen}, goals, services, needs_reason=needs_reason)

    @classmethod
    def sent(cls, data: Mapping[str, Any], *, needs_reason: bool = False) -> Sheet:
        return cls(
            PlanForm(data, needs_reason=needs_reason),
            _Goals(data, prefix="goals"),
            _Services(data, prefix="services"),
        )

    def with_more_rows(self, *, seen: int | None = None) -> Sheet:
        """What was typed, whatever it is, in a new form with empty rows below; `seen`: on top of that revision."""
        typed = {name: self.plan[name].value() for name in self.plan.fields}
        typed |= {"form": uuid.uuid4()} | ({} if seen is None else {"seen": seen})
        goals = [_typed(form) for form in self.goals if form.has_changed()]
        services = [_typed(form) for form in self.services if form.has_changed()]
        return Sheet._filled(typed, goals, services, needs_reason=self.plan.needs_reason)

    def is_valid(self) -> bool:
        return all([self.plan.is_valid(), self.goals.is_valid(), self.services.is_valid()])

    @property
    def seen(self) -> int:
        return int(self.plan.cleaned_data["seen"])

    @property
    def reason(self) -> str:
        return str(self.plan.cleaned_data["reason"]).strip()

    def written(self) -> Written:
        said = {name: value for name, value in self.plan.cleaned_data.items() if name not in ("seen", "reason")}
        goals = [WrittenGoal(**form.cleaned_data) for form in self.goals if form.has_changed()]
        services = [WrittenService(**form.cleaned_data) for form in self.services if form.has_changed()]
        return Written(**said, goals=tuple(goals), services=tuple(services))

    @classmethod
    def _filled(cls, plan: dict[str, Any], goals: list[Any], services: list[Any], *, needs_reason: bool) -> Sheet:
        made = PlanForm(initial={"form": uuid.uuid4(), **plan}, needs_reason=needs_reason)
        rows = {"goals": (_Goals, goals), "services": (_Services, services)}
        sets = [kind(prefix=name, initial=_and_empty(kind, said)) for name, (kind, said) in rows.items()]
        return cls(made, *sets)


class StepForm(forms.Form):
    """A step of a plan: the revision seen, the form's mark, and a reason where one is needed."""

    seen = forms.IntegerField(min_value=1)
    form = forms.UUIDField()
    reason = FreeText(most=400, required=False)

    @classmethod
    def fields_of(cls, plan: SupportPlan) -> dict[str, object]:
        return {"seen": plan.revision, "form": uuid.uuid4()}


def _typed(form: forms.Form) -> dict[str, Any]:
    return {name: form[name].value() for name in form.fields}


def _and_empty(kind: type[BaseFormSet[Any]], rows: list[Any]) -> list[Any]:
    """The rows and three empty ones, as far as there is room."""
    first = {name: field.initial for name, field in kind.form.base_fields.items()}
    return [*rows, *[first] * _EMPTY_ROWS][:MOST_ROWS]
