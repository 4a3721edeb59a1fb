"""What every page of the desk shows around its content: who is here, which run, for what purpose."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from tsunagu_web.access.policy import Policy, may
from tsunagu_web.access.terms import Action, Purpose, Thing
from tsunagu_web.cases.models import Run
from tsunagu_web.cases.navigation import navigation
from tsunagu_web.cases.queries import current_run
from tsunagu_web.cases.words import language, named


def desk(request: HttpRequest) -> dict[str, Any]:
    """Navigation by what the role may do, and the purpose bar for pages that show a person."""
    viewer = getattr(request, "viewer", None)
    if viewer is None:
        return {"language": language(), "other_language": "ja" if language() == "en" else "en"}
    policy = getattr(request, "desk_policy", None)
    run = current_run(request)
    words = run.words if run else {}
    return {
        "language": language(),
        "other_language": "ja" if language() == "en" else "en",
        "run": run,
        "municipality": named(words.get("municipality"), ""),
        "criteria": named(words.get("criteria", {}).get("label"), ""),
        "criteria_version": words.get("criteria", {}).get("version", ""),
        # The run was made for one purpose; its legal basis is named to those who work for that purpose.
        "run_purpose": _purpose(run) if viewer.purpose == Purpose.EARLY_SUPPORT else {},
        "navigation": navigation(viewer, request.resolver_match.view_name if request.resolver_match else ""),
        "shows_people": isinstance(policy, Policy) and policy.shows_people,
        "may_see_list": may(viewer, Thing.WORKLIST),
        "sees_counts_only": not may(viewer, Thing.DECISION_OVERVIEW),
        "may_review": may(viewer, Thing.EMERGENCY, Action.REVIEW),
        "may_enter_conflicts": may(viewer, Thing.CONFLICT, Action.EDIT),
        "may_search": may(viewer, Thing.WORKLIST, Action.SEARCH),
        "may_see_ledger": may(viewer, Thing.LEDGER),
        "may_see_notes": may(viewer, Thing.NOTE),
        "may_export": may(viewer, Thing.WORKLIST, Action.EXPORT),
        "may_take_emergency": may(viewer, Thing.EMERGENCY, Action.REQUEST),
        "picked_purpose": Purpose(viewer.purpose).label if viewer.purpose else "",
    }


def _purpose(run: Run | None) -> dict[str, str]:
    """The purpose the run was made for, in the page's language: its name, its legal basis, its number in the ledger."""
    written = run.manifest.get("purpose") if run else None
    if not isinstance(written, dict):
        return {}
    return {
        "name": named(written, ""),
        "basis": str(written.get(f"legal_basis_{language()}", "")),
        "ledger": str(written.get("ledger", "")),
    }
