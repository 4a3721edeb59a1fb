"""Why something is not possible now, in words of the page."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tsunagu_web.audit.names import ACTIONS, ACTORS
from tsunagu_web.cases.models import Case
from tsunagu_web.plans.services import BEFORE_ASSESSMENT, WITH_THE_CASE
from tsunagu_web.steps.models import Step

ASSESSMENT_FIRST = _(
    "An assessment comes first. The plan can be written now, and handed in once the assessment is recorded."
)
WHY_NOT: dict[str, str | Promise] = {
    "another_plan": _("Another plan is already being written for this case. Open it, or put yours into it."),
    "no_case": _("A plan is written for an open case."),
    "no_draft": _("This plan is not a draft any more. Nothing was written."),
    "incomplete": _("Something is missing. What you typed stands below; nothing was written yet."),
    "late": _(
        "Somebody else has changed this plan. Theirs stands first, yours below. Put both together, then record again."
    ),
    "changed": _("Somebody else has changed this plan in the meantime. Read what it says now, then decide again."),
    "no_step": _("This step is not possible from where the plan stands. Nothing was written."),
    "no_reason": _("Say why. Nothing was written yet."),
    "same_person": _("The plan is approved or given back by somebody other than the person who handed it in."),
    "no_program": _("A PDF cannot be made here: the program Pango is missing. Please tell who runs this system."),
    "no_font": _("A PDF cannot be made here: no Japanese font was found. Please tell who runs this system."),
    "no_glyph": _("A PDF cannot be made: no font here has one of the signs in it. Please tell who runs this system."),
}


def why_elsewhere(stage: str) -> str | Promise:
    """Why a plan cannot take its step where the case stands."""
    if stage in BEFORE_ASSESSMENT:
        return ASSESSMENT_FIRST
    if stage == Case.Stage.ACTIVE:
        return _("Support is under way by a plan. Begin a review of the case first, then plan anew.")
    return _("The case does not stand where a plan can take this step. Nothing was written.")


def in_words(steps: Sequence[Step]) -> list[dict[str, object]]:
    """What happened to a plan, under the names that the log gives it, or gives the step of the case beside it."""
    return [
        {
            "name": ACTIONS[WITH_THE_CASE.get(s.move, s.move)],
            "by": s.by.name if s.by else ACTORS["system"],
            "reason": s.reason,
            "at": s.at,
        }
        for s in steps
    ]
