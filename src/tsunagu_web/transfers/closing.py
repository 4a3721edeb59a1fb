"""A hand-over that is still being written is discarded when the case is closed here, with what it left on its way."""

from typing import cast

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.closing import Ending, ends_with_its_case
from tsunagu_web.transfers.models import Transfer
from tsunagu_web.transfers.offices import office
from tsunagu_web.transfers.services import withdraw_left


def _withdraw_left(row: Model, viewer: Viewer) -> None:
    found = office()
    if found is not None:
        withdraw_left(found, cast(Transfer, row), viewer)


ends_with_its_case(
    Ending(
        _("Hand-overs that are being written"),
        lambda case: Transfer.objects.filter(case=case),
        {Transfer.State.DRAFT: "discard"},
        after=_withdraw_left,
    )
)
