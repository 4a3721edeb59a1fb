"""A hand-over that is still being written is discarded when the case is closed here."""

from django.utils.translation import gettext_lazy as _

from tsunagu_web.cases.closing import Ending, ends_with_its_case
from tsunagu_web.transfers.models import Transfer

ends_with_its_case(
    Ending(
        _("Hand-overs that are being written"),
        lambda case: Transfer.objects.filter(case=case),
        {Transfer.State.DRAFT: "discard"},
    )
)
