"""Reads of assessments, limited to what the viewer may see; the machine's level only where it may stand."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet, SmallIntegerField, Value
from django.http import Http404, HttpRequest

from tsunagu.evaluation.small_counts import LEAST
from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import widen
from tsunagu_web.access.terms import Action, Label, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.assessment.models import Assessment, Conclusion, Draft, OverrideReason
from tsunagu_web.assessment.sheet import city_choices
from tsunagu_web.audit.looks import record_refusal
from tsunagu_web.cases import words as w
from tsunagu_web.cases.models import Child, Run


@dataclass(frozen=True)
class Concluded:
    """A conclusion as this viewer may read it. sees_machine: whether level, agreement and reason are in here."""

    row: Conclusion
    sees_machine: bool
    machine: str
    tone: str
    reason: str


def assessments_of(viewer: Viewer, child: Child) -> list[Assessment]:
    """The child's assessments, newest first."""
    return list(_readable(viewer, child, Action.VIEW).order_by("-number"))


def require_assessment(request: HttpRequest, child: Child, number: int, action: Action = Action.VIEW) -> Assessment:
    """The assessment of that number; one that does not exist is recorded and answered as one out of reach."""
    found = _readable(request.viewer, child, action).filter(number=number).first()
    if found is None:
        record_refusal(request, Thing.ASSESSMENT, action, [child.pk])
        raise Http404
    return found


def draft_of(viewer: Viewer, child: Child) -> Draft | None:
    """What this person has answered so far; nobody else reads it."""
    return Draft.objects.filter(child=child, by_id=viewer.staff_id).select_related("form_version").first()


def count_of(child: Child) -> int:
    """How many assessments the child has; a page that knew fewer is an old one."""
    return Assessment.objects.filter(child=child).count()


def judges_first(viewer: Viewer, child: Child) -> bool:
    """Whether the machine's level stays hidden from this person for now: the own judgment comes first."""
    return city_choices().own_judgment_first and Draft.objects.filter(child=child, by_id=viewer.staff_id).exists()


def concluded(viewer: Viewer, child: Child, assessment: Assessment, run: Run, *, is_judging: bool) -> Concluded | None:
    """The conclusion, without what would tell the machine's level to somebody who may not know it now."""
    row = getattr(assessment, "conclusion", None)
    if row is None:
        return None
    sees = not is_judging and may(viewer, Thing.LEVEL, about=child.subject())
    level = row.machine_level if sees else ""
    return Concluded(
        row,
        sees,
        w.level_name(run.words, level) if level else "",
        w.level_tone(run.words, level) if level else "none",
        row.get_override_reason_display() if sees else "",
    )


def overrides(viewer: Viewer) -> list[tuple[str, int | None]]:
    """How often conclusions agreed with the machine's level, and how often which reason was given; None: under LEAST.

    No sum is given: beside it, a single small count could be worked out.
    """
    widen(viewer, Thing.ASSESSMENT_OVERVIEW, Action.VIEW)
    mine = visible_to(
        viewer, Conclusion.objects.all(), thing=Thing.ASSESSMENT_OVERVIEW, child="assessment__child__"
    ).order_by()
    counts = dict(mine.values_list("override_reason").annotate(n=Count("pk")))
    return [(reason, n if (n := counts.get(reason, 0)) >= LEAST else None) for reason in ("", *OverrideReason.values)]


def _readable(viewer: Viewer, child: Child, action: Action) -> QuerySet[Assessment]:
    # Every assessment is sensitive; a permit for lesser labels gives none of them.
    label = Value(int(Label.SENSITIVE), SmallIntegerField())
    rows = Assessment.objects.filter(child=child).annotate(label=label)
    rows = rows.select_related("by", "form_version", "child__person", "conclusion__by")
    return visible_to(viewer, rows, thing=Thing.ASSESSMENT, action=action, child="child__", label="label")
