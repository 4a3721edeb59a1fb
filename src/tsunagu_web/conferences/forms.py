"""What the pages of conferences ask for, and what is accepted."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.voices import Told, VoicePart
from tsunagu_web.conferences.models import AgendaItem, Conference
from tsunagu_web.conferences.services import Call, Written
from tsunagu_web.free_text import FreeText
from tsunagu_web.tasks.services import Asked

STEPS = (
    ("hold", gettext_lazy("Begin the conference")),
    ("record", gettext_lazy("End it: the minutes are recorded")),
    ("cancel", gettext_lazy("Cancel the conference")),
)
TASKS_AT_ONCE = 3
LONGEST = dt.timedelta(hours=12)


class CallForm(forms.Form):
    """When, where, who. Until: the moment at which access ends at the latest."""

    layer = forms.ChoiceField(choices=Conference.Layer.choices, widget=forms.Select(attrs={"class": "field"}))
    team = forms.ChoiceField(widget=forms.Select(attrs={"class": "field"}))
    day = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date", "class": "field"}),
        error_messages={"required": gettext_lazy("Say on which day.")},
    )
    begins = forms.TimeField(
        widget=forms.TimeInput(attrs={"type": "time", "class": "field"}),
        error_messages={"required": gettext_lazy("Say from when.")},
    )
    ends = forms.TimeField(
        widget=forms.TimeInput(attrs={"type": "time", "class": "field"}),
        error_messages={"required": gettext_lazy("Say until when.")},
    )
    place = FreeText(required=False, most=80, widget=forms.TextInput(attrs={"class": "field"}))
    staff = forms.TypedMultipleChoiceField(required=False, coerce=int, widget=forms.CheckboxSelectMultiple)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def new(cls) -> CallForm:
        return cls(initial={"form": uuid.uuid4(), "begins": "14:00", "ends": "16:00"})

    def offering(self, teams: Sequence[tuple[str, str]], staff: Iterable[Staff]) -> CallForm:
        """Only these teams can call, and these people be asked."""
        team, who = self.fields["team"], self.fields["staff"]
        assert isinstance(team, forms.ChoiceField)
        assert isinstance(who, forms.ChoiceField)
        team.choices = list(teams)
        by_office: dict[str, list[tuple[int, str]]] = {}
        for one in staff:
            by_office.setdefault(one.department, []).append((one.pk, f"{one.name}（{one.get_role_display()}）"))
        # Who has no office recorded stands last.
        who.choices = [(office, by_office[office]) for office in sorted(by_office, key=lambda o: (not o, o))]
        return self

    def offices(self) -> list[tuple[str, list[forms.BoundWidget], int]]:
        """Who can be asked, as the page shows it: each office with its people and how many of them are chosen."""
        who = self.fields["staff"]
        assert isinstance(who, forms.ChoiceField)
        boxes = iter(self["staff"].subwidgets)
        groups = [(str(office), list(islice(boxes, len(people)))) for office, people in who.choices]
        return [(office, some, sum(bool(box.data["selected"]) for box in some)) for office, some in groups]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if {"day", "begins", "ends"} <= given.keys():
            if given["day"] < timezone.localdate():
                self.add_error("day", _("The day must be today or later."))
            if not given["begins"] < given["ends"]:
                self.add_error("ends", _("It must end after it begins."))
        return given

    def call(self) -> Call:
        given = self.cleaned_data
        starts, ends = (
            timezone.make_aware(dt.datetime.combine(given["day"], given[name])) for name in ("begins", "ends")
        )
        return Call(
            layer=given["layer"],
            team=given["team"],
            starts_at=starts,
            ends_at=ends,
            place=given["place"].strip(),
            staff=tuple(given["staff"]),
            form=given["form"],
        )


class StepForm(forms.Form):
    """One step of a conference; a reason where it is cancelled."""

    step = forms.ChoiceField(choices=STEPS, widget=forms.Select(attrs={"class": "field"}))
    reason = FreeText(required=False, most=400, widget=forms.TextInput(attrs={"class": "field"}))
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, conference: Conference, sent: Mapping[str, Any] | None = None) -> StepForm | None:
        """sent: what could not be recorded, shown as it was typed."""
        names = {"planned": ("hold", "cancel"), "held": ("record",)}.get(conference.state, ())
        if not names:
            return None
        made = cls(sent, initial={"seen": conference.revision, "form": uuid.uuid4()})
        step = made.fields["step"]
        assert isinstance(step, forms.ChoiceField)
        step.choices = [(name, label) for name, label in STEPS if name in names]
        return made


class AgendaForm(forms.Form):
    """Children for the agenda, all for one reason. Whom the viewer may put on it is asked of the rows themselves."""

    person = forms.CharField()
    why = forms.ChoiceField(choices=AgendaItem.Why.choices)


class MinuteForm(VoicePart):
    """What was said and agreed about one child, and up to three tasks."""

    said = FreeText(required=False, most=4_000, widget=forms.Textarea(attrs={"rows": 4, "class": "field"}))
    agreed = FreeText(
        most=4_000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "field"}),
        error_messages={"required": gettext_lazy("Say what was agreed.")},
    )
    roles = FreeText(required=False, most=2_000, widget=forms.Textarea(attrs={"rows": 3, "class": "field"}))
    next_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date", "class": "field"}))
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, staff: Sequence[Staff] = (), **how: Any) -> None:
        super().__init__(*args, **how)
        choices = [("", "–"), *((one.pk, f"{one.name}（{one.get_role_display()}）") for one in staff)]
        for n in range(TASKS_AT_ONCE):
            self.fields[f"what_{n}"] = FreeText(
                required=False, most=400, widget=forms.TextInput(attrs={"class": "field"})
            )
            self.fields[f"owner_{n}"] = forms.TypedChoiceField(
                required=False,
                coerce=int,
                empty_value=None,
                choices=choices,
                widget=forms.Select(attrs={"class": "field"}),
            )
            self.fields[f"due_on_{n}"] = forms.DateField(
                required=False, widget=forms.DateInput(attrs={"type": "date", "class": "field"})
            )

    @classmethod
    def of(cls, item: AgendaItem, staff: Sequence[Staff], voice: Told) -> MinuteForm:
        """With the newest version's words and the child's beside it, so that a correction begins from what stands."""
        newest = next(iter(item.minutes.all()), None)
        words = {name: getattr(newest, name) for name in ("said", "agreed", "roles", "next_on")} if newest else {}
        words |= {"voice": voice.code, "voice_words": voice.words} if voice.code else {}
        return cls(initial={**words, "seen": newest.number if newest else 0, "form": uuid.uuid4()}, staff=staff)

    def on_top_of(self, item: AgendaItem, staff: Sequence[Staff]) -> MinuteForm:
        """The same answers in a new form that has seen the newest version."""
        newest = next(iter(item.minutes.all()), None)
        marks = {"seen": newest.number if newest else 0, "form": uuid.uuid4()}
        return MinuteForm(initial={**self.cleaned_data, **marks}, staff=staff)

    def tasks(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """The rows for tasks, as the page shows them."""
        return [(self[f"what_{n}"], self[f"owner_{n}"], self[f"due_on_{n}"]) for n in range(TASKS_AT_ONCE)]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for n in range(TASKS_AT_ONCE):
            parts = [given.get(f"{name}_{n}") for name in ("what", "owner", "due_on")]
            if any(parts) and not all(parts):
                self.add_error(f"what_{n}", _("A task needs all three: what, who and by when."))
        if given.get("next_on") and given["next_on"] < timezone.localdate():
            self.add_error("next_on", _("The day must be today or later."))
        return given

    def written(self, conference: int) -> Written:
        given = self.cleaned_data
        tasks = tuple(
            # One mark for each row, made from the form's own: a second click sets no task twice.
            Asked(
                given[f"what_{n}"].strip(),
                given[f"owner_{n}"],
                given[f"due_on_{n}"],
                uuid.uuid5(given["form"], str(n)),
                conference,
            )
            for n in range(TASKS_AT_ONCE)
            if given.get(f"what_{n}")
        )
        return Written(
            said=given["said"].strip(),
            agreed=given["agreed"].strip(),
            roles=given["roles"].strip(),
            next_on=given["next_on"],
            tasks=tasks,
            seen=given["seen"],
            form=given["form"],
            heard=self.heard(),
        )
