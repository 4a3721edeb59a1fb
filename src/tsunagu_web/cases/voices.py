"""The child's own voice beside each decision: what the child said or wished, or why nobody knows it.

One form part, one table and one way to show it, for a decision on a notice, minutes, a re-assessment and the steps of
a case. An assessment asks more of it, in its form and its conclusion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import Label, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Child, Decision, Voice
from tsunagu_web.free_text import FreeText
from tsunagu_web.steps.once import UsedMark

MOST = 2_000


@dataclass(frozen=True)
class Heard:
    """What somebody answered. said: a code of Voice.Said; words: the child's, or why there are none."""

    said: str
    words: str


@dataclass(frozen=True)
class Told:
    """A voice as a page shows it. said: in words; empty where nothing was recorded."""

    said: str | Promise = ""
    words: str = ""
    code: str = ""
    is_hidden: bool = False


class VoicePart(forms.Form):
    """The question that every decision asks. Not known is an answer, and stands there until somebody gives another."""

    voice = forms.ChoiceField(
        required=False,
        label=gettext_lazy("The child's own voice"),
        choices=Voice.Said.choices,
        initial=Voice.Said.UNKNOWN,
        widget=forms.RadioSelect,
    )
    voice_words = FreeText(
        required=False,
        label=gettext_lazy("What the child said or wished; or why the child was not asked"),
        most=MOST,
        widget=forms.Textarea(attrs={"rows": 3, "class": "field"}),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        said, words = given.get("voice", ""), given.get("voice_words", "").strip()
        if not words and said in Voice.NEEDS_WORDS:
            self.add_error("voice_words", _("Write what the child said, or why the child was not asked."))
        if words and not said:
            self.add_error("voice", _("Say whether these are the child's own words."))
        return given

    def heard(self) -> Heard | None:
        """None where the question was not answered at all: a program's request, several children at once."""
        said = self.cleaned_data["voice"]
        return Heard(said, self.cleaned_data["voice_words"].strip()) if said else None


def record_voice(child_id: str, viewer: Viewer, of: Thing, row: models.Model, heard: Heard | None) -> None:
    """Writes it beside the decision, in the caller's transaction."""
    if heard is None:
        return
    voice = Voice.objects.create(
        child_id=child_id,
        of=of.value,
        row=row.pk,
        said=heard.said,
        words=heard.words,
        by_id=viewer.staff_id,
        at=timezone.now(),
    )
    append(
        action="record_voice",
        object=of.value,
        staff=viewer,
        purpose=viewer.purpose,
        persons=[child_id],
        detail={"number": row.pk, "outcome": voice.said},
        content=voice,
    )


def is_same_voice(of: Thing, row: models.Model, heard: Heard | None) -> bool:
    """Whether this very answer stands beside the row."""
    stands = Voice.objects.filter(of=of.value, row=row.pk).first()
    return (Heard(stands.said, stands.words) if stands else None) == heard


def require_same_voice(of: Thing, row: models.Model, heard: Heard | None) -> None:
    """Raises UsedMark where a form sent again brings another answer."""
    if not is_same_voice(of, row, heard):
        raise UsedMark


def voices_of(viewer: Viewer, of: Thing, child: Child, rows: Iterable[models.Model]) -> Mapping[int, Told]:
    """For each row what the viewer may read; it is sensitive, also where the decision beside it is not."""
    keys = [row.pk for row in rows]
    if not keys:
        return {}
    if not may(viewer, of, about=child.subject(Label.SENSITIVE)):
        return dict.fromkeys(keys, Told(is_hidden=True))
    stand = {voice.row: voice for voice in Voice.objects.filter(of=of.value, row__in=keys, child=child)}
    return {key: _told(stand.get(key)) for key in keys}


def voices_beside(viewer: Viewer, child: Child, decisions: Iterable[Decision]) -> Mapping[int, Told]:
    """As `voices_of`, for decisions that brought their voices along (`queries.history_of`)."""
    if not may(viewer, Thing.DECISION, about=child.subject(Label.SENSITIVE)):
        return {decision.pk: Told(is_hidden=True) for decision in decisions}
    names = dict(Voice.Said.choices)
    return {
        d.pk: Told(names[d.voice_said], d.voice_words, d.voice_said) if d.voice_said else Told()  # type: ignore[attr-defined]  # annotated
        for d in decisions
    }


def _told(voice: Voice | None) -> Told:
    return Told(voice.get_said_display(), voice.words, voice.said) if voice else Told()
