"""What may be recorded of a family: for which lines, what, and how and when it is planned."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu_web.free_text import FreeText
from tsunagu_web.offers.models import Way
from tsunagu_web.offers.queries import Line
from tsunagu_web.offers.services import NEED_A_REASON, Act, acts_for
from tsunagu_web.offers.ways import Ways
from tsunagu_web.offers.words import ACTS

_FIELD = {"class": "field", "autocomplete": "off"}
_FURTHEST = dt.timedelta(days=366)


def _seen(lines: Sequence[Line]) -> str:
    return " ".join(f"{line.key}={line.offer.revision if line.offer else 0}" for line in lines)


class ActForm(forms.Form):
    """One act for the lines that are chosen; nothing is chosen for anybody beforehand."""

    lines = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, error_messages={"required": gettext_lazy("Choose at least one.")}
    )
    act = forms.ChoiceField(widget=forms.RadioSelect, error_messages={"required": gettext_lazy("Choose one.")})
    way = forms.ChoiceField(required=False, widget=forms.Select(attrs={"class": "field"}))
    on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date", **_FIELD}))
    reason = FreeText(required=False, most=400, widget=forms.Textarea(attrs={"rows": 2, **_FIELD}))
    seen = forms.CharField(widget=forms.HiddenInput)
    form = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any, lines: Sequence[Line], ways: Ways, names: dict[str, str]) -> None:
        """names: what a line is called on the page, by its key."""
        super().__init__(data, initial={"form": uuid.uuid4(), "seen": _seen(lines)})
        self._lines = {line.key: line for line in lines}
        choose: list[tuple[str, Any]] = [(line.key, names[line.key]) for line in lines]
        self.fields["lines"].choices = choose  # type: ignore[attr-defined]  # a field of choices
        # All are understood: what can no longer be recorded since somebody was faster is told as that.
        self.fields["act"].choices = list(ACTS.items())  # type: ignore[attr-defined]  # as above
        self.offered = acts_for(lines)
        open_ways = [(way.value, way.label) for way in Way if way.value in ways.open]
        self.fields["way"].choices = [("", "---"), *open_ways]  # type: ignore[attr-defined]
        self.fields["way"].error_messages["invalid_choice"] = _("This way is not open at present. Choose another one.")  # type: ignore[index]

    @classmethod
    def on_top_of(cls, sent: QueryDict, lines: Sequence[Line]) -> QueryDict:
        """What was sent, as if it had been typed on a page that shows the lines as they stand now."""
        again = sent.copy()
        again["seen"] = _seen(lines)
        return again

    @staticmethod
    def mark_of(sent: QueryDict) -> tuple[str, str, uuid.UUID, list[str]]:
        """What was asked for and why, the form's own mark and the lines, before anything is checked; a mark that nobody
        gave is one that nobody has used."""
        try:
            mark = uuid.UUID(sent.get("form", ""))
        except ValueError:
            mark = uuid.uuid4()
        return sent.get("act", ""), sent.get("reason", ""), mark, sent.getlist("lines")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        act, today = given.get("act"), timezone.localdate()
        if act == "plan_way":
            if not given.get("way") and "way" not in self.errors:
                self.add_error("way", _("Choose how the family is told."))
            if not given.get("on") and "on" not in self.errors:
                self.add_error("on", _("Choose the day."))
            elif given.get("on") and not today <= given["on"] <= today + _FURTHEST:
                self.add_error("on", _("The day must lie between today and one year from now."))
        if act in NEED_A_REASON and not (given.get("reason") or "").strip() and "reason" not in self.errors:
            self.add_error("reason", _("Say why, in a sentence."))
        return given

    def chosen(self) -> list[Line]:
        """The chosen lines; call after `is_valid`."""
        return [self._lines[key] for key in self.cleaned_data["lines"]]

    def said(self) -> Act:
        """What was recorded; call after `is_valid`."""
        given = self.cleaned_data
        seen = {key: number for key, _equal, number in (pair.rpartition("=") for pair in given["seen"].split())}
        is_plan = given["act"] == "plan_way"
        return Act(
            name=given["act"],
            # A number that the page never gave counts as not seen.
            seen=[int(n) if (n := seen.get(line.key, "")).isdecimal() else -1 for line in self.chosen()],
            form=given["form"],
            way=given["way"] if is_plan else "",
            on=given["on"] if is_plan else None,
            reason=given["reason"].strip(),
        )
