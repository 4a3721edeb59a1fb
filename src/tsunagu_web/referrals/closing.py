"""Referrals end with their case: what was taken on is broken off and its access ends, what waits is taken back."""

from __future__ import annotations

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.closing import Ending, ends_with_its_case
from tsunagu_web.duties.services import end_access
from tsunagu_web.referrals.models import Referral

STATE = Referral.State


def _end_its_access(referral: Model, viewer: Viewer) -> None:
    assert isinstance(referral, Referral)
    if referral.grant is not None:
        end_access(viewer, referral.grant)


ends_with_its_case(
    Ending(
        _("Referrals that are taken on, wait for an answer or are being written"),
        # One that was sent before the case was opened is the child's all the same.
        lambda case: Referral.objects.filter(child=case.child_id),
        {STATE.DRAFT: "discard", STATE.SENT: "revoke", STATE.ACCEPTED: "break_off"},
        _end_its_access,
    )
)
