"""What one version of a plan changed in the version before it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tsunagu_web.cases.days import short_day
from tsunagu_web.cases.differences import Change, change
from tsunagu_web.plans.models import PlanContent, Service


def changes_between(before: PlanContent, after: PlanContent) -> tuple[Change, ...]:
    """Every field of the page in its order, changed or not."""
    old, new = _said(before), _said(after)
    return tuple(change(name, old[name], new[name]) for name in new)


def _said(content: PlanContent) -> dict[str, str]:
    agreed = content.get_agreed_by_display(), short_day(content.agreed_on)
    shown = _("Yes") if content.may_be_shown_to_guardian else _("No")
    return {
        _("Period"): _between(short_day(content.starts_on), short_day(content.ends_on)),
        _("Review on"): short_day(content.review_on),
        _("Agreement"): "、".join(filter(None, (content.get_agreement_display(), *agreed))),
        _("The child's own words"): content.child_words,
        _("The child agrees that its words stand in the guardian's copy"): shown,
        _("The guardian's own words"): content.guardian_words,
        _("Goals"): "\n".join(f"{goal.text}（{goal.get_words_of_display()}）" for goal in content.goals.all()),
        _("Help"): "\n".join(_help(service) for service in content.services.all()),
    }


def _help(service: Service) -> str:
    ends = short_day(service.ends_on) if service.ends_on else _("no end set")
    parts = (service.get_kind_display(), service.responsible, _between(short_day(service.starts_on), ends))
    return "、".join(filter(None, (service.what, *parts, service.how_often)))


def _between(first: str, last: str) -> str:
    return _("%(first)s to %(last)s") % {"first": first, "last": last}
